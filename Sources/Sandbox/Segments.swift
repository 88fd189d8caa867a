/// How a text travels as SMS: GSM 03.38 in parts of 160 (153 when several), else UCS-2 in parts of 70 (67).
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
        var septets = 0
        for scalar in text.unicodeScalars {
            if Self.basic.contains(scalar) {
                septets += 1
            } else if Self.extended.contains(scalar) {
                septets += 2
            } else {
                let units = text.utf16.count
                self.init(alphabet: .ucs2, units: units, single: 70, each: 67)
                return
            }
        }
        self.init(alphabet: .gsm, units: septets, single: 160, each: 153)
    }

    private init(alphabet: Alphabet, units: Int, single: Int, each: Int) {
        (self.alphabet, self.units) = (alphabet, units)
        count = units <= single ? 1 : (units + each - 1) / each
    }

    /// What a phone shows of a text that was sent as GSM-7 without being it.
    static func foldedToGSM(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { out.append(basic.contains(scalar) || extended.contains(scalar) ? scalar : "?") }
        return String(out)
    }
}
