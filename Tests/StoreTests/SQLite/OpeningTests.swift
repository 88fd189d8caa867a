import Core
import Glibc
import Testing

@testable import Store

@Suite("opening a store")
struct OpeningTests {
    @Test("the settings that durability needs are read back on the connection that writes")
    func settings() async throws {
        let bench = Bench()
        let store = try bench.open()
        try await store.write { writer in
            let db = (writer as! SQLiteWrites).db
            try db.verify(Pragma.ofWriter)
            let (mode, synchronous) = (
                Pragma.ofWriter.first { $0.name == "journal_mode" }, Pragma.ofWriter.first { $0.name == "synchronous" }
            )
            #expect(mode?.expected == "wal" && synchronous?.expected == "2")
        }
        try await store.read { try ($0 as! SQLiteReads).db.verify(Pragma.ofReader) }
        try await store.close()
    }

    @Test("a setting that does not take is refused by name")
    func unsafeSetting() async throws {
        let bench = Bench()
        try await bench.open().close()
        let connection = try Connection(path: bench.database, access: .write)
        try connection.apply(Pragma.ofWriter)
        try connection.script(Query("PRAGMA synchronous=NORMAL"))
        #expect(throws: StoreError.unsafeSetting(name: "synchronous", expected: "2", found: "1")) { try connection.verify(Pragma.ofWriter) }
        try connection.script(Query("PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF"))
        #expect(throws: StoreError.unsafeSetting(name: "secure_delete", expected: "1", found: "0")) {
            try connection.verify(Pragma.ofWriter)
        }
    }

    @Test("a first start that ends before the fence's file stands does not leave a store that looks like a copy")
    func cutOffFence() async throws {
        let bench = Bench()
        let fence = bench.path + "/clarion.fence"
        // In the file's way.
        #expect(mkdir(fence, 0o700) == 0)
        #expect(throws: StoreError.self) { try bench.open() }
        #expect(rmdir(fence) == 0)
        let store = try bench.open()
        #expect(try await store.read { try $0.meta(Fence.key) } == nil)
        try await store.close()
    }

    @Test("a reader cannot write")
    func readersRead() async throws {
        let bench = Bench()
        let store = try bench.open()
        await #expect(throws: StoreError.self) { try await store.read { try ($0 as! SQLiteReads).db.run(SQL.setMeta) { $0("a", "b") } } }
        #expect(try await bench.openAudit().read { try $0.meta("a") } == nil)
    }

    @Test("a second store of the same process is refused, with the owner's number")
    func lockedHere() async throws {
        let bench = Bench()
        let store = try bench.open()
        #expect(throws: StoreError.locked(path: bench.path + "/clarion.lock", owner: Int(getpid()))) { try bench.open() }
        try await store.write { try $0.setMeta("still", "fine") }
        try await store.close()
        try await bench.open().close()
    }

    @Test("a second process is refused, and takes over when the first is gone")
    func lockedElsewhere() async throws {
        let bench = Bench()
        let child = try Child("hold", bench.path)
        #expect(child.line() == "ready")
        #expect(throws: StoreError.locked(path: bench.path + "/clarion.lock", owner: Int(child.pid))) { try bench.open() }
        let audit = try bench.openAudit()
        #expect(try await audit.read { try $0.lastLogSeq() } == 0, "an audit needs no lock")
        await audit.close()
        child.end()
        try await bench.open().close()
    }

    @Test("files are the owner's alone")
    func modes() async throws {
        let bench = Bench()
        let store = try bench.open()
        try await store.write { try $0.setMeta("a", "b") }
        for file in ["clarion.db", "clarion.db-wal", "clarion.db-shm", "clarion.lock"] {
            var status = stat()
            #expect(stat(bench.path + "/" + file, &status) == 0 && status.st_mode & 0o777 == 0o600, "\(file)")
        }
        try await store.close()
        chmod(bench.database, 0o644)
        #expect(throws: StoreError.unusable("\(bench.database) can be read by others: its mode must be 0600")) { try bench.open() }
        chmod(bench.database, 0o600)
        chmod(bench.path, 0o770)
        #expect(throws: StoreError.unusable("\(bench.path) can be written by others: its mode must be 0700")) { try bench.open() }
    }

    @Test("a new directory is the owner's alone; symbolic links are refused")
    func links() async throws {
        let (bench, other) = (Bench(), Bench())
        rmdir(bench.path)
        try await bench.open().close()
        var status = stat()
        #expect(stat(bench.path, &status) == 0 && status.st_mode & 0o777 == 0o700)
        symlink(bench.database, other.database)
        #expect(throws: StoreError.unusable("\(other.database) is no regular file")) { try other.open() }
        unlink(other.database)
        let link = other.path + "/ballast"
        symlink(bench.path, link)
        #expect(throws: StoreError.unusable("\(link) is no directory of its own")) {
            try SQLiteStore(directory: link, keys: Bench.keys, random: SeededRandom())
        }
    }

    @Test("wrong keys are refused before anything is read or written", arguments: [0, 1, 2])
    func wrongKeys(which: Int) async throws {
        let bench = Bench()
        try await bench.open().close()
        var keys = Bench.keys
        switch which {
        case 0: keys.master = Sensitive([UInt8](repeating: 8, count: 32))
        case 1: keys.lookup = Sensitive([UInt8](repeating: 8, count: 32))
        default: keys.master = Sensitive([1, 2, 3])
        }
        let words = [
            "the master key is not the one the store was made with", "the lookup key is not the one the store was made with",
            "the store's keys must have 32 bytes each",
        ]
        #expect(throws: StoreError.unusable(words[which])) { try bench.open(keys: keys) }
        #expect(throws: StoreError.unusable(words[which])) { try SQLiteStore.openReadOnly(directory: bench.path, keys: keys) }
        try await bench.open().close()
    }

    @Test("a store of a newer program is refused and left as it is")
    func newer() async throws {
        let bench = Bench()
        try await bench.open().close()
        do {
            let connection = try Connection(path: bench.database, access: .write)
            try connection.script(Query("PRAGMA user_version = 99"))
        }
        let before = Bench.read(bench.database)
        let expected = StoreError.unusable("the store has version 99, this program knows \(Migrations.steps.count): use the newer program")
        #expect(throws: expected) { try bench.open() }
        #expect(Bench.read(bench.database) == before)
    }

    @Test("a file of another program is refused and left as it is", arguments: [true, false])
    func foreign(isDatabase: Bool) async throws {
        let bench = Bench()
        let file = fopen(bench.database, "w")!
        if !isDatabase { fputs(String(repeating: "no database ", count: 1000), file) }
        fclose(file)
        chmod(bench.database, 0o600)
        if isDatabase {
            let connection = try Connection(path: bench.database, access: .write)
            try connection.script(Query("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)"))
        }
        let before = Bench.read(bench.database)
        let expected = StoreError.unusable(isDatabase ? "the file is no store of Clarion" : "the file is no database")
        #expect(throws: expected) { try bench.open() }
        #expect(Bench.read(bench.database) == before)
    }

    /// A step that a later version might have.
    private static let later =
        Migrations.steps + [Migrations.Step(Query("CREATE TABLE later (n INTEGER) STRICT"), "PRAGMA user_version = 7")]

    @Test("a store of an older version is brought up to date with everything in it")
    func migrates() async throws {
        let bench = Bench()
        let store = try bench.open()
        try await store.write { writer in
            _ = try writer.accept(Sample.event("ev-1", body: "old"))
            try writer.append(LogEntry(.start, at: Sample.at(1), body: .null))
        }
        try await store.close()
        do {
            let connection = try Connection(path: bench.database, access: .write)
            try Migrations.run(connection, steps: Self.later) { Issue.record("the first step is done") }
            try connection.run(Query("INSERT INTO later VALUES (1)"))
            #expect(try Migrations.version(of: connection) == 7)
            try connection.script(Query("PRAGMA user_version = 6"))
        }
        let again = try bench.open()
        let (event, broken) = try await again.read { (try $0.event(id: "ev-1"), try $0.verifyChain()) }
        #expect(event?.body == Array("old".utf8) && broken == nil)
        try await again.close()
    }

    /// Receipts as version 1 had them: nothing was ever written there.
    private static let version1Receipts = Query(
        """
        DROP TABLE message_id; DROP TABLE receipt; DROP TABLE hold; DROP INDEX delivery_held; DROP INDEX review_task;
        CREATE TABLE receipt (
            account TEXT NOT NULL, provider_id TEXT NOT NULL, status TEXT NOT NULL, sequence INTEGER NOT NULL, delivery INTEGER,
            received_at INTEGER NOT NULL, PRIMARY KEY (account, provider_id, status, sequence)
        ) STRICT, WITHOUT ROWID;
        """)
    /// What is kept no longer came with version 3, the texts with version 4, checkpoints and what is searched for with version 5, its index and SMS parts
    /// with version 6.
    private static let version2 = Query(
        """
        DROP TABLE facet; DROP TABLE facet_word; DROP TABLE facet_block; ALTER TABLE attempt DROP COLUMN parts;
        DROP TABLE checkpoint; DROP INDEX notice_words; DROP TABLE verdict;
        ALTER TABLE notice DROP COLUMN wording; DROP TABLE template_file; DROP TABLE template_revision; DROP TABLE rollout; DROP TABLE contact;
        ALTER TABLE customer_key DROP COLUMN master; ALTER TABLE notice DROP COLUMN gone; DROP TABLE erasure; DROP TABLE kept_longer;
        """)
    private static let isVersion1 = Query("PRAGMA user_version = 1")
    private static let isVersion2 = Query("PRAGMA user_version = 2")

    @Test("a store of version 2 wraps its keys once, and can erase")
    func fromVersion2() async throws {
        let bench = Bench()
        let store = try bench.open()
        _ = try await store.write { try $0.accept(Sample.event("ev-1", body: "old")) }
        try await store.write { try $0.setMeta(Keeping.masterKey, "") }
        try await store.close()
        do {
            let connection = try Connection(path: bench.database, access: .write)
            try connection.script(Self.version2)
            try connection.script(Self.isVersion2)
        }
        let again = try bench.open()
        #expect(try await again.read { try $0.event(id: "ev-1") }?.body == Array("old".utf8))
        #expect(try await again.write { try $0.rewrap(limit: 9) } == KeepingBatch(changed: 2, isAll: true))
        #expect(try await again.write { try $0.erase(customer: "CU1", at: Sample.at(9)) } != nil)
        #expect(try await again.read { try $0.event(id: "ev-1") }?.body == [])
        try await again.close()
    }

    @Test("a store of version 1 takes receipts")
    func fromVersion1() async throws {
        let bench = Bench()
        let store = try bench.open()
        _ = try await store.write { try $0.accept(Sample.event("ev-1", body: "old")) }
        try await store.close()
        do {
            let connection = try Connection(path: bench.database, access: .write)
            try connection.script(Self.version2)
            try connection.script(Self.version1Receipts)
            try connection.script(Self.isVersion1)
        }
        #expect(throws: StoreError.self) { try bench.openAudit() }
        let again = try bench.open()
        let receipt = StoredReceipt(account: "sms", reference: "SM1", status: .delivered, code: "delivered", receivedAt: Sample.at(1))
        let isNew = try await again.write { try $0.insert(receipt) }
        let (kept, event) = try await again.read { reader in
            (try reader.unmatchedReceipts(account: "sms", reference: "SM1"), try reader.event(id: "ev-1"))
        }
        #expect(isNew && kept == [receipt] && event?.body == Array("old".utf8))
        try await again.close()
    }

    @Test("a store of a version before the first is told apart from a foreign file")
    func beforeTheFirst() async throws {
        let bench = Bench()
        try await bench.open().close()
        do {
            let connection = try Connection(path: bench.database, access: .write)
            try connection.script(Query("PRAGMA application_id = 1131176306"))
        }
        let expected = StoreError.unusable("the store is of a version before 0.1.0, which had other tables: begin a new one")
        #expect(throws: expected) { try bench.open() }
    }

    @Test("a migration that fails leaves the version before it", arguments: [true, false])
    func migrationIsAtomic(isFirst: Bool) async throws {
        let bench = Bench()
        if !isFirst { try await bench.open().close() } else { _ = try StoreDirectory(bench.path, create: true) }
        let connection = try Connection(path: bench.database, access: .write)
        let before = try connection.first(Query("SELECT count(*) FROM sqlite_schema")) { $0.int(0) }
        if isFirst {
            #expect(throws: Unexpected()) { try Migrations.run(connection) { throw Unexpected() } }
        } else {
            let broken =
                Migrations.steps + [Migrations.Step(Query("CREATE TABLE later (n); CREATE TABLE later (n)"), "PRAGMA user_version = 7")]
            #expect(throws: StoreError.self) { try Migrations.run(connection, steps: broken) {} }
        }
        #expect(try Migrations.version(of: connection) == (isFirst ? 0 : Migrations.steps.count))
        #expect(try connection.first(Query("SELECT count(*) FROM sqlite_schema")) { $0.int(0) } == before)
    }

    @Test("an audit reads beside the writer, and from a closed store")
    func readOnly() async throws {
        let bench = Bench()
        #expect(throws: StoreError.self) { try bench.openAudit() }
        let store = try bench.open()
        try await store.write { try $0.setMeta("n", "1") }
        let audit = try bench.openAudit()
        #expect(try await audit.read { try $0.meta("n") } == "1")
        try await store.write { try $0.setMeta("n", "2") }
        #expect(try await audit.read { try $0.meta("n") } == "2")
        await audit.close()
        try await store.close()
        let after = try bench.openAudit()
        #expect(try await after.read { try $0.meta("n") } == "2")
        await after.close()
    }
}

extension Bench {
    func openAudit() throws -> SQLiteAudit { try SQLiteStore.openReadOnly(directory: path, keys: Bench.keys) }
}
