import Config
import Core
import Pipeline
import Sandbox
public import Terminal

extension DemoRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let interrupt = Interrupt()
        let scratch = try directory ?? Host.temporaryDirectory("clarion-demo-")
        let host: WorkerHost
        do {
            host = try await WorkerHost.open(try wishes(context, scratch: scratch))
        } catch {
            if directory == nil { Host.remove(scratch) }
            throw error
        }
        let console = context.console
        let (ports, bound) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let story = Task {
            for await port in ports { try await tell(host, port: port, scratch: scratch, console: console) }
        }
        do {
            try await host.run(withHTTP: true, until: interrupt, console: console) { bound.yield($0) }
            // Who ends the demo does not wait for the rest of the story.
            bound.finish()
            story.cancel()
            try await story.value
        } catch {
            bound.finish()
            story.cancel()
            try await end(host, scratch: scratch, console: console)
            throw error
        }
        try await end(host, scratch: scratch, console: console)
        return .success
    }

    private func wishes(_ context: CommandContext, scratch: String) throws(Terminal.Fault) -> WorkerHost.Wishes {
        let ports = try DemoPorts(from: port)
        var wishes = WorkerHost.Wishes(settingsFile: context.options.config, environment: context.environment)
        wishes.overrides = [
            "mode": Mode.capture.rawValue, "store.directory": scratch, "sandbox.directory": scratch + "/sandbox",
            "listen": "127.0.0.1:\(ports.http)", "sandbox.page_port": String(ports.page), "sandbox.https_port": String(ports.https),
            "sandbox.smtp_port": String(ports.smtp),
        ]
        wishes.withHTTP = true
        wishes.sandbox.owner = { recipient in
            DemoStory.people.first { $0.phone == recipient || $0.mail == recipient || $0.device == recipient }?.id
        }
        return wishes
    }

    private func end(_ host: WorkerHost, scratch: String, console: Console) async throws {
        try await host.close()
        if directory == nil {
            Host.remove(scratch)
            try console.note("Ended; the demo's data is removed.")
        } else {
            try console.note("Ended; the data is kept in \(scratch).")
        }
    }

    // MARK: On the screen

    private func tell(_ host: WorkerHost, port: Int, scratch: String, console: Console) async throws {
        let (now, configuration) = (host.runtime.engine.clock.now(), host.configuration)
        let samples = EventSamples(
            seed: UInt64(bitPattern: now.milliseconds), typePrefix: configuration.settings.eventTypePrefix,
            catalogue: configuration.catalogue)
        let story = DemoStory(now: now, samples)
        let program = CommandLine.arguments.first ?? "clarion"
        try console.note("")
        try console.note("  Phones, mailboxes, inboxes   \(host.sandbox?.endpoints.http ?? "")")
        try console.note("  Events in, inbox API         http://127.0.0.1:\(port)")
        try console.note("  Nothing leaves this machine. Data in \(scratch)")
        try console.note("")
        for beat in story.beats {
            if Task.isCancelled { return }
            try console.note("  \(console.errorLook.dim("·")) \(beat.words)")
            if let (fault, standIn) = beat.fault { host.sandbox?.own?.switches.set(fault, for: standIn) }
            var lines = beat.events.map { Intake.Raw($0.bytes) }
            if let broken = beat.broken { lines.append(Intake.Raw(Array(broken.utf8))) }
            _ = try await host.runtime.engine.intake.accept(lines, from: .queue("demo"))
            do { try await Task.sleep(for: .milliseconds(1000 / max(1, rate) * 2)) } catch { return }
        }
        let order = story.showcase?.description ?? ""
        let prefix = "CLARION_STORE_DIRECTORY=\(scratch) \(program)"
        try console.note("")
        try console.note("  In another terminal:")
        try console.note("    \(prefix) explain \(order)")
        try console.note("    \(prefix) audit order \(order)")
        try console.note("    \(prefix) dead list")
        try console.note("    \(prefix) audit search state:device_confirmed")
        try console.note("")
        try console.note("  Ctrl-C ends the demo.")
    }
}
