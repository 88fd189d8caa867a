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

    public init(_ text: some StringProtocol) { self.init(String(text)) }

    public init(_ text: String) {
        var text = text
        self = text.withUTF8 { SMSMeasure($0) }
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var load = Load(room: 153)
        firstOutsideGSM = SMSMeasure.measure(bytes, &load)
        let isGSM = firstOutsideGSM == nil
        if !isGSM {
            load = Load(room: 67)
            var at = 0
            while at < bytes.count { load.add(SMSMeasure.scalar(bytes, &at).value > 0xFFFF ? 2 : 1) }
        }
        encoding = isGSM ? .gsm7 : .ucs2
        units = load.units
        parts = load.units <= (isGSM ? 160 : 70) ? 1 : load.parts
    }

    /// Adds up septets, as far as the first character outside the alphabet, which is returned.
    private static func measure(_ bytes: UnsafeBufferPointer<UInt8>, _ load: inout Load) -> Unicode.Scalar? {
        GSMAlphabet.costs.withUnsafeBufferPointer { costs in
            var at = 0
            while at < bytes.count {
                let scalar = scalar(bytes, &at)
                let cost = GSMAlphabet.septets(scalar, costs)
                guard cost > 0 else { return scalar }
                load.add(cost)
            }
            return nil
        }
    }

    /// The character that begins here; `at` goes behind it.
    private static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Unicode.Scalar {
        let first = UInt32(bytes[at])
        let more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3
        var value = more == 0 ? first : first & (0x3F >> UInt32(more))
        for n in 0..<more { value = value << 6 | UInt32(bytes[at + 1 + n] & 0x3F) }
        at += more + 1
        return Unicode.Scalar(value)!
    }

    /// Parts that neither an escape pair nor a surrogate pair may be split over.
    private struct Load {
        let room: Int
        var (units, parts, used) = (0, 1, 0)
        init(room: Int) { self.room = room }

        mutating func add(_ cost: Int) {
            units += cost
            if used + cost > room { (parts, used) = (parts + 1, 0) }
            used += cost
        }
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

    /// Of the first 0x400 characters; 0 outside the alphabet.
    fileprivate static let costs: [UInt8] = {
        var costs = [UInt8](repeating: 0, count: 0x400)
        for scalar in basic where scalar != "\u{1B}" { costs[Int(scalar.value)] = 1 }
        for scalar in extended where scalar != "€" { costs[Int(scalar.value)] = 2 }
        return costs
    }()

    /// 1 or 2 septets, nil outside the alphabet.
    public static func septets(_ scalar: Unicode.Scalar) -> Int? {
        let cost = costs.withUnsafeBufferPointer { septets(scalar, $0) }
        return cost == 0 ? nil : cost
    }

    fileprivate static func septets(_ scalar: Unicode.Scalar, _ costs: UnsafeBufferPointer<UInt8>) -> Int {
        scalar.value < 0x400 ? Int(costs[Int(scalar.value)]) : scalar == "€" ? 2 : 0
    }
}
