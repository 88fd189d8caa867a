import Core

/// Walks a log row by row in memory that does not grow with it, and names what is wrong with each: it goes on behind a breach, so the second one is
/// found as well as the first.
///
/// A row that does not fit is looked at together with the next. When that fits the hash that stands in the row, the row's words are others; when it
/// fits the hash that the words give, its hash is another; else the two cannot be told apart, and both are named.
public struct LogVerifier {
    /// Breaches that are listed; the others are counted.
    private static let limit = 5000
    static let isAnother = "is not what was written"
    private static let leafLimit = 4 * Int(Checkpoint.rows)

    let book: CheckpointBook?
    let trusted: [AuditPublicKey]
    var verdict = LogVerdict()
    /// The number that the next row has.
    var expected: Int64
    /// What may be the hash of the row before, the likeliest first; empty: it is not known.
    var known: [LogDigest]
    /// Rows that do not fit, as long as it is not clear which of them is another.
    private var run: ClosedRange<Int64>?
    /// A row whose number is not the expected one, until the next row tells why.
    private var odd: Held?
    /// Rows that came out of place, by number: the way on behind their place.
    private var strays: [Int64: LogDigest] = [:]
    /// Rows that a checkpoint has signed otherwise, until the next row tells whether one of them or all are others.
    private var doubt: (rows: ClosedRange<Int64>, checkpoint: Int64)?
    /// Before this row stands one whose hash is not sure.
    private var guess: Int64?
    /// A line that is none stood before the row that comes.
    private var unreadable: String?
    /// The hashes of the last rows, and the number of the first of them.
    private var leaves: [LogDigest] = []
    private var firstLeaf: Int64
    /// The hash that the row before is stored with; nil: it is missing.
    private(set) var lastStored: LogDigest?
    var marks: CheckpointMarks

    private struct Held {
        var seq: Int64
        var content: [UInt8]
        var hash: LogDigest
    }

    /// - Parameters:
    ///   - first: the number of the first row; `after`: the hash of the row before it.
    ///   - number: of the first checkpoint; `previous`: the digest of the one before it.
    ///   - book: the checkpoints that were exported, to compare with.
    public init(
        chain: String, first: Int64 = 1, after: LogDigest?, number: Int64 = 1, previous: LogDigest? = .zero, trusted: [AuditPublicKey],
        book: CheckpointBook? = nil
    ) {
        (expected, firstLeaf, known, self.trusted, self.book) = (first, first, after.map { [$0] } ?? [], trusted, book)
        lastStored = after
        marks = CheckpointMarks(next: number, previous: previous)
        verdict.chain = chain
    }

    // MARK: Rows

    /// - Parameter content: of `Chain.write`.
    public mutating func row(_ seq: Int64, _ content: UnsafeRawBufferPointer, _ hash: LogDigest) {
        verdict.rowCount += 1
        if let held = odd {
            odd = nil
            settle(held, before: seq)
        }
        guard seq == expected else {
            odd = Held(seq: seq, content: Array(content), hash: hash)
            return
        }
        take(content, hash)
    }

    /// A line that is no row.
    public mutating func unreadable(_ words: String) {
        settleOdd()
        if let before = unreadable { report(.unreadable, expected...expected, before) }
        unreadable = words
    }

    private mutating func take(_ content: UnsafeRawBufferPointer, _ hash: LogDigest) {
        let seq = expected
        if let words = unreadable {
            unreadable = nil
            report(.unreadable, seq...seq, "\(words), before this row")
        }
        if doubt != nil {
            settleDoubt(content, hash, seq)
        } else if run != nil {
            settleRun(content, hash, seq)
        } else {
            check(content, hash, seq)
        }
        if run == nil { known = [hash] }
        note(seq, hash)
    }

    private mutating func note(_ seq: Int64, _ hash: LogDigest) {
        if leaves.count >= Self.leafLimit {
            leaves.removeFirst(leaves.count / 2)
            firstLeaf = seq - Int64(leaves.count)
        }
        leaves.append(hash)
        lastStored = hash
        expected = seq + 1
        verdict.rows = (verdict.rows?.lowerBound ?? seq)...max(seq, verdict.rows?.upperBound ?? seq)
    }

    private func fits(_ content: UnsafeRawBufferPointer, _ hash: LogDigest, after previous: LogDigest) -> Bool {
        Chain.hash(after: previous, content) == hash
    }

    private mutating func check(_ content: UnsafeRawBufferPointer, _ hash: LogDigest, _ seq: Int64) {
        guard let previous = known.first else { return }
        let computed = Chain.hash(after: previous, content)
        if computed == hash { return }
        if isGuessed || known.dropFirst().contains(where: { fits(content, hash, after: $0) }) { return }
        (run, known) = (seq...seq, [hash, computed])
    }

    /// The row behind one that did not fit.
    private mutating func settleRun(_ content: UnsafeRawBufferPointer, _ hash: LogDigest, _ seq: Int64) {
        guard let open = run else { return }
        let computed = Chain.hash(after: known[0], content)
        if computed == hash {
            closeRun()
        } else if known.count > 1, open.count == 1, fits(content, hash, after: known[1]) {
            run = nil
            report(.edited, open, "the hash is not the one of the row")
        } else {
            run = open.lowerBound...seq
            known = [hash, computed]
        }
    }

    mutating func closeRun() {
        guard let open = run else { return }
        run = nil
        let words =
            open.count == 1 ? Self.isAnother : "do not fit together: one of them at least is not what was written"
        report(.edited, open, words)
    }

    /// The row behind a checkpoint that did not fit.
    private mutating func settleDoubt(_ content: UnsafeRawBufferPointer, _ hash: LogDigest, _ seq: Int64) {
        guard let (rows, number) = doubt else { return }
        doubt = nil
        let last = rows.upperBound
        if fits(content, hash, after: known[0]) {
            fork(rows, number)
        } else if known.count > 1, fits(content, hash, after: known[1]) {
            report(.edited, last...last, "is not the row that checkpoint \(number) signs")
        } else {
            report(.edited, last...seq, "do not fit together, nor with checkpoint \(number)")
        }
    }

    private mutating func fork(_ rows: ClosedRange<Int64>, _ number: Int64) {
        if let last = verdict.breaches.last, last.sort == .forked, last.rows.upperBound >= rows.lowerBound - 1 {
            let from = min(last.rows.lowerBound, rows.lowerBound)
            verdict.breaches[verdict.breaches.count - 1].rows = from...max(last.rows.upperBound, rows.upperBound)
            return
        }
        report(
            .forked, rows, "fit each other and are not the rows that were signed, from checkpoint \(number) on: the log was written anew")
    }

    // MARK: Rows out of place

    private mutating func settle(_ held: Held, before next: Int64?) {
        let place = expected
        if next == place + 1 { return stand(held, in: place) }
        if next == place || held.seq < place { return pass(held) }
        miss(through: held.seq - 1)
        known = strays[held.seq - 1].map { [$0] } ?? []
        held.content.withUnsafeBytes { take($0, held.hash) }
    }

    mutating func settleOdd(before next: Int64? = nil) {
        guard let held = odd else { return }
        odd = nil
        settle(held, before: next)
    }

    /// The row that stands where another belongs; or the row itself, under another number.
    private mutating func stand(_ held: Held, in place: Int64) {
        closeRun()
        settleDoubtAtEnd()
        unreadable = nil
        report(.moved, place...place, "row \(held.seq) stands in its place")
        remember(held)
        // The next row tells whether its hash is the right one; if not, nothing can be said of that row.
        known = [held.hash]
        note(place, held.hash)
        guess = expected
    }
    /// The hash of the row before is a guess: a row that does not fit it is not to blame.
    private var isGuessed: Bool { guess == expected }

    private mutating func pass(_ held: Held) {
        report(.inserted, held.seq...held.seq, "stands behind row \(expected - 1), where it does not belong")
        remember(held)
    }
    private mutating func remember(_ held: Held) { if strays.count < 256 { strays[held.seq] = held.hash } }

    /// Rows from the expected one on are not there.
    mutating func miss(through last: Int64) {
        guard last >= expected else { return }
        closeRun()
        settleDoubtAtEnd()
        let rows = expected...last
        if let words = unreadable {
            unreadable = nil
            report(.edited, rows, "not there, but \(words)")
        } else if rows.count <= 256, rows.allSatisfy({ strays[$0] != nil }) {
            report(.moved, rows, "not in its place")
        } else {
            report(.deleted, rows, rows.count == 1 ? "is missing" : "are missing")
        }
        let kept = min(rows.count, Self.leafLimit)
        if kept < rows.count { leaves = [] }
        leaves += repeatElement(.zero, count: kept)
        expected = last + 1
        firstLeaf = expected - Int64(leaves.count)
        (known, lastStored) = ([], nil)
    }

    // MARK: Between rows and checkpoints

    /// The hashes of rows that one checkpoint signs; nil when they are not at hand.
    func hashes(of checkpoint: Checkpoint) -> ArraySlice<LogDigest>? {
        let from = checkpoint.first - firstLeaf
        guard from >= 0, Int(from) + Int(checkpoint.rows) <= leaves.count else { return nil }
        return leaves[Int(from)..<Int(from) + Int(checkpoint.rows)]
    }
    mutating func forgetLeaves() {
        leaves.removeAll(keepingCapacity: true)
        firstLeaf = expected
    }

    /// A checkpoint that is good says what the hash of its last row is.
    mutating func compare(_ checkpoint: Checkpoint, stored: LogDigest) {
        if let open = run {
            if stored == checkpoint.hash {
                closeRun()
            } else {
                run = nil
                let words =
                    known.contains(checkpoint.hash)
                    ? "the hash is not the one of the row" : "not what was written, says checkpoint \(checkpoint.number)"
                report(.edited, open, words)
            }
            known = [checkpoint.hash]
        } else if stored != checkpoint.hash {
            settleDoubtAtEnd()
            if isGuessed {
                known = [checkpoint.hash]
            } else {
                doubt = (checkpoint.span, checkpoint.number)
                known = [stored, checkpoint.hash]
            }
        }
        guess = nil
    }
    mutating func settleDoubtAtEnd() {
        guard let (rows, number) = doubt else { return }
        doubt = nil
        fork(rows, number)
    }
    var isInDoubt: Bool { doubt != nil }

    mutating func report(_ sort: Breach.Sort, _ rows: ClosedRange<Int64>, _ words: String) {
        guard verdict.breaches.count < Self.limit else {
            verdict.more += 1
            return
        }
        verdict.breaches.append(Breach(sort, rows, words))
    }

    // MARK: The end

    /// - Parameter last: the row that the log is said to end with; nil: nobody has said.
    public mutating func finish(through last: Int64? = nil, isWhole: Bool = true) -> LogVerdict {
        settleOdd()
        if run != nil { closeRun() }
        settleDoubtAtEnd()
        if let words = unreadable { report(.unreadable, expected...expected, words) }
        unreadable = nil
        if let last, last >= expected {
            report(.truncated, expected...last, last == expected ? "is missing at the end" : "are missing at the end")
        }
        finishCheckpoints(isWhole: isWhole)
        return verdict
    }
}
