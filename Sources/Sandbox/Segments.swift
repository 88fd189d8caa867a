/// How a text travels as SMS: GSM 03.38 in parts of 160 (153 when several), else UCS-2 in parts of 70 (67). Counted here once more and not
/// with Core's `SMSMeasure`: a stand-in that shares the sender's mistakes finds none of them.
struct Segments: Equatable {
    enum Alphabet: String { case gsm = "GSM-7", ucs2 = "UCS-2" }
    var alphabet: Alphabet
    /// Septets or UTF-16 units.
    var units: Int
    var count: Int

    private static let basic = Set(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
            .unicodeScalars)
    private static let extended = Set("\u{0C}^{}\\[~]|€".unicodeScalars)

    init(_ text: String) {
        let septets = text.unicodeScalars.map { Self.basic.contains($0) ? 1 : Self.extended.contains($0) ? 2 : 0 }
        if septets.contains(0) {
            self.init(alphabet: .ucs2, text.unicodeScalars.map { UTF16.width($0) }, single: 70, each: 67)
        } else {
            self.init(alphabet: .gsm, septets, single: 160, each: 153)
        }
    }

    /// What takes two places, an escape or a surrogate pair, goes into the next part as a whole.
    private init(alphabet: Alphabet, _ widths: [Int], single: Int, each: Int) {
        (self.alphabet, units, count) = (alphabet, widths.reduce(0, +), 1)
        guard units > single else { return }
        var room = each
        for width in widths {
            if width > room { (count, room) = (count + 1, each) }
            room -= width
        }
    }

    /// What a phone shows of a text that was sent as GSM-7 without being it.
    static func foldedToGSM(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { out.append(basic.contains(scalar) || extended.contains(scalar) ? scalar : "?") }
        return String(out)
    }
}
