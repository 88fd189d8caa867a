import Core

/// Base64 of both alphabets; padding and line ends are skipped. Nil when a character belongs to neither.
func base64Decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var out: [UInt8] = []
    var bits: UInt32 = 0
    var held = 0
    for byte in text {
        let value: UInt8
        switch byte {
        case 0x41...0x5A: value = byte - 0x41
        case 0x61...0x7A: value = byte - 0x61 + 26
        case 0x30...0x39: value = byte - 0x30 + 52
        case 0x2B, 0x2D: value = 62
        case 0x2F, 0x5F: value = 63
        case 0x3D, 0x0D, 0x0A, 0x20, 0x09: continue
        default: return nil
        }
        bits = bits << 6 | UInt32(value)
        held += 6
        if held >= 8 {
            held -= 8
            out.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
        }
    }
    return out
}

func base64Encoded(_ bytes: some Sequence<UInt8>) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let bytes = Array(bytes)
    var out: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let held = bytes[start..<min(start + 3, bytes.count)]
        let bits = held.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(16 - 8 * $1.offset) }
        for n in 0..<4 { out.append(n <= held.count ? alphabet[Int(bits >> UInt32(18 - 6 * n) & 63)] : 0x3D) }
    }
    return String(decoding: out, as: UTF8.self)
}

/// `Thu, 24 Aug 2023 05:01:45 +0000`, RFC 5322.
func mailDate(_ moment: Timestamp) -> String {
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let text = moment.written(19)
    let parts = text.prefix(10).split(separator: "-")
    guard parts.count == 3, let month = Int(parts[1]), moment.seconds >= 0 else { return text }
    // 1970 began on a Thursday.
    let weekday = Int((moment.seconds / 86_400 + 4) % 7)
    return "\(days[weekday]), \(parts[2]) \(months[month - 1]) \(parts[0]) \(text.suffix(8)) +0000"
}

/// A JSON Web Token taken apart. The sandbox holds no public key of the sender: it checks the shape and the claims, not the signature.
struct TokenShape {
    var header, claims: JSON
    var signature: [UInt8]

    init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 3, let header = base64Decoded(parts[0]), let claims = base64Decoded(parts[1]),
            let signature = base64Decoded(parts[2])
        else { return nil }
        do throws(JSONProblem) {
            self.header = try JSON(parsing: header)
            self.claims = try JSON(parsing: claims)
        } catch {
            return nil
        }
        self.signature = signature
    }
}

/// An E.164 number: `+` and 7 to 15 digits, the first not 0.
func isPhoneNumber(_ text: String) -> Bool {
    let digits = text.utf8.dropFirst()
    return text.utf8.first == 0x2B && (7...15).contains(digits.count) && digits.first != 0x30
        && digits.allSatisfy { (0x30...0x39).contains($0) }
}

/// Neither Apple nor Google promises a length or an alphabet: printable ASCII, at most 4096 bytes.
func isDeviceToken(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 4096 && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
}
