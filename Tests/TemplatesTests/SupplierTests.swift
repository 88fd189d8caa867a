import Core
import Templates
import Testing

@Suite struct SupplierTests {
    static let path = "templates/bank_delay/zh-Hans.yaml"
    static let old = "  sms: \"【{brand}】提现{order}已提交，{bank}处理较慢，预计{eta}前到账，请勿重复提交。进度见APP“提现记录”。\""
    let set: TemplateSet

    init() throws {
        let new =
            Self.old.replacing("  sms:", with: "  sms:\n    text:") + "\n    supplier: { code: SMS_123, parameters: [order, eta, bank] }"
        set = try Shipped.compile(ContractTests.edited(Self.path, Self.old, new)).get()
    }

    @Test func lowersInTheRegisteredOrder() throws {
        let message = try set.supplierMessage(Requests.request(set, .bankDelay, .sms, .zhHans))
        #expect(message.code == "SMS_123")
        #expect(message.parameters.map(\.name) == ["order", "eta", "bank"])
        #expect(message.parameters.map(\.value) == ["WD261121000042", "11月21日18:00", "招商银行"])
        #expect(set.supplierTemplate(kind: .bankDelay, stage: .opened, locale: .zhHans)?.parameters == [.order, .eta, .bank])
    }

    @Test func theTextStillStandsBesideIt() throws {
        let shipped = try #require(Shipped.set)
        #expect(
            try set.render(Requests.request(set, .bankDelay, .sms, .zhHans))
                == shipped.render(Requests.request(shipped, .bankDelay, .sms, .zhHans)))
    }

    @Test func refusesWhatSuppliersRefuse() throws {
        var request = Requests.request(set, .bankDelay, .sms, .zhHans)
        request.facts.set(.bank, PlainText(String(repeating: "银", count: 36)))
        #expect(#expect(throws: RenderProblem.self) { try set.supplierMessage(request) }?.reason == .tooLong)
        request.facts.set(.bank, PlainText("www.example.com"))
        #expect(#expect(throws: RenderProblem.self) { try set.supplierMessage(request) }?.reason == .renderError)
        #expect(
            #expect(throws: RenderProblem.self) { try set.supplierMessage(Requests.request(set, .bankDelay, .sms, .en)) }?.reason
                == .templateMissing)
        request.facts = Facts()
        #expect(#expect(throws: RenderProblem.self) { try set.supplierMessage(request) }?.field == .order)
    }
}
