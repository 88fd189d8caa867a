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

    public init(_ text: String) {
        var text = text
        self = text.withUTF8 { SMSMeasure($0) }
    }
    public init(_ text: some StringProtocol) { self.init(String(text)) }

    /// By the bytes: a text of any kind of string, walked by its scalars, costs more than all the rest of a call.
    private init(_ text: UnsafeBufferPointer<UInt8>) {
        var septets = 0, at = 0
        while at < text.count {
            let step = GSMAlphabet.step(text, at)
            guard step.cost > 0 else { break }
            septets += step.cost
            at += step.bytes
        }
        guard at < text.count else {
            (encoding, units, firstOutsideGSM) = (.gsm7, septets, nil)
            parts = septets <= 160 ? 1 : Self.parts(text, .gsm7) { GSMAlphabet.step(text, $0) }
            return
        }
        (encoding, firstOutsideGSM) = (.ucs2, Self.scalar(text, at))
        // One unit for each scalar, one more beyond the first plane.
        var units = 0
        for byte in text { units += (byte & 0xC0 == 0x80 ? 0 : 1) + (byte >= 0xF0 ? 1 : 0) }
        self.units = units
        parts = units <= 70 ? 1 : Self.parts(text, .ucs2) { text[$0] >= 0xF0 ? (2, 4) : (1, GSMAlphabet.length(text[$0])) }
    }

    /// Parts when neither an escape pair, a surrogate pair nor what a reader sees as one character may be split.
    private static func parts(_ text: UnsafeBufferPointer<UInt8>, _ encoding: Encoding, step: (Int) -> (cost: Int, bytes: Int)) -> Int {
        guard isPlain(text) else { return cut(String(decoding: text, as: UTF8.self), encoding).count }
        let room = encoding.room
        var parts = 1, used = 0, at = 0
        while at < text.count {
            let (cost, bytes) = step(at)
            if used + cost > room {
                parts += 1
                used = 0
            }
            used += cost
            at += bytes
        }
        return parts
    }

    private static func scalar(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> Unicode.Scalar? {
        String(decoding: text[at..<at + GSMAlphabet.length(text[at])], as: UTF8.self).unicodeScalars.first
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

    /// What says the same inside the alphabet: `'` for `’`, `a` for `á`. Nil where nothing does.
    public static func replacement(for scalar: Unicode.Scalar) -> String? { replacements[scalar] }

    private static let replacements: [Unicode.Scalar: String] = {
        let marks: [(String, String)] = [
            ("'", "‘’‚‛ʼ`´′"), ("\"", "“”„‟«»″"), ("-", "‐‑‒–—―−"), ("...", "…"), ("*", "•·×"),
            (" ", "\u{A0}\u{2007}\u{2009}\u{202F}\u{3000}"),
            ("TM", "™"), ("(c)", "©"), ("(R)", "®"), (">", "→›"), ("<", "‹←"), ("1/2", "½"), ("1/4", "¼"), ("oe", "œ"), ("OE", "Œ"),
        ]
        let letters: [(String, String)] = [
            ("a", "áâãāăą"), ("A", "ÀÁÂÃĀĂĄ"), ("c", "çćĉċč"), ("C", "ĆĈĊČ"), ("d", "ďđ"), ("D", "ĎĐ"), ("e", "êëēĕėęě"), ("E", "ÈÊËĒĔĖĘĚ"),
            ("g", "ĝğġģ"), ("G", "ĜĞĠĢ"), ("i", "íîïĩīĭįı"), ("I", "ÌÍÎÏĨĪĬĮİ"), ("l", "ĺļľł"), ("L", "ĹĻĽŁ"), ("n", "ńņň"), ("N", "ŃŅŇ"),
            ("o", "óôõōŏő"), ("O", "ÒÓÔÕŌŎŐ"), ("r", "ŕŗř"), ("R", "ŔŖŘ"), ("s", "śŝşšș"), ("S", "ŚŜŞŠȘ"), ("t", "ţťț"), ("T", "ŢŤȚ"),
            ("u", "úûũūŭůű"), ("U", "ÙÚÛŨŪŬŮŰ"), ("y", "ýÿ"), ("Y", "ÝŸ"), ("z", "źżž"), ("Z", "ŹŻŽ"),
        ]
        return (marks + letters).reduce(into: [:]) { table, entry in
            for scalar in entry.1.unicodeScalars { table[scalar] = entry.0 }
        }
    }()

    /// The cost of the character that begins at a place of a UTF-8 text, 0 outside the alphabet, and its length in bytes.
    fileprivate static func step(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (cost: Int, bytes: Int) {
        let first = text[at]
        switch first {
        case 0..<0x80: return (Int(costs[Int(first)]), 1)
        case 0xC0..<0xD0: return (Int(costs[Int(first & 0x1F) << 6 | Int(text[at + 1] & 0x3F)]), 2)
        case 0xE2 where text[at + 1] == 0x82 && text[at + 2] == 0xAC: return (2, 3)
        default: return (0, length(first))
        }
    }

    /// Bytes of the character that begins with this one.
    fileprivate static func length(_ first: UInt8) -> Int { first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4 }
}
