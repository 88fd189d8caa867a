@testable import Core
import Testing

@Suite("money")
struct MoneyTests {
    @Test(
        "digits of ISO 4217",
        arguments: [
            ("CNY", 2, "¥"), ("HKD", 2, "HK$"), ("USD", 2, "$"), ("EUR", 2, "€"), ("JPY", 0, "JP¥"), ("KRW", 0, "₩"), ("VND", 0, "₫"),
            ("KWD", 3, "KWD "),
            ("BHD", 3, "BHD "), ("CHF", 2, "CHF "), ("CLP", 0, "CLP "), ("TWD", 2, "NT$"), ("ISK", 0, "ISK "), ("TND", 3, "TND "),
        ])
    func currencies(_ code: String, _ digits: Int, _ symbol: String) throws {
        let currency = try #require(Currency(code))
        #expect(currency.digits == digits && currency.symbol == symbol && currency.description == code)
    }

    @Test(arguments: ["", "cny", "RMB", "XXX", "XAU", "XTS", "USDT", "CN", "CNY ", "ＣＮＹ", "C\nY"])
    func notACurrency(_ code: String) { #expect(Currency(code) == nil) }

    @Test func everySymbolIsOfOneCurrency() {
        let letters = (0x41...0x5A).map { Character(Unicode.Scalar(UInt8($0))) }
        var symbols: [String: String] = [:]
        for a in letters {
            for b in letters {
                for c in letters {
                    guard let currency = Currency(String([a, b, c])) else { continue }
                    #expect(symbols.updateValue(currency.code, forKey: currency.symbol) == nil)
                }
            }
        }
        #expect(symbols.count > 150)
    }

    @Test func factsReadBack() throws {
        var facts = Facts()
        facts.set(.order, OrderNumber("WD251112002023"))
        facts.set(.amount, Money(minor: 128_000, currency: try #require(Currency("CNY"))))
        facts.set(.eta, time("2025-11-12T03:30:00.123Z"))
        facts.set(.tail4, Tail4("0042"))
        facts.set(.bank, PlainText("华夏银行"))
        facts.set(.traceRef, PlainText(String(repeating: "T", count: 64), limit: 64))
        facts.set(.method, term: "cn_instant", of: .rails)
        facts.set(.materials, terms: ["id_document", "selfie_check"], of: .materials)
        facts.set(.funds, phrase: "in_balance", of: .funds, with: [.refundETA: time("2025-11-12T05:00:00Z").templateValue])
        facts.set(.limit, count: 3)
        facts.set(.window, FundsState.held)
        let back = try #require(Facts(json: try JSON(parsing: facts.json.bytes)))
        #expect(back == facts && back.json.bytes == facts.json.bytes && facts.bytes == facts.json.bytes)
        #expect(back[.traceRef] == .text(PlainText(String(repeating: "T", count: 64), limit: 64)))
    }

    @Test func factsMergeAndForget() {
        var facts = Facts(), newer = Facts()
        facts.set(.bank, PlainText("A"))
        facts.set(.limit, count: 1)
        newer.set(.bank, PlainText("B"))
        facts.merge(newer)
        #expect(facts[.bank] == .text(PlainText("B")) && facts[.limit] == .count(1))
        facts.set(.limit, nil)
        #expect(facts[.limit] == nil && facts.values.count == 1)
    }

    @Test(arguments: [
        "[]", "null", #"{"nosuch":{"text":"x"}}"#, #"{"bank":"x"}"#, #"{"bank":{}}"#, #"{"amount":{"money":"XXX","minor":1}}"#,
        #"{"amount":{"money":"CNY","minor":"1"}}"#,
        #"{"tail4":{"tail4":"12345"}}"#, #"{"method":{"term":"x","of":"nosuch"}}"#,
        #"{"funds":{"phrase":"x","of":"funds","with":{"nosuch":{"count":1}}}}"#,
        #"{"order":{"order":"a b"}}"#, #"{"eta":{"instant":"2025"}}"#, #"{"materials":{"terms":[1],"of":"materials"}}"#,
    ])
    func refusesOtherFacts(_ text: String) throws { #expect(Facts(json: try JSON(parsing: text)) == nil) }
}
