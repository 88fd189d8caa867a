@testable import Core
import Testing

@Suite("updates and dedupe")
struct PlannerDedupeTests {
    private let eta = Timestamp(seconds: 500_000 * 3600)

    private func update(_ kind: Kind = .riskHold, marks: [DedupeMark], known: Episode? = nil, _ change: (inout Anomaly) -> Void = { _ in })
        -> Plan
    {
        var episode = known ?? World.episode(kind)
        episode.eta = eta
        let snapshot = World.snapshot {
            $0.episodes = [episode]; $0.marks = marks; $0.deliveries = [World.delivery(.push, .sent)]
        }
        return World.plan(World.anomaly(kind, .updated, seq: 2, change), with: snapshot)
    }
    private func mark(
        _ priority: Priority = .high, step: String? = nil, repeats: Int = 0, after: Duration = .minutes(5),
        status: DedupeMark.Status = .committed
    ) -> DedupeMark {
        World.mark(step: step, eta: 500_000, priority: priority, at: World.noon - after, repeats: repeats, status: status)
    }

    @Test func changesAreTold() {
        let step = update(marks: [mark()]) { $0.step = "under_review" }
        #expect(
            step.notice?.reason == .stateChanged && step.notice?.stage == .progress && step.sending == "push in_app"
                && step.disposition == .planned)
        #expect(update(marks: [mark()]) { $0.funds = .returning }.notice?.reason == .stateChanged)
        let later = update(marks: [mark()]) { $0.expectedAt = eta + .hours(1) }
        #expect(later.notice?.reason == .etaBroken && later.episode?.eta == eta + .hours(1))
    }

    @Test("the same hour is the same promise, an earlier one is no news, one that passed is none")
    func promisesByTheHour() {
        #expect(update(marks: [mark()]) { $0.expectedAt = eta + .minutes(59) }.disposition == .suppressed(.repeatNotDue))
        #expect(update(marks: [mark()]) { $0.expectedAt = eta - .hours(1) }.disposition == .suppressed(.repeatNotDue))
        #expect(update(marks: [mark()]) { $0.expectedAt = World.noon - .hours(1) }.episode?.eta == eta)
    }

    @Test(
        "the unchanged state is told again after 2 h, 8 h and 24 h, then never",
        arguments: [
            (0, 119, ReasonCode.repeatNotDue), (0, 120, .repeatDue), (1, 479, .repeatNotDue), (1, 480, .repeatDue),
            (2, 1439, .repeatNotDue), (2, 1440, .repeatDue), (3, 100_000, .sameState),
        ])
    func repeats(_ before: Int, _ minutes: Int, _ answer: ReasonCode) {
        let plan = update(marks: [mark(repeats: before, after: .minutes(minutes))])
        #expect(plan.noted("dedupe") == answer.rawValue)
        if answer == .repeatDue {
            #expect(plan.notice?.reason == .repeatDue && plan.notice?.stage == .opened)
        } else {
            #expect(plan.disposition == .suppressed(answer) && plan.notice == nil)
        }
    }

    @Test func aKindMayRepeatOnItsOwn() {
        var policy = World.policy
        policy.kinds[.riskHold] = KindOverride(repeats: [])
        let snapshot = World.snapshot {
            $0.episodes = [World.episode(.riskHold)]; $0.marks = [World.mark(priority: .high, at: World.noon - .days(9))]
        }
        #expect(
            World.plan(World.anomaly(.riskHold, .updated, seq: 2), with: snapshot, by: World.planner(policy: policy)).disposition
                == .suppressed(.sameState))
    }

    @Test("a mark that was released does not silence; the newest of the others counts")
    func marks() {
        #expect(update(marks: [mark(status: .released)]).notice?.reason == .first)
        #expect(update(marks: []).notice?.reason == .first)
        #expect(update(marks: [mark(status: .reserved)]).disposition == .suppressed(.repeatNotDue))
        let older = mark(step: nil, after: .hours(3)), newer = mark(step: "under_review", after: .minutes(1))
        #expect(update(marks: [newer, older]) { $0.step = "under_review" }.disposition == .suppressed(.repeatNotDue))
        #expect(update(marks: [older, newer]) { $0.step = "under_review" }.disposition == .suppressed(.repeatNotDue))
    }

    @Test("a deadline that came near raises, and the matter goes where the higher priority goes")
    func raisedByAnUpdate() {
        let plan = update(
            .recipientActionRequired, marks: [mark(.normal)],
            known: World.episode(.recipientActionRequired) { $0.deadline = World.noon + .hours(23) })
        #expect(
            plan.notice?.reason == .priorityRaised && plan.notice?.priority == .high && plan.noted("raised_by") == "deadline-near"
                && plan.sending == "sms push in_app")
        #expect(
            update(
                .recipientActionRequired, marks: [mark(.normal)],
                known: World.episode(.recipientActionRequired) { $0.deadline = World.noon + .hours(25) }
            ).disposition == .suppressed(.repeatNotDue))
    }

    @Test func aHoldThatWasSentOnIsApproved() {
        for step in ["sent_to_bank", "sent_to_bank_or_refunded", "review_approved_or_declined"] {
            #expect(update(marks: [mark()]) { $0.step = step }.notice?.stage == .reviewApproved)
        }
        #expect(update(.statusUnknown, marks: [mark(.normal)]) { $0.step = "sent_to_bank" }.notice?.stage == .progress)
    }

    @Test func materialThatArrivedOpensAReview() {
        let plan = update(.identityRequired, marks: [mark()]) { $0.step = "identity_received" }
        #expect(plan.reviews.map(\.cause) == [.kind])
        #expect(update(.riskHold, marks: [mark()]) { $0.step = "materials_received" }.reviews.isEmpty)
    }

    @Test(
        "what is over stays over",
        arguments: [(Episode.Status.resolved, "already_resolved"), (.tombstone, "already_resolved"), (.superseded, "inhibited")])
    func afterTheEnd(_ status: Episode.Status, _ reason: String) {
        let plan = update(marks: [], known: World.episode(.riskHold, status: status)) { $0.step = "under_review" }
        #expect(plan.disposition == .recorded && plan.notice == nil && plan.noted("reason") == reason)
    }

    @Test func absorbedChildrenStayAbsorbed() {
        let plan = update(.statusUnknown, marks: [], known: World.episode(.statusUnknown, told: false) { $0.incident = "IN1" }) {
            $0.step = "inquiry_running"
        }
        #expect(plan.disposition == .suppressed(.stormAbsorbed) && plan.notice == nil)
    }

    // MARK: Restrictions

    @Test("what happens inside a restriction is told when it would be told of a review of risk, without what it was")
    func restrictionsSayNoStep() {
        let plans = [Kind.complianceRestricted, .riskHold].map {
            update($0, marks: [mark()]) {
                $0.step = "under_review"; $0.funds = .returning
            }
        }
        #expect(plans.map(\.notice?.stage) == [.progress, .progress] && plans.map(\.notice?.reason) == [.stateChanged, .stateChanged])
        #expect(plans[0].sending == plans[1].sending)
        #expect(plans.map { $0.notice?.facts[.progress] == nil } == [true, false])
    }

    @Test(
        "it ends with arrived or refunded, never with a review",
        arguments: [
            (Resolution.arrived, NoticeStage.resolvedArrived), (.declined, .resolvedRefunded), (.refunded, .resolvedRefunded),
            (.returned, .resolvedRefunded), (.expired, .resolvedRefunded),
        ])
    func restrictionsEndNeutrally(_ end: Resolution, _ stage: NoticeStage) {
        let plan = World.plan(
            World.anomaly(.complianceRestricted, .resolved, seq: 2, end: end),
            with: World.snapshot { $0.episodes = [World.episode(.complianceRestricted)] })
        #expect(plan.notice?.stage == stage)
    }

    @Test func restrictionsHoldNoReason() {
        let plan = World.plan(
            World.anomaly(.complianceRestricted) {
                $0.step = "restricted"
                $0.details.plainReason = "legal_order"
                $0.details.materials = ["source_of_funds"]
                $0.details.deadline = World.noon + .days(3)
            })
        let facts = plan.notice?.facts.json.text ?? "legal_order"
        for word in ["legal_order", "no_reason", "source_of_funds", "restricted", "deadline"] { #expect(!facts.contains(word)) }
        #expect(plan.timers.map(\.step) == [.promise] && plan.reviews.map(\.cause) == [.kind] && plan.sending == "sms push in_app")
    }

    @Test(
        "while it is open, no other kind says anything, not even an end",
        arguments: [Resolution.arrived, .declined, .refunded, .falseAlarm])
    func nothingBesideARestriction(_ end: Resolution) {
        let episodes = [World.episode(.riskHold, id: 1, status: .superseded), World.episode(.complianceRestricted, id: 2, anomaly: "an-2")]
        let plan = World.plan(World.anomaly(.riskHold, .resolved, seq: 5, end: end), with: World.snapshot { $0.episodes = episodes })
        #expect(plan.notice == nil && plan.disposition == .suppressed(.inhibited) && plan.others.isEmpty)
        let unseen = World.plan(
            World.anomaly(.bankDelay, .resolved, id: "an-3", seq: 5, end: end), with: World.snapshot { $0.episodes = [episodes[1]] })
        #expect(unseen.notice == nil)
    }
}
