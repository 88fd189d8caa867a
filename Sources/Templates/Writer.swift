import Core

/// Bytes of one output, filled value by value; each context has its own way to make a value harmless.
struct Writer {
    enum Context {
        /// Plain text: push, mail subject and text part, in-app.
        case plain
        /// One line; special spaces and, in English, typographic marks are folded, or one of them would double the parts.
        case sms(foldsMarks: Bool)
        /// HTML text and quoted attributes.
        case html
    }
    private(set) var bytes: [UInt8] = []
    let context: Context
    /// A title or a subject: what stands below it names the zone.
    var isTitle = false
    /// The offset whose zone stands in this block already: one mention is enough, until the clocks change between two times.
    var namedOffset: Int?

    init(_ context: Context, capacity: Int = 256) {
        self.context = context
        bytes.reserveCapacity(capacity)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var isHTML: Bool { if case .html = context { true } else { false } }
    var isSMS: Bool { if case .sms = context { true } else { false } }

    /// Our own reviewed words, already in this context's form.
    mutating func copy(_ words: [UInt8], _ range: Range<Int>) {
        words.withUnsafeBufferPointer { bytes.append(contentsOf: UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// A pattern of ours with its number at `#`.
    mutating func pattern(_ pattern: StaticString, _ value: Int) {
        for scalar in pattern.description.unicodeScalars {
            switch scalar {
            case "#": number(value)
            case "\u{A0}": space()
            default: bytes.append(contentsOf: UTF8.encode(scalar)!)
            }
        }
    }

    /// Digits, units and marks of ours that no context can misread.
    mutating func ascii(_ byte: UInt8) { bytes.append(byte) }
    mutating func ours(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    /// Between a number and its unit: an SMS has no other space than the common one.
    mutating func space() { if isSMS { ascii(0x20) } else { ours("\u{A0}") } }
    /// A mark between digits, which an SMS has in its plain form.
    mutating func mark(_ mark: StaticString) { if isSMS, mark.utf8CodeUnitCount > 1 { ascii(0x20) } else { ours(mark) } }

    mutating func number(_ value: Int, width: Int = 1) {
        precondition(value >= 0, "only dates and counts are written here")
        if value < 100, width <= 2 {
            if value >= 10 || width == 2 { bytes.append(0x30 + UInt8(value / 10)) }
            bytes.append(0x30 + UInt8(value % 10))
            return
        }
        var divisor = 1
        for _ in 1..<max(width, 1) { divisor *= 10 }
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(0x30 + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    /// A value: order numbers, names, references.
    mutating func value(_ text: String) {
        switch context {
        case .plain: append(text)
        case .html: escape(text.utf8)
        case .sms(let foldsMarks): fold(text, marks: foldsMarks)
        }
    }

    /// A telephone number. Among letters that run from right to left its groups would be shown in reverse: a page can set it apart, a message,
    /// which holds no direction marks, gets its digits alone.
    mutating func phone(_ number: String, isAmongRightToLeft: Bool) {
        guard isAmongRightToLeft else { return value(number) }
        guard !isHTML else {
            ours("<bdi dir=\"ltr\" style=\"white-space:nowrap\">")
            value(number)
            return ours("</bdi>")
        }
        if number.first == "+" { ours("00") }
        value(number.filter { $0.isLetter || $0.isNumber })
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    mutating func escape(_ text: some Sequence<UInt8>) {
        for byte in text {
            switch byte {
            case 0x26: ours("&amp;")
            case 0x3C: ours("&lt;")
            case 0x3E: ours("&gt;")
            case 0x22: ours("&quot;")
            case 0x27: ours("&#39;")
            case 0x0A: ours("<br>\n")
            default: bytes.append(byte)
            }
        }
    }

    private mutating func fold(_ text: String, marks: Bool) {
        if PlainText.isCommon(text) { return append(text) }
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x00A0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: ascii(0x20)
            // The brackets of a signature: a supplier refuses them anywhere else.
            case 0x3010: ascii(0x5B)
            case 0x3011: ascii(0x5D)
            case 0x2018, 0x2019, 0x02BC: if marks { ascii(0x27) } else { bytes.append(contentsOf: UTF8.encode(scalar)!) }
            case 0x201C, 0x201D: if marks { ascii(0x22) } else { bytes.append(contentsOf: UTF8.encode(scalar)!) }
            case 0x2010...0x2015, 0x2212: if marks { ascii(0x2D) } else { bytes.append(contentsOf: UTF8.encode(scalar)!) }
            case 0x2026: if marks { ours("...") } else { bytes.append(contentsOf: UTF8.encode(scalar)!) }
            case 0..<0x20, 0x7F..<0xA0: break
            default: if !PlainText.isHidden(scalar) { bytes.append(contentsOf: UTF8.encode(scalar)!) }
            }
        }
    }
}
