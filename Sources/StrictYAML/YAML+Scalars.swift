public import Core

extension YAML {
    /// A whole number in decimal digits. Quoted, with leading zeros, underscores, hex or a point it is not a number.
    public func int(in range: ClosedRange<Int> = Int.min...Int.max) -> Int? {
        guard case .scalar(let text, plain: true) = value, let number = Int(text), String(number) == text else {
            fail("expected a whole number", hint: scalar.map { "\"\($0)\" is none" })
            return nil
        }
        guard range.contains(number) else {
            let ends = (
                range.lowerBound == .min ? nil : "at least \(range.lowerBound)",
                range.upperBound == .max ? nil : "at most \(range.upperBound)"
            )
            fail("\(number) is out of range", hint: [ends.0, ends.1].compactMap { $0 }.joined(separator: ", "))
            return nil
        }
        return number
    }

    public func double(in range: ClosedRange<Double>) -> Double? {
        guard case .scalar(let text, plain: true) = value, let number = Double(text), number.isFinite,
            text.utf8.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D || $0 == 0x2E })
        else {
            fail("expected a number", hint: scalar.map { "\"\($0)\" is none" })
            return nil
        }
        guard range.contains(number) else {
            fail("\(text) is out of range", hint: "\(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// `true` or `false`; `yes`, `NO` and `on` stay text.
    public func bool() -> Bool? {
        switch value {
        case .scalar("true", plain: true): return true
        case .scalar("false", plain: true): return false
        default:
            fail("expected true or false")
            return nil
        }
    }

    /// A whole number and a unit: `500ms`, `30s`, `10m`, `2h`, `7d`.
    public func duration(in range: ClosedRange<Duration> = .zero ... .days(3650)) -> Duration? {
        let hint = "a number and ms, s, m, h or d: 30s, 10m, 2h"
        guard case .scalar(let text, _) = value, let length = Self.duration(text) else {
            fail("expected a duration", hint: hint)
            return nil
        }
        guard range.contains(length) else {
            fail("\(text) is out of range", hint: "\(Self.spelled(range.lowerBound)) to \(Self.spelled(range.upperBound))")
            return nil
        }
        return length
    }

    static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, digits.count <= 9, let n = Int(digits) else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(n)
        case "s": return .seconds(n)
        case "m": return .minutes(n)
        case "h": return .hours(n)
        case "d": return .days(n)
        default: return nil
        }
    }

    private static func spelled(_ length: Duration) -> String {
        let ms = length.milliseconds
        for (unit, size) in [("d", Int64(86_400_000)), ("h", 3_600_000), ("m", 60000), ("s", 1000)] where ms != 0 && ms % size == 0 {
            return "\(ms / size)\(unit)"
        }
        return ms == 0 ? "0s" : "\(ms)ms"
    }

    /// One word of a closed list, with "did you mean".
    ///
    /// - Parameter some: the cases that may stand here; nil: all.
    public func word<Word: RawRepresentable<String> & CaseIterable>(_ type: Word.Type = Word.self, among some: [Word]? = nil) -> Word? {
        guard let text = text() else { return nil }
        let words = some?.map(\.rawValue) ?? Word.allCases.map(\.rawValue)
        if let word = Word(rawValue: text), some == nil || words.contains(text) { return word }
        fail("unknown word \"\(text)\"", hint: Self.hint(text, words))
        return nil
    }

    public func words<Word: RawRepresentable<String> & CaseIterable>(_ type: Word.Type = Word.self) -> [Word] {
        list().compactMap { $0.word() }
    }

    static func hint(_ word: String, _ known: [String]) -> String {
        if let near = nearest(to: word, among: known) { return "did you mean \"\(near)\"?" }
        return "known: " + known.prefix(20).joined(separator: ", ") + (known.count > 20 ? ", …" : "")
    }
}
