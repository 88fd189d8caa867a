import Core
import Testing

@Suite("a share of the customers, and when it is taken back") struct RolloutTests {
    private func rollout(_ percent: Int, id: Int64 = 1) -> Rollout {
        Rollout(
            id: id, revision: "1af9fe5468d6", base: "r0", percent: percent, state: .running, startedAt: Timestamp(milliseconds: 0),
            who: "lee", reason: "x")
    }
    private let customers = (0..<10_000).map { "CU\(100_000 + $0)" }

    @Test("a share is about its part of the customers, and a higher one adds to them") func share() {
        var before: Set<String> = []
        for percent in [1, 5, 25, 50, 99] {
            let included = Set(customers.filter(rollout(percent).includes))
            // Four deviations of a draw of 10,000.
            let part = Double(percent) / 100
            #expect(abs(Double(included.count) - 10_000 * part) < 4 * (10_000 * part * (1 - part)).squareRoot())
            #expect(before.isSubset(of: included))
            before = included
        }
        #expect(customers.allSatisfy(rollout(100).includes))
    }

    @Test("another publication is for other customers") func others() {
        let (one, other) = (Set(customers.filter(rollout(10).includes)), Set(customers.filter(rollout(10, id: 2).includes)))
        #expect((50...150).contains(one.intersection(other).count))
    }

    @Test("one that does not run is for nobody", arguments: [Rollout.State.complete, .stopped, .rolledBack, .replaced])
    func ended(_ state: Rollout.State) {
        var over = rollout(50)
        over.state = state
        #expect(!customers.contains(where: over.includes))
    }

    private typealias Arm = RolloutGuard.Arm

    @Test("nothing worse, no end") func alike() {
        let base = Arm(notices: 10_000, orders: 9_000, failed: 100, complaints: 20, contacts: 300)
        for trial in [
            Arm(), Arm(notices: 500, orders: 450, failed: 5, complaints: 1, contacts: 15),
            Arm(notices: 500, orders: 450, failed: 12, complaints: 4, contacts: 25), Arm(notices: 10, orders: 10, failed: 4, contacts: 4),
        ] { #expect(RolloutGuard.verdict(trial: trial, base: base) == nil) }
    }

    @Test("more failures, complaints or contacts than before end it, and say so") func worse() {
        let base = Arm(notices: 10_000, orders: 9_000, failed: 100, complaints: 20, contacts: 300)
        #expect(
            RolloutGuard.verdict(trial: Arm(notices: 500, orders: 450, failed: 30), base: base)
                == "30 of 500 failed, 100 of 10000 with the texts before")
        #expect(RolloutGuard.verdict(trial: Arm(notices: 500, orders: 450, complaints: 8), base: base)?.contains("complaint") == true)
        #expect(RolloutGuard.verdict(trial: Arm(notices: 500, orders: 450, contacts: 60), base: base)?.contains("contact") == true)
        #expect(
            RolloutGuard.verdict(trial: Arm(notices: 40, orders: 40, failed: 3, broken: 3), base: base)
                == "3 of 40 notices could not be made, 0 of 10000 before")
    }

    @Test("without anything to compare with, chance decides nothing") func alone() {
        #expect(RolloutGuard.verdict(trial: Arm(notices: 50, orders: 50, failed: 50, broken: 50), base: Arm()) == nil)
    }

    @Test("texts that are as good are not stopped by chance: 20 a week of looks, 1,000 publications") func chance() {
        var random = SplitMix64(seed: 11)
        var stopped = 0
        for _ in 0..<1_000 {
            var (trial, base) = (Arm(), Arm())
            for _ in 0..<20 {
                for _ in 0..<50 {
                    (trial.notices, trial.orders) = (trial.notices + 1, trial.orders + 1)
                    if Int.random(in: 0..<50, using: &random) == 0 { trial.failed += 1 }
                    (base.notices, base.orders) = (base.notices + 10, base.orders + 10)
                    for _ in 0..<10 where Int.random(in: 0..<50, using: &random) == 0 { base.failed += 1 }
                }
                if RolloutGuard.verdict(trial: trial, base: base) != nil {
                    stopped += 1
                    break
                }
            }
        }
        #expect(stopped < 10)
    }

    @Test("a complaint counts for whom it comes after being told, once an order") func voices() {
        func order(_ n: Int) -> OrderNumber { OrderNumber("WD\(n)")! }
        func at(_ n: Int64) -> Timestamp { Timestamp(milliseconds: n) }
        let told = [1, 1, 2].enumerated().map {
            ToldOutcome(order: order($1), plannedAt: at(Int64(10 + $0)), wording: nil, isFailed: $0 == 0, isBroken: false)
        }
        let voices = [
            Voice(.complaint, order: order(1), at: at(20)), Voice(.complaint, order: order(1), at: at(30)),
            Voice(.contact, order: order(2), at: at(11)), Voice(.contact, order: order(3), at: at(40)),
        ]
        #expect(Arm(told, voices) == Arm(notices: 3, orders: 2, failed: 1, complaints: 1, contacts: 0))
    }
}
