import Core
import Proof

extension SQL {
    static let checkpointsAfter = Query("SELECT number, seq, line FROM checkpoint WHERE number > ? ORDER BY number LIMIT ?")
    static let checkpointOfRow = Query("SELECT number, seq, line FROM checkpoint WHERE seq >= ? ORDER BY seq, number LIMIT 1")
    fileprivate static let lastCheckpoint = Query("SELECT number, seq, line FROM checkpoint ORDER BY number DESC LIMIT 1")
    fileprivate static let insertCheckpoint = Query("INSERT INTO checkpoint (number, seq, line) VALUES (?, ?, ?)")
    fileprivate static let hashesThrough = Query("SELECT hash FROM log WHERE seq > ? AND seq <= ? ORDER BY seq")
}

extension SQLiteReads {
    func checkpoints(after number: Int64, limit: Int) throws -> [StoredCheckpoint] {
        try db.all(SQL.checkpointsAfter, { $0(number, limit) }, read: Self.stored)
    }
    func checkpoint(ofRow seq: Int64) throws -> StoredCheckpoint? { try db.first(SQL.checkpointOfRow, { $0(seq) }, read: Self.stored) }

    /// From the store's key: nothing has to be kept for it.
    func blindingSecret(ofCheckpoint number: Int64) -> LogDigest {
        guard let secret = LogDigest(ring.lookup.hash("\(number)".utf8, for: .blind, count: 32)) else {
            preconditionFailure("32 bytes were asked for")
        }
        return secret
    }
    func auditKeys() -> [AuditPublicKey] { ring.auditKeys.map(\.publicKey) }

    func lastCheckpoint() throws -> StoredCheckpoint? { try db.first(SQL.lastCheckpoint, read: Self.stored) }
    private static func stored(_ row: Row) -> StoredCheckpoint {
        StoredCheckpoint(number: row.int(0), seq: row.int(1), line: Array(row.bytes(2)))
    }
}

/// The checkpoints of a store, one after the other, a page at a time.
struct StoredCheckpoints {
    private let reads: SQLiteReads
    private var page: ArraySlice<StoredCheckpoint> = []
    private var last = Int64.min
    init(_ reads: SQLiteReads) { self.reads = reads }

    mutating func peek() throws -> StoredCheckpoint? {
        if page.isEmpty {
            page = try reads.checkpoints(after: last, limit: 256)[...]
            if let end = page.last { last = end.number }
        }
        return page.first
    }
    mutating func take() -> StoredCheckpoint? { page.popFirst() }
}

public enum LogSigning {
    /// Why the log is signed no further, in `meta`; absent while it is.
    public static let problemKey = "signing_problem"
}

/// How far the log is signed.
struct SignedSoFar {
    var number: Int64 = 0
    var seq: Int64 = 0
    var digest = LogDigest.zero
    var key: AuditPublicKey?
}

extension SQLiteWrites {
    /// So many at once when much is unsigned, as in a store that is signed for the first time: the next rows go on with it.
    private static let atOnce = 8

    func signIfDue(at now: Timestamp) throws {
        guard ring.signs, !hasHole, let head, head.seq - (try signedSoFar()).seq >= Checkpoint.rows else { return }
        _ = try signUpToHole(at: now, atMost: Self.atOnce, onlyWhole: true)
    }

    func signLog(at now: Timestamp) throws -> Bool {
        guard ring.signs, !hasHole else { return true }
        return try signUpToHole(at: now, atMost: 64, onlyWhole: false)
    }

    /// A log with a hole is signed no further, and says so: whoever took a row out must not keep customers from being told as well.
    private func signUpToHole(at now: Timestamp, atMost limit: Int, onlyWhole: Bool) throws -> Bool {
        do {
            return try sign(at: now, atMost: limit, onlyWhole: onlyWhole)
        } catch StoreError.integrity(let words) {
            try setMeta(LogSigning.problemKey, words)
            hasHole = true
            return true
        }
    }

    /// Returns whether everything is signed.
    private func sign(at now: Timestamp, atMost limit: Int, onlyWhole: Bool) throws -> Bool {
        let keys = ring.auditKeys
        guard let key = keys.first else { return true }
        let head = try chainHead()
        for _ in 0..<limit {
            let so = try signedSoFar()
            let isNew = so.key.map { $0 != key.publicKey } ?? false
            let rows = min(head.seq - so.seq, Checkpoint.rows)
            guard isNew || rows >= (onlyWhole ? Checkpoint.rows : 1) else { return true }
            // A key that is new is announced by the one before, when that is still at hand.
            let former = isNew ? keys.first { $0.publicKey == so.key } : nil
            try insert(so, rows: rows, at: now, key: former ?? key, next: former == nil ? nil : key)
            if isNew, former == nil, rows == 0 { return true }
        }
        return head.seq - (try signedSoFar()).seq < (onlyWhole ? Checkpoint.rows : 1)
    }

    private func insert(_ so: SignedSoFar, rows: Int64, at now: Timestamp, key: AuditKey, next: AuditKey?) throws {
        let (number, seq, chain) = (so.number + 1, so.seq + rows, try chainName())
        let secret = blindingSecret(ofCheckpoint: number)
        var (hash, place) = (so.seq == 0 ? Chain.genesis(chain) : try rowHash(so.seq), so.seq)
        var leaves: [LogDigest] = []
        leaves.reserveCapacity(Int(rows))
        try db.forEach(SQL.hashesThrough, { $0(so.seq, seq) }) { row in
            place += 1
            hash = try Self.digest(row)
            leaves.append(MerkleTree.leaf(hash, blind: MerkleTree.blind(secret, seq: place)))
        }
        guard leaves.count == Int(rows) else { throw StoreError.integrity("rows of the log are missing before row \(seq)") }
        let checkpoint = Checkpoint(
            number: number, chain: chain, at: now, seq: seq, hash: hash, rows: rows, root: MerkleTree.root(leaves), previous: so.digest,
            key: key.publicKey, next: next?.publicKey)
        let signed = try SignedCheckpoint(checkpoint, key: key, next: next)
        try db.run(SQL.insertCheckpoint) { $0(number, seq, String(decoding: signed.line, as: UTF8.self)) }
        signedSoFarKnown = SignedSoFar(number: number, seq: seq, digest: signed.digest, key: next?.publicKey ?? key.publicKey)
        hasSigned = true
    }

    private func rowHash(_ seq: Int64) throws -> LogDigest {
        guard let hash = try db.first(SQL.logHash, { $0(seq) }, read: Self.digest) else {
            throw StoreError.integrity("row \(seq) of the log is missing")
        }
        return hash
    }
    private static func digest(_ row: Row) throws -> LogDigest {
        guard let digest = LogDigest(row.bytes(0)) else { throw StoreError.integrity("a row of the log has no hash") }
        return digest
    }

    private func signedSoFar() throws -> SignedSoFar {
        if let known = signedSoFarKnown { return known }
        var so = SignedSoFar()
        if let last = try lastCheckpoint() {
            let checkpoint = SignedCheckpoint(line: last.line)?.checkpoint
            so = SignedSoFar(number: last.number, seq: last.seq, digest: .of(last.line), key: checkpoint?.next ?? checkpoint?.key)
        }
        signedSoFarKnown = so
        return so
    }
}
