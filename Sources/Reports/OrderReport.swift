public import Core
public import Store
public import Terminal

/// `audit order`: everything anyone was told about one payout, newest first.
public struct OrderReport: Document {
    public static let schema = "clarion.audit.order/1"

    public struct NoticeFact: Sendable {
        public var kind: Kind
        public var stage: NoticeStage
        public var audience: Audience
        public var reason: ReasonCode
        public var locale: TextLocale
        public var timeZone: String
        public var revision: String
        public var wording: String?
        public var eventAt: Timestamp?
        public var plannedAt: Timestamp
        public var deliveries: [DeliveryFact]
        public init(_ notice: Notice, eventAt: Timestamp?, deliveries: [DeliveryFact]) {
            (kind, stage, audience, reason) = (notice.kind, notice.stage, notice.audience, notice.reason)
            (locale, timeZone, revision, wording) = (notice.locale, notice.timeZone, notice.templateRevision, notice.wording)
            (self.eventAt, plannedAt, self.deliveries) = (eventAt, notice.plannedAt, deliveries)
        }
    }
    public struct EventFact: Sendable, Equatable {
        public var id, source, type: String
        public var time, receivedAt: Timestamp
        public var disposition: String
        public var reason: ReasonCode?
        public init(_ event: StoredEvent) {
            (id, source, type, time, receivedAt) = (event.id, event.source, event.type, event.time, event.receivedAt)
            (disposition, reason) = (event.disposition.word, event.disposition.reason)
        }
    }
    public struct EpisodeFact: Sendable, Equatable {
        public var anomaly: String
        public var kind: Kind
        public var status: String
        public var resolution: Resolution?
        public var since: Timestamp
        public var eta, deadline: Timestamp?
        public var incident: String?
        public init(_ episode: Episode) {
            (anomaly, kind, status, resolution) = (episode.anomaly, episode.kind, episode.status.rawValue, episode.resolution)
            (since, eta, deadline, incident) = (episode.detectedAt, episode.eta, episode.deadline, episode.incident)
        }
    }
    /// Whether the hash chain fits, as far as it was checked.
    public enum Chain: Sendable, Equatable {
        case notChecked
        case intact(rows: ClosedRange<Int64>)
        case broken(ChainBreak)
    }

    public var order: OrderNumber
    public var customer: String
    public var amount: Money?
    public var events: [EventFact]
    public var episodes: [EpisodeFact]
    /// Newest first.
    public var notices: [NoticeFact]
    /// What is still going to happen by itself.
    public var upcoming: [(step: String, due: Timestamp)]
    public var chain: Chain
    /// Addresses are shown as they are.
    public var isRevealed = false

    public init(
        order: OrderNumber, customer: String, amount: Money?, events: [EventFact], episodes: [EpisodeFact], notices: [NoticeFact],
        upcoming: [(step: String, due: Timestamp)] = [], chain: Chain = .notChecked
    ) {
        (self.order, self.customer, self.amount, self.events, self.episodes) = (order, customer, amount, events, episodes)
        (self.notices, self.upcoming, self.chain) = (notices, upcoming, chain)
    }

    /// Nil when the order was never heard of.
    /// - Parameter verify: walk the hash chain too, which reads the whole log.
    public static func gather(from reader: any StoreReader, order: OrderNumber, verify: Bool = false, revealed: Bool = false) throws
        -> OrderReport?
    {
        let events = try reader.events(ofOrder: order)
        let state = try reader.order(order)
        guard !events.isEmpty || state != nil else { return nil }
        let episodes = try reader.episodes(ofOrder: order)
        let notices = try reader.notices(ofOrder: order).sorted { ($0.plannedAt, $0.id) > ($1.plannedAt, $1.id) }
        let times = Dictionary(events.map { ($0.seq, $0.time) }) { first, _ in first }
        let facts = try notices.map { notice in
            NoticeFact(
                notice, eventAt: notice.event.flatMap { times[$0] },
                deliveries: try reader.facts(reader.deliveries(ofNotice: notice.id), revealed: revealed))
        }
        var chain = Chain.notChecked
        if verify {
            let rows = try reader.log(ofOrder: order).map(\.seq)
            if let broken = try reader.verifyChain() {
                chain = .broken(broken)
            } else if let first = rows.min(), let last = rows.max() {
                chain = .intact(rows: first...last)
            }
        }
        let upcoming = try episodes.flatMap { try Self.upcoming($0, reader) }
            .sorted { ($0.due, $0.notice, $0.argument) < ($1.due, $1.notice, $1.argument) }
            .map { (step: $0.step == .escalation ? "escalation \($0.argument + 1)" : $0.step.rawValue, due: $0.due) }
        var report = OrderReport(
            order: order, customer: state?.customer ?? episodes.first?.customer ?? "",
            amount: episodes.reversed().lazy.compactMap { Self.amount($0.facts) }.first, events: events.map(EventFact.init),
            episodes: episodes.map(EpisodeFact.init), notices: facts, upcoming: upcoming, chain: chain)
        report.isRevealed = revealed
        return report
    }

    /// Of the kinds that support may not tell apart, nothing of what only staff learn.
    private static func upcoming(_ episode: Episode, _ reader: any StoreReader) throws -> [StoredTimer] {
        try reader.timers(ofEpisode: episode.id).filter {
            $0.state == .armed && ($0.step != .escalation || !episode.kind.isDiscreet)
        }
    }

    private static func amount(_ facts: Facts) -> Money? {
        if case .money(let money) = facts[.amount] { money } else { nil }
    }
}

// MARK: - Forms

extension OrderReport {
    public var members: [(String, JSON)] {
        [
            ("order", .string(order.description)), ("customer", .string(customer)), ("amount", amount.map(\.json) ?? .null),
            ("state", .text(episodes.last?.status)), ("masked", .bool(!isRevealed)),
            ("episodes", .array(episodes.map(\.json))), ("events", .array(events.map(\.json))), ("notices", .array(notices.map(\.json))),
            ("upcoming", .array(upcoming.map { ["step": .string($0.step), "due": .text($0.due)] })), ("log", chain.json),
        ]
    }

    public var sheet: Sheet {
        var sheet = Sheet([
            "planned_at", "event_at", "kind", "stage", "audience", "channel", "to", "state", "reason", "account", "tries", "changed_at",
            "delivery",
        ])
        for notice in notices {
            for delivery in notice.deliveries {
                sheet.add([
                    .text(notice.plannedAt), .text(notice.eventAt), .code(notice.kind), .code(notice.stage), .code(notice.audience),
                    .code(delivery.channel),
                    .text(delivery.to), .code(delivery.state.code), .code(delivery.reason), .text(delivery.account),
                    .integer(delivery.tries),
                    .text(delivery.changedAt), .string(delivery.id),
                ])
            }
        }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        var out = [heading(look)] + episodes.map { "Now: " + $0.words(look, zone: notices.first?.timeZone) } + [""]
        out += notices.isEmpty ? ["Nobody was told anything."] : told(look)
        out.append("")
        out.append(
            "\(counted(events.count, "event")) received: \(Self.sum(events.map { $0.disposition + ($0.reason.map { " (\($0.rawValue))" } ?? "") }))"
        )
        out += upcoming.map { "Next: \(Self.words($0.step)) at \(look.times.full($0.due, customer: notices.first?.timeZone))" }
        switch chain {
        case .notChecked: break
        case .intact(let rows):
            out.append(look.mark(.good, "records intact, rows \(grouped(rows.lowerBound))\(look.dash)\(grouped(rows.upperBound))"))
        case .broken(let broken): out.append(look.mark(.bad, "records broken at row \(grouped(broken.seq)): \(broken.words)"))
        }
        let shown =
            notices.lazy.flatMap(\.deliveries).first { $0.state.code.isTold && $0.channel != .inApp } ?? notices.first?.deliveries.first
        if let shown { out.append("The words they got: clarion audit delivery \(shown.id) --content") }
        out.append("Why: clarion explain \(order)")
        return out
    }

    private static func words(_ step: String) -> String {
        step == StoredTimer.Step.call.rawValue ? "support calls, unless something was delivered," : step
    }

    private func heading(_ look: Look) -> String {
        var contacts: [String] = []
        for delivery in notices.flatMap(\.deliveries)
        where [.sms, .mail].contains(delivery.channel) && !delivery.to.isInbox && !contacts.contains(delivery.to.description) {
            contacts.append(delivery.to.description)
        }
        let who = "customer \(Safe.text(customer))" + (contacts.isEmpty ? "" : " (\(contacts.joined(separator: ", ")))")
        return look.bold(order) + "  " + [amount.map { "payout \($0.shown)" }, who].compactMap(\.self).joined(separator: " \(look.dot) ")
    }

    private func told(_ look: Look) -> [String] {
        let label = look.times.label(at: notices[0].plannedAt, customer: notices[0].timeZone)
        var table = Table([
            .init(label), .init("NOTICE", cut: .end), .init("TO", priority: 1), .init("CHANNEL"), .init("STATE", cut: .end),
        ])
        var days: [(row: Int, day: String)] = []
        for notice in notices {
            let day = look.times.day(notice.plannedAt, customer: notice.timeZone)
            if days.last?.day != day { days.append((table.rows.count, day)) }
            var head: [Table.Cell] = [
                .init(look.times.clock(notice.plannedAt, customer: notice.timeZone)),
                .init("\(notice.kind.rawValue) \(notice.stage.rawValue)", .bold),
                .init(notice.audience.rawValue),
            ]
            for delivery in notice.deliveries {
                table.add(head + [.init(delivery.channel.rawValue), delivery.state.cell(look, customerZone: notice.timeZone)])
                head = ["", "", ""]
            }
            if notice.deliveries.isEmpty { table.add(head + ["", "no channel"]) }
        }
        var lines = table.lines(look)
        for (row, day) in days.reversed() { lines.insert(look.dim(day), at: row + 1) }
        return lines
    }

    /// `2 planned, 1 suppressed (same_state)`, commonest first.
    static func sum(_ words: [String]) -> String {
        Dictionary(words.map { ($0, 1) }, uniquingKeysWith: +).sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            "\($0.value) \($0.key)"
        }
        .joined(separator: ", ")
    }
}

extension OrderReport.EpisodeFact {
    var json: JSON {
        [
            "anomaly": .string(anomaly), "kind": .code(kind), "status": .string(status), "resolution": .code(resolution),
            "since": .text(since),
            "eta": .text(eta), "deadline": .text(deadline), "incident": .text(incident),
        ]
    }
    func words(_ look: Look, zone: String?) -> String {
        "\(kind.rawValue) \(resolution.map { "\(status): \($0.rawValue)" } ?? status) since \(look.times.full(since, customer: zone))"
            + (incident.map { ", incident \(Safe.text($0))" } ?? "")
    }
}

extension OrderReport.EventFact {
    var json: JSON {
        [
            "id": .string(id), "source": .string(source), "type": .string(type), "time": .text(time), "received_at": .text(receivedAt),
            "disposition": .string(disposition), "reason": .code(reason),
        ]
    }
}

extension OrderReport.NoticeFact {
    var json: JSON {
        [
            "kind": .code(kind), "stage": .code(stage), "to": .code(audience), "reason": .code(reason), "rev": .string(revision),
            "wording": .text(wording),
            "locale": .code(locale),
            "time_zone": .string(timeZone), "event_at": .text(eventAt), "planned_at": .text(plannedAt),
            "deliveries": .array(deliveries.map(\.json)),
        ]
    }
}

extension OrderReport.Chain {
    var json: JSON {
        switch self {
        case .notChecked: ["checked": false]
        case .intact(let rows): ["checked": true, "intact": true, "first": .integer(rows.lowerBound), "last": .integer(rows.upperBound)]
        case .broken(let broken): ["checked": true, "intact": false, "row": .integer(broken.seq), "problem": .string(broken.words)]
        }
    }
}
