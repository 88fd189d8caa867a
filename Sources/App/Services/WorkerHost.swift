import Config
import Core
import Glibc
import Logging
import Pipeline
import Proof
import Sandbox
import Server
import ServiceLifecycle
import Store
import Synchronization
import Templates
import Terminal
import Transport

/// A running worker: engine, its HTTP faces, and in capture mode the sandbox. Started in that order, stopped in reverse.
struct WorkerHost: Sendable {
    var configuration: Configuration
    var runtime: Runtime
    var sandbox: SandboxLink.Found?
    /// Why nothing is sent; nil: all is well.
    var fence: String?
    /// What a person has to know of the texts in force; nil: nothing.
    var textsNote: String?

    struct Wishes: Sendable {
        var settingsFile: String?
        var environment: [String: String]
        var overrides: [String: String] = [:]
        var sandbox = Sandbox.Options()
        var withHTTP = false
    }

    /// Reads the settings, finds the sandbox, opens the store and settles what the last process left open.
    static func open(_ wishes: Wishes) async throws -> WorkerHost {
        umask(0o077)
        Host.allowManyFiles()
        #if DEBUG
            if let wish = wishes.environment["CLARION_CRASH_POINT"] {
                guard CrashPoint.arm(wish, end: { Glibc.kill(getpid(), SIGKILL) }) else {
                    throw Fault(.usage, "\"\(PlainText(wish))\" is no crash point", field: "CLARION_CRASH_POINT", hint: "CP10:3")
                }
            }
        #endif
        // First without accounts: in capture mode they point at the sandbox, whose ports may not be known yet.
        let file = Settings.locate(flag: wishes.settingsFile, environment: wishes.environment)
        let settings = try Settings.read(
            file: file, environment: wishes.environment, overrides: wishes.overrides, channels: []
        ).settings
        if wishes.withHTTP, settings.listen.isLoopback { try LoopbackPort.check(settings.listen.port, setting: "listen") }
        let wall = InboxWall()
        let found = settings.mode == .capture ? try await SandboxLink.find(settings, options: wall.hung(on: wishes.sandbox)) : nil
        do {
            var overrides = wishes.overrides.merging(found?.overrides ?? [:]) { _, new in new }
            if found != nil, wishes.withHTTP { overrides.merge(receiptOverrides(settings.listen)) { _, new in new } }
            let configuration = try Configuration.load(
                settingsFile: file, environment: wishes.environment, overrides: overrides)
            let runtime = try Runtime.make(configuration, authority: found?.endpoints.caFile)
            wall.open(runtime)
            var host = WorkerHost(configuration: configuration, runtime: runtime, sandbox: found)
            try await host.settleOpenAttempts()
            host.textsNote = try await host.beginTexts()
            host.fence = try await runtime.store.read { try $0.meta(Fence.key) }
            return host
        } catch {
            await found?.own?.stop()
            throw error
        }
    }

    /// In capture mode receipts come from the sandbox, which stands on this machine and nowhere else: the calls name the port before anything
    /// listens there.
    private static func receiptOverrides(_ listen: Settings.Listen) -> [String: String] {
        guard ["127.0.0.1", "localhost"].contains(listen.host) else { return [:] }
        guard let port = listen.port == 0 ? LoopbackPort.free() : listen.port else { return [:] }
        return ["listen": "\(listen.host):\(port)", "receipts.url": "http://127.0.0.1:\(port)"]
    }

    /// Which texts are in force.
    private func beginTexts() async throws -> String? {
        let answer = try await runtime.engine.desk.begin(
            with: runtime.templateFiles, revision: runtime.templates.revision,
            mustBeApproved: configuration.settings.approval == .secondPerson)
        switch answer {
        case .done(let words): return words.isEmpty ? nil : words
        case .refused(let words):
            throw Fault(
                .configuration, words, field: "templates.approval",
                hint: "clarion template submit, then another person: clarion template approve \(runtime.templates.revision)")
        case .notFound: return nil
        }
    }

    private func settleOpenAttempts() async throws {
        let settled = try await runtime.engine.recover()
        let (now, mode) = (runtime.engine.clock.now(), configuration.settings.mode)
        try await runtime.store.write { writer in
            try writer.append(
                LogEntry(
                    .start, at: now,
                    body: [
                        "version": .string(Version.text), "mode": .string(mode.rawValue), "libraries": .string(Transport.versions),
                        "settled": [
                            "accepted": .integer(settled.accepted), "ambiguous": .integer(settled.ambiguous),
                            "not_sent": .integer(settled.notSent), "refused": .integer(settled.refused),
                            "repeated": .integer(settled.repeated),
                        ],
                    ]))
        }
    }

    func close() async throws {
        try await runtime.close()
        await sandbox?.own?.stop()
    }

    var socketPath: String { Self.socketPath(configuration.settings) }
    static func socketPath(_ settings: Settings) -> String { settings.storeDirectory + "/clarion.sock" }

    /// Runs until SIGTERM or SIGINT; the first finishes what was begun, a second one ends at once, with the guarantees of a kill.
    /// - Parameters:
    ///   - console: is told what a second signal does, and when the send loop stalls.
    ///   - isVerbose: every new longest turn of the send loop is told.
    ///   - ready: called with the HTTP port once requests are answered; 0 without HTTP.
    func run(
        withHTTP: Bool, until interrupt: Interrupt, console: Console, isVerbose: Bool = false,
        ready: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let engine = runtime.engine
        let readiness = Readiness(listeners: withHTTP ? 2 : 1) { port in
            await ready(port)
            StartPages.release()
        }
        let turns = TurnWatch(turns: runtime.transport.longestTurns, isVerbose: isVerbose, console: console)
        // The first is stopped last.
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: turns, successTerminationBehavior: .ignore),
            .init(service: EngineService(engine: engine), successTerminationBehavior: .gracefullyShutdownGroup),
        ]
        let parts = try await parts()
        // Our own commands reach a running worker here; only this user may open it.
        unlink(socketPath)
        let local = HTTPService(parts, at: .unix(path: socketPath), access: .open) { _ in await readiness.arrived(port: 0) }
        services.append(.init(service: local))
        if withHTTP {
            let listen = configuration.settings.listen
            let http = HTTPService(
                parts, at: .tcp(host: listen.host, port: listen.port), access: try Self.access(configuration.settings)
            ) { await readiness.arrived(port: $0) }
            services.append(.init(service: http))
        }
        var logger = Logger(label: "clarion") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [], cancellationSignals: [], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(25)
        let running = ServiceGroup(configuration: group)
        try await interrupt.during(console, finish: { await running.triggerGracefulShutdown() }, { try await running.run() })
        unlink(socketPath)
    }

    private func parts() async throws -> HTTPService.Parts {
        let engine = runtime.engine
        let inboxKey = try Keys.bytes(of: configuration.settings.keys.inbox, random: SystemRandom())
        var parts = HTTPService.Parts(
            store: runtime.store, intake: engine.intake, desk: engine.desk, tokens: await InboxTokens(key: Sensitive(inboxKey)),
            clock: engine.clock,
            inboxChanges: engine.inboxChanges, batchLimit: configuration.settings.limits.batch, zones: SystemZones(),
            receipts: engine.receipts, tester: engine.tester, isBehindProxy: configuration.settings.listen.isBehindProxy,
            rotation: rotation,
            facts: facts, templates: Self.templateDesk(configuration.settings), links: engine.links)
        parts.prices = configuration.settings.smsPrices
        return parts
    }

    private static func templateDesk(_ settings: Settings) -> TemplateDesk {
        TemplateDesk(
            files: { try Runtime.templateFiles(settings.templatesDirectory) }, mustBeApproved: settings.approval == .secondPerson)
    }

    private var rotation: @Sendable (Desk.RotatedKey, String, String) async throws -> Desk.Answer {
        let (store, engine, settings) = (runtime.store, runtime.engine, configuration.settings)
        return { rotated, who, reason in
            let keys = try Keys.existing(settings)
            let key = try store.adopt(masters: keys)
            if rotated == .audit {
                guard let key = keys.audit.first.flatMap({ AuditKey(seed: $0) })?.publicKey else {
                    return .refused("there is no audit key")
                }
                try await engine.desk.rotatedAudit(to: key.fingerprint, who: who, reason: reason)
                return .done("the log is signed with the key \(key.fingerprint) from now on; the key before has announced it")
            }
            try await engine.desk.rotated(to: key, who: who, reason: reason)
            engine.wrapKeysAnew()
            return .done("\(key) wraps the data keys from now on, and by and by those that are there")
        }
    }

    /// What `GET /v1/system` says: nothing of a secret, a customer or a payout.
    private var facts: @Sendable () async throws -> JSON {
        let (store, mode, started) = (runtime.store, configuration.settings.mode, runtime.engine.clock.now())
        let (tally, clock) = (runtime.engine.receipts.tally, runtime.engine.clock as? HybridClock)
        return {
            [
                "version": .string(Version.text), "mode": .string(mode.rawValue), "started_at": .text(started),
                "process": .integer(getpid()), "libraries": .string(Transport.versions),
                "receipts": tally.counts.json, "checkpoints": .text(store.exportProblem ?? "written"),
                "clock": clock?.standing.json ?? .null,
                "store": .object(try await store.settings().map { ($0.name, .string($0.value)) }),
            ]
        }
    }

    /// Keys are asked for as soon as the listener can be reached from another machine.
    static func access(_ settings: Settings) throws -> Access {
        guard !settings.listen.isLoopback || settings.listen.isBehindProxy else { return .open }
        var keys: [Access.Role: [Sensitive<String>]] = [:]
        for (role, file) in settings.apiKeys {
            guard let name = Access.Role(rawValue: role.rawValue) else { continue }
            keys[name] = file.secrets.isEmpty ? [try Keys.apiKey(file)] : file.secrets
        }
        return .keys(keys)
    }
}

private struct EngineService: Service {
    let engine: Engine
    func run() async throws {
        let engine = engine
        let isStopping = Mutex(false)
        try await withGracefulShutdownHandler {
            try await withTaskCancellationHandler {
                try await cancelWhenGracefulShutdown { try await engine.run() }
            } onCancel: {
                // The group's time is over. Without a stop another service has failed, and what is on the wire may finish.
                if isStopping.withLock({ $0 }) { Task { await engine.giveUp() } }
            }
        } onGracefulShutdown: {
            isStopping.withLock { $0 = true }
        }
        engine.inboxChanges.finish()
    }
}

extension HybridClock.Standing {
    fileprivate var json: JSON {
        ["ahead_ms": .integer(ahead.milliseconds), "steps": .integer(steps), "doubtful": .bool(isDoubtful)]
    }
}

extension ReceiptTally.Counts {
    fileprivate var json: JSON {
        [
            "moved": .integer(moved), "kept": .integer(kept), "early": .integer(early), "repeated": .integer(repeated),
            "unmatched": .integer(unmatched), "forged": .integer(forged), "unreadable": .integer(unreadable),
        ]
    }
}
