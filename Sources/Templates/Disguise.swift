public import Core

extension Facts {
    /// The same with made-up values where real ones would name an order, an account or an amount: order numbers, references, the last four and
    /// all money, in the shape and length that they have. Banks, reasons and times stay.
    public func disguised() -> Facts {
        let values = values
        let own = Field.allCases.compactMap { values[$0] }.flatMap(\.own)
        var disguise = Disguise(hiding: own)
        var facts = self
        for field in Field.allCases {
            switch values[field] {
            case .order(let order): facts.set(field, OrderNumber(disguise.text(order.description)))
            case .tail4(let tail): facts.set(field, Tail4(disguise.text(tail.digits)))
            case .money(let money): facts.set(field, disguise.money(money))
            case .text(let text) where field == .traceRef: facts.set(field, PlainText(disguise.text(text.description), limit: 64))
            case .phrase(let list, let id, let inner):
                facts.set(
                    field, phrase: id, of: list,
                    with: inner.mapValues { if case .money(let money) = $0 { .money(disguise.money(money)) } else { $0 } })
            case .text, .instant, .duration, .term, .terms, .count, nil: break
            }
        }
        return facts
    }
}

extension TemplateValue {
    /// What of it belongs to one order alone, without its marks.
    fileprivate var own: [String] {
        switch self {
        case .order(let order): [order.description]
        case .tail4(let tail): [tail.digits]
        case .money(let money): [String(money.minor.magnitude)]
        case .text(let text): [text.description]
        case .phrase(_, _, let inner): inner.values.flatMap(\.own)
        case .instant, .duration, .term, .terms, .count: []
        }
    }
}

/// Makes texts up by shape: a digit for a digit, a letter for a letter, everything else as it is. The made-up digits come from nothing real,
/// and no three of them in a row stand in any of the real values.
private struct Disguise {
    private let real: Set<[UInt8]>
    private var made: [String: String] = [:]
    private var state: UInt64 = 1

    init(hiding values: [String]) {
        var real: Set<[UInt8]> = []
        for value in values {
            for run in value.utf8.split(whereSeparator: { !Self.isDigit($0) }).map(Array.init) where run.count >= 3 {
                for start in 0...(run.count - 3) { real.insert(Array(run[start..<start + 3])) }
            }
        }
        self.real = real
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    mutating func text(_ source: String) -> String {
        if let known = made[source] { return known }
        var out: [UInt8] = []
        // `WD`, `TR`: what it is, not whose.
        let head = source.utf8.prefix { !Self.isDigit($0) }
        let kept = head.count <= 4 ? head.count : 0
        for (n, byte) in source.utf8.enumerated() {
            switch byte {
            case 0x30...0x39: out.append(digit(after: out))
            case 0x41...0x5A where n >= kept: out.append(0x41 + UInt8(next(26)))
            case 0x61...0x7A where n >= kept: out.append(0x61 + UInt8(next(26)))
            // A letter of another script has several bytes; nothing that an order or a reference is made of.
            case 0x80...: out.append(0x78)
            default: out.append(byte)
            }
        }
        let text = String(decoding: out, as: UTF8.self)
        made[source] = text
        return text
    }

    mutating func money(_ source: Money) -> Money {
        let digits = String(source.minor.magnitude)
        var out = text(digits)
        // As many digits as before; and so few that they may be the same are counted on by one.
        if out.first == "0" { out = "1" + out.dropFirst() }
        guard digits.count < 19, let minor = Int64(out) else { return Money(minor: 1_000_000_000_000_000_000, currency: source.currency) }
        return Money(minor: minor == source.minor ? minor % 9 + 1 : minor, currency: source.currency)
    }

    private mutating func digit(after done: [UInt8]) -> UInt8 {
        let first = next(10)
        let last = done.suffix(2)
        for step in 0..<10 {
            let digit = 0x30 + UInt8((first + step) % 10)
            if !real.contains(last + [digit]) { return digit }
        }
        return 0x30 + UInt8(first)
    }

    private mutating func next(_ count: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % count
    }
}
