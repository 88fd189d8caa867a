@testable import Core
import Testing

@Suite("matters that nobody is told of")
struct PlannerSilenceTests {
    private func plan(
        _ kind: Kind = .limitExceeded, _ stage: Anomaly.Stage = .detected, end: Resolution? = nil, age: Duration = .zero,
        with snapshot: Snapshot = Snapshot(), _ change: (inout Policy) -> Void
    ) -> Plan {
        var policy = World.policy
        change(&policy)
        return World.plan(
            World.anomaly(kind, stage, end: end), at: World.noon - age, now: World.noon, with: snapshot, by: World.planner(policy: policy))
    }
    private static func rule(_ kinds: Set<Kind> = [], _ banks: Set<String> = [], _ below: [String: Int64] = [:]) -> ExcludeRule {
        ExcludeRule(name: "quiet", kinds: kinds, banks: banks, amountBelow: below)
    }

    @Test(
        "a rule excludes when all that it names is true",
        arguments: [
            (rule([.limitExceeded]), ReasonCode?.some(.ruleExcluded)), (rule([.amountError]), nil), (rule([], ["ICBC"]), .ruleExcluded),
            (rule([], ["ABC"]), nil), (rule([.limitExceeded], ["ABC"]), nil), (rule([], [], ["CNY": 128_001]), .belowThreshold),
            (rule([], [], ["CNY": 128_000]), nil), (rule([], [], ["EUR": 1_000_000]), nil),
        ])
    func rules(_ rule: ExcludeRule, _ reason: ReasonCode?) {
        let plan = plan { $0.excludes = [rule] }
        #expect(plan.disposition == reason.map(Disposition.suppressed) ?? .planned)
        #expect((plan.notice == nil) == (reason != nil) && (plan.episode == nil) == (reason != nil))
        #expect(plan.noted("excluded_by") == reason.map { _ in "quiet" } && plan.order != nil, "its place in the order is kept")
    }

    @Test func whatIsHighIsToldAllTheSame() {
        #expect(plan(.riskHold) { $0.excludes = [Self.rule([.riskHold])] }.disposition == .planned)
    }

    @Test("a kind without any channel is told nowhere, also at its end") func noRule() {
        let change: (inout Policy) -> Void = { $0.kinds[.limitExceeded] = KindOverride(plan: ChannelPlan(now: [])) }
        #expect(plan { change(&$0) }.disposition == .suppressed(.noRule))
        #expect(plan(.limitExceeded, .resolved, end: .refunded) { change(&$0) }.disposition == .suppressed(.noRule))
        #expect(plan(.amountError) { change(&$0) }.disposition == .planned)
    }

    @Test("nor is what happened too long ago", arguments: [(23, Disposition.planned), (24, .planned), (25, .suppressed(.tooOld))])
    func tooOld(_ hours: Int, _ disposition: Disposition) {
        #expect(plan(age: .hours(hours)) { $0.tooOldAfter = .hours(24) }.disposition == disposition)
        #expect(plan(age: .hours(hours)) { _ in }.disposition == .planned)
    }

    @Test("whoever knows of the payout hears its end") func endsAreTold() {
        let known = World.snapshot {
            $0.episodes = [World.episode(.amountError, id: 2, anomaly: "an-2")]
            $0.deliveries = [World.delivery(.push, .sent, episode: 2)]
        }
        let plan = plan(.limitExceeded, .resolved, end: .refunded, with: known) { $0.excludes = [Self.rule([.limitExceeded])] }
        #expect(plan.disposition == .planned && plan.notice?.stage == .resolvedRefunded)
    }

    @Test("a test leaves no trace but its decision") func testEvents() {
        var event = World.event(World.anomaly(.riskHold, code: "ZZ"))
        event.isTest = true
        let plan = World.planner().plan(World.anomaly(.riskHold, code: "ZZ"), of: event, seq: 7, snapshot: Snapshot(), now: World.noon)
        #expect(plan.disposition == .suppressed(.testEvent) && plan.order == nil && plan.episode == nil)
        #expect(plan.reviews.isEmpty && plan.findings.isEmpty && plan.notice == nil)
    }

    // MARK: Bursts

    private func burst(_ kind: Kind, told: Int, held: Int = 0, waited: Bool = false) -> Plan {
        let episode = World.episode(kind, status: .holding, told: false)
        let snapshot = World.snapshot { ($0.toldThisMinute, $0.heldThisHour, $0.waitedForBurst) = (told, held, waited) }
        return World.planner().holdEnded(episode, contact: World.customer, snapshot: snapshot, now: World.noon + .seconds(20))
    }

    @Test("the two hundredth of a minute is told, the next one waits and a person is asked") func holds() {
        let last = burst(.limitExceeded, told: 199)
        #expect(last.notice != nil && last.burst == .told(.limitExceeded))
        let next = burst(.limitExceeded, told: 200)
        let due = World.noon + .seconds(20) + .minutes(15)
        #expect(next.notice == nil && next.burst == .held(.limitExceeded) && next.noted("reason") == "burst_cap")
        #expect(next.decided.map(\.disposition) == [.pending] && next.episode?.status == .holding && next.episode?.holdUntil == due)
        #expect(next.timers.map(\.step) == [.holdEnd] && next.timers.first?.due == due && (next.timers.first?.argument ?? 0) > 0)
        #expect(next.reviews.map(\.cause) == [.burst] && next.findings.map(\.topic) == [.burst])
        #expect(next.findings.first?.subject == "limit_exceeded-2025-11-12T04")
        let another = burst(.limitExceeded, told: 200, held: 1)
        #expect(another.notice == nil && another.reviews.isEmpty && another.findings.isEmpty, "one alarm an hour")
    }

    @Test("after the wait they leave minute by minute") func drains() {
        #expect(burst(.limitExceeded, told: 200, held: 9, waited: true).timers.first?.due == World.noon + .minutes(1))
        #expect(burst(.limitExceeded, told: 7, waited: true).notice != nil)
    }

    @Test(
        "what is high and of rank 2 never waits, nor a restriction, which would stand out by it",
        arguments: [
            (Kind.riskHold, true), (.complianceRestricted, true), (.accountInfoError, true), (.payoutReturned, false), (.bankDelay, false),
            (.limitExceeded, false),
        ])
    func exempt(_ kind: Kind, _ isTold: Bool) {
        let plan = burst(kind, told: 10_000)
        #expect((plan.notice != nil) == isTold && (plan.burst == nil) == isTold)
    }

    @Test("an incident has its own brake") func incidents() {
        let covering = Incident(id: "IN1", bank: "ICBC", rail: "cn_instant", since: World.noon - .hours(1))
        let snapshot = World.snapshot { ($0.incidents, $0.toldThisMinute) = ([covering], 10_000) }
        let plan = World.planner().holdEnded(
            World.episode(.bankDelay, status: .holding, told: false), contact: World.customer, snapshot: snapshot, now: World.noon)
        #expect(plan.notice?.kind == .channelOutage && plan.burst == nil)
    }
}
