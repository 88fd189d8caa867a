public import Core
public import Store

extension MemoryTables {
    public func delivery(_ id: DeliveryID) throws -> Delivery? { deliveryRows[id]?.delivery }
    public func delivery(publicID: String) throws -> Delivery? {
        guard let (id, _) = names.read(publicID, "dlv_"), let delivery = deliveryRows[id]?.delivery, delivery.publicID == publicID else {
            return nil
        }
        return delivery
    }
    public func standing(ofDelivery delivery: DeliveryID) throws -> DeliveryStanding? {
        guard let row = deliveryRows[delivery]?.delivery else { return nil }
        // The only attempt of a delivery that is on its first one is the open one.
        let mayBeThere = (row.tries > 1 || row.state != .inflight) && attempts(of: row).contains { $0.state == .ambiguous }
        return DeliveryStanding(
            state: row.state, isCancelWanted: row.cancelWanted, tries: row.tries, mayBeThere: mayBeThere, expires: row.expires)
    }
    public func deliveries(ofNotice notice: NoticeID) throws -> [Delivery] {
        guard let row = notices[notice] ?? nil else { return [] }
        return row.channels.map { Names.delivery(of: notice, on: $0) }.sorted().compactMap { deliveryRows[$0]?.delivery }
    }
    public func deliveries(ofEpisode episode: EpisodeID) throws -> [Delivery] {
        try noticesByEpisode[episode].flatMap { try deliveries(ofNotice: $0) }
    }

    // MARK: What waits

    func index(_ delivery: Delivery) {
        switch delivery.state {
        case .ready, .retryWait:
            lane(delivery.channel, delivery.priority).insert(DueKey(at: delivery.nextAt ?? delivery.plannedAt, id: delivery.id))
        case .ambiguous: ambiguousDeliveries.insert(delivery.id)
        default: break
        }
    }
    private func unindex(_ delivery: Delivery) {
        switch delivery.state {
        case .ready, .retryWait:
            lane(delivery.channel, delivery.priority).remove(DueKey(at: delivery.nextAt ?? delivery.plannedAt, id: delivery.id))
        case .ambiguous: ambiguousDeliveries.remove(delivery.id)
        default: break
        }
    }
    private func lane(_ channel: Channel, _ priority: Priority) -> Ordered<DueKey> { waiting[channel.place * 3 + priority.lane] }

    /// False when there is none, or it stands elsewhere than it has to.
    ///
    /// - Parameter isTold: false: who watches learns of it otherwise.
    func change(
        _ id: DeliveryID, isTold: Bool = true, where fits: (Delivery) -> Bool = { _ in true }, _ change: (inout Delivery) -> Void
    ) -> Bool {
        guard var row = deliveryRows[id], fits(row.delivery) else { return false }
        let before = row.delivery
        change(&row.delivery)
        unindex(before)
        index(row.delivery)
        deliveryRows[id] = row
        if before.state != row.delivery.state {
            note(.delivery(id, from: before.state, to: row.delivery.state))
        } else if isTold, before.nextAt != row.delivery.nextAt || before.expires != row.delivery.expires {
            note(.moved(id))
        }
        return true
    }

    /// A waiting delivery without a time would wait for ever: it is due at once.
    static func due(_ state: DeliveryState, _ nextAt: Timestamp?, at now: Timestamp) -> Timestamp? {
        nextAt ?? (state.isWaiting ? now : nil)
    }

    public func dueHeads(on channel: Channel, at now: Timestamp, limit: Int, others: Int) throws -> [DueHead] {
        func heads(_ priority: Priority, _ limit: Int) -> [DueHead] {
            guard limit > 0 else { return [] }
            return lane(channel, priority).elements.prefix(limit).prefix { $0.at <= now }.compactMap { key in
                deliveryRows[key.id]?.delivery.head
            }
        }
        let others = min(limit, others)
        let share = limit < 4 ? 0 : max(1, limit / 20)
        let low = heads(.low, max(share, others))
        let first = low.prefix(share)
        let high = heads(.high, limit - first.count)
        let room = max(0, min(others, limit - high.count) - first.count)
        let normal = heads(.normal, room)
        return high + first + normal + low.dropFirst(first.count).prefix(room - normal.count)
    }

    public func nextDelivery() throws -> Timestamp? {
        // Lanes of channels that send.
        var earliest: Timestamp?
        for (place, lane) in waiting.enumerated() where place / 3 != Channel.inApp.place {
            guard let first = lane.first else { continue }
            earliest = min(earliest ?? first.at, first.at)
        }
        return earliest
    }

    public func deliveries(in state: DeliveryState, limit: Int) throws -> [Delivery] {
        let ids: [DeliveryID]
        switch state {
        case .ambiguous: ids = Array(ambiguousDeliveries.elements)
        case .ready, .retryWait: ids = waiting.flatMap { $0.elements.map(\.id) }.sorted()
        default: return Array(deliveryRows.all.lazy.map(\.delivery).filter { $0.state == state }.sorted { $0.id < $1.id }.prefix(limit))
        }
        return Array(ids.lazy.compactMap { self.deliveryRows[$0]?.delivery }.filter { $0.state == state }.prefix(limit))
    }

    public func deliveries(matching query: DeliveryQuery) throws -> [Delivery] {
        let ids: [NoticeID]
        if let customer = query.customer {
            ids = noticesByCustomer[customer]
        } else if let order = query.order {
            ids = noticesByOrder[order]
        } else {
            ids = (0..<notices.count).map { NoticeID($0 + 1) }
        }
        var found: [Delivery] = []
        for id in ids.sorted(by: >) {
            guard let notice = try notice(id), query.kind.map({ $0 == notice.kind }) ?? true else { continue }
            for delivery in try deliveries(ofNotice: id).reversed() where query.fits(delivery) {
                guard found.count < query.limit else { return found }
                found.append(delivery)
            }
        }
        return found
    }

    // MARK: T2, T3, T5

    public func cancelWaiting(ofEpisode episode: EpisodeID, reason: ReasonCode, at now: Timestamp) throws -> [Delivery] {
        var cancelled: [Delivery] = []
        for delivery in try deliveries(ofEpisode: episode) {
            if delivery.state == .inflight {
                _ = change(delivery.id) { ($0.cancelWanted, $0.changedAt) = (true, now) }
            } else if delivery.state.isWaiting {
                _ = change(delivery.id) { ($0.state, $0.reason, $0.nextAt, $0.changedAt) = (.cancelled, reason, nil, now) }
                cancelled.append(deliveryRows[delivery.id]?.delivery ?? delivery)
            }
        }
        return cancelled
    }

    public func revive(_ delivery: DeliveryID, at now: Timestamp, expires: Timestamp) throws -> Bool {
        change(delivery, where: { $0.state == .dead }) {
            ($0.state, $0.reason, $0.nextAt, $0.expires, $0.changedAt) = (.ready, nil, now, expires, now)
        }
    }

    public func settle(_ delivery: DeliveryID, as state: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?, at now: Timestamp) throws
        -> Bool
    {
        change(delivery, where: \.state.isWaiting) {
            ($0.state, $0.reason, $0.nextAt, $0.changedAt) = (state, reason, Self.due(state, nextAt, at: now), now)
        }
    }

    public func advance(
        _ delivery: DeliveryID, from: DeliveryState, to next: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?, messageID: String?,
        at now: Timestamp
    ) throws -> Bool {
        change(delivery, where: { $0.state == from }) {
            ($0.state, $0.reason, $0.nextAt) = (next, reason, Self.due(next, nextAt, at: now))
            ($0.providerID, $0.changedAt) = ($0.providerID ?? messageID, now)
        }
    }
}

extension DeliveryState {
    var isWaiting: Bool { self == .ready || self == .retryWait }
}

extension Delivery {
    fileprivate var head: DueHead {
        DueHead(id: id, state: state, reason: reason, nextAt: nextAt, expires: expires, tries: tries, account: account)
    }
}

extension DeliveryQuery {
    fileprivate func fits(_ delivery: Delivery) -> Bool {
        delivery.id < before ?? .max && (order == nil || order == delivery.order) && (customer == nil || customer == delivery.customer)
            && (channel == nil || channel == delivery.channel) && (state == nil || state == delivery.state)
            && (since.map { delivery.plannedAt >= $0 } ?? true) && (until.map { delivery.plannedAt < $0 } ?? true)
    }
}
