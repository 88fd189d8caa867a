import Core
import Crypto
import Store

/// T2: takes received events in order and decides. The decision and everything it causes is one transaction.
struct PlanStage: Sendable {
    let store: any Store
    let planner: Planner
    let reader: EventReader
    let fresh: FreshEvents
    let writer: PlanWriter
    let clock: any Clock

    /// What one run took, and what it leaves to the timers.
    struct Taken {
        var events: Int
        /// When the earliest armed timer is due: asked for here, where it costs no transaction of its own.
        var nextTimer: Timestamp?
    }

    /// Plans at most `limit` events. An event that cannot be planned is filed as a dead letter and blocks nobody.
    func run(limit: Int = 128) async throws -> Taken {
        do {
            return try await store.write { writer in
                let heads = try writer.receivedHeads(limit: limit)
                for head in heads { try plan(head, writer) }
                return Taken(events: heads.count, nextTimer: try nextTimer(writer))
            }
        } catch let error as StoreError where error.stopsStages {
            throw error
        } catch {
            return try await runOneByOne(limit: limit)
        }
    }

    /// After a failure inside a batch: each event alone, so that only the one that cannot be planned is set aside.
    private func runOneByOne(limit: Int) async throws -> Taken {
        let heads = try await store.write { try $0.receivedHeads(limit: limit) }
        for head in heads {
            do {
                try await store.write { try plan(head, $0) }
            } catch let error as StoreError where error.stopsStages {
                throw error
            } catch {
                try await store.write { try setAside(head, because: error, $0) }
            }
        }
        return Taken(events: heads.count, nextTimer: try await store.write { try nextTimer($0) })
    }

    private func nextTimer(_ store: any StoreReader) throws -> Timestamp? {
        try store.dueTimers(at: Timestamp(milliseconds: .max), limit: 1).first?.due
    }

    private func event(_ head: EventHead, _ store: any StoreWriter) throws -> Event {
        if let event = fresh.take(head.seq) { return event }
        guard let stored = try store.event(head.seq) else { throw StoreError.integrity("the event is gone") }
        return try reader.read(stored.body, now: Timestamp(milliseconds: .max / 2)).event
    }

    private func plan(_ stored: EventHead, _ store: any StoreWriter) throws {
        let now = clock.now()
        let event = try event(stored, store)
        switch event.body {
        case .anomaly(let anomaly):
            let snapshot = try SnapshotReader(planner: planner).snapshot(for: anomaly, of: event, in: store, now: now)
            let plan = planner.plan(anomaly, of: event, seq: stored.seq, snapshot: snapshot, now: now)
            let cause = PlanWriter.Cause(event: stored.seq, order: anomaly.order, customer: anomaly.customer.id, marks: snapshot.marks)
            try writer.carryOut(plan, cause: cause, now: now, store)
        case .incident(let news):
            let incidents = try store.incidents(bank: news.bank, rail: news.rail)
            let plan = planner.plan(news, of: event, seq: stored.seq, incidents: incidents, now: now)
            let cause = PlanWriter.Cause(event: stored.seq, order: OrderNumber(news.id), customer: "", marks: [])
            try writer.carryOut(plan, cause: cause, now: now, store)
        }
    }

    /// The event's row may be damaged: what cannot be read of it is left out of the letter.
    private func setAside(_ event: EventHead, because error: any Error, _ store: any StoreWriter) throws {
        var body: [UInt8] = []
        do { body = try store.event(event.seq)?.body ?? [] } catch StoreError.integrity { body = [] }
        let digest = body.isEmpty ? [] : Array(SHA256.hash(data: body))
        try DeadLetters.file(
            planOf: event.seq, order: event.order, source: event.source, because: error, size: body.count, digest: digest, at: clock.now(),
            store)
    }
}

/// Letters about events that cannot be planned; their events are settled with them, so that the accounting law holds.
enum DeadLetters {
    static func file(
        planOf event: EventSeq?, order: OrderNumber?, source: String, because error: any Error, size: Int = 0, digest: [UInt8] = [],
        at now: Timestamp, _ store: any StoreWriter
    ) throws {
        // Words of other errors may quote the event.
        var words = "\(type(of: error))"
        if case StoreError.integrity(let known) = error { words = known }
        _ = try store.insert(
            DeadLetter(
                stage: .plan, reason: ReasonCode.renderError.rawValue, detail: words, source: source, size: size, digest: digest,
                event: event, at: now))
        if let event { try store.finish(event, as: .suppressed(.renderError)) }
        try store.append(
            LogEntry(
                .deadLetter, at: now, order: order, event: event,
                body: ["stage": "plan", "reason": "render_error", "detail": .string(words)]))
    }
}

extension StoreError {
    /// Not about one row: going on to the next would fail as well.
    var stopsStages: Bool { isFatal || self == .closed || self == .full }
}
