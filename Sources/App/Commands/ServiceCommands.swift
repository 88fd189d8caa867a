import Config
import Core
import Pipeline
import Reports
import Sandbox
import Sources
import Store
import Synchronization
public import Terminal
import Transport

extension ReplayRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        var lines: [[UInt8]] = []
        for file in files {
            var source = try LineSource(file)
            lines += try source.rest().map(\.bytes)
        }
        let progress = Mutex(Progress(total: lines.count, screen: context.console.errorLook.screen))
        let began = ContinuousClock.now
        let console = context.console
        let options = Replay.Options(
            settingsFile: context.options.config, environment: context.environment, storeDirectory: store, sandboxDirectory: sandbox,
            seed: seed)
        let interrupt = Interrupt()
        try console.note("Replaying \(counted(lines.count, "event")); nothing leaves this machine.")
        let input = lines
        let result = try await interrupt.during(console, finish: {}) {
            try await Replay.run(input, options, isStopped: { !interrupt.isQuiet }) { done in
                let text = progress.withLock { $0.advance(to: done, elapsed: .now - began) }
                // A reader of stderr that went away does not stop a replay.
                do { try console.progress(text) } catch { return }
            }
        }
        try console.progress(progress.withLock { $0.close("\(lines.count) events", elapsed: .now - began) })
        let report = AccountingReport(result.accounting, read: result.read, elapsed: result.elapsed)
        try console.show(report)
        return report.breaches.isEmpty ? .success : .integrity
    }
}

extension RunRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        var overrides: [String: String] = [:]
        if let listen { overrides["listen"] = listen }
        if let mode { overrides["mode"] = mode.rawValue }
        return try await Serving.run(context, overrides: overrides, withHTTP: true)
    }
}

extension WorkerRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let overrides = mode.map { ["mode": $0.rawValue] } ?? [:]
        guard untilQuiet else { return try await Serving.run(context, overrides: overrides, withHTTP: false) }
        let (interrupt, console) = (Interrupt(), context.console)
        let host = try await WorkerHost.open(
            WorkerHost.Wishes(settingsFile: context.options.config, environment: context.environment, overrides: overrides))
        _ = try await interrupt.during(console, finish: {}) {
            try await host.runtime.engine.settleWithRetries()
            try await host.runtime.engine.keepNoLonger()
        }
        let accounting = try await host.runtime.store.read { try $0.accounting() }
        try await host.close()
        try context.console.show(AccountingReport(accounting))
        return .success
    }
}

/// What `run` and `worker` share.
enum Serving {
    static func run(_ context: CommandContext, overrides: [String: String], withHTTP: Bool) async throws -> ExitStatus {
        let interrupt = Interrupt()
        var wishes = WorkerHost.Wishes(settingsFile: context.options.config, environment: context.environment, overrides: overrides)
        wishes.withHTTP = withHTTP
        let host = try await WorkerHost.open(wishes)
        let console = context.console
        let settings = host.configuration.settings
        do {
            for warning in host.configuration.warnings { try console.note(warning.description) }
            let isVerbose = context.options.verbosity > 1
            try await host.run(withHTTP: withHTTP, until: interrupt, console: console, isVerbose: isVerbose) { port in
                var lines = ["clarion \(Version.text), mode \(settings.mode.rawValue), store \(settings.storeDirectory)"]
                if withHTTP { lines.append("HTTP      http://\(settings.listen.host):\(port)") }
                if let sandbox = host.sandbox {
                    lines.append("Sandbox   \(sandbox.endpoints.http)   (nothing leaves this machine)")
                }
                if let words = host.textsNote { lines.append("Texts     \(words)   (clarion template history)") }
                if let why = host.fence { lines.append("Fenced    nothing is sent: \(why)   (clarion fence)") }
                lines.append("Ready. Ctrl-C finishes what was begun and ends; a second one ends at once.")
                for line in lines {
                    do { try console.note(line) } catch { return }
                }
            }
            try await host.close()
            try console.note("Stopped; nothing is left half done.")
            return .success
        } catch {
            try await host.close()
            throw error
        }
    }
}

extension SandboxRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        var overrides: [String: String] = [:]
        if let httpsPort { overrides["sandbox.https_port"] = String(httpsPort) }
        if let smtpPort { overrides["sandbox.smtp_port"] = String(smtpPort) }
        // Without accounts: they point at the ports that are about to be chosen.
        let file = Settings.locate(flag: context.options.config, environment: context.environment)
        let settings = try Settings.read(file: file, environment: context.environment, overrides: overrides, channels: []).settings
        if let running = await SandboxLink.running(in: settings.sandbox.directory) {
            throw Fault(.unavailable, "a sandbox runs already at \(running.http)", field: "sandbox.directory")
        }
        let (interrupt, console) = (Interrupt(), context.console)
        let found = try await SandboxLink.find(settings)
        for line in [
            "Page      \(found.endpoints.http)", "HTTPS     \(found.endpoints.https)", "SMTP      \(found.endpoints.smtp)",
            "CA        \(found.endpoints.caFile)", "Ledger    \(settings.sandbox.directory)/ledger.jsonl", "Ctrl-C ends.",
        ] { try console.note(line) }
        await interrupt.wait(console, saying: "Closing; Ctrl-C again ends at once.")
        await found.own?.stop()
        return .success
    }
}
