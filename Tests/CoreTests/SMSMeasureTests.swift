@testable import Core
import Testing

/// Vectors: 3GPP TS 23.038 tables, and texts that an SMS gateway split.
@Suite struct SMSMeasureTests {
    private static func times(_ text: String, _ n: Int) -> String { String(repeating: text, count: n) }

    static let vectors: [(String, SMSMeasure.Encoding, units: Int, parts: Int)] = [
        ("", .gsm7, 0, 1),
        (times("a", 160), .gsm7, 160, 1), (times("a", 161), .gsm7, 161, 2), (times("a", 306), .gsm7, 306, 2),
        (times("a", 307), .gsm7, 307, 3),
        (times("€", 80), .gsm7, 160, 1), (times("€", 81), .gsm7, 162, 2),
        (times("a", 152) + "€" + times("a", 152), .gsm7, 306, 3),
        (times("a", 159) + "`", .ucs2, 160, 3), (times("a", 70) + "ç", .ucs2, 71, 2),
        (times("中", 70), .ucs2, 70, 1), (times("中", 71), .ucs2, 71, 2), (times("中", 134), .ucs2, 134, 2), (times("中", 135), .ucs2, 135, 3),
        (times("😀", 35), .ucs2, 70, 1), (times("😀", 36), .ucs2, 72, 2), (times("中", 66) + "😀" + times("中", 66), .ucs2, 134, 3),
        // What a reader sees as one character goes into the next part as a whole: a letter with its mark, a flag, a family, a Thai syllable.
        (times("中", 66) + "e\u{301}" + times("中", 66), .ucs2, 134, 3), (times("中", 64) + "🇩🇪" + times("中", 66), .ucs2, 134, 3),
        (times("中", 60) + "👩\u{200D}👩\u{200D}👧\u{200D}👦" + times("中", 63), .ucs2, 134, 3),
        (times("中", 66) + "กำ" + times("中", 66), .ucs2, 134, 3), (times("a", 152) + "\r\n" + times("a", 152), .gsm7, 306, 3),
        // Longer than a part by itself: cut between its code points.
        ("e" + times("\u{301}", 99), .ucs2, 100, 2), (times("中", 66) + "e" + times("\u{301}", 67), .ucs2, 134, 2),
    ]

    @Test(arguments: vectors) func measures(_ text: String, _ encoding: SMSMeasure.Encoding, units: Int, parts: Int) {
        let measure = SMSMeasure(text)
        #expect(measure.encoding == encoding)
        #expect(measure.units == units)
        #expect(measure.parts == parts)
    }

    /// The whole table by code point, written independently of the source's own: row by row from TS 23.038 6.2.1.
    @Test func alphabetIsExact() {
        let rows: [[UInt32]] = [
            [0x40, 0xA3, 0x24, 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, 0x0A, 0xD8, 0xF8, 0x0D, 0xC5, 0xE5],
            [0x394, 0x5F, 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, 0xC6, 0xE6, 0xDF, 0xC9],
            [0x20, 0x21, 0x22, 0x23, 0xA4] + Array(0x25...0x3F), [0xA1] + Array(0x41...0x5A) + [0xC4, 0xD6, 0xD1, 0xDC, 0xA7],
            [0xBF] + Array(0x61...0x7A) + [0xE4, 0xF6, 0xF1, 0xFC, 0xE0],
        ]
        let one = Set(rows.joined())
        let two: Set<UInt32> = [0x0C, 0x5E, 0x7B, 0x7D, 0x5C, 0x5B, 0x7E, 0x5D, 0x7C, 0x20AC]
        #expect(one.count == 127)
        for value in UInt32(0)...0xFFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let expected: Int? = one.contains(value) ? 1 : two.contains(value) ? 2 : nil
            if GSMAlphabet.septets(scalar) != expected {
                Issue.record("U+\(String(value, radix: 16)): \(String(describing: GSMAlphabet.septets(scalar)))")
            }
        }
    }

    @Test(arguments: ["ç", "`", "’", "“", "–", "…", "\u{A0}", "\t", "•", "￥", "\u{202F}", "中"]) func namesTheCharacterOutside(
        _ character: String
    ) {
        #expect(SMSMeasure("abc" + character + "•").firstOutsideGSM == character.unicodeScalars.first)
    }

    /// Random texts, counted by their scalars.
    @Test("what stands for a character is inside the alphabet, and only what is outside has one")
    func replacements() throws {
        var count = 0
        for value in UInt32(0x20)..<0x3100 {
            guard let scalar = Unicode.Scalar(value), let other = GSMAlphabet.replacement(for: scalar) else { continue }
            count += 1
            #expect(GSMAlphabet.septets(scalar) == nil && SMSMeasure(other).encoding == .gsm7 && !other.isEmpty, "\(scalar)")
        }
        #expect(count > 150)
        #expect(
            GSMAlphabet.replacement(for: "á") == "a" && GSMAlphabet.replacement(for: "…") == "..."
                && GSMAlphabet.replacement(for: "中") == nil)
    }

    @Test("what is counted by its bytes has no character of several code points") func plainTextIsPlain() {
        for value in UInt32(0)...0x2FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            var text = String(scalar)
            guard text.withUTF8({ SMSMeasure.isPlain($0) }) else { continue }
            // Beside what could join it: itself, a letter, a whole syllable, a Han character.
            for other in [text, "a", "가", "각", "中", "م", "\n"] {
                if (text + other).count != 2 || (other + text).count != 2 { Issue.record("U+\(String(value, radix: 16)) joins \(other)") }
            }
        }
    }

    @Test func countsBytesLikeScalars() {
        var numbers = SystemRandomNumberGenerator()
        let scraps = ["a", "Hello, ", "€", "{", "é", "Ω", "Ж", "ÿ", "中", "‘", "😀", "e\u{301}", "\u{7FF}", "\u{800}", "\u{3FF}", "\u{400}"]
        for _ in 0..<2000 {
            let only = scraps.shuffled(using: &numbers).prefix(Int.random(in: 1...5, using: &numbers))
            let text = (0..<Int.random(in: 0...400, using: &numbers)).map { _ in only.randomElement(using: &numbers)! }.joined()
            let costs = text.unicodeScalars.map { GSMAlphabet.septets($0) }
            let isGSM = !costs.contains(nil)
            let units = isGSM ? costs.map { $0! } : text.unicodeScalars.map { $0.value > 0xFFFF ? 2 : 1 }
            let total = units.reduce(0, +)
            let (whole, room) = isGSM ? (160, 153) : (70, 67)
            var (parts, used) = (1, 0)
            let pieces = text.map { character in
                character.unicodeScalars.reduce(0) { $0 + (isGSM ? GSMAlphabet.septets($1) ?? 0 : UTF16.width($1)) }
            }
            for cost in pieces where total > whole {
                if used + cost > room { (parts, used) = (parts + 1, 0) }
                used += cost
            }
            let measure = SMSMeasure(text)
            #expect((measure.encoding == .gsm7) == isGSM, "\(text)")
            #expect(measure.units == total, "\(text)")
            #expect(measure.parts == parts, "\(text)")
            #expect(measure.firstOutsideGSM == zip(text.unicodeScalars, costs).first { $0.1 == nil }?.0, "\(text)")
            #expect(SMSMeasure(text[...]) == measure, "\(text)")
        }
    }
}
