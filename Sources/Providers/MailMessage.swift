import Core

/// Who a mail is from: `Name <address>` or an address alone.
struct MailSender: Sendable, Hashable {
    let name: String
    let address: MailAddress
    let replyTo: MailAddress?
    /// Where it comes from, for the ids.
    let domain: String
    /// The header lines that are the same in every mail, each with its end: `From`, and `Reply-To` if there is one.
    let lines: [UInt8]

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
        domain = address.text.split(separator: "@").last.map(String.init) ?? ""
        let from = "From: \(EncodedWords.phrase(name, after: 6))<\(address.text)>\r\n"
        lines = Array((from + (replyTo.map { "Reply-To: <\($0.text)>\r\n" } ?? "")).utf8)
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
        var out: [UInt8] = []
        out.reserveCapacity(1024 + (text.utf8.count + html.utf8.count) * 3 / 2)
        func add(_ parts: String...) { for part in parts { out.append(contentsOf: part.utf8) } }
        add("Date: ", MailDate.text(date), "\r\n")
        out.append(contentsOf: sender.lines)
        add("To: <", to.text, ">\r\nSubject: ", EncodedWords.unstructured(subject, after: 9))
        add("\r\nMessage-ID: <", id, "@", sender.domain, ">\r\nReferences: <", thread, "@", sender.domain)
        add(">\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\nContent-Language: ", language)
        add("\r\nContent-Type: multipart/alternative; boundary=\"", boundary, "\"\r\n\r\n")
        for (type, content) in [("plain", text), ("html", html)] {
            let encoding = TransferEncoding(content)
            add("--", boundary, "\r\nContent-Type: text/", type, "; charset=utf-8\r\nContent-Transfer-Encoding: ", encoding.name)
            add("\r\n\r\n")
            encoding.write(into: &out)
            add("\r\n")
        }
        add("--", boundary, "--\r\n")
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
        var out = "", word: [UInt8] = [], limit = 39
        func close() {
            if !word.isEmpty { out += (out.isEmpty ? "=?utf-8?b?" : "\r\n =?utf-8?b?") + Base64.encode(word) + "?=" }
            word.removeAll(keepingCapacity: true)
        }
        func add(_ bytes: some Collection<UInt8>) {
            if word.count + bytes.count > limit {
                close()
                limit = 45
            }
            word.append(contentsOf: bytes)
        }
        for character in text {
            let bytes = character.utf8
            if bytes.count <= 45 { add(bytes) } else { for scalar in character.unicodeScalars { add(UTF8.encode(scalar)!) } }
        }
        close()
        return out
    }
}

extension String {
    /// Printable ASCII in which no encoded word can be seen.
    fileprivate var isPlainASCII: Bool { utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && !contains("=?") }
}
