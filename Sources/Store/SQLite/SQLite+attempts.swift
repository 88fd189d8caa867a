import Core

extension SQL {
    private static let attemptColumns: StaticString = """
        SELECT id, public_id, delivery, number, state, account, idempotency_key, digest, content_key, content_context, content, call_key,
            call_context, call, bound, started_at, deadline, boot_id, recorder_slot, finished_at, outcome, detail, provider_id FROM attempt
        """
    static let attemptsOfDelivery = Query(attemptColumns, " WHERE delivery = ? ORDER BY number")
    static let intents = Query(attemptColumns, " WHERE state = 'intent' AND state IN ('intent', 'ambiguous') ORDER BY id")
    static let attemptsOpenIn = Query(attemptColumns, " WHERE state = ? AND state IN ('intent', 'ambiguous') ORDER BY id LIMIT ?")
    static let attemptsIn = Query(attemptColumns, " WHERE state = ? ORDER BY id LIMIT ?")

    static let takeDelivery = Query(
        """
        UPDATE delivery SET state = 'inflight', reason = NULL, next_at = NULL, tries = tries + 1, account = ?, changed_at = ?
        WHERE id = ? AND state IN ('ready', 'retry_wait')
        """)
    static let insertAttempt = Query(
        """
        INSERT INTO attempt (public_id, delivery, number, state, account, idempotency_key, digest, content_key, content_context, content,
            call_key, call_context, call, bound, started_at, deadline, boot_id, recorder_slot)
        VALUES (?, ?, ?, 'intent', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    static let finishAttempt = Query(
        """
        UPDATE attempt SET state = ?, outcome = ?, detail = ?, provider_id = coalesce(?, provider_id), finished_at = ?
        WHERE id = ? AND state IN ('intent', 'ambiguous')
        """)
    static let ambiguousOfDelivery = Query("SELECT number FROM attempt WHERE delivery = ? AND state = 'ambiguous' ORDER BY number")
    static let settleAttempts = Query("UPDATE attempt SET state = 'settled' WHERE delivery = ? AND state = 'ambiguous'")
    static let followAttempt = Query(
        """
        UPDATE delivery SET state = ?, reason = ?, next_at = ?, provider_id = coalesce(?, provider_id), changed_at = ?
        WHERE id = (SELECT delivery FROM attempt WHERE id = ?)
        """)
}

extension SQLiteReads {
    func attempts(ofDelivery delivery: DeliveryID) throws -> [Attempt] { try db.all(SQL.attemptsOfDelivery, delivery, read: attempt) }
    func openIntents() throws -> [Attempt] { try db.all(SQL.intents, read: attempt) }
    func attempts(in state: AttemptState, limit: Int) throws -> [Attempt] {
        try db.all(state == .intent || state == .ambiguous ? SQL.attemptsOpenIn : SQL.attemptsIn, state, limit, read: attempt)
    }

    private func attempt(_ row: Row) throws -> Attempt {
        let content = SealedBytes(key: row.text(8), context: row.text(9), box: row.blob(10))
        let call = SealedBytes(key: row.text(11), context: row.text(12), box: row.blob(13))
        guard bond(row.text(1), content, call) == row.blob(14) else {
            throw StoreError.integrity("attempt \(row.text(1)) does not hold its own sealed bytes")
        }
        var attempt = Attempt(
            id: row.int(0), publicID: row.text(1), delivery: row.int(2), number: Int(row.int(3)), state: try row.word(4),
            account: row.text(5),
            idempotencyKey: row.text(6), digest: row.blob(7), content: content, call: call, startedAt: row.time(15), deadline: row.time(16),
            bootID: row.text(17), recorderSlot: Int(row.int(18)))
        (attempt.finishedAt, attempt.outcome, attempt.detail) = (row.timeOrNil(19), try row.wordOrNil(20), row.textOrNil(21))
        attempt.providerID = row.textOrNil(22)
        return attempt
    }

    /// Ties sealed bytes to their row. Their own context cannot: the caller made it, and it is stored beside them, so whole triples could be
    /// swapped between two rows.
    fileprivate func bond(_ publicID: String, _ content: SealedBytes, _ call: SealedBytes) -> [UInt8] {
        var bytes = Array(publicID.utf8)
        for sealed in [content, call] {
            for part in [Array(sealed.key.utf8), Array(sealed.context.utf8), sealed.box.suffix(16)] {
                bytes.append(0)
                bytes.append(contentsOf: part)
            }
        }
        return ring.lookup.hash(bytes, for: .attempt)
    }
}

extension SQLiteWrites {
    func begin(_ attempt: Attempt, at now: Timestamp) throws -> AttemptID? {
        guard try db.run(SQL.takeDelivery, attempt.account, now, attempt.delivery) > 0 else { return nil }
        try db.run(
            SQL.insertAttempt, attempt.publicID, attempt.delivery, attempt.number, attempt.account, attempt.idempotencyKey, attempt.digest,
            attempt.content.key, attempt.content.context, attempt.content.box, attempt.call.key, attempt.call.context, attempt.call.box,
            bond(attempt.publicID, attempt.content, attempt.call), attempt.startedAt, attempt.deadline, attempt.bootID, attempt.recorderSlot
        )
        return db.lastInsertedID
    }

    func finish(
        _ attempt: AttemptID, as result: AttemptResult, delivery next: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?,
        at now: Timestamp
    ) throws -> Bool {
        guard try db.run(SQL.finishAttempt, result.state, result.outcome, result.detail, result.providerID, now, attempt) > 0 else {
            return false
        }
        try db.run(SQL.followAttempt, next, reason, due(next, nextAt, at: now), result.providerID, now, attempt)
        return true
    }

    func closeAmbiguous(ofDelivery delivery: DeliveryID) throws -> [Int] {
        let numbers = try db.all(SQL.ambiguousOfDelivery, delivery) { Int($0.int(0)) }
        if !numbers.isEmpty { try db.run(SQL.settleAttempts, delivery) }
        return numbers
    }
}
