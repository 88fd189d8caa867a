/// Cuts whatever looks like a full card number out of free text: 13 to 19 digits, single spaces or hyphens between them, Luhn sum right.
///
/// Only the last four digits stay: `4000 0566 5566 5556` becomes `****5556`. Typed fields (order, phone, trace number) are validated, never
/// cut: 65 of the phone numbers in the sample events pass Luhn. Source: PCI DSS 4.0.1 requirement 3.4.1.
public enum CardRule {
    /// What is left is looked at again until nothing is found: four kept digits and the digits behind them may look like a card once more.
    public static func cut(_ text: String) -> String {
        guard mayHoldCard(text), !PlantedBug.keepsCardNumbers.isActive else { return text }
        var text = text
        while true {
            let shorter = cutOnce(text)
            if shorter.unicodeScalars.elementsEqual(text.unicodeScalars) { return text }
            text = shorter
        }
    }

    /// Whether 13 digits stand together, with single separators between them: fewer are no card. One look at each byte.
    private static func mayHoldCard(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var (at, digits, isAfterSeparator) = (0, 0, false)
            while at < bytes.count {
                switch piece(bytes, at) {
                case (.digit, let width):
                    (at, digits, isAfterSeparator) = (at + width, digits + 1, false)
                    if digits == 13 { return true }
                case (.separator, let width):
                    (at, digits, isAfterSeparator) = (at + width, isAfterSeparator ? 0 : digits, true)
                case (.other, let width):
                    (at, digits, isAfterSeparator) = (at + width, 0, false)
                }
            }
            return false
        }
    }

    private enum Piece { case digit, separator, other }

    /// What `digit` and `isSeparator` say of a character, by its first bytes, and how many of them are looked at.
    private static func piece(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> (Piece, width: Int) {
        switch bytes[at] {
        case 0x30...0x39: return (.digit, 1)
        case 0x20, 0x2D: return (.separator, 1)
        case 0xC2: return (bytes[at + 1] == 0xA0 ? .separator : .other, 2)
        case 0xE2: return (bytes[at + 1] == 0x80 && (0x90...0x91).contains(bytes[at + 2]) ? .separator : .other, 3)
        case 0xE3: return (bytes[at + 1] == 0x80 && bytes[at + 2] == 0x80 ? .separator : .other, 3)
        case 0xEF where bytes[at + 1] == 0xBC && (0x90...0x99).contains(bytes[at + 2]): return (.digit, 3)
        case 0xEF: return (bytes[at + 1] == 0xBC && bytes[at + 2] == 0x8D ? .separator : .other, 3)
        default: return (.other, 1)
        }
    }

    private static func cutOnce(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var out = String.UnicodeScalarView()
        var at = 0
        while at < scalars.count {
            guard digit(scalars[at]) != nil, let run = longestCard(in: scalars, from: at) else {
                // Inside a longer digit run nothing may start in the middle: skip the run whole.
                let start = at
                repeat { at += 1 } while at < scalars.count && digit(scalars[at]) != nil && digit(scalars[start]) != nil
                out.append(contentsOf: scalars[start..<at])
                continue
            }
            out.append(contentsOf: "****".unicodeScalars)
            out.append(contentsOf: run.digits.suffix(4).map { Unicode.Scalar(UInt8(0x30 + $0)) })
            at = run.end
        }
        return String(out)
    }

    public static func isClean(_ text: String) -> Bool { !mayHoldCard(text) || cut(text) == text }

    /// The card number that starts here: the whole run of digits and separators when it fits, else its longest prefix of whole groups.
    private static func longestCard(in scalars: [Unicode.Scalar], from start: Int) -> (digits: [Int], end: Int)? {
        var digits: [Int] = []
        var ends: [(count: Int, end: Int)] = []
        var at = start
        while at < scalars.count {
            if let value = digit(scalars[at]) {
                digits.append(value)
                at += 1
                let groupEnds = at == scalars.count || digit(scalars[at]) == nil
                if groupEnds { ends.append((digits.count, at)) }
                if digits.count > 19 { break }
            } else if isSeparator(scalars[at]), at + 1 < scalars.count, digit(scalars[at + 1]) != nil {
                at += 1
            } else {
                break
            }
        }
        for (count, end) in ends.reversed() where (13...19).contains(count) {
            let number = Array(digits.prefix(count))
            if luhn(number) { return (number, end) }
        }
        return nil
    }

    /// ASCII and full-width digits.
    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        switch scalar.value {
        case 0x30...0x39: Int(scalar.value - 0x30)
        case 0xFF10...0xFF19: Int(scalar.value - 0xFF10)
        default: nil
        }
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20, 0xA0, 0x2D, 0x2010, 0x2011, 0x3000, 0xFF0D: true
        default: false
        }
    }

    private static func luhn(_ digits: [Int]) -> Bool {
        var sum = 0
        for (n, value) in digits.reversed().enumerated() {
            let doubled = n % 2 == 1 ? value * 2 : value
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }
}

extension PlainText {
    /// Free text from outside, harmless and without a card number. The cut comes before the limit, which could leave 15 of 16 digits, and once
    /// more after it.
    public init(fromOutside text: String, limit: Int = 60) {
        if let plain = PlainText(asItIs: text, limit: limit), CardRule.isClean(text) {
            self = plain
            return
        }
        let clean = CardRule.cut(PlainText(text, limit: .max).description)
        self.init(CardRule.cut(PlainText(clean, limit: limit).description), limit: limit)
    }
}
