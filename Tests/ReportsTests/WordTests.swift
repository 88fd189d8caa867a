import Core
import Foundation
import Reports
import Terminal
import Testing

struct WordTests {
    @Test(
        arguments: [
            (DeliveryState.ready, Channel.sms, nil, "queued", "waiting"),
            (.ready, .sms, .quietHoursDeferred, "held", "held until 12:00:00: quiet_hours_deferred"),
            (.inflight, .sms, nil, "sending", "being sent"), (.retryWait, .sms, nil, "queued", "waiting, try 3 at 12:00:00"),
            (.sent, .sms, nil, "provider_accepted", "accepted by sms-a"),
            (.delivered, .sms, nil, "device_confirmed", "confirmed by handset 12:00:00"),
            (.delivered, .mail, nil, "mta_accepted", "taken by mail server 12:00:00"),
            (.delivered, .inApp, nil, "provider_accepted", "accepted by inbox"),
            (.undelivered, .mail, .addressDead, "refused", "refused: address_dead"),
            (.undelivered, .sms, .undelivered, "refused", "refused: undelivered"),
            (.ambiguous, .sms, .ambiguous, "no_report", "no report: still being found out, not sent again"),
            (.unknown, .sms, nil, "no_report", "no report: no answer came, held for a person"),
            (.cancelled, .sms, .superseded, "dropped", "not sent: superseded"),
            (.expired, .sms, nil, "expired", "expired before sending"), (.dead, .sms, .triesUsedUp, "gave_up", "gave up after 2 tries"),
            (.dead, .sms, .providerRefused, "refused", "refused: provider_refused"),
            (.blocked, .push, .noDevice, "dropped", "not sent: no_device"),
        ] as [(DeliveryState, Channel, ReasonCode?, String, String)])
    func states(_ state: DeliveryState, _ channel: Channel, _ reason: ReasonCode?, _ code: String, _ words: String) {
        let word = StateWord(Sample.delivery(channel, state, reason))
        #expect(word.code.rawValue == code)
        #expect(word.words(.sample()) == words)
    }

    @Test func onlyOurInboxSaysRead() {
        let word = StateWord(Sample.delivery(.inApp, .delivered), read: Sample.noon)
        #expect(word.words(.sample()) == "read 12:00:00")
        #expect(StateWord(Sample.delivery(.mail, .delivered), read: Sample.noon).code == .mtaAccepted)
    }

    @Test(arguments: ReasonCode.allCases)
    func everyReasonHelps(_ code: ReasonCode) {
        #expect((code.remedy == nil) == code.isTold)
        #expect((code.group == .told) == code.isTold)
        #expect(code.forCustomer.hasSuffix("."))
    }

    @Test("docs/reasons.md says what the command says") func reasonsAsDocumented() throws {
        let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: top.appending(path: "docs/reasons.md"), encoding: .utf8)
        for code in ReasonCode.allCases {
            let row = try #require(page.split(separator: "\n").first { $0.hasPrefix("| `\(code.rawValue)` |") }, "\(code.rawValue)")
            let words = code.forCustomer + " |" + (code.remedy.map { " \($0) |" } ?? "")
            #expect(row.hasPrefix("| `\(code.rawValue)` | \(code.meaning) |") && row.hasSuffix(words), "\(code.rawValue)")
        }
    }

    @Test func reasonsShow() throws {
        #expect(
            try ReasonsReport(named: "no_device").text(as: .human, .sample()) == """
                no_device  not told, could not

                Means         there is no device for push
                Would change  if the customer had a device with push
                To customers  The app is not set up for messages on any of your devices.

                """)
        #expect(throws: Fault(.notFound, "there is no reason \"no_devise\"", field: "code", hint: "did you mean \"no_device\"?")) {
            try ReasonsReport(named: "no_devise")
        }
        let all = ReasonsReport()
        #expect(all.sheet.rows.count == ReasonCode.allCases.count)
        #expect(all.human(.sample()).count == ReasonCode.allCases.count + 5)
        #expect(all.json["schema"]?.string == "clarion.reasons/1")
    }
}
