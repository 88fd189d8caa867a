import Core
import Reports
import Store
import Terminal
import Testing

struct OrderReportTests {
    static func report(chain: OrderReport.Chain = .notChecked) -> OrderReport {
        let later = Sample.noon + .hours(26)
        let first = OrderReport.NoticeFact(
            Sample.notice(), eventAt: Sample.noon,
            deliveries: [
                DeliveryFact(Sample.delivery(.sms, .delivered, id: 1)), DeliveryFact(Sample.delivery(.push, .blocked, .noDevice, id: 2)),
                DeliveryFact(Sample.delivery(.inApp, .delivered, id: 3), read: Sample.noon + .minutes(19)),
            ])
        let second = OrderReport.NoticeFact(
            Sample.notice(.bankDelay, .resolvedArrived, at: later), eventAt: later,
            deliveries: [DeliveryFact(Sample.delivery(.mail, .sent, id: 4, at: later))])
        return OrderReport(
            order: Sample.order, customer: "C-9930", amount: Money(minor: 125_000, currency: Currency("USD")!),
            events: [
                .init(Sample.event()), .init(Sample.event(.suppressed(.sameState), id: "ev-2", seq: 2)),
                .init(Sample.event(.planned, id: "ev-3", seq: 3)),
            ],
            episodes: [
                .init(
                    Episode(
                        anomaly: "an-1", order: Sample.order, customer: "C-9930", kind: .bankDelay, priority: .normal, status: .resolved,
                        bank: "ICBC",
                        rail: "cn_instant", detectedAt: Sample.noon, openedBy: 1, resolution: .arrived, told: true))
            ],
            notices: [second, first], upcoming: [(step: "fallback", due: later + .hours(2))], chain: chain)
    }

    @Test func tellsThePayoutsStory() throws {
        #expect(
            try Self.report(chain: .intact(rows: 88102...88117)).text(as: .human, .sample()) == """
                WD1  payout 1,250.00 USD · customer C-9930 (l***@mail.example, +86****17)
                Now: bank_delay resolved: arrived since 2026-11-18 12:00:00 UTC

                UTC       NOTICE                       TO        CHANNEL  STATE
                2026-11-19
                14:00:00  bank_delay resolved_arrived  customer  mail     ✓ accepted by mail-a
                2026-11-18
                12:00:00  bank_delay opened            customer  sms      ✓ confirmed by handset 12:00:00
                                                                 push     not sent: no_device
                                                                 in_app   ✓ read 12:19:00

                3 events received: 2 planned, 1 suppressed (same_state)
                Next: fallback at 2026-11-19 16:00:00 UTC
                ✓ records intact, rows 88,102–88,117
                The words they got: clarion audit delivery dlv_4 --content
                Why: clarion explain WD1

                """)
    }

    @Test func fitsANarrowTerminal() {
        let lines = Self.report().human(.sample(width: 60))
        #expect(lines[3] == "UTC       NOTICE                       CHANNEL  STATE")
        for line in lines[3...9] { #expect(line.cells <= 60) }
    }

    @Test func timesAreTheCustomersWhenAsked() {
        let lines = Self.report().human(.sample(zone: .customer))
        #expect(lines[1] == "Now: bank_delay resolved: arrived since 2026-11-18 20:00:00 Asia/Shanghai")
        #expect(lines[3].hasPrefix("Asia/Shanghai  NOTICE"))
        #expect(lines[7].hasPrefix("20:00:00       bank_delay opened"))
    }

    @Test func jsonHasCodesStringsAndAVersion() throws {
        let json = try JSON(parsing: Self.report().text(as: .json, .sample()))
        #expect(json["schema"]?.string == "clarion.audit.order/1")
        #expect(json["amount"]?["value"]?.string == "1250.00")
        #expect(json["masked"]?.bool == true)
        let delivery = json["notices"]?.array?[1]["deliveries"]?.array?[0]
        #expect(
            delivery?.text
                == #"{"id":"dlv_1","channel":"sms","to":"+86****17","state":"device_confirmed","reason":null,"priority":"normal","mode":"capture","account":"sms-a","provider_id":null,"tries":2,"planned_at":"2026-11-18T12:00:00.000Z","changed_at":"2026-11-18T12:00:00.000Z"}"#
        )
        #expect(json["events"]?.array?[1]["reason"]?.string == "same_state")
    }

    @Test func noAddressInAnyForm() throws {
        for form in OutputForm.allCases {
            let text = try Self.report().text(as: form, .sample())
            for secret in ["13800004417", "lee@", "token-0ded5ea77cd3"] { #expect(!text.contains(secret)) }
        }
    }

    @Test func csvKeepsTheMaskFromBeingAFormula() throws {
        let lines = try Self.report().text(as: .csv, .sample(), fields: ["delivery", "to", "state"]).split(separator: "\r\n")
        #expect(
            lines == [
                "delivery,to,state", "dlv_4,l***@mail.example,provider_accepted", "dlv_1,'+86****17,device_confirmed",
                "dlv_2,device ****7cd3,dropped", "dlv_3,inbox,read",
            ])
    }

    @Test func brokenChainIsShown() {
        #expect(
            Self.report(chain: .broken(ChainBreak(seq: 88110, words: "hash does not fit"))).human(.sample()).contains(
                "✗ records broken at row 88,110: hash does not fit"))
    }
}
