import Core

@testable import Proof

/// A log of some rows with a checkpoint every fifty, and its export, line by line.
struct SampleLog {
    static let chain = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
    static let key = AuditKey(seed: Sensitive([UInt8](repeating: 3, count: 32)))!
    static let nextKey = AuditKey(seed: Sensitive([UInt8](repeating: 4, count: 32)))!
    static let secret = LogDigest.of([9])
    static let span: Int64 = 50

    var contents: [[UInt8]] = []
    var hashes: [LogDigest] = []
    var checkpoints: [SignedCheckpoint] = []

    /// - Parameters:
    ///   - salt: other histories have other rows behind `common`.
    ///   - rotated: behind this checkpoint another key signs.
    init(rows: Int, salt: Int = 0, common: Int = 0, rotated: Int64 = .max) {
        var key = Self.key
        for n in 1...rows {
            let entry = LogEntry(
                n % 3 == 0 ? .outcome : .decision, at: Timestamp(milliseconds: Int64(n) * 1000), order: OrderNumber("WD\(n % 7)"),
                event: Int64(n),
                delivery: n % 2 == 0 ? Int64(n) * 8 : nil,
                body: ["n": .integer(n), "salt": .integer(n > common ? salt : 0), "text": "a\"b\\c,}{"])
            append(entry)
            guard Int64(n) % Self.span == 0 else { continue }
            let rotates = Int64(checkpoints.count) + 1 == rotated
            sign(key, next: rotates ? Self.nextKey : nil)
            if rotates { key = Self.nextKey }
        }
    }

    private mutating func append(_ entry: LogEntry) {
        let content = Chain.content(entry, seq: Int64(contents.count + 1), body: entry.body.canonicalBytes)
        hashes.append(Chain.hash(after: hashes.last ?? Chain.genesis(Self.chain), content))
        contents.append(content)
    }

    private mutating func sign(_ key: AuditKey, next: AuditKey?) {
        let (seq, first) = (Int64(hashes.count), (checkpoints.last?.checkpoint.seq ?? 0) + 1)
        let leaves = (first...seq).map { MerkleTree.leaf(hashes[Int($0) - 1], blind: MerkleTree.blind(Self.secret, seq: $0)) }
        checkpoints.append(
            try! SignedCheckpoint(
                Checkpoint(
                    number: Int64(checkpoints.count + 1), chain: Self.chain, at: Timestamp(milliseconds: seq * 1000), seq: seq,
                    hash: hashes.last!, rows: seq - first + 1, root: MerkleTree.root(leaves), previous: checkpoints.last?.digest ?? .zero,
                    key: key.publicKey, next: next?.publicKey), key: key, next: next))
    }

    /// A row's line.
    func line(_ seq: Int) -> [UInt8] {
        var line: [UInt8] = []
        contents[seq - 1].withUnsafeBytes { ExportLines.append($0, hashes[seq - 1], to: &line) }
        return line
    }

    /// The lines of an export of these checkpoints.
    func export(from first: Int = 1, to last: Int? = nil, isToTheEnd: Bool = true, key: AuditKey = SampleLog.key) -> [[UInt8]] {
        let last = last ?? checkpoints.count
        let before = first > 1 ? checkpoints[first - 2] : nil
        let start = (before?.checkpoint.seq ?? 0) + 1
        let end = checkpoints[last - 1].checkpoint
        let header = ExportHeader(
            chain: Self.chain, from: start, to: end.seq, after: before?.checkpoint.hash ?? Chain.genesis(Self.chain),
            checkpoint: Int64(first),
            previous: before?.digest ?? .zero, key: key.publicKey, madeAt: end.at, isToTheEnd: isToTheEnd
        ).line
        var lines = [header]
        for checkpoint in checkpoints[..<(first - 1)] where checkpoint.checkpoint.next != nil {
            lines.append(ExportLines.link(checkpoint.line))
        }
        for checkpoint in checkpoints[(first - 1)..<last] {
            for seq in checkpoint.checkpoint.first...checkpoint.checkpoint.seq { lines.append(line(Int(seq))) }
            lines.append(ExportLines.blind(Self.secret))
            lines.append(checkpoint.line)
        }
        let manifest = try! Manifest(
            ExportLines.header, header: .of(header), digest: end.hash, rows: end.seq - start + 1, checkpoints: Int64(last - first + 1),
            key: key)
        return lines + [manifest.line]
    }

    /// The place of a row among the lines of a whole export.
    static func place(of seq: Int) -> Int { seq + (seq - 1) / Int(span) * 2 }

    var file: [UInt8] { Array(checkpoints.map(\.line).joined(separator: [0x0A])) + [0x0A] }

    static func verify(_ lines: [[UInt8]], trusted: [AuditKey] = [SampleLog.key], exported: [UInt8]? = nil, chunk: Int = 4096) -> LogVerdict
    {
        var verifier = ExportVerifier(trusted: trusted.map(\.publicKey), exported: exported)
        var bytes = Array(lines.joined(separator: [0x0A])) + [0x0A]
        bytes.withUnsafeMutableBytes { all in
            for start in stride(from: 0, to: all.count, by: chunk) {
                verifier.feed(UnsafeMutableRawBufferPointer(rebasing: all[start..<min(start + chunk, all.count)]))
            }
        }
        return verifier.finish()
    }
}
