import Foundation
import TestKit
import Testing

/// The claim of the delivery log, tried: `kill -9` at moments that a seed draws, and what the checker says then. `make fault` has the long form.
@Suite(.serialized) struct KillTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["CLARION_KILL_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)

    @Test("killed at any moment", .timeLimit(.minutes(4))) func killed() async throws {
        print("kill test: CLARION_KILL_SEED=\(Self.seed)")
        let world = try await KillWorld()
        let left = try await KillRun.run(kills: 8, seed: Self.seed, in: world)
        let facts = try await world.run.read()
        let report = Checker.check(facts)
        print("kill test: \(facts.store?.summary ?? ""); \(left)")
        #expect(report.breaches.isEmpty)
        #expect(report.value(of: "deliveries") > report.value(of: "events"), "there was something to lose")
    }
}
