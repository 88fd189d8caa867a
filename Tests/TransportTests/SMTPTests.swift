import Core
import TestKit
import Testing

@testable import Transport

/// Mail in dialogues with a server that says what the script says.
@Suite struct SMTPTests {
    static let greeting: [ScriptedServer.Step] = [.send("220 mx ready\r\n"), .readLine, .send("250-mx\r\n250 8BITMIME\r\n")]
    static let envelope: [ScriptedServer.Step] = [
        .readLine, .send("250 2.1.0 Ok\r\n"), .readLine, .send("250 2.1.5 Ok\r\n"), .readLine, .send("354 go\r\n"),
    ]
    static let accepted: [ScriptedServer.Step] = envelope + [.readMessage, .send("250 2.0.0 Ok: queued as 77\r\n")]

    @Test func aMailIsAccepted() async throws {
        let server = try ScriptedServer([Self.greeting + Self.accepted])
        let reply = try #require(try await result(of: mailCall(server.mailURL, data: "Subject: t\r\n\r\n.dot\r\nheld\r\n")).reply)
        #expect((reply.status, String(decoding: reply.body, as: UTF8.self)) == (250, "2.0.0 Ok: queued as 77"))
        #expect(
            server.received == [
                "EHLO disp.example.com\r\nMAIL FROM:<bounce@pay.example>\r\nRCPT TO:<a@example.net>\r\nDATA\r\n"
                    + "Subject: t\r\n\r\n..dot\r\nheld\r\n.\r\n"
            ])
    }

    @Test func aSessionCarriesTheNextMail() async throws {
        let server = try ScriptedServer([Self.greeting + Self.accepted + Self.accepted + [.hold]])
        try await withTransport(plainAccount { $0.maxInFlight = 1 }) { transport in
            for _ in 1...2 { #expect(await transport.perform(mailCall(server.mailURL), on: "acct").reply?.status == 250) }
        }
        #expect(server.received.count == 1)
        await server.ended(connection: 0)
        #expect(server.received[0].hasSuffix(".\r\nQUIT\r\n"))
    }

    struct Refusal: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var script: [ScriptedServer.Step]
        var stage: String
        var status: Int
        var text: String
        init(_ at: String, _ script: [ScriptedServer.Step], _ stage: String, _ status: Int, _ text: String) {
            (testDescription, self.script, self.stage, self.status, self.text) = (at, script, stage, status, text)
        }
    }
    @Test(arguments: [
        Refusal("at the greeting, for now", [.send("421 4.3.2 busy\r\n")], "greeting", 421, "4.3.2 busy"),
        Refusal("at the greeting, for good", [.send("554 5.7.1 listed\r\n"), .hold], "greeting", 554, "5.7.1 listed"),
        Refusal("at MAIL", greeting + [.readLine, .send("451 4.7.1 Later\r\n"), .hold], "mail", 451, "4.7.1 Later"),
        Refusal(
            "at RCPT", greeting + Array(envelope[..<3]) + [.send("550-5.1.1 No\r\n550 5.1.1 such user\r\n"), .hold], "rcpt", 550,
            "5.1.1 such user"),
        Refusal(
            "at RCPT of the second mail of a session",
            greeting + accepted + Array(envelope[..<3]) + [.send("550 No such user\r\n"), .hold], "rcpt", 550, "No such user"),
        Refusal("at DATA", greeting + Array(envelope[..<5]) + [.send("452 4.3.1 Full\r\n"), .hold], "data", 452, "4.3.1 Full"),
        Refusal(
            "after the message, for now", greeting + envelope + [.readMessage, .send("451 4.3.0 Try\r\n"), .hold], "end", 451, "4.3.0 Try"),
        Refusal(
            "after the message, for good", greeting + envelope + [.readMessage, .send("554 5.6.0 Spam\r\n"), .hold], "end", 554,
            "5.6.0 Spam"),
        Refusal(
            "by a server that hangs up at once", greeting + envelope + [.readMessage, .send("550 5.7.1 No\r\n")], "end", 550, "5.7.1 No"),
    ])
    func aRefusalIsAnAnswer(_ refusal: Refusal) async throws {
        let server = try ScriptedServer([refusal.script])
        try await withTransport(plainAccount { $0.maxInFlight = 1 }) { transport in
            if refusal.stage == "rcpt", refusal.script.count > 10 {
                let first = try #require(await transport.perform(mailCall(server.mailURL), on: "acct").reply)
                #expect((first.status, first.header("smtp-stage")) == (250, "end"))
            }
            let reply = try #require(await transport.perform(mailCall(server.mailURL), on: "acct").reply)
            #expect((reply.status, String(decoding: reply.body, as: UTF8.self)) == (refusal.status, refusal.text))
            #expect(reply.header("smtp-stage") == refusal.stage)
        }
    }

    /// What the reader makes of a dialogue: `>` is a command, `<` an answer.
    @Test(
        "the stage is that of the command that was answered",
        arguments: [
            (
                [
                    "<220 a", ">EHLO b", "<250-a", "<250 AUTH LOGIN", ">AUTH LOGIN", "<334 VXNl", ">REFUQQ==", "<334 UGFz", ">DATA",
                    "<535 no",
                ], 535, "auth"
            ),
            (["<220 a", ">EHLO b", "<250 a", ">STARTTLS", "<220 go", ">EHLO b", "<554 no"], 554, "greeting"),
            ([">MAIL FROM:<a@b.c>", "<250 ok", ">RCPT TO:<quit@b.c>", "<550 no", ">QUIT", "<221 bye"], 550, "rcpt"),
            (
                [">MAIL FROM:<a@b.c>", "<250 ok", ">RCPT TO:<a@b.c>", "<250 ok", ">DATA", "<354 go", "<250 ok", ">QUIT", "<221 bye"], 250,
                "end"
            ),
        ])
    func stages(_ dialogue: [String], status: Int, stage: String) {
        var reader = SMTPReplyReader()
        for line in dialogue {
            Array((line.dropFirst() + "\r\n").utf8).withUnsafeBytes { bytes in
                if line.hasPrefix(">") { reader.take(command: bytes) } else { _ = reader.take(line: bytes) }
            }
        }
        #expect((reader.status, reader.stage.rawValue) == (status, stage))
    }

    struct Loss: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var script: [ScriptedServer.Step]
        var sent: Bool
        var status: Int
        init(_ at: String, _ script: [ScriptedServer.Step], sent: Bool, status: Int) {
            (testDescription, self.script, self.sent, self.status) = (at, script, sent, status)
        }
    }
    @Test(
        "a connection lost",
        arguments: [
            Loss("before the greeting", [], sent: false, status: 0),
            Loss("after EHLO", greeting, sent: false, status: 250),
            Loss("after RCPT", greeting + Array(envelope[..<4]), sent: false, status: 250),
            Loss("at DATA", greeting + Array(envelope[..<5]), sent: false, status: 250),
            Loss("after the final dot", greeting + envelope + [.readMessage], sent: true, status: 354),
            Loss("after the final dot by a reset", greeting + envelope + [.readMessage, .reset], sent: true, status: 354),
            Loss("inside the last reply", greeting + envelope + [.readMessage, .send("250 2.0")], sent: true, status: 354),
        ])
    func lost(_ loss: Loss) async throws {
        let server = try ScriptedServer([loss.script])
        let failure = try #require(try await result(of: mailCall(server.mailURL)).failure)
        #expect((failure.mayHaveBeenSent, failure.smtpStatus) == (loss.sent, loss.status), "\(failure)")
    }

    @Test("silence", arguments: [(greeting, false), (greeting + envelope + [.readMessage], true)])
    func timeout(_ script: [ScriptedServer.Step], sent: Bool) async throws {
        let server = try ScriptedServer([script + [.hold]])
        let account = plainAccount { $0.timeout = .milliseconds(400) }
        let failure = try #require(try await result(of: mailCall(server.mailURL), account).failure)
        #expect((failure.cause, failure.mayHaveBeenSent) == (.timeout, sent))
    }

    @Test func withoutSTARTTLSNothingIsSaid() async throws {
        let server = try ScriptedServer([Self.greeting + Self.accepted])
        let account = TransportAccount(name: "acct", addresses: .loopbackOnly)
        let login = SMTPLogin(user: "u", password: Sensitive("secret"))
        let failure = try #require(try await result(of: mailCall(server.mailURL, login: login), account).failure)
        #expect((failure.cause, failure.mayHaveBeenSent) == (.tlsMissing, false))
        #expect(Outcome(failure).class == .authConfig)
        #expect(server.count(of: "MAIL") + server.count(of: "AUTH") == 0)
    }

    @Test func logsIn() async throws {
        let ehlo: [ScriptedServer.Step] = [.send("220 mx\r\n"), .readLine, .send("250-mx\r\n250 AUTH PLAIN\r\n"), .readLine]
        let login = SMTPLogin(user: "u", password: Sensitive("secret"))
        let good = try ScriptedServer([ehlo + [.send("235 2.7.0 in\r\n")] + Self.accepted])
        #expect(try await result(of: mailCall(good.mailURL, login: login)).reply?.status == 250)
        #expect(good.received[0].contains("AUTH PLAIN \(Base64.encode(Array("\u{0}u\u{0}secret".utf8)))\r\n"))
        let bad = try ScriptedServer([ehlo + [.send("535 5.7.8 bad\r\n"), .hold]])
        let refused = try await result(of: mailCall(bad.mailURL, login: login)).reply
        #expect((refused?.status, refused?.header("smtp-stage")) == (535, "auth"))
        // The login does not stay in the handle.
        let none = try ScriptedServer([ehlo[..<3] + Self.accepted])
        try await withTransport(plainAccount()) { transport in
            let first = try ScriptedServer([ehlo + [.send("235 2.7.0 in\r\n")] + Self.accepted])
            _ = await transport.perform(mailCall(first.mailURL, login: login), on: "acct")
            #expect(await transport.perform(mailCall(none.mailURL), on: "acct").reply?.status == 250)
        }
        #expect(none.count(of: "AUTH") == 0)
    }

    @Test(
        "no bare line end, which some servers read as the end of the message", arguments: ["a\n.\nb\r\n", "a\r.\r\n", "a\r\n.\n", "", "\r"])
    func smuggling(_ data: String) async throws {
        let server = try ScriptedServer([Self.greeting + Self.accepted])
        let failure = try #require(try await result(of: mailCall(server.mailURL, data: data)).failure)
        #expect(!failure.mayHaveBeenSent)
        #expect(server.received.isEmpty)
    }

    @Test func aServerThatThinksLongHoldsNoOtherKindUp() async throws {
        // libcurl waits for the answer to the final dot without giving the thread back.
        let slow = try ScriptedServer([Self.greeting + Self.envelope + [.readMessage, .wait, .send("250 2.0.0 Ok\r\n")]])
        let server = try ScriptedServer([answering(1)])
        try await withTransport(plainAccount { $0.maxInFlight = 1 }) { transport in
            let mail = Task { await transport.perform(mailCall(slow.mailURL), on: "acct") }
            await slow.reached(steps: Self.greeting.count + Self.envelope.count + 1)
            #expect(await transport.perform(httpCall(server.url), on: "acct").text == "ok")
            slow.go()
            #expect(await mail.value.reply?.status == 250)
        }
    }

    static let thinking: [ScriptedServer.Step] = greeting + envelope + [.readMessage, .wait, .send("250 2.0.0 Ok\r\n"), .hold]

    @Test("a server that thinks long about one mail holds no other up", arguments: ["acct", "other"])
    func thinkingLong(_ account: String) async throws {
        let server = try ScriptedServer([Self.thinking, Self.greeting + Self.accepted + Self.accepted])
        var other = plainAccount { $0.maxInFlight = 1 }
        other.name = "other"
        try await withTransport(plainAccount { $0.maxInFlight = 2 }, other) { transport in
            let first = Task { await transport.perform(mailCall(server.mailURL), on: "acct") }
            await server.reached(steps: Self.greeting.count + Self.envelope.count + 1)
            for _ in 1...2 { #expect(await transport.perform(mailCall(server.mailURL), on: account).reply?.status == 250) }
            server.go()
            #expect(await first.value.reply?.status == 250)
        }
    }

    @Test func mailsBeyondTheAccountsShareWaitTheirTurn() async throws {
        let server = try ScriptedServer([Self.thinking + Self.accepted])
        try await withTransport(plainAccount { ($0.maxInFlight, $0.maxQueued) = (1, 1) }) { transport in
            let first = Task { await transport.perform(mailCall(server.mailURL), on: "acct") }
            await server.reached(steps: Self.greeting.count + Self.envelope.count + 1)
            let second = Task { await transport.perform(mailCall(server.mailURL), on: "acct") }
            // One waits; whoever comes when that place is taken is told at once.
            var causes: [TransferFailure?] = []
            while causes.last.map({ $0 != .busy }) ?? true {
                let third = Task { await transport.perform(mailCall(server.mailURL), on: "acct") }
                third.cancel()
                causes.append(await third.value.failure)
                #expect(causes.last.map { $0 == .busy || $0 == .neverStarted } == true)
            }
            second.cancel()
            #expect(await second.value.failure == .neverStarted)
            server.go()
            #expect(await first.value.reply?.status == 250)
        }
        #expect(server.count(of: "MAIL FROM") == 1)
    }

    @Test("a batch of mails goes over the connections there are, one after the other", arguments: [1, 3])
    func aBatch(_ threads: Int) async throws {
        let session = Self.greeting + (1...40).flatMap { _ in Self.accepted }
        let server = try ScriptedServer([session])
        let collector = LoopTests.Collector(40)
        try await withTransport(plainAccount { $0.maxInFlight = threads }) { transport in
            transport.onCompletions { collector.take($0) }
            let batch = (1...40).map { Submission(ticket: $0, account: "acct", call: mailCall(server.mailURL)) }
            #expect(transport.submit(batch).isEmpty)
            let done = await collector.all
            #expect(done.map(\.ticket).sorted() == Array(1...40))
            #expect(done.allSatisfy { $0.result.reply?.status == 250 })
        }
        #expect((1...threads).contains(server.received.count))
        #expect(server.count(of: "MAIL FROM") == 40)
    }

    @Test func mailForNobodyIsRefusedByItself() async throws {
        let collector = LoopTests.Collector(2)
        try await withTransport(plainAccount()) { transport in
            transport.onCompletions { collector.take($0) }
            let call = mailCall("smtp://127.0.0.1:1/x")
            #expect(
                transport.submit([Submission(ticket: 1, account: "nobody", call: call), Submission(ticket: 2, account: "acct", call: call)])
                    .isEmpty)
            let causes = Dictionary(uniqueKeysWithValues: await collector.all.map { ($0.ticket, $0.result.failure?.cause) })
            #expect(causes == [1: .other, 2: .connect])
        }
    }

    @Test func aStopWaitsForNoServerThatThinks() async throws {
        let server = try ScriptedServer([Self.thinking])
        let transport = Transport()
        transport.register(plainAccount { ($0.timeout, $0.maxInFlight) = (.seconds(60), 1) })
        let sent = Task { await transport.perform(mailCall(server.mailURL), on: "acct") }
        await server.reached(steps: Self.greeting.count + Self.envelope.count + 1)
        await transport.shutdown(within: .zero)
        // The server still thinks: nobody said go.
        #expect(await sent.value.failure?.mayHaveBeenSent == true)
        #expect(await transport.perform(mailCall(server.mailURL), on: "acct").failure == .busy)
    }

    @Test(
        "a server that refuses and never answers QUIT holds nobody up",
        arguments: [
            [.send("554 5.7.1 listed\r\n")], greeting + [.readLine, .send("550 5.7.1 No\r\n")],
            greeting + accepted + Array(envelope[..<3]) + [.send("550 5.1.1 No\r\n")],
        ])
    func aHangingQuit(_ script: [ScriptedServer.Step]) async throws {
        let server = try ScriptedServer([script + [.readLine, .hold]])
        try await withTransport(plainAccount { $0.maxInFlight = 1 }) { transport in
            if script.count > 10 { #expect(await transport.perform(mailCall(server.mailURL), on: "acct").reply?.status == 250) }
            let reply = try #require(await transport.perform(mailCall(server.mailURL), on: "acct").reply)
            #expect(reply.status >= 550)
            await server.ended(connection: 0)
        }
        #expect(script.count == 1 || server.received[0].hasSuffix("QUIT\r\n"))
    }
}
