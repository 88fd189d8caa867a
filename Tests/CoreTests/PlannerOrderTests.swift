@testable import Core
import Testing

@Suite("order guard, kind and rank")
struct PlannerOrderTests {
    @Test(
        "the newest is applied, by seq, then time, then id",
        arguments: [
            (3, -300, "ev-9", true), (5, 0, "ev-0", true), (4, 1, "ev-0", true), (4, -301, "ev-9", false), (4, -300, "ev-1", true),
            (4, -300, "ev-0", false), (4, -300, "ev-", false),
        ] as [(Int64, Int64, String, Bool)])
    func guardsOrder(_ seq: Int64, _ seconds: Int64, _ id: String, _ isApplied: Bool) {
        let isOld = seq < 4
        let plan = World.plan(
            World.anomaly(.riskHold, seq: seq), event: id, at: World.noon + .seconds(seconds),
            with: World.snapshot { $0.order = World.state(seq: 4) })
        #expect((plan.disposition == .stale) == (isOld || !isApplied))
        #expect((plan.order == nil) == (isOld || !isApplied))
        if isOld || !isApplied { #expect(plan.notice == nil && plan.episode == nil && plan.timers.isEmpty) }
    }

    @Test func remembersTheNewest() {
        let plan = World.plan(World.anomaly(.riskHold, seq: 9), event: "ev-x", with: World.snapshot { $0.order = World.state(seq: 4) })
        #expect(
            plan.order == OrderState(order: World.order, customer: "CU1", lastSeq: 9, lastTime: World.noon, lastEvent: "ev-x", version: 4))
    }

    @Test("same news under a new id comes before the order guard")
    func sameNews() {
        let plan = World.plan(
            World.anomaly(.riskHold),
            with: World.snapshot {
                $0.isNews = false; $0.order = World.state(seq: 9)
            })
        #expect(plan.disposition == .suppressed(.sameNews) && plan.notice == nil && plan.order == nil)
    }

    @Test func anUpdateBeforeTheBeginningOpens() {
        let plan = World.plan(World.anomaly(.riskHold, .updated, seq: 2) { $0.step = "under_review" })
        #expect(plan.disposition == .planned && plan.episode?.status == .open && plan.notice?.stage == .opened)
        let late = World.plan(
            World.anomaly(.riskHold), event: "ev-2",
            with: World.snapshot {
                $0.order = plan.order; $0.episodes = [plan.episode!]
            })
        #expect(late.disposition == .stale)
    }

    // MARK: Classifying

    @Test(
        "kind by code, never by guess",
        arguments: [
            ("05", Kind.accountUnavailable, Kind.accountUnavailable), ("05", nil, .accountUnavailable), ("5", nil, .statusUnknown),
            ("5", .riskHold, .statusUnknown),
            ("05", .riskHold, .statusUnknown), (nil, .riskHold, .riskHold), (nil, nil, .statusUnknown),
        ] as [(String?, Kind?, Kind)])
    func classifies(_ code: String?, _ named: Kind?, _ kind: Kind) {
        #expect(World.plan(World.anomaly(named, code: code)).episode?.kind == kind)
    }

    @Test func anUnmappedCodeIsAFinding() {
        let plan = World.plan(World.anomaly(.riskHold, code: "ZZ"))
        #expect(plan.findings.map(\.topic) == [.unmappedCode] && plan.findings.first?.subject == "bank/ZZ")
        #expect(plan.reviews.map(\.cause) == [.unmappedCode])
        #expect(plan.episode?.facts.json.text.contains("ZZ") == false)
    }

    @Test func aMismatchIsForAPerson() {
        let plan = World.plan(World.anomaly(.riskHold, code: "91"))
        #expect(plan.reviews.map(\.cause) == [.kindMismatch] && plan.findings.isEmpty && plan.episode?.kind == .statusUnknown)
    }

    @Test func aCodeOfNoAnomalyIsRecorded() {
        let plan = World.plan(World.anomaly(nil, code: "00"))
        #expect(plan.disposition == .recorded && plan.episode == nil && plan.noted("reason") == "no_anomaly" && plan.order != nil)
        #expect(World.plan(World.anomaly(nil, .resolved, code: "00", end: .arrived)).disposition == .recorded)
    }

    @Test("such a code does not lose the end of a known anomaly")
    func aCodeOfNoAnomalyEndsOne() {
        let plan = World.plan(
            World.anomaly(nil, .resolved, seq: 2, code: "00", end: .arrived),
            with: World.snapshot { $0.episodes = [World.episode(.bankDelay)] })
        #expect(plan.notice?.stage == .resolvedArrived && plan.episode?.status == .resolved)
    }

    @Test func aKnownAnomalyKeepsItsKind() {
        let plan = World.plan(
            World.anomaly(.bankDelay, .updated, seq: 2) { $0.funds = .returning },
            with: World.snapshot {
                $0.episodes = [World.episode(.riskHold)]; $0.marks = [World.mark(priority: .high)]
            })
        #expect(plan.episode?.kind == .riskHold)
    }

    // MARK: Rank

    @Test(
        "who supersedes whom",
        arguments: [
            (Kind.bankDelay, Kind.riskHold, true), (.bankDelay, .networkProblem, true), (.riskHold, .accountInfoError, true),
            (.riskHold, .payoutReturned, true),
            (.payoutReturned, .complianceRestricted, true), (.riskHold, .bankDelay, false), (.complianceRestricted, .riskHold, false),
            (.complianceRestricted, .payoutReturned, false), (.payoutReturned, .accountInfoError, false),
        ])
    func ranks(_ old: Kind, _ new: Kind, _ wins: Bool) {
        let plan = World.plan(World.anomaly(new, id: "an-2", seq: 2), with: World.snapshot { $0.episodes = [World.episode(old)] })
        if wins {
            #expect(plan.others.map(\.status) == [.superseded] && plan.others.first?.version == 2)
            #expect(plan.cancels.map(\.episode) == [1] && plan.cancels.map(\.reason) == [.superseded])
            #expect(plan.disposition == .planned || plan.disposition == .pending)
        } else {
            #expect(plan.disposition == .suppressed(.inhibited) && plan.notice == nil && plan.episode?.status == .superseded)
            #expect(plan.others.isEmpty && plan.cancels.isEmpty && plan.timers.isEmpty)
        }
    }

    @Test("one in its hold-off is superseded before it was told, and its event says so")
    func supersedesHolding() {
        let held = World.episode(.bankDelay, status: .holding, told: false) { $0.openedBy = 3 }
        let plan = World.plan(World.anomaly(.riskHold, id: "an-2", seq: 2), with: World.snapshot { $0.episodes = [held] })
        #expect(plan.decided == [EventDecision(3, .suppressed(.superseded))])
    }

    @Test func aRepeatRequestReplacesNothing() {
        let episodes = [World.episode(.bankDelay)]
        #expect(
            World.plan(World.anomaly(.duplicateRequest, id: "an-2", seq: 2), with: World.snapshot { $0.episodes = episodes }).others.isEmpty
        )
        #expect(World.plan(World.anomaly(.duplicateRequest)).sending == "mail in_app")
    }

    @Test func theSameArgumentsGiveTheSamePlan() {
        func text(_ plan: Plan) -> String {
            "\(plan.disposition as Any) \(JSON.object(plan.record).text) \(plan.notice?.facts.json.text ?? "") \(plan.notice?.channels as Any) \(plan.notice?.fallbacks as Any)"
                + "\(plan.timers) \(plan.reviews) \(plan.cancels) \(plan.others.map(\.anomaly)) \(plan.order as Any)"
        }
        for kind in Kind.allCases {
            let snapshot = World.snapshot {
                $0.episodes = [World.episode(.bankDelay, id: 1, anomaly: "an-8"), World.episode(.networkProblem, id: 2, anomaly: "an-9")]
                $0.deliveries = [World.delivery(.mail, .sent), World.delivery(.push, .sent, episode: 2)]
            }
            let first = text(World.plan(World.anomaly(kind), with: snapshot))
            for _ in 0..<5 { #expect(text(World.plan(World.anomaly(kind), with: snapshot)) == first) }
        }
    }

    @Test(
        "an end that names no money state leaves the money where the end says, also when nothing came before it",
        arguments: [
            (Resolution.arrived, FundsState.paid), (.refunded, .inBalance), (.returned, .inBalance), (.declined, .inBalance),
            (.cancelled, .inBalance), (.expired, .inBalance), (.closed, .held), (.falseAlarm, .held),
        ])
    func moneyAfterAnEnd(_ end: Resolution, _ funds: FundsState) {
        for known in [[World.episode(.riskHold)], []] {
            func plan(_ change: (inout Anomaly) -> Void = { _ in }) -> Plan {
                World.plan(World.anomaly(.riskHold, .resolved, seq: 2, end: end, change), with: World.snapshot { $0.episodes = known })
            }
            #expect(plan().episode?.funds == funds)
            let told = plan { $0.funds = .returning }
            #expect(told.episode?.funds == .returning)
            guard let fact = told.notice?.facts[.funds] else { continue }
            if case .phrase(.funds, "returning", _) = fact {} else { Issue.record("\(fact)") }
        }
    }
}
