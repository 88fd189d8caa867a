@testable import Core
import Testing

@Suite("the end of the night")
struct PlannerMorningTests {
    private let planner = World.planner()

    private func notice(_ kind: Kind, _ stage: NoticeStage) -> Notice {
        Notice(
            id: 1, episode: 1, episodeVersion: 1, order: World.order, anomaly: "an-1", audience: .customer, customer: "CU1", kind: kind,
            stage: stage, variant: nil, priority: .normal, reason: .first, locale: .en, timeZone: "UTC", privatePreview: false,
            templateRevision: "1", facts: Facts(), plannedAt: World.noon - .hours(9), event: 1)
    }
    private func answer(
        _ stage: NoticeStage = .opened, kind: Kind = .limitExceeded, status: Episode.Status = .open, record: CustomerRecord? = nil,
        isReplaced: Bool = false, isIncidentOver: Bool = false, _ change: (inout Episode) -> Void = { _ in }
    ) -> ReasonCode? {
        planner.outdated(
            notice(kind, stage), on: .push, episode: World.episode(kind, status: status, change), record: record, isReplaced: isReplaced,
            isIncidentOver: isIncidentOver, now: World.noon)
    }

    @Test(
        "what is still open is said; an end is said though it is over",
        arguments: [
            (Episode.Status.open, NoticeStage.opened, ReasonCode?.none), (.resolved, .opened, .quietHoursExpired),
            (.superseded, .opened, .quietHoursExpired), (.resolved, .progress, .quietHoursExpired), (.resolved, .resolvedRefunded, nil),
            (.tombstone, .reviewDeclined, nil),
        ])
    func byStatus(_ status: Episode.Status, _ stage: NoticeStage, _ reason: ReasonCode?) {
        #expect(answer(stage, status: status) == reason)
    }

    @Test("not after the deadline it names, not when the material came, not when the incident is over")
    func untrue() {
        #expect(answer { $0.deadline = World.noon } == .quietHoursExpired && answer { $0.deadline = World.noon + .hours(1) } == nil)
        #expect(answer(.materialsReminder, kind: .identityRequired) { $0.step = "identity_received" } == .quietHoursExpired)
        #expect(answer(.materialsReminder, kind: .identityRequired) { $0.step = "identity_requested" } == nil)
        #expect(answer(kind: .channelOutage, isIncidentOver: true) == .quietHoursExpired)
        #expect(answer(kind: .limitExceeded, isIncidentOver: true) == nil, "its own matter goes on")
        #expect(answer(isReplaced: true) == .superseded)
    }

    @Test("nor to somebody who switched it off meanwhile, or whose address died")
    func unwanted() {
        #expect(answer(record: CustomerRecord(id: "CU1", optedOut: [.push])) == .optedOut)
        #expect(answer(kind: .riskHold, record: CustomerRecord(id: "CU1", optedOut: [.sms])) == nil)
        for (standing, reason) in [(CustomerRecord.Contact.Standing.dead, ReasonCode.addressDead), (.unverified, .addressUnverified)] {
            #expect(answer(record: CustomerRecord(id: "CU1", contacts: [.push: .init(address: nil, standing: standing)])) == reason)
        }
    }

    @Test func theNightIsAsLongAsItsClock() {
        #expect(planner.nightLength == .hours(10) + .minutes(20))
        var policy = World.policy
        (policy.quietHours.from, policy.quietHours.to) = (60, 120)
        #expect(World.planner(policy: policy).nightLength == .hours(1) + .minutes(20))
    }

    // MARK: Updates in the night

    private func update(_ deliveries: [Delivery]) -> Plan {
        World.plan(
            World.anomaly(.limitExceeded, .updated, seq: 2) { $0.funds = .inBalance },
            with: World.snapshot {
                $0.episodes = [World.episode(.limitExceeded)]
                $0.marks = [World.mark(priority: .normal), World.mark(priority: .normal, channel: .push)]
                $0.deliveries = deliveries
            })
    }

    @Test("news takes the place of what still waits, in the first words if nothing was heard yet")
    func takesOver() {
        let silent = update([World.delivery(.inApp, .delivered), World.delivery(.push, .ready)])
        #expect(silent.withdraws.map(\.reason) == [.superseded] && silent.withdraws.map(\.episode) == [1])
        #expect(silent.notice?.stage == .opened && silent.notice?.reason == .stateChanged && silent.sending == "push in_app")
        #expect(silent.notice?.fallbacks.map(\.index) == [0], "with steps of its own")
        let heard = update([World.delivery(.inApp, .delivered), World.delivery(.push, .ready), World.delivery(.mail, .sent)])
        #expect(heard.withdraws.count == 1 && heard.notice?.stage == .progress && heard.sending == "push mail in_app")
        let sent = update([World.delivery(.inApp, .delivered), World.delivery(.push, .sent)])
        #expect(sent.withdraws.isEmpty && sent.notice?.stage == .progress)
    }

    @Test("the message that is replaced does not use up the cap of the one that replaces it") func caps() {
        func update(_ change: (inout Snapshot) -> Void) -> Plan {
            var snapshot = World.snapshot {
                $0.episodes = [World.episode(.limitExceeded)]
                $0.marks = [World.mark(priority: .normal)]
                $0.deliveries = [World.delivery(.inApp, .delivered), World.delivery(.push, .ready)]
            }
            change(&snapshot)
            return World.plan(World.anomaly(.limitExceeded, .updated, seq: 2) { $0.funds = .inBalance }, with: snapshot)
        }
        #expect(update { $0.usedToday = [.push: 6] }.sending == "push in_app")
        #expect(update { $0.usedToday = [.push: 7] }.reason(.push) == .dailyCap)
        #expect(
            update {
                $0.usedToday = [.push: 6]
                $0.deliveries[1].plannedAt = World.noon - .hours(20)
            }.reason(.push) == .dailyCap, "yesterday's took none of today")
    }

    @Test("what may be on its way is not replaced") func ambiguousStays() {
        var repeated = World.delivery(.push, .retryWait)
        repeated.reason = .ambiguous
        let plan = update([World.delivery(.inApp, .delivered), repeated])
        #expect(plan.withdraws.isEmpty && plan.notice?.stage == .progress)
    }

    @Test func theOldStepsEndWithTheOldNotice() {
        var old = World.delivery(.push, .cancelled)
        old.reason = .superseded
        func mail(_ push: Delivery) -> Plan {
            planner.fallback(
                0, of: notice(.limitExceeded, .opened), episode: World.episode(.limitExceeded), contact: World.customer, confirmed: false,
                seen: false, snapshot: World.snapshot { $0.deliveries = [World.delivery(.inApp, .delivered), push] }, now: World.noon)
        }
        #expect(mail(old).notice == nil && mail(old).noted("reason") == "superseded")
        #expect(mail(World.delivery(.push, .cancelled)).sending == "mail" && mail(World.delivery(.push, .blocked)).sending == "mail")
    }
}

@Suite("updates, at most one in four hours")
struct PlannerUpdateTests {
    private func plan(_ told: NoticeStage, hours: Int, _ change: (inout Anomaly) -> Void = { $0.step = "under_review" }) -> Plan {
        World.plan(
            World.anomaly(.riskHold, .updated, seq: 2, change),
            with: World.snapshot {
                $0.episodes = [World.episode(.riskHold)]
                $0.marks = [World.mark(told, priority: .high, at: World.noon - .hours(hours))]
                $0.deliveries = [World.delivery(.push, .sent)]
            })
    }

    @Test(
        "after another update, not after the first notice",
        arguments: [(NoticeStage.opened, 0, true), (.progress, 3, false), (.progress, 4, true), (.stillWaiting, 3, false)])
    func waits(_ told: NoticeStage, _ hours: Int, _ isTold: Bool) {
        let plan = plan(told, hours: hours)
        #expect((plan.notice != nil) == isTold && (plan.disposition == .planned) == isTold)
        guard !isTold else { return }
        #expect(plan.disposition == .pending && plan.noted("reason") == "rate_limited_customer" && plan.episode?.step == "under_review")
        #expect(plan.timers.map(\.step) == [.update] && plan.timers.first?.argument == 7)
        #expect(plan.timers.first?.due == World.noon + .hours(4 - hours))
    }

    @Test("what the customer has to do waits for nothing, nor does a decision") func actions() {
        #expect(plan(.progress, hours: 1) { $0.step = "materials_requested" }.notice?.stage == .progress)
        #expect(plan(.progress, hours: 1) { ($0.funds, $0.details.deadline) = (.inBalance, World.noon + .days(3)) }.notice != nil)
        #expect(plan(.progress, hours: 1) { ($0.funds, $0.details.materials) = (.inBalance, ["selfie_check"]) }.notice != nil)
        #expect(plan(.progress, hours: 1) { $0.step = "sent_to_bank" }.notice?.stage == .reviewApproved)
    }

    private func due(_ step: String?, isNewest: Bool = true, status: Episode.Status = .open) -> Plan {
        World.planner().updateDue(
            StoredTimer(step: .update, episode: 1, argument: 9, due: World.noon), isNewest: isNewest,
            episode: World.episode(.riskHold, status: status) { $0.step = step }, contact: World.customer,
            snapshot: World.snapshot {
                $0.marks = [World.mark(.progress, priority: .high, at: World.noon - .hours(4))]
                $0.deliveries = [World.delivery(.push, .sent)]
            }, now: World.noon)
    }

    @Test("the last state is told when it is due, once") func told() {
        let plan = due("under_review")
        #expect(plan.notice?.stage == .progress && plan.notice?.reason == .stateChanged && plan.sending == "push in_app")
        #expect(plan.decided == [EventDecision(9, .planned)])
    }

    @Test("not when a newer one speaks for it, when it was told meanwhile, or when it is over") func untold() {
        for plan in [due("under_review", isNewest: false), due(nil), due("under_review", status: .resolved)] {
            #expect(plan.notice == nil && plan.decided == [EventDecision(9, .suppressed(.rateLimitedCustomer))])
        }
    }
}
