@testable import Core
import Testing

@Suite("card numbers in free text")
struct CardRuleTests {
    /// Test numbers that the schemes and processors publish.
    static let cards = [
        "4242424242424242", "4000056655665556", "5555555555554444", "2223003122003222", "378282246310005", "6011111111111117",
        "30569309025904",
        "3566002020360505", "6200000000000005", "6205500000000000004", "4222222222222",
    ]

    private func fullWidth(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.compactMap { ("0"..."9").contains($0) ? Unicode.Scalar($0.value - 0x30 + 0xFF10) : $0 }))
    }
    private func grouped(_ digits: String, by size: Int, with separator: String) -> String {
        stride(from: 0, to: digits.count, by: size).map { String(digits.dropFirst($0).prefix(size)) }.joined(separator: separator)
    }

    @Test("in every writing, alone and inside a sentence", arguments: CardRuleTests.cards)
    func cuts(_ card: String) {
        let shadow = "****" + card.suffix(4)
        var writings = [card, fullWidth(card)]
        for separator in [" ", "-", "\u{A0}", "\u{2010}", "\u{2011}", "\u{3000}", "－"] {
            for size in [1, 4, 6] { writings.append(grouped(card, by: size, with: separator)) }
            writings.append(fullWidth(grouped(card, by: 4, with: separator)))
        }
        for writing in writings {
            #expect(CardRule.cut(writing) == shadow, "\(writing)")
            for (before, after) in [
                ("Card ", " was refused"), ("卡号", "已冻结"), ("pan=", ";exp=12/29"), ("(", ")"), ("x", "y"), ("\n", "\n"), ("no.", "."),
                ("_", "_"),
            ] {
                #expect(CardRule.cut(before + writing + after) == before + shadow + after, "\(before + writing + after)")
            }
            #expect(!CardRule.isClean(writing))
        }
        #expect(CardRule.cut("\(card), \(card); \(card)") == "\(shadow), \(shadow); \(shadow)")
    }

    @Test(
        "what is no card stays, scalar by scalar",
        arguments: [
            "", "no digits", "4242424242424241", "4242 4242 4242 4241", "123456789012", "424242424242", "2025-11-12 03:30:00",
            "WD251112002023", "12.5 %",
            "42424242424242424242", "4242  4242  4242  4242", "4242 4242", "e\u{301}", "４２", "-", "1", "6217 0000", "tel +86 10 0000 0001",
        ])
    func leaves(_ text: String) {
        #expect(CardRule.cut(text).unicodeScalars.elementsEqual(text.unicodeScalars))
        #expect(CardRule.isClean(text))
    }

    @Test func aNumberBehindTheCardIsNotPartOfIt() {
        #expect(CardRule.cut("4242424242424242 12/29") == "****4242 12/29")
        #expect(CardRule.cut("4242-4242-4242-4242-987") == "****4242-987")
        #expect(CardRule.cut("4242 4242 4242 4242 2029 12") == "****4242 2029 12")
    }

    @Test("what was cut is clean, and no run of 13 digits that passes Luhn is left", arguments: [31, 32] as [UInt64])
    func cutsAll(seed: UInt64) {
        var rng = SplitMix64(seed: seed)
        let pieces = Self.cards + ["4242", "1", "99", " ", "-", "  ", "x", "４", "卡"]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 1...12, using: &rng)).map { _ in pieces.randomElement(using: &rng)! }.joined()
            let cut = CardRule.cut(text)
            #expect(CardRule.isClean(cut), "seed \(seed): \(text)")
            #expect(cut.unicodeScalars.count <= text.unicodeScalars.count, "seed \(seed)")
        }
    }
}
