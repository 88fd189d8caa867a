import Core

/// Who a mail is from: `Name <address>` or an address alone.
struct MailSender: Sendable, Hashable {
    var name: String
    var address: MailAddress
    var replyTo: MailAddress?

    init?(_ text: String, replyTo: MailAddress? = nil) {
        guard HeaderValue(text) != nil else { return nil }
        self.replyTo = replyTo
        if let open = text.lastIndex(of: "<"), text.hasSuffix(">") {
            guard let address = MailAddress(String(text[text.index(after: open)...].dropLast())) else { return nil }
            var name = text[..<open]
            while name.last == " " { name.removeLast() }
            if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") { name = name.dropFirst().dropLast() }
            // Two addresses, or one that poses as the name of another.
            guard !name.contains(where: { "<>@".contains($0) }) else { return nil }
            self.name = String(name)
            self.address = address
        } else {
            guard let address = MailAddress(text) else { return nil }
            (name, self.address) = ("", address)
        }
    }
}

/// A whole transactional mail (RFC 5322, MIME RFC 2045 to 2047): text and HTML as alternatives, 7-bit, CRLF line ends, body lines of at
/// most 76 characters. Everything in it comes from the arguments, so the same notice has the same bytes, and a DKIM signature of a relay
/// holds.
///
/// `Auto-Submitted` (RFC 3834) and `X-Auto-Response-Suppress` (Exchange) stop vacation replies. There is no `List-Unsubscribe`: it is for
/// mail one can unsubscribe from.
struct MailMessage {
    var sender: MailSender
    var to: MailAddress
    /// Without control characters.
    var subject: String
    var text, html: String
    var date: Timestamp
    /// The left side of the `Message-ID`.
    var id: String
    /// The left side of an id that all mails about one order refer to, so that a mailbox shows them together.
    var thread: String
    var language: String
    /// Begins with `=_`, which neither encoding can produce.
    var boundary: String

    var bytes: [UInt8] {
        let domain = sender.address.text.split(separator: "@").last.map(String.init) ?? ""
        var lines = [
            "Date: \(MailDate.text(date))",
            "From: \(EncodedWords.phrase(sender.name, after: 6))<\(sender.address.text)>",
        ]
        if let replyTo = sender.replyTo { lines.append("Reply-To: <\(replyTo.text)>") }
        lines += [
            "To: <\(to.text)>",
            "Subject: \(EncodedWords.unstructured(subject, after: 9))",
            "Message-ID: <\(id)@\(domain)>",
            "References: <\(thread)@\(domain)>",
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            "MIME-Version: 1.0",
            "Content-Language: \(language)",
            "Content-Type: multipart/alternative; boundary=\"\(boundary)\"",
            "", "",
        ]
        var out = Array(lines.joined(separator: "\r\n").utf8)
        for (type, content) in [("plain", text), ("html", html)] {
            let encoded = TransferEncoding(content)
            let head = "--\(boundary)\r\nContent-Type: text/\(type); charset=utf-8\r\nContent-Transfer-Encoding: \(encoded.name)\r\n\r\n"
            out += head.utf8
            out += encoded.bytes
            out += "\r\n".utf8
        }
        out += "--\(boundary)--\r\n".utf8
        return out
    }
}

enum MailDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Tue, 14 Nov 2023 22:13:20 +0000` (RFC 5322 3.3). Moments before 1970 do not occur and count as 1970.
    static func text(_ moment: Timestamp) -> String {
        let moment = max(moment, Timestamp(milliseconds: 0))
        let civil = CivilTime(moment, offset: 0)
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : String(n) }
        return "\(days[Int(moment.seconds / 86400 % 7)]), \(two(civil.day)) \(months[civil.month - 1]) \(civil.year) "
            + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) +0000"
    }
}

/// RFC 2047: words of at most 75 characters, one a line, never splitting a character.
enum EncodedWords {
    /// - Parameter used: characters of the line that come before.
    static func unstructured(_ text: String, after used: Int) -> String {
        text.isPlainASCII && used + text.utf8.count <= 76 && !text.hasPrefix(" ") && !text.hasSuffix(" ") ? text : encode(text)
    }

    /// A display name and the space behind it; quoted when it holds more than words. Empty for an empty name.
    static func phrase(_ name: String, after used: Int) -> String {
        guard !name.isEmpty else { return "" }
        guard name.isPlainASCII, used + name.utf8.count <= 70 else { return encode(name) + "\r\n " }
        return "\"" + name.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\" "
    }

    /// 45 bytes become 60 characters, with the 12 around them 72. The field's name on the first line is at most 9: every word gets a line
    /// of its own but the first, which is kept shorter.
    private static func encode(_ text: String) -> String {
        var words: [[UInt8]] = [[]]
        for character in text {
            let bytes = Array(character.utf8)
            for scalar in bytes.count > 45 ? character.unicodeScalars.map({ Array(String($0).utf8) }) : [bytes] {
                if words[words.count - 1].count + scalar.count > (words.count == 1 ? 39 : 45) { words.append([]) }
                words[words.count - 1] += scalar
            }
        }
        return words.filter { !$0.isEmpty }.map { "=?utf-8?b?\(Base64.encode($0))?=" }.joined(separator: "\r\n ")
    }
}

extension String {
    /// Printable ASCII in which no encoded word can be seen.
    fileprivate var isPlainASCII: Bool { utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !contains("=?") }
}

/// One body part in lines of at most 76 characters: quoted-printable where most of it stays readable, base64 for the rest
/// (RFC 2045 6.7, 6.8).
struct TransferEncoding {
    var name: String
    /// Without a line end at the end.
    var bytes: [UInt8] = []

    init(_ content: String) {
        let text = Self.withCRLF(content)
        if text.lazy.filter({ $0 >= 0x80 }).count * 6 <= text.count {
            name = "quoted-printable"
            writeQuoted(text)
        } else {
            name = "base64"
            for (n, byte) in Base64.encode(text).utf8.enumerated() {
                if n > 0, n % 76 == 0 { bytes.append(0x0D); bytes.append(0x0A) }
                bytes.append(byte)
            }
        }
    }

    /// CRLF, CR and LF all end a line.
    private static func withCRLF(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count + 64)
        var last: UInt8 = 0
        for byte in text.utf8 {
            if byte == 0x0D || (byte == 0x0A && last != 0x0D) { out.append(0x0D); out.append(0x0A) }
            if byte != 0x0D, byte != 0x0A { out.append(byte) }
            last = byte
        }
        return out
    }

    private mutating func writeQuoted(_ text: [UInt8]) {
        let hex = Array("0123456789ABCDEF".utf8), from = Array("From ".utf8)
        bytes.reserveCapacity(text.count + text.count / 4)
        var column = 0
        for (n, byte) in text.enumerated() {
            if byte == 0x0D || byte == 0x0A {
                bytes.append(byte)
                column = 0
                continue
            }
            let endsLine = n + 1 == text.count || text[n + 1] == 0x0D
            // "From " at the start of a line is changed by old mailers, a lone dot is the end of the mail (RFC 2049 3).
            let isFragile = column == 0 && (byte == 0x2E || (byte == 0x46 && text[n...].starts(with: from)))
            let isBlank = (byte == 0x20 || byte == 0x09) && !endsLine
            let stands = !isFragile && ((byte > 0x20 && byte < 0x7F && byte != 0x3D) || isBlank)
            if column + (stands ? 1 : 3) > 75 {
                bytes.append(0x3D)
                bytes.append(0x0D)
                bytes.append(0x0A)
                column = 0
            }
            if stands {
                bytes.append(byte)
            } else {
                bytes.append(0x3D)
                bytes.append(hex[Int(byte >> 4)])
                bytes.append(hex[Int(byte & 15)])
            }
            column += stands ? 1 : 3
        }
    }
}
