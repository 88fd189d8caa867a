import Config
import Core
import Testing

/// One mistake in one shipped file → its place and its words.
@Suite struct CatalogueProblemTests {
    private func problems(_ file: String, _ from: String, _ to: String) throws -> [String] {
        let folder = Folder()
        try folder.copyShipped(replacing: [(file, from, to)])
        return folder.problems { _ = try Configuration.load(settingsFile: folder.path + "/clarion.yaml") }
    }

    @Test(arguments: [
        ("  bank_delay:\n", "  bank_dely:\n", "kinds.yaml:29:3: error: kinds.bank_dely: unknown key (did you mean \"bank_delay\"?)"),
        ("    rank: 4\n", "    rank: four\n", "expected a whole number (\"four\" is none)"),
        ("    rank: 4\n", "    rank: -4\n", "-4 is out of range (at least 0, at most 9)"),
        ("hold_off: 30m", "hold_off: -30m", "expected a duration (a number and ms, s, m, h or d: 30s, 10m, 2h)"),
        ("priority: low\n    rank: 0", "priority: urgent\n    rank: 0", "unknown word \"urgent\" (known: low, normal, high)"),
        ("quiet_hours: break_through", "quiet_hours: break_thrugh", "unknown word \"break_thrugh\" (did you mean \"break_through\"?)"),
        ("links: [not_me,", "links: [not_me, not_me,", "\"not_me\" stands here twice"),
        ("links: [not_me,", "links: [Not me,", "expected a name of small letters and _"),
        ("merges_into_incident: true\n    promise: 1h", "merges_into_incident: perhaps\n    promise: 1h", "expected true or false"),
        ("    promise: 1h\n", "", "missing key \"promise\""),
        ("zh-Hans: 风控审核, ", "", "kinds.risk_hold.name: missing key \"zh-Hans\""),
        // Of a restriction and a review of risk, what decides when and where somebody is told.
        (
            "promise: 4h\n    escalation:\n      - { to: compliance_officer",
            "promise: 72h\n    escalation:\n      - { to: compliance_officer",
            "kinds.yaml:172:5: error: kinds.compliance_restricted.promise: is not as for risk_hold (when and where somebody is told would tell one from the other)"
        ),
        (
            "rank: 4\n    hold_off: 0s\n    quiet_hours: break_through", "rank: 4\n    hold_off: 0s\n    quiet_hours: defer",
            "kinds.compliance_restricted.quiet_hours: is not as for risk_hold"
        ),
        ("rank: 4\n    hold_off: 0s", "rank: 4\n    hold_off: 1m", "kinds.compliance_restricted.hold_off: is not as for risk_hold"),
    ])
    func ofKinds(_ from: String, _ to: String, _ words: String) throws {
        let found = try problems("kinds.yaml", from, to)
        #expect(found.contains { $0.contains(words) && $0.hasPrefix("kinds.yaml:") }, "\(found)")
    }

    @Test func nameAMissingKindOnce() throws {
        let found = try problems("kinds.yaml", "  bank_delay:\n", "  bank_dely:\n")
        #expect(
            found == [
                "kinds.yaml:29:3: error: kinds.bank_dely: unknown key (did you mean \"bank_delay\"?)",
                "kinds.yaml:29:3: error: kinds: missing kind \"bank_delay\"",
            ])
    }

    @Test(arguments: [
        (",limit_exceeded,", ",limit_exeeded,", "anomaly_kind: unknown kind \"limit_exeeded\" (did you mean \"limit_exceeded\"?)"),
        (",risk_hold,false,", ",risk_hold,maybe,", "is_transient: expected true or false"),
        (",true,wait,", ",true,weit,", "customer_action: unknown action \"weit\" (did you mean \"wait\"?)"),
    ])
    func ofCodes(_ from: String, _ to: String, _ words: String) throws {
        let found = try problems("internal-codes.csv", from, to)
        #expect(found.contains { $0.hasPrefix("internal-codes.csv:") && $0.contains(words) }, "\(found)")
    }

    @Test func ofACodeThatStandsTwice() throws {
        let found = try problems("internal-codes.csv", "internal,CUT_OFF_MISSED,", "iso20022_status_reason,AB01,")
        #expect(
            found == [
                "internal-codes.csv:4: error: code: iso20022_status_reason has the code \"AB01\" already (first at reason-codes.csv:2)"
            ])
    }

    @Test func ofACodeWithoutWords() throws {
        let found = try problems(
            "internal-codes.csv", "internal,CUT_OFF_MISSED,\"Submitted after the rail's cut-off, moves to the next window\",",
            "Internal Codes,,,")
        #expect(
            found == [
                "internal-codes.csv:4: error: source: expected a name of small letters, digits and _",
                "internal-codes.csv:4: error: code: expected 1 to 128 characters without a blank at either end",
                "internal-codes.csv:4: error: meaning_en: is empty",
            ])
    }

    @Test(arguments: [
        ("ICBC,cn_instant,14,62,114", "ICBC,cn_instant,14,12,114", "bank-baselines.csv:2: error: p95_s: P95 12 is below P50 14"),
        ("ICBC,cn_instant,14,62,114", "ICBC,cn_instant,14,62,60", "bank-baselines.csv:2: error: p99_s: P99 60 is below P95 62"),
        ("ICBC,cn_instant,14,62,114", "ICBC,cn_instant,-14,62,114", "bank-baselines.csv:2: error: p50_s: -14 is negative"),
        (
            "ICBC,cn_instant,14,62,114", "ICBC,cn_instant,014,62,114",
            "bank-baselines.csv:2: error: p50_s: expected a whole number of seconds"
        ),
        (
            "ICBC,cn_instant,", "ICBC,cn_instnt,",
            "bank-baselines.csv:2: error: rail: unknown rail \"cn_instnt\" (did you mean \"cn_instant\"?)"
        ),
        (
            "ICBC,cn_batch,", "ICBC,cn_instant,",
            "bank-baselines.csv:3: error: rail: ICBC has a line for cn_instant already (first on line 2)"
        ),
        ("ICBC,cn_instant,14", "I CBC,cn_instant,14", "bank-baselines.csv:2: error: bank_code: expected a bank code of letters and digits"),
    ])
    func ofBaselines(_ from: String, _ to: String, _ problem: String) throws {
        #expect(try problems("bank-baselines.csv", from, to) == [problem])
    }

    @Test(arguments: [
        (
            "uk_fps: 2h ", "uk_fps: -2h ",
            "rails.yaml:16:11: error: rails.uk_fps: expected a duration (a number and ms, s, m, h or d: 30s, 10m, 2h)"
        ),
        ("rails:\n", "rail:\n", "rails.yaml:7:1: error: missing key \"rails\""),
    ])
    func ofRails(_ from: String, _ to: String, _ problem: String) throws {
        let found = try problems("rails.yaml", from, to)
        #expect(found.contains(problem), "\(found)")
    }

    @Test(arguments: [
        ("holidays.yaml", "  CN:  #", "  cn:  #", "expected a country (two capital letters of ISO 3166: CN)"),
        (
            "holidays.yaml", "      2026-02-17: Chinese New Year (Spring", "      2026-02-30: Chinese New Year (Spring",
            "expected a day (year, month and day: 2026-02-17)"
        ),
        (
            "holidays.yaml", "until: 2027-12-31\n    closed:\n      2026-01-26", "until: 31.12.2027\n    closed:\n      2026-01-26",
            "expected a day (year, month and day: 2026-02-17)"
        ),
        (
            "holidays.yaml", "until: 2027-12-31\n    closed:\n      2026-01-26", "until: 2026-12-31\n    closed:\n      2026-01-26",
            "is before 2027-12-25, which stands below"
        ),
        ("holidays.yaml", "worked: [2026-01-04,", "worked: [2026-01-01,", "is closed as well"),
        ("holidays.yaml", "worked: [2026-01-04,", "worked: [2026-02-14,", "stands here twice"),
        ("holidays.yaml", "    worked:", "    wroked:", "unknown key (did you mean \"worked\"?)"),
        (
            "rails.yaml", "zones:\n", "amounts:\n  any: { USDT: { digits: 2, rounding: half_even } }\nzones:\n",
            "expected exact or down (rounded otherwise, a customer could be told more than is owed)"
        ),
        (
            "rails.yaml", "zones:\n", "amounts:\n  any: { USTD: { digits: 2, rounding: down } }\nzones:\n",
            "amounts.any.USTD: unknown currency"
        ),
        (
            "rails.yaml", "zones:\n", "amounts:\n  siwft: { USDT: { digits: 2, rounding: down } }\nzones:\n",
            "amounts.siwft: unknown rail (did you mean \"swift\"?)"
        ),
        (
            "rails.yaml", "zones:\n", "amounts:\n  any: { USDT: { digits: 7, rounding: down } }\nzones:\n",
            "amounts.any.USDT.digits: 7 is out of range (at least 2, at most 6)"
        ),
        ("rails.yaml", "  hk_fps: HK", "  hk_fsp: HK", "unknown rail (did you mean \"hk_fps\"?)"),
        ("rails.yaml", "  HSBCHK: HK", "  HSBCKH: HK", "unknown bank (did you mean \"HSBCHK\"?)"),
        ("rails.yaml", "  HSBCHK: HK", "  HSBCHK: Hongkong", "expected a country (two capital letters of ISO 3166: CN)"),
        ("clarion.yaml", "country: CN ", "country: China ", "expected a country (two capital letters of ISO 3166: CN)"),
    ])
    func ofHolidays(_ file: String, _ from: String, _ to: String, _ problem: String) throws {
        let found = try problems(file, from, to)
        #expect(found.count == 1 && found[0].wholeMatch(of: /\S+\.yaml:\d+:\d+: .*/) != nil && found[0].hasPrefix(file), "\(found)")
        #expect(found.first?.hasSuffix(problem) == true, "\(found)")
    }

    @Test func ofAFileThatIsNotThere() throws {
        let found = try problems("clarion.yaml", "rails: rails.yaml", "rails: tracks.yaml")
        #expect(found == ["tracks.yaml: error: no such file"])
    }

    @Test func ofAllFilesTogether() throws {
        let folder = Folder()
        try folder.copyShipped(replacing: [
            ("policy.yaml", "merge_within: 10m", "merge_within: ten"), ("kinds.yaml", "    rank: 4\n", "    rank: four\n"),
            ("clarion.yaml", "mode: capture", "mode: captured"), ("bank-baselines.csv", "14,62,114", "14,62,x"),
        ])
        let found = folder.problems { _ = try Configuration.load(settingsFile: folder.path + "/clarion.yaml") }
        #expect(
            Set(found.map { $0.prefix { $0 != ":" } }) == ["policy.yaml", "kinds.yaml", "clarion.yaml", "bank-baselines.csv"], "\(found)")
    }
}
