public import Core
public import Store
public import Terminal

/// `audit stats`: deliveries of a span by channel and state, by reason and kind, how long the first send took, and what it cost; or the same by bank,
/// rail, provider and other words.
public struct StatsReport: Document {
    public static let schema = "clarion.audit.stats/1"

    /// From the event's own time to the first acceptance by a provider, of the first notice of a matter.
    public struct Latency: Sendable, Equatable {
        public var count: Int
        public var p50, p95, p99, longest: Duration
        /// Nil for no values.
        public init?(_ spans: SpanCounts) {
            guard spans.count > 0 else { return nil }
            (count, longest) = (spans.count, spans.longest)
            (p50, p95, p99) = (spans.percentile(50), spans.percentile(95), spans.percentile(99))
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
    /// All customers' deliveries together.
    public var total: StatsGroup?
    /// What the groups have in common; empty: there are none.
    public var dimensions: [StatsDimension] = []
    public var groups: [StatsGroup] = []
    public init(since: Timestamp?, until: Timestamp?) { (self.since, self.until) = (since, until) }

    /// - Parameter prices: of an SMS part, as they are now.
    public static func gather(
        from reader: any StoreReader, since: Timestamp?, until: Timestamp?, by dimensions: [StatsDimension] = [], prices: [SMSPrice] = []
    ) throws -> StatsReport {
        var report = StatsReport(since: since, until: until)
        report.dimensions = dimensions
        var groups = StatsGroups(by: dimensions, prices: prices)
        guard dimensions.isEmpty else {
            try reader.eachDelivery(since: since, until: until) { groups.add($0) }
            report.groups = groups.finish()
            return report
        }
        report.accounting = try reader.accounting()
        report.receipts = try reader.receiptCounts()
        var (spans, last) = ([Channel: SpanCounts](), NoticeID?.none)
        try reader.eachDelivery(since: since, until: until) { stat in
            if stat.notice.id != last { report.kinds[stat.notice.kind, default: 0] += 1 }
            last = stat.notice.id
            let code = StateWord.code(stat.state, stat.channel, stat.reason, isRead: stat.isRead)
            report.deliveries[stat.channel, default: [:]][code, default: 0] += 1
            if let reason = stat.reason { report.reasons[reason, default: 0] += 1 }
            if stat.channel != .inApp, stat.notice.reason == .first, !stat.notice.isForStaff, let taken = stat.takenAt {
                spans[stat.channel, default: SpanCounts()].add(taken - stat.notice.detectedAt)
            }
            groups.add(stat)
        }
        report.latency = spans.compactMapValues { Latency($0) }
        report.total = groups.finish().first
        return report
    }

    public var members: [(String, JSON)] {
        guard dimensions.isEmpty else {
            let fields = StatsGroup.fields(dimensions)
            return [
                ("since", .text(since)), ("until", .text(until)), ("by", .array(dimensions.map { .code($0) })),
                ("groups", .array(groups.map { .object(Array(zip(fields, $0.row))) })),
            ]
        }
        return [
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
            ("sms_parts", .integer(total?.parts ?? 0)), ("sms_unmeasured", .integer(total?.unmeasured ?? 0)),
            ("cost", total.flatMap { $0.cost.isNone ? nil : .string($0.cost.text) } ?? .null),
            ("receipts", .array(receipts.map(\.json))),
            ("events", .object(AccountingReport(accounting).members.filter { $0.0 != "deliveries" && $0.0 != "elapsed_s" })),
        ]
    }

    public var sheet: Sheet {
        guard dimensions.isEmpty else {
            var sheet = Sheet(StatsGroup.fields(dimensions))
            for group in groups { sheet.add(group.row) }
            return sheet
        }
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
        guard dimensions.isEmpty else {
            return out + (groups.isEmpty ? ["Nothing was told."] : StatsGroup.lines(groups, by: dimensions, look)) + notes(groups)
        }
        let count = deliveries.values.reduce(0) { $0 + $1.values.reduce(0, +) }
        out.append(counted(count, "delivery", "deliveries"))
        if count > 0 { out += states(look) }
        if !reasons.isEmpty { out += ["", "By reason"] + Self.list(Self.ranked(reasons).map { ($0.key.rawValue, $0.value) }, look) }
        if !kinds.isEmpty { out += ["", "Notices by kind"] + Self.list(Self.ranked(kinds).map { ($0.key.rawValue, $0.value) }, look) }
        if !latency.isEmpty { out += ["", "Event to first acceptance"] + times(look) }
        if let total, total.parts > 0 {
            let cost = total.cost.isNone ? "" : ", \(total.cost.text) at the prices of now"
            out += ["", "SMS: \(counted(total.parts, "part"))\(cost)"] + notes([total])
        }
        if !receipts.isEmpty { out += ["", "Receipts of all time"] + said(look) }
        return out + ["", "Events of all time"] + AccountingReport(accounting).human(look)
    }

    private func notes(_ groups: [StatsGroup]) -> [String] {
        let unmeasured = groups.reduce(0) { $0 + $1.unmeasured }
        return unmeasured == 0 ? [] : ["\(grouped(unmeasured)) SMS are older than the counting of parts: their cost is not in it."]
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
