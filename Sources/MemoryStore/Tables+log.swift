public import Core
import Crypto
import Store

extension MemoryTables {
    private var head: ChainHead { heads[0] ?? ChainHead(seq: 0, hash: [UInt8](repeating: 0, count: 32)) }

    public func append(_ entry: LogEntry) throws {
        note(.log(entry.act, at: entry.at))
        guard keepsLog else {
            moments.append(entry.at)
            return
        }
        let last = head
        let hash = Self.hash(after: last.hash, seq: last.seq + 1, entry)
        _ = rows.append(LogRow(seq: last.seq + 1, entry: entry, hash: hash))
        heads[0] = ChainHead(seq: last.seq + 1, hash: hash)
    }

    public func append(_ entry: LogEntry, saying body: LogBody) throws {
        var entry = entry
        entry.body = try JSON(parsing: body.bytes)
        try append(entry)
    }

    private static func hash(after previous: [UInt8], seq: Int64, _ entry: LogEntry) -> [UInt8] {
        let ids = [entry.event, entry.notice, entry.delivery, entry.attempt].map { String($0 ?? 0) }.joined(separator: ",")
        let head = "\(seq),\(entry.act.rawValue),\(entry.at.milliseconds),\(entry.order?.description ?? ""),\(ids),"
        return Array(SHA256.hash(data: previous + Array(head.utf8) + entry.body.canonicalBytes))
    }

    public func log(ofOrder order: OrderNumber) throws -> [LogRow] { rows.all.filter { $0.entry.order == order } }
    public func log(ofDelivery delivery: DeliveryID) throws -> [LogRow] { rows.all.filter { $0.entry.delivery == delivery } }
    public func log(after seq: Int64, limit: Int) throws -> [LogRow] {
        guard !keepsLog else { return Array(rows.all.dropFirst(Int(seq)).prefix(limit)) }
        // Of rows that are not kept there is the moment.
        return moments.rows(after: seq).prefix(limit).map {
            LogRow(seq: $0.number, entry: LogEntry(.start, at: $0.row, body: .null), hash: [])
        }
    }
    public func lastLogSeq() throws -> Int64 { keepsLog ? head.seq : moments.count }

    public func verifyChain() throws -> ChainBreak? {
        var last = [UInt8](repeating: 0, count: 32)
        for (n, row) in rows.all.enumerated() {
            let seq = Int64(n + 1)
            guard row.seq == seq else { return ChainBreak(seq: seq, words: "a row is missing") }
            last = Self.hash(after: last, seq: seq, row.entry)
            guard row.hash == last else { return ChainBreak(seq: seq, words: "the row is not what was written") }
        }
        return last == head.hash ? nil : ChainBreak(seq: head.seq, words: "the head is not the last row's")
    }
}
