@testable import Core
import Testing

@Suite("quiet hours")
struct QuietHoursTests {
    private func tell(
        _ kind: Kind, at moment: String, zone: String = "Asia/Shanghai", deadline: String? = nil, policy: Policy = World.policy
    ) -> Plan {
        let held = World.episode(kind, status: .holding, told: false) {
            $0.deadline = deadline.map(time); $0.detectedAt = time(moment) - .minutes(30)
        }
        var customer = World.customer
        customer.timeZone = zone
        return World.planner(policy: policy).holdEnded(held, contact: customer, snapshot: Snapshot(), now: time(moment))
    }
    private func isWithin20Minutes(_ departure: Timestamp?, of end: String) -> Bool {
        departure.map { $0 >= time(end) && $0 < time(end) + .minutes(20) } ?? false
    }

    @Test(
        "22:00 to 08:00 on the customer's clock",
        arguments: [
            ("2025-11-12T13:59:59Z", "Asia/Shanghai", String?.none), ("2025-11-12T14:00:00Z", "Asia/Shanghai", "2025-11-13T00:00:00Z"),
            ("2025-11-12T15:59:59Z", "Asia/Shanghai", "2025-11-13T00:00:00Z"),
            ("2025-11-12T16:00:00Z", "Asia/Shanghai", "2025-11-13T00:00:00Z"),
            ("2025-11-12T23:59:59Z", "Asia/Shanghai", "2025-11-13T00:00:00Z"), ("2025-11-13T00:00:00Z", "Asia/Shanghai", nil),
            ("2025-11-12T16:29:59Z", "Asia/Kolkata", nil), ("2025-11-12T16:30:00Z", "Asia/Kolkata", "2025-11-13T02:30:00Z"),
            ("2025-11-12T21:00:00Z", "Europe/Berlin", "2025-11-13T07:00:00Z"),
            ("2025-07-12T20:00:00Z", "Europe/Berlin", "2025-07-13T06:00:00Z"),
            ("2025-12-31T23:00:00Z", "Europe/Berlin", "2026-01-01T07:00:00Z"), ("2025-11-12T12:00:00Z", "UTC", nil),
            ("2025-02-28T22:30:00Z", "UTC", "2025-03-01T08:00:00Z"), ("2025-11-12T03:00:00Z", "America/New_York", "2025-11-12T13:00:00Z"),
            // The clocks go forward at night, and back.
            ("2025-03-29T22:00:00Z", "Europe/Berlin", "2025-03-30T06:00:00Z"),
            ("2025-03-30T00:30:00Z", "Europe/Berlin", "2025-03-30T06:00:00Z"),
            ("2025-03-30T01:30:00Z", "Europe/Berlin", "2025-03-30T06:00:00Z"),
            ("2025-10-25T21:00:00Z", "Europe/Berlin", "2025-10-26T07:00:00Z"),
            ("2025-10-26T00:30:00Z", "Europe/Berlin", "2025-10-26T07:00:00Z"),
            ("2025-11-02T03:00:00Z", "America/New_York", "2025-11-02T13:00:00Z"),
            ("2026-03-08T04:00:00Z", "America/New_York", "2026-03-08T12:00:00Z"),
        ] as [(String, String, String?)])
    func byTheCustomersClock(_ now: String, _ zone: String, _ end: String?) {
        #expect(World.planner().quietEnd(zone: zone, now: time(now)) == end.map(time))
        let plan = tell(.limitExceeded, at: now, zone: zone)
        if let end {
            #expect(isWithin20Minutes(plan.departure(.push), of: end) && plan.reason(.push) == .quietHoursDeferred)
        } else {
            #expect(plan.departure(.push) == time(now) && plan.reason(.push) == nil)
        }
        #expect(plan.departure(.inApp) == time(now), "the app never waits")
    }

    @Test(
        "each rule at three in the morning",
        arguments: [
            (Kind.limitExceeded, true, true), (.accountInfoError, true, false), (.riskHold, false, false),
            (.complianceRestricted, false, false), (.identityRequired, true, true),
            (.notArrived, true, false), (.payoutReturned, true, false),
        ])
    func rules(_ kind: Kind, _ sms: Bool, _ push: Bool) {
        let now = "2025-11-12T19:00:00Z"
        var policy = World.policy
        policy.plans[.normal] = policy.plans[.high]
        let plan = tell(kind, at: now, policy: policy)
        #expect((plan.departure(.sms).map { $0 > time(now) }) == sms && (plan.departure(.push).map { $0 > time(now) }) == push)
    }

    @Test func mailNeverWaits() {
        #expect(tell(.duplicateRequest, at: "2025-11-12T19:00:00Z").departure(.mail) == time("2025-11-12T19:00:00Z"))
    }

    @Test(
        "unless a deadline falls before noon of the coming day",
        arguments: [
            ("2025-11-13T03:59:59Z", false), ("2025-11-13T04:00:00Z", true), ("2025-11-20T00:00:00Z", true),
        ])
    func deadlines(_ deadline: String, _ waits: Bool) {
        let plan = tell(.identityRequired, at: "2025-11-12T19:00:00Z", deadline: deadline)
        #expect((plan.reason(.sms) == .quietHoursDeferred) == waits && (plan.reason(.push) == .quietHoursDeferred) == waits)
        #expect(
            tell(.accountInfoError, at: "2025-11-12T19:00:00Z", deadline: deadline).reason(.sms) == .quietHoursDeferred,
            "other rules know no deadline")
    }

    @Test func policyMayOverrideAndSwitchOff() {
        var policy = World.policy
        policy.kinds[.riskHold] = KindOverride(quietHours: .defer)
        #expect(tell(.riskHold, at: "2025-11-12T19:00:00Z", policy: policy).reason(.push) == .quietHoursDeferred)
        policy.quietHours.from = policy.quietHours.to
        #expect(tell(.riskHold, at: "2025-11-12T19:00:00Z", policy: policy).reason(.push) == nil)
        policy.quietHours = QuietWindow(from: 60, to: 120, spread: .zero, holds: [.push])
        #expect(tell(.limitExceeded, at: "2025-11-12T17:30:00Z", policy: policy).departure(.push) == time("2025-11-12T18:00:00Z"))
        #expect(tell(.limitExceeded, at: "2025-11-12T18:00:00Z", policy: policy).reason(.push) == nil)
    }

    @Test func morningsAreSpread() {
        var departures: Set<Timestamp> = []
        for n in 0..<200 {
            let held = World.episode(.limitExceeded, status: .holding, told: false) { $0.order = OrderNumber("WD25111200\(1000 + n)")! }
            let plan = World.planner().holdEnded(held, contact: World.customer, snapshot: Snapshot(), now: time("2025-11-12T19:00:00Z"))
            #expect(isWithin20Minutes(plan.departure(.push), of: "2025-11-13T00:00:00Z"))
            if let departure = plan.departure(.push) { departures.insert(departure) }
        }
        #expect(departures.count > 100)
    }
}

@Suite("fallbacks, promises and reminders")
struct FollowUpTests {
    private let planner = World.planner()
    private func notice(_ kind: Kind = .riskHold) -> Notice {
        Notice(
            id: 1, episode: 1, episodeVersion: 1, order: World.order, anomaly: "an-1", audience: .customer, customer: "CU1", kind: kind,
            stage: .opened, variant: nil, priority: .high,
            reason: .first, locale: .en, timeZone: "UTC", privatePreview: false, templateRevision: "1", facts: Facts(),
            plannedAt: World.noon, event: 1)
    }
    private func fallback(
        _ index: Int, confirmed: Bool = false, seen: Bool = false, status: Episode.Status = .open,
        present: [Channel] = [.sms, .push, .inApp]
    ) -> Plan {
        let snapshot = World.snapshot { $0.deliveries = present.map { World.delivery($0, .sent) } }
        return planner.fallback(
            index, of: notice(), episode: World.episode(.riskHold, status: status), contact: World.customer, confirmed: confirmed,
            seen: seen, snapshot: snapshot, now: World.noon)
    }

    @Test(
        "a step fires unless its condition is met",
        arguments: [
            (0, false, false, true), (0, true, false, false), (0, false, true, true), (1, false, true, false), (1, true, false, true),
            (2, false, false, false), (-1, false, false, false),
        ])
    func steps(_ index: Int, _ confirmed: Bool, _ seen: Bool, _ fires: Bool) {
        #expect((fallback(index, confirmed: confirmed, seen: seen).notice != nil) == fires)
    }

    @Test func aStepExtendsTheNotice() {
        let plan = fallback(0)
        #expect(plan.sending == "mail" && plan.notice?.extends == 1 && plan.notice?.reason == .fallbackDue && plan.notice?.stage == .opened)
        #expect(fallback(1).reason(.voice) == .channelNotConfigured, "voice has no provider")
    }

    @Test("not after the end, and not where it went already")
    func noStep() {
        for status in [Episode.Status.resolved, .superseded, .tombstone] { #expect(fallback(0, status: status).notice == nil) }
        #expect(fallback(0, present: [.mail]).notice == nil)
    }

    // MARK: Promises

    @Test(
        "kinds that make the customer wait watch their promise",
        arguments: [
            (Kind.riskHold, true), (.complianceRestricted, true), (.limitExceeded, false), (.duplicateRequest, false),
            (.platformError, true), (.notArrived, true),
        ])
    func arms(_ kind: Kind, _ isWatched: Bool) {
        let plan = World.planner().holdEnded(
            World.episode(kind, status: .holding, told: false) { $0.eta = World.noon + .hours(3) }, contact: World.customer,
            snapshot: Snapshot(), now: World.noon)
        #expect(plan.timers.map(\.step) == (isWatched ? [.promise] : []) && (plan.timers.first?.due == World.noon + .hours(3)) == isWatched)
    }

    @Test("the producer's time if it is to come, else the kind's own, rounded up to the hour")
    func promises() {
        #expect(
            World.plan(World.anomaly(.riskHold) { $0.expectedAt = World.noon + .minutes(10) }).episode?.eta == World.noon + .minutes(10))
        #expect(World.plan(World.anomaly(.riskHold) { $0.expectedAt = World.noon }).episode?.eta == World.noon + .hours(2))
        #expect(World.plan(World.anomaly(.riskHold), at: World.noon + .milliseconds(1)).episode?.eta == World.noon + .hours(3))
    }

    private func broken(_ eta: Timestamp? = World.noon, told: Int = 1, _ change: (inout Episode) -> Void = { _ in }) -> Plan {
        let episode = World.episode(.bankDelay) {
            $0.eta = eta; change(&$0)
        }
        let timer = StoredTimer(step: .promise, episode: 1, argument: Int(World.noon.seconds / 3600), due: World.noon)
        let snapshot = World.snapshot {
            $0.deliveries = (0..<told).map { World.delivery(.inApp, .delivered, notice: NoticeID($0 + 1)) } + [World.delivery(.mail, .sent)]
        }
        return planner.promiseBroken(timer, episode: episode, contact: World.customer, snapshot: snapshot, now: World.noon)
    }

    @Test func aBrokenPromiseIsSaid() {
        let plan = broken()
        #expect(plan.notice?.stage == .stillWaiting && plan.notice?.reason == .etaBroken && plan.sending == "mail in_app")
        #expect(plan.episode?.eta == World.noon + .hours(2) && plan.notice?.facts[.eta] == .instant(World.noon + .hours(2)))
        #expect(plan.timers.map(\.step) == [.promise] && plan.timers.first?.due == World.noon + .hours(2))
    }

    @Test("a later time is watched like the first one; an earlier one is no new promise") func newPromises() {
        func timers(_ hours: Int, told: Bool = true, _ kind: Kind = .bankDelay) -> [StoredTimer] {
            let known = World.episode(kind, told: told) { $0.eta = World.noon + .hours(3) }
            return World.plan(
                World.anomaly(kind, .updated, seq: 2) { $0.expectedAt = World.noon + .hours(hours) },
                with: World.snapshot { $0.episodes = [known] }
            ).timers.filter { $0.step == .promise }
        }
        #expect(timers(5).map(\.due) == [World.noon + .hours(5)])
        #expect(timers(3).isEmpty && timers(2).isEmpty && timers(5, told: false).isEmpty)
        #expect(timers(5, .complianceRestricted).map(\.due) == timers(5).map(\.due))
    }

    @Test func notEveryBrokenPromise() {
        #expect(broken(told: 3).notice != nil && broken(told: 4).notice == nil, "as often as the policy repeats")
        #expect(broken(World.noon + .hours(5)).notice == nil, "a newer promise runs")
        for change in [{ $0.status = .resolved }, { $0.told = false }, { $0.incident = "IN1" }, { $0.status = .holding }]
            as [(inout Episode) -> Void]
        {
            #expect(broken(change).notice == nil)
        }
    }
    private func broken(_ change: (inout Episode) -> Void) -> Plan { broken(World.noon, change) }

    // MARK: Reminders

    @Test("half time, and 24 h before the deadline")
    func armsReminders() {
        let plan = World.plan(World.anomaly(.identityRequired) { $0.details.deadline = World.noon + .hours(72) })
        let reminders = plan.timers.filter { $0.step == .reminder }
        #expect(reminders.map(\.due) == [World.noon + .hours(36), World.noon + .hours(48)] && reminders.map(\.argument) == [1, 2])
        let short = World.plan(World.anomaly(.identityRequired) { $0.details.deadline = World.noon + .hours(40) })
        #expect(short.timers.filter { $0.step == .reminder }.map(\.due) == [World.noon + .hours(20)])
        #expect(World.plan(World.anomaly(.identityRequired) { $0.details.deadline = World.noon - .hours(1) }).timers.isEmpty)
        #expect(
            World.plan(World.anomaly(.riskHold) { $0.details.deadline = World.noon + .hours(72) }).timers.allSatisfy {
                $0.step != .reminder
            })
        #expect(
            World.plan(
                World.anomaly(.riskHold) {
                    $0.details.deadline = World.noon + .hours(72); $0.details.variant = "materials"
                }
            ).timers.contains { $0.step == .reminder })
    }

    @Test(
        "while material is missing and the deadline is to come",
        arguments: [
            (Episode.Status.open, true, 10, true, String?.none, true), (.resolved, true, 10, true, nil, false),
            (.superseded, true, 10, true, nil, false), (.open, false, 10, true, nil, false),
            (.open, true, -1, true, nil, false), (.open, true, 10, false, nil, false), (.open, true, 10, true, "identity_received", false),
            (.open, true, 10, true, "materials_requested", true),
        ] as [(Episode.Status, Bool, Int, Bool, String?, Bool)])
    func reminds(_ status: Episode.Status, _ told: Bool, _ hours: Int, _ hasMaterials: Bool, _ step: String?, _ isReminded: Bool) {
        let episode = World.episode(.identityRequired, status: status, told: told) {
            $0.deadline = World.noon + .hours(hours)
            $0.step = step
            if hasMaterials { $0.facts.set(.materials, terms: ["id_document"], of: .materials) }
        }
        let plan = planner.remind(
            episode: episode, contact: World.customer, snapshot: World.snapshot { $0.deliveries = [World.delivery(.sms, .sent)] },
            now: World.noon)
        #expect((plan.notice?.stage == .materialsReminder) == isReminded && (plan.sending == "sms in_app") == isReminded)
    }

    // MARK: Facts

    @Test(
        "limits start anew at the customer's midnight, also across a clock change",
        arguments: [
            ("day", "Asia/Shanghai", "2025-11-12T04:00:00Z", "2025-11-12T16:00:00Z"),
            ("month", "Asia/Shanghai", "2025-11-12T04:00:00Z", "2025-11-30T16:00:00Z"),
            ("month", "Asia/Shanghai", "2025-12-31T15:59:59Z", "2025-12-31T16:00:00Z"),
            ("day", "Europe/Berlin", "2025-03-30T00:30:00Z", "2025-03-30T22:00:00Z"),
            ("day", "Europe/Berlin", "2025-10-25T23:30:00Z", "2025-10-26T23:00:00Z"),
            ("month", "Europe/Berlin", "2025-10-10T12:00:00Z", "2025-10-31T23:00:00Z"),
        ])
    func limits(_ period: String, _ zone: String, _ now: String, _ reset: String) {
        let plan = World.plan(
            World.anomaly(.limitExceeded) {
                $0.customer.timeZone = zone; $0.details.limit = Details.Limit(count: 3, period: period, owner: "bank")
            }, at: time(now))
        #expect(plan.notice?.facts[.eta] == .instant(time(reset)) && plan.notice?.facts[.limit] == .count(3))
    }

    @Test("on the clock of the customer's record, when it has one") func limitsByTheRecord() {
        let plan = World.plan(
            World.anomaly(.limitExceeded) { $0.details.limit = Details.Limit(count: 3, period: "day", owner: "bank") },
            with: World.snapshot { $0.record = CustomerRecord(id: "CU1", timeZone: "Europe/Berlin") })
        #expect(plan.notice?.facts[.eta] == .instant(time("2025-11-12T23:00:00Z")))
    }

    @Test func factsSayOnlyWhatIsKnown() {
        let facts = World.plan(
            World.anomaly(.riskHold) {
                $0.tail4 = nil; $0.amount = nil
            }
        ).notice?.facts
        #expect(
            facts?[.tail4] == nil && facts?[.amount] == nil && facts?[.deadline] == nil && facts?[.order] == .order(World.order)
                && facts?[.bank] == .text(PlainText("ICBC")))
        let long = String(repeating: "T", count: 64)
        #expect(
            World.plan(World.anomaly(.notArrived) { $0.details.traceRef = long }).episode?.facts[.traceRef]
                == .text(PlainText(long, limit: 64)))
    }
}
