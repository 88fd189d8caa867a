import Core

extension SQL {
    private static let letterColumns: StaticString = """
        SELECT id, stage, reason, detail, source, size, digest, event, delivery, at, state FROM dead_letter
        """
    static let letter = Query(letterColumns, " WHERE id = ?")
    static let lettersAll = Query(letterColumns, " ORDER BY id DESC LIMIT ?")
    static let lettersOpen = Query(letterColumns, " WHERE state = 'open' ORDER BY id DESC LIMIT ?")
    static let insertLetter = Query(
        """
        INSERT INTO dead_letter (stage, reason, detail, source, size, digest, event, delivery, at, state)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    static let closeLetter = Query("UPDATE dead_letter SET state = ?, closed_at = ? WHERE id = ? AND state = 'open'")
    static let reopenLetter = Query("UPDATE dead_letter SET state = 'open', closed_at = NULL WHERE id = ? AND state = 'discarded'")

    private static let reviewColumns: StaticString = """
        SELECT id, cause, order_no, episode, kind, detail, opened_at, closed_at, note FROM review
        """
    static let review = Query(reviewColumns, " WHERE id = ?")
    static let reviewsAll = Query(reviewColumns, " ORDER BY id DESC LIMIT ?")
    static let reviewsOpen = Query(reviewColumns, " WHERE closed_at IS NULL ORDER BY id DESC LIMIT ?")
    /// A question about a delivery begins with its public id.
    static let questionsOfOrder = Query(
        reviewColumns, " WHERE closed_at IS NULL AND cause = 'ambiguous' AND order_no = ? AND substr(detail, 1, ?) = ? ORDER BY id")
    static let openTasks = Query(reviewColumns, " WHERE closed_at IS NULL AND cause = 'escalation' AND episode = ? ORDER BY id")
    static let nextReview = Query("SELECT coalesce(max(id), 0) + 1 FROM review")
    static let insertReview = Query(
        """
        INSERT INTO review (id, cause, order_no, episode, kind, detail, opened_at, closed_at, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    static let closeReview = Query("UPDATE review SET closed_at = ?, note = ? WHERE id = ? AND closed_at IS NULL")
}

extension SQLiteReads {
    func deadLetters(onlyOpen: Bool, limit: Int) throws -> [DeadLetter] {
        try db.all(onlyOpen ? SQL.lettersOpen : SQL.lettersAll, { $0(limit) }, read: letter)
    }
    func deadLetter(_ id: Int64) throws -> DeadLetter? { try db.first(SQL.letter, { $0(id) }, read: letter) }

    private func letter(_ row: Row) throws -> DeadLetter {
        DeadLetter(
            id: row.int(0), stage: try row.word(1), reason: row.text(2), detail: row.text(3), source: row.text(4), size: Int(row.int(5)),
            digest: row.blob(6), event: row.intOrNil(7), delivery: row.intOrNil(8), at: row.time(9), state: try row.word(10))
    }

    func reviews(onlyOpen: Bool, limit: Int) throws -> [ReviewItem] {
        try db.all(onlyOpen ? SQL.reviewsOpen : SQL.reviewsAll, { $0(limit) }, read: review)
    }
    func review(_ id: Int64) throws -> ReviewItem? { try db.first(SQL.review, { $0(id) }, read: review) }

    func openQuestions(ofDelivery delivery: Delivery) throws -> [ReviewItem] {
        let id = delivery.publicID
        return try db.all(SQL.questionsOfOrder, { $0(delivery.order, id.utf8.count, id) }, read: review)
    }

    func openTasks(ofEpisode episode: EpisodeID) throws -> [ReviewItem] { try db.all(SQL.openTasks, { $0(episode) }, read: review) }

    private func review(_ row: Row) throws -> ReviewItem {
        let context = Self.noteContext(row.int(0))
        return ReviewItem(
            id: row.int(0), cause: try row.word(1), order: try row.orderOrNil(2), episode: row.intOrNil(3), kind: try row.wordOrNil(4),
            detail: row.text(5), openedAt: row.time(6), closedAt: row.timeOrNil(7),
            note: try row.blobOrNil(8).flatMap { try open($0, of: Party.systemID, context) }.map { String(decoding: $0, as: UTF8.self) })
    }

    static func noteContext(_ id: Int64) -> Context { Context("review", id, "note") }
}

extension SQLiteWrites {
    func insert(_ letter: DeadLetter) throws -> Int64 {
        try db.run(SQL.insertLetter) {
            $0(letter.stage, letter.reason, letter.detail, letter.source, letter.size)
            $0(letter.digest, letter.event, letter.delivery, letter.at, letter.state)
        }
        let id = db.lastInsertedID
        if letter.stage == .intake { try db.run(SQL.raiseTally) { $0(Tally.rejected) } }
        return id
    }
    func close(deadLetter id: Int64, as state: DeadLetter.State, at now: Timestamp) throws -> Bool {
        try db.run(SQL.closeLetter) { $0(state, now, id) } > 0
    }
    func reopen(deadLetter id: Int64) throws -> Bool { try db.run(SQL.reopenLetter) { $0(id) } > 0 }

    func insert(_ item: ReviewItem) throws -> Int64 {
        let id = try db.first(SQL.nextReview) { $0.int(0) } ?? 1
        let note = try item.note.map { try sealNote($0, of: id) }
        try db.run(SQL.insertReview) {
            $0(id, item.cause, item.order, item.episode, item.kind)
            $0(item.detail, item.openedAt, item.closedAt, note)
        }
        return id
    }
    func close(review id: Int64, note: String, at now: Timestamp) throws -> Bool {
        try db.run(SQL.closeReview) { $0(now, try self.sealNote(note, of: id), id) } > 0
    }

    /// Staff write freely: a note may hold a name or a number.
    private func sealNote(_ note: String, of id: Int64) throws -> [UInt8] {
        try ring.party(Party.systemID, in: db).close(Array(note.utf8), Self.noteContext(id))
    }
}
