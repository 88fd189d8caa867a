import Core
import Foundation
import Providers
import Testing

@Suite struct SMTPTests {
    @Test("the call carries the envelope, the server and no password")
    func call() throws {
        let smtp = try Sample.make(SMTP.self)
        let call = try #require(try smtp.call(for: Sample.message(.mail), key: Sample.key).smtp)
        #expect(call.url == "smtp://mail.example.com:587/disp.example.com")
        #expect(call.from.text == "bounce@pay.example" && call.to.text == "a@example.net" && call.login == nil)
        #expect(smtp.authorized(.smtp(call), with: nil).smtp?.login == SMTPLogin(user: "clarion", password: Sensitive(Sample.token)))
        #expect(smtp.guarantee == .blind && smtp.endpoints == ["mail.example.com:587"])
    }

    @Test(
        "ports default to submission",
        arguments: [
            ("smtp://mail.example.com", "smtp://mail.example.com:587", "mail.example.com:587"),
            ("smtps://mail.example.com", "smtps://mail.example.com", "mail.example.com:465"),
            ("smtp://[2001:db8::1]:25", "smtp://[2001:db8::1]:25", "[2001:db8::1]:25"),
        ])
    func ports(_ url: String, _ written: String, _ contacted: String) throws {
        let smtp = try Sample.make(SMTP.self, changing: ["url": .text(url)])
        #expect(try smtp.call(for: Sample.message(.mail), key: Sample.key).smtp?.url == written)
        #expect(smtp.endpoints == [contacted])
    }

    @Test(
        "each documented reply",
        arguments: [
            ("end", 250, "2.0.0 queued as 1", Outcome.Class.accepted, ""), ("end", 250, "OK", .accepted, ""),
            // A code left over from before the connection broke proves nothing.
            ("rcpt", 250, "2.1.5 Ok", .ambiguous, ""), ("data", 354, "go ahead", .ambiguous, ""),
            ("greeting", 220, "hello", .ambiguous, ""),
            ("greeting", 450, "later", .transient, ""), ("greeting", 554, "no", .authConfig, ""),
            ("greeting", 521, "no mail", .authConfig, ""),
            ("auth", 535, "5.7.8 bad", .authConfig, "5.7.8"), ("auth", 534, "5.7.9 weak", .authConfig, "5.7.9"),
            ("auth", 454, "4.7.0 later", .throttled, "4.7.0"),
            ("auth", 454, "later", .transient, ""), ("mail", 530, "5.7.0 must", .authConfig, "5.7.0"),
            ("rcpt", 550, "5.1.1 No such user", .badRecipient, "5.1.1"), ("rcpt", 550, "5.1.6 moved", .badRecipient, "5.1.6"),
            ("rcpt", 556, "5.1.10 null MX", .badRecipient, "5.1.10"), ("rcpt", 550, "no such user", .badRecipient, ""),
            ("rcpt", 551, "not here", .badRecipient, ""), ("rcpt", 553, "bad name", .badRecipient, ""),
            ("rcpt", 550, "5.1.2 domain", .badRecipient, "5.1.2"),
            ("rcpt", 501, "5.1.3 syntax", .badRecipient, "5.1.3"), ("rcpt", 501, "syntax", .badRecipient, ""),
            ("rcpt", 550, "5.2.1 disabled", .badRecipient, "5.2.1"), ("rcpt", 450, "4.2.1 for now", .transient, "4.2.1"),
            ("rcpt", 452, "4.2.2 full", .transient, "4.2.2"), ("mail", 452, "storage", .transient, ""),
            ("rcpt", 552, "5.2.2 full", .transient, "5.2.2"),
            ("rcpt", 552, "full", .transient, ""), ("end", 552, "5.2.3 too big", .badRequest, "5.2.3"),
            ("mail", 552, "5.3.4 too big", .badRequest, "5.3.4"),
            ("mail", 552, "too big", .badRequest, ""), ("end", 552, "too big", .badRequest, ""),
            ("end", 451, "4.3.0 system", .transient, "4.3.0"),
            ("rcpt", 451, "4.4.1 network", .transient, "4.4.1"), ("rcpt", 451, "4.7.1 Greylisted", .transient, "4.7.1"),
            ("rcpt", 450, "busy", .transient, ""),
            ("rcpt", 450, "4.7.0 reputation", .throttled, "4.7.0"), ("end", 450, "4.7.28 rate", .throttled, "4.7.28"),
            ("rcpt", 452, "4.5.3 too many", .throttled, "4.5.3"), ("mail", 421, "4.7.0 rate", .throttled, "4.7.0"),
            ("rcpt", 421, "closing", .throttled, ""),
            ("rcpt", 550, "5.4.4 no route", .badRecipient, "5.4.4"), ("rcpt", 550, "5.4.1 no answer", .transient, "5.4.1"),
            ("rcpt", 554, "5.4.6 loop", .transient, "5.4.6"), ("data", 500, "5.5.1 what", .badRequest, "5.5.1"),
            ("data", 500, "what", .badRequest, ""),
            ("data", 502, "what", .badRequest, ""), ("data", 503, "order", .badRequest, ""), ("data", 504, "what", .badRequest, ""),
            ("end", 554, "5.6.0 content", .badRequest, "5.6.0"), ("end", 550, "5.7.1 spam", .authConfig, "5.7.1"),
            ("end", 554, "no", .authConfig, ""),
            ("rcpt", 550, "5.7.1 relaying denied", .authConfig, "5.7.1"), ("end", 550, "5.7.26 DMARC", .authConfig, "5.7.26"),
            ("mail", 550, "5.1.7 sender", .authConfig, "5.1.7"), ("mail", 550, "5.1.8 sender", .authConfig, "5.1.8"),
            ("mail", 553, "sender", .authConfig, ""),
            ("rcpt", 553, "5.6.7 SMTPUTF8", .badRecipient, "5.6.7"),
            // Unknown codes, and codes whose place is not known, suppress no address.
            ("rcpt", 599, "what", .badRequest, ""), ("rcpt", 550, "5.3.9 system", .badRequest, "5.3.9"),
            ("rcpt", 550, "5.1.99 new", .badRequest, "5.1.99"),
            ("", 550, "no such user", .badRequest, ""), ("end", 550, "no such user", .authConfig, ""),
            ("", 550, "5.1.1 No such user", .badRecipient, "5.1.1"),
            // An enhanced code of another class than the reply's, or in the middle of the text, is none.
            ("rcpt", 450, "5.1.1 odd", .transient, ""), ("end", 554, "see 5.1.1", .authConfig, ""),
            ("end", 554, "5.1.1.1 odd", .authConfig, ""),
        ])
    func replies(_ stage: String, _ status: Int, _ text: String, _ expected: Outcome.Class, _ code: String) throws {
        let smtp = try Sample.make(SMTP.self)
        for body in [text, "\(status) \(text)", "\(status)-\(text)\r\n\(status) more"] {
            let headers = stage.isEmpty ? [] : [(name: "smtp-stage", value: stage)]
            let outcome = smtp.outcome(of: ProviderReply(status: status, headers: headers, body: Array(body.utf8)))
            #expect(outcome.class == expected, "\(body)")
            #expect(outcome.detail?.code ?? "" == code, "\(body)")
        }
    }

    @Test(
        "every code at every stage is one outcome, and an unknown one never blames the recipient",
        arguments: ["greeting", "auth", "mail", "rcpt", "data", "end", "what", ""])
    func total(_ stage: String) throws {
        let smtp = try Sample.make(SMTP.self)
        for status in 100...599 {
            for text in ["", "5.9.9 x", "4.9.9 x", "5.", "5.1", "5.1.1111 x", "\u{FFFD}"] {
                let outcome = smtp.outcome(of: ProviderReply(status: status, headers: [("smtp-stage", stage)], body: Array(text.utf8)))
                if outcome.class == .badRecipient {
                    #expect(stage == "rcpt" && [501, 550, 551, 553, 556].contains(status), "\(status) \(text)")
                }
                if outcome.class == .accepted { #expect(status == 250 && !["greeting", "auth", "mail", "rcpt", "data"].contains(stage)) }
            }
        }
    }

    @Test(
        "settings that cannot work",
        arguments: [
            ("from", AccountSettings.Value.Kind.text("Clarion")), ("from", .text("Clarion <a@b>, <c@d>")),
            ("from", .text("a@b\r\nBcc: c@d")), ("from", .text("a@b <c@d>")),
            ("bounce_to", .text("not an address")), ("reply_to", .text("<a@b>")), ("url", .text("https://mail.example.com")),
            ("url", .text("smtp://user:pw@mail.example.com")),
        ])
    func mistakes(_ key: String, _ value: AccountSettings.Value.Kind) throws {
        let problems = #expect(throws: Problems.self) { try Sample.make(SMTP.self, changing: [key: value]) }
        #expect(problems?.all.contains { $0.key == "accounts.sample.\(key)" } == true)
    }

    @Test("a user without a password and a password without a user")
    func halfLogin() throws {
        #expect(throws: Problems.self) { try Sample.make(SMTP.self, changing: ["password_file": nil]) }
        #expect(throws: Problems.self) { try Sample.make(SMTP.self, changing: ["user": nil]) }
        let open = try Sample.make(SMTP.self, changing: ["user": nil, "password_file": nil])
        let call = try open.call(for: Sample.message(.mail), key: Sample.key)
        #expect(open.authorized(call, with: nil) == call)
    }
}

/// The mail is read back with Python's email package: another reading of the same RFCs.
@Suite struct MailMessageTests {
    struct Parsed: Decodable {
        var headers: [[String]]
        var fromName, fromAddress: String
        var to: [String]
        var date: Int64
        var types, encodings, bodies, defects: [String]
        func header(_ name: String) -> [String] { headers.filter { $0[0].lowercased() == name.lowercased() }.map { $0[1] } }
    }

    static func parse(_ data: [UInt8], file: String = #filePath) throws -> Parsed {
        let script = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "Fixtures/providers/read_mail.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path]
        let input = Pipe(), output = Pipe()
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: data)
        try input.fileHandleForWriting.close()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try JSONDecoder().decode(Parsed.self, from: text)
    }

    static func mail(
        subject: String = "Withdrawal on hold", text: String = "Hello.", html: String = "<p>Hello.</p>", from: String = "risk@pay.example",
        changing: [String: AccountSettings.Value.Kind?] = [:]
    ) throws -> [UInt8] {
        var message = Sample.message(.mail)
        message.content = .mail(subject: subject, text: text, html: html)
        let smtp = try Sample.make(SMTP.self, changing: changing.merging(["from": .text(from)]) { first, _ in first })
        return try #require(try smtp.call(for: message, key: Sample.key).smtp).data
    }

    @Test("a short mail, byte for byte")
    func golden() throws {
        let boundary = try #require(String(decoding: Self.mail(), as: UTF8.self).split(separator: "\"").dropFirst().first)
        #expect(boundary.hasPrefix("=_") && boundary.utf8.count == 34)
        #expect(
            String(decoding: try Self.mail(), as: UTF8.self)
                == """
                Date: Tue, 14 Nov 2023 22:13:20 +0000
                From: <risk@pay.example>
                To: <a@example.net>
                Subject: Withdrawal on hold
                Message-ID: <dlv_01J9ZK3M5N7P9Q@pay.example>
                References: <order.daeb568465cdeded17fe@pay.example>
                Auto-Submitted: auto-generated
                X-Auto-Response-Suppress: All
                MIME-Version: 1.0
                Content-Language: en
                Content-Type: multipart/alternative; boundary="\(boundary)"

                --\(boundary)
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                Hello.
                --\(boundary)
                Content-Type: text/html; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                <p>Hello.</p>
                --\(boundary)--

                """.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"))
    }

    static let subjects = [
        "Withdrawal on hold", "提现暂停", "【示例】您的提现需要确认，请尽快打开应用查看处理进度并按提示补充材料以便我们继续处理",
        String(repeating: "A long subject of plain words ", count: 8) + "end", "Überweisung zurückgehalten", "=?utf-8?b?x?=",
        "تم تعليق السحب الخاص بك",
        String(repeating: "👩‍👩‍👧‍👦", count: 12), "a", " leading and trailing ", "\"quotes\" <and> (comments), commas; colons:",
        String(repeating: "x", count: 300),
    ]

    @Test("subjects and names come back as they were", arguments: subjects)
    func headers(_ subject: String) throws {
        let name = subject.filter { $0 != "\"" && $0 != "<" && $0 != ">" }.trimmingCharacters(in: .whitespaces)
        let data = try Self.mail(subject: subject, from: "\(name) <risk@pay.example>", changing: ["reply_to": .text("help@pay.example")])
        let mail = try Self.parse(data)
        #expect(mail.defects == [])
        #expect(mail.header("subject") == [subject])
        #expect(mail.fromName == name)
        #expect(mail.fromAddress == "risk@pay.example" && mail.to == ["a@example.net"])
        #expect(mail.date == 1_700_000_000)
        #expect(mail.header("message-id") == ["<dlv_01J9ZK3M5N7P9Q@pay.example>"] && mail.header("reply-to") == ["help@pay.example"])
        #expect(mail.header("auto-submitted") == ["auto-generated"] && mail.header("list-unsubscribe") == [])
        Self.checkLines(data)
    }

    static let bodies = [
        "Hello.", "", "您的提现 WD1 正在审核。\n\n预计 24 小时内完成。", "line\r\nother\rthird\nfourth\n",
        "Grüße aus Köln, ein Satz mit wenigen Umlauten, sonst ASCII.",
        ".\n..\n.leading dot\nFrom here on", "trailing space \ntrailing tab\t\n = equals =3D", String(repeating: "long ", count: 400),
        String(repeating: "长", count: 2000), String(repeating: "é", count: 100) + String(repeating: "x", count: 900), "😀 مرحبا \u{200F}123",
        "--=_boundary\n--",
    ]

    @Test("bodies come back as they were, as text and as HTML", arguments: bodies.filter { !$0.isEmpty })
    func parts(_ text: String) throws {
        let data = try Self.mail(text: text, html: "<p lang=\"zh\">\(text)</p>")
        let mail = try Self.parse(data)
        #expect(mail.defects == [])
        #expect(mail.types == ["multipart/alternative", "text/plain", "text/html"])
        #expect(mail.bodies.map(Self.unified) == [Self.unified(text), Self.unified("<p lang=\"zh\">\(text)</p>")])
        #expect(mail.encodings.dropFirst().allSatisfy { ["base64", "quoted-printable"].contains($0) })
        Self.checkLines(data)
    }

    static func unified(_ text: String) -> String {
        text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
    }

    /// CRLF only, 7-bit, and no line over 76 characters but a header that cannot be folded.
    static func checkLines(_ data: [UInt8]) {
        #expect(data.allSatisfy { $0 < 0x80 && ($0 >= 0x20 || $0 == 0x0D || $0 == 0x0A) })
        for (n, byte) in data.enumerated() {
            if byte == 0x0A { #expect(n > 0 && data[n - 1] == 0x0D) }
            if byte == 0x0D { #expect(n + 1 < data.count && data[n + 1] == 0x0A) }
        }
        for line in String(decoding: data, as: UTF8.self).components(separatedBy: "\r\n") {
            #expect(line.utf8.count <= 76 || line.hasPrefix("Content-Type: multipart"), "\(line)")
        }
    }

    @Test(
        "a subject that would add a header is refused",
        arguments: ["x\r\nBcc: evil@example.com", "x\nBcc: evil@example.com", "x\rBcc: e@example.com", "x\u{0}", "\u{85}", "x\u{2028}"])
    func injection(_ subject: String) throws {
        let problem = #expect(throws: CallProblem.self) { try Self.mail(subject: subject) }
        #expect(problem?.reason == .renderError && problem?.words.contains("evil") == false)
    }

    @Test("a text cannot end its part early")
    func boundary() throws {
        let boundary = try #require(String(decoding: Self.mail(), as: UTF8.self).split(separator: "\"").dropFirst().first)
        let mail = try Self.parse(try Self.mail(text: "a\n--\(boundary)--\nb"))
        #expect(mail.types.count == 3 && Self.unified(mail.bodies[0]) == "a\n--\(boundary)--\nb")
    }

    @Test(
        "dates",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (1_795_333_064, "Sun, 22 Nov 2026 07:37:44 +0000"),
        ])
    func dates(_ seconds: Int64, _ text: String) throws {
        var message = Sample.message(.mail)
        message.plannedAt = Timestamp(seconds: seconds)
        let data = try Sample.make(SMTP.self).call(for: message, key: Sample.key).smtp?.data ?? []
        #expect(String(decoding: data, as: UTF8.self).hasPrefix("Date: \(text)\r\n"))
    }
}
