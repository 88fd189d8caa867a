@testable import Core
import Testing

@Suite("the third failure with an account")
struct ThirdFailureTests {
    private static let step = EscalationStep(.time(.minutes(1)), to: .support, when: .thirdFailure, task: "offer a call")

    private let planner: Planner = {
        var planner = World.planner()
        for kind in [Kind.accountInfoError, .limitExceeded] { planner.catalogue.kinds[kind]?.escalation = [step] }
        return planner
    }()

    private func failure(
        _ anomaly: String, _ kind: Kind = .accountInfoError, tail: String? = "8542", _ change: (inout Episode) -> Void = { _ in }
    )
        -> Episode
    {
        World.episode(kind, anomaly: anomaly) {
            if let tail { $0.facts.set(.tail4, Tail4(tail)!) }
            change(&$0)
        }
    }

    private func count(_ others: [Episode]) -> Int { planner.failures(with: failure("an-9"), among: others + [failure("an-9")]) }

    @Test func countsEachAnomalyOfTheAccountOnce() {
        #expect(count([]) == 1)
        #expect(count([failure("an-1"), failure("an-2", .limitExceeded)]) == 3)
        #expect(count([failure("an-1"), failure("an-1") { $0.order = OrderNumber("WD2")! }]) == 2)
    }

    @Test func countsWhatWasAFailureOnly() {
        #expect(count([failure("an-1", tail: "1111"), failure("an-2", tail: nil), failure("an-3", .bankDelay)]) == 1)
        #expect(count([failure("an-1") { $0.status = .superseded }, failure("an-2") { $0.told = false }]) == 1)
        #expect(count([failure("an-1") { $0.status = .resolved }]) == 2)
        #expect(planner.failures(with: failure("an-9", tail: nil), among: [failure("an-1"), failure("an-2")]) == 0)
    }

    @Test(arguments: [(0, false), (2, false), (3, true), (4, true)])
    func asksSupportFromTheThirdOn(_ count: Int, _ isAsked: Bool) {
        let plan = planner.escalate(0, failure("an-9"), incident: nil, now: World.noon) { count }
        #expect((plan.task?.role == .support) == isAsked)
        #expect(plan.record.first { $0.0 == "failures" }?.1 == .integer(count))
    }

    @Test(arguments: [(0, false), (2, false), (3, true)])
    func isArmedByTheThirdAtTheBankOnly(_ atBank: Int, _ isArmed: Bool) {
        var planner = planner
        planner.catalogue.kinds[.accountInfoError]?.holdOff = .fixed(.zero)
        let plan = World.plan(World.anomaly(.accountInfoError), with: World.snapshot { $0.failuresAtBank = atBank }, by: planner)
        #expect(plan.timers.contains { $0.step == .escalation } == isArmed)
    }

    @Test func goesBackAsFarAsThePolicySays() {
        var policy = World.policy
        policy.failuresWithin = .days(7)
        #expect(World.planner(policy: policy).failuresSince(World.noon) == World.noon - .days(7))
        #expect(planner.failuresSince(World.noon) == World.noon - .days(30))
    }
}
