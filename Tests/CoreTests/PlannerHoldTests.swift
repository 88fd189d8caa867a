@testable import Core
import Testing

@Suite("hold-off, ends and tombstones")
struct PlannerHoldTests {
    private let planner = World.planner()

    @Test(
        "every kind waits as long as the catalogue says, from the event's time",
        arguments: [
            (Kind.accountInfoError, 30), (.accountUnavailable, 30), (.identityRequired, 0), (.riskHold, 0), (.complianceRestricted, 0),
            (.insufficientBalance, 0),
            (.limitExceeded, 0), (.amountError, 0), (.platformError, 600), (.networkProblem, 600), (.channelOutage, 600),
            (.routeUnsupported, 30), (.notArrived, 1800),
            (.statusUnknown, 900), (.payoutReturned, 900), (.recipientActionRequired, 3600), (.duplicateRequest, 0), (.payoutCancelled, 0),
        ] as [(Kind, Int64)])
    func holds(_ kind: Kind, _ seconds: Int64) {
        let happened = World.noon - .seconds(10)
        let plan = World.plan(World.anomaly(kind), at: happened, now: World.noon)
        if seconds == 0 {
            #expect(
                plan.disposition == .planned && plan.notice?.reason == .first && plan.episode?.told == true
                    && plan.episode?.holdUntil == nil)
        } else {
            #expect(plan.disposition == .pending && plan.notice == nil && plan.episode?.status == .holding && plan.episode?.told == false)
            #expect(
                plan.timers.map(\.step) == [.holdEnd] && plan.timers.first?.due == happened + .seconds(seconds)
                    && plan.episode?.holdUntil == happened + .seconds(seconds))
            #expect(plan.noted("reason") == "hold_running")
            let late = World.plan(World.anomaly(kind), at: World.noon - .seconds(seconds), now: World.noon)
            #expect(late.disposition == .planned, "a hold that is over when the event comes is no hold")
        }
    }

    @Test(
        "a delay waits by its bank and rail, from submission",
        arguments: [
            ("ICBC", "cn_instant", 662), ("ICBC", "cn_batch", 27258), ("ICBC", "swift", 172_800), ("XYZ", "cn_instant", 900),
            ("XYZ", "cn_batch", 14400),
        ] as [(String, String, Int64)])
    func delays(_ bank: String, _ rail: String, _ seconds: Int64) {
        let anomaly = World.anomaly(.bankDelay) {
            $0.bank = Bank(code: bank, name: nil); $0.rail = rail; $0.submittedAt = World.noon - .seconds(60)
        }
        #expect(World.plan(anomaly).timers.first?.due == World.noon - .seconds(60) + .seconds(seconds))
        let unknown = World.anomaly(.bankDelay) {
            $0.bank = Bank(code: bank, name: nil); $0.rail = rail
        }
        #expect(World.plan(unknown).timers.first?.due == World.noon + .seconds(seconds))
    }

    @Test func theBaselineFormula() {
        #expect(
            Baseline(p50: 1, p95: 10, p99: 100).holdOff == .seconds(610) && Baseline(p50: 1, p95: 10, p99: 9000).holdOff == .seconds(9000))
    }

    @Test func aHoldThatEndsIsTold() {
        let held = World.episode(.platformError, status: .holding, told: false) {
            $0.openedBy = 3; $0.holdUntil = World.noon
        }
        let plan = planner.holdEnded(held, contact: World.customer, snapshot: Snapshot(), now: World.noon)
        #expect(plan.decided == [EventDecision(3, .planned)] && plan.sending == "push in_app" && plan.notice?.stage == .opened)
        #expect(
            plan.episode?.status == .open && plan.episode?.told == true && plan.episode?.version == 2
                && plan.reviews.map(\.cause) == [.kind])
    }

    @Test("a timer that comes too late does nothing", arguments: [Episode.Status.open, .superseded, .resolved, .tombstone])
    func aHoldThatIsOver(_ status: Episode.Status) {
        let plan = planner.holdEnded(
            World.episode(.platformError, status: status), contact: World.customer, snapshot: Snapshot(), now: World.noon)
        #expect(plan.notice == nil && plan.episode == nil && plan.decided.isEmpty)
    }

    @Test("news inside the hold changes what will be told, and tells nothing")
    func updatesInsideTheHold() {
        let held = World.episode(.platformError, status: .holding, told: false)
        let plan = World.plan(
            World.anomaly(.platformError, .updated, seq: 2) {
                $0.step = "under_repair"; $0.funds = .inTransit
            }, with: World.snapshot { $0.episodes = [held] })
        #expect(plan.disposition == .recorded && plan.notice == nil && plan.noted("reason") == "hold_running")
        #expect(plan.episode?.step == "under_repair" && plan.episode?.funds == .inTransit && plan.episode?.status == .holding)
    }

    // MARK: Ends

    @Test(
        "over before anyone was told",
        arguments: [
            (Resolution.arrived, nil), (.corrected, nil), (.closed, nil), (.falseAlarm, nil), (.refunded, .resolvedRefunded),
            (.returned, .resolvedRefunded),
            (.cancelled, .resolvedRefunded), (.expired, .resolvedRefunded), (.declined, .reviewDeclined),
        ] as [(Resolution, NoticeStage?)])
    func endsInsideTheHold(_ end: Resolution, _ stage: NoticeStage?) {
        let held = World.episode(.accountInfoError, status: .holding, told: false) { $0.openedBy = 3 }
        let plan = World.plan(World.anomaly(.accountInfoError, .resolved, seq: 2, end: end), with: World.snapshot { $0.episodes = [held] })
        #expect(plan.notice?.stage == stage && plan.decided == [EventDecision(3, .suppressed(.resolvedInHold))])
        #expect(
            plan.disposition == (stage == nil ? .recorded : .planned) && plan.episode?.status == .resolved
                && plan.episode?.resolution == end)
        #expect(plan.cancels.map(\.episode) == [1], "the hold's timer ends with it")
        if stage != nil { #expect(plan.notice?.isCounted == false && plan.sending == "sms push in_app") }
        let again = World.plan(
            World.anomaly(.accountInfoError, .resolved, seq: 3, end: .refunded), event: "ev-2",
            with: World.snapshot { $0.episodes = [plan.episode!] })
        #expect(again.disposition == .recorded && again.notice == nil, "exactly one")
    }

    @Test(
        "over after it was told",
        arguments: [
            (Resolution.arrived, NoticeStage.resolvedArrived, ReasonCode.resolved), (.corrected, .resolvedArrived, .resolved),
            (.falseAlarm, .correction, .correction),
            (.refunded, .resolvedRefunded, .resolved), (.returned, .resolvedRefunded, .resolved),
            (.cancelled, .resolvedRefunded, .resolved),
            (.expired, .resolvedRefunded, .resolved), (.declined, .reviewDeclined, .resolved),
        ])
    func endsAfterItWasTold(_ end: Resolution, _ stage: NoticeStage, _ reason: ReasonCode) {
        let plan = World.plan(
            World.anomaly(.riskHold, .resolved, seq: 2, end: end), with: World.snapshot { $0.episodes = [World.episode(.riskHold)] })
        #expect(plan.notice?.stage == stage && plan.notice?.reason == reason && plan.disposition == .planned)
    }

    @Test(
        "the end goes where the beginning went",
        arguments: [
            (DeliveryState.sent, true), (.delivered, true), (.inflight, true), (.ambiguous, true), (.unknown, true), (.undelivered, true),
            (.ready, false), (.retryWait, false),
            (.blocked, false), (.cancelled, false), (.expired, false), (.dead, false),
        ])
    func closesThroughTheChannelsUsed(_ state: DeliveryState, _ isUsed: Bool) {
        let plan = World.plan(
            World.anomaly(.riskHold, .resolved, seq: 2, end: .arrived),
            with: World.snapshot {
                $0.episodes = [World.episode(.riskHold)];
                $0.deliveries = [World.delivery(.sms, state), World.delivery(.mail, .sent, episode: 99)]
            })
        #expect(plan.sending == (isUsed ? "sms in_app" : "in_app"))
    }

    @Test func aReturnThatHealedIsToldInItsOwnWords() {
        let held = World.episode(.payoutReturned, status: .holding, told: false)
        #expect(
            World.plan(World.anomaly(.payoutReturned, .resolved, seq: 2, end: .returned), with: World.snapshot { $0.episodes = [held] })
                .notice?.stage == .opened)
        #expect(
            World.plan(
                World.anomaly(.payoutReturned, .resolved, seq: 2, end: .returned),
                with: World.snapshot { $0.episodes = [World.episode(.payoutReturned)] }
            ).notice?.stage == .resolvedRefunded)
    }

    @Test(
        "an end before its beginning",
        arguments: [
            (Resolution.arrived, false), (.closed, false), (.corrected, false), (.falseAlarm, false), (.refunded, true), (.returned, true),
            (.declined, true), (.expired, true), (.cancelled, true),
        ])
    func tombstones(_ end: Resolution, _ isTold: Bool) {
        let plan = World.plan(World.anomaly(.bankDelay, .resolved, seq: 2, end: end))
        #expect(
            plan.episode?.status == .tombstone && (plan.notice != nil) == isTold && plan.disposition == (isTold ? .planned : .recorded)
                && plan.timers.isEmpty)
        let after = World.snapshot {
            $0.order = plan.order; $0.episodes = [plan.episode!]
        }
        #expect(World.plan(World.anomaly(.bankDelay), event: "ev-2", with: after).disposition == .stale)
        let newer = World.plan(World.anomaly(.bankDelay, .updated, seq: 3), event: "ev-3", with: after)
        #expect(newer.disposition == .recorded && newer.notice == nil && newer.noted("reason") == "already_resolved")
    }

    @Test("an end of the payout ends its other anomalies, but not a restriction")
    func endsTakeOthersAlong() {
        let episodes = [
            World.episode(.bankDelay, id: 1), World.episode(.riskHold, id: 2, anomaly: "an-2"),
            World.episode(.networkProblem, id: 3, anomaly: "an-3", status: .holding, told: false),
        ]
        let plan = World.plan(World.anomaly(.bankDelay, .resolved, seq: 5, end: .arrived), with: World.snapshot { $0.episodes = episodes })
        #expect(
            plan.others.map(\.id) == [2, 3] && plan.others.allSatisfy { $0.status == .superseded }
                && plan.decided == [EventDecision(3, .suppressed(.superseded))])
        let closed = World.plan(World.anomaly(.bankDelay, .resolved, seq: 5, end: .closed), with: World.snapshot { $0.episodes = episodes })
        #expect(closed.others.isEmpty)
    }

    @Test("an end of one anomaly tells what another of the order began")
    func endsWhatAnotherBegan() {
        let episodes = [
            World.episode(.riskHold, id: 1, anomaly: "an-0", status: .superseded),
            World.episode(.accountInfoError, id: 2, status: .holding, told: false),
        ]
        let plan = World.plan(
            World.anomaly(.accountInfoError, .resolved, seq: 5, end: .arrived),
            with: World.snapshot {
                $0.episodes = episodes; $0.deliveries = [World.delivery(.sms, .sent, episode: 1)]
            })
        #expect(plan.notice?.stage == .resolvedArrived && plan.sending == "sms in_app")
    }

    @Test("the end of a payout is told once, whichever anomaly reports it again")
    func endsOnce() {
        let first = World.episode(.bankDelay, id: 1, anomaly: "an-0", status: .resolved) { $0.resolution = .refunded }
        let second = World.episode(.riskHold, id: 2, status: .superseded)
        let plan = World.plan(
            World.anomaly(.riskHold, .resolved, seq: 6, end: .refunded), with: World.snapshot { $0.episodes = [first, second] })
        #expect(plan.disposition == .recorded && plan.notice == nil && plan.noted("reason") == "already_resolved")
        let held = World.episode(.networkProblem, id: 3, anomaly: "an-3", status: .holding, told: false)
        let third = World.plan(
            World.anomaly(.networkProblem, .resolved, id: "an-3", seq: 7, end: .arrived),
            with: World.snapshot { $0.episodes = [first, second, held] })
        #expect(third.notice == nil, "what was told before the end was told is no reason to write again")
    }

    @Test func whatComesBackAfterArrivalIsNew() {
        let done = World.episode(.bankDelay, status: .resolved) { $0.resolution = .arrived }
        let back = World.episode(.payoutReturned, id: 2, anomaly: "an-2")
        let plan = World.plan(World.anomaly(.payoutReturned, id: "an-2", seq: 8), with: World.snapshot { $0.episodes = [done] })
        #expect(plan.disposition == .pending && plan.episode?.status == .holding)
        let end = World.plan(
            World.anomaly(.payoutReturned, .resolved, id: "an-2", seq: 9, end: .returned),
            with: World.snapshot { $0.episodes = [done, back] })
        #expect(end.notice?.stage == .resolvedRefunded)
    }

    @Test func aCancellationIsToldInTheAppOnly() {
        #expect(World.plan(World.anomaly(.payoutCancelled, .resolved, seq: 2, end: .cancelled)).sending == "in_app")
    }
}
