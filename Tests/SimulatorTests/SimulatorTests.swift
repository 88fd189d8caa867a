import Simulator
import Testing

private let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

/// Worlds of the simulator, few and short: `make fault` has the many.
@Suite("Simulator", .serialized) struct SimulatorTests {
    private static let setting = Result { try Setting.load(repository: repository) }

    @Test("nothing breaks in many worlds") func holds() throws {
        let setting = try Self.setting.get()
        var (steps, deaths, reached) = (0, 0, 0)
        for seed: UInt64 in 1...120 {
            let run = Simulation.run(seed: seed, steps: 60, in: setting)
            #expect(run.broken == nil, "seed \(seed) at step \(run.steps): FaultBench simulate --seed \(seed) --steps 60 --trace")
            (steps, deaths, reached) = (steps + run.steps, deaths + run.deaths, reached + run.reached)
        }
        #expect(steps > 20_000 && deaths > 100 && reached > 1000, "\(steps) steps, \(deaths) deaths, \(reached) messages")
    }

    @Test("a seed does the same each time, another seed something else", arguments: [3, 14] as [UInt64]) func repeats(seed: UInt64) throws {
        let setting = try Self.setting.get()
        let first = Simulation.run(seed: seed, steps: 1500, in: setting)
        #expect(first == Simulation.run(seed: seed, steps: 1500, in: setting))
        #expect(first.trace != Simulation.run(seed: seed + 1, steps: 1500, in: setting).trace)
    }

    @Test("a world with a flaw breaks, and breaks again at the same step", arguments: Flaw.allCases) func finds(flaw: Flaw) throws {
        let setting = try Self.setting.get()
        let found = (1...30 as ClosedRange<UInt64>).lazy.map { Simulation.run(seed: $0, steps: 2000, in: setting, flaw: flaw) }
            .first { $0.broken != nil }
        let run = try #require(found, "no world of thirty has found \(flaw.rawValue)")
        var lines: [String] = []
        let again = Simulation.run(seed: run.seed, steps: 2000, in: setting, flaw: flaw) { lines.append($0) }
        #expect(again == run)
        #expect(lines.contains { $0.contains("BROKEN \(run.broken ?? "")") })
    }
}
