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
}
