import Core
import Proof

/// The last row of the chain.
struct ChainHead: Equatable {
    var seq: Int64
    var hash: LogDigest
}

extension Chain {
    static let idKey = "chain_id"
    /// `seq` and `hash` of the last row and a keyed hash of both: without the key nobody can cut the tail off or write the chain anew.
    static let headKey = "chain_head"

    static func stamp(_ head: ChainHead, _ key: LookupKey) -> String {
        let said = "\(head.seq)/\(head.hash)"
        return "\(said)/\(Hex.text(key.hash(said.utf8, for: .head, count: 32)))"
    }

    /// What a stamp says; nil for one that was not made with the key.
    static func read(stamp: String, _ key: LookupKey) -> ChainHead? {
        let parts = stamp.split(separator: "/")
        guard parts.count == 3, let seq = Int64(parts[0]), let hash = LogDigest(hex: String(parts[1])) else { return nil }
        let head = ChainHead(seq: seq, hash: hash)
        return Chain.stamp(head, key) == stamp ? head : nil
    }
}

extension SQL {
    private static let logColumns: StaticString = "SELECT seq, at, act, order_no, event, notice, delivery, attempt, body, hash FROM log"
    // Intents and first outcomes are found by their attempts, everything else by its order.
    private static let plainOfOrder: StaticString = "SELECT seq FROM log WHERE attempt IS NULL AND order_no = ?1"
    private static let attempted: StaticString = """
         CROSS JOIN attempt a ON a.id BETWEEN d.id << 10 AND d.id << 10 | 1023
        """
    private static let ofOrder: StaticString = """
         FROM (
            SELECT n.id FROM episode e CROSS JOIN notice n ON n.episode = e.id AND n.episode > 0 WHERE e.order_no = ?1
            UNION ALL SELECT n.id FROM notice n WHERE n.episode = 0 AND n.order_no = ?1
        ) o CROSS JOIN delivery d ON d.id BETWEEN o.id << 3 AND o.id << 3 | 7
        """
    static let logOfOrder = Query(
        logColumns, " WHERE seq IN (", plainOfOrder, " UNION ALL SELECT a.intent_log", ofOrder, attempted,
        " UNION ALL SELECT a.outcome_log", ofOrder, attempted, " WHERE a.outcome_log IS NOT NULL) ORDER BY seq")
    private static let ofDelivery: StaticString = " FROM attempt a WHERE a.id BETWEEN ?2 << 10 AND ?2 << 10 | 1023"
    static let logOfDelivery = Query(
        logColumns, " WHERE seq IN (", plainOfOrder, " UNION ALL SELECT a.intent_log", ofDelivery,
        " UNION ALL SELECT a.outcome_log", ofDelivery, " AND a.outcome_log IS NOT NULL) AND delivery = ?2 ORDER BY seq")
    static let orderOfDelivery = Query("SELECT order_no FROM notice WHERE id = ? >> 3")
    static let logAfter = Query(logColumns, " WHERE seq > ? ORDER BY seq LIMIT ?")
    static let logThrough = Query(logColumns, " WHERE seq > ? AND seq <= ? ORDER BY seq")
    static let logHead = Query("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1")
    fileprivate static let logTime = Query("SELECT at FROM log ORDER BY seq DESC LIMIT 1")
    static let logHash = Query("SELECT hash FROM log WHERE seq = ?")
    static let appendLog = Query(
        "INSERT INTO log (seq, at, act, order_no, event, notice, delivery, attempt, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
}

extension SQLiteReads {
    func log(ofOrder order: OrderNumber) throws -> [LogRow] { try db.all(SQL.logOfOrder, { $0(order) }, read: logRow) }
    func log(ofDelivery delivery: DeliveryID) throws -> [LogRow] {
        guard let order = try db.first(SQL.orderOfDelivery, { $0(delivery) }, read: { try $0.order(0) }) else { return [] }
        return try db.all(SQL.logOfDelivery, { $0(order, delivery) }, read: logRow)
    }
    func log(after seq: Int64, limit: Int) throws -> [LogRow] { try db.all(SQL.logAfter, { $0(seq, limit) }, read: logRow) }
    func lastLogSeq() throws -> Int64 { try db.first(SQL.logHead) { $0.int(0) } ?? 0 }

    func lastLogTime() throws -> Timestamp? { try db.first(SQL.logTime) { $0.time(0) } }

    private func logRow(_ row: Row) throws -> LogRow {
        let body: JSON
        do {
            body = try JSON(parsing: row.blob(8))
        } catch {
            throw StoreError.integrity("row \(row.int(0)) of the log holds no JSON")
        }
        return LogRow(seq: row.int(0), entry: try logEntry(row, body), hash: row.blob(9))
    }

    private func logEntry(_ row: Row, _ body: JSON) throws -> LogEntry {
        var entry = LogEntry(
            try row.word(2), at: row.time(1), order: try row.orderOrNil(3), event: row.intOrNil(4), notice: row.intOrNil(5),
            delivery: row.intOrNil(6), body: body)
        entry.attempt = row.intOrNil(7)
        return entry
    }

    // MARK: As it was hashed

    func chainName() throws -> String { try meta(Chain.idKey) ?? "" }

    func eachLogContent(after seq: Int64, through last: Int64, _ each: (Int64, UnsafeRawBufferPointer, LogDigest) throws -> Void) throws {
        var content: [UInt8] = []
        content.reserveCapacity(4096)
        try db.forEach(SQL.logThrough, { $0(seq, last) }) { row in
            content.removeAll(keepingCapacity: true)
            Self.write(row, to: &content)
            let hash = row.bytes(9)
            try content.withUnsafeBytes { try each(row.int(0), $0, LogDigest(hash) ?? .zero) }
        }
    }

    /// Nothing, which fits no hash, for a row that could stand for another one with the same bytes: words that leave their quotes, a body that is
    /// more than one value.
    private static func write(_ row: Row, to content: inout [UInt8]) {
        let (act, order, body) = (row.bytes(2), row.isNull(3) ? nil : row.bytes(3), row.bytes(8))
        guard Chain.isPlain(act), order.map(Chain.isPlain) ?? true, Chain.isOneValue(body) else { return }
        let numbers = Chain.Numbers(
            seq: row.int(0), at: row.int(1), event: row.intOrNil(4), notice: row.intOrNil(5), delivery: row.intOrNil(6),
            attempt: row.intOrNil(7))
        Chain.write(act: act, order: order, numbers, body: body, to: &content)
    }

    func verifyLog(trusted: [AuditPublicKey]?, book: CheckpointBook?) throws -> LogVerdict {
        try beforeVerifying()
        guard let chainID = try meta(Chain.idKey) else {
            var verdict = LogVerdict()
            verdict.breaches = [Breach(.deleted, 1...1, "the chain has no beginning")]
            return verdict
        }
        var verifier = LogVerifier(
            chain: chainID, after: Chain.genesis(chainID), trusted: trusted ?? ring.auditKeys.map(\.publicKey), book: book)
        var (waiting, head) = (StoredCheckpoints(self), ChainHead(seq: 0, hash: Chain.genesis(chainID)))
        do {
            try eachLogContent(after: Int64.min, through: Int64.max) { seq, content, hash in
                while let next = try waiting.peek(), next.seq < seq { try feed(waiting.take(), to: &verifier) }
                verifier.row(seq, content, hash)
                head = ChainHead(seq: seq, hash: hash)
            }
        } catch StoreError.broken(let words) where words.contains("malformed") {
            verifier.unreadable("the database is damaged behind row \(head.seq) and cannot be read further: \(words)")
        }
        while try waiting.peek() != nil { try feed(waiting.take(), to: &verifier) }
        var verdict = verifier.finish()
        try checkStamp(head, &verdict)
        return verdict
    }

    private func feed(_ stored: StoredCheckpoint?, to verifier: inout LogVerifier) throws {
        guard let stored else { return }
        verifier.secret(blindingSecret(ofCheckpoint: stored.number))
        verifier.checkpoint(stored.line)
    }

    /// The mark of the end is made with the key: rows that were cut off, added or written anew without it do not fit.
    private func checkStamp(_ head: ChainHead, _ verdict: inout LogVerdict) throws {
        guard !PlantedBug.ignoresChainHead.isActive else { return }
        let stamp = try meta(Chain.headKey) ?? ""
        guard stamp != Chain.stamp(head, ring.lookup) else { return }
        let end = head.seq + 1
        guard let said = Chain.read(stamp: stamp, ring.lookup) else {
            return verdict.breaches.append(
                Breach(.truncated, end...end, "the mark of the log's end is not ours: what stood there is not known"))
        }
        let rows = min(said.seq, head.seq) + 1...max(said.seq, head.seq, min(said.seq, head.seq) + 1)
        if said.seq > head.seq {
            guard !verdict.breaches.contains(where: { $0.sort == .truncated && $0.rows.overlaps(rows) }) else { return }
            verdict.breaches.append(Breach(.truncated, rows, rows.count == 1 ? "is missing at the end" : "are missing at the end"))
        } else if said.seq < head.seq {
            verdict.breaches.append(Breach(.inserted, rows, "behind the end that was marked with the key"))
        } else if !verdict.breaches.contains(where: { $0.rows.contains(head.seq) }) {
            let from = min(verdict.signedThrough + 1, head.seq)
            verdict.breaches.append(
                Breach(.forked, from...head.seq, "fit each other and are not the rows that were written, says the mark of the end"))
        }
    }
}

extension SQLiteWrites {
    func append(_ entry: LogEntry) throws { try append(entry, saying: LogBody(entry.body)) }

    func append(_ entry: LogEntry, saying body: LogBody) throws {
        let last = try chainHead()
        let (seq, body) = (last.seq + 1, body.bytes)
        let hash = Chain.hash(after: last.hash, Chain.content(entry, seq: seq, body: body))
        try db.run(SQL.appendLog) {
            $0(seq, entry.at, entry.act, entry.order, entry.event, entry.notice)
            $0(entry.delivery, entry.attempt, body, hash.bytes)
        }
        head = ChainHead(seq: seq, hash: hash)
        isHeadStamped = false
        try signIfDue(at: entry.at)
    }

    func chainHead() throws -> ChainHead {
        if let head { return head }
        if let last = try db.first(SQL.logHead, read: { ChainHead(seq: $0.int(0), hash: LogDigest($0.bytes(1)) ?? .zero) }) { return last }
        guard let chainID = try meta(Chain.idKey) else { throw StoreError.integrity("the chain has no beginning") }
        return ChainHead(seq: 0, hash: Chain.genesis(chainID))
    }

    /// Once for each group, before its COMMIT.
    func stampHead() throws {
        guard !isHeadStamped else { return }
        try setMeta(Chain.headKey, Chain.stamp(try chainHead(), ring.lookup))
        isHeadStamped = true
    }
}
