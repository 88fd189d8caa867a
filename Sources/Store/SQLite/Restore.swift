public import Core
import Glibc
public import Proof

/// A backup on its way into the place of a store.
///
/// What is looked at is a copy in the store's directory, and that copy is what is put in place: so the backup stays as it is, and so does the store until
/// `finish`. The lock is held all the while. A store that was put in place is fenced: it sends nothing until a person says what is to become of what waits.
public final class Restore {
    public struct Findings: Sendable {
        public var backup: BackupFacts
        /// Of the log; sound, else there are no findings.
        public var verdict: LogVerdict
        /// The last row of the log that is known of from elsewhere; nil: nothing is known there.
        public var ofStore, ofFence, ofCheckpoints: Int64?

        /// Rows of the log that are known to have been there and are not in the backup.
        public var missing: Int64 { max(0, ([ofStore, ofFence, ofCheckpoints].compactMap(\.self).max() ?? 0) - backup.rows) }
    }
    public private(set) var findings: Findings

    private let place: StoreDirectory
    private let staging: Staging
    private let writes: SQLiteWrites
    private var lock: StoreLock?

    /// Copies the file and looks through all of it: is it whole, does the log verify, do the keys open it.
    ///
    /// - Parameter isTrial: for the findings alone. Takes no lock, so a worker may run, and never finishes.
    /// - Throws: `.locked` when a worker has the store; `.integrity` with what is wrong with the file; `.unusable` for what is no backup, is of a newer
    ///   program, or needs other keys. The store is as it was.
    public init(
        of file: String, into directory: String, keys: StoreKeys, random: any RandomSource,
        options: SQLiteStore.Options = SQLiteStore.Options(), isTrial: Bool = false
    ) throws(StoreError) {
        do {
            let place = try StoreDirectory(resolving: directory, create: true)
            let lock = isTrial ? nil : try StoreLock(path: place.lockFile)
            do {
                let staging = try Staging(copying: file, to: place.database + (isTrial ? ".trial-\(getpid())" : ".restoring"))
                do {
                    let fence = FenceFile(path: options.fenceFile ?? place.fenceFile)
                    let writes = try staging.open(KeyRing(keys, limit: 1024), random, fence)
                    let books = try Self.books(of: try writes.chainName(), options.checkpointDirectory ?? place.checkpoints, keys)
                    var found = try Self.examine(writes, believing: books, keys)
                    found.backup.bytes = staging.size
                    found.ofFence = Self.mark(fence, try writes.meta(Fence.generationKey))
                    found.ofCheckpoints = books.compactMap { $0.last?.seq }.max()
                    found.ofStore = try Self.lastRow(of: place.database, chain: try writes.chainName(), writes.ring)
                    (self.place, self.staging, self.writes, self.lock, findings) = (place, staging, writes, lock, found)
                } catch {
                    staging.remove()
                    throw error
                }
            } catch {
                lock?.release()
                throw error
            }
        } catch {
            throw error as? StoreError ?? .broken("\(error)")
        }
    }

    deinit { abandon() }

    /// The store is as it was.
    public func abandon() {
        guard !isOver else { return }
        isOver = true
        writes.db.close()
        staging.remove()
        lock?.release()
    }
    private var isOver = false

    /// Puts the backup in the place of the store, with a row of who did it.
    ///
    /// - Returns: the path under which the database that was there is kept; nil: there was none.
    public func finish(at now: Timestamp, saying body: (Findings) -> JSON) throws -> String? {
        precondition(lock != nil && !isOver, "a trial never finishes, and nothing twice")
        let at = max(now, findings.backup.lastAt ?? now)
        try writes.db.run(SQL.begin)
        try writes.setMeta(Fence.key, Fence.restored(rows: findings.missing).words)
        try writes.append(LogEntry(.operator, at: at, body: body(findings)))
        try writes.stampHead()
        // All of it was looked through just now.
        try writes.setMeta(SQLiteStore.cleanStopKey, "1")
        try writes.db.run(SQL.commit)
        guard try writes.db.checkpoint(truncate: true).frames == 0 else { throw StoreError.broken("somebody reads \(staging.path)") }
        writes.db.close()
        try staging.flush()
        let kept = try Former(place, at: at).keep()
        // The log of another database beside this one would be taken for its own.
        for ending in ["-wal", "-shm"] { unlink(place.database + ending) }
        guard rename(staging.path, place.database) == 0 else { throw StoreDirectory.refusal(place.database, "cannot be put in place") }
        try flushDirectory(of: place.database)
        isOver = true
        staging.remove()
        lock?.release()
        return kept
    }
}

// MARK: Looking

extension Restore {
    private static let integrityCheck = Query("PRAGMA integrity_check(20)")
    private static let masters = Query("SELECT DISTINCT master FROM customer_key WHERE master <> ''")

    private static func examine(_ writes: SQLiteWrites, believing books: [CheckpointBook], _ keys: StoreKeys) throws -> Findings {
        do {
            let words = try writes.db.all(integrityCheck) { $0.text(0) }.filter { $0 != "ok" }
            guard words.isEmpty else { throw damage(words[0]) }
            let facts = try BackupFacts(of: writes)
            // In the copy: a backup of an older program is brought up to date as its store would have been.
            try Migrations.run(writes.db) { throw StoreError.unusable("the file is no store of Clarion") }
            try SQLiteStore.recognise(writes)
            let known = try Set(([keys.master] + keys.formerMasters).map { try MasterKeys.Key($0).id })
            if let other = try writes.db.all(masters, read: { $0.text(0) }).first(where: { !known.contains($0) }) {
                throw StoreError.unusable("customers' keys are wrapped with master key \(other), which is not among those of the key file")
            }
            // A key that signed then may have a successor since: the checkpoints outside lead from one to the other.
            let believed = Set(books.flatMap { $0.keys(reachedFrom: writes.auditKeys()) }).union(writes.auditKeys())
            let verdict = try writes.verifyLog(trusted: Array(believed), book: nil)
            if let breach = verdict.breaches.first {
                let more = verdict.breaches.count + verdict.more - 1
                throw StoreError.integrity(
                    "the log of the backup is not what was written: \(breach.place): \(breach.words)"
                        + (more > 0 ? ", and \(more) more" : ""))
            }
            return Findings(backup: facts, verdict: verdict)
        } catch StoreError.broken(let words) {
            throw damage(words)
        }
    }
    private static func damage(_ words: String) -> StoreError { .integrity("the file is damaged: \(words)") }

    /// What was signed of this chain and written outside of the database.
    private static func books(of chain: String, _ directory: String, _ keys: StoreKeys) throws -> [CheckpointBook] {
        let trusted = keys.audit.compactMap { AuditKey(seed: $0)?.publicKey }
        return try CheckpointFiles(directory: directory, chain: chain).paths.map {
            CheckpointBook(try Staging.bytes(of: $0), chain: chain, trusted: trusted)
        }
    }

    private static func mark(_ fence: FenceFile, _ generation: String?) -> Int64? {
        guard case .mark(let mark) = fence.read(), mark.generation == generation else { return nil }
        return mark.seq
    }

    /// Of the database that is in place, if it is of the same chain and can be read: that it cannot may be why it is replaced.
    private static func lastRow(of path: String, chain: String, _ ring: KeyRing) throws -> Int64? {
        guard access(path, F_OK) == 0 else { return nil }
        do {
            let connection = try Readers.connection(to: path)
            defer { connection.close() }
            let reads = SQLiteReads(connection, ring)
            return try reads.chainName() == chain ? try reads.lastLogSeq() : nil
        } catch is StoreError { return nil }
    }
}
