import Config
import Core
import Testing

@Suite struct PolicyProblemTests {
    @Test(arguments: [
        (
            "now: [mail, in_app]", "now: [mial, in_app]",
            "21:11: error: priorities.low.now[0]: unknown word \"mial\" (did you mean \"mail\"?)"
        ),
        (
            "now: [mail, in_app]", "now: [mail]",
            "21:10: error: priorities.low.now: in_app is missing (the in-app record is always written; it is the one that works when every provider is down)"
        ),
        ("now: [mail, in_app]", "now: [mail, in_app, mail]", "21:25: error: priorities.low.now[2]: mail stands here twice"),
        (
            "now: [mail, in_app]", "now: [mail, in_app]\n    at_once: [sms]",
            "22:5: error: priorities.low.at_once: unknown key (known: now, then, locked)"
        ),
        (
            "locked: [in_app, sms]", "locked: [in_app, sms, mail, push]\n  urgent: {}",
            "16:3: error: priorities.urgent: unknown key (known: low, normal, high)"
        ),
        (
            "unless: seen, use: [mail]", "unless: read, use: [mail]",
            "19:30: error: priorities.normal.then[0].unless: unknown word \"read\" (known: delivered, seen)"
        ),
        ("after: 2h, unless", "unless", "19:9: error: priorities.normal.then[0]: missing key \"after\""),
        ("use: [voice]", "use: []", "14:42: error: priorities.high.then[1].use: names no channel"),
        (
            "    to: high\n  # - name", "    to: low\n  # - name",
            "29:5: error: raise[0].to: a rule can only raise, and nothing is below low"
        ),
        (
            "deadline_within: 24h", "deadline_within: -24h",
            "28:22: error: raise[0].deadline_within: expected a duration (a number and ms, s, m, h or d: 30s, 10m, 2h)"
        ),
        (
            "deadline_within: 24h", "amount_at_least: { CNX: 5 }",
            "28:24: error: raise[0].amount_at_least.CNX: unknown currency (an ISO 4217 code in capitals: CNY, EUR)"
        ),
        (
            "deadline_within: 24h", "amount_at_least: { CNY: -5 }",
            "28:29: error: raise[0].amount_at_least.CNY: -5 is out of range (at least 1, at most 1000000000000000)"
        ),
        (
            "repeats: [2h, 8h, 24h]", "repeats: [8h, 2h, 24h]",
            "36:15: error: repeats[1]: is shorter than the wait before it (repeats widen: 2h, 8h, 24h)"
        ),
        (
            "kinds: {}", "kinds: { risk_hold: { repeats: [1h] } }",
            "42:8: error: kinds: risk_hold and compliance_restricted differ (when and where somebody is told would tell one from the other)"
        ),
        (
            "risk_hold, compliance_restricted]", "risk_hold]",
            "27:12: error: raise[0].kinds: names one of risk_hold and compliance_restricted, not both (when and where somebody is told would tell one from the other)"
        ),
        ("kinds: {}", "kinds: { bank_dely: {} }", "42:10: error: kinds.bank_dely: unknown key (did you mean \"bank_delay\"?)"),
        ("per_day: { sms: 3", "per_day: { sms: -3", "50:19: error: caps.per_day.sms: -3 is out of range (at least 0, at most 1000)"),
        ("per_day: { sms: 3", "per_day: { in_app: 3", "50:14: error: caps.per_day.in_app: in-app items are never limited"),
        ("from: 22:00", "from: 24:00", "63:9: error: quiet_hours.from: expected a time of day (two digits each: 08:00)"),
        ("to: 08:00", "to: 8:00", "64:7: error: quiet_hours.to: expected a time of day (two digits each: 08:00)"),
        ("to: 08:00", "to: 22:00", "64:7: error: quiet_hours.to: the night has no length (holds: [] switches quiet hours off)"),
        ("holds: [sms, push, voice]", "holds: [sms, mail]", "66:10: error: quiet_hours.holds: mail never waits"),
        ("count: 20", "count: 0", "70:10: error: storm.count: 0 is out of range (at least 1, at most 1000000)"),
        (
            "merge_within: 10m", "merge_within: 10",
            "74:15: error: merge_within: expected a duration (a number and ms, s, m, h or d: 30s, 10m, 2h)"
        ),
        (
            "# exclude:", "exclude: [{ name: all }]\n# exclude:",
            "84:11: error: exclude[0]: excludes everything (say which: kinds, banks, amount_below)"
        ),
        (
            "kinds: {}", "kinds: { bank_delay: { now: [], then: [{ after: 1h, unless: seen, use: [mail] }] } }",
            "42:29: error: kinds.bank_delay.now: in_app is missing (the in-app record is always written; it is the one that works when every provider is down)"
        ),
        ("burst_hold: 15m", "burst_hold: 1s", "57:15: error: caps.burst_hold: 1s is out of range (1m to 1d)"),
        ("  low: 24h\n", "", "78:3: error: budgets: missing key \"low\""),
    ])
    func namesThePlace(_ from: String, _ to: String, _ problem: String) throws {
        let folder = Folder()
        try folder.copyShipped(replacing: [("policy.yaml", from, to)])
        let found = folder.problems { _ = try Configuration.load(settingsFile: folder.path + "/clarion.yaml") }
        #expect(found == ["policy.yaml:" + problem])
    }

    @Test func aLockedChannelMustBeUsed() throws {
        let folder = Folder()
        try folder.copyShipped(replacing: [("policy.yaml", "    now: [mail, in_app]\n", "    now: [mail, in_app]\n    locked: [voice]\n")])
        let found = folder.problems { _ = try Configuration.load(settingsFile: folder.path + "/clarion.yaml") }
        #expect(found == ["policy.yaml:22:13: error: priorities.low.locked: voice is locked, but this plan never uses it"])
    }

    @Test func twoRulesNeedTwoNames() throws {
        let folder = Folder()
        try folder.copyShipped(replacing: [
            ("policy.yaml", "    to: high\n  # - name", "    to: high\n  - { name: deadline-near, to: high }\n  # - name")
        ])
        let found = folder.problems { _ = try Configuration.load(settingsFile: folder.path + "/clarion.yaml") }
        #expect(found == ["policy.yaml:30:7: error: raise[1].name: another rule is called \"deadline-near\""])
    }

    @Test func mattersMayBeKeptSilent() throws {
        let folder = Folder()
        let rules = """
            exclude:
              - { name: small, kinds: [bank_delay], amount_below: { CNY: 1000 } }
              - { name: own, banks: [TESTBANK] }
            too_old_after: 30d
            # exclude:
            """
        try folder.copyShipped(replacing: [
            ("policy.yaml", "# exclude:", rules), ("policy.yaml", "kinds: {}", "kinds: { bank_delay: { now: [] } }"),
        ])
        let policy = try Configuration.load(settingsFile: folder.path + "/clarion.yaml").policy
        #expect(
            policy.excludes == [
                ExcludeRule(name: "small", kinds: [.bankDelay], banks: [], amountBelow: ["CNY": 1000]),
                ExcludeRule(name: "own", kinds: [], banks: ["TESTBANK"], amountBelow: [:]),
            ])
        #expect(policy.tooOldAfter == .days(30) && policy.kinds[.bankDelay]?.plan == ChannelPlan(now: []))
    }

    @Test func aKindMayHaveItsOwnWay() throws {
        let folder = Folder()
        let own = "kinds:\n  not_arrived: { quiet_hours: break_through, repeats: [4h], now: [sms, in_app], locked: [sms] }"
        try folder.copyShipped(replacing: [("policy.yaml", "kinds: {}", own)])
        let policy = try Configuration.load(settingsFile: folder.path + "/clarion.yaml").policy
        #expect(
            policy.kinds == [
                .notArrived: KindOverride(
                    quietHours: .breakThrough, repeats: [.hours(4)], plan: ChannelPlan(now: [.sms, .inApp], locked: [.sms]))
            ])
    }
}
