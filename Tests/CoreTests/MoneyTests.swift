@testable import Core
import Testing

@Suite("money")
struct MoneyTests {
    @Test(
        "digits of ISO 4217, and a sign where it can be mistaken nowhere",
        arguments: [
            ("CNY", 2, nil), ("HKD", 2, "HK$"), ("USD", 2, "US$"), ("EUR", 2, "€"), ("JPY", 0, nil), ("KRW", 0, "₩"), ("VND", 0, "₫"),
            ("KWD", 3, nil), ("BHD", 3, nil), ("CHF", 2, nil), ("CLP", 0, nil), ("TWD", 2, "NT$"), ("ISK", 0, nil), ("TND", 3, nil),
            ("BTC", 8, nil), ("USDT", 6, nil),
        ] as [(String, Int, String?)])
    func currencies(_ code: String, _ digits: Int, _ sign: String?) throws {
        let currency = try #require(Currency(code))
        #expect(currency.digits == digits && currency.sign == sign && currency.description == code)
    }

    @Test(
        "an amount is cut off, never rounded up, and never to nothing",
        arguments: [
            ("BTC", 123_456_789, 8, 123_456_789), ("BTC", 123_456_789, 2, 123_000_000), ("USDT", 12_999_999, 2, 12_990_000),
            ("USDT", 9_999, 2, 9_999), ("EUR", 1_299, 2, 1_299), ("KWD", 1_289, 3, 1_289),
        ] as [(String, Int64, Int, Int64)])
    func cutOff(_ code: String, _ minor: Int64, _ digits: Int, _ shown: Int64) throws {
        let money = Money(minor: minor, currency: try #require(Currency(code)))
        #expect(AmountRule(digits: digits, rounding: .down).shown(money).minor == shown)
        #expect(AmountRule(digits: digits, rounding: .exact).shown(money) == money)
    }

    @Test("no rule shows more than is owed") func neverMore() throws {
        var numbers = SystemRandomNumberGenerator()
        for code in ["BTC", "USDT", "KWD", "EUR", "JPY"] {
            let currency = try #require(Currency(code))
            for _ in 0..<500 {
                let money = Money(minor: Int64.random(in: 0...9_007_199_254_740_991, using: &numbers), currency: currency)
                let shown = AmountRule(digits: Int.random(in: 0...8, using: &numbers), rounding: .down).shown(money)
                #expect(shown.minor <= money.minor && shown.currency == currency && (shown.minor > 0 || money.minor == 0))
            }
        }
    }

    @Test(arguments: ["", "cny", "RMB", "XXX", "XAU", "XTS", "USDX", "CN", "CNY ", "ＣＮＹ", "C\nY"])
    func notACurrency(_ code: String) { #expect(Currency(code) == nil) }

    @Test func everySignIsOfOneCurrency() {
        let letters = (0x41...0x5A).map { Character(Unicode.Scalar(UInt8($0))) }
        let codes = letters.flatMap { a in letters.flatMap { b in letters.map { String([a, b, $0]) } } }
        let signs = codes.compactMap { Currency($0)?.sign }
        #expect(codes.compactMap { Currency($0) }.count > 150 && signs.count > 10 && Set(signs).count == signs.count)
        #expect(signs.allSatisfy { $0 != "$" && $0 != "¥" }, "these are signs of several")
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
