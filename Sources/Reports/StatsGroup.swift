public import Core
import Terminal

/// What `audit stats --by` can tell apart.
public enum StatsDimension: String, CaseIterable, Sendable {
    case bank, rail
    /// The account, as in the search language.
    case provider
    case kind, stage, locale, channel, priority

    func word(of stat: DeliveryStat) -> String {
        switch self {
        case .bank: stat.notice.bank
        case .rail: stat.notice.rail
        case .provider: stat.account ?? ""
        case .kind: stat.notice.kind.rawValue
        case .stage: stat.notice.stage.rawValue
        case .locale: stat.notice.locale.rawValue
        case .channel: stat.channel.rawValue
        case .priority: stat.priority.rawValue
        }
    }
}

/// Deliveries to customers that have the same words. A state counts for no more than there is evidence of.
public struct StatsGroup: Sendable, Equatable {
    /// One for each dimension; empty where there is none, as of the app, which no account serves.
    public var words: [String]
    public var notices = 0
    public var inApp = 0, inAppRead = 0
    /// What was to leave this machine. The rest adds up to it.
    public var messages = 0
    /// A provider took it, and has said nothing worse since.
    public var accepted = 0
    /// Of these, what a receipt says arrived.
    public var confirmed = 0
    public var failed = 0, inDoubt = 0, waiting = 0
    /// Held back on purpose, or for want of an address.
    public var notSent = 0
    /// From the event's time to the first that was accepted, or stood in the app; of first notices.
    public var first = SpanCounts()
    public var parts = 0
    /// SMS whose parts nobody has counted.
    public var unmeasured = 0
    public var cost = Cost()

    init(words: [String]) { self.words = words }

    mutating func add(_ stat: DeliveryStat, _ prices: [String: UnitPrice]) {
        if stat.channel == .inApp {
            guard stat.state == .delivered else { return }
            inApp += 1
            if stat.isRead { inAppRead += 1 }
            return
        }
        let code = StateWord.code(stat.state, stat.channel, stat.reason, isRead: stat.isRead)
        if code == .dropped {
            notSent += 1
            return
        }
        messages += 1
        switch code {
        case .providerAccepted, .read, .acked: accepted += 1
        case .mtaAccepted, .deviceConfirmed:
            accepted += 1
            confirmed += 1
        case .refused, .gaveUp, .expired: failed += 1
        case .noReport: inDoubt += 1
        case .planned, .held, .queued, .sending: waiting += 1
        case .dropped: break
        }
        guard stat.channel == .sms, stat.takenAt != nil else { return }
        guard let count = stat.parts else {
            unmeasured += 1
            return
        }
        parts += count
        if let price = stat.account.flatMap({ prices[$0] }) { cost.add(count, at: price) }
    }

    /// In hundredths of what has come to an end; nil while nothing has.
    var share: Int? {
        let ended = messages - waiting
        return ended > 0 ? (accepted * 100 + ended / 2) / ended : nil
    }
}

/// Makes groups of deliveries as they come, those of one notice after each other. Of a million there is no more in memory than their groups.
struct StatsGroups {
    let dimensions: [StatsDimension]
    private let prices: [String: UnitPrice]
    private var groups: [[String]: StatsGroup] = [:]
    private var notice: NoticeStat?
    /// Of the notice that is being counted: its groups, and when the first in each was taken.
    private var taken: [[String]: Timestamp?] = [:]

    init(by dimensions: [StatsDimension], prices: [SMSPrice]) {
        self.dimensions = dimensions
        self.prices = Dictionary(prices.map { ($0.account, $0.price) }) { first, _ in first }
    }

    mutating func add(_ stat: DeliveryStat) {
        guard !stat.notice.isForStaff else { return }
        if stat.notice.id != notice?.id {
            endNotice()
            notice = stat.notice
        }
        let words = dimensions.map { $0.word(of: stat) }
        groups[words, default: StatsGroup(words: words)].add(stat, prices)
        let known = taken[words] ?? nil
        taken[words] = .some([known, stat.takenAt].compactMap(\.self).min())
    }

    private mutating func endNotice() {
        guard let notice else { return }
        for (words, moment) in taken {
            groups[words]?.notices += 1
            if notice.reason == .first, let moment { groups[words]?.first.add(moment - notice.detectedAt) }
        }
        taken.removeAll(keepingCapacity: true)
        self.notice = nil
    }

    /// The largest first, then by their words.
    mutating func finish() -> [StatsGroup] {
        endNotice()
        return groups.values.sorted { a, b in
            a.notices != b.notices ? a.notices > b.notices : a.words.lexicographicallyPrecedes(b.words)
        }
    }
}

// MARK: - Forms

extension StatsGroup {
    static func fields(_ dimensions: [StatsDimension]) -> [String] {
        dimensions.map(\.rawValue) + [
            "notices", "in_app", "in_app_read", "messages", "accepted", "confirmed", "failed", "in_doubt", "waiting", "not_sent",
            "first_count",
            "first_p50_s", "first_p95_s", "sms_parts", "sms_unmeasured", "cost",
        ]
    }

    var row: [JSON] {
        words.map { $0.isEmpty ? .null : .string($0) } + [
            .integer(notices), .integer(inApp), .integer(inAppRead), .integer(messages), .integer(accepted), .integer(confirmed),
            .integer(failed), .integer(inDoubt), .integer(waiting), .integer(notSent), .integer(first.count),
            first.count > 0 ? .number(decimalSeconds(first.percentile(50))) : .null,
            first.count > 0 ? .number(decimalSeconds(first.percentile(95))) : .null, .integer(parts), .integer(unmeasured),
            cost.isNone ? .null : .string(cost.text),
        ]
    }

    /// The columns that say nothing of any group are left out.
    static func lines(_ groups: [StatsGroup], by dimensions: [StatsDimension], _ look: Look) -> [String] {
        func number(_ title: String, _ value: @escaping (StatsGroup) -> Int) -> (Table.Column, (StatsGroup) -> Table.Cell)? {
            guard groups.contains(where: { value($0) != 0 }) else { return nil }
            return (Table.Column(title, isRightAligned: true), { .init(grouped(value($0))) })
        }
        func text(_ title: String, _ value: @escaping (StatsGroup) -> String?) -> (Table.Column, (StatsGroup) -> Table.Cell)? {
            guard groups.contains(where: { value($0) != nil }) else { return nil }
            return (Table.Column(title, isRightAligned: true), { .init(value($0) ?? look.dash) })
        }
        let columns = [
            number("NOTICES") { $0.notices }, number("IN APP") { $0.inApp }, number("READ") { $0.inAppRead },
            number("MESSAGES") { $0.messages }, number("ACCEPTED") { $0.accepted }, text("%") { $0.share.map { "\($0)" } },
            number("CONFIRMED") { $0.confirmed }, number("FAILED") { $0.failed }, number("IN DOUBT") { $0.inDoubt },
            number("WAITING") { $0.waiting }, number("NOT SENT") { $0.notSent },
            text("FIRST P50") { $0.first.count > 0 ? spoken($0.first.percentile(50)) : nil },
            text("P95") { $0.first.count > 0 ? spoken($0.first.percentile(95)) : nil }, number("SMS PARTS") { $0.parts },
            text("COST") { $0.cost.isNone ? nil : $0.cost.text },
        ].compactMap(\.self)
        var table = Table(dimensions.map { .init($0.rawValue.uppercased(), cut: .end) } + columns.map(\.0))
        for group in groups {
            table.add(group.words.map { .init($0.isEmpty ? look.dash : $0) } + columns.map { $0.1(group) })
        }
        return table.lines(look)
    }
}
