import Config
import Core
import Reports
import Store
import Synchronization
public import Terminal

extension SimulateRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        guard !words.isEmpty else {
            throw Fault(
                .usage, "say what is to be tried", field: "next", hint: "a settings file, --policy FILE, --kinds FILE or --texts DIRECTORY")
        }
        let now = try await Rules.inForce(in: context)
        let next = try await now.changed(by: self, in: context)
        let settings = now.configuration.settings
        let recorded = RecordedEvents(
            reading: try await context.reading(),
            reader: EventReader(typePrefix: settings.eventTypePrefix, rails: Set(now.configuration.catalogue.rails.keys)))
        let simulation = Simulation(
            now: now, next: next, recorded: recorded, since: context.options.since, until: context.options.until, guards: guards,
            limit: limit ?? (context.console.form == .human ? Self.examples : Self.rows), isOpen: context.options.namesRestrictions)
        let report = try await report(simulation, context)
        try context.console.show(report)
        return report.areGuardsKept ? .success : .findings
    }

    /// Of each change: what a person looks at, and what a file may hold without filling the memory.
    private static let (examples, rows) = (10, 100_000)

    private func report(_ simulation: Simulation, _ context: CommandContext) async throws -> SimulationReport {
        let span = try await simulation.span()
        guard span.through > span.after else {
            throw Fault(.notFound, "no event of that time was recorded", field: "since", hint: "clarion audit stats")
        }
        let console = context.console
        try console.note(
            "Playing \(counted(Int(span.through - span.after), "event")) by the rules of now and by \(words). Nothing is sent.")
        let progress = Mutex(Progress(total: Int(span.through - span.after), screen: console.errorLook.screen))
        let (began, interrupt) = (ContinuousClock.now, Interrupt())
        let result = try await interrupt.during(console, finish: {}) {
            try await simulation.run(span, isStopped: { !interrupt.isQuiet }) { done in
                let text = progress.withLock { $0.advance(to: done, elapsed: .now - began) }
                // A reader of stderr that went away does not stop it.
                do { try console.progress(text) } catch { return }
            }
        }
        let elapsed = ContinuousClock.now - began
        let rate = Int64(span.through - span.after) * 1000 / max(1, elapsed.milliseconds)
        try console.progress(
            progress.withLock {
                $0.close("\(counted(Int(span.through - span.after), "event")) twice, \(grouped(rate))/s,", elapsed: elapsed)
            })
        return SimulationReport(
            nowRules: simulation.now.shown, nextRules: simulation.next.shown, since: simulation.since, until: simulation.until,
            events: result.played, gone: result.gone, refused: result.refused, now: result.now, next: result.next,
            comparison: result.comparison, guards: simulation.guards)
    }
}
