import Core
import FoundationEssentials

/// A directory with settings and a store, and workers that come and go. It is a run's directory for the checker.
public protocol WorkerWorld: Sendable {
    var directory: String { get }
    /// Path of the settings.
    var settings: String { get }
    /// The `clarion` that is started.
    var program: String { get }
}

extension WorkerWorld {
    public var run: RunDirectory { RunDirectory(directory) }
    public var socket: String { directory + "/data/clarion.sock" }

    /// One that is ready.
    public func worker(withHTTP: Bool = false) async throws -> ChildProcess {
        let arguments = withHTTP ? ["run", "--listen", "127.0.0.1:0"] : ["worker"]
        let begun = ContinuousClock.now
        let worker = try await ChildProcess(program, arguments + ["--config", settings], ready: "Ready.")
        try note(["ready_ms": .integer(Int((ContinuousClock.now - begun) / .milliseconds(1)))])
        return worker
    }

    /// Works until nothing waits.
    @discardableResult
    public func drain() async throws -> (status: Int32, text: String) {
        let ended = try await ChildProcess.run(program, ["worker", "--until-quiet", "--config", settings])
        let last = ended.text.split(separator: "\n").last.map(String.init) ?? ""
        try note(["exit": .integer(ended.status), "expected": [0], "last_line": .string(last)])
        return ended
    }

    /// A line of `processes.jsonl`.
    private func note(_ line: JSON) throws {
        try TextFile.append(String(decoding: line.bytes, as: UTF8.self) + "\n", to: directory + "/processes.jsonl")
    }
}

/// Settings of a worker under test: the shipped catalogue and texts, everything at once on every channel, and no fallback.
struct WorkerSettings {
    var mode: String
    /// YAML, as it stands below `accounts:`.
    var accounts: String
    var store = "data"

    /// Returns the path.
    @discardableResult
    static func write(_ settings: WorkerSettings, to directory: String, _ name: String = "clarion.yaml") throws -> String {
        try TextFile.write(settings.text, to: directory + "/" + name)
        try TextFile.write(try policy(), to: directory + "/policy.yaml")
        return directory + "/" + name
    }

    private static let repository = Program.root.path

    /// The shipped policy with mail at once, and no fallback.
    private static func policy() throws -> String {
        let shipped = try TextFile.read(repository + "/config/policy.yaml")
        guard let start = shipped.firstRange(of: "    now: [sms, push, in_app]\n"),
            let end = shipped.firstRange(of: "    locked: [in_app, sms]\n")
        else {
            throw ChildProblem("the shipped policy reads differently")
        }
        return shipped[..<start.lowerBound] + "    now: [sms, push, mail, in_app]\n" + shipped[end.lowerBound...]
    }

    private var text: String {
        """
        mode: \(mode)
        listen: 127.0.0.1:8080
        store:
          directory: \(store)
        templates:
          directory: \(Self.repository)/templates
        policy: policy.yaml
        catalogue:
          kinds: \(Self.repository)/config/kinds.yaml
          codes: [\(Self.repository)/config/reason-codes.csv, \(Self.repository)/config/internal-codes.csv]
          baselines: \(Self.repository)/config/bank-baselines.csv
          rails: \(Self.repository)/config/rails.yaml
          holidays: \(Self.repository)/config/holidays.yaml
        sandbox: { directory: sandbox, https_port: 0, page_port: 0, smtp_port: 0 }
        brand:
          name: { zh-Hans: 示例支付, zh-Hant: 示例支付, en: Example Pay }
          support: "+86 400 000 0000"
          link_base: https://pay.example/w/
        accounts:
        \(accounts)
        """
    }
}
