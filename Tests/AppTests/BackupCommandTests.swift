import Core
import Foundation
import Sandbox
import Store
import TestKit
import Testing

/// `db backup` and `db restore` as operators use them: beside a worker that writes, killed in the middle, and back again.
@Suite(.serialized) struct BackupCommandTests {
    private func run(_ world: KillWorld, _ arguments: String...) async throws -> (status: Int32, text: String) {
        try await ChildProcess.run(world.program, arguments + ["--config", world.settings])
    }
    private func waiting(_ world: KillWorld) async throws -> Int {
        let state = try JSON(parsing: try await run(world, "fence", "--json").text)
        return (state["waiting"]?.object ?? []).reduce(0) { $0 + Int($1.1.integer ?? 0) }
    }
    /// Beside the store, which is in `data`.
    private func shelf(_ world: KillWorld) throws -> String {
        try FileManager.default.createDirectory(atPath: world.directory + "/shelf", withIntermediateDirectories: true)
        return world.directory + "/shelf/clarion.db"
    }

    @Test("a backup of a working store is restored: nothing is sent until somebody says so", .timeLimit(.minutes(3)))
    func backAndForth() async throws {
        let world = try await KillWorld()
        let (load, file) = (KillLoad(), try shelf(world))
        var worker = try await world.worker()
        await load.post(to: world.socket, atMost: 20)
        // While events come in.
        async let posting: Void = load.post(to: world.socket, atMost: 60)
        let taken = try await run(world, "db", "backup", file, "--reason", "nightly", "--json")
        await posting
        #expect(taken.status == 0, "\(taken.text)")
        let rows = try #require(try JSON(parsing: taken.text)["rows"]?.integer)
        #expect(try JSON(parsing: taken.text)["signed_to"]?.integer ?? 0 > 0)
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        let again = try await run(world, "db", "backup", file)
        #expect(again.status == 64 && again.text.contains("--force"), "\(again.text)")
        #expect(try await run(world, "db", "backup", world.run.data + "/mine.db").status == 64, "not in the store's own directory")
        await load.post(to: world.socket, atMost: 20)

        let held = try await run(world, "db", "restore", file, "--reason", "INC-88")
        #expect(held.status == 69 && held.text.contains("in use"), "\(held.text)")
        let tried = try await run(world, "db", "restore", file, "--dry-run")
        #expect(tried.status == 0 && tried.text.contains("nothing was changed"), "\(tried.text)")
        #expect(worker.stop() == 0)
        _ = try await world.drain()
        let sent = try world.ledger().count
        #expect(sent > 100)

        let damaged = file + ".damaged"
        var bytes = try TextFile.bytes(file)
        for place in stride(from: 100_000, to: bytes.count, by: 9973) { bytes[place] ^= 0xFF }
        try Data(bytes).write(to: URL(filePath: damaged))
        let before = try TextFile.bytes(world.run.data + "/clarion.db")
        let refused = try await run(world, "db", "restore", damaged, "--reason", "INC-88")
        #expect(refused.status == 6 && refused.text.contains("nothing was changed"), "\(refused.text)")
        #expect(try TextFile.bytes(world.run.data + "/clarion.db") == before)

        let back = try await run(world, "db", "restore", file, "--reason", "INC-88", "--json")
        #expect(back.status == 0, "\(back.text)")
        let report = try JSON(parsing: back.text)
        #expect(report["fenced"] == true && report["missing"]?.integer ?? 0 > 0)
        #expect(try TextFile.names(in: world.run.data).contains { $0.hasPrefix("clarion.db.before-") })

        worker = try await world.worker()
        #expect(worker.text.contains("restored from a backup"), "\(worker.text)")
        await load.post(to: world.socket, atMost: 10)
        #expect(try await run(world, "fence").status == 3)
        #expect(worker.stop() == 0)
        #expect(try world.ledger().count == sent, "nothing left")
        let count = try await waiting(world)
        #expect(count > 0)
        let released = try await run(world, "fence", "release", "--discard", "--yes", "\(count)", "--reason", "looked")
        #expect(released.status == 0, "\(released.text)")
        worker = try await world.worker()
        await load.post(to: world.socket, atMost: 4)
        #expect(worker.stop() == 0)
        _ = try await world.drain()
        #expect(try world.ledger().count > sent, "what is new leaves again")
        let verified = try await run(world, "audit", "verify", "--json")
        #expect(verified.status == 0, "\(verified.text)")
        let store = try world.openStore()
        let said = try await store.read { reader in
            try reader.log(after: 0, limit: 100_000).filter { $0.entry.act == .operator }.map(\.entry.body)
        }
        try await store.close()
        let taking = try #require(said.first { $0["command"] == "db backup clarion.db" })
        let bringing = try #require(said.first { $0["command"] == "db restore clarion.db" })
        #expect(taking["reason"] == "nightly" && bringing["reason"] == "INC-88" && bringing["missing"] == report["missing"])
        #expect(bringing["rows"]?.integer == rows)
    }

    @Test("a backup that is killed in the middle leaves no file of its name, and the next one is whole", .timeLimit(.minutes(2)))
    func killed() async throws {
        let world = try await KillWorld()
        let file = try shelf(world)
        let load = KillLoad()
        let worker = try await world.worker()
        await load.post(to: world.socket, atMost: 4)
        worker.stop()
        // So much that a copy takes its time.
        let store = try world.openStore()
        try await store.write { try $0.setMeta("ballast", String(repeating: "0123456789abcdef", count: 16 << 20)) }
        try await store.close()
        let copying = try await ChildProcess(world.program, ["db", "backup", file, "--config", world.settings], ready: nil)
        func size() -> Int {
            var status = stat()
            return stat(file + ".part", &status) == 0 ? Int(status.st_size) : 0
        }
        while size() < 1 << 20, !TextFile.exists(file) {
            try await Task.sleep(for: .milliseconds(1))
        }
        copying.kill()
        #expect(!TextFile.exists(file) && TextFile.exists(file + ".part"), "\(copying.text)")
        #expect(try await run(world, "db", "backup", file).status == 0)
        #expect(!TextFile.exists(file + ".part"))
        let tried = try await run(world, "db", "restore", file, "--dry-run")
        #expect(tried.status == 0, "\(tried.text)")
    }

    @Test(
        "what was planted is in no page of the database, its log, a backup or an export, also after a kill",
        .timeLimit(.minutes(3)))
    func planted() async throws {
        let world = try await KillWorld()
        let (load, file) = (KillLoad(), try shelf(world))
        let worker = try await world.worker()
        await load.post(to: world.socket, atMost: 40)
        #expect(try await run(world, "db", "backup", file).status == 0)
        let export = world.directory + "/shelf/log.ndjson"
        let exported = try await run(world, "audit", "export", "--to", export, "--reason", "audit")
        #expect(exported.status == 0, "\(exported.text)")
        // With the log as a kill leaves it.
        worker.kill()
        let told = try world.ledger().filter { !$0.text.isEmpty }
        #expect(Set(told.map(\.channel)) == [.sms, .push, .mail])
        // A text as it was rendered: its longest line.
        let words = told.compactMap { $0.text.split(separator: "\n").max { $0.count < $1.count }.map { String($0) } }
        let shown = try TextFile.read(Program.root.path + "/Tests/Faults/world.json")
        let json = try JSON(parsing: shown)
        let values =
            Set(told.map(\.recipient) + words + (json["parts"]?.array ?? []).compactMap(\.string))
            .union([json["name"]?.string ?? "", json["card"]?.string ?? ""])
        #expect(values.count > 20 && !values.contains(""))
        let files = ["clarion.db", "clarion.db-wal", "clarion.db-shm"].map { world.run.data + "/" + $0 } + [file, export]
        for path in files {
            let bytes = try TextFile.bytes(path)
            #expect(!bytes.isEmpty, "\(path)")
            for value in values where TextFile.offset(of: Array(value.utf8), in: bytes) != nil { Issue.record("\(path) holds \(value)") }
        }
        #expect(TextFile.offset(of: Array("WD1".utf8), in: try TextFile.bytes(export)) != nil, "the search finds what is there")
    }
}
