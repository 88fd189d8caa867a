public import Core

/// The rows of one order, and what leads from each to a signed checkpoint: a stranger can check it with the public key alone, and reads nothing of
/// anybody else. Of the rows between there are digests, blinded so that nobody can guess what they stand for.
public struct Evidence: Sendable {
    public struct Row: Sendable {
        public var seq: Int64
        /// As it was hashed.
        public var content: [UInt8]
        public var hash: LogDigest
        /// Of the row before.
        public var after: LogDigest
        /// The checkpoint that signs it.
        public var checkpoint: Int64
        public var blind: LogDigest
        public var path: [LogDigest]

        public init(seq: Int64, content: [UInt8], hash: LogDigest, after: LogDigest, checkpoint: Int64, blind: LogDigest, path: [LogDigest])
        {
            (self.seq, self.content, self.hash, self.after) = (seq, content, hash, after)
            (self.checkpoint, self.blind, self.path) = (checkpoint, blind, path)
        }
    }
    public var order: OrderNumber
    public var chain: String
    public var madeAt: Timestamp
    public var rows: [Row]
    /// Those that sign the rows, and those that announce keys.
    public var checkpoints: [SignedCheckpoint]

    public init(order: OrderNumber, chain: String, madeAt: Timestamp, rows: [Row], checkpoints: [SignedCheckpoint]) {
        (self.order, self.chain, self.madeAt, self.rows, self.checkpoints) = (order, chain, madeAt, rows, checkpoints)
    }

    /// For whoever opens the file.
    private func about(_ key: AuditPublicKey) -> [JSON] {
        [
            "What Clarion has on record of the payout \(order): who was told what, when and why, or why not.",
            "Each row stands here as it was written. Its hash is SHA-256 over the hash of the row before (after) and the row without its member hash.",
            "A checkpoint is signed with Ed25519 and names the root of a tree (RFC 6962) over the rows that it signs. The path of a row leads from its hash to that root: leaf = SHA-256(0x00, blind, hash), node = SHA-256(0x01, left, right).",
            "So each row was in the log when the checkpoint was signed, in this place and with these words. That there are no more rows of this order, the file cannot prove: the whole log can.",
            "The key has the fingerprint \(key.fingerprint). Ask those who run this Clarion for it on another way than you got this file.",
            "To check it: clarion audit verify FILE --key PUBLIC_KEY",
        ].map { (text: String) in JSON.string(text) }
    }

    /// The file, signed as a whole.
    public func file(key: AuditKey) throws -> [UInt8] {
        let header = JSON.object([
            ("clarion", .string(ExportLines.proof)), ("about", .array(about(key.publicKey))), ("order", .text(order)),
            ("chain", .string(chain)),
            ("key", .text(key.publicKey)), ("made_at", .text(madeAt)),
        ]).bytes
        var lines = checkpoints.map(\.line)
        for row in rows {
            var line: [UInt8] = []
            row.content.withUnsafeBytes { ExportLines.append($0, row.hash, to: &line) }
            lines.append(line)
            lines.append(
                JSON.object([
                    ("proof", .integer(row.seq)), ("after", .text(row.after)), ("checkpoint", .integer(row.checkpoint)),
                    ("blind", .text(row.blind)), ("path", .array(row.path.map { .text($0) })),
                ]).bytes)
        }
        let body = Array(lines.joined(separator: [0x0A])) + [0x0A]
        let manifest = try Manifest(
            ExportLines.proof, header: .of(header), digest: .of(body), rows: Int64(rows.count), checkpoints: Int64(checkpoints.count),
            key: key)
        return header + [0x0A] + body + manifest.line + [0x0A]
    }
}

/// Checks an evidence pack.
public struct EvidenceVerifier {
    private let trusted: [AuditPublicKey]
    private var verdict = LogVerdict()
    private var links: [(AuditPublicKey, AuditPublicKey)] = []
    private var checkpoints: [Int64: SignedCheckpoint] = [:]
    private var row: (seq: Int64, content: [UInt8], hash: LogDigest)?
    private var entries: [(seq: Int64, content: JSON)] = []
    public private(set) var order: OrderNumber?

    public init(trusted: [AuditPublicKey]) { self.trusted = trusted }

    /// Whether a file's first line is a pack's.
    public static func isPack(_ first: [UInt8]) -> Bool { first.starts(with: Array("{\"clarion\":\"\(ExportLines.proof)\"".utf8)) }

    public mutating func verify(_ bytes: [UInt8]) -> LogVerdict {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard let rest = lines.popLast(), rest.isEmpty, lines.count >= 2, let header = try? JSON(parsing: Array(lines[0])),
            header["clarion"]?.string == ExportLines.proof, let order = header["order"]?.string.flatMap({ OrderNumber($0) }),
            let chain = header["chain"]?.string
        else {
            report(.truncated, 1, "the file is not whole")
            return verdict
        }
        (self.order, verdict.chain) = (order, chain)
        let body = lines[1..<lines.count - 1]
        let parts = body.map { Array($0) }
        for line in parts { if let signed = SignedCheckpoint(line: line) { add(signed) } }
        checkManifest(lines, bytes)
        for (n, line) in parts.enumerated() { read(line, n + 2) }
        if let row { report(.edited, row.seq, "its proof is missing") }
        checkOrder(order)
        if entries.isEmpty { verdict.notes.append("the log had no row of \(order)") }
        verdict.notes.append("that these are all rows of \(order): only the whole log can prove that (clarion audit export)")
        verdict.rowCount = Int64(entries.count)
        return verdict
    }

    private mutating func report(_ sort: Breach.Sort, _ seq: Int64, _ words: String) {
        verdict.breaches.append(Breach(sort, max(seq, 1)...max(seq, 1), words))
    }

    private mutating func add(_ signed: SignedCheckpoint) {
        guard signed.isSigned, signed.checkpoint.chain == verdict.chain else { return }
        checkpoints[signed.checkpoint.number] = signed
        if let next = signed.checkpoint.next { links.append((signed.checkpoint.key, next)) }
    }

    private mutating func checkManifest(_ lines: [ArraySlice<UInt8>], _ bytes: [UInt8]) {
        guard let json = try? JSON(parsing: Array(lines[lines.count - 1])), let manifest = Manifest(json), manifest.isSigned,
            manifest.form == ExportLines.proof
        else { return report(.truncated, 1, "the file ends without its signed manifest") }
        guard AuditPublicKey.reached(from: trusted, over: links).contains(manifest.key) else {
            return report(
                .key, 1, "the file is signed with the key \(manifest.key.fingerprint), which nothing links to the one that was given")
        }
        let body = Array(bytes[lines[0].endIndex + 1..<lines[lines.count - 1].startIndex])
        guard manifest.header != .of(Array(lines[0])) || manifest.digest != .of(body) else { return }
        report(.edited, 1, "the file is not the one that was signed")
    }

    private mutating func read(_ line: [UInt8], _ n: Int) {
        var copy = line
        let found = copy.withUnsafeMutableBytes { bytes in ExportLines.readRow(bytes).map { ($0.seq, Array($0.content), $0.hash) } }
        if let found {
            if let row { report(.edited, row.seq, "its proof is missing") }
            row = (found.0, found.1, found.2)
            return
        }
        guard let json = try? JSON(parsing: line) else { return report(.unreadable, row?.seq ?? 1, "line \(n) cannot be read") }
        if json["proof"] != nil {
            guard let proven = row, json["proof"]?.integer == proven.seq else {
                return report(.inserted, json["proof"]?.integer ?? 1, "line \(n) proves no row")
            }
            row = nil
            check(proven.seq, proven.content, proven.hash, json)
        } else if SignedCheckpoint(line: line).map({ checkpoints[$0.checkpoint.number] != $0 }) ?? true {
            report(.checkpoint, row?.seq ?? 1, "line \(n) is no checkpoint that was signed")
        }
    }

    private mutating func check(_ seq: Int64, _ content: [UInt8], _ hash: LogDigest, _ proof: JSON) {
        func digest(_ name: String) -> LogDigest? { proof[name]?.string.flatMap { LogDigest(hex: $0) } }
        let path = (proof["path"]?.array ?? []).compactMap { $0.string.flatMap { LogDigest(hex: $0) } }
        guard let after = digest("after"), let blind = digest("blind"), let number = proof["checkpoint"]?.integer,
            path.count == proof["path"]?.array?.count, let entry = try? JSON(parsing: content)
        else { return report(.edited, seq, "its proof cannot be read") }
        guard Chain.hash(after: after, content) == hash else { return report(.edited, seq, "is not what was written") }
        guard let signed = checkpoints[number] else { return report(.checkpoint, seq, "checkpoint \(number), which signs it, is missing") }
        let checkpoint = signed.checkpoint
        guard AuditPublicKey.reached(from: trusted, over: links).contains(checkpoint.key) else {
            return report(.key, seq, "signed with the key \(checkpoint.key.fingerprint), which nothing links to the one that was given")
        }
        let root = MerkleTree.root(
            from: MerkleTree.leaf(hash, blind: blind), at: Int(seq - checkpoint.first), of: Int(checkpoint.rows), path: path)
        guard root == checkpoint.root else { return report(.edited, seq, "is not among the rows that checkpoint \(number) signs") }
        entries.append((seq, entry))
        verdict.rows = (verdict.rows?.lowerBound ?? seq)...max(seq, verdict.rows?.upperBound ?? seq)
        if checkpoint.seq >= verdict.signedThrough { (verdict.signedThrough, verdict.signedAt) = (checkpoint.seq, checkpoint.at) }
        verdict.checkpoints = checkpoints.count
    }

    /// Rows that name no order belong to it by the delivery that another row of it names.
    private mutating func checkOrder(_ order: OrderNumber) {
        let own = entries.filter { $0.content["order"]?.string == order.description }
        let deliveries = Set(own.compactMap { $0.content["delivery"]?.integer })
        let notices = Set(own.compactMap { $0.content["notice"]?.integer })
        for entry in entries where entry.content["order"]?.string != order.description {
            let isLinked =
                entry.content["delivery"]?.integer.map { deliveries.contains($0) } ?? false
                || entry.content["notice"]?.integer.map { notices.contains($0) } ?? false
            guard entry.content["order"] == nil, isLinked else {
                report(.inserted, entry.seq, "is not of \(order)")
                continue
            }
        }
    }
}
