import Core
import Store

/// The end of a night, or of a hold: what waited for it is decided again in the moment it would leave, so that no time lies between the answer and
/// the intent.
///
/// What is settled, replaced or no longer wanted is cancelled with its reason. Of what is left for one customer on one channel the most urgent
/// message leaves, the others become part of it.
struct Morning: Sendable {
    let planner: Planner

    static func asks(about delivery: Delivery) -> Bool {
        delivery.tries == 0 && (delivery.reason == .quietHoursDeferred || delivery.reason == .onHold)
    }

    /// How many more orders the message speaks for; nil when it was cancelled, or waits for the end of a night.
    ///
    /// - Parameter holds: what they cover is not told along with another order.
    func decide(_ delivery: Delivery, _ holds: HoldsInForce, now: Timestamp, _ store: any StoreWriter) throws -> Int? {
        guard let notice = try current(delivery, now: now, store), try !isNight(for: delivery, notice, now: now, store) else { return nil }
        guard Self.merges(notice.stage), planner.policy.mergeWithin > .zero else { return 0 }
        var query = DeliveryQuery(limit: 200)
        (query.customer, query.channel) = (delivery.customer, delivery.channel)
        query.since = now - planner.nightLength - planner.policy.mergeWithin
        let others = try store.deliveries(matching: query).filter { $0.order != delivery.order && $0.mode == delivery.mode }
        var merged = Set(others.filter { $0.reason == .digestMerged }.map(\.order))
        let soon = now + planner.policy.quietHours.spread
        for other in others where other.state == .ready && Self.asks(about: other) && other.nextAt.map({ $0 <= soon }) ?? true {
            guard try holds.covering(other, episode: { try store.episode(other.episode) }) == nil else { continue }
            guard let its = try current(other, now: now, store), Self.merges(its.stage) else { continue }
            guard other.priority <= delivery.priority else {
                try drop(delivery, .digestMerged, with: other, now: now, store)
                return nil
            }
            try drop(other, .digestMerged, with: delivery, now: now, store)
            merged.insert(other.order)
        }
        return merged.count
    }

    /// The notice of a message that may still leave; nil when it may not, which is then on record.
    private func current(_ delivery: Delivery, now: Timestamp, _ store: any StoreWriter) throws -> Notice? {
        guard let notice = try store.notice(delivery.notice), let episode = try store.episode(notice.episode) else {
            throw StoreError.integrity("delivery \(delivery.publicID) has no notice or no episode")
        }
        let isReplaced = try store.deliveries(ofEpisode: episode.id).contains {
            $0.notice > notice.id && $0.channel == delivery.channel && $0.state != .blocked
        }
        let incident = try episode.incident.flatMap { try store.incident(id: $0) }
        let reason = planner.outdated(
            notice, on: delivery.channel, episode: episode, record: try store.customer(delivery.customer), isReplaced: isReplaced,
            isIncidentOver: incident?.closedAt != nil, now: now)
        guard let reason else { return notice }
        // Not the night made it untrue.
        let isHeld = delivery.reason == .onHold && reason == .quietHoursExpired
        try drop(delivery, isHeld ? .onHold : reason, with: nil, now: now, store)
        return nil
    }

    /// A hold may end while the customer sleeps.
    private func isNight(for delivery: Delivery, _ notice: Notice, now: Timestamp, _ store: any StoreWriter) throws -> Bool {
        guard delivery.reason == .onHold, let episode = try store.episode(notice.episode) else { return false }
        let leaves = planner.departure(delivery.channel, episode: episode, zone: notice.timeZone, now: now)
        guard leaves > now else { return false }
        return try store.settle(delivery.id, as: delivery.state, reason: .quietHoursDeferred, nextAt: leaves, at: now)
    }

    private func drop(_ delivery: Delivery, _ reason: ReasonCode, with other: Delivery?, now: Timestamp, _ store: any StoreWriter) throws {
        guard try store.settle(delivery.id, as: .cancelled, reason: reason, nextAt: nil, at: now) else { return }
        try store.append(.cancelled(delivery, reason, with: other, at: now))
    }

    /// A reminder has a deadline of its own, and an end is told by itself.
    private static func merges(_ stage: NoticeStage) -> Bool {
        switch stage {
        case .opened, .progress, .stillWaiting: true
        case .materialsReminder, .resolvedArrived, .resolvedRefunded, .reviewApproved, .reviewDeclined, .incidentOver, .correction: false
        }
    }
}
