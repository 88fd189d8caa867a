import Core
import Reports
import Store
import Terminal
import Testing

/// What `hold list`, `hold show` and `provider test` say.
struct HoldsReportTests {
    private func standing(_ id: Int64, _ scope: HoldScope, until: Timestamp? = nil, ending: Hold.Ending? = nil) -> HoldStanding {
        HoldStanding(
            Hold(id: id, scope: scope, who: "lee", reason: "INC-88", since: Sample.noon - .minutes(5), until: until, ending: ending),
            [.sms: HeldCount(waiting: 3, held: 2), .mail: HeldCount(waiting: 1, held: 0)])
    }

    @Test func list() {
        let ending = Hold.Ending(at: Sample.noon, who: "mei", reason: "over")
        let report = HoldsReport(
            [
                standing(3, HoldScope(), until: Sample.noon + .hours(1)), standing(2, HoldScope(kind: .bankDelay, channel: .sms)),
                standing(1, HoldScope(customer: "CU1"), ending: ending),
            ], now: Sample.noon)
        let lines = report.human(.sample())
        #expect(lines[1].contains("h3") && lines[1].contains("everything") && lines[1].contains("5 min"))
        #expect(lines[2].contains("kind=bank_delay channel=sms") && lines[2].contains("somebody ends it"))
        #expect(lines[3].contains("customer=CU1") && lines[3].contains("ended by mei"))
        #expect(lines.last == "Let it go: clarion hold end h3 --reason \"…\"")
        #expect(report.sheet.rows[0][7].integer == 2 && report.sheet.rows[0][8].integer == 4)
        #expect(report.json["schema"]?.string == "clarion.holds/1")
        #expect(HoldStanding(json: report.json["holds"]!.array![2]) == report.holds[2])
        #expect(HoldsReport([], now: Sample.noon).human(.sample()) == ["✓ nothing is held"])
    }

    @Test func show() {
        let lines = HoldReport(standing(3, HoldScope(bank: "HXB")), now: Sample.noon).human(.sample())
        #expect(lines[0] == "h3  bank=HXB" && lines[1].contains("by lee: INC-88"))
        #expect(lines.contains("Ends: when somebody ends it") && lines.contains("Held back:        2 sms"))
        #expect(lines.contains("Waits, not due:   1 sms, 1 mail"))
        let over = HoldReport(standing(3, HoldScope(), until: Sample.noon), now: Sample.noon)
        #expect(over.human(.sample()).last?.hasPrefix("Ended by itself") == true && over.json["in_force"]?.bool == false)
    }

    @Test(arguments: Outcome.Class.allCases) func test(outcome: Outcome.Class) {
        var report = ProviderTestReport(
            test: "tst_7", account: "sms-a", provider: "twilio", channel: .sms, to: MaskedAddress(stored: "+44****23"), mode: .live,
            outcome: outcome,
            took: .milliseconds(212))
        if outcome == .accepted { report.messageID = "SM1" } else { (report.status, report.code) = (503, "20503") }
        let lines = report.human(.sample())
        #expect(lines.count == 5 && lines[0].contains("sms-a: \(outcome.rawValue) in 212 ms"))
        #expect(lines[1].contains("503 20503") == (outcome != .accepted) && lines[2].contains("SM1") == (outcome == .accepted))
        #expect(!report.meaning.isEmpty && !report.next.isEmpty && report.json["next"]?.string == report.next)
    }
}
