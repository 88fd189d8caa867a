/// How a text travels over SMS: its alphabet and the number of parts it is cut into.
/// Source: 3GPP TS 23.038 (alphabet) and TS 23.040 9.2.3.24.1 (parts with an 8-bit reference).
///
/// | | one part | each of several |
/// |---|---|---|
/// | GSM-7, septets | 160 | 153 |
/// | UCS-2, UTF-16 units | 70 | 67 |
public struct SMSText: Sendable, Hashable {
    public enum Coding: String, Sendable { case gsm7 = "GSM-7", ucs2 = "UCS-2" }
    public let coding: Coding
    /// Septets or UTF-16 units; a character of the extension table is two septets.
    public let units: Int
    public let parts: Int

    public init(_ text: String) {
        let septets = text.unicodeScalars.map { Self.basic.contains($0) ? 1 : Self.extended.contains($0) ? 2 : 0 }
        if septets.contains(0) {
            coding = .ucs2
            (units, parts) = Self.count(text.unicodeScalars.map { $0.value > 0xFFFF ? 2 : 1 }, single: 70, part: 67)
        } else {
            coding = .gsm7
            (units, parts) = Self.count(septets, single: 160, part: 153)
        }
    }

    /// An escape pair and a surrogate pair are never split over two parts.
    private static func count(_ widths: [Int], single: Int, part: Int) -> (units: Int, parts: Int) {
        let units = widths.reduce(0, +)
        guard units > single else { return (units, 1) }
        var parts = 1, used = 0
        for width in widths {
            if used + width > part {
                parts += 1
                used = 0
            }
            used += width
        }
        return (units, parts)
    }

    private static let basic = Set(
        ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
            + "abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)
    private static let extended = Set("\u{0C}^{}\\[~]|€".unicodeScalars)
}
