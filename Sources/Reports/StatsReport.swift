public import Core
public import Store
public import Terminal

/// `audit stats`: deliveries of a span by channel and state, by reason and kind, and how long the first send took.
public struct StatsReport: Document {
    public static let schema = "clarion.audit.stats/1"

    /// From the event's own time to the first acceptance by a provider.
    public struct Latency: Sendable, Equatable {
        public var count: Int
        public var p50, p95, p99, longest: Duration
        /// Nil for no values.
        public init?(_ values: [Duration]) {
            let sorted = values.sorted()
            guard let last = sorted.last else { return nil }
            func at(_ percent: Int) -> Duration { sorted[min(sorted.count - 1, max(0, (sorted.count * percent + 99) / 100 - 1))] }
            (count, p50, p95, p99, longest) = (sorted.count, at(50), at(95), at(99), last)
        }
    }

    public var since, until: Timestamp?
    public var deliveries: [Channel: [StateWord.Code: Int]] = [:]
    public var reasons: [ReasonCode: Int] = [:]
    public var kinds: [Kind: Int] = [:]
    public var latency: [Channel: Latency] = [:]
    /// Of all time, by account.
    public var receipts: [ReceiptCount] = []
    /// Events of all time, with the suppressed ones by reason.
    public var accounting = Accounting()
    public init(since: Timestamp?, until: Timestamp?) { (self.since, self.until) = (since, until) }

    public static func gather(from reader: any StoreReader, since: Timestamp?, until: Timestamp?) throws -> StatsReport {
        var report = StatsReport(since: since, until: until)
        report.accounting = try reader.accounting()
        report.receipts = try reader.receiptCounts()
        var query = DeliveryQuery(limit: 500)
        (query.since, query.until) = (since, until)
        var spans: [Channel: [Duration]] = [:]
        var notices: [NoticeID: (kind: Kind, eventAt: Timestamp?)] = [:]
        while true {
            let page = try reader.deliveries(matching: query)
            for delivery in page {
                if notices[delivery.notice] == nil, let notice = try reader.notice(delivery.notice) {
                    notices[notice.id] = (notice.kind, try notice.event.flatMap { try reader.event($0)?.time })
                    report.kinds[notice.kind, default: 0] += 1
                }
                report.deliveries[delivery.channel, default: [:]][StateWord(delivery).code, default: 0] += 1
                if let reason = delivery.reason { report.reasons[reason, default: 0] += 1 }
                if delivery.channel != .inApp, let eventAt = notices[delivery.notice]?.eventAt, let taken = try reader.takenAt(delivery) {
                    spans[delivery.channel, default: []].append(taken - eventAt)
                }
            }
            guard page.count == query.limit, let last = page.last else { break }
            query.before = last.id
        }
        report.latency = spans.compactMapValues { Latency($0) }
        return report
    }

    public var members: [(String, JSON)] {
        [
            ("since", .text(since)), ("until", .text(until)),
            (
                "deliveries",
                .object(
                    Channel.allCases.compactMap { channel in
                        deliveries[channel].map { states in
                            (
                                channel.rawValue,
                                .object(StateWord.Code.allCases.compactMap { code in states[code].map { (code.rawValue, .integer($0)) } })
                            )
                        }
                    })
            ),
            ("reasons", .object(Self.ranked(reasons).map { ($0.key.rawValue, .integer($0.value)) })),
            ("notices_by_kind", .object(Self.ranked(kinds).map { ($0.key.rawValue, .integer($0.value)) })),
            ("latency_s", .object(Channel.allCases.compactMap { channel in latency[channel].map { (channel.rawValue, $0.json) } })),
            ("receipts", .array(receipts.map(\.json))),
            ("events", .object(AccountingReport(accounting).members.filter { $0.0 != "deliveries" && $0.0 != "elapsed_s" })),
        ]
    }

    public var sheet: Sheet {
        var sheet = Sheet(["of", "channel", "name", "count"])
        for channel in Channel.allCases {
            for code in StateWord.Code.allCases {
                if let count = deliveries[channel]?[code] { sheet.add(["deliveries", .code(channel), .code(code), .integer(count)]) }
            }
        }
        for (reason, count) in Self.ranked(reasons) { sheet.add(["reasons", nil, .code(reason), .integer(count)]) }
        for (kind, count) in Self.ranked(kinds) { sheet.add(["kinds", nil, .code(kind), .integer(count)]) }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        var out: [String] = []
        if since != nil || until != nil {
            out += ["From \(since.map { look.times.full($0) } ?? "the beginning") to \(until.map { look.times.full($0) } ?? "now")", ""]
        }
        let total = deliveries.values.reduce(0) { $0 + $1.values.reduce(0, +) }
        out.append(counted(total, "delivery", "deliveries"))
        if total > 0 { out += states(look) }
        if !reasons.isEmpty { out += ["", "By reason"] + Self.list(Self.ranked(reasons).map { ($0.key.rawValue, $0.value) }, look) }
        if !kinds.isEmpty { out += ["", "Notices by kind"] + Self.list(Self.ranked(kinds).map { ($0.key.rawValue, $0.value) }, look) }
        if !latency.isEmpty { out += ["", "Event to first acceptance"] + times(look) }
        if !receipts.isEmpty { out += ["", "Receipts of all time"] + said(look) }
        return out + ["", "Events of all time"] + AccountingReport(accounting).human(look)
    }

    private func states(_ look: Look) -> [String] {
        let codes = StateWord.Code.allCases.filter { code in deliveries.values.contains { $0[code] != nil } }
        let channels = Channel.allCases.filter { deliveries[$0] != nil }
        var columns: [Table.Column] = [.init("STATE")]
        for channel in channels { columns.append(.init(channel.rawValue.uppercased(), isRightAligned: true)) }
        var table = Table(columns)
        for code in codes {
            var row: [Table.Cell] = [.init(code.word)]
            for channel in channels { row.append(.init(deliveries[channel]?[code].map { grouped($0) } ?? look.dash)) }
            table.add(row)
        }
        return table.lines(look)
    }

    private func times(_ look: Look) -> [String] {
        var columns: [Table.Column] = [.init("CHANNEL")]
        for title in ["COUNT", "P50", "P95", "P99", "MAX"] { columns.append(.init(title, isRightAligned: true)) }
        var table = Table(columns)
        for channel in Channel.allCases {
            guard let value = latency[channel] else { continue }
            table.add([
                .init(channel.rawValue), .init(grouped(value.count)), .init(spoken(value.p50)), .init(spoken(value.p95)),
                .init(spoken(value.p99)),
                .init(spoken(value.longest)),
            ])
        }
        return table.lines(look)
    }

    private func said(_ look: Look) -> [String] {
        var table = Table([.init("ACCOUNT", cut: .end), .init("RECEIPT"), .init("COUNT", isRightAligned: true)])
        for count in receipts {
            let word = count.status.rawValue + (count.isMatched ? "" : ", of no message of ours")
            table.add([.init(count.account), .init(word, count.isMatched ? .plain : .warning), .init(grouped(count.count))])
        }
        return table.lines(look)
    }

    private static func list(_ rows: [(String, Int)], _ look: Look) -> [String] {
        var table = Table([.init("", isRightAligned: true), .init("")])
        for (name, count) in rows { table.add([.init(grouped(count)), .init(name)]) }
        return table.lines(look, hasHeading: false)
    }

    /// Commonest first, then by name.
    private static func ranked<Word: RawRepresentable<String> & Hashable>(_ counts: [Word: Int]) -> [(key: Word, value: Int)] {
        counts.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
    }
}

extension StatsReport.Latency {
    var json: JSON {
        [
            "count": .integer(count), "p50": .number(decimalSeconds(p50)), "p95": .number(decimalSeconds(p95)),
            "p99": .number(decimalSeconds(p99)),
            "max": .number(decimalSeconds(longest)),
        ]
    }
}

extension ReceiptCount {
    fileprivate var json: JSON {
        ["account": .string(account), "status": .code(status), "matched": .bool(isMatched), "count": .integer(count)]
    }
}
