public import Core

/// A signed statement: the log of this chain goes so far, and these are its rows. One line of JSON, in the store and outside of it.
///
/// Each names the one before by its hash, so the newest that is trusted vouches for all of them, and through the chain for every row.
public struct Checkpoint: Sendable, Equatable {
    /// From 1, without gaps.
    public var number: Int64
    public var chain: String
    public var at: Timestamp
    /// The last row that is signed, and its hash.
    public var seq: Int64
    public var hash: LogDigest
    /// Rows since the checkpoint before, and the root of the tree over them.
    public var rows: Int64
    public var root: LogDigest
    /// Of the line of the checkpoint before; zero for the first.
    public var previous: LogDigest
    public var key: AuditPublicKey
    /// The key that signs from the next checkpoint on.
    public var next: AuditPublicKey?

    public init(
        number: Int64, chain: String, at: Timestamp, seq: Int64, hash: LogDigest, rows: Int64, root: LogDigest, previous: LogDigest,
        key: AuditPublicKey, next: AuditPublicKey? = nil
    ) {
        (self.number, self.chain, self.at, self.seq, self.hash, self.rows) = (number, chain, at, seq, hash, rows)
        (self.root, self.previous, self.key, self.next) = (root, previous, key, next)
    }

    /// Rows that one checkpoint signs at most, and how long a row waits for its signature at most.
    public static let rows: Int64 = 1000
    public static let patience = Duration.seconds(60)

    /// The first row that it signs.
    public var first: Int64 { seq - rows + 1 }
    /// What it is about, for a breach: of a log without rows the first.
    var span: ClosedRange<Int64> { max(min(first, seq), 1)...max(seq, 1) }
}

/// A checkpoint as it is written: its line, and so its signature.
public struct SignedCheckpoint: Sendable, Equatable {
    public let checkpoint: Checkpoint
    public let line: [UInt8]
    private let signature: [UInt8]
    /// By the key that is announced.
    private let nextSignature: [UInt8]?

    /// - Parameter next: the key that is announced: it signs as well, so whoever knows either key can believe the other.
    public init(_ checkpoint: Checkpoint, key: AuditKey, next: AuditKey? = nil) throws {
        precondition(checkpoint.key == key.publicKey && checkpoint.next == next?.publicKey, "a checkpoint names the keys that sign it")
        let words = Self.signed(checkpoint)
        self.init(checkpoint, try key.sign(words), try next?.sign(words))
    }

    private init(_ checkpoint: Checkpoint, _ signature: [UInt8], _ nextSignature: [UInt8]?) {
        var members = checkpoint.members
        if let nextSignature { members.append(("next_sig", .string(Base64.encode(nextSignature)))) }
        members.append(("sig", .string(Base64.encode(signature))))
        (self.checkpoint, self.signature, self.nextSignature) = (checkpoint, signature, nextSignature)
        line = JSON.object(members).bytes
    }

    /// Nil for what is not a line of ours, to the byte; whether the signature is good is another question.
    public init?(line: [UInt8]) {
        guard let json = try? JSON(parsing: line), let checkpoint = Checkpoint(json),
            let signature = json["sig"]?.string.flatMap({ Base64.decode($0) })
        else { return nil }
        self.init(checkpoint, signature, json["next_sig"]?.string.flatMap { Base64.decode($0) })
        guard self.line == line else { return nil }
    }

    /// By the key that it names, and by the one that it announces.
    public var isSigned: Bool {
        let words = Self.signed(checkpoint)
        guard checkpoint.key.isSignature(signature, of: words) else { return false }
        guard let next = checkpoint.next else { return nextSignature == nil }
        return nextSignature.map { next.isSignature($0, of: words) } ?? false
    }

    public var digest: LogDigest { .of(line) }

    private static func signed(_ checkpoint: Checkpoint) -> [UInt8] {
        Array("clarion/checkpoint/1\n".utf8) + JSON.object(checkpoint.members).bytes
    }
}

extension Checkpoint {
    fileprivate var members: [(String, JSON)] {
        var members: [(String, JSON)] = [
            ("checkpoint", .integer(number)), ("chain", .string(chain)), ("at", .text(at)), ("seq", .integer(seq)), ("hash", .text(hash)),
            ("rows", .integer(rows)), ("root", .text(root)), ("previous", .text(previous)), ("key", .text(key)),
        ]
        if let next { members.append(("next", .text(next))) }
        return members
    }

    fileprivate init?(_ json: JSON) {
        func digest(_ name: String) -> LogDigest? { json[name]?.string.flatMap { LogDigest(hex: $0) } }
        func key(_ name: String) -> AuditPublicKey? { json[name]?.string.flatMap { AuditPublicKey($0) } }
        guard let number = json["checkpoint"]?.integer, let chain = json["chain"]?.string,
            let at = json["at"]?.string.flatMap({ Timestamp(rfc3339: $0) }), let seq = json["seq"]?.integer, let hash = digest("hash"),
            let rows = json["rows"]?.integer, rows >= 0, rows <= Checkpoint.rows, seq >= rows, let root = digest("root"),
            let previous = digest("previous"), let signer = key("key")
        else { return nil }
        self.init(
            number: number, chain: chain, at: at, seq: seq, hash: hash, rows: rows, root: root, previous: previous, key: signer,
            next: key("next"))
    }
}

extension JSON {
    static func text(_ value: some CustomStringConvertible) -> JSON { .string(value.description) }
}
