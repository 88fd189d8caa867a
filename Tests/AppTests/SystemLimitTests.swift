import TestKit
import Testing

@testable import App

/// What a worker takes of its machine.
struct SystemLimitTests {
    @Test("as many files as the system allows, since none left would end the process") func files() async throws {
        let world = try await KillWorld()
        let worker = try await ChildProcess(
            "/usr/bin/prlimit", ["--nofile=256:4096", world.program, "worker", "--config", world.settings], ready: "Ready.")
        let limits = try Host.text(at: "/proc/\(worker.pid)/limits").split(separator: "\n")
        let files = limits.first { $0.hasPrefix("Max open files") }?.split(separator: " ").map(String.init)
        #expect(files.map { Array($0.dropFirst(3).prefix(2)) } == ["4096", "4096"])
        #expect(worker.stop() == 0)
    }

    @Test("a key that could not be written whole is not there, so that the next start makes it") func keys() async throws {
        let world = try await KillWorld()
        let cut = try await ChildProcess.run(
            "/usr/bin/prlimit", ["--fsize=16", world.program, "worker", "--until-quiet", "--config", world.settings])
        #expect(cut.status == 1 && cut.text.contains("master.key"), "\(cut.status) \(cut.text)")
        let drained = try await world.drain()
        #expect(drained.status == 0, "\(drained.text)")
    }
}
