import Core

// A delivery's order, episode and customer are its notice's: they are stored there only.
extension SQL {
    private static let deliveryColumns: StaticString = """
        SELECT d.id, d.public_id, d.notice, n.episode, n.order_no, n.customer, d.channel, d.lane, d.state, d.reason, d.mode, d.address,
            d.next_at, d.expires, d.tries, d.account, d.provider_id, d.cancel_wanted, d.planned_at, d.changed_at
        """
    // CROSS JOIN fixes which table is read first.
    private static let fromDelivery: StaticString = " FROM delivery d CROSS JOIN notice n ON n.id = d.notice "
    private static let fromNotice: StaticString = " FROM notice n CROSS JOIN delivery d ON d.notice = n.id "

    static let deliveryByID = Query(deliveryColumns, fromDelivery, "WHERE d.id = ?")
    static let deliveryByPublicID = Query(deliveryColumns, fromDelivery, "WHERE d.public_id = ?")
    static let deliveriesOfNotice = Query(deliveryColumns, fromNotice, "WHERE n.id = ? ORDER BY d.id")
    static let deliveriesOfEpisode = Query(deliveryColumns, fromNotice, "WHERE n.episode = ? ORDER BY d.id")
    static let deliveriesDue = Query(
        deliveryColumns, fromDelivery,
        "WHERE d.lane = ? AND d.state IN ('ready', 'retry_wait') AND d.next_at <= ? ORDER BY d.next_at, d.id LIMIT ?")
    static let nextDueOfLane = Query("SELECT min(next_at) FROM delivery WHERE lane = ? AND state IN ('ready', 'retry_wait')")
    static let nextDueTimer = Query("SELECT min(due) FROM timer WHERE state = 'armed'")
    static let deliveriesOpenIn = Query(
        deliveryColumns, fromDelivery,
        "WHERE d.state = ? AND d.state IN ('ready', 'inflight', 'retry_wait', 'ambiguous') ORDER BY d.id LIMIT ?")
    static let deliveriesIn = Query(deliveryColumns, fromDelivery, "WHERE d.state = ? ORDER BY d.id LIMIT ?")
    static let waitingOfEpisode = Query(
        deliveryColumns, fromNotice, "WHERE n.episode = ? AND d.state IN ('ready', 'retry_wait') ORDER BY d.id")

    private static let filter: StaticString = """
        d.id < ?1 AND (?2 IS NULL OR d.channel = ?2) AND (?3 IS NULL OR d.state = ?3) AND (?4 IS NULL OR n.kind = ?4) AND d.planned_at >= ?5
        AND d.planned_at < ?6 AND (?8 IS NULL OR n.order_no = ?8) AND (?9 IS NULL OR n.customer = ?9) ORDER BY d.id DESC LIMIT ?7
        """
    static let matchingOrder = Query(deliveryColumns, fromNotice, "WHERE n.order_no = ?8 AND ", filter)
    static let matchingCustomer = Query(deliveryColumns, fromNotice, "WHERE n.customer = ?9 AND ", filter)
    static let matchingAny = Query(deliveryColumns, fromDelivery, "WHERE ", filter)
}

extension SQLiteReads {
    func delivery(_ id: DeliveryID) throws -> Delivery? { try db.first(SQL.deliveryByID, id, read: delivery) }
    func delivery(publicID: String) throws -> Delivery? { try db.first(SQL.deliveryByPublicID, publicID, read: delivery) }
    func deliveries(ofNotice notice: NoticeID) throws -> [Delivery] { try db.all(SQL.deliveriesOfNotice, notice, read: delivery) }
    func deliveries(ofEpisode episode: EpisodeID) throws -> [Delivery] { try db.all(SQL.deliveriesOfEpisode, episode, read: delivery) }

    /// One query a lane: an index scan over all lanes would pass every waiting row that is not due yet.
    func dueDeliveries(at now: Timestamp, limit: Int) throws -> [Delivery] {
        var due: [Delivery] = []
        for lane in Self.lanes where due.count < limit {
            try db.forEach(SQL.deliveriesDue, lane, now, limit - due.count) { due.append(try delivery($0)) }
        }
        return due
    }

    func nextDue() throws -> NextDue {
        let lanes = try Self.lanes.compactMap { lane in try db.first(SQL.nextDueOfLane, lane, read: { $0.timeOrNil(0) }) ?? nil }
        return NextDue(delivery: lanes.min(), timer: try db.first(SQL.nextDueTimer) { $0.timeOrNil(0) } ?? nil)
    }

    func deliveries(in state: DeliveryState, limit: Int) throws -> [Delivery] {
        try db.all(state.isFinal ? SQL.deliveriesIn : SQL.deliveriesOpenIn, state, limit, read: delivery)
    }

    func deliveries(matching query: DeliveryQuery) throws -> [Delivery] {
        var party: Int64?
        if let customer = query.customer {
            party = try ring.party(of: customer, in: db)?.id
            guard party != nil else { return [] }
        }
        let plan = query.order != nil ? SQL.matchingOrder : party != nil ? SQL.matchingCustomer : SQL.matchingAny
        return try db.all(
            plan, query.before ?? .max, query.channel, query.state, query.kind, query.since?.milliseconds ?? .min,
            query.until?.milliseconds ?? .max, query.limit, query.order, party, read: delivery)
    }

    private static var lanes: [Int] { Priority.allCases.map(\.lane).sorted() }

    fileprivate func delivery(_ row: Row) throws -> Delivery {
        let (publicID, party, channel) = (row.text(1), row.int(5), try row.word(6, Channel.self))
        guard let priority = Priority.allCases.first(where: { Int64($0.lane) == row.int(7) }) else {
            throw StoreError.integrity("delivery \(publicID) has no priority")
        }
        var delivery = Delivery(
            id: row.int(0), publicID: publicID, notice: row.int(2), episode: row.int(3), order: try row.order(4),
            customer: try customer(party),
            channel: channel, priority: priority, state: try row.word(8), reason: try row.wordOrNil(9), mode: try row.word(10),
            address: try address(row.blobOrNil(11), of: party, channel, publicID), nextAt: row.timeOrNil(12), expires: row.time(13),
            tries: Int(row.int(14)), account: row.textOrNil(15), providerID: row.textOrNil(16), cancelWanted: row.bool(17),
            plannedAt: row.time(18))
        delivery.changedAt = row.time(19)
        return delivery
    }

    private func address(_ box: [UInt8]?, of party: Int64, _ channel: Channel, _ publicID: String) throws -> Sensitive<Address> {
        guard let box else { return Sensitive(.inbox) }
        let context = Self.addressContext(publicID)
        guard let address = Address(channel: channel, text: String(decoding: try open(box, of: party, context), as: UTF8.self)) else {
            throw StoreError.integrity("\(context) holds no address of the channel")
        }
        return Sensitive(address)
    }

    static func addressContext(_ publicID: String) -> String { "delivery/\(publicID)/address" }
}

extension SQL {
    static let insertDelivery = Query(
        """
        INSERT INTO delivery (public_id, notice, channel, lane, state, reason, mode, address, next_at, expires, tries, account, provider_id,
            cancel_wanted, planned_at, changed_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (notice, channel) DO NOTHING
        """)
    static let partyOfNotice = Query("SELECT customer FROM notice WHERE id = ?")
    static let cancelWaiting = Query(
        """
        UPDATE delivery SET state = 'cancelled', reason = ?, next_at = NULL, changed_at = ?
        WHERE notice IN (SELECT id FROM notice WHERE episode = ?) AND state IN ('ready', 'retry_wait')
        """)
    static let wantCancel = Query(
        "UPDATE delivery SET cancel_wanted = 1, changed_at = ? WHERE notice IN (SELECT id FROM notice WHERE episode = ?) AND state = 'inflight'"
    )
    static let revive = Query(
        "UPDATE delivery SET state = 'ready', reason = NULL, next_at = ?1, expires = ?2, changed_at = ?1 WHERE id = ?3 AND state = 'dead'")
    static let settle = Query(
        "UPDATE delivery SET state = ?, reason = ?, next_at = ?, changed_at = ? WHERE id = ? AND state IN ('ready', 'retry_wait')")
}

extension SQLiteWrites {
    func insert(_ delivery: Delivery) throws -> DeliveryID? {
        guard let party = try db.first(SQL.partyOfNotice, delivery.notice, read: { try self.ring.party($0.int(0), in: self.db) }) else {
            throw StoreError.integrity("there is no notice \(delivery.notice)")
        }
        var box: [UInt8]?
        let address = delivery.address.reveal(for: .sealing)
        if address != .inbox {
            guard Address(channel: delivery.channel, text: address.text) == address else {
                throw StoreError.integrity("delivery \(delivery.publicID) has no address of its channel")
            }
            box = try Seal.close(address.text.utf8, key: party.key, context: Self.addressContext(delivery.publicID))
        }
        let changed = try db.run(
            SQL.insertDelivery, delivery.publicID, delivery.notice, delivery.channel, delivery.priority.lane, delivery.state,
            delivery.reason,
            delivery.mode, box, due(delivery.state, delivery.nextAt, at: delivery.plannedAt), delivery.expires, delivery.tries,
            delivery.account, delivery.providerID, delivery.cancelWanted, delivery.plannedAt, delivery.changedAt)
        return changed > 0 ? db.lastInsertedID : nil
    }

    /// A waiting delivery without a time would wait for ever: it is due at once.
    func due(_ state: DeliveryState, _ nextAt: Timestamp?, at now: Timestamp) -> Timestamp? {
        nextAt ?? (state == .ready || state == .retryWait ? now : nil)
    }

    func cancelWaiting(ofEpisode episode: EpisodeID, reason: ReasonCode, at now: Timestamp) throws -> [Delivery] {
        var cancelled = try db.all(SQL.waitingOfEpisode, episode, read: delivery)
        if !cancelled.isEmpty { try db.run(SQL.cancelWaiting, reason, now, episode) }
        try db.run(SQL.wantCancel, now, episode)
        for index in cancelled.indices {
            (cancelled[index].state, cancelled[index].reason, cancelled[index].nextAt, cancelled[index].changedAt) = (
                .cancelled, reason, nil, now
            )
        }
        return cancelled
    }

    func revive(_ delivery: DeliveryID, at now: Timestamp, expires: Timestamp) throws -> Bool {
        try db.run(SQL.revive, now, expires, delivery) > 0
    }

    func settle(_ delivery: DeliveryID, as state: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?, at now: Timestamp) throws -> Bool
    {
        try db.run(SQL.settle, state, reason, due(state, nextAt, at: now), now, delivery) > 0
    }
}
