public import Core

/// The checkpoints that were exported outside the database, in memory: half a hundred bytes for a thousand rows.
public struct CheckpointBook: Sendable {
    public struct Entry: Sendable, Equatable {
        public var number, seq: Int64
        public var at: Timestamp
        public var digest: LogDigest
    }
    public private(set) var entries: [Entry] = []
    /// What is wrong with the file itself.
    public private(set) var breaches: [Breach] = []
    /// What comes behind the last whole line: a line that was being written when the machine stopped.
    public private(set) var isCut = false
    private var next: Int64 = 1
    /// Nil: the line before cannot be read.
    private var previous: LogDigest? = .zero
    private var links: [(AuditPublicKey, AuditPublicKey)] = []
    private var keys: [(AuditPublicKey, Int64)] = []

    /// - Parameters:
    ///   - chain: a line of another chain is of another store.
    public init(_ bytes: [UInt8], chain: String, trusted: [AuditPublicKey]) {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        // The last has its end, or is the part of one.
        if let rest = lines.popLast(), !rest.isEmpty { isCut = true }
        for (n, line) in lines.enumerated() { read(Array(line), n + 1, chain) }
        let believed = AuditPublicKey.reached(from: trusted, over: links)
        for (key, seq) in keys where !believed.contains(key) {
            breaches.append(
                Breach(
                    .key, max(seq, 1)...max(seq, 1), "the checkpoint file has lines of the key \(key.fingerprint), which is none of ours"))
        }
    }

    private mutating func read(_ line: [UInt8], _ n: Int, _ chain: String) {
        let place = max(entries.last?.seq ?? 1, 1)
        guard let signed = SignedCheckpoint(line: line), signed.isSigned, signed.checkpoint.chain == chain else {
            breaches.append(Breach(.checkpoint, place...place, "line \(n) of the checkpoint file is not what was signed"))
            (next, previous) = (next + 1, nil)
            return
        }
        let checkpoint = signed.checkpoint
        guard checkpoint.number >= next else {
            breaches.append(Breach(.inserted, place...place, "line \(n) of the checkpoint file is checkpoint \(checkpoint.number) again"))
            return
        }
        if checkpoint.number != next {
            breaches.append(
                Breach(
                    .deleted, place...place, "line \(n) of the checkpoint file is checkpoint \(checkpoint.number): one before is missing"))
        } else if let previous, checkpoint.previous != previous {
            breaches.append(Breach(.forked, place...place, "line \(n) of the checkpoint file does not follow the line before"))
        }
        (next, previous) = (checkpoint.number + 1, signed.digest)
        if let next = checkpoint.next { links.append((checkpoint.key, next)) }
        if !keys.contains(where: { $0.0 == checkpoint.key }) { keys.append((checkpoint.key, checkpoint.seq)) }
        entries.append(Entry(number: checkpoint.number, seq: checkpoint.seq, at: checkpoint.at, digest: signed.digest))
    }

    public var last: Entry? { entries.last }

    /// The keys that these lead to, over the lines that announce one.
    public func keys(reachedFrom trusted: [AuditPublicKey]) -> Set<AuditPublicKey> { AuditPublicKey.reached(from: trusted, over: links) }

    /// Numbers rise: looked up by halving.
    public subscript(number: Int64) -> Entry? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].number == number ? entries[low] : nil
    }
}
