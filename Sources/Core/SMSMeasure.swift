/// How an SMS is coded and in how many parts it travels. Source: 3GPP TS 23.038 (alphabet), TS 23.040 9.2.3.24.1 (parts with an 8-bit
/// reference).
///
/// | | one part | each of several |
/// |---|---|---|
/// | GSM-7, septets | 160 | 153 |
/// | UCS-2, UTF-16 units | 70 | 67 |
public struct SMSMeasure: Hashable, Sendable {
    public enum Encoding: String, Sendable {
        case gsm7 = "GSM-7"
        case ucs2 = "UCS-2"
    }
    public let encoding: Encoding
    /// Septets, or 16-bit units.
    public let units: Int
    public let parts: Int
    /// The first character that is not in the GSM alphabet: it turns the whole message into UCS-2.
    public let firstOutsideGSM: Unicode.Scalar?

    public init(_ text: some StringProtocol) {
        var septets = 0
        var outside: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            guard let cost = GSMAlphabet.septets(scalar) else {
                outside = scalar
                break
            }
            septets += cost
        }
        firstOutsideGSM = outside
        if outside == nil {
            encoding = .gsm7
            units = septets
            parts = septets <= 160 ? 1 : Self.parts(text.unicodeScalars.lazy.map { GSMAlphabet.septets($0) ?? 1 }, room: 153)
        } else {
            encoding = .ucs2
            units = text.utf16.count
            parts = units <= 70 ? 1 : Self.parts(text.unicodeScalars.lazy.map { $0.value > 0xFFFF ? 2 : 1 }, room: 67)
        }
    }

    /// Parts when neither an escape pair nor a surrogate pair may be split.
    private static func parts(_ costs: some Sequence<Int>, room: Int) -> Int {
        var parts = 1
        var used = 0
        for cost in costs {
            if used + cost > room {
                parts += 1
                used = 0
            }
            used += cost
        }
        return parts
    }

    /// What fits into `parts` parts of this encoding.
    public func capacity(parts: Int) -> Int {
        switch encoding {
        case .gsm7: parts == 1 ? 160 : 153 * parts
        case .ucs2: parts == 1 ? 70 : 67 * parts
        }
    }
}

/// The default alphabet and its extension table.
public enum GSMAlphabet {
    /// Row by row, 0x00 to 0x7F; 0x1B is the escape and no character.
    static let basic = Array(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1B}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
            .unicodeScalars)
    static let extended: [Unicode.Scalar] = ["\u{0C}", "^", "{", "}", "\\", "[", "~", "]", "|", "€"]

    private static let costs: [UInt8] = {
        var costs = [UInt8](repeating: 0, count: 0x400)
        for scalar in basic where scalar != "\u{1B}" { costs[Int(scalar.value)] = 1 }
        for scalar in extended where scalar != "€" { costs[Int(scalar.value)] = 2 }
        return costs
    }()

    /// 1 or 2 septets, nil outside the alphabet.
    public static func septets(_ scalar: Unicode.Scalar) -> Int? {
        if scalar.value < 0x400 {
            let cost = costs[Int(scalar.value)]
            return cost == 0 ? nil : Int(cost)
        }
        return scalar == "€" ? 2 : nil
    }
}
