import Core
import FoundationEssentials
public import Sandbox
public import Store
import Transport

/// A directory with settings, a sandbox in a process of its own, and workers that come and go.
///
/// | channel | account | guarantee |
/// |---|---|---|
/// | sms | HTTP gateway with an idempotency key | keyed |
/// | push | APNs | collapsing |
/// | mail | SMTP | blind |
public final class KillWorld: WorkerWorld {
    public let directory: String
    public let settings: String
    public let program: String
    public let endpoints: Endpoints
    private let sandbox: ChildProcess
    private let isKept: Bool

    /// - Parameters:
    ///   - program: the `clarion` that is started; nil: the one that was built with this.
    ///   - directory: an empty one, which stays; nil: one of its own, which goes with the object.
    public init(program: String? = nil, directory: String? = nil) async throws {
        isKept = directory != nil
        let directory = try directory ?? TextFile.temporaryDirectory()
        let program = program ?? Program.path.path
        (self.directory, self.program) = (directory, program)
        settings = directory + "/clarion.yaml"
        try WorkerSettings.write(WorkerSettings(mode: "capture"), to: directory)
        let planted = try Planted.read()
        try planted.writeSecret(to: directory)
        // After a kill each open attempt has its slot, and what a provider recognises is repeated.
        let limits: JSON = ["left_open_unknown": 0, "listed_repeatable": 0]
        let caps = planted.caps(of: program)
        try TextFile.write(
            String(decoding: JSON.object((limits.object ?? []) + caps).bytes, as: UTF8.self), to: directory + "/limits.json")
        sandbox = try await ChildProcess(program, ["sandbox", "--config", settings], ready: "Ctrl-C")
        guard let endpoints = Endpoints(try JSON(parsing: try TextFile.read(directory + "/sandbox/endpoints.json"))) else {
            throw ChildProblem("the sandbox says no endpoints")
        }
        self.endpoints = endpoints
    }
    deinit {
        sandbox.kill()
        guard !isKept else { return }
        do { try FileManager.default.removeItem(atPath: directory) } catch { print("left behind: \(directory)") }
    }

    /// Every provider waits before it answers, so that a kill finds requests on the wire.
    public func slowDown(milliseconds: Int) async throws { try await endpoints.set("provider=all&fail=none&stall=\(milliseconds)") }

    /// Connections and threads are kept for what comes next. So a lot comes at once, and then twice the same: the second time nothing may be added.
    func holdNothing(_ load: KillLoad) async throws {
        let worker = try await worker()
        for (count, stall, counts) in [(160, 400, false), (40, 0, true), (40, 0, true)] {
            try await slowDown(milliseconds: stall)
            await load.post(to: socket, atMost: count)
            try await worker.lookWhenQuiet(counts: counts)
        }
        worker.stop()
    }

    /// What the providers accepted, from their own file.
    public func ledger() throws -> [Row] {
        try TextFile.read(run.ledger).split(separator: "\n").map { line in
            guard let row = Row(try JSON(parsing: String(line))) else { throw ChildProblem("the ledger holds a line that is no row") }
            return row
        }
    }
    /// With no worker running.
    public func openStore() throws -> SQLiteStore {
        try SQLiteStore(directory: run.data, keys: try run.keys(), random: SystemRandom())
    }

    /// The same settings with a store of its own: what is new to it alone is tried there. Returns the settings' path.
    public func settings(withStore name: String) throws -> String {
        try WorkerSettings.write(
            WorkerSettings(mode: "capture", store: name), to: directory, "clarion-\(name).yaml")
    }
}

extension Endpoints {
    /// What the page of a running sandbox does with its switches.
    public func set(_ switches: String) async throws {
        let transport = Transport(capacity: 4)
        transport.register(TransportAccount(name: "page", allowPlain: true, addresses: .loopbackOnly))
        let form = HTTPCall(
            url: http + "/_switch", headers: [("content-type", HeaderValue("application/x-www-form-urlencoded")!)],
            body: Array(switches.utf8))
        let result = await transport.perform(.http(form), on: "page")
        await transport.shutdown()
        guard case .reply(let reply) = result, reply.status == 200 else {
            throw ChildProblem("the sandbox refuses its switches: \(result)")
        }
    }
}
