import Core

extension SQL {
    private static let receiptColumns: StaticString = """
        SELECT account, reference, status, code, message_id, blame, delivery, received_at FROM receipt
        """
    static let receiptsOfDelivery = Query(
        receiptColumns, " WHERE delivery = ? AND delivery IS NOT NULL ORDER BY received_at, status, code")
    static let receiptsUnmatched = Query(receiptColumns, " WHERE account = ? AND reference = ? AND delivery IS NULL ORDER BY received_at")
    static let referencesUnmatched = Query(
        "SELECT DISTINCT reference FROM receipt WHERE account = ? AND delivery IS NULL LIMIT ?")
    static let countReceipts = Query(
        """
        SELECT account, status, delivery IS NOT NULL, count(*) FROM receipt GROUP BY account, status, delivery IS NOT NULL
        ORDER BY account, status, delivery IS NOT NULL
        """)
    static let insertReceipt = Query(
        """
        INSERT INTO receipt (account, reference, status, code, message_id, blame, delivery, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """)
    static let matchReceipts = Query("UPDATE receipt SET delivery = ? WHERE account = ? AND reference = ? AND delivery IS NULL")
    static let keepMessage = Query("INSERT INTO message_id (account, id, attempt) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    static let advance = Query(
        """
        UPDATE delivery SET state = ?, reason = ?, next_at = ?, provider_id = coalesce(provider_id, ?), changed_at = ?
        WHERE id = ? AND state = ?
        """)
    static let hastenTimer = Query(
        """
        UPDATE timer SET due = ?1
        WHERE episode = ? AND notice = ? AND incident = ? AND step = ? AND argument = ? AND state = 'armed' AND due > ?1
        """)
}

extension SQLiteReads {
    func receipts(ofDelivery delivery: DeliveryID) throws -> [StoredReceipt] {
        try db.all(SQL.receiptsOfDelivery, { $0(delivery) }, read: receipt)
    }
    func unmatchedReceipts(account: String, reference: String) throws -> [StoredReceipt] {
        try db.all(SQL.receiptsUnmatched, { $0(account, reference) }, read: receipt)
    }
    func unmatchedReferences(accounts: [String], limit: Int) throws -> [(account: String, reference: String)] {
        var found: [(account: String, reference: String)] = []
        for account in accounts where found.count < limit {
            found += try db.all(SQL.referencesUnmatched, { $0(account, limit - found.count) }) { (account, $0.text(0)) }
        }
        return found
    }
    func receiptCounts() throws -> [ReceiptCount] {
        try db.all(SQL.countReceipts) { row in
            ReceiptCount(account: row.text(0), status: try row.word(1), isMatched: row.bool(2), count: Int(row.int(3)))
        }
    }

    private func receipt(_ row: Row) throws -> StoredReceipt {
        StoredReceipt(
            account: row.text(0), reference: row.text(1), status: try row.word(2), code: row.text(3), messageID: row.textOrNil(4),
            blame: try row.wordOrNil(5), delivery: row.intOrNil(6), receivedAt: row.time(7))
    }
}

extension SQLiteWrites {
    func insert(_ receipt: StoredReceipt) throws -> Bool {
        try db.run(SQL.insertReceipt) {
            $0(receipt.account, receipt.reference, receipt.status, receipt.code)
            $0(receipt.messageID, receipt.blame, receipt.delivery, receipt.receivedAt)
        } > 0
    }
    func match(receiptsOf reference: String, account: String, to delivery: DeliveryID) throws -> Int {
        try db.run(SQL.matchReceipts) { $0(delivery, account, reference) }
    }
    func keep(messageID: String, account: String, attempt: AttemptID) throws {
        try db.run(SQL.keepMessage) { $0(account, messageID, attempt) }
    }
    func advance(
        _ delivery: DeliveryID, from: DeliveryState, to next: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?, messageID: String?,
        at now: Timestamp
    ) throws -> Bool {
        let isThere =
            try db.run(SQL.advance) {
                $0(next, reason, due(next, nextAt, at: now), messageID, now); $0(delivery, from)
            } > 0
        if isThere { try changed(delivery) }
        return isThere
    }
    func hasten(_ timer: StoredTimer, to now: Timestamp) throws -> Bool {
        try db.run(SQL.hastenTimer) { $0(now, timer.episode, timer.notice, timer.incident, timer.step, timer.argument) } > 0
    }
}
