import Core

extension SQL {
    private static let timerColumns: StaticString = "SELECT id, step, episode, notice, incident, argument, due, state FROM timer"
    static let timersDue = Query(timerColumns, " WHERE state = 'armed' AND due <= ? ORDER BY due, id LIMIT ?")
    static let timersOfEpisode = Query(timerColumns, " WHERE episode = ? ORDER BY id")
    static let armTimer = Query(
        """
        INSERT INTO timer (step, episode, notice, incident, argument, due, state) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (episode, notice, incident, step, argument) DO NOTHING
        """)
    static let cancelTimers = Query("UPDATE timer SET state = 'cancelled' WHERE episode = ? AND state = 'armed'")
    static let fireTimer = Query("UPDATE timer SET state = 'fired', fired_at = ? WHERE id = ? AND state = 'armed'")

    private static let inboxColumns: StaticString = """
        SELECT id, public_id, delivery, customer, order_no, kind, stage, locale, text, created_at, seen_at, read_at FROM inbox_item
        """
    static let inboxAll = Query(inboxColumns, " WHERE customer = ? AND id < ? ORDER BY id DESC LIMIT ?")
    static let inboxUnread = Query(inboxColumns, " WHERE customer = ? AND id < ? AND read_at IS NULL ORDER BY id DESC LIMIT ?")
    static let inboxNewest = Query(inboxColumns, " ORDER BY id DESC LIMIT ?")
    static let inboxItem = Query(inboxColumns, " WHERE public_id = ? AND customer = ?")
    static let inboxCounts = Query(
        "SELECT count(*) FILTER (WHERE seen_at IS NULL), count(*) FROM inbox_item WHERE customer = ? AND read_at IS NULL")
    static let insertInboxItem = Query(
        """
        INSERT INTO inbox_item (public_id, delivery, customer, order_no, kind, stage, locale, text, created_at, seen_at, read_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    static let markInboxItem = Query(
        """
        UPDATE inbox_item SET seen_at = coalesce(seen_at, ?3, ?4), read_at = coalesce(read_at, ?4) WHERE public_id = ?1 AND customer = ?2
        AND ((seen_at IS NULL AND coalesce(?3, ?4) IS NOT NULL) OR (read_at IS NULL AND ?4 IS NOT NULL))
        """)
}

extension SQLiteReads {
    func dueTimers(at now: Timestamp, limit: Int) throws -> [StoredTimer] { try db.all(SQL.timersDue, now, limit, read: timer) }
    func timers(ofEpisode episode: EpisodeID) throws -> [StoredTimer] { try db.all(SQL.timersOfEpisode, episode, read: timer) }

    private func timer(_ row: Row) throws -> StoredTimer {
        StoredTimer(
            id: row.int(0), step: try row.word(1), episode: row.int(2), notice: row.int(3), incident: row.text(4),
            argument: Int(row.int(5)),
            due: row.time(6), state: try row.word(7))
    }
}

extension SQLiteWrites {
    func arm(_ timer: StoredTimer) throws -> Int64? {
        let changed = try db.run(
            SQL.armTimer, timer.step, timer.episode, timer.notice, timer.incident, timer.argument, timer.due, timer.state)
        return changed > 0 ? db.lastInsertedID : nil
    }
    func cancelTimers(ofEpisode episode: EpisodeID) throws { try db.run(SQL.cancelTimers, episode) }
    func fire(_ timer: Int64, at now: Timestamp) throws -> Bool { try db.run(SQL.fireTimer, now, timer) > 0 }
}

// MARK: - In-app

extension SQLiteReads {
    func inbox(customer: String, unreadOnly: Bool, before: Int64?, limit: Int) throws -> [InboxItem] {
        guard let party = try ring.party(of: customer, in: db) else { return [] }
        return try db.all(unreadOnly ? SQL.inboxUnread : SQL.inboxAll, party.id, before ?? .max, limit, read: inboxItem)
    }

    func newestInboxItems(limit: Int) throws -> [InboxItem] { try db.all(SQL.inboxNewest, limit, read: inboxItem) }

    func inboxItem(publicID: String, customer: String) throws -> InboxItem? {
        guard let party = try ring.party(of: customer, in: db) else { return nil }
        return try db.first(SQL.inboxItem, publicID, party.id, read: inboxItem)
    }

    func inboxCounts(customer: String) throws -> (unseen: Int, unread: Int) {
        guard let party = try ring.party(of: customer, in: db) else { return (0, 0) }
        return try db.first(SQL.inboxCounts, party.id) { (unseen: Int($0.int(0)), unread: Int($0.int(1))) } ?? (0, 0)
    }

    private func inboxItem(_ row: Row) throws -> InboxItem {
        let (publicID, party) = (row.text(1), row.int(3))
        let context = Self.inboxContext(publicID)
        let parts = try openJSON(row.blob(8), of: party, context).array?.compactMap(\.string) ?? []
        guard parts.count == 2 else { throw StoreError.integrity("\(context) holds no title and body") }
        return InboxItem(
            id: row.int(0), publicID: publicID, delivery: row.int(2), customer: try customer(party), order: try row.order(4),
            kind: try row.word(5),
            stage: try row.word(6), locale: try row.word(7), title: parts[0], body: parts[1], createdAt: row.time(9),
            seenAt: row.timeOrNil(10),
            readAt: row.timeOrNil(11))
    }

    static func inboxContext(_ publicID: String) -> String { "inbox_item/\(publicID)/text" }
}

extension SQLiteWrites {
    func insert(_ item: InboxItem) throws {
        let party = try makeParty(item.customer)
        let text = JSON.array([.string(item.title), .string(item.body)]).bytes
        try db.run(
            SQL.insertInboxItem, item.publicID, item.delivery, party.id, item.order, item.kind, item.stage, item.locale,
            try Seal.close(text, key: party.key, context: Self.inboxContext(item.publicID)), item.createdAt, item.seenAt, item.readAt)
    }

    func mark(inboxItem publicID: String, customer: String, seen: Timestamp?, read: Timestamp?) throws -> Bool {
        guard let party = try ring.party(of: customer, in: db) else { return false }
        return try db.run(SQL.markInboxItem, publicID, party.id, seen, read) > 0
    }
}
