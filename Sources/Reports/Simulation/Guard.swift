import Core
public import Terminal

/// A limit that new rules have to keep: `never-told-money-lost=0`, `cost=+5%`.
public struct RuleGuard: Sendable, Equatable {
    public enum Subject: Sendable, Equatable {
        case figure(Tally.Figure)
        case toldLater(than: Duration)
        /// Matters of which somebody is told by the rules of now, and nobody by the new ones.
        case newlySilent
        /// Each currency for itself.
        case cost
    }
    /// What the new rules may come to.
    public enum Limit: Sendable, Equatable {
        /// In millionths, since costs have that many places.
        case atMost(Int64)
        /// More than by the rules of now.
        case atMostMore(Int64)
        /// The same in hundredths of it.
        case atMostPercentMore(Int64)
    }
    /// As it was written, left of `=`.
    public var name: String
    public var limit: String
    public var subject: Subject
    public var bound: Limit

    public static let unit: Int64 = 1_000_000

    /// Names beside those of the figures.
    public static let names =
        Tally.Figure.allCases.filter { $0 != .toldLater }.map(\.rawValue) + ["newly-silent", "cost", "told-later-than-5m"]

    /// `NAME=LIMIT`. Throws a usage fault that says what can be guarded.
    public init(_ text: String) throws(Fault) {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard halves.count == 2 else {
            throw Fault(.usage, "\"\(PlainText(text))\" is no guard", field: "guard", hint: "NAME=LIMIT, such as never-told-money-lost=0")
        }
        (name, limit) = (halves[0], halves[1])
        subject = try Self.subject(halves[0])
        guard let bound = Self.bound(halves[1]) else {
            throw Fault(
                .usage, "\"\(PlainText(halves[1]))\" is no limit", field: "guard",
                hint: "4 is the most there may be, +4 the most there may be more than now, +5% the same in hundredths")
        }
        self.bound = bound
    }

    private static func subject(_ name: String) throws(Fault) -> Subject {
        switch name {
        case "newly-silent": return .newlySilent
        case "cost": return .cost
        default: break
        }
        if name.hasPrefix("told-later-than-"), let span = TimeArgument.span(String(name.dropFirst(16))) { return .toldLater(than: span) }
        if let figure = Tally.Figure(rawValue: name), figure != .toldLater { return .figure(figure) }
        throw Fault(
            .usage, "nothing is guarded by the name \"\(PlainText(name))\"", field: "guard",
            hint: nearest(to: name, among: names).map { "did you mean \"\($0)\"?" } ?? "known: \(names.joined(separator: ", "))")
    }

    private static func bound(_ text: String) -> Limit? {
        guard text.hasPrefix("+") else { return millionths(text).map { .atMost($0) } }
        if text.hasSuffix("%") { return millionths(String(text.dropFirst().dropLast())).map { .atMostPercentMore($0) } }
        return millionths(String(text.dropFirst())).map { .atMostMore($0) }
    }

    /// Digits, with at most six behind a point.
    private static func millionths(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        func areDigits(_ part: Substring, _ most: Int) -> Bool {
            (1...most).contains(part.utf8.count) && part.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        }
        guard (1...2).contains(parts.count), areDigits(parts[0], 11), parts.count == 1 || areDigits(parts[1], 6),
            let whole = Int64(parts[0])
        else { return nil }
        let fraction = parts.count == 1 ? "" : String(parts[1])
        return Int64(fraction + String(repeating: "0", count: 6 - fraction.utf8.count)).map { whole * unit + $0 }
    }

    /// Whether it holds, both values in millionths.
    func holds(now: Int64, next: Int64) -> Bool {
        switch bound {
        case .atMost(let most): next <= most
        case .atMostMore(let more): next <= now + more
        // Without a division: a rise of p hundredths of `now`.
        case .atMostPercentMore(let percent):
            Double(next) <= Double(now) * (1 + Double(percent) / 100 / Double(Self.unit)) + 0.5
        }
    }
}

/// What became of a guard.
public struct GuardResult: Sendable, Equatable {
    public var name, limit: String
    /// As people read it.
    public var now, next: String
    public var isKept: Bool
}
