public import Core
import Glibc

/// The lines of an exported log, each a JSON object:
///
/// | line | begins | says |
/// |---|---|---|
/// | header | `{"clarion":"audit.export/1"` | what the file is, which rows it holds, what stood before them |
/// | link | `{"link":` | a checkpoint from before these rows that announces a key |
/// | row | `{"act":` | a row exactly as it was hashed, and behind its content its hash |
/// | blind | `{"blind":` | what blinds the rows of the checkpoint that comes |
/// | checkpoint | `{"checkpoint":` | the line as it was signed, behind its last row |
/// | manifest | `{"manifest":` | how much the file holds, signed: the last line |
public enum ExportLines {
    private static let rowStart: StaticString = "{\"act\":\""
    private static let rowEnd: StaticString = ",\"hash\":\""
    private static let seqName: StaticString = ",\"seq\":"
    /// From the comma before the hash to the end of the line.
    private static let tail = 75

    public static let header = "audit.export/1"
    public static let proof = "audit.proof/1"

    /// A row's line, without its end: its content, and in it, last, its hash.
    public static func append(_ content: UnsafeRawBufferPointer, _ hash: LogDigest, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: content.dropLast())
        rowEnd.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: hash.description.utf8)
        bytes.append(contentsOf: [0x22, 0x7D])
    }

    /// A row read back. Its content is put together in place: the comma before the hash becomes the end of the object.
    ///
    /// - Returns: nil for what is no row.
    static func readRow(_ line: UnsafeMutableRawBufferPointer) -> (seq: Int64, content: UnsafeRawBufferPointer, hash: LogDigest)? {
        let end = line.count - tail
        guard end > rowStart.utf8CodeUnitCount, stands(rowStart, in: line, at: 0), stands(rowEnd, in: line, at: end),
            line[line.count - 2] == 0x22, line[line.count - 1] == 0x7D, let seq = number(in: line, before: end),
            let hash = LogDigest(hex: UnsafeRawBufferPointer(rebasing: line[(end + rowEnd.utf8CodeUnitCount)..<(line.count - 2)]))
        else { return nil }
        line[end] = 0x7D
        return (seq, UnsafeRawBufferPointer(rebasing: line[...end]), hash)
    }

    private static func stands(_ text: StaticString, in line: UnsafeMutableRawBufferPointer, at place: Int) -> Bool {
        guard place >= 0, place + text.utf8CodeUnitCount <= line.count, let base = line.baseAddress else { return false }
        return memcmp(base + place, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    /// `"seq":N`, the last member: read backwards over its digits.
    private static func number(in line: UnsafeMutableRawBufferPointer, before end: Int) -> Int64? {
        var (start, value) = (end, Int64(0))
        while start > 0, line[start - 1] >= 0x30, line[start - 1] <= 0x39 { start -= 1 }
        guard start < end, end - start <= 18, line[start] != 0x30,
            stands(seqName, in: line, at: start - seqName.utf8CodeUnitCount)
        else { return nil }
        for place in start..<end { value = value * 10 + Int64(line[place] - 0x30) }
        return value
    }

    public static func blind(_ secret: LogDigest) -> [UInt8] { JSON.object([("blind", .text(secret))]).bytes }
    public static func link(_ line: [UInt8]) -> [UInt8] { Array("{\"link\":".utf8) + line + [0x7D] }
}

/// The first line of an exported log.
public struct ExportHeader: Sendable, Equatable {
    public var chain: String
    /// The rows that the file holds; empty when `to` is before `from`.
    public var from, to: Int64
    /// The hash of the row before the first.
    public var after: LogDigest
    /// The number of the first checkpoint, and the digest of the one before it.
    public var checkpoint: Int64
    public var previous: LogDigest
    public var key: AuditPublicKey
    public var madeAt: Timestamp
    /// It goes to the end that the log had when it was made.
    public var isToTheEnd: Bool

    public init(
        chain: String, from: Int64, to: Int64, after: LogDigest, checkpoint: Int64, previous: LogDigest, key: AuditPublicKey,
        madeAt: Timestamp,
        isToTheEnd: Bool
    ) {
        (self.chain, self.from, self.to, self.after, self.checkpoint) = (chain, from, to, after, checkpoint)
        (self.previous, self.key, self.madeAt, self.isToTheEnd) = (previous, key, madeAt, isToTheEnd)
    }

    private static let about = """
        The delivery log of Clarion. Each row names by its hash the row before: hash = SHA-256 over the 32 bytes of the hash before and the row without \
        its member hash. Checkpoints are signed with Ed25519. To check it: clarion audit verify FILE --key PUBLIC_KEY
        """

    public var line: [UInt8] {
        JSON.object([
            ("clarion", .string(ExportLines.header)), ("about", .string(Self.about)), ("chain", .string(chain)), ("from", .integer(from)),
            ("to", .integer(to)), ("after", .text(after)), ("checkpoint", .integer(checkpoint)), ("previous", .text(previous)),
            ("key", .text(key)), ("made_at", .text(madeAt)), ("to_the_end", .bool(isToTheEnd)),
        ]).bytes
    }

    init?(_ json: JSON) {
        guard json["clarion"]?.string == ExportLines.header, let chain = json["chain"]?.string, let from = json["from"]?.integer, from > 0,
            let to = json["to"]?.integer, let after = json["after"]?.string.flatMap({ LogDigest(hex: $0) }),
            let checkpoint = json["checkpoint"]?.integer, let previous = json["previous"]?.string.flatMap({ LogDigest(hex: $0) }),
            let key = json["key"]?.string.flatMap({ AuditPublicKey($0) }),
            let madeAt = json["made_at"]?.string.flatMap({ Timestamp(rfc3339: $0) }), let isToTheEnd = json["to_the_end"]?.bool
        else { return nil }
        self.init(
            chain: chain, from: from, to: to, after: after, checkpoint: checkpoint, previous: previous, key: key, madeAt: madeAt,
            isToTheEnd: isToTheEnd)
    }
}

/// The last line of a file: how much it holds, signed, so that nobody without the key can make a shorter one that looks whole.
public struct Manifest: Sendable {
    var form: String
    var header, digest: LogDigest
    var rows, checkpoints: Int64
    var key: AuditPublicKey
    private var signature: [UInt8] = []

    /// - Parameters:
    ///   - form: of the file; `header`: the digest of its first line.
    ///   - digest: of an exported log the last row's hash, of a proof the digest of the lines between.
    public init(_ form: String, header: LogDigest, digest: LogDigest, rows: Int64, checkpoints: Int64, key: AuditKey) throws {
        (self.form, self.header, self.digest, self.rows, self.checkpoints) = (form, header, digest, rows, checkpoints)
        self.key = key.publicKey
        signature = try key.sign(words)
    }

    init?(_ json: JSON) {
        guard let form = json["manifest"]?.string, let header = json["header"]?.string.flatMap({ LogDigest(hex: $0) }),
            let digest = json["digest"]?.string.flatMap({ LogDigest(hex: $0) }), let rows = json["rows"]?.integer,
            let checkpoints = json["checkpoints"]?.integer, let key = json["key"]?.string.flatMap({ AuditPublicKey($0) }),
            let signature = json["sig"]?.string.flatMap({ Base64.decode($0) })
        else { return nil }
        (self.form, self.header, self.digest, self.rows, self.checkpoints) = (form, header, digest, rows, checkpoints)
        (self.key, self.signature) = (key, signature)
    }

    private var members: [(String, JSON)] {
        [
            ("manifest", .string(form)), ("header", .text(header)), ("digest", .text(digest)), ("rows", .integer(rows)),
            ("checkpoints", .integer(checkpoints)), ("key", .text(key)),
        ]
    }
    private var words: [UInt8] { Array("clarion/manifest/1\n".utf8) + JSON.object(members).bytes }
    public var line: [UInt8] { JSON.object(members + [("sig", .string(Base64.encode(signature)))]).bytes }
    var isSigned: Bool { key.isSignature(signature, of: words) }
}
