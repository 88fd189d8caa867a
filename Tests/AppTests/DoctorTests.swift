import Core
import Foundation
import Sandbox
import TestKit
import Testing

/// `doctor` beside a running worker, and without one.
@Suite(.serialized) struct DoctorTests {
    private func checks(_ world: KillWorld) throws -> (status: Int32, state: [String: String], words: [String: String]) {
        let ended = try Program.run(["doctor", "--json", "--config", world.settings])
        let list = try JSON(parsing: ended.output)["checks"]?.array ?? []
        func column(_ name: String) -> [String: String] {
            Dictionary(list.map { ($0["part"]?.string ?? "", $0[name]?.string ?? "") }) { first, _ in first }
        }
        return (ended.status, column("state"), column("words"))
    }

    @Test func theWorkersOwnConnectionIsAsked() async throws {
        let world = try await KillWorld()
        let worker = try await world.worker(withHTTP: false)
        let found = try checks(world)
        #expect(found.status == 0)
        for part in ["templates", "disk", "libraries", "keys", "worker", "pragmas", "lock", "store", "clock", "queue", "sandbox"] {
            #expect(found.state[part] == "good", "\(part): \(found.words[part] ?? "")")
        }
        #expect(found.words["pragmas"] == "journal_mode WAL, synchronous FULL, foreign_keys on, wal_autocheckpoint 0")
        #expect(found.words["lock"] == "held by process \(worker.pid)")
        #expect(found.words["libraries"]?.hasPrefix("SQLite 3.") == true && found.words["libraries"]?.contains("libcurl/") == true)
    }

    @Test func whatIsWrongIsSaidWithWhatToDo() async throws {
        let world = try await KillWorld()
        #expect(try await world.drain().status == 0)
        let idle = try checks(world)
        #expect(idle.state["worker"] == "warning" && idle.state["lock"] == "good" && idle.words["lock"] == "free")
        #expect(idle.state["pragmas"] == nil)
        let key = world.directory + "/data/inbox.key"
        try Data("x\n".utf8).write(to: URL(filePath: key))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        let open = try Program.run(["doctor", "--config", world.settings])
        #expect(open.status == 3 && (open.output.contains("chmod 600") || open.output.contains("others can read")))
    }

    @Test("a file of checkpoints that is missing, behind, another's or not to be written is said", .timeLimit(.minutes(2)))
    func checkpoints()
        async throws
    {
        let world = try await KillWorld()
        let (load, directory) = (KillLoad(), world.run.data + "/checkpoints")
        let worker = try await world.worker()
        await load.post(to: world.socket, atMost: 4)
        #expect(worker.stop() == 0)
        #expect(try await world.drain().status == 0)
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: directory).first)
        let file = directory + "/" + name
        let whole = try Data(contentsOf: URL(filePath: file))
        let well = try checks(world)
        #expect(well.state["checkpoints"] == "good" && well.words["checkpoints"]?.contains(name) == true, "\(well.words)")

        let lines = whole.split(separator: 0x0A)
        #expect(lines.count > 1)
        try Data(lines.dropLast().joined(separator: [0x0A]) + [0x0A]).write(to: URL(filePath: file))
        #expect(try checks(world).state["checkpoints"] == "warning")
        var bent = whole
        bent[bent.startIndex + 40] ^= 1
        try bent.write(to: URL(filePath: file))
        #expect(try checks(world).state["checkpoints"] == "bad")
        try FileManager.default.removeItem(atPath: file)
        let missing = try checks(world)
        #expect(missing.status == 3 && missing.state["checkpoints"] == "bad", "\(missing.words)")
        #expect(missing.words["checkpoints"]?.contains("none is written outside") == true)
        try whole.write(to: URL(filePath: file))
        #expect(try checks(world).state["checkpoints"] == "good")
    }

    @Test("a running worker that cannot write its checkpoints says so, and doctor repeats it", .timeLimit(.minutes(2))) func unwritable()
        async throws
    {
        let world = try await KillWorld()
        let (load, directory) = (KillLoad(), world.run.data + "/checkpoints")
        #expect(try await world.worker().stop() == 0)
        // Something else stands where its file was.
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: directory).first)
        try FileManager.default.removeItem(atPath: directory + "/" + name)
        try FileManager.default.createDirectory(atPath: directory + "/" + name, withIntermediateDirectories: false)
        let worker = try await world.worker()
        await load.post(to: world.socket, atMost: 4)
        let said = try checks(world)
        #expect(said.status == 3 && said.state["checkpoints"] == "bad", "\(said.words)")
        #expect(said.words["checkpoints"]?.contains("cannot be opened") == true, "\(said.words)")
        #expect(worker.stop() == 0, "it goes on: \(worker.text)")
    }
}
