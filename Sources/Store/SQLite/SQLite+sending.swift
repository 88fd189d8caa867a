import Core

// What T3 and T4 ask of the store beyond the rows themselves. Nothing is opened that is not needed.
extension SQL {
    // The only attempt of a delivery that is on its first one is the open one.
    static let standing = Query(
        """
        SELECT state, cancel_wanted, tries, CASE WHEN tries > 1 OR state <> 'inflight'
            THEN EXISTS (SELECT 1 FROM attempt a WHERE a.delivery = d.id AND a.state = 'ambiguous') ELSE 0 END
        FROM delivery d WHERE d.id = ?
        """)
    static let setMarks = Query(
        """
        UPDATE dedupe SET status = ?1 WHERE channel = ?3
            AND (anomaly, audience) = (SELECT n.anomaly, n.audience FROM notice n WHERE n.id = ?2)
        """)
}

extension SQLiteReads {
    func standing(ofDelivery id: DeliveryID) throws -> DeliveryStanding? {
        try db.first(SQL.standing, id) { row in
            DeliveryStanding(
                state: try row.word(0), isCancelWanted: row.bool(1), tries: Int(row.int(2)), mayBeThere: row.bool(3))
        }
    }
}

extension SQLiteWrites {
    func setMarks(_ status: DedupeMark.Status, ofNotice notice: NoticeID, channel: Channel) throws {
        try db.run(SQL.setMarks, status, notice, channel)
    }
}
