import Core
import Crypto

// The texts: their files, what was decided of them, whom they are for, and what they led to.
extension SQL {
    private static let revisionColumns: StaticString = """
        SELECT revision, state, kept_at, submitted_at, submitted_by, submitted_reason, decided_at, decided_by, decided_reason
            FROM template_revision
        """
    static let revisions = Query(revisionColumns, " ORDER BY id DESC LIMIT ?")
    static let revision = Query(revisionColumns, " WHERE revision = ?")
    static let filesOfRevision = Query("SELECT files FROM template_revision WHERE revision = ?")
    static let templateFile = Query("SELECT text FROM template_file WHERE id = ?")
    static let idOfTemplateFile = Query("SELECT id FROM template_file WHERE digest = ?")
    static let insertTemplateFile = Query("INSERT INTO template_file (digest, text) VALUES (?, ?)")
    static let insertRevision = Query(
        """
        INSERT INTO template_revision (revision, state, kept_at, submitted_at, submitted_by, submitted_reason, decided_at, decided_by,
            decided_reason, files)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (revision) DO NOTHING
        """)
    static let saveRevision = Query(
        """
        UPDATE template_revision SET state = ?, submitted_at = ?, submitted_by = ?, submitted_reason = ?, decided_at = ?, decided_by = ?,
            decided_reason = ? WHERE revision = ?
        """)

    private static let rolloutColumns: StaticString = """
        SELECT id, revision, base, percent, state, started_at, changed_at, who, reason, after FROM rollout
        """
    static let rollouts = Query(rolloutColumns, " ORDER BY id DESC LIMIT ?")
    static let newestComplete = Query(rolloutColumns, " WHERE state = 'complete' ORDER BY id DESC LIMIT 1")
    static let running = Query(rolloutColumns, " WHERE state = 'running' ORDER BY id DESC LIMIT 1")
    static let insertRollout = Query(
        """
        INSERT INTO rollout (revision, base, percent, state, started_at, changed_at, who, reason, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    static let saveRollout = Query("UPDATE rollout SET percent = ?, state = ?, changed_at = ?, who = ?, reason = ? WHERE id = ?")

    static let lastNotice = Query("SELECT coalesce(max(id), 0) FROM notice")
    // What is broken could not be made: the reasons of `RenderProblem`.
    static let toldWith = Query(
        """
        SELECT n.order_no, n.planned_at, n.wording,
            EXISTS (SELECT 1 FROM delivery d WHERE d.id BETWEEN n.id << 3 AND n.id << 3 | 7 AND d.state IN ('dead', 'undelivered')),
            EXISTS (SELECT 1 FROM delivery d WHERE d.id BETWEEN n.id << 3 AND n.id << 3 | 7 AND d.state = 'dead'
                AND d.reason IN ('field_missing', 'template_missing', 'render_error', 'too_long'))
        FROM notice n WHERE n.id > ?1 AND n.revision = ?2 AND n.audience = 'customer' AND n.planned_at >= ?3 ORDER BY n.id DESC LIMIT ?4
        """)
    static let complaintsSince = Query(
        "SELECT order_no, opened_at FROM review WHERE cause = 'complaint' AND opened_at >= ? AND order_no IS NOT NULL")
    static let contactsSince = Query("SELECT order_no, at FROM contact WHERE at >= ?")
    static let insertContact = Query("INSERT INTO contact (order_no, at) VALUES (?, ?)")
}

extension SQLiteReads {
    func templateRevisions(limit: Int) throws -> [TemplateRevision] { try db.all(SQL.revisions, { $0(limit) }, read: templateRevision) }
    func templateRevision(_ revision: String) throws -> TemplateRevision? {
        try db.first(SQL.revision, { $0(revision) }, read: templateRevision)
    }

    private func templateRevision(_ row: Row) throws -> TemplateRevision {
        func act(_ column: Int32) -> TemplateRevision.Act? {
            row.timeOrNil(column).map { .init(at: $0, who: row.text(column + 1), reason: row.text(column + 2)) }
        }
        return TemplateRevision(
            revision: row.text(0), state: try row.word(1), keptAt: row.time(2), submitted: act(3), decided: act(6))
    }

    func templateFiles(of revision: String) throws -> [TemplateFile]? {
        guard let list = try db.first(SQL.filesOfRevision, { $0(revision) }, read: { $0.text(0) }) else { return nil }
        return try list.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t")
            guard parts.count == 2, let id = Int64(parts[1]), let text = try db.first(SQL.templateFile, { $0(id) }, read: { $0.text(0) })
            else { throw StoreError.integrity("revision \(revision) lacks a file") }
            return TemplateFile(path: String(parts[0]), text: text)
        }
    }

    func rollouts(limit: Int) throws -> [Rollout] { try db.all(SQL.rollouts, { $0(limit) }, read: rollout) }
    func revisionsInForce() throws -> RevisionsInForce {
        RevisionsInForce(base: try db.first(SQL.newestComplete, read: rollout), trial: try db.first(SQL.running, read: rollout))
    }

    private func rollout(_ row: Row) throws -> Rollout {
        Rollout(
            id: row.int(0), revision: row.text(1), base: row.textOrNil(2), percent: Int(row.int(3)), state: try row.word(4),
            startedAt: row.time(5), changedAt: row.time(6), who: row.text(7), reason: row.text(8), after: row.int(9))
    }

    func told(revision: String, after notice: NoticeID, since: Timestamp, limit: Int) throws -> [ToldOutcome] {
        try db.all(SQL.toldWith, { $0(notice, revision, since, limit) }) { row in
            ToldOutcome(
                order: try row.order(0), plannedAt: row.time(1), wording: row.textOrNil(2), isFailed: row.bool(3), isBroken: row.bool(4))
        }
    }
    func voices(since: Timestamp) throws -> [Voice] {
        try db.all(SQL.complaintsSince, { $0(since) }) { Voice(.complaint, order: try $0.order(0), at: $0.time(1)) }
            + db.all(SQL.contactsSince, { $0(since) }) { Voice(.contact, order: try $0.order(0), at: $0.time(1)) }
    }
    func lastNotice() throws -> NoticeID { try db.first(SQL.lastNotice) { $0.int(0) } ?? 0 }
}

extension SQLiteWrites {
    func keep(_ revision: TemplateRevision, files: [TemplateFile]) throws -> Bool {
        guard try templateRevision(revision.revision) == nil else { return false }
        let lines = try files.sorted { $0.path < $1.path }.map { file in
            let digest = Array(SHA256.hash(data: Array(file.text.utf8)))
            let id = try db.first(SQL.idOfTemplateFile, { $0(digest) }, read: { $0.int(0) })
            if id == nil { try db.run(SQL.insertTemplateFile) { $0(digest, file.text) } }
            return "\(file.path)\t\(id ?? db.lastInsertedID)"
        }
        return try db.run(SQL.insertRevision) {
            $0(revision.revision, revision.state, revision.keptAt)
            $0(revision.submitted?.at, revision.submitted?.who, revision.submitted?.reason)
            $0(revision.decided?.at, revision.decided?.who, revision.decided?.reason, lines.joined(separator: "\n"))
        } > 0
    }
    func save(_ revision: TemplateRevision) throws {
        try db.run(SQL.saveRevision) {
            $0(revision.state, revision.submitted?.at, revision.submitted?.who, revision.submitted?.reason)
            $0(revision.decided?.at, revision.decided?.who, revision.decided?.reason, revision.revision)
        }
    }
    func save(_ rollout: Rollout) throws -> Int64 {
        guard rollout.id == 0 else {
            try db.run(SQL.saveRollout) { $0(rollout.percent, rollout.state, rollout.changedAt, rollout.who, rollout.reason, rollout.id) }
            return rollout.id
        }
        try db.run(SQL.insertRollout) {
            $0(rollout.revision, rollout.base, rollout.percent, rollout.state)
            $0(rollout.startedAt, rollout.changedAt, rollout.who, rollout.reason, rollout.after)
        }
        return db.lastInsertedID
    }
    func insert(contact order: OrderNumber, at now: Timestamp) throws { try db.run(SQL.insertContact) { $0(order, now) } }
}
