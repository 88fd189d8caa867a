import Core
import Crypto
import Store

/// T2: takes received events in order and decides. The decision and everything it causes is one transaction.
struct PlanStage: Sendable {
    let store: any Store
    let planner: Planner
    let reader: EventReader
    let writer: PlanWriter
    let clock: any Clock

    /// Plans at most `limit` events; returns how many were taken. An event that cannot be planned is filed as a dead letter and blocks nobody.
    func run(limit: Int = 128) async throws -> Int {
        do {
            return try await store.write { writer in
                let events = try writer.receivedEvents(limit: limit)
                for event in events { try plan(event, writer) }
                return events.count
            }
        } catch let error as StoreError where error.isFatal || error == .closed || error == .full {
            throw error
        } catch {
            return try await runOneByOne(limit: limit)
        }
    }

    /// After a failure inside a batch: each event alone, so that only the one that cannot be planned is set aside.
    private func runOneByOne(limit: Int) async throws -> Int {
        let events = try await store.write { try $0.receivedEvents(limit: limit) }
        for event in events {
            do {
                try await store.write { try plan(event, $0) }
            } catch let error as StoreError where error.isFatal || error == .closed || error == .full {
                throw error
            } catch {
                let words = "\(type(of: error))"
                try await store.write { try setAside(event, because: words, $0) }
            }
        }
        return events.count
    }

    private func plan(_ stored: StoredEvent, _ store: any StoreWriter) throws {
        let now = clock.now()
        let event = try reader.read(stored.body, now: Timestamp(milliseconds: .max / 2)).event
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

    private func setAside(_ event: StoredEvent, because words: String, _ store: any StoreWriter) throws {
        let now = clock.now()
        _ = try store.insert(
            DeadLetter(
                stage: .plan, reason: ReasonCode.renderError.rawValue, detail: words, source: event.source, size: event.body.count,
                digest: Array(SHA256.hash(data: event.body)), event: event.seq, at: now))
        try store.finish(event.seq, as: .suppressed(.renderError))
        try store.append(
            LogEntry(
                .deadLetter, at: now, order: event.order, event: event.seq,
                body: ["stage": "plan", "reason": "render_error", "detail": .string(words)]))
    }
}
