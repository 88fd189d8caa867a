import Core

extension SQL {
    private static let attemptColumns: StaticString = """
        SELECT id, salt, state, account, idempotency_key, digest, started_at, deadline, boot_id, recorder_slot, finished_at, outcome, detail,
            provider_id, parts FROM attempt
        """
    static let attemptsOfDelivery = Query(attemptColumns, " WHERE id BETWEEN ? AND ? ORDER BY id")
    static let attemptBySalt = Query(attemptColumns, " WHERE id = ? AND salt = ?")
    static let attemptByMessage = Query(attemptColumns, " WHERE id = (SELECT attempt FROM message_id WHERE account = ? AND id = ?)")
    static let intents = Query(attemptColumns, " WHERE state = 'intent' AND state IN ('intent', 'ambiguous') ORDER BY id")
    static let attemptsOpenIn = Query(attemptColumns, " WHERE state = ? AND state IN ('intent', 'ambiguous') ORDER BY id LIMIT ?")
    static let attemptsIn = Query(attemptColumns, " WHERE state = ? ORDER BY id LIMIT ?")
    static let attemptBox = Query("SELECT box FROM attempt_box WHERE id = ?")
    // The only attempt of a delivery that is on its first one is the open one.
    static let standing = Query(
        """
        SELECT state, cancel_wanted, tries, CASE WHEN tries > 1 OR state <> 'inflight'
            THEN EXISTS (SELECT 1 FROM attempt a WHERE a.id BETWEEN d.id << 10 AND d.id << 10 | 1023 AND a.state = 'ambiguous') ELSE 0 END,
            expires
        FROM delivery d WHERE d.id = ?
        """)

    static let takeDelivery = Query(
        "UPDATE delivery SET state = 'inflight', reason = NULL, next_at = NULL, tries = tries + 1, account = ?, changed_at = ? WHERE id = ?",
        PlantedBug.startsTwice.isActive ? "" : " AND state IN ('ready', 'retry_wait')")
    static let insertAttempt = Query(
        """
        INSERT INTO attempt (id, salt, state, account, idempotency_key, digest, started_at, deadline, boot_id, recorder_slot, intent_log, parts)
        VALUES (?, ?, 'intent', ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    static let insertAttemptBox = Query("INSERT INTO attempt_box (id, box) VALUES (?, ?)")
    static let finishIntent = Query(
        """
        UPDATE attempt SET state = ?, outcome = ?, detail = ?, provider_id = ?, finished_at = ?, outcome_log = ? WHERE id = ?
        """, PlantedBug.finishesTwice.isActive ? "" : " AND state = 'intent'")
    static let finishDoubt = Query(
        """
        UPDATE attempt SET state = ?, outcome = ?, detail = ?, provider_id = coalesce(?, provider_id), finished_at = ?
        WHERE id = ? AND state = 'ambiguous'
        """)
    static let ambiguousOfDelivery = Query("SELECT id FROM attempt WHERE id BETWEEN ? AND ? AND state = 'ambiguous' ORDER BY id")
    static let settleAttempts = Query("UPDATE attempt SET state = 'settled' WHERE id BETWEEN ? AND ? AND state = 'ambiguous'")
    static let followAttempt = Query(
        "UPDATE delivery SET state = ?, reason = ?, next_at = ?, provider_id = coalesce(?, provider_id), changed_at = ? WHERE id = ?")
}

extension SQLiteReads {
    func attempts(ofDelivery delivery: DeliveryID) throws -> [Attempt] {
        let (first, last) = RowID.attempts(of: delivery)
        return try db.all(SQL.attemptsOfDelivery, { $0(first, last) }, read: attempt)
    }
    func attempt(publicID: String) throws -> Attempt? {
        guard let (id, salt) = ring.names.read(publicID, "att_") else { return nil }
        return try db.first(SQL.attemptBySalt, { $0(id, salt) }, read: attempt)
    }
    func attempt(account: String, messageID: String) throws -> Attempt? {
        try db.first(SQL.attemptByMessage, { $0(account, messageID) }, read: attempt)
    }
    func openIntents() throws -> [Attempt] { PlantedBug.forgetsOpenIntents.isActive ? [] : try db.all(SQL.intents, read: attempt) }
    func attempts(in state: AttemptState, limit: Int) throws -> [Attempt] {
        let query = state == .intent || state == .ambiguous ? SQL.attemptsOpenIn : SQL.attemptsIn
        return try db.all(query, { $0(state, limit) }, read: attempt)
    }

    func standing(ofDelivery id: DeliveryID) throws -> DeliveryStanding? {
        try db.first(SQL.standing, { $0(id) }) { row in
            DeliveryStanding(
                state: try row.word(0), isCancelWanted: row.bool(1), tries: Int(row.int(2)), mayBeThere: row.bool(3), expires: row.time(4))
        }
    }

    func bytes(of attempt: AttemptID) throws -> AttemptBytes? {
        let delivery = RowID.delivery(of: attempt)
        let notice = RowID.notice(of: delivery)
        guard let (party, noticeBox, gone) = try db.first(SQL.boxOfNotice, { $0(notice) }, read: { ($0.int(0), $0.blob(1), $0.int(2)) })
        else { throw StoreError.integrity("there is no attempt \(attempt)") }
        guard gone & NoticeBox.Part.sent.rawValue == 0, try !ring.party(party, in: db).isErased else { return nil }
        guard let box = try db.first(SQL.attemptBox, { $0(attempt) }, read: { $0.blob(0) }) else {
            let sent = RowID.number(of: attempt) == 1 ? try self.noticeBox(noticeBox, of: party, notice).sent : []
            guard let bytes = sent.first(where: { $0.delivery == delivery })?.bytes else {
                throw StoreError.integrity("there is no attempt \(attempt)")
            }
            return bytes
        }
        let context = Self.attemptContext(attempt)
        guard let bytes = try open(box, of: party, context).flatMap(AttemptBytes.init(box:)) else {
            throw StoreError.integrity("\(context) holds no content and call")
        }
        return bytes
    }

    private func attempt(_ row: Row) throws -> Attempt {
        let id = row.int(0)
        var attempt = Attempt(
            id: id, publicID: ring.names.name("att_", id, salt: row.int(1)), delivery: RowID.delivery(of: id), number: RowID.number(of: id),
            state: try row.word(2), account: row.text(3), idempotencyKey: row.text(4), digest: row.blob(5), startedAt: row.time(6),
            deadline: row.time(7), bootID: row.text(8), recorderSlot: Int(row.int(9)))
        (attempt.finishedAt, attempt.outcome, attempt.detail) = (row.timeOrNil(10), try row.wordOrNil(11), row.textOrNil(12))
        (attempt.providerID, attempt.parts) = (row.textOrNil(13), row.intOrNil(14).map { Int($0) })
        return attempt
    }

    static func attemptContext(_ id: AttemptID) -> Context { Context("attempt", id, "box") }
}

extension SQLiteWrites {
    func attemptName(_ number: Int, ofDelivery delivery: DeliveryID) -> String {
        ring.names.name("att_", RowID.attempt(number, of: delivery), salt: newSalt())
    }

    func begin(_ attempt: NewAttempt, log body: LogBody, at now: Timestamp) throws -> AttemptID? {
        guard try db.run(SQL.takeDelivery, { $0(attempt.account, now, attempt.delivery) }) > 0 else { return nil }
        try changed(attempt.delivery)
        let id = RowID.attempt(attempt.number, of: attempt.delivery)
        let box = try makeParty(attempt.customer).close(attempt.bytes.box, Self.attemptContext(id))
        try db.run(SQL.insertAttemptBox) { $0(id, box) }
        return try start(attempt, log: body, at: now)
    }

    func start(_ attempt: NewAttempt, log body: LogBody, at now: Timestamp) throws -> AttemptID {
        let id = RowID.attempt(attempt.number, of: attempt.delivery)
        guard let named = ring.names.read(attempt.publicID, "att_"), named.id == id else {
            throw StoreError.integrity("\(attempt.publicID) names another attempt")
        }
        let seq = try chainHead().seq + 1
        try db.run(SQL.insertAttempt) {
            $0(id, named.salt, attempt.account, attempt.idempotencyKey, attempt.digest)
            $0(attempt.startedAt, attempt.deadline, attempt.bootID, attempt.recorderSlot, seq, attempt.parts)
        }
        try append(entry(.intent, of: id, at: now, order: attempt.order), saying: body)
        return id
    }

    func finish(
        _ attempt: AttemptID, as result: AttemptResult, delivery next: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?,
        log body: LogBody,
        order: OrderNumber, at now: Timestamp
    ) throws -> Bool {
        var entry = entry(.outcome, of: attempt, at: now, order: order)
        let seq = try chainHead().seq + 1
        let isFirst =
            try db.run(SQL.finishIntent) {
                $0(result.state, result.outcome, result.detail, result.providerID, now, seq); $0(attempt)
            } > 0
        if !isFirst {
            let isDoubt =
                try db.run(SQL.finishDoubt) { $0(result.state, result.outcome, result.detail, result.providerID, now, attempt) } > 0
            guard isDoubt else { return false }
            // Only the first outcome is found by its attempt; what became of a doubtful one is found by its order.
            entry.attempt = nil
        }
        let delivery = RowID.delivery(of: attempt)
        try db.run(SQL.followAttempt) { $0(next, reason, self.due(next, nextAt, at: now), result.providerID, now, delivery) }
        try changed(delivery)
        try append(entry, saying: body)
        return true
    }

    private func entry(_ act: LogEntry.Act, of attempt: AttemptID, at now: Timestamp, order: OrderNumber) -> LogEntry {
        let delivery = RowID.delivery(of: attempt)
        var entry = LogEntry(act, at: now, order: order, notice: RowID.notice(of: delivery), delivery: delivery, body: .null)
        entry.attempt = attempt
        return entry
    }

    func closeAmbiguous(ofDelivery delivery: DeliveryID) throws -> [Int] {
        let (first, last) = RowID.attempts(of: delivery)
        let numbers = try db.all(SQL.ambiguousOfDelivery, { $0(first, last) }) { RowID.number(of: $0.int(0)) }
        if !numbers.isEmpty { try db.run(SQL.settleAttempts) { $0(first, last) } }
        return numbers
    }
}

/// What is sealed with an attempt: content and call, each behind its length.
extension AttemptBytes {
    fileprivate var box: [UInt8] {
        var box: [UInt8] = []
        box.reserveCapacity(sealedSize)
        write(to: &box)
        return box
    }

    fileprivate init?(box: [UInt8]) {
        var rest = box[...]
        self.init(reading: &rest)
        guard rest.isEmpty else { return nil }
    }

    var sealedSize: Int { 8 + content.count + call.count }

    func write(to box: inout [UInt8]) {
        for part in [content, call] { box.appendPart(part) }
    }

    init?(reading rest: inout ArraySlice<UInt8>) {
        guard let content = rest.takePart(), let call = rest.takePart() else { return nil }
        self.init(content: Array(content), call: Array(call))
    }
}

extension [UInt8] {
    /// The length in four bytes, and the bytes.
    mutating func appendPart(_ part: [UInt8]) {
        for shift in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: part.count >> shift)) }
        append(contentsOf: part)
    }
}

extension ArraySlice<UInt8> {
    /// What `appendPart` wrote, and takes it off.
    mutating func takePart() -> ArraySlice<UInt8>? {
        guard count >= 4 else { return nil }
        let length = prefix(4).reduce(0) { $0 << 8 | Int($1) }
        self = dropFirst(4)
        guard length <= count else { return nil }
        defer { self = dropFirst(length) }
        return prefix(length)
    }
}
