import Core
import Store

/// Timers that tell staff something and customers nothing.
extension TimerStage {
    func escalate(_ timer: StoredTimer, now: Timestamp, _ store: any StoreWriter) throws {
        guard timer.incident.isEmpty else {
            guard let incident = try store.incident(id: timer.incident) else { return }
            return try carryOut(planner.escalate(timer.argument, incident, now: now), timer, of: nil, order: nil, now: now, store)
        }
        guard let episode = try store.bareEpisode(timer.episode) else { return }
        let incident = try episode.incident.flatMap { try store.incident(id: $0) }
        var plan = try planner.escalate(
            timer.argument, episode, incident: incident, now: now,
            failures: {
                guard let episode = try store.episode(timer.episode) else { return 0 }
                let others = try store.episodes(
                    ofCustomer: episode.customer, bank: episode.bank, detectedFrom: planner.failuresSince(episode.detectedAt), to: now,
                    limit: 100)
                return planner.failures(with: episode, among: others)
            })
        // Whoever looks an order up must not tell the two apart.
        if episode.kind.isDiscreet { plan.note("episode", .integer(episode.id)) }
        try carryOut(plan, timer, of: episode, order: episode.kind.isDiscreet ? nil : episode.order, now: now, store)
    }

    func call(_ timer: StoredTimer, now: Timestamp, _ store: any StoreWriter) throws {
        guard let episode = try store.bareEpisode(timer.episode), let notice = try store.notice(timer.notice) else { return }
        let plan = planner.call(
            about: notice, episode: episode, deliveries: try store.deliveries(ofNotice: notice.id),
            seen: try standing(of: notice, store).seen, now: now)
        try carryOut(plan, timer, of: episode, order: episode.order, now: now, store)
    }

    func complaint(_ timer: StoredTimer, now: Timestamp, _ store: any StoreWriter) throws {
        guard let item = try store.review(Int64(timer.argument)) else { return }
        let plan = timer.step == .complaint ? planner.complained(item, now: now) : planner.complaintDue(item, now: now)
        try carryOut(plan, timer, of: nil, order: item.order, now: now, store)
    }

    private func carryOut(
        _ plan: Plan, _ timer: StoredTimer, of episode: Episode?, order: OrderNumber?, now: Timestamp, _ store: any StoreWriter
    ) throws {
        let cause = PlanWriter.Cause(event: nil, order: order, customer: episode?.customer ?? "", timer: timer.step, marks: [])
        try writer.carryOut(plan, cause: cause, now: now, store)
    }
}
