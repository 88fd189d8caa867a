import Core
import FoundationEssentials

/// A worker in live mode before scripted providers, which have ledgers of their own: a keyed gateway for SMS and a blind mail server.
public final class ProviderWorld: WorkerWorld {
    public let directory, settings, program: String
    private let servers: [ScriptedServer]
    private let proxy: FaultProxy
    private let isKept: Bool

    /// - Parameters:
    ///   - seed: draws what the providers do; after `faults` connections each they do as they should.
    ///   - directory: an empty one, which stays; nil: one of its own, which goes with the object.
    public init(seed: UInt64, faults: Int, program: String? = nil, directory: String? = nil) throws {
        isKept = directory != nil
        let directory = try directory ?? TextFile.temporaryDirectory()
        (self.directory, self.program, settings) = (directory, program ?? Program.path.path, directory + "/clarion.yaml")
        try FileManager.default.createDirectory(atPath: directory + "/providers", withIntermediateDirectories: true)
        let faults = ProviderFaults(seed: seed, limit: faults)
        let sms = try ScriptedServer(
            ledger: ProviderLedger(directory + "/providers/sms.jsonl", channel: .sms, repeats: .keyed), script: faults.http)
        let mail = try ScriptedServer(
            ledger: ProviderLedger(directory + "/providers/mail.jsonl", channel: .mail, repeats: .blind), script: faults.mail)
        servers = [sms, mail]
        proxy = try FaultProxy(to: sms.port, seed: seed, rules: faults.proxy)
        try WorkerSettings.write(WorkerSettings(mode: "live", accounts: Self.accounts(sms: proxy.port, mail: mail.port)), to: directory)
    }
    deinit {
        guard !isKept else { return }
        do { try FileManager.default.removeItem(atPath: directory) } catch { print("left behind: \(directory)") }
    }

    private static func accounts(sms: UInt16, mail: UInt16) -> String {
        """
          - name: sms-keyed
            provider: http
            url: http://127.0.0.1:\(sms)/sms
            allow_plain: true
            timeout: 1s
            fields: { to: "{to}", text: "{text}", ref: "{reference}" }
            id_path: id
            idempotency_header: Idempotency-Key
          - name: mail-blind
            provider: smtp
            url: smtp://127.0.0.1:\(mail)
            allow_plain: true
            timeout: 2s
            from: Example Pay <no-reply@pay.example>

        """
    }
}

/// One worker before providers that fail in every way, then a drain: what they took is what is recorded or listed.
public enum ProviderRun {
    /// Leaves in the world's directory what the checker reads.
    public static func run(events: Int, in world: ProviderWorld) async throws {
        let load = KillLoad()
        let worker = try await world.worker()
        await load.post(to: world.socket, upTo: events)
        guard worker.stop() == 0 else { throw ChildProblem("the worker did not stop: \(worker.text)") }
        try await world.drain()
        guard load.refused.isEmpty, load.open == 0 else { throw ChildProblem("events without an answer: \(load.open); \(load.refused)") }
        try load.write(to: world.run)
    }
}

extension ProviderFaults {
    /// One connection in four is spoiled on its way.
    func proxy(_ connection: Int) -> FaultProxy.Rules {
        var chance = SeededChance(state: seed &+ 2_000_000 &+ UInt64(connection))
        var rules = FaultProxy.Rules()
        guard connection < limit, chance.next(below: 4) == 0 else { return rules }
        (rules.latency, rules.jitter) = (.milliseconds(chance.next(below: 20)), .milliseconds(chance.next(below: 20)))
        rules.ending = FaultProxy.Ending.allCases[chance.next(below: FaultProxy.Ending.allCases.count)]
        switch chance.next(below: 3) {
        case 0: rules.cutAfter.fromServer = chance.next(below: 400)
        case 1: rules.cutAfter.fromClient = chance.next(below: 2_000)
        default: rules.bytesPerSecond = 500 + chance.next(below: 20_000)
        }
        return rules
    }
}
