import Core
import TestKit
import Testing

/// A worker before providers that fail in every way a seed draws. `make fault` has the long form.
@Suite(.serialized) struct ProviderFaultTests {
    @Test("what was taken is recorded or listed", .timeLimit(.minutes(4))) func faults() async throws {
        let world = try ProviderWorld(seed: 11, faults: 8)
        try await ProviderRun.run(events: 24, in: world)
        let facts = try await world.run.read()
        let report = Checker.check(facts)
        print("provider faults: \(facts.store?.summary ?? "")")
        #expect(report.breaches.isEmpty)
        #expect(facts.taken?.isEmpty == false)
        #expect(facts.store?.deliveries.flatMap(\.attempts).contains { $0.state != .accepted } == true, "something went wrong")
    }
}
