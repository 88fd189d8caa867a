import Testing

@testable import Config
@testable import Core

/// The table of escalations as it is shipped, and what the reader says of mistakes in it.
@Suite struct EscalationTests {
    private struct Zones: ZoneTable {
        func offset(of zone: String, at moment: Timestamp) -> Int? { ["Asia/Shanghai": 8 * 3600, "UTC": 0][zone] }
    }
    /// Noon on a Wednesday in Shanghai, where the bank is too.
    private let noon = Timestamp(rfc3339: "2025-11-12T04:00:00Z")!

    /// Hours after the detection, and who is asked.
    private static let table: [(Kind, [(Double, StaffRole)])] = [
        (.bankDelay, [(3, .desk), (27, .channelManager), (123, .desk)]), (.networkProblem, []),
        (.statusUnknown, [(2, .desk), (21, .desk), (24, .headOfPayouts)]),
        (.channelOutage, [(0.25, .channelManager), (1, .incidentLead), (4, .management)]),
        (.platformError, [(Double(10) / 60, .onCall), (0.5, .incidentLead), (2, .management)]),
        (.riskHold, [(4, .seniorReviewer), (24, .headOfRisk), (72, .headOfRisk)]), (.complianceRestricted, [(0, .complianceOfficer)]),
        (.identityRequired, [(96, .desk)]), (.notArrived, [(0, .desk), (48, .channelManager), (168, .management)]),
        (.payoutReturned, [(0.25, .desk), (4, .financeLead)]),
        (.accountInfoError, [(2, .desk), (24, .financeLead), (Double(1) / 60, .support)]),
        (.accountUnavailable, [(2, .desk), (24, .financeLead), (Double(1) / 60, .support)]),
        (.limitExceeded, [(2, .desk), (24, .financeLead), (Double(1) / 60, .support)]),
        (.routeUnsupported, [(2, .desk), (24, .financeLead), (Double(1) / 60, .support)]),
        (.amountError, [(0, .financeLead), (4, .management)]),
        (.insufficientBalance, []), (.recipientActionRequired, []), (.duplicateRequest, []), (.payoutCancelled, []),
    ]

    @Test("every row of the table", arguments: EscalationTests.table)
    func rows(_ kind: Kind, _ rows: [(Double, StaffRole)]) throws {
        let shipped = try ShippedTests.loaded.get()
        let planner = Planner(
            catalogue: shipped.catalogue, policy: shipped.policy, zones: Zones(), defaultZone: "Asia/Shanghai", configured: [],
            feeNote: "refunded")
        var held = Episode(
            anomaly: "an-1", order: OrderNumber("WD1")!, customer: "CU1", kind: kind, priority: shipped.catalogue[kind].priority,
            status: .holding, bank: "ICBC", rail: "cn_instant", detectedAt: noon, openedBy: 1)
        (held.eta, held.deadline) = (noon + .hours(3), noon + .hours(96))
        let contact = CustomerRef(
            id: "CU1", locale: "en", timeZone: nil, phone: .none, mail: .none, device: .none, privatePreview: false)
        var snapshot = Snapshot()
        snapshot.failuresAtBank = 3
        let timers = planner.holdEnded(held, contact: contact, snapshot: snapshot, now: noon + .minutes(1)).timers
            .filter { $0.step == .escalation }
        #expect(timers.map { Double(($0.due - noon).milliseconds) / 3_600_000 } == rows.map(\.0))
        #expect(shipped.catalogue[kind].escalation.map(\.role) == rows.map(\.1))
    }

    @Test func asksOnlyForWhatIsStillOpen() throws {
        let catalogue = try ShippedTests.loaded.get().catalogue
        func unless(_ kind: Kind) -> Set<EscalationStep.Unless?> { Set(catalogue[kind].escalation.map(\.unless)) }
        #expect(unless(.payoutReturned) == [.posted])
        for kind in [Kind.accountInfoError, .accountUnavailable, .limitExceeded, .routeUnsupported] {
            #expect(catalogue[kind].escalation.map(\.unless) == [.posted, .posted, nil])
            #expect(catalogue[kind].escalation.map(\.when) == [nil, nil, .thirdFailure])
        }
        #expect(unless(.riskHold) == [.decided] && unless(.identityRequired) == [.received] && unless(.amountError) == [.notOurs])
        #expect(unless(.complianceRestricted) == [nil])
    }

    @Test func countsByTheClockOfTheBank() throws {
        let (catalogue, policy) = (try ShippedTests.loaded.get().catalogue, try ShippedTests.loaded.get().policy)
        #expect(catalogue.zones["uk_fps"] == "Europe/London" && catalogue.zones["swift"] == nil)
        #expect(Set(catalogue.zones.keys).isSubset(of: catalogue.rails.keys))
        #expect(policy.callAfter == .minutes(30) && policy.workingTime == WorkingTime(days: [1, 2, 3, 4, 5], from: 540, to: 1080))
    }

    @Test func knowsTheHolidaysOfEveryBank() throws {
        let catalogue = try ShippedTests.loaded.get().catalogue
        for (bank, rails) in catalogue.baselines {
            for rail in rails.keys {
                let country = try #require(catalogue.country(ofBank: bank, rail: rail), "\(bank) on \(rail)")
                #expect(catalogue.holidays[country] != nil)
            }
        }
        #expect(catalogue.country(ofBank: "INGBNL2A", rail: "sepa_ct") == "NL" && catalogue.country(ofBank: "X", rail: "sepa_ct") == "DE")
        #expect(catalogue.country(ofBank: "X", rail: "swift") == nil)
        let china = try #require(catalogue.holidays["CN"])
        #expect(china.worked.contains(Holidays.day("2026-02-28")!) && china.closed.contains(Holidays.day("2026-10-07")!))
        let america = try #require(catalogue.holidays["US"])
        // A Saturday's holiday closes no bank on the Friday before.
        #expect(!america.closed.contains(Holidays.day("2026-07-03")!) && america.closed.contains(Holidays.day("2027-07-05")!))
        #expect(catalogue.holidays["HK"]?.closed.contains(Holidays.day("2026-04-03")!) == true, "Good Friday")
    }

    private func problems(_ file: String, _ from: String, _ to: String) throws -> [String] {
        let folder = Folder()
        try folder.copyShipped(replacing: [(file, from, to)])
        return folder.problems { _ = try Configuration.load(settingsFile: folder.path + "/clarion.yaml") }
    }

    private static let step = "{ at: promised, to: desk, task: ask the bank }"

    @Test(arguments: [
        ("{ at: promised, to: dsk, task: x }", "unknown word \"dsk\" (did you mean \"desk\"?)"),
        ("{ at: promise, to: desk, task: x }", "unknown word \"promise\" (did you mean \"promised\"?)"),
        ("{ at: last, to: desk, task: x }", "there is no step before the first"), ("{ at: promised, to: desk }", "missing key \"task\""),
        ("{ to: desk, when: third_failur, task: x }", "unknown word \"third_failur\" (did you mean \"third_failure\"?)"),
        ("{ at: promised, task: x }", "missing key \"to\""),
        ("{ to: desk, unles: posted, task: x }", "unknown key (did you mean \"unless\"?)"),
        (
            "{ after: 1h, bank_days: 1, to: desk, task: x }",
            "beside \"after\" (a step waits in one way: after, working_hours, working_days, bank_days)"
        ),
        ("{ working_days: 0, to: desk, task: x }", "0 is out of range (at least 1, at most 90)"),
        ("{ after: 1 day, to: desk, task: x }", "expected a duration (a number and ms, s, m, h or d: 30s, 10m, 2h)"),
        (
            "{ to: desk, task: <b>now</b> }",
            "is empty, longer than 120 characters, or holds markup, doubled blanks or control characters"
        ),
    ])
    func saysWhatIsWrongWithAStep(_ step: String, _ words: String) throws {
        let found = try problems("kinds.yaml", Self.step, step)
        #expect(found.count == 1 && found[0].hasPrefix("kinds.yaml:") && found[0].contains("kinds.bank_delay.escalation[0]"), "\(found)")
        #expect(found.first?.hasSuffix(words) == true, "\(found)")
    }

    @Test(arguments: [
        ("policy.yaml", "call_after: 30m", "call_after: 30", "expected a duration (a number and ms, s, m, h or d: 30s, 10m, 2h)"),
        ("policy.yaml", "failures_within: 30d", "failures_within: 1h", "1h is out of range (1d to 365d)"),
        ("policy.yaml", "  remind: 3", "  remind: 15", "is not before the answer is due"),
        ("policy.yaml", "  answer: 15", "  answer: 0", "0 is out of range (at least 1, at most 90)"),
        ("policy.yaml", "[monday,", "[monay,", "unknown word \"monay\" (did you mean \"monday\"?)"),
        ("policy.yaml", "days: [monday, tuesday, wednesday, thursday, friday]", "days: []", "names no day"),
        ("policy.yaml", "  to: 18:00", "  to: 08:00", "is not after \"from\" (a working day ends on the day on which it begins)"),
        ("rails.yaml", "  uk_fps: Europe/London", "  uk_fbs: Europe/London", "unknown rail (did you mean \"uk_fps\"?)"),
        (
            "rails.yaml", "  uk_fps: Europe/London", "  uk_fps: Europe/Londn",
            "unknown time zone \"Europe/Londn\" (a name of the IANA table: Asia/Shanghai)"
        ),
    ])
    func saysWhatIsWrongWithTheClock(_ file: String, _ from: String, _ to: String, _ words: String) throws {
        let found = try problems(file, from, to)
        #expect(found.count == 1 && found[0].hasPrefix(file) && found[0].hasSuffix(words), "\(found)")
    }
}
