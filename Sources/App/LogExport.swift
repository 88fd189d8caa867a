import Core
import Proof
import Store
import Terminal

/// The log as it leaves the house: rows as they were hashed, checkpoints as they were signed. Whole checkpoints only, so that every row is signed.
struct LogExport: Sendable {
    let reading: any StoreReading
    let key: AuditKey
    let now: Timestamp

    /// Rows from the first of one checkpoint to the last of another.
    struct Span: Sendable {
        var rows: ClosedRange<Int64>
        /// The numbers of the first and the last checkpoint.
        var checkpoints: ClosedRange<Int64>
        var isToTheEnd: Bool
    }

    /// The checkpoints whose rows are of a time. Nil: there are none.
    func span(since: Timestamp?, until: Timestamp?) async throws -> Span? {
        try await reading.read { reader in
            guard let newest = try reader.lastCheckpoint(), newest.seq > 0 else { return nil }
            let first = try since.map { try Self.row(from: $0, through: newest.seq, in: reader) } ?? 1
            let last = try until.map { try Self.row(from: $0 + .milliseconds(1), through: newest.seq, in: reader) - 1 } ?? newest.seq
            guard first <= last, let start = try reader.checkpoint(ofRow: first), let end = try reader.checkpoint(ofRow: last) else {
                return nil
            }
            let isToTheEnd = end.seq == newest.seq
            let before = try reader.checkpoints(after: start.number - 2, limit: 1).first.flatMap {
                $0.number == start.number - 1 ? $0 : nil
            }
            return Span(
                rows: (before?.seq ?? 0) + 1...end.seq, checkpoints: start.number...(isToTheEnd ? newest.number : end.number),
                isToTheEnd: isToTheEnd)
        }
    }

    /// The first row of that moment or later, by halving: times rise with the rows.
    private static func row(from moment: Timestamp, through last: Int64, in reader: any StoreReader) throws -> Int64 {
        var (low, high) = (Int64(1), last + 1)
        while low < high {
            let middle = (low + high) / 2
            guard let row = try reader.log(after: middle - 1, limit: 1).first else { return low }
            if row.entry.at < moment { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// - Parameter sink: takes the next bytes, and how many rows are through with them.
    func write(_ span: Span, to sink: (_ bytes: [UInt8], _ rows: Int) throws -> Void) async throws {
        let (key, now) = (key.publicKey, now)
        let head = try await reading.read { reader in
            let before = try reader.checkpoints(after: span.checkpoints.lowerBound - 2, limit: 1).first.flatMap {
                $0.number == span.checkpoints.lowerBound - 1 ? $0 : nil
            }
            let chain = try reader.chainName()
            let header = ExportHeader(
                chain: chain, from: span.rows.lowerBound, to: span.rows.upperBound,
                after: before?.signed?.checkpoint.hash ?? Chain.genesis(chain), checkpoint: span.checkpoints.lowerBound,
                previous: before.map { LogDigest.of($0.line) } ?? LogDigest.zero, key: key, madeAt: now, isToTheEnd: span.isToTheEnd)
            return (header, before, try Self.announcements(in: reader, except: span.checkpoints))
        }
        let header = head.0.line
        try sink(header + [0x0A] + head.2.flatMap { (signed: SignedCheckpoint) -> [UInt8] in ExportLines.link(signed.line) + [0x0A] }, 0)
        var (number, seq, count, last) = (span.checkpoints.lowerBound - 1, span.rows.lowerBound - 1, Int64(0), head.0.after)
        while number < span.checkpoints.upperBound {
            let page = try await page(after: number, seq, through: span.checkpoints.upperBound)
            guard let end = page.end else { throw Fault(.integrity, "checkpoint \(number + 1) is missing", hint: "clarion audit verify") }
            (number, seq, count) = (end.number, end.seq, count + page.rows)
            if let hash = page.hash { last = hash }
            try sink(page.bytes, Int(count))
        }
        let manifest = try Manifest(
            ExportLines.header, header: .of(header), digest: last, rows: count, checkpoints: Int64(span.checkpoints.count), key: self.key)
        try sink(manifest.line + [0x0A], Int(count))
    }

    private struct Page: Sendable {
        var bytes: [UInt8] = []
        var rows: Int64 = 0
        var hash: LogDigest?
        var end: StoredCheckpoint?
    }

    /// Sixteen checkpoints with their rows: a read that lasts would hold the write-ahead log back.
    private func page(after number: Int64, _ seq: Int64, through last: Int64) async throws -> Page {
        try await reading.read { reader in
            var (page, seq) = (Page(), seq)
            for checkpoint in try reader.checkpoints(after: number, limit: 16) where checkpoint.number <= last {
                try reader.eachLogContent(after: seq, through: checkpoint.seq) { _, content, hash in
                    ExportLines.append(content, hash, to: &page.bytes)
                    page.bytes.append(0x0A)
                    (page.rows, page.hash) = (page.rows + 1, hash)
                }
                page.bytes += ExportLines.blind(try reader.blindingSecret(ofCheckpoint: checkpoint.number)) + [0x0A]
                page.bytes += checkpoint.line + [0x0A]
                (seq, page.end) = (checkpoint.seq, checkpoint)
            }
            return page
        }
    }

    /// Checkpoints that announce a key: few, and all of them are looked through.
    private static func announcements(in reader: any StoreReader, except span: ClosedRange<Int64>?) throws -> [SignedCheckpoint] {
        var (found, number) = ([SignedCheckpoint](), Int64(0))
        while true {
            let page = try reader.checkpoints(after: number, limit: 256)
            guard let last = page.last else { return found }
            for checkpoint in page where !(span?.contains(checkpoint.number) ?? false) {
                if let signed = checkpoint.signed, signed.checkpoint.next != nil { found.append(signed) }
            }
            number = last.number
        }
    }

    // MARK: One order

    func evidence(of order: OrderNumber) async throws -> (bytes: [UInt8], rows: Int) {
        let now = now
        let evidence = try await reading.read { reader in
            let chain = try reader.chainName()
            var (rows, signers) = ([Evidence.Row](), [Int64: SignedCheckpoint]())
            for signed in try Self.announcements(in: reader, except: nil) { signers[signed.checkpoint.number] = signed }
            var hashes: (of: Int64, leaves: [LogDigest], rows: [LogDigest])?
            for seq in try reader.log(ofOrder: order).map(\.seq) {
                guard let stored = try reader.checkpoint(ofRow: seq), let signed = stored.signed else {
                    throw Fault(.integrity, "no checkpoint signs row \(seq)", hint: "clarion audit verify")
                }
                let checkpoint = signed.checkpoint
                let secret = try reader.blindingSecret(ofCheckpoint: checkpoint.number)
                if hashes?.of != checkpoint.number { hashes = try Self.hashes(of: checkpoint, secret, in: reader) }
                guard let known = hashes, known.leaves.count == Int(checkpoint.rows) else {
                    throw Fault(.integrity, "rows that checkpoint \(checkpoint.number) signs are missing", hint: "clarion audit verify")
                }
                let index = Int(seq - checkpoint.first)
                var content: [UInt8] = []
                try reader.eachLogContent(after: seq - 1, through: seq) { _, bytes, _ in content = Array(bytes) }
                rows.append(
                    Evidence.Row(
                        seq: seq, content: content, hash: known.rows[index + 1], after: known.rows[index], checkpoint: checkpoint.number,
                        blind: MerkleTree.blind(secret, seq: seq), path: MerkleTree.path(to: index, in: known.leaves)))
                signers[checkpoint.number] = signed
            }
            return Evidence(
                order: order, chain: chain, madeAt: now, rows: rows,
                checkpoints: signers.values.sorted { $0.checkpoint.number < $1.checkpoint.number })
        }
        return (try evidence.file(key: key), evidence.rows.count)
    }

    /// The leaves of a checkpoint's tree, and the hashes of its rows behind the hash of the row before them.
    private static func hashes(
        of checkpoint: Checkpoint, _ secret: LogDigest, in reader: any StoreReader
    ) throws -> (of: Int64, leaves: [LogDigest], rows: [LogDigest]) {
        var (leaves, rows) = ([LogDigest](), [LogDigest]())
        try reader.eachLogContent(after: checkpoint.first - 2, through: checkpoint.seq) { seq, _, hash in
            rows.append(hash)
            if seq >= checkpoint.first { leaves.append(MerkleTree.leaf(hash, blind: MerkleTree.blind(secret, seq: seq))) }
        }
        if checkpoint.first == 1 { rows.insert(Chain.genesis(checkpoint.chain), at: 0) }
        return (checkpoint.number, leaves, rows)
    }
}
