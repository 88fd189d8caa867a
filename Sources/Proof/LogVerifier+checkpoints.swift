import Core

/// How far the checkpoints of a log are followed.
struct CheckpointMarks {
    /// The number that the next has.
    var next: Int64
    /// Of the line of the one before; nil: not known.
    var previous: LogDigest?
    /// What blinds the rows of the one that comes.
    var secret: LogDigest?
    var isSecretWanted = false
    /// By key: what it has signed.
    var uses: [AuditPublicKey: Use] = [:]
    /// Pairs of keys that have signed for each other.
    var links: [(AuditPublicKey, AuditPublicKey)] = []
    /// Breaches that were there when the rows of the one that comes began.
    var breaches = 0
    var lastSeq: Int64 = 0

    struct Use {
        var numbers: ClosedRange<Int64>
        var rows: ClosedRange<Int64>
        var count = 0
        var at: Timestamp
    }
}

extension LogVerifier {
    /// What blinds the rows of the checkpoint that comes. From the first of them on every checkpoint is expected to have one.
    public mutating func secret(_ secret: LogDigest) { (marks.secret, marks.isSecretWanted) = (secret, true) }

    /// A checkpoint from elsewhere in the log, for the keys that it links.
    public mutating func link(_ signed: SignedCheckpoint) {
        guard signed.isSigned, signed.checkpoint.chain == verdict.chain, let next = signed.checkpoint.next else { return }
        marks.links.append((signed.checkpoint.key, next))
    }

    /// - Parameter line: without its end.
    public mutating func checkpoint(_ line: [UInt8]) {
        let number = marks.next
        let parsed = SignedCheckpoint(line: line)
        if verdict.chain.isEmpty, let parsed { verdict.chain = parsed.checkpoint.chain }
        guard let signed = parsed, signed.isSigned, signed.checkpoint.chain == verdict.chain else {
            settleOdd()
            let last = max(expected - 1, 1)
            report(.checkpoint, last...last, "checkpoint \(number), behind this row, is not what was signed")
            widen()
            (marks.next, marks.previous, marks.secret) = (number + 1, nil, nil)
            return
        }
        let checkpoint = signed.checkpoint
        settleOdd(before: checkpoint.seq == expected ? expected + 1 : nil)
        let place = max(expected - 1, 1)
        guard checkpoint.number >= number, checkpoint.number == number || checkpoint.seq == expected - 1 else {
            report(
                checkpoint.number < number ? .inserted : .moved, place...place,
                "behind this row stands checkpoint \(checkpoint.number), where it does not belong")
            return
        }
        if checkpoint.number > number {
            let words = number == checkpoint.number - 1 ? "\(number) is" : "\(number) to \(checkpoint.number - 1) are"
            let from = min(max(marks.lastSeq + 1, 1), place)
            report(.checkpoint, from...place, "checkpoint \(words) missing")
            marks.previous = nil
        }
        if let previous = marks.previous, previous != checkpoint.previous {
            report(.forked, place...place, "checkpoint \(checkpoint.number) does not follow the one before it: two histories")
        }
        follow(signed)
    }

    /// A checkpoint in its place.
    private mutating func follow(_ signed: SignedCheckpoint) {
        let checkpoint = signed.checkpoint
        if checkpoint.seq >= expected {
            miss(through: checkpoint.seq)
            known = [checkpoint.hash]
        } else if checkpoint.seq < expected - 1 {
            report(
                .moved, checkpoint.seq...expected - 1, "checkpoint \(checkpoint.number) stands behind these rows, and not behind its last")
        } else if let stored = lastStored {
            compare(checkpoint, stored: stored)
        }
        checkRoot(checkpoint)
        compareWithBook(signed)
        note(signed)
    }

    private mutating func checkRoot(_ checkpoint: Checkpoint) {
        defer { (marks.secret, marks.breaches) = (nil, verdict.breaches.count) }
        let hasBreaches = verdict.breaches.count > marks.breaches || isInDoubt
        guard let secret = marks.secret else {
            widen()
            if marks.isSecretWanted, !hasBreaches, checkpoint.rows > 0 {
                report(.checkpoint, checkpoint.first...checkpoint.seq, "what blinds the rows of checkpoint \(checkpoint.number) is missing")
            }
            return
        }
        guard checkpoint.rows > 0, let hashes = hashes(of: checkpoint) else { return widen() }
        let leaves = zip(hashes, checkpoint.first...checkpoint.seq).map { MerkleTree.leaf($0, blind: MerkleTree.blind(secret, seq: $1)) }
        guard MerkleTree.root(leaves) != checkpoint.root else { return }
        guard hasBreaches else {
            return report(
                .checkpoint, checkpoint.first...checkpoint.seq,
                "do not add up to the root that checkpoint \(checkpoint.number) signs, or what blinds them is another")
        }
        widen()
    }

    /// A row that was changed together with its hash shows itself at the row behind it. Where no root says that the hashes are the right ones, either
    /// may be meant.
    mutating func widen() {
        for n in marks.breaches..<max(verdict.breaches.count, marks.breaches) where verdict.breaches[n].words == Self.isAnother {
            let row = verdict.breaches[n].rows.lowerBound
            guard row > marks.lastSeq + 1 else { continue }
            verdict.breaches[n].rows = row - 1...row
            verdict.breaches[n].words = "do not fit together: one of them is not what was written"
        }
    }

    private mutating func compareWithBook(_ signed: SignedCheckpoint) {
        let checkpoint = signed.checkpoint
        guard let known = book?[checkpoint.number], known.digest != signed.digest else { return }
        let rows = checkpoint.span
        if let last = verdict.breaches.last, last.sort == .forked, last.rows.upperBound >= rows.lowerBound - 1 {
            let from = min(last.rows.lowerBound, rows.lowerBound)
            verdict.breaches[verdict.breaches.count - 1].rows = from...max(rows.upperBound, last.rows.upperBound)
            return
        }
        report(
            .forked, rows,
            "checkpoint \(checkpoint.number) is not the one that was exported on \(known.at): two histories, this one is the other")
    }

    private mutating func note(_ signed: SignedCheckpoint) {
        let checkpoint = signed.checkpoint
        let rows = checkpoint.span
        var use =
            marks.uses[checkpoint.key]
            ?? CheckpointMarks.Use(numbers: checkpoint.number...checkpoint.number, rows: rows, at: checkpoint.at)
        use.numbers = use.numbers.lowerBound...checkpoint.number
        use.rows = use.rows.lowerBound...max(use.rows.upperBound, rows.upperBound)
        (use.count, use.at) = (use.count + 1, checkpoint.at)
        marks.uses[checkpoint.key] = use
        if let next = checkpoint.next { marks.links.append((checkpoint.key, next)) }
        (marks.next, marks.previous, marks.lastSeq) = (checkpoint.number + 1, signed.digest, checkpoint.seq)
        forgetLeaves()
    }

    // MARK: The end

    mutating func finishCheckpoints(isWhole: Bool) {
        widen()
        let believed = AuditPublicKey.reached(from: trusted, over: marks.links)
        for (key, use) in marks.uses.sorted(by: { $0.value.numbers.lowerBound < $1.value.numbers.lowerBound }) {
            guard believed.contains(key) else {
                report(.key, use.rows, "signed with the key \(key.fingerprint), which nothing links to the one that was given")
                continue
            }
            verdict.checkpoints += use.count
            if use.rows.upperBound >= verdict.signedThrough { (verdict.signedThrough, verdict.signedAt) = (use.rows.upperBound, use.at) }
        }
        guard isWhole, let last = book?.last, last.number >= marks.next, last.seq >= expected else { return }
        let rows = expected...last.seq
        if verdict.breaches.contains(where: { $0.sort == .truncated && $0.rows.overlaps(rows) }) { return }
        report(
            .truncated, rows,
            "were signed by checkpoint \(last.number) on \(last.at) and are not here: the end was cut off, or this is an older copy")
    }
}

extension AuditPublicKey {
    /// The keys that some of these vouch for, over any number of others.
    static func reached(from trusted: [AuditPublicKey], over links: [(AuditPublicKey, AuditPublicKey)]) -> Set<AuditPublicKey> {
        var reached = Set(trusted)
        var isGrowing = true
        while isGrowing {
            let before = reached.count
            for (a, b) in links where reached.contains(a) || reached.contains(b) { reached.formUnion([a, b]) }
            isGrowing = reached.count > before
        }
        return reached
    }
}
