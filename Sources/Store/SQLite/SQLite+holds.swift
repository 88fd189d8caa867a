import Core

extension SQL {
    private static let holdColumns: StaticString = """
        SELECT id, order_no, customer, bank, rail, kind, channel, who, reason, since, until, ended_at, ended_by, end_reason FROM hold
        """
    static let hold = Query(holdColumns, " WHERE id = ?")
    static let holds = Query(holdColumns, " ORDER BY id DESC LIMIT ?")
    static let holdsNotEnded = Query(holdColumns, " WHERE ended_at IS NULL ORDER BY id")
    static let insertHold = Query(
        """
        INSERT INTO hold (order_no, customer, bank, rail, kind, channel, who, reason, since, until, released)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
        """)
    static let endHold = Query("UPDATE hold SET ended_at = ?, ended_by = ?, end_reason = ? WHERE id = ? AND ended_at IS NULL")
    static let isReleasing = Query("SELECT 1 FROM hold WHERE ended_at IS NOT NULL AND released = 0 LIMIT 1")
    static let released = Query("UPDATE hold SET released = 1 WHERE ended_at IS NOT NULL AND released = 0")

    /// What waits is few beside what is done: its index leads.
    static let waitingInScope = Query(
        """
        SELECT d.channel, count(*), count(*) FILTER (WHERE d.reason = 'on_hold') FROM delivery d CROSS JOIN notice n ON n.id = d.id >> 3
            CROSS JOIN episode e ON e.id = n.episode
        WHERE d.state IN ('ready', 'retry_wait') AND (?1 IS NULL OR n.order_no = ?1) AND (?2 IS NULL OR n.customer = ?2)
            AND (?3 IS NULL OR e.bank = ?3) AND (?4 IS NULL OR e.rail = ?4) AND (?5 IS NULL OR e.kind = ?5)
            AND (?6 IS NULL OR d.channel = ?6)
        GROUP BY d.channel
        """)
    static let heldAfter = Query(
        """
        SELECT id FROM delivery INDEXED BY delivery_held
        WHERE reason = 'on_hold' AND state IN ('ready', 'retry_wait') AND id > ? ORDER BY id LIMIT ?
        """)
    static let dueNow = Query("UPDATE delivery SET next_at = ?, changed_at = ? WHERE id = ? AND next_at > ?")
}

extension SQLiteReads {
    func holds(limit: Int) throws -> [Hold] { try db.all(SQL.holds, { $0(limit) }, read: hold) }
    func hold(_ id: Int64) throws -> Hold? { try db.first(SQL.hold, { $0(id) }, read: hold) }
    func storedHolds(_ query: Query) throws -> [Hold] { try db.all(query, read: hold) }
    func isReleasing() throws -> Bool { try db.first(SQL.isReleasing) { $0.int(0) } != nil }

    func waiting(in scope: HoldScope) throws -> [Channel: HeldCount] {
        var party: Int64?
        if let customer = scope.customer {
            party = try ring.party(of: customer, in: db)?.id
            guard party != nil else { return [:] }
        }
        let rows = try db.all(
            SQL.waitingInScope, { $0(scope.order, party, scope.bank, scope.rail, scope.kind, scope.channel) },
            read: { (try $0.word(0, Channel.self), HeldCount(waiting: Int($0.int(1)), held: Int($0.int(2)))) })
        return Dictionary(uniqueKeysWithValues: rows)
    }

    private func hold(_ row: Row) throws -> Hold {
        let scope = HoldScope(
            order: try row.orderOrNil(1), customer: try row.intOrNil(2).map { try customer($0) }, bank: row.textOrNil(3),
            rail: row.textOrNil(4), kind: try row.wordOrNil(5), channel: try row.wordOrNil(6))
        let ending = row.timeOrNil(11).map { Hold.Ending(at: $0, who: row.textOrNil(12) ?? "", reason: row.textOrNil(13) ?? "") }
        return Hold(
            id: row.int(0), scope: scope, who: row.text(7), reason: row.text(8), since: row.time(9), until: row.timeOrNil(10),
            ending: ending)
    }
}

extension SQLiteWrites {
    func insert(_ hold: Hold) throws -> Int64 {
        let party = try hold.scope.customer.map { try makeParty($0).id }
        try db.run(SQL.insertHold) {
            $0(hold.scope.order, party, hold.scope.bank, hold.scope.rail)
            $0(hold.scope.kind, hold.scope.channel)
            $0(hold.who, hold.reason, hold.since, hold.until)
        }
        known.holds = nil
        return db.lastInsertedID
    }

    func end(hold id: Int64, _ ending: Hold.Ending) throws -> Bool {
        known.holds = nil
        return try db.run(SQL.endHold) { $0(ending.at, ending.who, ending.reason, id) } > 0
    }

    func releaseHeld(after delivery: DeliveryID, limit: Int, at now: Timestamp) throws -> (last: DeliveryID, count: Int)? {
        let held = PlantedBug.keepsHeld.isActive ? [] : try db.all(SQL.heldAfter, { $0(delivery, limit) }) { $0.int(0) }
        guard let last = held.last else {
            try db.run(SQL.released)
            return nil
        }
        for id in held { try db.run(SQL.dueNow) { $0(now, now, id, now) } }
        return (last, held.count)
    }
}
