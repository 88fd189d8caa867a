/// How a page is to look: signs, colours, width, times. Reports ask it; they know no escape code.
public struct Look: Sendable {
    public var screen: Screen
    public var times: TimeFormat
    public init(screen: Screen, times: TimeFormat) { (self.screen, self.times) = (screen, times) }

    /// A verdict. Its colour never stands alone: the sign says the same.
    public enum Mark: Sendable { case good, warning, bad }

    public func mark(_ mark: Mark) -> String {
        switch mark {
        case .good: paint(screen.isASCII ? "ok" : "✓", 32)
        case .warning: paint("!", 33)
        case .bad: paint(screen.isASCII ? "x" : "✗", 31)
        }
    }
    /// `✓ words`, sign and words in the verdict's colour.
    public func mark(_ mark: Mark, _ words: String) -> String {
        switch mark {
        case .good: paint((screen.isASCII ? "ok " : "✓ ") + Safe.text(words), 32)
        case .warning: paint("! " + Safe.text(words), 33)
        case .bad: paint((screen.isASCII ? "x " : "✗ ") + Safe.text(words), 31)
        }
    }
    /// An identifier.
    public func bold(_ text: some CustomStringConvertible) -> String { paint(Safe.text(text.description), 1) }
    /// Something secondary.
    public func dim(_ text: some CustomStringConvertible) -> String { paint(Safe.text(text.description), 2) }

    public var dot: String { screen.isASCII ? "-" : "·" }
    public var ellipsis: String { screen.isASCII ? ".." : "…" }
    public var dash: String { screen.isASCII ? "-" : "–" }
    public var arrow: String { screen.isASCII ? "->" : "→" }

    private func paint(_ text: String, _ code: Int) -> String { screen.hasColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}

/// 1234567 → `1,234,567`.
public func grouped(_ number: some BinaryInteger) -> String {
    let text = String(number)
    let digits = text.drop { $0 == "-" }
    var out = ""
    for (n, digit) in digits.enumerated() {
        if n > 0, (digits.count - n) % 3 == 0 { out.append(",") }
        out.append(digit)
    }
    return (text.hasPrefix("-") ? "-" : "") + out
}

/// `1 row`, `2 rows`.
public func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
    "\(grouped(number)) \(number == 1 ? one : many ?? one + "s")"
}
