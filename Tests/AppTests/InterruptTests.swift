import Core
import Foundation
import Glibc
import TestKit
import Testing

/// Ctrl-C as a person means it: the first finishes what was begun, the second ends at once.
@Suite(.serialized) struct InterruptTests {
    @Test(arguments: [SIGINT, SIGTERM]) func theSecondOneEndsWhateverHangs(_ signal: Int32) async throws {
        let world = try await KillWorld()
        let worker = try await world.worker(withHTTP: false)
        // An attempt that is on the wire for longer than anybody waits holds the first one up.
        try await world.slowDown(milliseconds: 60_000)
        let program = Program.path.path
        let log = try await ChildProcess(program, ["tail", "--config", world.settings, "--act", "intent"], ready: "live")
        let events = world.directory + "/events.jsonl"
        try Data(try Program.run(["event", "sample", "--kind", "risk_hold"]).output.utf8).write(to: URL(filePath: events))
        #expect(try await ChildProcess.run(program, ["event", "send", "--config", world.settings, events]).status == 0)
        #expect(await log.line(with: "intent") != nil)
        kill(worker.pid, signal)
        #expect(await worker.line(with: "Ctrl-C again ends at once") != nil)
        #expect(worker.stop() == 128 + SIGTERM)
    }

    @Test(arguments: ["run", "worker", "sandbox", "tail"]) func theFirstOneEndsInOrder(_ command: String) async throws {
        let world = try await KillWorld()
        let program = Program.path.path
        let child: ChildProcess
        switch command {
        case "run", "worker": child = try await world.worker(withHTTP: command == "run")
        case "sandbox":
            let own = world.directory + "/own.yaml"
            let text = try String(contentsOfFile: world.settings, encoding: .utf8)
            try Data(text.replacingOccurrences(of: "directory: sandbox,", with: "directory: own,").utf8).write(to: URL(filePath: own))
            child = try await ChildProcess(program, ["sandbox", "--config", own], ready: "Ctrl-C ends")
        default:
            #expect(try await world.drain().status == 0)
            child = try await ChildProcess(program, ["tail", "--config", world.settings], ready: "live")
        }
        #expect(child.stop() == (command == "tail" ? 130 : 0))
        if command != "tail" { #expect(child.text.contains("Ctrl-C again ends at once")) }
    }

    @Test func aReplayStopsAtTheNextLine() async throws {
        let directory = NSTemporaryDirectory() + "clarion-interrupt-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let events = directory + "/events.jsonl"
        try Data(try Program.run(["event", "sample", "--count", "9000", "--seed", "1"]).output.utf8).write(to: URL(filePath: events))
        let settings = Program.root.appending(path: "config/clarion.yaml").path
        let replay = try await ChildProcess(
            Program.path.path, ["replay", events, "--config", settings, "--store", directory + "/store"],
            ready: "Replaying 9,000 events")
        #expect(replay.stop() == 130)
        #expect(replay.text.contains("Ctrl-C again ends at once") && replay.text.contains("interrupted"))
    }
}
