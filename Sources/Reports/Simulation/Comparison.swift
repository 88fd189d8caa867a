public import Core

/// The same events by two sets of rules, order by order: the sums of both, and what differs. Takes each pair once and keeps of it only what it counts.
public struct Comparison: Sendable {
    /// One thing that is otherwise by the new rules.
    public struct Difference: Sendable, Equatable {
        public enum Change: String, CaseIterable, Sendable {
            /// Somebody is told of the matter now, and nobody would be.
            case newlySilent = "newly_silent"
            /// Nobody is told of the matter now, and somebody would be.
            case newlyTold = "newly_told"
            /// Of a matter that is told either way, this notice would be left out, or added.
            case noticeGone = "notice_gone"
            case noticeNew = "notice_new"
            case kind, priority, channels, later, earlier, words, cost

            public var meaning: String {
                switch self {
                case .newlySilent: "told now, and nobody would be told"
                case .newlyTold: "not told now, and would be"
                case .noticeGone: "a notice fewer of a matter that is told"
                case .noticeNew: "a notice more of a matter that is told"
                case .kind: "another kind or stage of text"
                case .priority: "another priority"
                case .channels: "other channels"
                case .later: "later"
                case .earlier: "earlier"
                case .words: "other words"
                case .cost: "other parts or cost"
                }
            }
        }
        /// The weightiest of `changes`.
        public var change: Change { changes[0] }
        public var changes: [Change]
        public var order: OrderNumber
        public var anomaly: String
        public var kind: Kind
        public var stage: NoticeStage?
        /// Why nobody is told, by the rules that tell nobody.
        public var why: ReasonCode?
        public var now, next: Side?

        /// A notice as one set of rules would tell it.
        public struct Side: Sendable, Equatable {
            public var kind: Kind
            public var priority: Priority
            public var channels: [Channel]
            /// The first of them.
            public var left: Timestamp
            /// When each of them left, in the order of the channels.
            public var times: [Timestamp]
            public var parts: Int
            init(_ told: OrderOutcome.Told, left: Timestamp) {
                (kind, priority, self.left) = (told.kind, told.priority, left)
                times = told.sent.sorted { $0.channel < $1.channel }.map(\.at)
                channels = told.sent.map(\.channel).sorted()
                parts = told.sent.reduce(0) { $0 + $1.parts }
            }
        }
    }

    /// What is not later by more than this is at the same time: what was decided on a live machine took its milliseconds.
    public let tolerance: Duration
    /// Examples of each change that are kept.
    public let limit: Int
    public private(set) var orders = 0
    public private(set) var counts: [Difference.Change: Int] = [:]
    private var kept: [Difference.Change: [Difference]] = [:]
    /// Notices to customers by kind, of now and next.
    public private(set) var kinds: [Kind: (now: Int, next: Int)] = [:]
    private let isOpen: Bool

    /// - Parameter isOpen: a restriction is called one.
    public init(tolerance: Duration = .zero, limit: Int, isOpen: Bool) {
        (self.tolerance, self.limit, self.isOpen) = (tolerance, limit, isOpen)
    }

    /// The weightiest first, of each change in the order they came.
    public var differences: [Difference] { Difference.Change.allCases.flatMap { kept[$0] ?? [] } }
    public var count: Int { counts.values.reduce(0, +) }
    public var isEmpty: Bool { counts.isEmpty }

    public mutating func add(now: OrderOutcome, next: OrderOutcome, since: Timestamp? = nil) {
        orders += 1
        // Before they are compared: what is shown as one may not differ.
        let (now, next) = isOpen ? (now, next) : (now.toOthers, next.toOthers)
        func isCounted(_ told: OrderOutcome.Told) -> Bool { told.left != nil && since.map { told.at >= $0 } ?? true }
        for told in now.told where isCounted(told) { kinds[told.kind, default: (0, 0)].now += 1 }
        for told in next.told where isCounted(told) { kinds[told.kind, default: (0, 0)].next += 1 }
        for difference in differences(now, next) where since.map({ ($0 <= difference.at) }) ?? true { note(difference) }
    }

    private mutating func note(_ difference: Difference) {
        counts[difference.change, default: 0] += 1
        guard kept[difference.change]?.count ?? 0 < limit else { return }
        kept[difference.change, default: []].append(difference)
    }

    private struct Key: Hashable {
        var anomaly: String
        var stage: NoticeStage
        var number: Int
    }

    private func differences(_ now: OrderOutcome, _ next: OrderOutcome) -> [Difference] {
        func byKey(_ outcome: OrderOutcome) -> [Key: OrderOutcome.Told] {
            Dictionary(outcome.told.filter { $0.left != nil }.map { (Key(anomaly: $0.anomaly, stage: $0.stage, number: $0.number), $0) }) {
                first, _ in first
            }
        }
        let (olds, news) = (byKey(now), byKey(next))
        let (before, after) = (Set(olds.values.map(\.anomaly)), Set(news.values.map(\.anomaly)))
        var found: [Difference] = []
        // One line for a matter that changes sides, not one for each of its notices.
        for anomaly in before.symmetricDifference(after).sorted() {
            found.append(turned(anomaly, now, next, isSilent: before.contains(anomaly)))
        }
        for key in Set(olds.keys).union(news.keys) where before.contains(key.anomaly) && after.contains(key.anomaly) {
            if let difference = difference(olds[key], news[key], order: now.order) { found.append(difference) }
        }
        return found.sorted { ($0.at, $0.anomaly, $0.change.rawValue) < ($1.at, $1.anomaly, $1.change.rawValue) }
    }

    private func turned(_ anomaly: String, _ now: OrderOutcome, _ next: OrderOutcome, isSilent: Bool) -> Difference {
        let (speaking, silent) = isSilent ? (now, next) : (next, now)
        // One of the two has a notice that left: that is how it came here.
        let told = speaking.told.filter { $0.anomaly == anomaly && $0.left != nil }.min { $0.left! < $1.left! }!
        let side = Difference.Side(told, left: told.left!)
        return Difference(
            changes: [isSilent ? .newlySilent : .newlyTold], order: now.order, anomaly: anomaly, kind: told.kind,
            stage: told.stage, why: silent.matters.first { $0.anomaly == anomaly }?.why,
            now: isSilent ? side : nil, next: isSilent ? nil : side)
    }

    private func difference(_ old: OrderOutcome.Told?, _ new: OrderOutcome.Told?, order: OrderNumber) -> Difference? {
        guard let told = old ?? new else { return nil }
        let sides = [old, new].map { told in told.flatMap { told in told.left.map { Difference.Side(told, left: $0) } } }
        let changes: [Difference.Change]
        if let old, let new, let before = sides[0], let after = sides[1] {
            changes = self.changes(old, new, before, after)
        } else {
            changes = [old == nil ? .noticeNew : .noticeGone]
        }
        guard !changes.isEmpty else { return nil }
        return Difference(
            changes: changes, order: order, anomaly: told.anomaly, kind: told.kind, stage: told.stage, now: sides[0],
            next: sides[1])
    }

    private func changes(
        _ old: OrderOutcome.Told, _ new: OrderOutcome.Told, _ before: Difference.Side, _ after: Difference.Side
    ) -> [Difference.Change] {
        var changes: [Difference.Change] = []
        if old.kind != new.kind { changes.append(.kind) }
        if old.priority != new.priority { changes.append(.priority) }
        if before.channels != after.channels { changes.append(.channels) }
        // What goes out on one channel by both. Where the words are kept no longer nothing is claimed of them.
        let pairs = old.sent.compactMap { way in new.sent.first { $0.channel == way.channel }.map { (way, $0) } }
        if pairs.contains(where: { $1.at - $0.at > tolerance }) { changes.append(.later) }
        if pairs.contains(where: { $0.at - $1.at > tolerance }) { changes.append(.earlier) }
        if pairs.contains(where: { $0.words != nil && $1.words != nil && $0.words != $1.words }) { changes.append(.words) }
        if pairs.contains(where: { $0.words != nil && $1.words != nil && ($0.parts != $1.parts || $0.account != $1.account) }) {
            changes.append(.cost)
        }
        return changes
    }
}

extension Comparison.Difference {
    /// When it is first seen.
    var at: Timestamp { [now?.left, next?.left].compactMap(\.self).min() ?? Timestamp(milliseconds: 0) }
}
