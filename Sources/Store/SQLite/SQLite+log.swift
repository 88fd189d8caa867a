import Core
import Crypto

/// The last row of the chain.
struct ChainHead: Equatable {
    var seq: Int64
    var hash: [UInt8]
}

/// What is hashed of a row: canonical JSON whose members stand sorted, absent ones left out.
enum Chain {
    static let idKey = "chain_id"
    /// `seq` and `hash` of the last row and a keyed hash of both: without the key nobody can cut the tail off or write the chain anew.
    static let headKey = "chain_head"

    static func genesis(_ chainID: String) -> [UInt8] { Array(SHA256.hash(data: Array("clarion/log/\(chainID)".utf8))) }

    /// - Parameter body: canonical JSON. The other values need no escape: they are numbers, our words and identifiers.
    static func hash(after previous: [UInt8], seq: Int64, _ entry: LogEntry, body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(previous.count + body.count + 256)
        if !PlantedBug.forgetsChain.isActive { bytes.append(contentsOf: previous) }
        bytes.append(contentsOf: "{\"act\":\"".utf8)
        bytes.append(contentsOf: entry.act.rawValue.utf8)
        append("\",\"at\":", entry.at.milliseconds, to: &bytes)
        append(",\"attempt\":", entry.attempt, to: &bytes)
        bytes.append(contentsOf: ",\"body\":".utf8)
        bytes.append(contentsOf: body)
        append(",\"delivery\":", entry.delivery, to: &bytes)
        append(",\"event\":", entry.event, to: &bytes)
        append(",\"notice\":", entry.notice, to: &bytes)
        if let order = entry.order {
            bytes.append(contentsOf: ",\"order\":\"".utf8)
            bytes.append(contentsOf: order.description.utf8)
            bytes.append(0x22)
        }
        append(",\"seq\":", seq, to: &bytes)
        bytes.append(0x7D)
        return SHA256.hash(data: bytes).withUnsafeBytes { Array($0) }
    }

    /// What is absent is left out.
    private static func append(_ name: StaticString, _ value: Int64?, to bytes: inout [UInt8]) {
        guard let value else { return }
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.appendDecimal(value)
    }

    static func stamp(_ head: ChainHead, _ key: LookupKey) -> String {
        let said = "\(head.seq)/\(Hex.text(head.hash))"
        return "\(said)/\(Hex.text(key.hash(said.utf8, for: .head, count: 32)))"
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
    static let logWhole = Query(logColumns, " ORDER BY seq")
    static let logHead = Query("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1")
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

    func verifyChain() throws -> ChainBreak? {
        try beforeVerifying()
        guard let chainID = try meta(Chain.idKey) else { return ChainBreak(seq: 0, words: "the chain has no beginning") }
        var head = ChainHead(seq: 0, hash: Chain.genesis(chainID))
        var found: ChainBreak?
        do {
            try db.forEach(SQL.logWhole) { row in
                found = check(row, after: head)
                if found != nil { throw Stop() }
                head = ChainHead(seq: row.int(0), hash: row.blob(9))
            }
        } catch is Stop {
            return found
        }
        guard try PlantedBug.ignoresChainHead.isActive || meta(Chain.headKey) == Chain.stamp(head, ring.lookup) else {
            return ChainBreak(seq: head.seq + 1, words: "rows are missing at the end, or the chain was written anew")
        }
        return nil
    }

    private struct Stop: Error {}

    private func check(_ row: Row, after head: ChainHead) -> ChainBreak? {
        let (seq, body) = (row.int(0), row.blob(8))
        guard seq == head.seq + 1 else { return ChainBreak(seq: head.seq + 1, words: "a row is missing") }
        let changed = ChainBreak(seq: seq, words: "the row is not what was written")
        do {
            // The body must be one JSON value: a body that closes the object early could move bytes from one column to the next.
            let entry = try logEntry(row, try JSON(parsing: body))
            return Chain.hash(after: head.hash, seq: seq, entry, body: body) == row.blob(9) ? nil : changed
        } catch {
            return changed
        }
    }
}

extension SQLiteWrites {
    func append(_ entry: LogEntry) throws { try append(entry, saying: LogBody(entry.body)) }

    func append(_ entry: LogEntry, saying body: LogBody) throws {
        let last = try chainHead()
        let (seq, body) = (last.seq + 1, body.bytes)
        let hash = Chain.hash(after: last.hash, seq: seq, entry, body: body)
        try db.run(SQL.appendLog) {
            $0(seq, entry.at, entry.act, entry.order, entry.event, entry.notice)
            $0(entry.delivery, entry.attempt, body, hash)
        }
        head = ChainHead(seq: seq, hash: hash)
        isHeadStamped = false
    }

    func chainHead() throws -> ChainHead {
        if let head { return head }
        if let last = try db.first(SQL.logHead, read: { ChainHead(seq: $0.int(0), hash: $0.blob(1)) }) { return last }
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
