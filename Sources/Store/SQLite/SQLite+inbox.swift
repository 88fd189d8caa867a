import Core

// An item of the inbox is the delivery in the app, its words are in its notice's box.
extension SQL {
    private static let inboxColumns: StaticString = """
        SELECT d.id, d.salt, n.customer, n.order_no, n.kind, n.stage, n.locale, n.box, d.planned_at, d.seen_at, d.read_at
        """
    private static let ofCustomer: StaticString = """
         FROM notice n CROSS JOIN delivery d ON d.id = (n.id << 3 | 3) WHERE n.customer = ? AND d.state = 'delivered' AND n.gone & 2 = 0
        """
    private static let newestFirst: StaticString = " AND d.id < ? ORDER BY d.id DESC LIMIT ?"
    static let inboxAll = Query(inboxColumns, ofCustomer, newestFirst)
    static let inboxUnread = Query(inboxColumns, ofCustomer, " AND d.read_at IS NULL", newestFirst)
    static let inboxItem = Query(inboxColumns, ofCustomer, " AND d.id = ? AND d.salt = ?")
    static let inboxNewest = Query(
        inboxColumns,
        """
         FROM delivery d CROSS JOIN notice n ON n.id = d.id >> 3 WHERE d.id & 7 = 3 AND d.state = 'delivered' AND n.gone & 2 = 0 ORDER BY d.id DESC LIMIT ?
        """)
    static let inboxCounts = Query(
        "SELECT count(*) FILTER (WHERE d.seen_at IS NULL), count(*)", ofCustomer, " AND d.read_at IS NULL")
    static let markInboxItem = Query(
        """
        UPDATE delivery SET seen_at = coalesce(seen_at, ?3, ?4), read_at = coalesce(read_at, ?4)
        WHERE id = ?1 AND salt = ?2 AND channel = 'in_app'
            AND ((seen_at IS NULL AND coalesce(?3, ?4) IS NOT NULL) OR (read_at IS NULL AND ?4 IS NOT NULL))
        """)
}

extension SQLiteReads {
    func inbox(customer: String, unreadOnly: Bool, before: Int64?, limit: Int) throws -> [InboxItem] {
        guard let party = try ring.party(of: customer, in: db) else { return [] }
        let query = unreadOnly ? SQL.inboxUnread : SQL.inboxAll
        return try db.all(query, { $0(party.id, before ?? .max, limit) }, read: inboxItem).compactMap(\.self)
    }

    func newestInboxItems(limit: Int) throws -> [InboxItem] {
        try db.all(SQL.inboxNewest, { $0(limit) }, read: inboxItem).compactMap(\.self)
    }

    func inboxItem(publicID: String, customer: String) throws -> InboxItem? {
        guard let party = try ring.party(of: customer, in: db), let (id, salt) = ring.names.read(publicID, "msg_") else { return nil }
        return try db.first(SQL.inboxItem, { $0(party.id, id, salt) }, read: inboxItem) ?? nil
    }

    func inboxCounts(customer: String) throws -> (unseen: Int, unread: Int) {
        guard let party = try ring.party(of: customer, in: db) else { return (0, 0) }
        return try db.first(SQL.inboxCounts, { $0(party.id) }) { (unseen: Int($0.int(0)), unread: Int($0.int(1))) } ?? (0, 0)
    }

    /// Nil when its words are destroyed with their customer's key.
    private func inboxItem(_ row: Row) throws -> InboxItem? {
        let (id, party) = (row.int(0), row.int(2))
        guard try !ring.party(party, in: db).isErased else { return nil }
        guard let words = try noticeBox(row.blob(7), of: party, RowID.notice(of: id)).inApp else {
            throw StoreError.integrity("a notice holds no words for the app")
        }
        return InboxItem(
            id: id, publicID: ring.names.name("msg_", id, salt: row.int(1)), delivery: id, customer: try customer(party),
            order: try row.order(3), kind: try row.word(4), stage: try row.word(5), locale: try row.word(6), title: words.title,
            body: words.body, createdAt: row.time(8), seenAt: row.timeOrNil(9), readAt: row.timeOrNil(10))
    }
}

extension SQLiteWrites {
    func mark(inboxItem publicID: String, customer: String, seen: Timestamp?, read: Timestamp?) throws -> Bool {
        guard let party = try ring.party(of: customer, in: db), let (id, salt) = ring.names.read(publicID, "msg_"),
            try db.first(SQL.partyOfNotice, { $0(RowID.notice(of: id)) }, read: { $0.int(0) }) == party.id
        else { return false }
        guard try db.run(SQL.markInboxItem, { $0(id, salt, seen, read) }) > 0 else { return false }
        try changed(id)
        return true
    }
}
