import TestKit
import Testing

@testable import App

/// What a worker takes of its machine.
struct SystemLimitTests {
    @Test("as many files as the system allows, since none left would end the process") func files() async throws {
        let world = try await KillWorld()
        let worker = try await ChildProcess(
            "/usr/bin/prlimit", ["--nofile=256:4096", try KillWorld.program(), "worker", "--config", world.settings], ready: "Ready.")
        let limits = try Host.text(at: "/proc/\(worker.pid)/limits").split(separator: "\n")
        let files = limits.first { $0.hasPrefix("Max open files") }?.split(separator: " ").map(String.init)
        #expect(files.map { Array($0.dropFirst(3).prefix(2)) } == ["4096", "4096"])
        #expect(worker.stop() == 0)
    }
}
