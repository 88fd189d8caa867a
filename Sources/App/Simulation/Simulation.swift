import Config
import Core
import MemoryStore
import Reports
import Store
import Templates

/// Recorded events by two sets of rules, side by side, and what differs. Of what is over nothing stays in memory: the two outcomes of a payout are
/// compared as soon as nothing more can come of it.
struct Simulation: Sendable {
    let (now, next): (Rules, Rules)
    let recorded: RecordedEvents
    let since, until: Timestamp?
    let guards: [RuleGuard]
    /// Examples that are kept of each change.
    let limit: Int
    let isOpen: Bool

    /// Before the first event that counts so much is played, so that what was open then is open here too.
    static let leadIn = Duration.days(3)
    /// Nobody's day, and no rule that looks at a customer's last days, reaches back so far.
    var memory = Duration.days(5)
    /// What is over is looked for after so many events.
    var foldsEvery = 8192

    struct Result: Sendable {
        var played = 0, gone = 0, refused = 0
        /// Orders that were over before the end, and are forgotten.
        var folded = 0
        var now, next: Tally
        var comparison: Comparison
    }

    func span() async throws -> (after: EventSeq, through: EventSeq) {
        try await recorded.span(since: since.map { $0 - Self.leadIn }, until: until)
    }

    /// - Parameters:
    ///   - span: what `span` said.
    ///   - isStopped: asked after each page; true ends with `CancellationError`.
    ///   - progress: events done.
    func run(
        _ span: (after: EventSeq, through: EventSeq), isStopped: @Sendable () -> Bool = { false },
        progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> Result {
        let spans = guards.compactMap { if case .toldLater(let span) = $0.subject { span } else { nil } }
        func tally(_ rules: Rules) -> Tally { Tally(others: spans, prices: rules.configuration.settings.smsPrices) }
        var result = Result(now: tally(now), next: tally(next), comparison: Comparison(limit: limit, isOpen: isOpen))
        let (old, new) = (DryRun(now), DryRun(next))
        try await old.begin()
        try await new.begin()
        var live = Live()
        var seq = span.after
        while seq < span.through {
            guard !isStopped() else { throw CancellationError() }
            let page = try await recorded.page(after: seq, through: span.through)
            guard let last = page.last?.stored else { break }
            seq = last.seq
            let playable = page.filter { !$0.stored.body.isEmpty }
            result.gone += page.count - playable.count
            let counted = playable.filter { item in since.map { item.stored.receivedAt >= $0 } ?? true }
            result.played += counted.count
            async let first: Void = old.play(playable)
            async let second: Void = new.play(playable)
            _ = try await (first, second)
            for item in playable { live.note(item.stored) }
            progress(Int(seq - span.after))
            try await fold(&live, before: last.receivedAt - memory, old, new, into: &result)
        }
        try await end(live, old, new, into: &result)
        return result
    }

    /// Orders that something may still come of, by their last event and when the first came.
    private struct Live {
        var orders: [OrderNumber: (seq: EventSeq, at: Timestamp, first: Timestamp)] = [:]
        var eventsSince = 0
        mutating func note(_ event: StoredEvent) {
            eventsSince += 1
            guard let order = event.order else { return }
            orders[order] = (event.seq, event.receivedAt, orders[order]?.first ?? event.receivedAt)
        }
        /// Before that nothing more is counted.
        var oldest: Timestamp? { orders.values.lazy.map { $0.first }.min() }
    }

    /// Compares and forgets what is over by both. Looked for now and then: most of what is live stays so for days.
    private func fold(_ live: inout Live, before moment: Timestamp, _ old: DryRun, _ new: DryRun, into result: inout Result) async throws {
        guard live.eventsSince >= max(foldsEvery, live.orders.count / 4) else { return }
        live.eventsSince = 0
        let quiet = live.orders.filter { $0.value.at < moment }.sorted { $0.value.seq < $1.value.seq }
        let isLast = try await recorded.reading.read { reader in
            try quiet.map { try !reader.hasEvent(ofOrder: $0.key, after: $0.value.seq) }
        }
        let over = zip(quiet, isLast).filter(\.1).map(\.0.key)
        let settled = try await compare(over, old, new, into: &result)
        for order in settled { live.orders[order] = nil }
        result.folded += settled.count
        if let oldest = live.oldest {
            result.now.forget(daysBefore: oldest)
            result.next.forget(daysBefore: oldest)
        }
        try await countStaff(old, new, into: &result)
    }

    /// Returns those that were over by both.
    private func compare(_ orders: [OrderNumber], _ old: DryRun, _ new: DryRun, into result: inout Result) async throws -> [OrderNumber] {
        let settled = orders.filter { old.store.isSettled($0) && new.store.isSettled($0) }
        for order in settled {
            let before = try old.store.take(order) { try now.outcome(of: order, in: $0) }
            add(before, try new.store.take(order) { try next.outcome(of: order, in: $0) }, to: &result)
        }
        return settled
    }

    private func add(_ before: OrderOutcome, _ after: OrderOutcome, to result: inout Result) {
        let zones = SystemZones()
        let offset = { (zone: String, moment: Timestamp) in zones.offset(of: zone, at: moment) ?? 0 }
        result.now.add(before, since: since, offset: offset)
        result.next.add(after, since: since, offset: offset)
        result.comparison.add(now: before, next: after, since: since)
    }

    private func end(_ live: Live, _ old: DryRun, _ new: DryRun, into result: inout Result) async throws {
        async let first: Void = old.finish()
        async let second: Void = new.finish()
        _ = try await (first, second)
        for (order, _) in live.orders.sorted(by: { $0.value.seq < $1.value.seq }) {
            let before = try await old.store.read { [now] in try now.outcome(of: order, in: $0) }
            let after = try await new.store.read { [next] in try next.outcome(of: order, in: $0) }
            add(before, after, to: &result)
        }
        try await countStaff(old, new, into: &result)
        result.refused = max(await old.refused, await new.refused)
        try await old.store.close()
        try await new.store.close()
    }

    private func countStaff(_ old: DryRun, _ new: DryRun, into result: inout Result) async throws {
        result.now.add(staff: try await old.newStaffMessages(since: since))
        result.next.add(staff: try await new.newStaffMessages(since: since))
    }
}
