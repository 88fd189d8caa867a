/// A value that must not be printed: a phone number, a mail address, a token, a key.
///
/// Printing, logging, interpolating or dumping one shows `<sensitive>`. The raw value leaves through the named doors in this file and
/// through `reveal(for:)`, whose purpose is searched for in review.
public struct Sensitive<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    fileprivate let raw: Value
    public init(_ raw: Value) { self.raw = raw }
    public var description: String { "<sensitive>" }
    public var debugDescription: String { "<sensitive>" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The raw value, for one of the closed list of purposes.
    public func reveal(for purpose: RevealPurpose) -> Value { raw }
}

extension Sensitive: Equatable where Value: Equatable {}
extension Sensitive: Hashable where Value: Hashable {}

/// Why a raw value may be read. There is no purpose "to print in passing".
public enum RevealPurpose: Sendable {
    /// It is put into a request to a provider.
    case wire
    /// It is sealed or hashed with a key before it is stored.
    case sealing
    /// It signs or authenticates.
    case signing
    /// An allow-list compares it.
    case comparing
    /// A person who gave a reason sees it. The log names both before it is shown.
    case disclosure
}

/// A telephone number in E.164 form: `+` and 8 to 15 digits, the first not 0.
public struct PhoneNumber: Hashable, Sendable {
    public let e164: String
    public init?(_ text: String) {
        var text = text
        guard text.withUTF8(PhoneNumber.isValid) else { return nil }
        e164 = text
    }

    private static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        (9...16).contains(bytes.count) && bytes[0] == 0x2B && bytes[1] != 0x30
            && (1..<bytes.count).allSatisfy { bytes[$0] >= 0x30 && bytes[$0] <= 0x39 }
    }
}

/// A mail address that can stand in an SMTP envelope and a header as it is: printable ASCII, one `@`, no spaces, brackets, commas, quotes
/// or control characters, at most 254 bytes (RFC 5321 4.5.3.1). Quoted local parts and non-ASCII addresses are refused.
public struct MailAddress: Hashable, Sendable {
    public let text: String
    public init?(_ text: String) {
        var text = text
        guard text.withUTF8(MailAddress.isValid) else { return nil }
        self.text = text
    }

    private static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count <= 254 else { return false }
        let (at, dot): (UInt8, UInt8) = (0x40, 0x2E)
        var isDomain = false
        // Neither part begins or ends with a dot, and no two stand together.
        var last = dot
        for (n, byte) in bytes.enumerated() {
            switch byte {
            case at:
                guard !isDomain, last != dot, n <= 64 else { return false }
                isDomain = true
            case dot: guard last != dot, last != at else { return false }
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: break
            case 0x22, 0x28, 0x29, 0x2C, 0x3A...0x3C, 0x3E, 0x5B...0x5D: return false
            case 0x21...0x7E: guard !isDomain else { return false }
            default: return false
            }
            last = byte
        }
        return isDomain && last != dot && last != at
    }
}

/// A push registration token: 1 to 4096 printable ASCII characters without spaces. Its length is not fixed by any provider.
public struct PushToken: Hashable, Sendable {
    public let text: String
    /// Nil when nobody said.
    public let platform: Platform?
    public init?(_ text: String, platform: Platform? = nil) {
        var text = text
        guard text.withUTF8({ !$0.isEmpty && $0.count <= 4096 && $0.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) else { return nil }
        (self.text, self.platform) = (text, platform)
    }

    /// `TOKEN`, or with its platform `ios:TOKEN`.
    fileprivate init?(named text: String) {
        // No platform's name is longer than seven characters.
        guard let colon = text.utf8.prefix(8).firstIndex(of: 0x3A), let platform = Platform(rawValue: String(text[..<colon])) else {
            self.init(text)
            return
        }
        self.init(String(text[text.utf8.index(after: colon)...]), platform: platform)
    }
}

/// Where one delivery goes. In-app items have no address: they belong to the customer.
public enum Address: Hashable, Sendable {
    case phone(PhoneNumber)
    case mail(MailAddress)
    case device(PushToken)
    case inbox

    /// The wire form, to be sealed before it is stored. Of a device with its platform: `ios:TOKEN`.
    public var text: String {
        switch self {
        case .phone(let number): number.e164
        case .mail(let address): address.text
        case .device(let token): (token.platform.map { $0.rawValue + ":" } ?? "") + token.text
        case .inbox: ""
        }
    }

    /// What makes it the same address: the wire form, without what is only known about it.
    public var identity: String { if case .device(let token) = self { token.text } else { text } }

    public init?(channel: Channel, text: String) {
        switch channel {
        case .sms, .voice:
            guard let number = PhoneNumber(text) else { return nil }
            self = .phone(number)
        case .mail:
            guard let address = MailAddress(text) else { return nil }
            self = .mail(address)
        case .push:
            guard let token = PushToken(named: text) else { return nil }
            self = .device(token)
        case .inApp:
            self = .inbox
        }
    }
}

extension Sensitive where Value == Address {
    /// Of a device that names one; it says nothing about whose it is.
    public var platform: Platform? { if case .device(let token) = raw { token.platform } else { nil } }

    /// The same device, known to be of this platform.
    public func on(_ platform: Platform) -> Sensitive<Address> {
        guard case .device(let token) = raw, let named = PushToken(token.text, platform: platform) else { return self }
        return Sensitive(.device(named))
    }
}

/// The printable shadow of an address: `+86 ••• 4417` would need a character that suppliers refuse, so `*` it is.
public struct MaskedAddress: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ address: Sensitive<Address>) {
        switch address.raw {
        case .phone(let number) where PlantedBug.showsAddresses.isActive: description = number.e164
        case .phone(let number): description = MaskedAddress.shadow(number.e164, first: 3, "****", last: 2)
        case .mail(let mail):
            let at = mail.text.utf8.firstIndex(of: 0x40)!
            description = MaskedAddress.shadow(
                mail.text, first: 1, "***", last: mail.text.utf8.distance(from: at, to: mail.text.utf8.endIndex))
        case .device(let token):
            // A short token is not shown by half: four of its characters would be most of it.
            description = MaskedAddress.shadow(token.text, first: 0, "device ****", last: token.text.utf8.count >= 16 ? 4 : 0)
        case .inbox:
            description = "inbox"
        }
    }

    /// Addresses are ASCII: a byte is a character.
    private static func shadow(_ address: String, first: Int, _ stars: StaticString, last: Int) -> String {
        var address = address
        return address.withUTF8 { bytes in
            String(unsafeUninitializedCapacity: first + stars.utf8CodeUnitCount + last) { out in
                var count = 0
                func append(_ part: UnsafeBufferPointer<UInt8>) {
                    for byte in part {
                        out[count] = byte
                        count += 1
                    }
                }
                append(UnsafeBufferPointer(rebasing: bytes.prefix(first)))
                append(UnsafeBufferPointer(start: stars.utf8Start, count: stars.utf8CodeUnitCount))
                append(UnsafeBufferPointer(rebasing: bytes.suffix(last)))
                return count
            }
        }
    }

    /// A shadow that was stored.
    public init(stored: String) { description = stored }
}

/// The last four digits of an account or card: the only part of it that Clarion ever holds.
public struct Tail4: Hashable, Sendable {
    public let digits: String
    public init?(_ text: String) {
        guard text.utf8.count == 4, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        digits = text
    }
}

/// An order number: 1 to 64 characters of `A–Z a–z 0–9 - _ . /`.
public struct OrderNumber: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init?(_ text: String) {
        guard Identifier.isValid(text, limit: 64) else { return nil }
        description = text
    }
}

/// The alphabet of references that come from outside: no control, space, quote or bidi character can be in one.
public enum Identifier {
    public static func isValid(_ text: String, limit: Int) -> Bool {
        var text = text
        return text.withUTF8 { isValid($0, limit: limit) }
    }

    static func isValid(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> Bool {
        guard !bytes.isEmpty, bytes.count <= limit else { return false }
        for byte in bytes where !isLetter(byte) { return false }
        return true
    }

    /// A bit for each letter below and from U+0040.
    private static let low: UInt64 = 0x03FF_E000_0000_0000
    private static let high: UInt64 = 0x07FF_FFFE_87FF_FFFE
    private static func isLetter(_ byte: UInt8) -> Bool { byte < 0x80 && (byte < 0x40 ? low : high) >> UInt64(byte & 63) & 1 == 1 }
}

/// Text from outside made harmless: markup tags, control and direction characters removed, white space folded, at most 60 characters.
/// What was made harmless once stays as it is.
public struct PlainText: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// Nil for a text that may not stay as it is.
    init?(asItIs text: String, limit: Int) {
        guard PlainText.isPlain(text, limit: limit) else { return nil }
        description = text
    }

    public init(_ text: String, limit: Int = 60) {
        if let plain = PlainText(asItIs: text, limit: limit) {
            self = plain
            return
        }
        var out = ""
        var inTag = false
        var space = false
        for scalar in text.unicodeScalars {
            if inTag {
                inTag = scalar != ">"
                continue
            }
            if scalar == "<" {
                inTag = true
                continue
            }
            if PlainText.isSpace(scalar) {
                space = !out.isEmpty
                continue
            }
            guard !PlainText.isHidden(scalar) else { continue }
            if space {
                out.unicodeScalars.append(" ")
                space = false
            }
            out.unicodeScalars.append(scalar)
        }
        // Counted in scalars: one character may carry any number of combining marks.
        var scalars = out.unicodeScalars.prefix(limit)
        if scalars.last == " " { scalars.removeLast() }
        description = String(scalars)
    }

    /// Whether all of a text surely stays as it is: printable ASCII without a tag and with single spaces inside only, and common Han characters.
    /// Most text is, and it costs one look at each byte.
    private static func isPlain(_ text: String, limit: Int) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var (at, scalars, isAfterSpace) = (0, 0, true)
            while at < bytes.count {
                let byte = bytes[at]
                if byte == 0x20 {
                    guard !isAfterSpace else { return false }
                    isAfterSpace = true
                    at += 1
                } else if byte > 0x20, byte < 0x7F, byte != 0x3C {
                    isAfterSpace = false
                    at += 1
                } else if at + 2 < bytes.count, isHan(byte, bytes[at + 1]) {
                    isAfterSpace = false
                    at += 3
                } else {
                    return false
                }
                scalars += 1
            }
            return scalars <= limit && (!isAfterSpace || bytes.isEmpty)
        }
    }

    /// Whether a text is printable ASCII and common Han characters only: in those nothing is hidden, and nothing to be folded.
    public static func isCommon(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var at = 0
            while at < bytes.count {
                if bytes[at] >= 0x20, bytes[at] < 0x7F {
                    at += 1
                } else if at + 2 < bytes.count, isHan(bytes[at], bytes[at + 1]) {
                    at += 3
                } else {
                    return false
                }
            }
            return true
        }
    }

    /// The first two bytes of a character from U+4E00 to U+9FBF.
    private static func isHan(_ first: UInt8, _ second: UInt8) -> Bool {
        switch first {
        case 0xE5...0xE8: true
        case 0xE4: second >= 0xB8
        case 0xE9: second <= 0xBE
        default: false
        }
    }

    static func hasHidden(_ text: String) -> Bool {
        var text = text
        let isPrintable = text.withUTF8 { bytes in bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
        return !isPrintable && text.unicodeScalars.contains(where: isHidden)
    }

    /// The property `White_Space`, as it has been since Unicode 6.3.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Printable ASCII and common Han characters, of which nothing needs to be looked up.
    private static func isCommon(_ scalar: Unicode.Scalar) -> Bool {
        (scalar.value >= 0x20 && scalar.value < 0x7F) || (scalar.value >= 0x4E00 && scalar.value <= 0x9FBF)
    }

    /// Control, format (bidi, zero width), private-use, surrogate and unassigned characters.
    public static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        guard !isCommon(scalar) else { return false }
        return switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

/// A value that can stand in a header: no control or line separator, which would add a header, and no direction character, which would
/// show another value than is meant.
public struct HeaderValue: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init?(_ text: String) {
        var text = text
        guard text.withUTF8(HeaderValue.isClean) || PlantedBug.takesLineBreaks.isActive else { return nil }
        description = text
    }

    /// By the bytes, since asking for the properties of each character costs more than all the rest of a call. The line breakers are the C0
    /// and C1 controls, U+007F, U+2028 and U+2029; the direction characters (property `Bidi_Control`) U+061C, U+200E, U+200F, U+202A to
    /// U+202E and U+2066 to U+2069.
    private static func isClean(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count {
            if at + 8 <= bytes.count {
                let eight = bytes.eight(at: at)
                if eight.isASCII, !eight.holds(below: 0x20), !eight.holds(0x7F) {
                    at += 8
                    continue
                }
            }
            switch bytes[at] {
            case 0x00...0x1F, 0x7F: return false
            case 0xC2 where (0x80...0x9F).contains(bytes[at + 1]): return false
            case 0xD8 where bytes[at + 1] == 0x9C: return false
            case 0xE2 where bytes[at + 1] == 0x80 && ((0x8E...0x8F).contains(bytes[at + 2]) || (0xA8...0xAE).contains(bytes[at + 2])):
                return false
            case 0xE2 where bytes[at + 1] == 0x81 && (0xA6...0xA9).contains(bytes[at + 2]): return false
            default: at += 1
            }
        }
        return true
    }
}
