public import Core
public import Terminal

/// `rules simulate`: the recorded events by the rules of now and by others, what differs, and whether the guards were kept.
public struct SimulationReport: Document {
    public static let schema = "clarion.rules.simulate/1"

    /// What the rules are called: the revision of the texts, and of the rest a digest.
    public struct Rules: Sendable, Equatable {
        public var name: String
        public var texts: String
        public init(name: String, texts: String) { (self.name, self.texts) = (name, texts) }
    }

    public var nowRules, nextRules: Rules
    public var since, until: Timestamp?
    /// Events that were played; those whose body is kept no longer, and those that could not be read by these settings.
    public var events: Int
    public var gone: Int
    public var refused: Int
    public var now, next: Tally
    public var comparison: Comparison
    public var guards: [GuardResult]

    public init(
        nowRules: Rules, nextRules: Rules, since: Timestamp?, until: Timestamp?, events: Int, gone: Int, refused: Int, now: Tally,
        next: Tally,
        comparison: Comparison, guards: [RuleGuard]
    ) {
        (self.nowRules, self.nextRules, self.since, self.until) = (nowRules, nextRules, since, until)
        (self.events, self.gone, self.refused) = (events, gone, refused)
        (self.now, self.next, self.comparison) = (now, next, comparison)
        self.guards = guards.flatMap { Self.results($0, now, next, comparison) }
    }

    public var areGuardsKept: Bool { guards.allSatisfy(\.isKept) }

    // MARK: Guards

    private static func results(_ rule: RuleGuard, _ now: Tally, _ next: Tally, _ comparison: Comparison) -> [GuardResult] {
        func counted(_ now: Int, _ next: Int) -> [GuardResult] {
            let isKept = rule.holds(now: Int64(now) * RuleGuard.unit, next: Int64(next) * RuleGuard.unit)
            return [GuardResult(name: rule.name, limit: rule.limit, now: grouped(now), next: grouped(next), isKept: isKept)]
        }
        switch rule.subject {
        case .figure(let figure): return counted(now[figure], next[figure])
        case .toldLater(let span): return counted(now.toldLater(than: span), next.toldLater(than: span))
        case .newlySilent: return counted(0, comparison.counts[.newlySilent] ?? 0)
        case .cost:
            let currencies = Set(now.cost.currencies).union(next.cost.currencies).sorted()
            guard !currencies.isEmpty else { return counted(0, 0) }
            return currencies.map { currency in
                GuardResult(
                    name: rule.name, limit: rule.limit, now: Cost.decimal(now.cost[currency], currency) + " " + currency,
                    next: Cost.decimal(next.cost[currency], currency) + " " + currency,
                    isKept: rule.holds(now: now.cost[currency], next: next.cost[currency]))
            }
        }
    }

    // MARK: Forms

    private struct Row {
        var name, words: String
        var now, next, change: String
        var isWorse: Bool
    }

    private var rows: [Row] {
        var rows: [Row] = []
        for figure in Tally.Figure.allCases {
            let (before, after) = (now[figure], next[figure])
            // What is there by neither says nothing, unless its absence does.
            guard before != 0 || after != 0 || figure.isHarm else { continue }
            let words = figure == .toldLater ? "\(figure.words) \(spoken(now.late))" : figure.words
            rows.append(
                Row(
                    name: figure.rawValue, words: words, now: grouped(before), next: grouped(after), change: Self.signed(after - before),
                    isWorse: figure.isHarm && after > before))
            if figure == .smsParts { rows += costs }
        }
        return rows
    }

    private var costs: [Row] {
        Set(now.cost.currencies).union(next.cost.currencies).sorted().map { currency in
            let (before, after) = (now.cost[currency], next.cost[currency])
            let change = Cost.decimal(after - before, currency)
            return Row(
                name: "cost-\(currency)", words: "cost of SMS, \(currency)", now: Cost.decimal(before, currency),
                next: Cost.decimal(after, currency), change: after > before ? "+" + change : after == before ? "0" : change, isWorse: false)
        }
    }

    private static func signed(_ number: Int) -> String { (number > 0 ? "+" : "") + grouped(number) }

    public var members: [(String, JSON)] {
        [
            ("now", nowRules.json), ("next", nextRules.json), ("since", .text(since)), ("until", .text(until)),
            ("events", .integer(events)), ("events_kept_no_longer", .integer(gone)), ("events_refused", .integer(refused)),
            ("orders", .integer(comparison.orders)),
            (
                "figures",
                .object(rows.map { ($0.name, ["now": .string(Self.bare($0.now)), "next": .string(Self.bare($0.next))]) })
            ),
            ("told_later_than_s", .number(decimalSeconds(now.late))),
            (
                "guards",
                .array(
                    guards.map {
                        [
                            "name": .string($0.name), "limit": .string($0.limit), "now": .string($0.now), "next": .string($0.next),
                            "kept": .bool($0.isKept),
                        ]
                    })
            ),
            (
                "changes",
                .object(
                    Comparison.Difference.Change.allCases.compactMap { change in
                        comparison.counts[change].map { (change.rawValue, .integer($0)) }
                    })
            ),
            ("differences", .array(comparison.differences.map(\.json))),
        ]
    }

    private static func bare(_ text: String) -> String { text.filter { $0 != "," } }

    /// One row for each difference that is shown.
    public var sheet: Sheet { Comparison.Difference.sheet(comparison.differences) }

    public func human(_ look: Look) -> [String] {
        var out = [
            "\(counted(events, "event")) of \(counted(comparison.orders, "order")), by the rules of now and by \(Safe.text(nextRules.name)). Nothing was sent."
        ]
        if since != nil || until != nil {
            out.append("From \(since.map { look.times.full($0) } ?? "the beginning") to \(until.map { look.times.full($0) } ?? "now")")
        }
        if gone > 0 {
            out.append(look.mark(.warning, "\(counted(gone, "event")) kept no longer (retention.events, or erased): not played"))
        }
        if refused > 0 {
            out.append(look.mark(.warning, "\(counted(refused, "event")) that one of the settings cannot read"))
        }
        out += [""] + figures(look)
        if !guards.isEmpty { out += ["", "Guards"] + guardLines(look) }
        guard !comparison.isEmpty else { return out + ["", "Every order is told the same, at the same time, in the same words."] }
        out += ["", "What differs"] + changeLines(look)
        let turned = comparison.kinds.filter { $0.value.now != $0.value.next }
        if !turned.isEmpty { out += ["", "Notices by kind"] + kindLines(turned, look) }
        return out + [""] + examples(look)
    }

    private func figures(_ look: Look) -> [String] {
        var table = Table([
            .init(""), .init("NOW", isRightAligned: true), .init("NEXT", isRightAligned: true), .init("CHANGE", isRightAligned: true),
        ])
        for row in rows {
            table.add([.init(row.words, row.isWorse ? .warning : .plain), .init(row.now), .init(row.next), .init(row.change)])
        }
        return table.lines(look)
    }

    private func guardLines(_ look: Look) -> [String] {
        guards.map { result in
            look.mark(result.isKept ? .good : .bad, "\(result.name) \(result.next)") + ", limit \(result.limit)"
                + (result.limit.hasPrefix("+") ? ", now \(result.now)" : "")
        }
    }

    private func changeLines(_ look: Look) -> [String] {
        var table = Table([.init("", isRightAligned: true), .init(""), .init("")])
        for change in Comparison.Difference.Change.allCases {
            guard let count = comparison.counts[change] else { continue }
            table.add([.init(grouped(count)), .init(change.rawValue), .init(change.meaning, .dim)])
        }
        return table.lines(look, hasHeading: false)
    }

    private func kindLines(_ turned: [Kind: (now: Int, next: Int)], _ look: Look) -> [String] {
        var table = Table([
            .init("KIND"), .init("NOW", isRightAligned: true), .init("NEXT", isRightAligned: true), .init("CHANGE", isRightAligned: true),
        ])
        let sorted = turned.sorted { a, b in
            (abs(b.value.next - b.value.now), a.key.rawValue) < (abs(a.value.next - a.value.now), b.key.rawValue)
        }
        for (kind, count) in sorted {
            table.add([
                .init(kind.rawValue), .init(grouped(count.now)), .init(grouped(count.next)), .init(Self.signed(count.next - count.now)),
            ])
        }
        return table.lines(look)
    }

    private func examples(_ look: Look) -> [String] {
        let shown = comparison.differences
        var out = Comparison.Difference.lines(shown, look)
        if comparison.count > shown.count {
            out.append("… and \(grouped(comparison.count - shown.count)) more; --limit shows more of each, -o csv writes them out")
        }
        return out
    }
}

extension SimulationReport.Rules {
    var json: JSON { ["name": .string(name), "texts": .string(texts)] }
}

// MARK: - Differences

extension Comparison.Difference {
    static func sheet(_ differences: [Self]) -> Sheet {
        var sheet = Sheet([
            "change", "order", "anomaly", "kind", "stage", "why", "left_now", "left_next", "channels_now", "channels_next", "priority_now",
            "priority_next", "sms_parts_now", "sms_parts_next",
        ])
        for item in differences {
            sheet.add([
                .string(item.changes.map(\.rawValue).joined(separator: " ")), .text(item.order), .string(item.anomaly), .code(item.kind),
                .code(item.stage), .code(item.why), .text(item.now?.left), .text(item.next?.left), item.now.channelWords,
                item.next.channelWords,
                .code(item.now?.priority), .code(item.next?.priority), item.now.partCount, item.next.partCount,
            ])
        }
        return sheet
    }

    var json: JSON { json(now: "now", next: "next") }
    func json(now name: String, next other: String) -> JSON {
        .object([
            ("changes", .array(changes.map { .code($0) })), ("order", .text(order)), ("anomaly", .string(anomaly)), ("kind", .code(kind)),
            ("stage", .code(stage)), ("why", .code(why)), (name, now?.json ?? .null), (other, next?.json ?? .null),
        ])
    }

    /// - Parameters:
    ///   - before: the heading of what is.
    ///   - after: the heading of what would be.
    static func lines(_ differences: [Self], _ look: Look, now before: String = "NOW", next after: String = "NEXT") -> [String] {
        var table = Table([
            .init("CHANGE"), .init("ORDER", cut: .middle), .init("KIND", priority: 1), .init("STAGE", priority: 2),
            .init(before, cut: .end),
            .init(after, cut: .end),
        ])
        for item in differences {
            table.add([
                .init(item.changes.map(\.rawValue).joined(separator: ", "), item.change == .newlySilent ? .warning : .plain),
                .init(item.order), .init(item.kind.rawValue), .init(item.stage?.rawValue ?? ""),
                .init(words(item.now, item.why, look)), .init(words(item.next, item.why, look)),
            ])
        }
        return table.lines(look)
    }

    private static func words(_ side: Side?, _ why: ReasonCode?, _ look: Look) -> String {
        guard let side else { return why.map { "nobody: \($0.rawValue)" } ?? look.dash }
        // Channels that leave at one moment stand together.
        var groups: [(at: Timestamp, channels: [String])] = []
        for (channel, at) in zip(side.channels, side.times) {
            if let place = groups.firstIndex(where: { $0.at == at }) {
                groups[place].channels.append(channel.rawValue)
            } else {
                groups.append((at, [channel.rawValue]))
            }
        }
        let words = groups.sorted { $0.at < $1.at }.map { $0.channels.joined(separator: "+") + " " + look.times.dayAndClock($0.at) }
        return words.joined(separator: ", ") + " " + look.times.label(at: side.left)
    }
}

extension Comparison.Difference.Side {
    fileprivate var json: JSON {
        [
            "kind": .code(kind), "priority": .code(priority), "left_at": .text(left), "channels": .array(channels.map { .code($0) }),
            "channels_left_at": .array(times.map { .text($0) }),
            "sms_parts": .integer(parts),
        ]
    }
}

extension Optional<Comparison.Difference.Side> {
    fileprivate var channelWords: JSON { map { .string($0.channels.map(\.rawValue).joined(separator: " ")) } ?? .null }
    fileprivate var partCount: JSON { map { .integer($0.parts) } ?? .null }
}
