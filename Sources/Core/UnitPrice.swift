/// What one SMS part costs at an account, exactly: `0.045 USD`. Prices have more digits than coins, and never become binary fractions.
public struct UnitPrice: Hashable, Sendable, CustomStringConvertible {
    /// A millionth of the currency's unit is one.
    public let millionths: Int64
    public let currency: Currency

    /// Digits, with at most six behind a point, then a space and an ISO 4217 code; less than 10,000. Nil for anything else.
    public init?(_ text: String) {
        let halves = text.split(separator: " ", omittingEmptySubsequences: false)
        guard halves.count == 2, let currency = Currency(String(halves[1])) else { return nil }
        let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        func areDigits(_ text: Substring, _ count: ClosedRange<Int>) -> Bool {
            count.contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        }
        guard (1...2).contains(parts.count), areDigits(parts[0], 1...4), parts.count == 1 || areDigits(parts[1], 1...6),
            let whole = Int64(parts[0]), let fraction = Int64((parts.count == 1 ? "" : parts[1]).padding(to: 6))
        else { return nil }
        (millionths, self.currency) = (whole * 1_000_000 + fraction, currency)
    }

    public var description: String { Self.decimal(millionths, places: 6, least: 1) + " " + currency.code }

    /// What a thousand messages of this many parts cost, as a decimal number: `90.00`. Nothing is rounded.
    public func perThousand(parts: Int) -> String {
        Self.decimal(millionths * Int64(parts), places: 3, least: min(currency.digits, 3))
    }

    /// A sum of millionths of a currency's unit, as a decimal number with at least the digits of its coins: `12.50`. Nothing is rounded.
    static func text(ofMillionths sum: Int64, _ currency: Currency) -> String {
        decimal(sum, places: 6, least: min(currency.digits, 6))
    }

    /// A number of so many places behind the point, of which those that are zero are left out down to the least.
    private static func decimal(_ value: Int64, places: Int, least: Int) -> String {
        var (left, kept) = (value, places)
        while kept > least, left % 10 == 0 {
            left /= 10
            kept -= 1
        }
        guard kept > 0 else { return String(left) }
        let digits = String(left)
        let padded = String(repeating: "0", count: max(0, kept + 1 - digits.utf8.count)) + digits
        return padded.dropLast(kept) + "." + padded.suffix(kept)
    }
}

/// What messages cost, by currency: sums of parts times the price of their account, exactly.
public struct Cost: Sendable, Equatable {
    /// Millionths of the unit, by the currency's code.
    private var sums: [String: Int64] = [:]
    public init() {}

    public var currencies: [String] { sums.keys.sorted() }
    public var isNone: Bool { sums.isEmpty }
    /// In millionths of the currency's unit; 0 where nothing was paid in it.
    public subscript(currency: String) -> Int64 { sums[currency] ?? 0 }

    public mutating func add(_ parts: Int, at price: UnitPrice) { sums[price.currency.code, default: 0] += price.millionths * Int64(parts) }
    public mutating func add(_ other: Cost) { for (currency, sum) in other.sums { sums[currency, default: 0] += sum } }

    /// `12.50`, negative for a difference.
    public static func decimal(_ millionths: Int64, _ currency: String) -> String {
        guard let known = Currency(currency) else { return String(millionths) }
        return (millionths < 0 ? "-" : "") + UnitPrice.text(ofMillionths: abs(millionths), known)
    }
    /// `12.50 USD`, `12.50 USD + 3.00 CNY`; empty where nothing is known to cost anything.
    public var text: String { currencies.map { "\(Self.decimal(self[$0], $0)) \($0)" }.joined(separator: " + ") }
}

extension Substring {
    fileprivate func padding(to count: Int) -> String { self + String(repeating: "0", count: count - utf8.count) }
}

/// What one SMS part costs at an account.
public struct SMSPrice: Sendable, Hashable {
    public var account: String
    public var price: UnitPrice
    public init(account: String, price: UnitPrice) { (self.account, self.price) = (account, price) }
}
