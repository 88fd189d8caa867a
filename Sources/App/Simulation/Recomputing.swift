import Config
import Core
import MemoryStore
import Reports
import Store
import Templates

/// `explain --recompute`: what the settings as they are make of one order's recorded events, beside what was decided.
enum Recomputing {
    /// A live machine needs its moments; what differs by less is the same.
    private static let tolerance = Duration.seconds(5)

    static func run(_ order: OrderNumber, in context: CommandContext) async throws -> RecomputedReport {
        let rules = try await Rules.inForce(in: context)
        let reading = try await context.reading()
        let settings = rules.configuration.settings
        let recorded = RecordedEvents(
            reading: reading,
            reader: EventReader(typePrefix: settings.eventTypePrefix, rails: Set(rules.configuration.catalogue.rails.keys)))
        let all = try await recorded.events(ofOrder: order)
        let playable = all.filter { !$0.stored.body.isEmpty }
        let run = DryRun(rules)
        try await run.begin()
        try await run.play(playable)
        // What lies ahead was not decided yet either.
        try await run.finish(at: context.clock())
        let decided = try await reading.read { try rules.outcome(of: order, in: $0) }
        let recomputed = try await run.store.read { try rules.outcome(of: order, in: $0) }
        try await run.store.close()
        return RecomputedReport(
            decided: decided, recomputed: recomputed, gone: all.count - playable.count, texts: String(rules.templates.revision.prefix(12)),
            tolerance: tolerance, isOpen: context.options.namesRestrictions)
    }
}
