@testable import Core
import Testing

@Suite("routes, contacts, caps")
struct PlannerRouteTests {
    private func tell(
        _ kind: Kind = .riskHold, contact: CustomerRef = World.customer, record: CustomerRecord? = nil,
        by planner: Planner = World.planner(),
        _ change: (inout Snapshot) -> Void = { _ in }
    ) -> Plan {
        var snapshot = World.snapshot { $0.record = record }
        change(&snapshot)
        return World.plan(World.anomaly(kind) { $0.customer = contact }, with: snapshot, by: planner)
    }
    private func customer(_ change: (inout CustomerRef) -> Void) -> CustomerRef {
        var customer = World.customer
        change(&customer)
        return customer
    }

    @Test(
        "channels by priority; in-app always",
        arguments: [
            (Kind.riskHold, "sms push in_app"), (.identityRequired, "sms push in_app"), (.limitExceeded, "push in_app"),
            (.amountError, "push in_app"), (.duplicateRequest, "mail in_app"),
        ])
    func byPriority(_ kind: Kind, _ channels: String) {
        #expect(tell(kind).sending == channels && tell(kind).notice?.priority == World.catalogue[kind].priority)
    }

    @Test func fallbacksAreArmed() {
        #expect(
            tell().notice?.fallbacks.map(\.index) == [0, 1]
                && tell().notice?.fallbacks.map(\.due) == [World.noon + .minutes(10), World.noon + .minutes(30)])
        #expect(
            tell(.limitExceeded).notice?.fallbacks.map(\.due) == [World.noon + .hours(2)]
                && tell(.duplicateRequest).notice?.fallbacks.isEmpty == true)
    }

    @Test func aKindMayHaveAPlanOfItsOwn() {
        var policy = World.policy
        policy.kinds[.limitExceeded] = KindOverride(plan: ChannelPlan(now: [.mail], locked: [.mail]))
        let record = CustomerRecord(id: "CU1", optedOut: [.mail])
        #expect(
            tell(.limitExceeded, record: record, by: World.planner(policy: policy)).sending == "mail in_app",
            "its own locked channels count")
    }

    @Test(
        "each way a contact can be missing has its reason",
        arguments: [
            (CustomerRecord.Contact.Standing?.none, CustomerRef.Contact.none, Channel.sms, ReasonCode?.some(.noAddress)),
            (.none, .none, .push, .noDevice), (.none, .unusable, .sms, .noContact),
            (.none, .unusable, .push, .noContact), (.dead, .usable(World.phone), .sms, .addressDead),
            (.unverified, .usable(World.phone), .sms, .addressUnverified),
            (.verified, .usable(World.phone), .sms, nil), (.dead, .usable(World.device), .push, .addressDead),
            (.verified, .none, .sms, .noAddress),
        ] as [(CustomerRecord.Contact.Standing?, CustomerRef.Contact, Channel, ReasonCode?)])
    func contacts(_ standing: CustomerRecord.Contact.Standing?, _ given: CustomerRef.Contact, _ channel: Channel, _ reason: ReasonCode?) {
        let record = CustomerRecord(id: "CU1", contacts: standing.map { [channel: .init(address: nil, standing: $0)] } ?? [:])
        let plan = tell(contact: customer { if channel == .sms { $0.phone = given } else { $0.device = given } }, record: record)
        #expect(plan.reason(channel) == reason)
        #expect(plan.sending.contains(channel == .sms ? "push" : "sms"), "the others go on")
    }

    @Test func theRecordsAddressComesFirst() throws {
        let other = Sensitive(try #require(Address(channel: .sms, text: "+4900000001262")))
        let plan = tell(
            contact: customer { $0.phone = .unusable },
            record: CustomerRecord(id: "CU1", contacts: [.sms: .init(address: other, standing: .verified)]))
        guard case .send(let address, _, _)? = plan.notice?.channels.first(where: { $0.channel == .sms })?.fate else {
            Issue.record("no SMS")
            return
        }
        #expect(address == other)
    }

    @Test("an address that a provider gave up is left out, whoever names it; another one is used") func marks() throws {
        let (phone, other) = (World.phone, Sensitive(try #require(Address(channel: .sms, text: "+4900000001262"))))
        let (usable, none) = (CustomerRef.Contact.usable, CustomerRef.Contact.none)
        func record(_ address: Sensitive<Address>, _ standing: CustomerRecord.Contact.Standing) -> CustomerRecord {
            CustomerRecord(id: "CU1", contacts: [.sms: .init(address: address, standing: standing)])
        }
        let cases: [(CustomerRecord?, CustomerRef.Contact, ReasonCode?)] = [
            (nil, usable(phone), .optedOut), (nil, usable(other), nil), (record(phone, .verified), usable(phone), .optedOut),
            (record(phone, .dead), usable(other), nil), (record(phone, .dead), none, .optedOut),
            (record(other, .verified), usable(phone), nil), (record(other, .dead), usable(phone), .addressDead),
        ]
        for (record, contact, reason) in cases {
            let plan = tell(contact: customer { $0.phone = contact }, record: record) { $0.unusable = [.sms: [phone: .optedOut]] }
            #expect(plan.reason(.sms) == reason && plan.sending.contains("push"))
        }
        #expect(tell { $0.unusable = [.push: [phone: .addressDead]] }.reason(.sms) == nil, "by channel")
    }

    @Test func theRecordsLanguageZoneAndPreviewComeFirst() {
        let plan = tell(record: CustomerRecord(id: "CU1", locale: "zh-HK", timeZone: "Europe/Berlin", privatePreview: true))
        #expect(plan.notice?.locale == .zhHant && plan.notice?.timeZone == "Europe/Berlin" && plan.notice?.privatePreview == true)
        #expect(tell(record: CustomerRecord(id: "CU1", timeZone: "Mars/Olympus")).notice?.timeZone == "Asia/Shanghai")
        #expect(
            tell(
                contact: customer {
                    $0.timeZone = "Mars/Olympus"; $0.locale = "nl"
                }
            ).notice?.timeZone == "Asia/Shanghai" && tell(contact: customer { $0.locale = "nl" }).notice?.locale == .en)
    }

    @Test func channelsWithoutAnAccount() {
        let plan = tell(by: World.planner(configured: [.push]))
        #expect(plan.reason(.sms) == .channelNotConfigured && plan.sending == "push in_app")
        #expect(tell(by: World.planner(configured: [])).sending == "in_app")
    }

    @Test func switchedOffButLocked() {
        let record = CustomerRecord(id: "CU1", optedOut: [.sms, .push, .mail, .inApp])
        #expect(tell(record: record).sending == "sms in_app" && tell(record: record).reason(.push) == .optedOut)
        #expect(
            tell(.duplicateRequest, record: record).reason(.mail) == .optedOut
                && tell(.duplicateRequest, record: record).sending == "in_app")
    }

    @Test func allowList() {
        var planner = World.planner()
        let device = World.device
        planner.allowed = { address, customer in address == device && customer == "CU1" }
        #expect(tell(by: planner).reason(.sms) == .notAllowlisted && tell(by: planner).sending == "push in_app")
        #expect(tell(contact: customer { $0.id = "CU2" }, by: planner).sending == "in_app")
    }

    @Test("an empty plan for high is a finding for staff; for others it is not")
    func unreachable() {
        let plan = tell(by: World.planner(configured: []))
        #expect(
            plan.findings.map(\.topic) == [.unreachable] && plan.reviews.map(\.cause).contains(.unreachable) && plan.disposition == .planned
        )
        #expect(tell(.limitExceeded, by: World.planner(configured: [])).findings.isEmpty && tell().findings.isEmpty)
    }

    @Test("who tries to reach somebody learns of a restriction what they learn of a review") func unreachableAlike() {
        let plans = [Kind.riskHold, .complianceRestricted].map { tell($0, by: World.planner(configured: [])) }
        let items = plans.map { $0.reviews.filter { $0.cause == .unreachable } }
        #expect(items.allSatisfy { $0.count == 1 && $0.allSatisfy { $0.kind == nil } } && items[0][0].detail == items[1][0].detail)
        #expect(plans[0].findings == plans[1].findings && plans[0].findings.count == 1)
    }

    // MARK: Caps

    @Test(
        "caps by day, by anomaly, by stage",
        arguments: [
            (Channel.sms, 2, 2, nil), (.sms, 3, 0, .dailyCap), (.sms, 0, 3, .rateLimitedCustomer), (.push, 5, 99, nil),
            (.push, 6, 0, .dailyCap),
        ] as [(Channel, Int, Int, ReasonCode?)])
    func caps(_ channel: Channel, _ today: Int, _ ofAnomaly: Int, _ reason: ReasonCode?) {
        let plan = tell(.identityRequired) {
            $0.usedToday = [channel: today]; $0.usedForAnomaly = [channel: ofAnomaly]
        }
        #expect(plan.reason(channel) == reason && plan.reason(.inApp) == nil && plan.notice?.isCounted == true)
    }

    @Test func oneMailOfOneStage() {
        let marks = [World.mark(priority: .low, channel: .mail)]
        #expect(tell(.duplicateRequest) { $0.marks = marks }.reason(.mail) == .rateLimitedCustomer)
        #expect(tell(.duplicateRequest) { $0.marks = [World.mark(.progress, priority: .low, channel: .mail)] }.reason(.mail) == nil)
        #expect(tell(.duplicateRequest) { $0.marks = [World.mark(priority: .low, status: .released, channel: .mail)] }.reason(.mail) == nil)
    }

    @Test("what breaks through and what closes is not counted, but has a cap of its own")
    func uncounted() {
        let full: (inout Snapshot) -> Void = {
            $0.usedToday = [.sms: 99, .push: 99]; $0.usedForAnomaly = [.sms: 99]; $0.uncountedToday = [.sms: 9, .push: 9]
        }
        #expect(tell(.riskHold, full).sending == "sms push in_app" && tell(.riskHold, full).notice?.isCounted == false)
        let over = tell(.riskHold) { $0.uncountedToday = [.sms: 10, .push: 9] }
        #expect(over.reason(.sms) == .dailyCap && over.sending == "push in_app", "each channel for itself")
        let end = World.plan(
            World.anomaly(.identityRequired, .resolved, seq: 2, end: .arrived),
            with: World.snapshot {
                full(&$0)
                $0.episodes = [World.episode(.identityRequired)]
                $0.deliveries = [World.delivery(.sms, .sent)]
            })
        #expect(end.sending == "sms in_app" && end.notice?.isCounted == false)
    }

    @Test("an amount is told as its rail has it, and limits are exact")
    func amounts() throws {
        var planner = World.planner()
        planner.catalogue.amounts = [
            Catalogue.anyRail: ["USDT": AmountRule(digits: 2, rounding: .down)], "swift": ["USDT": AmountRule(digits: 6, rounding: .exact)],
        ]
        let money = Money(minor: 12_345_678, currency: try #require(Currency("USDT")))
        for (rail, minor) in [("cn_instant", Int64(12_340_000)), ("swift", 12_345_678)] {
            let anomaly = World.anomaly(.limitExceeded) {
                ($0.amount, $0.rail) = (money, rail)
                $0.details.limit = Details.Limit(amount: money, period: "day", owner: "platform")
            }
            let facts = try #require(World.plan(anomaly, by: planner).notice).facts
            #expect(facts[.amount] == .money(Money(minor: minor, currency: money.currency)) && facts[.limit] == .money(money))
        }
    }

    // MARK: Raises

    @Test(
        "rules raise, and say which",
        arguments: [
            (Kind.bankDelay, Int64(4_999_999), "CNY", Priority.low), (.bankDelay, 5_000_000, "CNY", .normal),
            (.bankDelay, 5_000_000, "EUR", .low),
            (.duplicateRequest, 5_000_000, "CNY", .low), (.limitExceeded, 5_000_000, "CNY", .normal),
        ] as [(Kind, Int64, String, Priority)])
    func raisesByAmount(_ kind: Kind, _ minor: Int64, _ currency: String, _ priority: Priority) {
        let plan = World.plan(World.anomaly(kind) { $0.amount = Currency(currency).map { Money(minor: minor, currency: $0) } })
        #expect(
            plan.episode?.priority == priority && (plan.noted("raised_by") == "large-amount") == (priority > World.catalogue[kind].priority)
        )
    }

    @Test(arguments: [(-1, Priority.normal), (1, .high), (23, .high), (24, .normal), (48, .normal)] as [(Int, Priority)])
    func raisesByDeadline(_ hours: Int, _ priority: Priority) {
        #expect(World.plan(World.anomaly(.amountError) { $0.details.deadline = World.noon + .hours(hours) }).episode?.priority == priority)
    }

    @Test func noRuleLowers() {
        var policy = World.policy
        policy.raises = [RaiseRule(name: "lower", kinds: [], deadlineWithin: nil, amountAtLeast: ["CNY": 0], to: .low)]
        #expect(World.plan(World.anomaly(.riskHold), by: World.planner(policy: policy)).episode?.priority == .high)
        policy.raises = [RaiseRule(name: "empty", kinds: [], deadlineWithin: nil, amountAtLeast: [:], to: .high)]
        #expect(
            World.plan(World.anomaly(.limitExceeded), by: World.planner(policy: policy)).episode?.priority == .normal,
            "a rule without a condition never applies")
    }

    // MARK: People

    @Test("who looks", arguments: Kind.allCases)
    func reviews(_ kind: Kind) {
        let held = World.episode(kind, status: .holding, told: false)
        let plan = World.planner().holdEnded(held, contact: World.customer, snapshot: Snapshot(), now: World.noon)
        #expect(plan.reviews.contains { $0.cause == .kind } == (World.catalogue[kind].review == .yes))
    }

    @Test func aMistakeOfOursIsForAPerson() {
        #expect(World.plan(World.anomaly(.amountError) { $0.details.variant = "our_side" }).reviews.map(\.cause) == [.kind])
        #expect(World.plan(World.anomaly(.amountError)).reviews.isEmpty)
    }
}
