/// Follows an SMTP dialogue by the lines of both sides: the code and text of the last complete reply, and what it answered.
struct SMTPReplyReader {
    /// Where in the dialogue a reply came; the raw value is the header `smtp-stage` of the answer. `data` is the command, `end` the end of the
    /// mail. Whatever comes before the login, HELO and STARTTLS too, is `greeting`.
    enum Stage: String { case greeting, auth, mail, rcpt, data, end }

    /// 0 before the greeting.
    private(set) var status = 0
    private(set) var text: [UInt8] = []
    /// What the last complete reply answered.
    private(set) var stage = Stage.greeting

    private var replies = 0
    private var asked = Stage.greeting
    /// The answer to QUIT says nothing about the mail, and may be that of another connection, which libcurl closes on the way.
    private(set) var hasQuit = false

    var isRefusal: Bool { status >= 400 }
    var isGreeting: Bool { replies == 1 }

    /// A line of the client. It may hold a password: only its verb is looked at, and only where the dialogue can have it, since a line of a
    /// login is any word in base64.
    mutating func take(command line: UnsafeRawBufferPointer) {
        let verb = String(decoding: line.prefix { $0 > 0x20 }.prefix(8), as: UTF8.self)
        switch (asked, verb) {
        case (_, "QUIT") where line.count <= 6:
            hasQuit = true
            return
        case (.greeting, "AUTH"): asked = .auth
        case (.greeting, "MAIL"), (.auth, "MAIL"):
            // The word alone could be a password; nothing but MAIL has a sender behind it.
            if line.count > verb.utf8.count + 2 { asked = .mail }
        case (.mail, "RCPT"): asked = .rcpt
        case (.rcpt, "DATA"): asked = .data
        default: break
        }
        hasQuit = false
    }

    /// `250-SIZE` continues, `250 2.1.5 Ok` ends a reply (RFC 5321 4.2.1). True when this line ended one.
    mutating func take(line: UnsafeRawBufferPointer) -> Bool {
        guard !hasQuit else { return false }
        var end = line.endIndex
        while end > 0, line[end - 1] == 0x0A || line[end - 1] == 0x0D { end -= 1 }
        guard end >= 3, let code = Int(String(decoding: line[..<3], as: UTF8.self)), (200...599).contains(code) else { return false }
        if end > 3, line[3] == 0x2D { return false }
        status = code
        text = end > 4 ? Array(line[4..<min(end, 1024)]) : []
        stage = asked
        replies += 1
        if asked == .data, code == 354 { asked = .end }
        return true
    }
}
