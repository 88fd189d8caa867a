@testable import Core
import Testing

@Suite("working time")
struct WorkingTimeTests {
    private let planner = World.planner()

    @Test(
        "working hours count between 9:00 and 18:00 from Monday to Friday",
        arguments: [
            // Wednesday noon, and what is left of a day.
            ("2025-11-12T04:00:00Z", 4, "2025-11-12T08:00:00Z"), ("2025-11-12T04:00:00Z", 6, "2025-11-12T10:00:00Z"),
            ("2025-11-12T04:00:00Z", 7, "2025-11-13T02:00:00Z"), ("2025-11-12T04:00:00Z", 24, "2025-11-14T10:00:00Z"),
            // Before, after, and over the end of the week.
            ("2025-11-11T22:00:00Z", 1, "2025-11-12T02:00:00Z"), ("2025-11-12T10:00:00Z", 1, "2025-11-13T02:00:00Z"),
            ("2025-11-14T09:00:00Z", 4, "2025-11-17T04:00:00Z"), ("2025-11-15T04:00:00Z", 1, "2025-11-17T02:00:00Z"),
        ])
    func hours(_ from: String, _ count: Int, _ end: String) {
        #expect(planner.moment(time(from), plusWorkingHours: count, in: World.shanghai) == time(end))
    }

    @Test(
        "a working day later is the same time of day",
        arguments: [
            ("2025-11-12T07:30:00Z", 1, "Asia/Shanghai", "2025-11-13T07:30:00Z"),
            ("2025-11-14T07:30:00Z", 1, "Asia/Shanghai", "2025-11-17T07:30:00Z"),
            ("2025-11-12T07:30:00Z", 5, "Asia/Shanghai", "2025-11-19T07:30:00Z"),
            // A night and a weekend begin with the next morning.
            ("2025-11-14T14:00:00Z", 1, "Asia/Shanghai", "2025-11-18T01:00:00Z"),
            ("2025-11-16T04:00:00Z", 2, "Asia/Shanghai", "2025-11-19T01:00:00Z"),
            // The clocks change on the weekend between.
            ("2025-10-24T10:00:00Z", 1, "Europe/Berlin", "2025-10-27T11:00:00Z"),
            ("2025-03-28T11:00:00Z", 1, "Europe/Berlin", "2025-03-31T10:00:00Z"),
        ])
    func days(_ from: String, _ count: Int, _ zone: String, _ end: String) {
        #expect(planner.moment(time(from), plusWorkingDays: count, in: Workplace(zone: zone, country: "")) == time(end))
    }

    @Test func followThePolicy() {
        var policy = World.policy
        policy.workingTime = WorkingTime(days: [6, 7], from: 600, to: 660)
        let planner = World.planner(policy: policy)
        #expect(planner.moment(World.noon, plusWorkingHours: 2, in: World.shanghai) == time("2025-11-16T03:00:00Z"))
        #expect(planner.nextWorkingDay(after: World.noon, in: World.shanghai) == time("2025-11-15T02:00:00Z"))
    }
}

@Suite("escalation")
struct EscalationTests {
    private func planner(_ steps: [EscalationStep], of kind: Kind, zones: [String: String] = [:]) -> Planner {
        var planner = World.planner()
        planner.catalogue.kinds[kind]?.escalation = steps
        planner.catalogue.zones = zones
        return planner
    }
    private func tell(_ steps: [EscalationStep], of kind: Kind, _ change: (inout Episode) -> Void = { _ in }) -> [StoredTimer] {
        let held = World.episode(kind, status: .holding, told: false, change)
        return planner(steps, of: kind, zones: ["cn_instant": "Europe/Berlin"])
            .holdEnded(held, contact: World.customer, snapshot: Snapshot(), now: World.noon).timers.filter { $0.step == .escalation }
    }

    @Test("each step counts from its moment, in its own way") func moments() {
        let timers = tell(
            [
                EscalationStep(.time(.zero), to: .onCall, task: "a"), EscalationStep(.time(.hours(2)), to: .desk, task: "b"),
                EscalationStep(.workingHours(6), to: .seniorReviewer, task: "c"),
                EscalationStep(.workingDays(1), to: .headOfRisk, task: "d"), EscalationStep(.bankDays(1), to: .channelManager, task: "e"),
                EscalationStep(.time(.zero), from: .bankOpens, to: .desk, task: "f"),
                EscalationStep(.time(.zero), from: .promised, to: .desk, task: "g"),
                EscalationStep(.bankDays(2), from: .last, to: .management, task: "h"),
                EscalationStep(.time(.minutes(1)), from: .deadline, to: .desk, task: "i"),
            ], of: .platformError
        ) {
            $0.detectedAt = World.noon
            $0.eta = World.noon + .hours(9)
            $0.deadline = World.noon + .hours(48)
        }
        // In Berlin it is five in the morning.
        #expect(
            timers.map(\.due) == [
                World.noon, World.noon + .hours(2), World.noon + .hours(6), World.noon + .hours(24), time("2025-11-13T08:00:00Z"),
                time("2025-11-13T08:00:00Z"), World.noon + .hours(9), time("2025-11-14T13:00:00Z"), World.noon + .hours(48) + .minutes(1),
            ])
        #expect(timers.map(\.argument) == Array(0...8))
    }

    @Test("a step whose moment nobody knows is left out, and those after it that count from it") func unknown() {
        let timers = tell(
            [
                EscalationStep(.time(.zero), from: .deadline, to: .desk, task: "a"),
                EscalationStep(.time(.hours(1)), from: .last, to: .desk, task: "b"), EscalationStep(.time(.hours(3)), to: .desk, task: "c"),
            ], of: .platformError)
        #expect(timers.map(\.argument) == [2])
    }

    @Test("nothing is armed while the hold-off runs, nor for an end") func notYet() {
        let steps = [EscalationStep(.time(.zero), to: .desk, task: "a")]
        let planner = planner(steps, of: .platformError)
        #expect(World.plan(World.anomaly(.platformError), by: planner).timers.map(\.step) == [.holdEnd])
        #expect(World.plan(World.anomaly(.platformError, .resolved, end: .refunded), by: planner).timers.isEmpty)
    }

    private let late = [
        EscalationStep(.time(.zero), from: .promised, to: .desk, task: "ask"),
        EscalationStep(.bankDays(1), from: .last, to: .channelManager, task: "trace"),
        EscalationStep(.time(.hours(2)), to: .desk, task: "x"),
    ]

    @Test("news that moves the promise moves the steps that count from it") func moves() {
        let known = World.episode(.platformError) { $0.eta = World.noon + .hours(2) }
        let moved = World.plan(
            World.anomaly(.platformError, .updated, seq: 2) { $0.expectedAt = World.noon + .hours(5) },
            with: World.snapshot { $0.episodes = [known] }, by: planner(late, of: .platformError))
        #expect(moved.moves.map(\.argument) == [0, 1])
        #expect(moved.moves.map(\.due) == [World.noon + .hours(5), World.noon + .hours(29)])
        let same = World.plan(
            World.anomaly(.platformError, .updated, seq: 2), with: World.snapshot { $0.episodes = [known] },
            by: planner(late, of: .platformError))
        #expect(same.moves.isEmpty)
    }

    @Test("when it is due, somebody is asked: by number, role and task") func asks() throws {
        let planner = planner(late, of: .platformError)
        let task = try #require(planner.escalate(1, World.episode(.platformError), incident: nil, now: World.noon).task)
        #expect(task.role == .channelManager && task.topic == .escalation && !task.isDiscreet)
        #expect(task.item.cause == .escalation && task.item.order == World.order && task.item.kind == .platformError)
        #expect(task.item.detail == "step 2 of 3, channel_manager: trace")
        for over in [Episode.Status.resolved, .superseded, .holding, .tombstone] {
            #expect(planner.escalate(1, World.episode(.platformError, status: over), incident: nil, now: World.noon).task == nil)
        }
        #expect(planner.escalate(3, World.episode(.platformError), incident: nil, now: World.noon).task == nil, "the settings changed")
    }

    @Test(
        "a step that is needless by then asks nobody",
        arguments: [
            (EscalationStep.Unless.posted, Kind.payoutReturned, "funds", "in_balance", true),
            (.posted, .payoutReturned, "funds", "not_debited", true), (.posted, .payoutReturned, "funds", "returning", false),
            (.decided, .riskHold, "step", "review_approved_or_declined", true), (.decided, .riskHold, "step", "under_review", false),
            (.received, .identityRequired, "step", "identity_received", true),
            (.received, .identityRequired, "step", "sent_to_bank", true),
            (.received, .identityRequired, "step", "identity_requested", false), (.notOurs, .amountError, "variant", "our_side", false),
            (.notOurs, .amountError, "variant", "", true),
        ])
    func unless(_ unless: EscalationStep.Unless, _ kind: Kind, _ field: String, _ word: String, _ isMet: Bool) {
        var planner = planner([EscalationStep(.time(.zero), to: .desk, unless: unless, task: "a")], of: kind)
        planner.catalogue.kinds[.identityRequired]?.steps = ["submitted", "identity_requested", "identity_received", "sent_to_bank"]
        let episode = World.episode(kind) {
            switch field {
            case "funds": $0.funds = FundsState(rawValue: word)
            case "step": $0.step = word
            default: $0.variant = word.isEmpty ? nil : word
            }
        }
        #expect((planner.escalate(0, episode, incident: nil, now: World.noon).task == nil) == isMet)
    }

    @Test("in an open incident nobody is asked about one payout; afterwards somebody is") func incidents() {
        let planner = planner(late, of: .bankDelay)
        var incident = Incident(id: "inc-1", bank: "ICBC", rail: "cn_instant", since: World.noon - .hours(1))
        let child = World.episode(.bankDelay) { $0.incident = "inc-1" }
        #expect(planner.escalate(0, child, incident: incident, now: World.noon).noted("reason") == ReasonCode.stormAbsorbed.rawValue)
        incident.closedAt = World.noon
        #expect(planner.escalate(0, child, incident: incident, now: World.noon).task != nil)
    }

    @Test("an incident is escalated as one matter, until it closes") func ofAnIncident() {
        let planner = planner([EscalationStep(.time(.minutes(15)), to: .channelManager, task: "switch")], of: .channelOutage)
        let news = IncidentNews(
            id: "INC-1", stage: .opened, bank: "ICBC", rail: "cn_instant", since: World.noon - .minutes(5), until: nil)
        let event = Event(
            id: "ev-1", source: "/test", type: "incident.opened", time: World.noon, receivedAt: nil, body: .incident(news))
        let plan = planner.plan(news, of: event, seq: 1, incidents: [], now: World.noon)
        #expect(plan.timers.map(\.step) == [.escalation] && plan.timers.first?.incident == "INC-1")
        #expect(plan.timers.first?.due == World.noon + .minutes(10))
        var incident = Incident(id: "INC-1", bank: "ICBC", rail: "cn_instant", since: World.noon)
        let task = planner.escalate(0, incident, now: World.noon).task
        #expect(task?.item.detail == "incident INC-1, ICBC on cn_instant: step 1 of 1, channel_manager: switch")
        incident.closedAt = World.noon
        #expect(planner.escalate(0, incident, now: World.noon).task == nil)
    }

    @Test("what is known of a restriction and of a review looks alike", arguments: [Kind.riskHold, .complianceRestricted])
    func discreet(_ kind: Kind) throws {
        let planner = planner([EscalationStep(.time(.zero), to: .complianceOfficer, task: "a")], of: kind)
        let plan = planner.escalate(0, World.episode(kind), incident: nil, now: World.noon)
        let task = try #require(plan.task)
        #expect(task.isDiscreet && task.subject == "escalation" && plan.noted("to") == nil)
        #expect(task.item.isRestricted == (kind == .complianceRestricted))
    }
}

@Suite("urgent notices that reached nobody")
struct UnheardTests {
    private let planner = World.planner()

    private func told(_ kind: Kind, at moment: Timestamp = World.noon, _ change: (inout Snapshot) -> Void = { _ in }) -> NoticePlan? {
        let held = World.episode(kind, status: .holding, told: false) { $0.detectedAt = moment }
        return planner.holdEnded(held, contact: World.customer, snapshot: World.snapshot(change), now: moment).notice
    }

    @Test("are looked at half an hour after the last of their messages was to leave") func due() throws {
        #expect(planner.callDue(try #require(told(.riskHold)), now: World.noon) == World.noon + .minutes(30))
        #expect(planner.callDue(try #require(told(.limitExceeded)), now: World.noon) == nil, "not urgent")
        let night = time("2025-11-12T19:00:00Z")
        let deferred = try #require(told(.accountInfoError, at: night))
        let waiting = try #require(planner.callDue(deferred, now: night))
        #expect(waiting >= time("2025-11-13T00:30:00Z"), "the SMS waits for the morning")
        let merged = try #require(told(.accountInfoError) { $0.toldElsewhere = .high })
        #expect(planner.callDue(merged, now: World.noon) == nil, "told with another order")
        var nowhere = try #require(told(.riskHold))
        nowhere.channels = [
            ChannelDecision(channel: .sms, fate: .drop(.noAddress)), ChannelDecision(channel: .push, fate: .drop(.noDevice)),
        ]
        #expect(planner.callDue(nowhere, now: World.noon) == World.noon + .minutes(30))
        nowhere.channels[0].fate = .drop(.dailyCap)
        #expect(planner.callDue(nowhere, now: World.noon) == nil, "enough was told today")
        nowhere.channels = [ChannelDecision(channel: .inApp, fate: .send(Sensitive(.inbox), at: World.noon, reason: nil))]
        #expect(planner.callDue(nowhere, now: World.noon) == nil, "in the app on purpose")
        nowhere.extends = 1
        #expect(planner.callDue(nowhere, now: World.noon) == nil)
    }

    private func notice(_ stage: NoticeStage = .opened) -> Notice {
        Notice(
            id: 1, episode: 1, episodeVersion: 1, order: World.order, anomaly: "an-1", audience: .customer, customer: "CU1",
            kind: .riskHold,
            stage: stage, variant: nil, priority: .high, reason: .first, locale: .en, timeZone: "UTC", privatePreview: false,
            templateRevision: "", facts: Facts(), plannedAt: World.noon, event: nil)
    }
    private func call(
        _ deliveries: [Delivery], seen: Bool = false, status: Episode.Status = .open, stage: NoticeStage = .opened
    ) -> StaffTask? {
        planner.call(
            about: notice(stage), episode: World.episode(.riskHold, status: status), deliveries: deliveries, seen: seen, now: World.noon
        ).task
    }

    @Test(
        "one channel that took it is enough, and nothing else is", arguments: DeliveryState.allCases)
    func states(_ state: DeliveryState) {
        let isTaken = state == .sent || state == .delivered
        #expect(
            (call([World.delivery(.inApp, .delivered), World.delivery(.sms, .dead), World.delivery(.mail, state)]) == nil)
                == (isTaken || state == .cancelled))
    }

    @Test func areNotCalledAboutWhenSeenOrOver() throws {
        let dead = [World.delivery(.inApp, .delivered), World.delivery(.sms, .dead), World.delivery(.push, .blocked)]
        #expect(call(dead, seen: true) == nil)
        #expect(call(dead, status: .resolved) == nil && call(dead, status: .superseded) == nil)
        #expect(call(dead, status: .resolved, stage: .resolvedRefunded) != nil, "the end has to be heard too")
        var lost = World.delivery(.sms, .cancelled)
        lost.reason = .addressDead
        #expect(call([lost]) != nil)
        lost.reason = .superseded
        #expect(call([lost]) == nil)
        let task = try #require(call(dead))
        #expect(task.role == .support && task.item.cause == .unheard && task.item.kind == nil)
        #expect(task.item.detail == "call the customer from the published number: sms dead, push blocked")
    }
}
