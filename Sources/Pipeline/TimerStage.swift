import Core
import Store

/// T6: fires what is due. Compare-and-set `armed` → `fired` in the transaction of its effect: once, also across kills.
struct TimerStage: Sendable {
    let store: any Store
    let planner: Planner
    let reader: EventReader
    let writer: PlanWriter
    let clock: any Clock

    /// Fires at most `limit` timers; returns how many were due.
    func run(limit: Int = 64) async throws -> Int {
        let now = clock.now()
        do {
            return try await store.write { writer in
                let due = try writer.dueTimers(at: now, limit: limit)
                #if DEBUG
                    if !due.isEmpty { CrashPoint.pass(.timerDue) }
                #endif
                for timer in due where try writer.fire(timer, at: now) { try fire(timer, now: now, writer) }
                #if DEBUG
                    if !due.isEmpty { CrashPoint.pass(.insideT6) }
                #endif
                return due.count
            }
        } catch let error as StoreError where error.stopsStages {
            throw error
        } catch {
            return try await runOneByOne(limit: limit, now: now)
        }
    }

    /// After a failure inside a batch: a timer whose event cannot be read any more is spent, with a dead letter, and stops no other.
    private func runOneByOne(limit: Int, now: Timestamp) async throws -> Int {
        let due = try await store.write { try $0.dueTimers(at: now, limit: limit) }
        for timer in due {
            do {
                try await store.write { writer in if try writer.fire(timer, at: now) { try fire(timer, now: now, writer) } }
            } catch let error as StoreError where error.stopsStages {
                throw error
            } catch {
                try await store.write { try setAside(timer, because: error, now: now, $0) }
            }
        }
        return due.count
    }

    private func setAside(_ timer: StoredTimer, because error: any Error, now: Timestamp, _ store: any StoreWriter) throws {
        guard try store.fire(timer, at: now) else { return }
        var episode: Episode?
        do { episode = try store.episode(timer.episode) } catch StoreError.integrity { episode = nil }
        let closing = timer.step == .incidentOver && timer.argument > 0 ? EventSeq(timer.argument) : nil
        try DeadLetters.file(
            planOf: episode?.openedBy ?? closing, order: episode?.order, source: "timer \(timer.step.rawValue)", because: error, at: now,
            store)
    }

    private func fire(_ timer: StoredTimer, now: Timestamp, _ store: any StoreWriter) throws {
        switch timer.step {
        case .incidentOver: try incidentOver(timer, now: now, store)
        case .storm: try stormQuiet(timer, now: now, store)
        case .doubt: try Doubt.isOld(timer, at: now, store)
        case .doubtEnd: try Doubt.isHopeless(timer, at: now, store)
        case .escalation: try escalate(timer, now: now, store)
        case .call: try call(timer, now: now, store)
        case .complaint, .complaintDue: try complaint(timer, now: now, store)
        case .resend: try resend(timer, now: now, store)
        case .holdEnd, .fallback, .promise, .reminder, .update:
            guard let episode = try store.episode(timer.episode) else { return }
            try fire(timer, on: episode, now: now, store)
        }
    }

    private func fire(_ timer: StoredTimer, on episode: Episode, now: Timestamp, _ store: any StoreWriter) throws {
        let opening = try opening(of: episode, store)
        let contact = opening.customer
        var snapshot = try SnapshotReader(planner: planner).snapshot(for: episode, contact: contact, in: store, now: now)
        snapshot.hasReview = planner.isQuestioned(opening)
        snapshot.waitedForBurst = timer.step == .holdEnd && timer.argument > 0
        let plan: Plan
        switch timer.step {
        case .holdEnd:
            plan = planner.holdEnded(episode, contact: contact, snapshot: snapshot, now: now)
        case .promise:
            plan = planner.promiseBroken(timer, episode: episode, contact: contact, snapshot: snapshot, now: now)
        case .reminder:
            plan = planner.remind(episode: episode, contact: contact, snapshot: snapshot, now: now)
        case .update:
            let isNewest = try !store.timers(ofEpisode: episode.id).contains {
                $0.step == .update && $0.state == .armed && $0.argument > timer.argument
            }
            plan = planner.updateDue(timer, isNewest: isNewest, episode: episode, contact: contact, snapshot: snapshot, now: now)
        case .fallback:
            guard let notice = try store.notice(timer.notice) else { return }
            let (confirmed, seen) = try standing(of: notice, store)
            plan = planner.fallback(
                timer.argument, of: notice, episode: episode, contact: contact, confirmed: confirmed, seen: seen, snapshot: snapshot,
                now: now)
        case .incidentOver, .storm, .doubt, .doubtEnd, .escalation, .call, .complaint, .complaintDue, .resend:
            return
        }
        let cause = PlanWriter.Cause(
            event: nil, order: episode.order, customer: episode.customer, timer: timer.step, marks: snapshot.marks)
        try writer.carryOut(plan, cause: cause, now: now, store)
    }

    /// The event that opened the episode: whose contact details it goes by.
    func opening(of episode: Episode, _ store: any StoreReader) throws -> Anomaly {
        guard let stored = try store.event(episode.openedBy),
            case .anomaly(let anomaly) = try reader.event(of: stored.body).body
        else { throw StoreError.integrity("episode \(episode.id) has no opening event") }
        return anomaly
    }

    func standing(of notice: Notice, _ store: any StoreReader) throws -> (confirmed: Bool, seen: Bool) {
        let deliveries = try store.deliveries(ofNotice: notice.id)
        let confirmed = deliveries.contains { $0.channel != .inApp && $0.state == .delivered }
        let inApp = Set(deliveries.filter { $0.channel == .inApp }.map(\.id))
        let isRead = try store.inbox(customer: notice.customer, unreadOnly: false, before: nil, limit: 200)
            .contains { inApp.contains($0.delivery) && ($0.seenAt != nil || $0.readAt != nil) }
        let isOpened = try deliveries.contains { delivery in
            try delivery.channel == .push && store.receipts(ofDelivery: delivery.id).contains { $0.status == .read }
        }
        return (confirmed, isRead || (isOpened && !PlantedBug.overlooksOpened.isActive))
    }

    // MARK: Incidents

    /// Tells "payouts are back" to the members who still wait, and settles the event that closed the incident.
    private func incidentOver(_ timer: StoredTimer, now: Timestamp, _ store: any StoreWriter) throws {
        var told = 0
        for var member in try store.incidentMembers(incident: timer.incident) where !member.overTold {
            let open = try store.episodes(ofOrder: member.order).first { $0.incident == timer.incident && $0.status == .open && $0.told }
            guard let episode = open else { continue }
            let contact = try opening(of: episode, store).customer
            let snapshot = try SnapshotReader(planner: planner).snapshot(for: episode, contact: contact, in: store, now: now)
            let plan = planner.incidentOver(episode: episode, contact: contact, snapshot: snapshot, now: now)
            let cause = PlanWriter.Cause(
                event: nil, order: episode.order, customer: episode.customer, timer: .incidentOver, marks: snapshot.marks)
            if try writer.carryOut(plan, cause: cause, now: now, store) != nil { told += 1 }
            member.overTold = true
            try store.save(member)
        }
        guard timer.argument > 0 else { return }
        try store.finish(EventSeq(timer.argument), as: told > 0 ? .planned : .recorded)
    }

    /// A storm that nobody announced ends when nothing new came for a while.
    private func stormQuiet(_ timer: StoredTimer, now: Timestamp, _ store: any StoreWriter) throws {
        guard var incident = try store.incident(id: timer.incident), incident.announced == nil, incident.closedAt == nil else { return }
        let fresh = try store.episodeCount(
            bank: incident.bank, rail: incident.rail, kind: nil, since: now - Planner.stormQuiet, until: now)
        if fresh > 0 {
            _ = try store.arm(StoredTimer(step: .storm, incident: incident.id, argument: timer.argument + 1, due: now + Planner.stormQuiet))
            return
        }
        incident.closedAt = now
        try store.save(incident)
        try store.append(LogEntry(.incident, at: now, body: ["id": .string(incident.id), "closed_at": .string(now.description)]))
        _ = try store.arm(StoredTimer(step: .incidentOver, incident: incident.id, due: now + Planner.incidentGrace))
    }
}
