import Core

extension SQL {
    private static let noticeColumns: StaticString = """
        SELECT id, episode, episode_version, order_no, anomaly, audience, customer, kind, stage, variant, priority, reason, locale, time_zone,
            private_preview, revision, facts, planned_at, event FROM notice
        """
    static let noticeByID = Query(noticeColumns, " WHERE id = ?")
    static let noticesOfOrder = Query(noticeColumns, " WHERE order_no = ? ORDER BY id")
    static let nextNotice = Query("SELECT coalesce(max(id), 0) + 1 FROM notice")
    static let insertNotice = Query(
        """
        INSERT INTO notice (id, episode, episode_version, order_no, anomaly, audience, customer, kind, stage, variant, priority, reason, locale,
            time_zone, private_preview, revision, facts, planned_at, event)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
}

extension SQLiteReads {
    func notice(_ id: NoticeID) throws -> Notice? { try db.first(SQL.noticeByID, id, read: notice) }
    func notices(ofOrder order: OrderNumber) throws -> [Notice] { try db.all(SQL.noticesOfOrder, order, read: notice) }

    private func notice(_ row: Row) throws -> Notice {
        let party = row.int(6)
        return Notice(
            id: row.int(0), episode: row.int(1), episodeVersion: row.int(2), order: try row.order(3), anomaly: row.text(4),
            audience: try row.word(5), customer: try customer(party), kind: try row.word(7), stage: try row.word(8),
            variant: row.textOrNil(9),
            priority: try row.word(10), reason: try row.word(11), locale: try row.word(12), timeZone: row.text(13),
            privatePreview: row.bool(14),
            templateRevision: row.text(15), facts: try openFacts(row.blob(16), of: party, Self.noticeContext(row.int(0))),
            plannedAt: row.time(17), event: row.intOrNil(18))
    }

    static func noticeContext(_ id: NoticeID) -> String { "notice/\(id)/facts" }
}

extension SQLiteWrites {
    func insert(_ notice: Notice) throws -> NoticeID {
        let id = try nextID(SQL.nextNotice)
        let party = try makeParty(notice.customer)
        let facts = try Seal.close(notice.facts.json.bytes, key: party.key, context: Self.noticeContext(id))
        try db.run(
            SQL.insertNotice, id, notice.episode, notice.episodeVersion, notice.order, notice.anomaly, notice.audience, party.id,
            notice.kind,
            notice.stage, notice.variant, notice.priority, notice.reason, notice.locale, notice.timeZone, notice.privatePreview,
            notice.templateRevision, facts, notice.plannedAt, notice.event)
        return id
    }
}
