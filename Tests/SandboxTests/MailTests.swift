import Core
import Testing

@testable import Sandbox

@Suite struct SMTPTests {
    static let compose = """
        from email.message import EmailMessage
        def mail(**more):
            m = EmailMessage()
            m["From"] = "Example Pay <no-reply@pay.example>"
            m["To"] = "mei@example.com"
            m["Subject"] = "提现暂停：请确认您的提现申请，我们需要更多的资料才能继续处理"
            m["Message-ID"] = "<att_1@pay.example>"
            m.set_content("您的提现已暂停。\\n.a line that begins with a dot\\n..two\\n", cte="base64")
            m.add_alternative("<p lang=zh>您的提现已<b>暂停</b>。</p>", subtype="html", cte="quoted-printable")
            return m

        """

    @Test("STARTTLS, both ways to log in, dots, encoded words, two parts") func submits() async throws {
        try await withSandbox { world in
            let run = try await world.python(
                Self.compose + """
                    for mechanism in ["PLAIN", "LOGIN"]:
                        with smtplib.SMTP(host, port) as s:
                            s.ehlo()
                            assert s.has_extn("starttls") and not s.has_extn("auth")
                            s.starttls(context=tls); s.ehlo()
                            assert s.has_extn("8bitmime") and s.has_extn("pipelining") and not s.has_extn("starttls"), s.esmtp_features
                            s.user, s.password = "user", "secret"
                            print(s.auth(mechanism, getattr(s, "auth_" + mechanism.lower())))
                            m = mail()
                            print(s.send_message(m, from_addr="bounce+att_1@bounces.example"))
                            print(s.noop(), s.rset())
                    plain = "From: a@x.example\\r\\nSubject: dots\\r\\n\\r\\n.one\\r\\n..two\\r\\n.\\r\\nend\\r\\n"
                    with smtplib.SMTP_SSL(host, sport, context=tls) as s:
                        s.sendmail("a@x.example", ["a@example.com", "b@example.com"], plain)
                    """)
            #expect(run.exit == 0, "\(run.err)")
            let rows = world.ledger.rows()
            #expect(rows.map(\.recipient) == ["mei@example.com", "mei@example.com", "a@example.com", "b@example.com"])
            let mail = try #require(rows.first)
            #expect(mail.title == "提现暂停：请确认您的提现申请，我们需要更多的资料才能继续处理" && mail.sender == "Example Pay <no-reply@pay.example>")
            #expect(mail.text == "您的提现已暂停。\n.a line that begins with a dot\n..two\n")
            #expect(mail.html == "<p lang=zh>您的提现已<b>暂停</b>。</p>\n")
            #expect(mail.ids["envelope_from"] == "bounce+att_1@bounces.example" && mail.ids["message_id"] == "<att_1@pay.example>")
            #expect(rows.last?.text == ".one\n..two\n.\nend\n")
        }
    }

    @Test func refuses() async throws {
        var options = Sandbox.Options()
        options.smtpRequiresLogin = true
        options.smtpLogin = ("user", "secret")
        try await withSandbox(options) { world in
            world.sandbox.switches.retire("gone@example.com")
            let run = try await world.python(
                """
                def code(f):
                    try: return f()[0]
                    except smtplib.SMTPResponseException as e: return e.smtp_code
                out = []
                with smtplib.SMTP(host, port) as s:
                    out.append(s.docmd("MAIL", "FROM:<a@x.example>")[0])
                    s.ehlo()
                    out += [s.docmd("MAIL", "FROM:<a@x.example>")[0], s.docmd("AUTH", "PLAIN AHUAcA==")[0], s.docmd("WHAT")[0]]
                    s.starttls(context=tls); s.ehlo()
                    out += [s.docmd("MAIL", "FROM:<a@x.example>")[0], code(lambda: s.login("user", "wrong")), s.docmd("AUTH", "CRAM-MD5")[0]]
                    out += [code(lambda: s.login("user", "secret")), s.docmd("DATA")[0], s.docmd("RCPT", "TO:<a@b>")[0]]
                    out += [s.docmd("MAIL", "FROM:<a@x.example> SIZE=99999999")[0], s.docmd("MAIL", "FROM:<a@x.example> SIZE=10 BODY=8BITMIME")[0]]
                    out += [s.docmd("RCPT", "TO:<gone@example.com>")[0], s.docmd("RCPT", "TO:nobody")[0], s.docmd("DATA")[0], s.docmd("RSET")[0]]
                print(out)
                """)
            #expect(run.exit == 0, "\(run.err)")
            #expect(run.out == "[530, 530, 538, 500, 530, 535, 504, 235, 503, 503, 552, 250, 550, 501, 554, 250]\n")
            #expect(world.ledger.count == 0)
        }
    }

    @Test func switches() async throws {
        try await withSandbox { world in
            let send = """
                def send():
                    try:
                        with smtplib.SMTP_SSL(host, sport, context=tls) as s:
                            s.sendmail("a@x.example", ["a@example.com"], "Subject: x\\r\\n\\r\\nx\\r\\n")
                            return "ok"
                    except smtplib.SMTPResponseException as e: return e.smtp_code
                    except smtplib.SMTPServerDisconnected: return "hung up"
                print(send())
                """
            var seen: [String] = []
            for kind in [Fault.Kind.status(554), .status(503), .throttle(retryAfter: 1), .drop, .dropAfterAccept, .none] {
                world.sandbox.switches.set(Fault(kind), for: .smtp)
                let run = try await world.python(send)
                seen.append("\(run.out.dropLast()) \(world.ledger.count)")
            }
            #expect(seen == ["554 0", "451 0", "421 0", "hung up 0", "hung up 1", "ok 2"])
        }
    }
}

@Suite struct SMTPSessionTests {
    private func replies(_ steps: [SMTPSession.Step]) -> [String] {
        steps.compactMap { if case .reply(let line) = $0 { line } else { nil } }
    }
    private var open: SMTPSession { SMTPSession(rules: SMTPSession.Rules(requiresTLS: false), isSecure: false) }

    @Test("commands sent ahead of the answers wait for them") func pipelining() {
        var session = open
        let steps = session.receive("EHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n".utf8)
        #expect(replies(steps).suffix(3).map { $0.prefix(3) } == ["250", "250", "354"])
        let sent = session.receive("Subject: x\r\n\r\n..\r\n.\r\nQUIT\r\n".utf8)
        #expect(sent == [.message(.init(from: "a@x", to: ["b@y"], data: Array("Subject: x\r\n\r\n.\r\n".utf8)))])
        #expect(session.resumed() == [.reply("221 2.0.0 bye"), .close])
    }

    @Test("any cut of the bytes makes the same mail", arguments: 1...9) func cuts(size: Int) {
        var session = open
        var steps: [SMTPSession.Step] = []
        let all = Array("EHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\nH: v\r\n\r\n..a\r\n.\nb\r\n\r\n.\r\n".utf8)
        for start in stride(from: 0, to: all.count, by: size) { steps += session.receive(all[start..<min(start + size, all.count)]) }
        #expect(steps.last == .message(.init(from: "a@x", to: ["b@y"], data: Array("H: v\r\n\r\n.a\r\n\nb\r\n\r\n".utf8))))
    }

    @Test("what came in clear after STARTTLS is forgotten (RFC 3207, section 6)") func injection() {
        var session = SMTPSession(rules: SMTPSession.Rules(), isSecure: false)
        let steps = session.receive("EHLO x\r\nSTARTTLS\r\nMAIL FROM:<evil@x>\r\n".utf8)
        #expect(steps.suffix(2) == [.reply("220 2.0.0 ready for TLS"), .startTLS])
        session.secured()
        #expect(session.receive("".utf8) == [])
        #expect(session.receive("MAIL FROM:<a@x>\r\n".utf8) == [.reply("503 5.5.1 EHLO first")])
    }

    @Test func tooBigIsRefusedAfterItsEnd() {
        var session = SMTPSession(rules: SMTPSession.Rules(requiresTLS: false, maximumSize: 100), isSecure: false)
        _ = session.receive("EHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n".utf8)
        #expect(
            session.receive((String(repeating: String(repeating: "x", count: 60) + "\r\n", count: 2) + ".\r\n").utf8) == [
                .reply("552 5.3.4 message too big")
            ])
    }

    @Test func loginCanBeCancelled() {
        var session = SMTPSession(rules: SMTPSession.Rules(), isSecure: true)
        let steps = session.receive("EHLO x\r\nAUTH LOGIN\r\n*\r\nAUTH PLAIN\r\n*\r\nNOOP\r\n".utf8)
        #expect(replies(steps).suffix(5).map { $0.prefix(3) } == ["334", "501", "334", "501", "250"])
    }
}

@Suite struct MailTests {
    @Test(arguments: [
        ("=?utf-8?b?5o+Q546w5pqC5YGc?=", "提现暂停"), ("=?UTF-8?Q?caf=C3=A9_au?= lait", "café au lait"),
        ("=?utf-8?b?5o8=?= =?utf-8?b?kA==?= x", "提 x"), ("a =?iso-8859-1?q?=E9?= b", "a é b"), ("=?x?z?nope?=", "=?x?z?nope?="), ("", ""),
    ])
    func words(encoded: String, plain: String) { #expect(decodedWords(encoded) == plain) }

    @Test func nestedPartsAndFolding() {
        let mail = Mail(
            Array(
                """
                Subject: one\r\n\ttwo\r\nContent-Type: multipart/mixed; boundary="o"\r\n\r\nskip\r\n--o\r\n\
                Content-Type: multipart/alternative;\r\n boundary=i\r\n\r\n--i\r\nContent-Type: text/plain; charset=utf-8\r\n\
                Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\nc\r\n--i\r\nContent-Type: text/html\r\n\
                Content-Transfer-Encoding: base64\r\n\r\nPGI+eDwvYj4=\r\n--i--\r\n--o--\r\n
                """.utf8))
        #expect(mail["subject"] == "one two" && mail.text == "a=bc" && mail.html == "<b>x</b>")
    }

    @Test(arguments: [
        "", "\r\n", "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x", "A: b", "=",
        "Content-Type: multipart/mixed\r\n\r\n--\r\n--\r\n--",
    ])
    func neverTraps(_ text: String) { _ = Mail(Array(text.utf8)) }
}

@Test(arguments: [
    (String(repeating: "a", count: 160), "GSM-7", 1), (String(repeating: "a", count: 161), "GSM-7", 2),
    (String(repeating: "€", count: 80), "GSM-7", 1),
    (String(repeating: "提", count: 70), "UCS-2", 1), (String(repeating: "提", count: 71), "UCS-2", 2), ("é", "GSM-7", 1), ("•", "UCS-2", 1),
    (String(repeating: "a", count: 152) + "€" + String(repeating: "a", count: 152), "GSM-7", 3),
    (String(repeating: "提", count: 66) + "😀" + String(repeating: "提", count: 66), "UCS-2", 3),
])
func segments(text: String, alphabet: String, count: Int) {
    #expect(Segments(text).alphabet.rawValue == alphabet && Segments(text).count == count)
}
