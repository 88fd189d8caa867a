import Core
import Glibc
import Proof
import Synchronization
import Testing

@testable import Store

@Suite("a backup, and the way back")
struct BackupTests {
    private static let keys = CheckpointTests.keys
    private static let row: @Sendable (Restore.Findings) -> JSON = {
        ["command": "db restore b.db", "rows": .integer($0.backup.rows), "missing": .integer($0.missing)]
    }

    private func append(_ rows: Int, to store: SQLiteStore, from first: Int = 1) async throws {
        try await CheckpointTests.append(rows, to: store, from: first)
    }
    /// Into a file beside the bench's store: what a command does while a worker runs.
    private func backup(
        _ bench: Bench, _ shelf: Bench, replacing: Bool = false,
        progress: @escaping @Sendable (Int, Int) throws -> Void = { _, _ in }
    ) async throws -> BackupFacts {
        let audit = try SQLiteStore.openReadOnly(directory: bench.path, keys: Self.keys)
        do {
            let facts = try await audit.backup(to: shelf.database, replacing: replacing, progress: progress)
            await audit.close()
            return facts
        } catch {
            await audit.close()
            throw error
        }
    }
    private func restore(
        _ shelf: Bench, into bench: Bench, keys: StoreKeys = BackupTests.keys, isTrial: Bool = false
    ) throws -> Restore {
        try Restore(of: shelf.database, into: bench.path, keys: keys, random: SeededRandom(), isTrial: isTrial)
    }
    private static func names(_ path: String) -> Set<String> {
        var names: Set<String> = []
        guard let listing = opendir(path) else { return [] }
        defer { closedir(listing) }
        while let entry = readdir(listing) {
            names.insert(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.subtracting([".", ".."])
    }
    /// What `Bench` does not know of.
    private static func clear(_ bench: Bench) {
        for name in names(bench.path) where name.contains(".before-") { unlink(bench.path + "/" + name) }
    }

    // MARK: Taking one

    @Test("is one moment of a store that is written meanwhile: whole, signed, for its owner alone")
    func online() async throws {
        let (bench, shelf) = (Bench(), Bench())
        let store = try bench.open(keys: Self.keys)
        try await append(3000, to: store)
        let before = try await store.read { try $0.lastLogSeq() }
        let written = Mutex(0)
        let writing = Task {
            while !Task.isCancelled {
                let n = written.withLock { $0 }
                try await store.write { try $0.append(LogEntry(.start, at: Sample.at(9000 + n), body: ["n": .integer(n)])) }
                written.withLock { $0 = n + 1 }
            }
        }
        // Between its steps the writer commits: the copy is still of the moment it began.
        let facts = try await backup(bench, shelf) { done, total in
            let start = written.withLock { $0 }
            while written.withLock({ $0 }) < start + 5 { sched_yield() }
            #expect(done <= total)
        }
        writing.cancel()
        _ = await writing.result
        let after = try await store.read { try $0.lastLogSeq() }
        #expect(facts.rows >= before && facts.rows < after && facts.signedThrough >= 3000 && facts.version == Migrations.steps.count)
        try await store.close()

        var status = stat()
        #expect(stat(shelf.database, &status) == 0 && status.st_mode & 0o777 == 0o600 && Int64(status.st_size) == facts.bytes)
        #expect(Self.names(shelf.path) == ["clarion.db"], "one file, and nothing beside it")
        let found = try restore(shelf, into: bench, isTrial: true)
        #expect(found.findings.backup == facts && found.findings.verdict.isSound && found.findings.missing == after - facts.rows)
        found.abandon()
        #expect(Self.names(shelf.path) == ["clarion.db"])
    }

    @Test("takes no name that is taken, unless it is told to; a part that is left over does not matter")
    func names() async throws {
        let (bench, shelf) = (Bench(), Bench())
        let store = try bench.open(keys: Self.keys)
        try await append(10, to: store)
        let part = shelf.database + ".part"
        let left = open(part, O_CREAT | O_WRONLY, 0o644)
        _ = write(left, "left over by a kill", 19)
        close(left)
        let first = try await backup(bench, shelf)
        #expect(first.rows == 10 && access(part, F_OK) != 0)
        try await append(5, to: store, from: 100)
        await #expect(throws: StoreError.unusable("\(shelf.database) is there already")) { try await backup(bench, shelf) }
        #expect(try await backup(bench, shelf, replacing: true).rows == 15)
        // An end after the second name was given and before the first was taken away.
        #expect(link(shelf.database, part) == 0)
        let whole = Bench.read(shelf.database)
        await #expect(throws: CancellationError.self) {
            try await backup(bench, shelf, replacing: true) { _, _ in throw CancellationError() }
        }
        #expect(Bench.read(shelf.database) == whole, "the backup that is there is not written over")
        try await store.close()
    }

    @Test("that ends in the middle leaves no name, and what was there stays")
    func interrupted() async throws {
        let (bench, shelf) = (Bench(), Bench())
        let store = try bench.open(keys: Self.keys)
        try await append(8000, to: store)
        await #expect(throws: CancellationError.self) {
            try await backup(bench, shelf) { done, total in if done < total { throw CancellationError() } }
        }
        #expect(Self.names(shelf.path).isEmpty)
        _ = try await backup(bench, shelf)
        let whole = Bench.read(shelf.database)
        await #expect(throws: CancellationError.self) {
            try await backup(bench, shelf, replacing: true) { _, _ in throw CancellationError() }
        }
        #expect(Self.names(shelf.path) == ["clarion.db"] && Bench.read(shelf.database) == whole)
        try await store.close()
    }

    @Test("two are not written under one name at once")
    func twice() async throws {
        let (bench, shelf) = (Bench(), Bench())
        let store = try bench.open(keys: Self.keys)
        try await append(10, to: store)
        let first = try BackupFile(shelf.database, replacing: false)
        await #expect(throws: StoreError.unusable("another backup is being written to \(shelf.database).part")) {
            try await backup(bench, shelf)
        }
        first.abandon()
        _ = try await backup(bench, shelf)
        try await store.close()
    }

    // MARK: The way back

    @Test("puts the backup in place, keeps what was there, fences the store and says so in its log", arguments: [false, true])
    func back(killed: Bool) async throws {
        let (bench, shelf) = (Bench(), Bench())
        defer { Self.clear(bench) }
        let store = try bench.open(keys: Self.keys)
        try await append(1500, to: store)
        try await store.write { try $0.setMeta("moment", "backup") }
        let facts = try await backup(bench, shelf)
        try await append(700, to: store, from: 3000)
        try await store.write { try $0.setMeta("moment", "later") }
        let copy = Bench()
        defer { Self.clear(copy) }
        if killed {
            // What a kill leaves: the log is not in the database yet.
            for file in ["clarion.db", "clarion.db-wal", "clarion.fence"] {
                let target = open(copy.path + "/" + file, O_CREAT | O_WRONLY, 0o600)
                let bytes = Bench.read(bench.path + "/" + file)
                #expect(write(target, bytes, bytes.count) == bytes.count)
                close(target)
            }
        }
        try await store.close()
        let place = killed ? copy : bench

        let back = try restore(shelf, into: place)
        #expect(back.findings.missing == 700 && back.findings.ofStore == 2200 && back.findings.backup == facts)
        let kept = try #require(try back.finish(at: Sample.at(9000), saying: Self.row))
        #expect(kept.hasPrefix(place.database + ".before-") && access(place.database + ".restoring", F_OK) != 0)

        let again = try place.open(keys: Self.keys)
        let (why, moment, last) = try await again.read {
            (try $0.meta(Fence.key), try $0.meta("moment"), try $0.log(after: facts.rows, limit: 9).map(\.entry))
        }
        #expect(why == Fence.restored(rows: 700).words && moment == "backup")
        #expect(last.count == 1 && last[0].act == .operator && last[0].body["missing"]?.integer == 700)
        #expect(try await again.read { try $0.verifyLog(trusted: nil, book: nil) }.isSound)
        #expect(try await again.write { try $0.releaseFence() })
        try await again.close()
        let third = try place.open(keys: Self.keys)
        #expect(try await third.read { try $0.meta(Fence.key) } == nil)
        try await third.close()

        // What was there can be put back in the same way: it is whole in one file.
        #expect(access(kept + "-wal", F_OK) != 0)
        let former = Bench()
        #expect(rename(kept, former.database) == 0)
        let forward = try restore(former, into: place, isTrial: true)
        #expect(forward.findings.backup.rows == 2200 && forward.findings.verdict.isSound)
        forward.abandon()
    }

    /// The mark of the fence is ten seconds old at most: what was sent in these is known to nobody, so a restore fences by itself.
    @Test("fences also when nothing is known to be missing, and where there is no store yet")
    func fencesAlways() async throws {
        let (bench, shelf, other) = (Bench(), Bench(), Bench())
        defer { Self.clear(bench) }
        let store = try bench.open(keys: Self.keys)
        try await append(20, to: store)
        _ = try await backup(bench, shelf)
        try await store.close()
        for place in [bench, other] {
            let back = try restore(shelf, into: place)
            #expect(back.findings.missing == 0)
            #expect((try back.finish(at: Sample.at(9000), saying: Self.row) == nil) == (place === other))
            let again = try place.open(keys: Self.keys)
            #expect(try await again.read { try $0.meta(Fence.key) } == Fence.restored(rows: 0).words)
            try await again.close()
        }
    }

    @Test("is refused while somebody has the store, and only looks beside him")
    func locked() async throws {
        let (bench, shelf) = (Bench(), Bench())
        let store = try bench.open(keys: Self.keys)
        try await append(10, to: store)
        _ = try await backup(bench, shelf)
        #expect(throws: StoreError.locked(path: bench.path + "/clarion.lock", owner: Int(getpid()))) { try restore(shelf, into: bench) }
        try restore(shelf, into: bench, isTrial: true).abandon()
        try await append(10, to: store, from: 100)
        try await store.close()
    }

    @Test("a backup from before the audit key was changed verifies through the checkpoints outside")
    func formerKey() async throws {
        let (bench, shelf) = (Bench(), Bench())
        let store = try bench.open(keys: Self.keys)
        try await append(1200, to: store)
        _ = try await backup(bench, shelf)
        _ = try store.adopt(masters: CheckpointTests.keySet(audit: [4, 3]))
        #expect(try await store.write { try $0.signLog(at: Sample.at(9000)) })
        try await store.close()
        try restore(shelf, into: bench, keys: CheckpointTests.keySet(audit: [4]), isTrial: true).abandon()
        #expect(throws: StoreError.self) { try restore(shelf, into: Bench(), keys: CheckpointTests.keySet(audit: [4]), isTrial: true) }
    }

    enum Damage: CaseIterable, Sendable {
        case short, page, row, cutLog, noDatabase, newer, otherMaster, otherLookup, unknownMaster, withLog
    }

    @Test("what is damaged, cut, foreign or newer is refused, and the store is as it was", arguments: Damage.allCases)
    func refused(_ damage: Damage) async throws {
        let (bench, shelf) = (Bench(), Bench())
        let store = try bench.open(keys: Self.keys)
        try await append(3000, to: store)
        _ = try await backup(bench, shelf)
        try await append(10, to: store, from: 5000)
        try await store.close()
        let before = (Bench.read(bench.database), Self.names(bench.path))
        let keys = try inflict(damage, on: shelf)
        #expect(throws: StoreError.self) {
            try restore(shelf, into: bench, keys: keys).abandon()
        }
        do {
            try restore(shelf, into: bench, keys: keys).abandon()
        } catch let error as StoreError {
            switch (error, damage) {
            case (.integrity, .short), (.integrity, .page), (.integrity, .row), (.integrity, .cutLog): break
            case (.unusable, .noDatabase), (.unusable, .newer), (.unusable, .otherMaster), (.unusable, .otherLookup): break
            case (.unusable, .unknownMaster), (.unusable, .withLog): break
            default: Issue.record("\(damage): \(error)")
            }
        }
        #expect(Bench.read(bench.database) == before.0 && Self.names(bench.path) == before.1)
        let again = try bench.open(keys: Self.keys)
        #expect(try await again.read { try $0.lastLogSeq() } == 3010)
        #expect(try await again.read { try $0.meta(Fence.key) } == nil)
        try await again.close()
    }

    private func inflict(_ damage: Damage, on shelf: Bench) throws -> StoreKeys {
        func key(_ byte: UInt8) -> Sensitive<[UInt8]> { Sensitive([UInt8](repeating: byte, count: 32)) }
        func change(_ query: Query) throws {
            let db = try Connection(path: shelf.database, access: .write)
            try db.script(query)
            db.close()
        }
        let size = Bench.read(shelf.database).count
        switch damage {
        case .short: #expect(truncate(shelf.database, off_t(size / 2)) == 0)
        case .page:
            let file = open(shelf.database, O_WRONLY)
            let noise = [UInt8](repeating: 0xA5, count: 4096)
            for page in stride(from: 20, to: size / 4096, by: 7) { pwrite(file, noise, noise.count, off_t(page * 4096)) }
            close(file)
        case .row: try change(Query("DROP TRIGGER log_keeps_words; UPDATE log SET at = at + 1 WHERE seq = 1234"))
        case .cutLog: try change(Query("DROP TRIGGER log_keeps_rows; DELETE FROM log WHERE seq > 2990"))
        case .noDatabase:
            let file = open(shelf.database, O_WRONLY | O_TRUNC)
            _ = write(file, "-----BEGIN LETTER-----\n", 23)
            close(file)
        case .newer: try change(Query("PRAGMA user_version = 99"))
        case .otherMaster: return StoreKeys(master: key(8), lookup: key(9), audit: [key(3)])
        case .otherLookup: return StoreKeys(master: key(7), lookup: key(8), audit: [key(3)])
        case .unknownMaster:
            try change(
                Query(
                    "INSERT INTO customer_key (id, salt, lookup, box, master) VALUES (4711, 1, x'01', x'0102', 'deadbeef')"))
        case .withLog:
            let file = open(shelf.database + "-wal", O_CREAT | O_WRONLY, 0o600)
            _ = write(file, "frames", 6)
            close(file)
        }
        return Self.keys
    }
}
