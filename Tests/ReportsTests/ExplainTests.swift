import Core
import Reports
import Terminal
import Testing

struct ExplainTests {
    static let toldBody: JSON = [
        "event": "ev-1", "type": "anomaly.detected", "seq": 1, "code": "iso20022_status_reason/AC04", "kind": "account_unavailable",
        "priority": "high",
        "raised_by": "vip", "dedupe": "first", "disposition": "planned",
        "notice": [
            "id": 1, "stage": "opened", "kind": "account_unavailable", "reason": "first", "locale": "zh-Hans", "zone": "Asia/Shanghai",
            "template_revision": "5f2c9a0011223344",
            "channels": [
                "sms": ["fate": "send", "at": "2026-11-18T12:00:00.050Z", "delivery": "dlv_1", "to": "+86****17"],
                "push": ["fate": "drop", "reason": "no_device"],
                "in_app": ["fate": "send", "at": "2026-11-18T12:00:00.050Z", "delivery": "dlv_3", "to": "inbox"],
            ],
        ],
    ]

    @Test func told() {
        let story = Story(
            event: .init(Sample.event()), decisions: [Sample.decision(Self.toldBody)],
            told: [
                .init(delivery: DeliveryFact(Sample.delivery(.sms, .sent)), takenAt: Sample.noon + .milliseconds(2040)),
                .init(delivery: DeliveryFact(Sample.delivery(.push, .blocked, .noDevice)), takenAt: nil),
                .init(delivery: DeliveryFact(Sample.delivery(.inApp, .delivered)), takenAt: Sample.noon + .milliseconds(50)),
            ])
        #expect(
            ExplainReport(order: Sample.order, stories: [story]).human(.sample()) == [
                "Told? ✓ YES: sms 2.0 s and in_app 50 ms after the event.", "",
                "1 event     anomaly.detected ev-1 from /channels/adyen at 12:00:00.000 UTC, seq 1",
                "2 once?     yes: first, the first notice of this anomaly",
                "3 code      iso20022_status_reason/AC04 means account_unavailable, priority high, raised by rule \"vip\"",
                "4 channels  sms +86****17, in_app; push no: no_device", "5 timing    at once; quiet hours of Asia/Shanghai did not apply",
                "6 words     account_unavailable opened, zh-Hans, rev 5f2c9a001122",
                "State       sms accepted by sms-a, push not sent: no_device, in_app accepted by inbox",
                "Why         first = the first notice of this anomaly",
            ])
        #expect(story.verdict == .yes)
    }

    @Test func resolvedInHold() {
        let body: JSON = [
            "event": "ev-1", "type": "anomaly.detected", "seq": 1, "code": "internal/TIMEOUT", "kind": "bank_delay", "priority": "normal",
            "hold_until": "2026-11-18T12:10:00.000Z", "reason": "hold_running", "disposition": "pending",
        ]
        let story = Story(event: .init(Sample.event(.suppressed(.resolvedInHold))), decisions: [Sample.decision(body)], told: [])
        #expect(
            ExplainReport(order: Sample.order, stories: [story]).human(.sample()) == [
                "Told? NO, on purpose.", "", "1 event  anomaly.detected ev-1 from /channels/adyen at 12:00:00.000 UTC, seq 1",
                "2 once?  first time this event was seen", "3 code   internal/TIMEOUT means bank_delay, priority normal",
                "4 hold   waited until 12:10:00 UTC, because this kind often heals by itself",
                "Why      resolved_in_hold = it was over before anyone had to be told",
                "Would have gone out if: it had lasted longer than the hold-off of its kind",
            ])
    }

    @Test func heldForTheNight() {
        let body: JSON = [
            "event": "ev-1", "type": "anomaly.detected", "seq": 1, "kind": "bank_delay", "dedupe": "first",
            "notice": [
                "stage": "opened", "kind": "bank_delay", "reason": "first", "locale": "zh-Hans", "zone": "Asia/Shanghai",
                "template_revision": "a",
                "channels": [
                    "sms": ["fate": "send", "reason": "quiet_hours_deferred", "at": "2026-11-19T00:07:00.000Z", "to": "+86****17"]
                ],
            ],
        ]
        let story = Story(
            event: .init(Sample.event()), decisions: [Sample.decision(body)],
            told: [.init(delivery: DeliveryFact(Sample.delivery(.sms, .ready, .quietHoursDeferred)), takenAt: nil)])
        let lines = ExplainReport(order: Sample.order, stories: [story]).human(.sample())
        #expect(lines[0] == "Told? NOT YET.")
        #expect(lines.contains("5 timing    sms held to 00:07:00 UTC: quiet_hours_deferred (customer is in Asia/Shanghai)"))
        #expect(lines.last == "Would have gone out if: the customer's quiet hours end")
    }

    @Test(
        arguments: [
            (Disposition.stale, "Told? NO, on purpose.", "2 once?  too late: seq 9 of this order was applied before"),
            (.suppressed(.sameNews), "Told? NO, on purpose.", "2 once?  no: the same anomaly, stage and seq came before under another id"),
            (.recorded, "Told? NO, nothing to tell: the event only changes what is known.", "2 once?  first time this event was seen"),
            (.suppressed(.stormAbsorbed), "Told? NO, on purpose.", "3 storm  part of incident storm-ICBC, told with order WD0"),
            (.suppressed(.noContact), "Told? ✗ NO, it could not be sent.", "2 once?  first time this event was seen"),
        ] as [(Disposition, String, String)])
    func notTold(_ disposition: Disposition, _ answer: String, _ step: String) {
        var body: [(String, JSON)] = [("event", "ev-1"), ("type", "anomaly.detected"), ("seq", 1)]
        if disposition == .stale { body.append(("applied_seq", 9)) }
        if disposition.reason == .stormAbsorbed { body += [("incident", "storm-ICBC"), ("told_with", "WD0")] }
        let story = Story(event: .init(Sample.event(disposition)), decisions: [Sample.decision(.object(body))], told: [])
        let lines = ExplainReport(order: Sample.order, stories: [story]).human(.sample())
        #expect(lines[0] == answer)
        #expect(lines.contains(step))
    }

    @Test func timersAreSteps() {
        let hold: JSON = [
            "event": "ev-1", "type": "anomaly.detected", "seq": 1, "kind": "bank_delay", "hold_until": "2026-11-18T12:10:00.000Z",
            "reason": "hold_running",
        ]
        let end: JSON = ["timer": "hold_end", "kind": "bank_delay", "notice": Self.toldBody["notice"]!]
        let story = Story(
            event: .init(Sample.event()), decisions: [Sample.decision(hold), Sample.decision(end, at: Sample.noon + .minutes(10))], told: []
        )
        let names = story.steps(.sample()).map { $0.name }
        #expect(names == ["event", "once?", "code", "hold", "timer", "channels", "timing", "words"])
        #expect(story.steps(.sample())[3].words.hasSuffix("; it did not"))
    }

    @Test(
        arguments: [
            (
                ["timer": "escalation", "step": 2, "to": "channel_manager"],
                "escalation 2 at 12:10:00: channel manager asked, see clarion review list"
            ),
            (["timer": "escalation", "step": 1, "unless": "posted", "met": true], "escalation 1 at 12:10:00: nothing to do"),
            (["timer": "escalation", "step": 1, "reason": "storm_absorbed"], "escalation 1 at 12:10:00: nothing to do, storm_absorbed"),
            (["timer": "call", "notice_id": 7, "to": "support"], "call at 12:10:00: support asked, see clarion review list"),
            (["timer": "call", "notice_id": 7, "reached": "push"], "call at 12:10:00: nothing to do, taken by push"),
        ] as [(JSON, String)])
    func whoWasAskedIsAStep(_ body: JSON, _ words: String) {
        let story = Story(event: .init(Sample.event()), decisions: [Sample.decision(body, at: Sample.noon + .minutes(10))], told: [])
        #expect(story.steps(.sample()).contains { $0.name == "timer" && $0.words == words }, "\(story.steps(.sample()))")
    }

    @Test func severalEventsBeginWithASum() {
        let stories = [Sample.event(), Sample.event(.stale, id: "ev-2", seq: 2)].map { Story(event: .init($0), decisions: [], told: []) }
        let report = ExplainReport(order: Sample.order, stories: stories)
        #expect(report.human(.sample())[0] == "WD1  2 events, 0 told, 2 not")
        #expect(report.json["stories"]?.array?[1]["why"]?.string == "stale_event")
        #expect(report.sheet.rows.count == 2)
    }
}
