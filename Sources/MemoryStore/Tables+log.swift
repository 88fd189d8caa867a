public import Core
public import Proof
public import Store

extension MemoryTables {
    private static let chain = "memory"
    private var head: ChainHead { heads[0] ?? ChainHead(seq: 0, hash: Chain.genesis(Self.chain)) }

    public func append(_ entry: LogEntry) throws {
        note(.log(entry.act, at: entry.at))
        guard keepsLog else {
            moments.append(entry.at)
            return
        }
        let last = head
        let hash = Chain.hash(after: last.hash, Chain.content(entry, seq: last.seq + 1, body: entry.body.canonicalBytes))
        _ = rows.append(LogRow(seq: last.seq + 1, entry: entry, hash: hash.bytes))
        heads[0] = ChainHead(seq: last.seq + 1, hash: hash)
    }

    public func append(_ entry: LogEntry, saying body: LogBody) throws {
        var entry = entry
        if keepsLog { entry.body = try JSON(parsing: body.bytes) }
        try append(entry)
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

    public func chainName() throws -> String { Self.chain }
    public func eachLogContent(
        after seq: Int64, through last: Int64, _ each: (Int64, UnsafeRawBufferPointer, LogDigest) throws -> Void
    ) throws {
        for row in rows.all where row.seq > seq && row.seq <= last {
            let content = Chain.content(row.entry, seq: row.seq, body: row.entry.body.canonicalBytes)
            try content.withUnsafeBytes { try each(row.seq, $0, LogDigest(row.hash) ?? .zero) }
        }
    }

    public func verifyLog(trusted: [AuditPublicKey]?, book: CheckpointBook?) throws -> LogVerdict {
        var verifier = LogVerifier(chain: Self.chain, after: Chain.genesis(Self.chain), trusted: trusted ?? [], book: book)
        try eachLogContent(after: 0, through: .max) { verifier.row($0, $1, $2) }
        return verifier.finish(through: keepsLog ? head.seq : 0)
    }

    // A store without a key: it signs nothing.
    public func signLog(at now: Timestamp) throws -> Bool { true }
    public func checkpoints(after number: Int64, limit: Int) throws -> [StoredCheckpoint] { [] }
    public func checkpoint(ofRow seq: Int64) throws -> StoredCheckpoint? { nil }
    public func lastCheckpoint() throws -> StoredCheckpoint? { nil }
    public func blindingSecret(ofCheckpoint number: Int64) throws -> LogDigest { .zero }
    public func auditKeys() throws -> [AuditPublicKey] { [] }
}
