import Core
import FoundationEssentials
import Store
import TestKit
import Testing

/// What is kept no longer, as operators do it: with a worker that runs, and one that ends in the middle.
@Suite(.serialized) struct KeepingCommandTests {
    private func run(_ world: KillWorld, _ arguments: String...) async throws -> (status: Int32, text: String) {
        try await ChildProcess.run(world.program, arguments + ["--config", world.settings])
    }

    @Test("a customer is erased and the master key changed while the worker runs", .timeLimit(.minutes(2))) func online() async throws {
        let world = try await KillWorld()
        let load = KillLoad()
        let worker = try await world.worker()
        await load.post(to: world.socket, upTo: 3)
        for (arguments, words) in [
            (["CU1"], "not over yet"), (["CU1", "--even-if-open", "--dry-run"], "nothing was changed"),
            (["CU1", "--even-if-open"], "is erased"),
            (["CU1"], "nothing is stored"),
        ] {
            let ended = try await ChildProcess.run(
                world.program, ["customer", "erase"] + arguments + ["--reason", "case 4711", "--config", world.settings])
            #expect(ended.text.contains(words), "\(ended.text)")
        }
        let before = try await keeping(world).masterKey
        let rotated = try await run(world, "keys", "rotate", "--reason", "yearly")
        #expect(rotated.status == 0 && rotated.text.contains("1 former key"), "\(rotated.text)")
        #expect(worker.stop() == 0, "\(worker.text)")
        let drained = try await world.drain()
        #expect(drained.status == 0, "\(drained.text)")

        let after = try await keeping(world)
        #expect(after.masterKey != before && !after.isWrapping && after.erasing == 0)
        let shown = try await run(world, "retention")
        #expect(shown.status == 0 && shown.text.contains("master key \(after.masterKey) wraps every data key"), "\(shown.text)")
        // The former key is needed no more.
        let file = world.run.data + "/master.key"
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
        try Data((lines[0] + "\n").utf8).write(to: URL(filePath: file))
        #expect(try await run(world, "audit", "verify").status == 0)
        #expect(try await run(world, "audit", "customer", "CU2").text.contains("WD2"))
        let gone = try await run(world, "audit", "order", "WD1")
        #expect(gone.status == 0 && gone.text.contains("cus_") && !gone.text.contains("CU1 "), "\(gone.text)")
        try Data((lines[1] + "\n").utf8).write(to: URL(filePath: file))
        #expect(try await run(world, "audit", "verify").text.contains("master key is not the one"))
    }

    private func keeping(_ world: KillWorld) async throws -> KeepingState {
        let store = try SQLiteStore.openReadOnly(directory: world.run.data, keys: try world.run.keys())
        let state = try await store.read { try $0.keeping() }
        await store.close()
        return state
    }
}
