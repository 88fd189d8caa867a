import Core
import FoundationEssentials
import Glibc
import TestKit
import Testing

/// In a worker's memory are keys, addresses and words: no core of it comes to lie on a disk, whatever the limits it was started with.
@Suite(.serialized) struct CoreDumpTests {
    /// Runs a command from a shell that lets cores be written into `directory`, and ends it with SIGSEGV: a child
    /// of this test has the others blocked. Returns what the shell says of its end, and what the
    /// kernel said of its limit.
    private func crashed(_ directory: String, _ arguments: [String], ready: String) async throws -> (words: String, limits: String) {
        let shell = try await ChildProcess(
            "/bin/bash", ["-c", "ulimit -c unlimited; cd \"$0\"; \"$@\"; echo \"status $?\"", directory] + arguments, ready: ready)
        let children = try TextFile.read("/proc/\(shell.pid)/task/\(shell.pid)/children")
        let pid = try #require(children.split(separator: " ").first.flatMap { pid_t($0) })
        let limits = try TextFile.read("/proc/\(pid)/limits").split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        #expect(kill(pid, SIGSEGV) == 0)
        _ = await shell.line(with: "status")
        return (shell.text, String(limits ?? ""))
    }

    @Test("a worker that dies writes no core, where another program would", .timeLimit(.minutes(2))) func none() async throws {
        let world = try await KillWorld()
        let place = world.directory + "/cores"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let other = try await crashed(place, ["/bin/bash", "-c", "echo begun; while :; do sleep 0.1; done"], ready: "begun")
        #expect(other.limits.contains("unlimited") && other.words.contains("status 139"), "\(other)")
        for file in try TextFile.names(in: place) { try FileManager.default.removeItem(atPath: place + "/" + file) }
        let worker = try await crashed(place, [world.program, "worker", "-v", "--config", world.settings], ready: "Ready.")
        #expect(worker.words.contains("status 139"), "it died of the signal: \(worker.words)")
        #expect(worker.limits.split(separator: " ").filter { $0 == "0" }.count == 2, "\(worker.limits)")
        #expect(!worker.words.contains("core dumped"), "the control said \(other.words)")
        #expect(try TextFile.names(in: place) == [])
    }
}
