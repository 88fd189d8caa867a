/// An amount in minor units of an ISO 4217 currency: 128000 CNY is ¥1,280.00. Never a binary fraction.
public struct Money: Hashable, Sendable {
    public let minor: Int64
    public let currency: Currency
    public init(minor: Int64, currency: Currency) {
        self.minor = minor
        self.currency = currency
    }
}

/// How an amount of one currency is shown on one product, where that is not to be exact. A customer is never told more than is owed: digits
/// are cut off, not rounded up or to the nearest.
public struct AmountRule: Hashable, Sendable {
    public enum Rounding: String, CaseIterable, Sendable { case exact, down }
    /// After the point, at least those that the currency always shows.
    public var digits: Int
    public var rounding: Rounding
    public init(digits: Int, rounding: Rounding) { (self.digits, self.rounding) = (digits, rounding) }

    /// What is left of it; an amount too small for the digits is shown as it is, because nothing is no amount.
    public func shown(_ money: Money) -> Money {
        guard rounding == .down, digits < money.currency.digits else { return money }
        var unit: Int64 = 1
        for _ in digits..<money.currency.digits { unit *= 10 }
        let minor = money.minor / unit * unit
        return minor == 0 ? money : Money(minor: minor, currency: money.currency)
    }
}

/// A currency we can print. The table is ours: digits and symbols must not depend on a machine's locale data.
public struct Currency: Hashable, Sendable, CustomStringConvertible {
    /// In the table: money is copied with every fact, and a number costs less than three texts.
    private let place: UInt8

    public var code: String { Self.table[Int(place)].code }
    /// Digits after the point: JPY 0, KWD 3.
    public var digits: Int { Self.table[Int(place)].digits }
    /// Digits after the point that are always shown: a coin's own, and two of the many of a digital asset.
    public var leastDigits: Int { digits > 3 ? 2 : digits }
    /// The sign that names the currency without doubt everywhere (`HK$`, not `$`); nil where there is none, and the code stands for it.
    public var sign: String? { Self.signs[code] }
    public var description: String { code }

    public init?(_ code: String) {
        guard let place = Self.places[code] else { return nil }
        self.place = place
    }

    /// ¥ and $ alone are signs of several.
    private static let signs = [
        "HKD": "HK$", "TWD": "NT$", "USD": "US$", "EUR": "€", "GBP": "£", "INR": "₹", "KRW": "₩", "SGD": "S$", "AUD": "A$", "CAD": "C$",
        "NZD": "NZ$", "BRL": "R$", "MXN": "MX$", "PHP": "₱", "VND": "₫",
    ]

    /// ISO 4217 list one (active national currencies) with minor units, and no funds codes; then digital assets by the units of their ledgers.
    private static let table: [(code: String, digits: Int)] = {
        let two =
            "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG"
        let none = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
        let three = "BHD IQD JOD KWD LYD OMR TND"
        return [(two, 2), (none, 0), (three, 3), ("USDC USDT", 6), ("BTC", 8)].flatMap { codes, digits in
            codes.split(separator: " ").map { (String($0), digits) }
        }
    }()
    private static let places: [String: UInt8] = Dictionary(
        uniqueKeysWithValues: table.enumerated().map { ($0.element.code, UInt8($0.offset)) })
}
