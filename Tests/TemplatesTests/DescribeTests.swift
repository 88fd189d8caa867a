import Core
import Templates
import Testing

@Suite struct DescribeTests {
    let set: TemplateSet
    init() throws { set = try #require(Shipped.set) }

    @Test func describesAKind() throws {
        let kind = set.describe(.riskHold)
        #expect(kind.locales == TextLocale.allCases)
        #expect(kind.variants == ["materials"])
        #expect(kind.ownStages.isEmpty)
        #expect(kind.channels == [.sms, .push, .mail, .inApp])
        #expect(kind.texts.first { $0.channel == .sms && $0.variant == nil && $0.stage == .opened }?.fields == [.order, .eta, .funds])
        #expect(kind.texts.first { $0.channel == .push && $0.variant == "materials" }?.fields == [.order, .materials, .deadline])
    }

    @Test func aKindMayUseItsOwnWordsForAStage() throws {
        let own = """
            stages:
              progress:
                sms: "{brand}: Review of withdrawal {order}: {progress}, by {eta}. See app."
                push: { title: "Review", body: "Order {order}: {progress}, by {eta}." }
                mail: { subject: "Review of {order}", what: "{progress}, by {eta}." }
                in_app: { title: "Review", body: "Order {order}: {progress}, by {eta}." }

            """
        let set = try Shipped.compile(ContractTests.edited("templates/risk_hold/en.yaml", "variants:", own + "variants:")).get()
        #expect(set.describe(.riskHold).ownStages == [.progress])
        #expect(
            try set.render(Requests.request(set, .riskHold, .sms, .en, stage: .progress))
                == .sms(text: "ExamplePay: Review of withdrawal WD261121000042: Under review, by 21 Nov 18:00. See app."))
        #expect(
            try set.render(Requests.request(set, .bankDelay, .sms, .en, stage: .progress))
                != set.render(Requests.request(set, .riskHold, .sms, .en, stage: .progress)))
    }

    @Test func knowsItsWords() {
        #expect(set.linkNames.count == 17)
        #expect(set.linkNames.isSuperset(of: Requests.links.values))
        #expect(set.terms(of: .rails).count == 14)
        #expect(set.terms(of: .funds) == Set(FundsState.allCases.map(\.rawValue)))
        #expect(set.word("arrived", of: .progressSteps, in: .zhHant) == "已到賬")
        #expect(set.word("minimum", of: .amountRules, in: .en) == nil)
        #expect(set.linkLabel("not_me", in: .en) == "Not me")
    }
}
