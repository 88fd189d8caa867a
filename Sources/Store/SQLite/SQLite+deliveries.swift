import Core

// A delivery's order, episode and customer are its notice's, and so is its address unless it was added to the notice later.
extension SQL {
    private static let deliveryColumns: StaticString = """
        SELECT d.id, d.salt, n.episode, n.order_no, n.customer, d.channel, d.lane, d.state, d.reason, d.mode, d.address, n.box, d.next_at,
            d.expires, d.tries, d.account, d.provider_id, d.cancel_wanted, d.planned_at, d.changed_at
        """
    // CROSS JOIN fixes which table is read first.
    private static let fromDelivery: StaticString = " FROM delivery d CROSS JOIN notice n ON n.id = d.id >> 3 "
    private static let fromNotice: StaticString = " FROM notice n CROSS JOIN delivery d ON d.id BETWEEN n.id << 3 AND n.id << 3 | 7 "
    private static let fromOrder: StaticString = """
         FROM (
            SELECT n.id FROM episode e CROSS JOIN notice n ON n.episode = e.id AND n.episode > 0 WHERE e.order_no = ?8
            UNION ALL SELECT n.id FROM notice n WHERE n.episode = 0 AND n.order_no = ?8
        ) o CROSS JOIN notice n ON n.id = o.id CROSS JOIN delivery d ON d.id BETWEEN n.id << 3 AND n.id << 3 | 7
        """

    static let deliveryByID = Query(deliveryColumns, fromDelivery, "WHERE d.id = ?")
    static let deliveryBySalt = Query(deliveryColumns, fromDelivery, "WHERE d.id = ? AND d.salt = ?")
    static let deliveriesOfNotice = Query(deliveryColumns, fromNotice, "WHERE n.id = ? ORDER BY d.id")
    static let deliveriesOfEpisode = Query(deliveryColumns, fromNotice, "WHERE n.episode = ? AND n.episode > 0 ORDER BY d.id")
    static let dueHeads = Query(
        """
        SELECT id, state, reason, next_at, expires, tries, account FROM delivery
        WHERE channel = ? AND lane = ? AND state IN ('ready', 'retry_wait') AND next_at <= ? ORDER BY next_at, id LIMIT ?
        """)
    static let nextDueOfLane = Query(
        "SELECT min(next_at) FROM delivery WHERE channel = ? AND lane = ? AND state IN ('ready', 'retry_wait')")
    static let deliveriesWaiting = Query(
        deliveryColumns, fromDelivery, "WHERE d.state = ? AND d.state IN ('ready', 'retry_wait') ORDER BY d.id LIMIT ?")
    static let deliveriesInDoubt = Query(
        deliveryColumns, fromDelivery, "WHERE d.state = ? AND d.state = 'ambiguous' ORDER BY d.id LIMIT ?")
    static let deliveriesIn = Query(deliveryColumns, fromDelivery, "WHERE d.state = ? ORDER BY d.id LIMIT ?")
    static let waitingOfEpisode = Query(
        deliveryColumns, fromNotice, "WHERE n.episode = ? AND n.episode > 0 AND d.state IN ('ready', 'retry_wait') ORDER BY d.id")

    private static let filter: StaticString = """
         d.id < ?1 AND (?2 IS NULL OR d.channel = ?2) AND (?3 IS NULL OR d.state = ?3) AND (?4 IS NULL OR n.kind = ?4) AND d.planned_at >= ?5
        AND d.planned_at < ?6 AND (?8 IS NULL OR n.order_no = ?8) AND (?9 IS NULL OR n.customer = ?9) ORDER BY d.id DESC LIMIT ?7
        """
    static let matchingOrder = Query(deliveryColumns, fromOrder, " WHERE ", filter)
    static let matchingCustomer = Query(deliveryColumns, fromNotice, "WHERE n.customer = ?9 AND ", filter)
    static let matchingAny = Query(deliveryColumns, fromDelivery, "WHERE ", filter)
}

extension SQLiteReads {
    func delivery(_ id: DeliveryID) throws -> Delivery? { try db.first(SQL.deliveryByID, { $0(id) }, read: delivery) }
    func delivery(publicID: String) throws -> Delivery? {
        guard let (id, salt) = ring.names.read(publicID, "dlv_") else { return nil }
        return try db.first(SQL.deliveryBySalt, { $0(id, salt) }, read: delivery)
    }
    func deliveries(ofNotice notice: NoticeID) throws -> [Delivery] { try db.all(SQL.deliveriesOfNotice, { $0(notice) }, read: delivery) }
    func deliveries(ofEpisode episode: EpisodeID) throws -> [Delivery] {
        try db.all(SQL.deliveriesOfEpisode, { $0(episode) }, read: delivery)
    }

    func waiting(ofEpisode episode: EpisodeID) throws -> [Delivery] { try db.all(SQL.waitingOfEpisode, { $0(episode) }, read: delivery) }

    /// One query a lane: an index scan over all lanes would pass every waiting row that is not due yet.
    func dueHeads(on channel: Channel, at now: Timestamp, limit: Int, others: Int) throws -> [DueHead] {
        func heads(_ priority: Priority, _ limit: Int) throws -> [DueHead] {
            limit > 0 ? try dueHeads(on: channel, lane: priority.lane, at: now, limit: limit) : []
        }
        let others = min(limit, others)
        let share = limit < 4 ? 0 : max(1, limit / 20)
        let low = try heads(.low, max(share, others))
        let first = low.prefix(share)
        let high = try heads(.high, limit - first.count)
        let room = max(0, min(others, limit - high.count) - first.count)
        let normal = try heads(.normal, room)
        return high + first + normal + low.dropFirst(first.count).prefix(room - normal.count)
    }

    private func dueHeads(on channel: Channel, lane: Int, at now: Timestamp, limit: Int) throws -> [DueHead] {
        try db.all(SQL.dueHeads, { $0(channel, lane, now, limit) }) { row in
            DueHead(
                id: row.int(0), state: try row.word(1), reason: try row.wordOrNil(2), nextAt: row.timeOrNil(3), expires: row.time(4),
                tries: Int(row.int(5)), account: row.textOrNil(6))
        }
    }

    func nextDelivery() throws -> Timestamp? {
        var earliest: Timestamp?
        for channel in Channel.allCases where channel != .inApp {
            for lane in Self.lanes {
                guard let due = try db.first(SQL.nextDueOfLane, { $0(channel, lane) }, read: { $0.timeOrNil(0) }) ?? nil else { continue }
                earliest = earliest.map { min($0, due) } ?? due
            }
        }
        return earliest
    }

    func deliveries(in state: DeliveryState, limit: Int) throws -> [Delivery] {
        let query =
            switch state {
            case .ready, .retryWait: SQL.deliveriesWaiting
            case .ambiguous: SQL.deliveriesInDoubt
            default: SQL.deliveriesIn
            }
        return try db.all(query, { $0(state, limit) }, read: delivery)
    }

    func deliveries(matching query: DeliveryQuery) throws -> [Delivery] {
        var party: Int64?
        if let customer = query.customer {
            party = try ring.party(of: customer, in: db)?.id
            guard party != nil else { return [] }
        }
        let plan = query.order != nil ? SQL.matchingOrder : party != nil ? SQL.matchingCustomer : SQL.matchingAny
        let bind: Connection.Bind = {
            $0(query.before ?? .max, query.channel, query.state, query.kind)
            $0(query.since?.milliseconds ?? .min, query.until?.milliseconds ?? .max, query.limit, query.order, party)
        }
        return try db.all(plan, bind, read: delivery)
    }

    private static let lanes = Priority.allCases.map(\.lane)

    private func delivery(_ row: Row) throws -> Delivery {
        let (id, party, channel, state) = (row.int(0), row.int(4), try row.word(5, Channel.self), try row.word(7, DeliveryState.self))
        let publicID = ring.names.name("dlv_", id, salt: row.int(1))
        var delivery = Delivery(
            id: id, publicID: publicID, notice: RowID.notice(of: id), episode: row.int(2), order: try row.order(3),
            customer: try customer(party), channel: channel, priority: try row.priority(6), state: state, reason: try row.wordOrNil(8),
            mode: try row.word(9), address: try address(row, of: party, id, channel), nextAt: row.timeOrNil(12), expires: row.time(13),
            tries: Int(row.int(14)), account: row.textOrNil(15), providerID: row.textOrNil(16), cancelWanted: row.bool(17),
            plannedAt: row.time(18))
        delivery.changedAt = row.time(19)
        return delivery
    }

    /// Of its own box, or of its notice's; one that was blocked for want of an address has none, nor one whose address is kept no longer.
    private func address(_ row: Row, of party: Int64, _ id: DeliveryID, _ channel: Channel) throws -> Sensitive<Address> {
        guard channel != .inApp else { return Sensitive(.inbox) }
        guard let box = row.blobOrNil(10) else {
            return try noticeBox(row.blob(11), of: party, RowID.notice(of: id)).address(channel) ?? Sensitive(.inbox)
        }
        let context = Self.addressContext(id)
        guard let text = try open(box, of: party, context) else { return Sensitive(.inbox) }
        guard let address = Address(channel: channel, text: String(decoding: text, as: UTF8.self)) else {
            throw StoreError.integrity("\(context) holds no address of the channel")
        }
        return Sensitive(address)
    }

    static func addressContext(_ id: DeliveryID) -> Context { Context("delivery", id, "address") }
}
