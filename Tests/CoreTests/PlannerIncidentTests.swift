@testable import Core
import Testing

@Suite("storms and incidents")
struct PlannerIncidentTests {
    private let planner = World.planner()
    private let since = World.noon - .hours(1)
    private func incident(closed: Timestamp? = nil, until: Timestamp? = nil, announced: String? = "IN1") -> Incident {
        Incident(
            id: announced ?? "storm-1", bank: "ICBC", rail: "cn_instant", since: since, until: until, closedAt: closed, announced: announced
        )
    }
    private func news(_ stage: IncidentNews.Stage, _ incidents: [Incident], id: String = "IN1", until: Timestamp? = nil) -> Plan {
        let news = IncidentNews(id: id, stage: stage, bank: "ICBC", rail: "cn_instant", since: since, until: until)
        let event = Event(
            id: "ev-i", source: "/monitor", type: "incident.\(stage.rawValue)", time: World.noon, receivedAt: nil, body: .incident(news))
        return planner.plan(news, of: event, seq: 9, incidents: incidents, now: World.noon)
    }
    private func holdEnd(_ kind: Kind, _ change: (inout Snapshot) -> Void) -> Plan {
        planner.holdEnded(
            World.episode(kind, status: .holding, told: false), contact: World.customer, snapshot: World.snapshot(change), now: World.noon)
    }

    // MARK: Opening

    @Test(
        "more than 20 within two minutes open an incident: the 21st does",
        arguments: [(0, false), (18, false), (19, false), (20, true), (400, true)])
    func counts(_ others: Int, _ opens: Bool) {
        let plan = World.plan(World.anomaly(.bankDelay), with: World.snapshot { $0.stormCount = others })
        #expect((plan.incident != nil) == opens)
        guard opens else { return }
        #expect(plan.incident?.announced == nil && plan.incident?.bank == "ICBC" && plan.incident?.since == World.noon - .minutes(2))
        #expect(plan.findings.map(\.topic) == [.incidentOpened] && plan.reviews.map(\.cause) == [.incident], "staff are told at once")
        #expect(Set(plan.timers.map(\.step)) == [.storm, .holdEnd] && plan.disposition == .pending)
    }

    @Test func oneIncidentIsEnough() {
        #expect(
            World.plan(
                World.anomaly(.bankDelay),
                with: World.snapshot {
                    $0.stormCount = 50; $0.incidents = [incident()]
                }
            ).incident == nil)
        #expect(
            World.plan(
                World.anomaly(.bankDelay),
                with: World.snapshot {
                    $0.stormCount = 50; $0.incidents = [incident(closed: since + .minutes(1))]
                }
            ).incident != nil)
        #expect(World.plan(World.anomaly(.duplicateRequest), with: World.snapshot { $0.stormCount = 50 }).incident == nil)
    }

    @Test func anAnnouncedOneTellsStaff() {
        let plan = news(.opened, [])
        #expect(
            plan.incident == incident() && plan.disposition == .recorded && plan.findings.map(\.topic) == [.incidentOpened]
                && plan.reviews.map(\.cause) == [.incident])
    }

    @Test("a storm that was counted and an incident that is announced are one")
    func merges() {
        let counted = incident(announced: nil)
        let plan = news(.opened, [counted], until: World.noon + .hours(1))
        #expect(plan.incident?.id == "storm-1" && plan.incident?.announced == "IN1" && plan.incident?.until == World.noon + .hours(1))
        #expect(plan.findings.isEmpty && plan.reviews.isEmpty, "staff know already")
        #expect(news(.closed, [counted]).incident?.closedAt == World.noon)
    }

    @Test func updatesAndEnds() {
        #expect(news(.updated, [incident()], until: World.noon + .hours(2)).incident?.until == World.noon + .hours(2))
        #expect(news(.updated, [incident(closed: World.noon)]).disposition == .stale)
        let closed = news(.closed, [incident()])
        #expect(
            closed.incident?.closedAt == World.noon && closed.disposition == .pending && closed.findings.map(\.topic) == [.incidentClosed])
        #expect(
            closed.timers.map(\.step) == [.incidentOver] && closed.timers.first?.due == World.noon + .minutes(15)
                && closed.timers.first?.argument == 9)
        #expect(news(.closed, [incident(closed: World.noon)]).disposition == .stale)
    }

    @Test("an end that overtook its beginning leaves a closed incident")
    func endFirst() {
        let plan = news(.closed, [])
        #expect(plan.incident?.closedAt == World.noon && plan.disposition == .recorded && plan.findings.isEmpty && plan.timers.isEmpty)
        #expect(news(.opened, [plan.incident!]).disposition == .stale)
    }

    // MARK: Customers

    @Test(
        "one message per customer: push if it works, else mail, and the app", arguments: [Kind.bankDelay, .networkProblem, .statusUnknown])
    func oneMessage(_ kind: Kind) {
        let plan = holdEnd(kind) { $0.incidents = [incident()] }
        #expect(plan.sending == "push in_app" && plan.notice?.kind == .channelOutage && plan.notice?.fallbacks.isEmpty == true)
        #expect(
            plan.member == IncidentMember(incident: "IN1", customer: "CU1", order: World.order, toldAt: World.noon)
                && plan.episode?.incident == "IN1")
        #expect(plan.decided.map(\.disposition) == [.planned])
        let noPush = planner.holdEnded(
            World.episode(kind, status: .holding, told: false),
            contact: {
                var c = World.customer; c.device = .none; return c
            }(),
            snapshot: World.snapshot { $0.incidents = [incident()] }, now: World.noon)
        #expect(noPush.sending == "mail in_app")
    }

    @Test func furtherOnesAreAbsorbed() {
        let member = IncidentMember(incident: "IN1", customer: "CU1", order: OrderNumber("WD9")!, toldAt: World.noon - .minutes(1))
        let plan = holdEnd(.bankDelay) {
            $0.incidents = [incident()]; $0.member = member
        }
        #expect(plan.notice == nil && plan.decided.map(\.disposition) == [.suppressed(.stormAbsorbed)] && plan.noted("told_with") == "WD9")
        #expect(plan.episode?.status == .open && plan.episode?.incident == "IN1" && plan.episode?.told == false)
        #expect(
            holdEnd(.bankDelay) {
                $0.incidents = [incident()];
                $0.member = {
                    var m = member; m.incident = "IN0"; return m
                }()
            }.notice != nil)
    }

    @Test("only what happened while it was open belongs to it")
    func coversItsTime() {
        #expect(incident().covers(since) && !incident().covers(since - .milliseconds(1)) && incident().covers(World.noon))
        #expect(incident(closed: World.noon).covers(World.noon) && !incident(closed: World.noon).covers(World.noon + .milliseconds(1)))
        let before = holdEnd(.bankDelay) { $0.incidents = [incident(closed: World.noon - .minutes(30))] }
        #expect(before.notice?.kind == .bankDelay && before.member == nil)
    }

    @Test("kinds that are the customer's own stay themselves, unless the storm is of that kind")
    func otherKinds() {
        let alone = holdEnd(.accountUnavailable) {
            $0.incidents = [incident()]; $0.stormCountOfKind = 19
        }
        #expect(alone.notice?.kind == .accountUnavailable && alone.sending == "sms push in_app" && alone.member == nil)
        let storm = holdEnd(.accountUnavailable) {
            $0.incidents = [incident()]; $0.stormCountOfKind = 20
        }
        #expect(storm.notice?.kind == .accountUnavailable && storm.sending == "sms in_app" && storm.member?.incident == "IN1")
        let hold = World.plan(
            World.anomaly(.riskHold),
            with: World.snapshot {
                $0.incidents = [incident()]; $0.stormCountOfKind = 50
            })
        #expect(hold.member == nil && hold.sending == "sms push in_app", "a risk review is never absorbed")
    }

    @Test("a child's end is in the app only; one that was never told and arrived is silent")
    func endsOfChildren() {
        let child = World.episode(.bankDelay) { $0.incident = "IN1" }
        let told = World.snapshot {
            $0.episodes = [child]; $0.incidents = [incident()]; $0.deliveries = [World.delivery(.push, .sent)]
        }
        #expect(World.plan(World.anomaly(.bankDelay, .resolved, seq: 2, end: .arrived), with: told).sending == "in_app")
        let absorbed = World.snapshot {
            $0.episodes = [World.episode(.bankDelay, told: false) { $0.incident = "IN1" }]; $0.incidents = [incident()]
        }
        #expect(World.plan(World.anomaly(.bankDelay, .resolved, seq: 2, end: .arrived), with: absorbed).notice == nil)
        #expect(World.plan(World.anomaly(.bankDelay, .resolved, seq: 2, end: .refunded), with: absorbed).sending == "in_app")
    }

    @Test func payoutsAreBack() {
        let plan = planner.incidentOver(episode: World.episode(.bankDelay), contact: World.customer, snapshot: Snapshot(), now: World.noon)
        #expect(
            plan.sending == "in_app" && plan.notice?.stage == .incidentOver
                && plan.notice?.facts[.eta] == .instant(time("2025-11-12T06:00:00Z")))
        for status in [Episode.Status.resolved, .superseded, .holding] {
            #expect(
                planner.incidentOver(
                    episode: World.episode(.bankDelay, status: status), contact: World.customer, snapshot: Snapshot(), now: World.noon
                ).notice == nil)
        }
        #expect(
            planner.incidentOver(
                episode: World.episode(.bankDelay, told: false), contact: World.customer, snapshot: Snapshot(), now: World.noon
            ).notice == nil)
    }

    // MARK: Merging without an incident

    @Test(
        "several anomalies of one customer within ten minutes make one notice",
        arguments: [
            (Kind.limitExceeded, Priority.normal, true), (.limitExceeded, .high, true), (.limitExceeded, .low, false),
            (.riskHold, .high, false), (.limitExceeded, nil, false),
        ] as [(Kind, Priority?, Bool)])
    func mergesWithinTenMinutes(_ kind: Kind, _ elsewhere: Priority?, _ isMerged: Bool) {
        let plan = World.plan(World.anomaly(kind), with: World.snapshot { $0.toldElsewhere = elsewhere })
        #expect((plan.reason(.push) == .digestMerged) == isMerged && plan.reason(.inApp) == nil && plan.disposition == .planned)
        #expect((plan.notice?.fallbacks.isEmpty == true) == isMerged)
    }
}
