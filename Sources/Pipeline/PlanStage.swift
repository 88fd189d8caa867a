import Core
import Crypto
import Store
import Transport

/// T2, and T3 with it: takes received events in order and decides. The decision and everything it causes is one transaction; what may leave at
/// once gets its intent in the same one, as far as slots are free.
struct PlanStage: Sendable {
    let store: any Store
    let planner: Planner
    let reader: EventReader
    let fresh: FreshEvents
    let writer: PlanWriter
    let dispatch: Dispatch
    let slots: Slots
    let recorder: FlightRecorder?
    let clock: any Clock

    /// Events that are planned in one transaction, at most.
    static let batch = 64

    /// What one run took, and what it leaves for later.
    struct Taken: Sendable {
        var events = 0
        /// Attempts with their intents, to be sent now.
        var open: [Dispatch.Open] = []
        /// Deliveries that were moved on, sent or not.
        var moved = 0
        /// More may be due than there were slots for.
        var isFull = false
        /// There was no more to take.
        var isAll = false
        /// Asked for here, where it costs no transaction of its own; the next delivery only when this was all.
        var next = NextDue(delivery: nil, timer: nil)
    }

    /// Plans at most `limit` events, and starts what is due. An event that cannot be planned is filed as a dead letter and blocks nobody.
    ///
    /// - Parameter isAhead: plan although what waits already will take the slots.
    func run(limit: Int, isAhead: Bool) async throws -> Taken {
        let (free, picks, flights) = (slots.takeFree(), Picks(dispatch.accounts), recorder?.batch())
        do {
            let round = try await store.write { writer in
                try work(limit: limit, isAhead: isAhead, free: free, picks, flights: flights, writer)
            }
            return kept(round, free: free, flights)
        } catch {
            undone(error, free: free, picks, flights)
            if let error = error as? StoreError, error.stopsStages { throw error }
            // Not an event's fault when there was none.
            let taken = try await runOneByOne(limit: limit)
            guard taken.events > 0 else { throw error }
            return taken
        }
    }

    /// What one transaction did.
    struct Round: Sendable {
        var taken: Taken
        /// Planned and not started.
        var left: [DeliveryID: FreshDelivery] = [:]
    }

    /// After the commit.
    func kept(_ round: Round, free: FreeSlots, _ flights: FlightBatch?) -> Taken {
        #if DEBUG
            if round.taken.events > 0 { CrashPoint.pass(.afterT2) }
        #endif
        flights?.keep()
        slots.giveBack(free.without(round.taken.open).all)
        dispatch.fresh.keep(round.left)
        return round.taken
    }

    /// Nothing was committed; unless the store has failed, when nobody knows.
    func undone(_ error: any Error, free: FreeSlots, _ picks: Picks, _ flights: FlightBatch?) {
        if (error as? StoreError)?.isFatal != true { flights?.abandon() }
        picks.rollBack()
        slots.giveBack(free.all)
    }

    /// Inside a transaction.
    ///
    /// - Parameter new: events that the same transaction has accepted.
    func work(
        limit: Int, isAhead: Bool, new: [EventSeq: Event] = [:], free: FreeSlots, _ picks: Picks, flights: FlightBatch?,
        _ writer: any StoreWriter
    ) throws -> Round {
        let now = clock.now()
        var dispatch = dispatch
        dispatch.flights = flights
        dispatch.holds = HoldsInForce(try writer.holdsNotEnded(), at: now)
        let idle = try dispatch.idle(free, now: now, writer)
        let limit = isAhead ? limit : min(limit, idle.room)
        let heads = limit > 0 ? try writer.receivedHeads(limit: limit) : []
        #if DEBUG
            if !heads.isEmpty { CrashPoint.pass(.eventPicked) }
        #endif
        // A timer that is due decides before anything leaves.
        var timer = try writer.nextTimer()
        var mayLeave: Bool { timer.map { $0 > now } ?? true }
        let atOnce = mayLeave ? AtOnce(dispatch, picks, free: idle.channels, events: heads.count) : nil
        var planned: [DeliveryID: FreshDelivery] = [:]
        for (head, isLast) in zip(heads, Self.areLast(heads)) {
            guard let event = try new[head.seq] ?? event(head, writer) else { continue }
            guard let filed = try plan(event, seq: head.seq, atOnce: isLast ? atOnce : nil, writer) else { continue }
            // By index: a delivery has many parts to be counted when it is copied.
            for index in filed.deliveries.indices where filed.deliveries[index].state == .ready {
                planned[filed.deliveries[index].id] = FreshDelivery(filed: filed, index: index)
            }
        }
        if !heads.isEmpty { timer = try writer.nextTimer() }
        let started = atOnce?.open ?? []
        var wake: Timestamp?
        var taken = Taken(events: heads.count, open: started, moved: started.count, next: NextDue(delivery: nil, timer: timer))
        if mayLeave {
            let round = try dispatch.run(free: free.without(started), planned: planned, picks: picks, now: now, writer)
            taken.open += round.open
            taken.moved += round.moved
            (taken.isFull, wake) = (round.isFull, round.wake)
            taken.isAll = heads.count < limit && !round.isFull
            for item in round.open { planned[item.delivery.id] = nil }
        }
        // Who has left something comes back at once, and asks then.
        if new.isEmpty, taken.isAll || taken.events + taken.moved == 0 { taken.next.delivery = try writer.nextDelivery() }
        // What is due and waits for the rate of its account is not asked for before.
        if let wake, taken.next.delivery.map({ $0 <= now }) ?? true { taken.next.delivery = wake }
        #if DEBUG
            if !heads.isEmpty { CrashPoint.pass(.insideT2) }
        #endif
        return Round(taken: taken, left: planned)
    }

    /// After a failure inside a batch: each event alone, so that only the one that cannot be planned is set aside.
    private func runOneByOne(limit: Int) async throws -> Taken {
        let heads = try await store.write { try $0.receivedHeads(limit: limit) }
        for head in heads {
            do {
                try await store.write { writer in
                    if let event = try event(head, writer) { _ = try plan(event, seq: head.seq, atOnce: nil, writer) }
                }
            } catch let error as StoreError where error.stopsStages {
                throw error
            } catch {
                try await store.write { try setAside(head, because: error, $0) }
            }
        }
        return Taken(events: heads.count, next: NextDue(delivery: nil, timer: try await store.write { try $0.nextTimer() }))
    }

    /// Nil when it is of a customer who was erased meanwhile: then that is its end.
    private func event(_ head: EventHead, _ store: any StoreWriter) throws -> Event? {
        if let event = fresh.take(head.seq) { return event }
        guard let stored = try store.event(head.seq) else { throw StoreError.integrity("the event is gone") }
        guard stored.body.isEmpty else { return try reader.event(of: stored.body) }
        try store.finish(head.seq, as: .suppressed(.erased))
        try store.append(
            LogEntry(
                .decision, at: clock.now(), order: head.order, event: head.seq,
                body: ["disposition": "suppressed", "disposition_reason": .string(ReasonCode.erased.rawValue)]))
        return nil
    }

    /// Of each event, whether none of its order comes after it: what the last one may undo has not left then.
    private static func areLast(_ heads: [EventHead]) -> [Bool] {
        var seen: Set<OrderNumber?> = []
        return heads.reversed().map { seen.insert($0.order).inserted }.reversed()
    }

    private func plan(_ event: Event, seq: EventSeq, atOnce: AtOnce?, _ store: any StoreWriter) throws -> Filed? {
        let now = clock.now()
        switch event.body {
        case .anomaly(let anomaly):
            let snapshot = try SnapshotReader(planner: planner).snapshot(for: anomaly, of: event, in: store, now: now)
            let plan = planner.plan(anomaly, of: event, seq: seq, snapshot: snapshot, now: now)
            let cause = PlanWriter.Cause(event: seq, order: anomaly.order, customer: anomaly.customer.id, marks: snapshot.marks)
            return try writer.carryOut(plan, cause: cause, atOnce: atOnce, now: now, store)
        case .incident(let news):
            let incidents = try store.incidents(bank: news.bank, rail: news.rail)
            let plan = planner.plan(news, of: event, seq: seq, incidents: incidents, now: now)
            let cause = PlanWriter.Cause(event: seq, order: OrderNumber(news.id), customer: "", marks: [])
            return try writer.carryOut(plan, cause: cause, now: now, store)
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
