import Core

/// One body part in lines of at most 76 characters: quoted-printable where most of it stays readable, base64 for the rest
/// (RFC 2045 6.7, 6.8).
struct TransferEncoding {
    let name: String
    private let isQuoted: Bool
    /// CRLF ends every line.
    private let text: [UInt8]

    init(_ content: String) {
        var content = content, high = 0
        text = content.withUTF8 { Self.withCRLF($0, countingHigh: &high) }
        isQuoted = high * 6 <= text.count
        name = isQuoted ? "quoted-printable" : "base64"
    }

    /// Without a line end at the end.
    func write(into out: inout [UInt8]) {
        text.withUnsafeBufferPointer { isQuoted ? Self.writeQuoted($0, &out) : Self.writeBase64($0, &out) }
    }

    /// CRLF, CR and LF all end a line. `high`: bytes that are not ASCII.
    private static func withCRLF(_ text: UnsafeBufferPointer<UInt8>, countingHigh high: inout Int) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.count + text.count / 32 + 16)
        for byte in text { high &+= Int(byte >> 7) }
        var run = 0, at = 0
        while at < text.count {
            if at + 8 <= text.count {
                let eight = text.eight(at: at)
                let ends = eight.marks(0x0D) | eight.marks(0x0A)
                if ends.isEmpty {
                    at &+= 8
                    continue
                }
                at += ends.first
            }
            let byte = text[at]
            at += 1
            guard byte == 0x0D || byte == 0x0A else { continue }
            out.append(contentsOf: text[run..<at - 1])
            run = at
            if byte == 0x0A, at > 1, text[at - 2] == 0x0D { continue }
            out.append(0x0D)
            out.append(0x0A)
        }
        out.append(contentsOf: text[run...])
        return out
    }

    private static func writeBase64(_ text: UnsafeBufferPointer<UInt8>, _ out: inout [UInt8]) {
        // 57 bytes are the 76 characters of a line.
        for start in stride(from: 0, to: text.count, by: 57) {
            if start > 0 {
                out.append(0x0D)
                out.append(0x0A)
            }
            Base64.append(UnsafeBufferPointer(rebasing: text[start..<min(start + 57, text.count)]), to: &out)
        }
    }

    private static let hex = Array("0123456789ABCDEF".utf8)

    private static func writeQuoted(_ text: UnsafeBufferPointer<UInt8>, _ out: inout [UInt8]) {
        var column = 0
        // Where what stands as it is begins, line ends among it.
        var run = 0, next = 0
        while next < text.count {
            if column > 0, next + 8 <= text.count {
                let stands = min(Self.standing(text, next), 75 - column)
                column += stands
                next += stands
                if stands == 8 { continue }
            }
            let at = next, byte = text[at]
            next += 1
            if byte == 0x0D || byte == 0x0A {
                column = 0
                continue
            }
            var stands = byte > 0x20 && byte < 0x7F && byte != 0x3D
            if byte == 0x20 || byte == 0x09 {
                stands = at + 1 < text.count && text[at + 1] != 0x0D
            } else if column == 0, stands {
                // "From " at the start of a line is changed by old mailers, a lone dot is the end of the mail (RFC 2049 3).
                stands = byte != 0x2E && !(byte == 0x46 && text[at...].starts(with: "From ".utf8))
            }
            if column + (stands ? 1 : 3) > 75 {
                out.append(contentsOf: text[run..<at])
                out.append(contentsOf: softBreak)
                run = at
                column = 0
            }
            column += stands ? 1 : 3
            guard !stands else { continue }
            out.append(contentsOf: text[run..<at])
            out.append(0x3D)
            out.append(hex[Int(byte >> 4)])
            out.append(hex[Int(byte & 15)])
            run = at + 1
        }
        out.append(contentsOf: text[run...])
    }

    /// How many of eight bytes in the middle of a line stand as they are. A space does unless the line ends behind it.
    private static func standing(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
        let eight = text.eight(at: at)
        let first = (eight.notASCII | eight.marks(below: 0x20) | eight.marks(0x3D) | eight.marks(0x7F)).first
        return first > 0 && text[at + first - 1] == 0x20 ? first - 1 : first
    }

    private static let softBreak: [UInt8] = [0x3D, 0x0D, 0x0A]
}
