import CSQLite
import Core
import Proof
import Synchronization

/// The embedded store: one directory, one file, one owner. Files: `clarion.db` (WAL), `clarion.lock`.
///
/// Durability: `write` returns after a flush of the log (`synchronous=FULL`). One thread writes and checkpoints, readers have threads of
/// their own. Restart: the lock proves that the previous process is gone; after an unclean stop the file is checked (`FileCheck`).
public final class SQLiteStore: Store {
    public struct Options: Sendable {
        /// Connections that read, a thread each.
        public var readers = 2
        /// A group: at most this many closures, and at most this long before its COMMIT. Source: performance-notes 3.3.
        public var groupLimit = 256
        public var groupTime = Duration.milliseconds(2)
        /// Pages of 4 KiB in the write-ahead log that start a checkpoint.
        public var checkpointPages = 1024
        /// Customers whose keys stay in memory.
        public var cachedKeys = 32768
        /// For tests of a full disk: pages the file may have; 0 is no limit.
        public var maximumPages = 0
        /// Where the file stands that says how far this store has come; nil: in its directory. Elsewhere it also tells when the whole directory is
        /// brought back.
        public var fenceFile: String?
        /// Where the checkpoints of the log are written; nil: `checkpoints` in its directory. Elsewhere they also tell when the whole directory is
        /// brought back, or its end is cut off by somebody with every key of it.
        public var checkpointDirectory: String?
        /// Of the kernel; nil when it cannot be known whether the machine was started anew.
        public var bootID: String?
        /// Bytes of a file that is looked through before it is used, also after a kill. So much takes about 0.1 s.
        public var checkedFirst: Int64 = 64 << 20
        public init() {}
    }

    static let cleanStopKey = "clean_stop"
    private static let lookupCheckKey = "lookup_check"
    private static let bootKey = "boot_id"

    let writer: Writer
    private let ring: KeyRing
    private let readers: Readers
    private let health: Health
    /// Nil when there is nothing to look for beside the work.
    let check: FileCheck?
    /// Nil when nothing is signed.
    private let exporter: CheckpointFile?

    /// Opens the store, makes it when the directory is empty, and brings an older one up to date.
    ///
    /// - Throws: `.locked` while another process (or store of this one) has it; `.unusable` for wrong keys, a newer or foreign file, a
    ///   directory or file that others can write or read, a symbolic link or a network file system; `.unsafeSetting`; `.broken`.
    public init(directory: String, keys: StoreKeys, random: any RandomSource, options: Options = Options()) throws(StoreError) {
        do {
            let ring = try KeyRing(keys, limit: options.cachedKeys)
            let place = try StoreDirectory(directory, create: true)
            // Before the database is looked at: a second start touches nothing.
            let lock = try StoreLock(path: place.lockFile)
            do {
                let health = Health()
                let connection = try Connection(path: place.database, access: .write)
                let writes = SQLiteWrites(connection, ring, random, FenceFile(path: options.fenceFile ?? place.fenceFile))
                let isChecked = try Self.prepare(connection, writes, options)
                check = isChecked ? nil : try FileCheck(beside: place.database, health: health)
                self.ring = ring
                readers = try Readers(path: place.database, count: options.readers, ring: ring, health: health)
                let exporter =
                    ring.signs
                    ? try CheckpointFile(
                        SQLiteReads(try Readers.connection(to: place.database), ring),
                        directory: options.checkpointDirectory ?? place.checkpoints)
                    : nil
                self.exporter = exporter
                writes.tellSigned = { exporter?.wake() }
                let writer = Writer(connection, writes, lock, options, health)
                try startThread { writer.run() }
                (self.writer, self.health) = (writer, health)
            } catch {
                lock.release()
                throw error
            }
        } catch {
            throw error as? StoreError ?? .broken("\(error)")
        }
    }

    /// A store that another process may be writing, for audits. Takes no lock and writes nothing.
    public static func openReadOnly(directory: String, keys: StoreKeys) throws(StoreError) -> SQLiteAudit {
        try SQLiteAudit(directory: directory, keys: keys)
    }

    deinit {
        writer.mailbox.close()
        exporter?.abandon()
    }

    public func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriter) throws -> Result) async throws -> Result {
        if let failure = health.failure { throw failure }
        return try await withCheckedThrowingContinuation { continuation in
            if !writer.mailbox.push(WriteJob(body, continuation)) { continuation.resume(throwing: health.failure ?? StoreError.closed) }
        }
    }

    public func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Result) async throws -> Result {
        try await readers.read(body)
    }

    /// New data keys are wrapped with the first of these master keys from now on; `rewrap` does the same with those that are there. The lookup key
    /// stays. Returns the id of that key.
    public func adopt(masters keys: StoreKeys) throws -> String {
        try ring.adopt(keys)
        return ring.masters.current.id
    }

    /// Why the checkpoints cannot be written outside of the database; nil: they can, or nothing is signed.
    public var exportProblem: String? { exporter?.problem }

    /// Of SQLite, as this program runs with it.
    public static var libraryVersion: String { String(cString: sqlite3_libversion()) }
    private static let version = Query("SELECT sqlite_version()")

    /// The version of SQLite, and the settings durability needs as the connection that writes reports them now, by name.
    public func settings() async throws -> [(name: String, value: String)] {
        try await write { writer in
            guard let writes = writer as? SQLiteWrites else { throw StoreError.closed }
            let version = try writes.db.first(Self.version) { $0.text(0) } ?? ""
            return try [("sqlite", version)] + Pragma.ofWriter.map { ($0.name, try writes.db.first($0.get) { $0.text(0) } ?? "") }
        }
    }

    /// Readers go first, so that the last checkpoint can empty the log.
    public func close() async throws {
        if await check?.stop() == false { writer.isSound.store(false, ordering: .releasing) }
        await readers.close()
        await signRest()
        await exporter?.finish()
        writer.mailbox.close()
        await writer.ended.wait()
        if let failure = health.failure { throw failure }
    }

    /// So that a store that ended well has no row that nobody signed. What fails here, a full disk for one, is made up for at the next start.
    private func signRest() async {
        guard ring.signs else { return }
        var isDone = false
        while !isDone {
            do {
                isDone = try await write { writer in
                    guard let writes = writer as? SQLiteWrites, let now = try writes.lastLogTime() else { return true }
                    return try writes.signLog(at: now)
                }
            } catch { return }
        }
    }

    // MARK: Opening

    /// Returns false when the file is still to be checked.
    private static func prepare(_ connection: Connection, _ writes: SQLiteWrites, _ options: Options) throws -> Bool {
        try Migrations.check(connection, mayBeEmpty: true)
        try connection.apply(Pragma.ofWriter)
        try connection.verify(Pragma.ofWriter)
        let isSound = try isSound(connection, writes, options)
        try Migrations.run(connection) { try begin(writes) }
        try limit(connection, to: options.maximumPages)
        try recognise(writes)
        try writes.checkFence()
        try writes.setMeta(cleanStopKey, "0")
        try writes.setMeta(bootKey, options.bootID ?? "")
        return isSound
    }

    /// What every store begins with: its own key, the beginning of its chain and proofs of the keys it is made with.
    static func begin(_ writes: SQLiteWrites) throws {
        let system = try writes.ring.make("", lookup: nil, salt: writes.newSalt(), in: writes.db)
        guard system.id == Party.systemID else { throw StoreError.unusable("the file is no store of Clarion") }
        let chainID = Hex.text(writes.random.bytes(32))
        try writes.setMeta(Chain.idKey, chainID)
        try writes.setMeta(Chain.headKey, Chain.stamp(ChainHead(seq: 0, hash: Chain.genesis(chainID)), writes.ring.lookup))
        try writes.setMeta(lookupCheckKey, lookupCheck(writes.ring))
        try writes.setMeta(Keeping.masterKey, Keeping.done(writes.ring.masters.current.id))
    }

    static func recognise(_ reads: SQLiteReads) throws {
        guard try reads.meta(lookupCheckKey) == lookupCheck(reads.ring) else {
            throw StoreError.unusable("the lookup key is not the one the store was made with")
        }
        do {
            _ = try reads.ring.party(Party.systemID, in: reads.db)
        } catch StoreError.integrity {
            throw StoreError.unusable("the master key is not the one the store was made with")
        }
    }
    private static func lookupCheck(_ ring: KeyRing) -> String { Hex.text(ring.lookup.hash([], for: .check)) }

    private static let size = Query("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")

    /// True when the store ended well or is found to be whole; false when that is still to be found out.
    private static func isSound(_ connection: Connection, _ writes: SQLiteWrites, _ options: Options) throws -> Bool {
        guard try Migrations.version(of: connection) > 0, try writes.meta(cleanStopKey) != "1" else { return true }
        let wasKilled = try options.bootID.map { try writes.meta(bootKey) == $0 } ?? false
        if wasKilled, try connection.first(size, read: { $0.int(0) }) ?? 0 > options.checkedFirst { return false }
        try FileCheck.run(connection)
        return true
    }

    private static let limits: [Int: Query] = [
        64: Query("PRAGMA max_page_count = 64"), 128: Query("PRAGMA max_page_count = 128"), 256: Query("PRAGMA max_page_count = 256"),
        512: Query("PRAGMA max_page_count = 512"),
    ]
    private static func limit(_ connection: Connection, to pages: Int) throws {
        guard pages > 0, let query = limits.filter({ $0.key >= pages }).min(by: { $0.key < $1.key })?.value else { return }
        try connection.script(query)
    }
}

/// A store opened for reading only.
public final class SQLiteAudit: StoreReading {
    private let readers: Readers

    init(directory: String, keys: StoreKeys) throws(StoreError) {
        do {
            let place = try StoreDirectory(directory, create: false)
            let ring = try KeyRing(keys, limit: 1024)
            let connection = try Connection(path: place.database, access: .read)
            try Migrations.check(connection, mayBeEmpty: false)
            guard try Migrations.version(of: connection) == Migrations.steps.count else {
                throw StoreError.unusable("the store is of an older program: start the worker once to bring it up to date")
            }
            try SQLiteStore.recognise(SQLiteReads(connection, ring))
            readers = try Readers(path: place.database, count: 1, ring: ring, health: Health())
        } catch {
            throw error as? StoreError ?? .broken("\(error)")
        }
    }

    public func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Result) async throws -> Result {
        try await readers.read(body)
    }

    /// What the database's own check says of the whole file, and rows that belong to nothing; nothing when all is well. Reads every page.
    public func integrity() async throws -> [String] {
        try await readers.read { reader in
            guard let reads = reader as? SQLiteReads else { throw StoreError.closed }
            let words = try reads.db.all(Self.integrityCheck) { $0.text(0) }.filter { $0 != "ok" }
            return try words + reads.db.all(Self.foreignKeys) { "\($0.text(0)) has a row whose \($0.text(1)) is missing" }
        }
    }
    private static let integrityCheck = Query("PRAGMA integrity_check(20)")
    private static let foreignKeys = Query(#"SELECT "table", parent FROM pragma_foreign_key_check LIMIT 20"#)

    public func close() async { await readers.close() }
}
