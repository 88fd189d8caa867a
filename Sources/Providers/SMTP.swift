public import Core

/// Mail by SMTP submission. Source: RFC 5321 4.2 (codes), RFC 1047 (a time-out after the data leaves the mail in doubt), RFC 3463 and 5248
/// (enhanced codes), RFC 6409 (submission).
///
/// Blind: SMTP has no idempotency key. The `Message-ID` is the same on every retry, which lets a mailbox fold duplicates, but none has to.
public struct SMTP: Provider {
    public static let id = "smtp"
    public static let channel = Channel.mail
    public static let settings = [
        SettingKey("url", .url, required: true, "smtp://host:587 (STARTTLS) or smtps://host:465; a path is the name said in EHLO"),
        SettingKey("user", .text, "user to sign in with"),
        SettingKey("password_file", .secretFile, "file with the user's password"),
        SettingKey("from", .text, required: true, "sender: address or Name <address>"),
        SettingKey("bounce_to", .text, "envelope sender, where bounces go; the address in from if not set"),
        SettingKey("reply_to", .text, "a mailbox that is read"),
        SettingKey("allow_plain", .flag, "do without TLS inside a trusted network"),
    ]

    private let server: Endpoint
    private let login: SMTPLogin?
    private let sender: MailSender
    private let bounceTo: MailAddress

    public init(_ account: AccountSettings) throws(Problems) {
        var reader = AccountReader(account, keys: Self.settings)
        server = reader.endpoint("url", schemes: ["smtps", "smtp"])
        let user = reader.text("user")
        let password = reader.secret("password_file")
        if user.isEmpty != (password == nil) { reader.fail(user.isEmpty ? "user" : "password_file", "user and password_file go together") }
        login = password.map { SMTPLogin(user: user, password: $0) }
        let from = reader.text("from")
        let bounce = reader.mailAddress("bounce_to"), reply = reader.mailAddress("reply_to")
        let parsed = MailSender(from, replyTo: reply)
        if parsed == nil, !from.isEmpty { reader.fail("from", "expected a mail address or Name <address>") }
        try reader.finish()
        guard let parsed else { throw Problems([account.problem("from", "missing: the sender")]) }
        sender = parsed
        bounceTo = bounce ?? parsed.address
    }

    public var guarantee: Guarantee { .blind }
    public var endpoints: [String] { [server.hostPort] }

    public func call(for message: Message, key: IdempotencyKey) throws(CallProblem) -> ProviderCall {
        let (to, subject, text, html) = try message.mail()
        guard Identifier.isValid(message.delivery, limit: 64), !message.delivery.contains("/") else {
            throw CallProblem(.renderError, "the delivery's id cannot stand in a Message-ID")
        }
        let data = MailMessage(
            sender: sender, to: to, subject: subject, text: text, html: html, date: message.plannedAt, id: message.delivery,
            thread: "order." + DerivedName.hex("thread", message.order.description, bytes: 10),
            language: message.locale.rawValue, boundary: "=_" + DerivedName.hex("boundary", message.delivery)
        ).bytes
        // The smallest limit of the large mailbox services is 20 MB; a notice is a thousandth of that.
        guard data.count <= 1_000_000 else { throw CallProblem(.tooLong, "a mail of \(data.count) bytes") }
        return .smtp(SMTPCall(url: server.url, from: bounceTo, to: to, data: data))
    }

    public func authorized(_ call: ProviderCall, with credential: Credential?) -> ProviderCall {
        guard case .smtp(var smtp) = call else { return call }
        smtp.login = login
        return .smtp(smtp)
    }

    /// The last reply. Where in the dialogue it came is in the header `smtp-stage`: `greeting`, `auth`, `mail`, `rcpt`, `data` (the
    /// command) or `end` (after the mail). Without it a bare 550 blames nobody: it may mean the recipient, the sender or the content.
    public func outcome(of reply: ProviderReply) -> Outcome {
        let stage = reply.header("smtp-stage").flatMap(Stage.init)
        if reply.status == 250, stage == nil || stage == .end { return .accepted(id: "") }
        guard (400...599).contains(reply.status) else { return reply.unproven("no final reply") }
        // This server, at any point (RFC 5321 3.8).
        if reply.status == 421 { return reply.outcome(.throttled, EnhancedCode(reply)?.description ?? "") }
        if let code = EnhancedCode(reply), let row = Self.enhanced(code) {
            return reply.outcome(row.class, code.description, scope: .recipient, notBefore: row.wait)
        }
        let row = Self.basic(reply.status, stage), code = EnhancedCode(reply)
        // An enhanced code of another subject says that it was not the address: the basic code is too coarse to suppress one.
        let blamesOther = row.class == .badRecipient && code.map { $0.detail != 0 || $0.subject > 1 } == true
        return reply.outcome(blamesOther ? .badRequest : row.class, code?.description ?? "", notBefore: row.wait)
    }

    enum Stage: String { case greeting, auth, mail, rcpt, data, end }
    typealias Verdict = (class: Outcome.Class, wait: Duration?)

    /// Nil: the enhanced code adds nothing, the basic one decides.
    private static func enhanced(_ code: EnhancedCode) -> Verdict? {
        switch (code.class, code.subject, code.detail) {
        case (5, 1, 1), (5, 1, 2), (5, 1, 3), (5, 1, 6), (5, 1, 10), (5, 2, 1), (5, 4, 4), (5, 6, 7): (.badRecipient, nil)
        case (5, 1, 7), (5, 1, 8): (.authConfig, nil)
        case (5, 2, 2): (.transient, .days(1))
        case (5, 2, 3), (5, 3, 4): (.badRequest, nil)
        case (5, 4, 1), (5, 4, 6): (.transient, nil)
        case (5, 5, _), (5, 6, _): (.badRequest, nil)
        case (5, 7, _): (.authConfig, nil)
        case (4, 2, 1), (4, 2, 2): (.transient, .hours(1))
        case (4, 7, 0), (4, 7, 28), (4, 5, 3): (.throttled, nil)
        case (4, _, _): (.transient, nil)
        default: nil
        }
    }

    private static func basic(_ status: Int, _ stage: Stage?) -> Verdict {
        switch (status, stage) {
        case (500...599, .greeting), (500...599, .auth): (.authConfig, nil)
        case (452, _): (.transient, .hours(1))
        case (400...499, _): (.transient, nil)
        case (550, .rcpt), (551, .rcpt), (553, .rcpt), (501, .rcpt), (556, .rcpt): (.badRecipient, nil)
        case (552, .rcpt): (.transient, .days(1))
        case (550, .mail), (553, .mail), (550, .data), (550, .end): (.authConfig, nil)
        case (530, _), (534, _), (535, _), (538, _), (554, _): (.authConfig, nil)
        default: (.badRequest, nil)
        }
    }
}

/// `5.1.1` at the beginning of a reply's text (RFC 2034), of the same class as the reply's code.
struct EnhancedCode: Hashable, CustomStringConvertible {
    var `class`, subject, detail: Int
    var description: String { "\(`class`).\(subject).\(detail)" }

    init?(_ reply: ProviderReply) {
        var text = reply.text[...]
        if text.hasPrefix("\(reply.status)") { text = text.dropFirst(3).drop { $0 == " " || $0 == "-" } }
        let word = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let numbers = word.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy({ (1...3).contains($0.utf8.count) }) else { return nil }
        let values = numbers.compactMap { Int($0) }
        guard values.count == 3, values[0] == reply.status / 100 else { return nil }
        (self.class, subject, detail) = (values[0], values[1], values[2])
    }
}

extension AccountReader {
    fileprivate mutating func mailAddress(_ key: String) -> MailAddress? {
        guard let text = account.text(key) else { return nil }
        guard let address = MailAddress(text) else {
            fail(key, "not a mail address")
            return nil
        }
        return address
    }
}
