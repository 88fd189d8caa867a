import Core
import Synchronization

/// One closure of `write`, with its caller's continuation in it.
struct WriteJob: Sendable {
    /// How one closure ended, before anyone was told: `failure` undoes it, `tell` resumes its caller.
    struct End: Sendable {
        var failure: (any Error)?
        /// With an error: what happened to the whole group.
        var tell: @Sendable (StoreError?) -> Void
    }
    var perform: @Sendable (SQLiteWrites) -> End
    var abandon: @Sendable (StoreError) -> Void

    init<Result: Sendable>(
        _ body: @escaping @Sendable (any StoreWriter) throws -> Result, _ continuation: CheckedContinuation<Result, any Error>
    ) {
        perform = { writes in
            do {
                let result = try body(writes)
                try writes.endClosure()
                return End { error in
                    if let error { continuation.resume(throwing: error) } else { continuation.resume(returning: result) }
                }
            } catch {
                return End(failure: error) { continuation.resume(throwing: $0 ?? error) }
            }
        }
        abandon = { continuation.resume(throwing: $0) }
    }
}

/// The one thread that writes, and the only one that checkpoints: two connections that write and checkpoint at once can lose pages in SQLite before 3.51.3.
///
/// Group commit: what gathered while the last flush ran is one transaction, each closure in a savepoint of its own. Callers are resumed
/// after COMMIT has returned, in the order they came.
///
/// `@unchecked Sendable`: everything but `mailbox`, `health`, `isSound` and `ended` is touched by the writer's thread only, from `run` on.
final class Writer: @unchecked Sendable {
    let mailbox = Mailbox<WriteJob>()
    let ended = Latch()
    /// False: the file was not looked through after an unclean stop, and the next start has to.
    let isSound = Atomic<Bool>(true)
    private let health: Health
    private let options: SQLiteStore.Options
    private let lock: StoreLock
    private var connection: Connection?
    private var writes: SQLiteWrites?
    /// Pages in the write-ahead log after the last commit; written by SQLite on the writer's thread.
    private let logPages = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    private var checkpointAt: Int
    private var marked = ContinuousClock.now

    init(_ connection: Connection, _ writes: SQLiteWrites, _ lock: StoreLock, _ options: SQLiteStore.Options, _ health: Health) {
        (self.connection, self.writes, self.lock, self.options, self.health) = (connection, writes, lock, options, health)
        checkpointAt = options.checkpointPages
        logPages.initialize(to: 0)
        connection.countLogPages(into: logPages)
    }
    deinit { logPages.deallocate() }

    func run() {
        var waiting: ArraySlice<WriteJob> = []
        while true {
            let room = options.groupLimit - waiting.count
            if room > 0 { waiting += mailbox.take(atMost: room, patient: waiting.isEmpty) }
            guard !waiting.isEmpty else { break }
            if let failure = health.failure {
                for job in waiting { job.abandon(failure) }
                waiting = []
                continue
            }
            waiting = waiting.dropFirst(commit(waiting))
            checkpointIfDue(isIdle: waiting.isEmpty && mailbox.count == 0)
            markIfDue()
        }
        finish()
    }

    // MARK: One group

    /// Returns how many closures are settled.
    private func commit(_ jobs: ArraySlice<WriteJob>) -> Int {
        guard let connection, let writes else { return jobs.count }
        connection.clearFault()
        var ends: [WriteJob.End] = []
        do {
            try connection.run(SQL.begin)
            let start = ContinuousClock.now
            for job in jobs {
                ends.append(try perform(job, isFirst: ends.isEmpty, connection, writes))
                if ContinuousClock.now - start >= options.groupTime { break }
            }
            try writes.stampHead()
            let told = PlantedBug.acknowledgesBeforeCommit.isActive ? ends : []
            for end in told { end.tell(nil) }
            if !told.isEmpty { ends = told.map { WriteJob.End(failure: $0.failure) { _ in } } }
            try connection.run(SQL.commit)
            writes.groupCommitted()
            for end in ends { end.tell(nil) }
            return ends.count
        } catch {
            return undo(error, ends, jobs, connection, writes)
        }
    }

    /// Runs one closure in its savepoint; the first of a group needs none, since nothing but its own work would be undone with it, and a
    /// savepoint keeps a copy of each page that is changed. Throws only when the whole group is lost.
    private func perform(_ job: WriteJob, isFirst: Bool, _ connection: Connection, _ writes: SQLiteWrites) throws -> WriteJob.End {
        if !isFirst { try connection.run(SQL.savepoint) }
        var end = job.perform(writes)
        if let fault = connection.fault {
            // The closure may have swallowed it. A broken file, or a transaction that SQLite has given up, is everyone's failure.
            if fault.isFatal || !connection.isInTransaction { throw GroupLost(error: fault, last: end) }
            if end.failure == nil { end = WriteJob.End(failure: fault) { [tell = end.tell] in tell($0 ?? fault) } }
            connection.clearFault()
        }
        if end.failure != nil, !PlantedBug.keepsFailedClosure.isActive {
            try connection.run(isFirst ? SQL.rollback : SQL.undoSavepoint)
            writes.closureUndone()
            if isFirst { try connection.run(SQL.begin) }
        } else {
            writes.closureKept()
        }
        if !isFirst { try connection.run(SQL.endSavepoint) }
        return end
    }

    private struct GroupLost: Error {
        var error: StoreError
        var last: WriteJob.End
    }

    /// Nothing of the group was kept, and every caller of it hears so. A failed COMMIT or flush ends the store: what is on the disk is
    /// no longer known. A full disk does not: SQLite has written nothing that counts.
    private func undo(
        _ error: any Error, _ ends: [WriteJob.End], _ jobs: ArraySlice<WriteJob>, _ connection: Connection, _ writes: SQLiteWrites
    ) -> Int {
        var ends = ends
        var failure = error as? StoreError ?? .broken("\(error)")
        if let lost = error as? GroupLost {
            failure = lost.error
            ends.append(lost.last)
        }
        writes.groupUndone()
        if failure != .full, !failure.isFatal { failure = .broken("the group could not be committed: \(failure)") }
        if connection.isInTransaction {
            do { try connection.run(SQL.rollback) } catch { failure = .broken("a rollback failed: \(error)") }
        }
        health.fail(failure)
        for end in ends { end.tell(failure) }
        for job in jobs.dropFirst(ends.count) where failure.isFatal { job.abandon(failure) }
        if ends.isEmpty, let first = jobs.first, !failure.isFatal {
            first.abandon(failure)
            return 1
        }
        return failure.isFatal ? jobs.count : ends.count
    }

    // MARK: Between groups and at the end

    /// While somebody waits the log may grow to four times its size: pages that change again and again are copied once.
    private func checkpointIfDue(isIdle: Bool) {
        guard let connection, health.failure == nil else { return }
        emptyLogIfWanted(connection)
        guard Int(logPages.pointee) >= (isIdle ? checkpointAt : 4 * checkpointAt) else { return }
        do {
            let (frames, copied) = try connection.checkpoint(truncate: false)
            #if DEBUG
                CrashPoint.pass(.checkpointed)
            #endif
            // A reader that holds the log back must not cost a checkpoint for every commit.
            checkpointAt = options.checkpointPages + (copied < frames ? frames : 0)
        } catch {
            health.fail(error as? StoreError ?? .broken("\(error)"))
        }
    }

    /// What was destroyed stands in the log until that is empty. A reader that holds the log back is waited for by trying again with the next group.
    private func emptyLogIfWanted(_ connection: Connection) {
        guard let writes, writes.wantsEmptyLog else { return }
        do {
            let (frames, _) = try connection.checkpoint(truncate: true, waits: false)
            writes.wantsEmptyLog = frames > 0
        } catch {
            health.fail(error as? StoreError ?? .broken("\(error)"))
        }
    }

    /// A backup that is younger than the last mark is not told from the store: so not seldom; and each is a flush: so not often.
    private func markIfDue() {
        let now = ContinuousClock.now
        guard let writes, health.failure == nil, now - marked >= .seconds(10) else { return }
        marked = now
        do { try writes.mark() } catch { health.fail(error as? StoreError ?? .broken("\(error)")) }
    }

    private func finish() {
        if let connection, let writes, health.failure == nil {
            do {
                try writes.mark()
                if isSound.load(ordering: .acquiring) { try writes.setMeta(SQLiteStore.cleanStopKey, "1") }
                #if DEBUG
                    CrashPoint.pass(.cleanMark)
                #endif
                _ = try connection.checkpoint(truncate: true)
            } catch {
                health.fail(error as? StoreError ?? .broken("\(error)"))
            }
        }
        connection?.close()
        (connection, writes) = (nil, nil)
        lock.release()
        ended.open()
    }
}

extension SQL {
    static let begin = Query("BEGIN IMMEDIATE")
    static let commit = Query("COMMIT")
    static let rollback = Query("ROLLBACK")
    static let savepoint = Query("SAVEPOINT closure")
    static let undoSavepoint = Query("ROLLBACK TO closure")
    static let endSavepoint = Query("RELEASE closure")
    static let beginRead = Query("BEGIN DEFERRED")
}
