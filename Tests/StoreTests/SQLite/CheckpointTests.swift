import Core
import Glibc
import Proof
import Testing

@testable import Store

@Suite("the log is signed, in the store and outside of it")
struct CheckpointTests {
    static let keys = CheckpointTests.keySet(audit: [3])
    static func keySet(audit: [UInt8]) -> StoreKeys {
        func key(_ byte: UInt8) -> Sensitive<[UInt8]> { Sensitive([UInt8](repeating: byte, count: 32)) }
        return StoreKeys(master: key(7), lookup: key(9), audit: audit.map(key))
    }
    static func publicKey(_ byte: UInt8) -> AuditPublicKey { AuditKey(seed: Sensitive([UInt8](repeating: byte, count: 32)))!.publicKey }

    static func append(_ rows: Int, to store: SQLiteStore, from first: Int = 1, word: String = "a") async throws {
        for start in stride(from: 0, to: rows, by: 700) {
            try await store.write { writer in
                for n in start..<min(start + 700, rows) {
                    try writer.append(
                        LogEntry(
                            .decision, at: Sample.at(first + n), order: Sample.order(n % 9 + 1), event: Int64(n + 1),
                            body: ["n": .integer(n), "word": .string(word)]))
                }
            }
        }
    }
    static func files(_ bench: Bench) -> [[UInt8]] {
        var files: [[UInt8]] = []
        guard let listing = opendir(bench.path + "/checkpoints") else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        // The first has no number, so the shortest name first.
        for name in names.filter({ $0.hasSuffix(".ndjson") }).sorted(by: { ($0.count, $0) < ($1.count, $1) }) {
            files.append(Bench.read(bench.path + "/checkpoints/" + name))
        }
        return files
    }
    static func audit(_ bench: Bench, _ keys: StoreKeys = CheckpointTests.keys, book file: Int? = nil) async throws -> LogVerdict {
        let audit = try SQLiteStore.openReadOnly(directory: bench.path, keys: keys)
        let files = files(bench)
        let verdict = try await audit.read { reader in
            let book = try CheckpointBook(files[file ?? files.count - 1], chain: reader.chainName(), trusted: reader.auditKeys())
            #expect(book.breaches.isEmpty)
            return try reader.verifyLog(trusted: nil, book: book)
        }
        await audit.close()
        return verdict
    }

    @Test("every thousand rows, on request, and at the end; the file says the same")
    func written() async throws {
        let bench = Bench()
        let store = try bench.open(keys: Self.keys)
        try await Self.append(2100, to: store)
        #expect(try await store.read { try $0.checkpoints(after: 0, limit: 9) }.map(\.seq) == [1000, 2000])
        #expect(try await store.write { try $0.signLog(at: Sample.at(9000)) })
        #expect(try await store.write { try $0.signLog(at: Sample.at(9001)) })
        let signed = try await store.read { try $0.checkpoints(after: 0, limit: 9) }
        #expect(signed.map(\.seq) == [1000, 2000, 2100] && signed.map(\.number) == [1, 2, 3])
        #expect(signed[2].signed?.checkpoint.at == Sample.at(9000) && signed[2].signed?.checkpoint.rows == 100)
        #expect(signed.allSatisfy { $0.signed?.isSigned ?? false })
        try await Self.append(5, to: store, from: 3000)
        try await store.close()
        let verdict = try await Self.audit(bench)
        #expect(
            verdict.isSound && verdict.signedThrough == 2105 && verdict.checkpoints == 4 && verdict.unsigned == 0, "\(verdict.breaches)")
        let lines = Self.files(bench)[0].split(separator: 0x0A).map { Array($0) }
        #expect(Array(lines.prefix(3)) == signed.map(\.line) && lines.count == 4)
    }

    @Test("a closure that is undone takes its checkpoint with it")
    func undone() async throws {
        let bench = Bench()
        let store = try bench.open(keys: Self.keys)
        try await Self.append(990, to: store)
        await expectFailure(store, where: { $0 is Unexpected }) { writer in
            for n in 0..<20 { try writer.append(LogEntry(.start, at: Sample.at(n), body: .null)) }
            throw Unexpected()
        }
        #expect(try await store.read { try $0.lastCheckpoint() } == nil)
        try await Self.append(30, to: store, from: 1000)
        #expect(try await store.read { try $0.lastCheckpoint()?.seq } == 1000)
        try await store.close()
        #expect(try await Self.audit(bench).isSound)
    }

    @Test("a store that was never signed is signed by and by")
    func older() async throws {
        let bench = Bench()
        let store = try bench.open()
        try await Self.append(20_500, to: store)
        try await store.close()
        let again = try bench.open(keys: Self.keys)
        try await Self.append(1, to: again, from: 30_000)
        #expect(try await again.read { try $0.lastCheckpoint()?.number } == 8)
        try await again.close()
        let verdict = try await Self.audit(bench)
        #expect(verdict.isSound && verdict.signedThrough == 20_501 && verdict.checkpoints == 21)
    }

    @Test("over a hole nothing is signed, and the log goes on") func hole() async throws {
        let bench = Bench()
        let store = try bench.open()
        try await Self.append(900, to: store)
        try await store.close()
        let db = try Connection(path: bench.database, access: .write)
        try db.script(Query("DROP TRIGGER log_keeps_rows; DELETE FROM log WHERE seq = 500"))
        db.close()
        let again = try bench.open(keys: Self.keys)
        try await Self.append(1200, to: again, from: 1000)
        #expect(try await again.read { try $0.lastLogSeq() } == 2100)
        #expect(try await again.write { try $0.signLog(at: Sample.at(9000)) })
        #expect(try await again.read { try $0.lastCheckpoint() } == nil)
        #expect(try await again.read { try $0.meta(LogSigning.problemKey) } == "rows of the log are missing before row 1000")
        #expect(try await again.read { try $0.verifyLog(trusted: nil, book: nil) }.breaches.contains { $0.rows.contains(500) })
        try await again.close()
    }

    @Test("a new key is announced by the one before; either is believed", arguments: [true, false])
    func rotated(isRunning: Bool) async throws {
        let bench = Bench()
        var store = try bench.open(keys: Self.keys)
        try await Self.append(1500, to: store)
        if isRunning {
            _ = try store.adopt(masters: Self.keySet(audit: [4, 3]))
        } else {
            try await store.close()
            store = try bench.open(keys: Self.keySet(audit: [4, 3]))
        }
        #expect(try await store.write { try $0.signLog(at: Sample.at(9000)) })
        try await Self.append(1200, to: store, from: 2000)
        try await store.close()
        // The former seed is gone by now.
        let again = try bench.open(keys: Self.keySet(audit: [4]))
        try await Self.append(10, to: again, from: 5000)
        try await again.close()
        let audit = try SQLiteStore.openReadOnly(directory: bench.path, keys: Self.keySet(audit: [4]))
        for key in [Self.publicKey(3), Self.publicKey(4)] {
            let verdict = try await audit.read { try $0.verifyLog(trusted: [key], book: nil) }
            #expect(verdict.isSound && verdict.signedThrough == 2710, "\(verdict.breaches)")
        }
        #expect(try await audit.read { try $0.verifyLog(trusted: [Self.publicKey(5)], book: nil) }.breaches.contains { $0.sort == .key })
        let announced = try await audit.read { try $0.checkpoints(after: 0, limit: 99) }.compactMap { $0.signed?.checkpoint.next }
        #expect(announced == [Self.publicKey(4)])
        await audit.close()
    }

    @Test("the file goes on where a power cut left it, in the middle of a line too", arguments: [0, 1, 100, 400])
    func cut(bytes: Int) async throws {
        let bench = Bench()
        let store = try bench.open(keys: Self.keys)
        try await Self.append(2500, to: store)
        try await store.close()
        let before = Self.files(bench)[0]
        let name = try await {
            let audit = try SQLiteStore.openReadOnly(directory: bench.path, keys: Self.keys)
            let path = try await audit.read { CheckpointFiles(directory: bench.path + "/checkpoints", chain: try $0.chainName()).paths[0] }
            await audit.close()
            return path
        }()
        #expect(truncate(name, off_t(before.count - bytes)) == 0)
        let again = try bench.open(keys: Self.keys)
        try await again.close()
        #expect(Self.files(bench) == [before])
    }

    @Test("an older copy in the place of the store is found, and so is one that went its own way")
    func restored() async throws {
        let (bench, copy) = (Bench(), Bench())
        let store = try bench.open(keys: Self.keys)
        try await Self.append(2100, to: store)
        try await store.close()
        func move(_ from: Bench, _ to: Bench, _ files: [String]) throws {
            for file in files {
                let bytes = Bench.read(from.path + "/" + file)
                let out = try #require(fopen(to.path + "/" + file, "w"))
                #expect(fwrite(bytes, 1, bytes.count, out) == bytes.count)
                fclose(out)
                chmod(to.path + "/" + file, 0o600)
            }
        }
        // With its fence, as an attacker would: the store itself cannot tell.
        try move(bench, copy, ["clarion.db", "clarion.fence"])
        let again = try bench.open(keys: Self.keys)
        try await Self.append(1500, to: again, from: 3000)
        try await again.close()
        try move(copy, bench, ["clarion.db", "clarion.fence"])
        let older = try await Self.audit(bench)
        #expect(older.breaches.contains { $0.sort == .truncated && $0.rows == 2101...3600 }, "\(older.breaches)")
        // Its own way: the keys are the same, the rows others.
        let fork = try bench.open(keys: Self.keys)
        try await Self.append(1500, to: fork, from: 3000, word: "b")
        try await fork.close()
        let files = Self.files(bench)
        #expect(files.count == 2)
        let other = try await Self.audit(bench, book: 0)
        #expect(other.breaches.contains { $0.sort == .forked && $0.rows.lowerBound == 2101 }, "\(other.breaches)")
        #expect(try await Self.audit(bench, book: 1).isSound)
    }

    @Test("whoever has every key of the database cannot cut it short unseen")
    func cutWithKeys() async throws {
        let bench = Bench()
        let store = try bench.open(keys: Self.keys)
        try await Self.append(3000, to: store)
        try await store.close()
        do {
            let connection = try Connection(path: bench.database, access: .write)
            try connection.script(
                Query(
                    "DROP TRIGGER log_keeps_rows; DROP TRIGGER checkpoint_keeps_rows; DELETE FROM log WHERE seq > 2000; DELETE FROM checkpoint WHERE seq > 2000"
                ))
            let head = try #require(try connection.first(SQL.logHead) { ChainHead(seq: $0.int(0), hash: LogDigest($0.blob(1))!) })
            try connection.run(SQL.setMeta) { $0(Chain.headKey, Chain.stamp(head, LookupKey([UInt8](repeating: 9, count: 32)))) }
        }
        let audit = try SQLiteStore.openReadOnly(directory: bench.path, keys: Self.keys)
        #expect(try await audit.read { try $0.verifyLog(trusted: nil, book: nil) }.isSound)
        await audit.close()
        let verdict = try await Self.audit(bench)
        #expect(verdict.breaches.map(\.rows) == [2001...3000] && verdict.breaches.map(\.sort) == [.truncated])
    }

    @Test("checkpoints of a fenced store are not exported until somebody releases it")
    func fenced() async throws {
        let bench = Bench()
        let store = try bench.open(keys: Self.keys)
        try await Self.append(1000, to: store)
        try await store.close()
        unlink(bench.path + "/clarion.fence")
        let copy = try bench.open(keys: Self.keys)
        try await Self.append(1000, to: copy, from: 2000)
        try await copy.close()
        #expect(Self.files(bench)[0].split(separator: 0x0A).count == 1)
        let again = try bench.open(keys: Self.keys)
        #expect(try await again.write { try $0.releaseFence() })
        try await Self.append(1000, to: again, from: 4000)
        try await again.close()
        #expect(Self.files(bench)[0].split(separator: 0x0A).count == 3 && Self.files(bench).count == 1)
    }

    @Test("a directory that cannot be written to is said at the start")
    func unwritable() throws {
        let bench = Bench()
        #expect(throws: StoreError.self) { try bench.open(keys: Self.keys) { $0.checkpointDirectory = "/proc/none" } }
    }
}
