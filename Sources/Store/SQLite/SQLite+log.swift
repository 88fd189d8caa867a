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
    static func hash(
        after previous: [UInt8], seq: Int64, at: Int64, act: String, order: String?, event: Int64?, notice: Int64?, delivery: Int64?,
        body: [UInt8]
    ) -> [UInt8] {
        var bytes = previous
        bytes.reserveCapacity(previous.count + body.count + 160)
        append("{\"act\":\"", act, to: &bytes)
        append("\",\"at\":", at, to: &bytes)
        append(",\"body\":", "", to: &bytes)
        bytes.append(contentsOf: body)
        if let delivery { append(",\"delivery\":", delivery, to: &bytes) }
        if let event { append(",\"event\":", event, to: &bytes) }
        if let notice { append(",\"notice\":", notice, to: &bytes) }
        if let order {
            append(",\"order\":\"", order, to: &bytes)
            bytes.append(0x22)
        }
        append(",\"seq\":", seq, to: &bytes)
        bytes.append(0x7D)
        return Array(SHA256.hash(data: bytes))
    }

    private static func append(_ name: StaticString, _ value: some CustomStringConvertible, to bytes: inout [UInt8]) {
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: value.description.utf8)
    }

    static func stamp(_ head: ChainHead, _ key: LookupKey) -> String {
        let proof = key.hash("\(head.seq)/\(Text.hex(head.hash))".utf8, for: .head, count: 32)
        return "\(head.seq)/\(Text.hex(head.hash))/\(Text.hex(proof))"
    }
}

extension SQL {
    private static let logColumns: StaticString = "SELECT seq, at, act, order_no, event, notice, delivery, body, hash FROM log"
    static let logOfOrder = Query(logColumns, " WHERE order_no = ? ORDER BY seq")
    static let logOfDelivery = Query(logColumns, " WHERE delivery = ? ORDER BY seq")
    static let logAfter = Query(logColumns, " WHERE seq > ? ORDER BY seq LIMIT ?")
    static let logWhole = Query(logColumns, " ORDER BY seq")
    static let logHead = Query("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1")
    static let appendLog = Query(
        "INSERT INTO log (seq, at, act, order_no, event, notice, delivery, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
}

extension SQLiteReads {
    func log(ofOrder order: OrderNumber) throws -> [LogRow] { try db.all(SQL.logOfOrder, order, read: logRow) }
    func log(ofDelivery delivery: DeliveryID) throws -> [LogRow] { try db.all(SQL.logOfDelivery, delivery, read: logRow) }
    func log(after seq: Int64, limit: Int) throws -> [LogRow] { try db.all(SQL.logAfter, seq, limit, read: logRow) }
    func lastLogSeq() throws -> Int64 { try db.first(SQL.logHead) { $0.int(0) } ?? 0 }

    private func logRow(_ row: Row) throws -> LogRow {
        let body: JSON
        do {
            body = try JSON(parsing: row.blob(7))
        } catch {
            throw StoreError.integrity("row \(row.int(0)) of the log holds no JSON")
        }
        let entry = LogEntry(
            try row.word(2), at: row.time(1), order: try row.orderOrNil(3), event: row.intOrNil(4), notice: row.intOrNil(5),
            delivery: row.intOrNil(6), body: body)
        return LogRow(seq: row.int(0), entry: entry, hash: row.blob(8))
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
                head = ChainHead(seq: row.int(0), hash: row.blob(8))
            }
        } catch is Stop {
            return found
        }
        guard try meta(Chain.headKey) == Chain.stamp(head, ring.lookup) else {
            return ChainBreak(seq: head.seq + 1, words: "rows are missing at the end, or the chain was written anew")
        }
        return nil
    }

    private struct Stop: Error {}

    private func check(_ row: Row, after head: ChainHead) -> ChainBreak? {
        let (seq, body) = (row.int(0), row.blob(7))
        guard seq == head.seq + 1 else { return ChainBreak(seq: head.seq + 1, words: "a row is missing") }
        // The body must be one JSON value: a body that closes the object early could move bytes from one column to the next.
        let isJSON = (try? JSON(parsing: body)) != nil
        let hash = Chain.hash(
            after: head.hash, seq: seq, at: row.int(1), act: row.text(2), order: row.textOrNil(3), event: row.intOrNil(4),
            notice: row.intOrNil(5), delivery: row.intOrNil(6), body: body)
        return isJSON && hash == row.blob(8) ? nil : ChainBreak(seq: seq, words: "the row is not what was written")
    }
}

extension SQLiteWrites {
    func append(_ entry: LogEntry) throws {
        let last = try chainHead()
        let (seq, body) = (last.seq + 1, entry.body.canonicalBytes)
        let hash = Chain.hash(
            after: last.hash, seq: seq, at: entry.at.milliseconds, act: entry.act.rawValue, order: entry.order?.description,
            event: entry.event,
            notice: entry.notice, delivery: entry.delivery, body: body)
        try db.run(SQL.appendLog, seq, entry.at, entry.act, entry.order, entry.event, entry.notice, entry.delivery, body, hash)
        head = ChainHead(seq: seq, hash: hash)
        isHeadStamped = false
    }

    private func chainHead() throws -> ChainHead {
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
