import Core
import Store
import Terminal
import Testing

@testable import Reports

/// What differs between two outcomes, what is counted of each, and which guards hold.
struct SimulationReportTests {
    private static let order = OrderNumber("WD1")!
    private static let price = SMSPrice(account: "sms-a", price: UnitPrice("0.045 USD")!)

    private static func way(_ channel: Channel, at seconds: Int = 0, parts: Int = 0, words: UInt64 = 1, isSent: Bool = true)
        -> OrderOutcome.Way
    {
        OrderOutcome.Way(
            channel: channel, isSent: isSent, reason: isSent ? nil : .noDevice, at: Sample.noon + .seconds(seconds), parts: parts,
            account: channel == .inApp ? nil : "\(channel.rawValue)-a", words: words)
    }
    private static func told(
        _ ways: [OrderOutcome.Way], anomaly: String = "an-1", kind: Kind = .riskHold, stage: NoticeStage = .opened, number: Int = 0
    ) -> OrderOutcome.Told {
        OrderOutcome.Told(
            anomaly: anomaly, customer: "C-1", kind: kind, stage: stage, number: number, priority: .high, reason: .first, at: Sample.noon,
            locale: .en, zone: "UTC", ways: ways)
    }
    private static func outcome(_ told: [OrderOutcome.Told], why: ReasonCode? = nil, funds: FundsState = .held) -> OrderOutcome {
        var outcome = OrderOutcome(order: order)
        outcome.told = told
        outcome.matters = [
            OrderOutcome.Matter(
                anomaly: "an-1", kind: .riskHold, priority: .high, funds: funds, detectedAt: Sample.noon - .minutes(1), why: why,
                firstTold: told.compactMap(\.left).min(), isUndecided: false)
        ]
        return outcome
    }
    private static func changes(_ now: OrderOutcome, _ next: OrderOutcome, isOpen: Bool = true) -> [[Comparison.Difference.Change]] {
        var comparison = Comparison(limit: 10, isOpen: isOpen)
        comparison.add(now: now, next: next)
        return comparison.differences.map(\.changes)
    }

    @Test("each change is named, and what is the same is not") func changes() {
        let both = Self.outcome([Self.told([Self.way(.sms, parts: 2), Self.way(.inApp)])])
        #expect(Self.changes(both, both).isEmpty)
        #expect(Self.changes(both, Self.outcome([], why: .ruleExcluded)) == [[.newlySilent]])
        #expect(Self.changes(Self.outcome([], why: .ruleExcluded), both) == [[.newlyTold]])
        #expect(Self.changes(both, Self.outcome([Self.told([Self.way(.inApp)])])) == [[.channels]])
        #expect(Self.changes(both, Self.outcome([Self.told([Self.way(.sms, at: 9, parts: 2), Self.way(.inApp, at: 9)])])) == [[.later]])
        #expect(
            Self.changes(both, Self.outcome([Self.told([Self.way(.sms, parts: 3, words: 2), Self.way(.inApp)])])) == [[.words, .cost]])
        #expect(Self.changes(both, Self.outcome([Self.told([Self.way(.sms, at: 9, parts: 2), Self.way(.inApp)])])) == [[.later]])
        let more = Self.outcome(both.told + [Self.told([Self.way(.inApp)], stage: .progress)])
        #expect(Self.changes(both, more) == [[.noticeNew]] && Self.changes(more, both) == [[.noticeGone]])
        // What did not leave is no notice.
        let blocked = Self.outcome(both.told + [Self.told([Self.way(.push, isSent: false)], stage: .progress)])
        #expect(Self.changes(both, blocked).isEmpty)
    }

    @Test("a restriction and a review of risk are one where restrictions are not named") func discreet() {
        let hold = Self.outcome([Self.told([Self.way(.inApp)]), Self.told([Self.way(.inApp)], stage: .resolvedRefunded)])
        let other = Self.outcome([
            Self.told([Self.way(.inApp)], kind: .complianceRestricted),
            Self.told([Self.way(.inApp)], kind: .complianceRestricted, stage: .reviewDeclined),
        ])
        #expect(Self.changes(hold, other, isOpen: false).isEmpty)
        #expect(Self.changes(hold, other) == [[.noticeGone], [.noticeNew], [.kind]])
    }

    @Test("sums count what left, by the customer's own day, and what it cost") func tally() {
        var tally = Tally(late: .seconds(30), others: [.minutes(2)], prices: [Self.price])
        tally.add(Self.outcome([Self.told([Self.way(.sms, parts: 3), Self.way(.push), Self.way(.inApp)])]), since: nil) { _, _ in 0 }
        tally.add(Self.outcome([], why: .ruleExcluded), since: nil) { _, _ in 0 }
        tally.add(Self.outcome([], why: .resolvedInHold), since: nil) { _, _ in 0 }
        tally.add(Self.outcome([], why: .ruleExcluded, funds: .inBalance), since: nil) { _, _ in 0 }
        #expect(tally[.notices] == 1 && tally[.messages] == 2 && tally[.smsParts] == 3 && tally[.perCustomerDay] == 2)
        #expect(tally[.neverTold] == 2 && tally[.neverToldHigh] == 2 && tally[.neverToldMoneyOut] == 1)
        #expect(tally[.toldLater] == 1 && tally.toldLater(than: .minutes(2)) == 0)
        #expect(tally.cost.text == "0.135 USD" && tally.cost["USD"] == 135_000)
        var later = Tally()
        later.add(Self.outcome([Self.told([Self.way(.sms)])]), since: Sample.noon + .seconds(1)) { _, _ in 0 }
        #expect(Tally.Figure.allCases.allSatisfy { later[$0] == 0 })
    }

    @Test(
        "a limit is the most there may be, or the most more than now",
        arguments: [
            ("never-told=2", 0, 2, true), ("never-told=2", 9, 3, false), ("messages=+3", 10, 13, true), ("messages=+3", 10, 14, false),
            ("messages=+10%", 100, 110, true), ("messages=+10%", 100, 111, false), ("messages=+0", 5, 4, true),
        ])
    func limits(_ text: String, _ now: Int64, _ next: Int64, _ holds: Bool) throws {
        #expect(try RuleGuard(text).holds(now: now * RuleGuard.unit, next: next * RuleGuard.unit) == holds)
    }

    @Test(arguments: ["told-later=1", "told-later-than-soon=1", "cost", "cost=", "cost=1.2345678", "cost=-1", "cost=+x%", "=1"])
    func whatIsNoGuard(_ text: String) {
        #expect(throws: Fault.self) { try RuleGuard(text) }
    }

    @Test("the report says which guard is not kept, and by how much") func report() throws {
        var (now, next) = (Tally(prices: [Self.price]), Tally(prices: [Self.price]))
        let (told, silent) = (Self.outcome([Self.told([Self.way(.sms, parts: 2)])]), Self.outcome([], why: .ruleExcluded))
        now.add(told, since: nil) { _, _ in 0 }
        next.add(silent, since: nil) { _, _ in 0 }
        var comparison = Comparison(limit: 5, isOpen: false)
        comparison.add(now: told, next: silent)
        let report = SimulationReport(
            nowRules: .init(name: "clarion.yaml", texts: "r1"), nextRules: .init(name: "next.yaml", texts: "r1"), since: nil, until: nil,
            events: 1, gone: 2, refused: 0, now: now, next: next, comparison: comparison,
            guards: [try RuleGuard("never-told-money-lost=0"), try RuleGuard("cost=+0"), try RuleGuard("newly-silent=0")])
        #expect(report.guards.map(\.isKept) == [false, true, false] && !report.areGuardsKept)
        let lines = report.human(.sample())
        #expect(lines.contains { $0.hasPrefix("✗ never-told-money-lost 1, limit 0") })
        #expect(lines.contains { $0.contains("cost of SMS, USD") && $0.hasSuffix("-0.09") })
        #expect(lines.contains { $0.contains("newly_silent") && $0.contains("nobody: rule_excluded") })
        #expect(lines.contains { $0.contains("2 events kept no longer") })
        #expect(report.sheet.rows.count == 1 && report.json["figures"]?["cost-USD"]?["now"] == "0.09")
    }
}

/// Sums of deliveries by their words.
struct StatsGroupTests {
    private static func stat(
        _ notice: NoticeID, _ channel: Channel, _ state: DeliveryState, bank: String = "A", takenAfter seconds: Int? = nil,
        parts: Int? = nil,
        isRead: Bool = false
    ) -> DeliveryStat {
        DeliveryStat(
            notice: NoticeStat(
                id: notice, isForStaff: false, kind: .bankDelay, stage: .opened, locale: .en, reason: .first, bank: bank, rail: "cnaps",
                detectedAt: Sample.noon),
            channel: channel, priority: .normal, state: state, reason: nil, isRead: isRead, account: channel == .inApp ? nil : "sms-a",
            takenAt: seconds.map { Sample.noon + .seconds($0) }, parts: parts)
    }

    @Test("a state counts for no more than there is evidence of") func groups() throws {
        var groups = StatsGroups(by: [.bank], prices: [SMSPrice(account: "sms-a", price: UnitPrice("0.05 USD")!)])
        for stat in [
            Self.stat(1, .sms, .delivered, takenAfter: 9, parts: 2), Self.stat(1, .inApp, .delivered, takenAfter: 4, isRead: true),
            Self.stat(2, .sms, .sent, takenAfter: 20, parts: 1), Self.stat(2, .push, .undelivered, takenAfter: 21),
            Self.stat(2, .mail, .unknown), Self.stat(3, .sms, .sent, takenAfter: 60), Self.stat(3, .push, .blocked),
            Self.stat(3, .mail, .ready), Self.stat(4, .sms, .dead, bank: "B"),
        ] { groups.add(stat) }
        let all = groups.finish()
        #expect(all.map(\.words) == [["A"], ["B"]] && all.map(\.notices) == [3, 1])
        let a = try #require(all.first)
        #expect(
            a.messages == 6 && a.accepted == 3 && a.confirmed == 1 && a.failed == 1 && a.inDoubt == 1 && a.waiting == 1 && a.notSent == 1)
        #expect(a.inApp == 1 && a.inAppRead == 1 && a.share == 60)
        // Of the first notice the first that was taken: 4, 20 and 60 seconds.
        #expect(a.first.count == 3 && a.first.percentile(50) == .seconds(20) && a.first.percentile(95) == .seconds(60))
        #expect(a.parts == 3 && a.unmeasured == 1 && a.cost.text == "0.15 USD")
        #expect(all[1].failed == 1 && all[1].share == 0 && all[1].first.count == 0)
        let lines = StatsGroup.lines(all, by: [.bank], .sample())
        #expect(lines[0].contains("CONFIRMED") && lines[1].hasPrefix("A") && lines[1].hasSuffix("0.15 USD"))
        #expect(all[0].row.count == StatsGroup.fields([.bank]).count)
    }

    @Test("of a long span the first three digits are kept") func spans() {
        var spans = SpanCounts()
        for seconds in 1...1000 { spans.add(.seconds(seconds)) }
        #expect(spans.percentile(50) == .seconds(500) && spans.percentile(95) == .seconds(950) && spans.longest == .seconds(1000))
        spans.add(.milliseconds(123_456))
        #expect(spans.count == 1001 && SpanCounts().percentile(50) == .zero)
    }
}
