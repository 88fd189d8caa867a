import Core
import TestKit
import Testing

@testable import Transport

@Suite struct TLSTests {
    static func account(_ authority: TestAuthority?, timeout: Duration = .seconds(10)) -> TransportAccount {
        TransportAccount(name: "acct", caFile: authority?.caFile, addresses: .loopbackOnly, timeout: timeout)
    }

    @Test func httpsWithATrustedCertificate() async throws {
        let authority = try TestAuthority()
        let server = try ScriptedServer([answering(2)])
        let front = try await TLSFront(authority, to: server.port)
        try await withTransport(Self.account(authority)) { transport in
            for host in ["localhost", "localhost"] {
                #expect(await transport.perform(httpCall("https://\(host):\(front.port)/"), on: "acct").text == "ok")
            }
        }
        #expect(server.received.count == 1)
    }

    @Test("a certificate of another authority, or for another name, is refused before a byte of the request")
    func badCertificates() async throws {
        let (authority, stranger) = (try TestAuthority(host: "provider.example"), try TestAuthority())
        let server = try ScriptedServer([answering(1)])
        let front = try await TLSFront(authority, to: server.port)
        for trusted in [stranger, nil, authority] {
            let failure = try #require(try await result(of: httpCall("https://localhost:\(front.port)/"), Self.account(trusted)).failure)
            #expect((failure.cause, failure.mayHaveBeenSent) == (.certificate, false))
            #expect(Outcome(failure).class == .authConfig)
        }
        #expect(server.count(of: "POST") == 0)
    }

    @Test func aMissingAuthorityFileIsConfiguration() async throws {
        let server = try ScriptedServer([[.hold]])
        let account = TransportAccount(name: "acct", caFile: temporaryPath("none.pem"), addresses: .loopbackOnly)
        let failure = try #require(try await result(of: httpCall("https://127.0.0.1:\(server.port)/"), account).failure)
        #expect((failure.cause, failure.mayHaveBeenSent) == (.certificate, false))
    }

    @Test("a port without TLS", arguments: ["SSH-2.0-x\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n"])
    func plainPort(_ words: String) async throws {
        let server = try ScriptedServer([[.send(words), .hold]])
        let failure = try #require(try await result(of: httpCall("https://127.0.0.1:\(server.port)/"), Self.account(nil)).failure)
        #expect((failure.cause, failure.mayHaveBeenSent) == (.tls, false))
    }

    @Test func aHandshakeWithoutAnswer() async throws {
        let server = try ScriptedServer([[.hold]])
        let account = Self.account(nil, timeout: .milliseconds(400))
        let failure = try #require(try await result(of: httpCall("https://127.0.0.1:\(server.port)/"), account).failure)
        #expect((failure.cause, failure.mayHaveBeenSent) == (.timeout, false))
    }

    @Test func http2() async throws {
        let authority = try TestAuthority()
        let answers = try await withHTTP2Server(authority) { port in
            try await withTransport(Self.account(authority)) { transport in
                let answers = await withTaskGroup(of: TransferResult.self) { group in
                    for n in 1...20 {
                        group.addTask {
                            await transport.perform(httpCall("https://localhost:\(port)/echo", body: "n=\(n)", version: .http2), on: "acct")
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                // On a used connection too.
                return answers + [
                    await transport.perform(httpCall("https://localhost:\(port)/echo", body: "n=21", version: .http2), on: "acct")
                ]
            }
        }
        #expect(Set(answers.compactMap(\.text)) == Set((1...21).map { "n=\($0)" }), "\(answers.compactMap(\.failure))")
        #expect(answers.allSatisfy { $0.reply?.version == .http2 })
    }

    @Test("one after the other over HTTP/2, more than a server with a guard takes on one connection: each has its answer")
    func http2ForLong() async throws {
        let authority = try TestAuthority()
        let lost = try await withHTTP2Server(authority) { port in
            try await withTransport(Self.account(authority)) { transport in
                var lost: [String] = []
                for n in 1...450 {
                    let answer = await transport.perform(
                        httpCall("https://localhost:\(port)/echo", body: "n=\(n)", version: .http2), on: "acct")
                    if answer.text != "n=\(n)" { lost.append("\(n): \(String(describing: answer.failure))") }
                }
                return lost
            }
        }
        #expect(lost.isEmpty)
    }

    @Test func http2ThatIsNotSpokenIsAFailure() async throws {
        let authority = try TestAuthority()
        let server = try ScriptedServer([answering(1)])
        let front = try await TLSFront(authority, to: server.port)
        let call = httpCall("https://localhost:\(front.port)/", version: .http2)
        let failure = try #require(try await result(of: call, Self.account(authority)).failure)
        #expect((failure.cause, failure.mayHaveBeenSent) == (.http2, true))
    }

    /// The server ends the TLS session after the final dot and keeps the connection below it open: libcurl says QUIT and would wait for an
    /// answer. The time limit of the account is as long as that of the test.
    @Test("an end of TLS after the mail holds nobody up", .timeLimit(.minutes(1)))
    func endOfTLS() async throws {
        let authority = try TestAuthority()
        let server = try ScriptedServer([Array(SMTPTests.greeting.dropFirst()) + SMTPTests.envelope + [.readMessage]])
        let front = try await TLSFront(authority, to: server.port, beginning: .startTLS, waitsForTheOtherEnd: true)
        try await withTransport(Self.account(authority, timeout: .seconds(60))) { transport in
            for _ in 1...2 {
                let call = mailCall("smtp://localhost:\(front.port)/disp.example.com")
                let failure = try #require(await transport.perform(call, on: "acct").failure)
                #expect((failure.mayHaveBeenSent, failure.smtpStatus) == (true, 354))
            }
        }
    }

    @Test("mail by STARTTLS and by implicit TLS", arguments: [("smtp", TLSFront.Beginning.startTLS), ("smtps", .tls)])
    func mail(_ scheme: String, _ beginning: TLSFront.Beginning) async throws {
        let authority = try TestAuthority()
        let afterTLS: [ScriptedServer.Step] =
            [.readLine, .send("250-mx\r\n250 AUTH PLAIN\r\n"), .readLine, .send("235 in\r\n")] + SMTPTests.accepted
        let server = try ScriptedServer([(beginning == .tls ? [.send("220 mx\r\n")] : []) + afterTLS])
        let front = try await TLSFront(authority, to: server.port, beginning: beginning)
        let login = SMTPLogin(user: "u", password: Sensitive("secret"))
        let call = mailCall("\(scheme)://localhost:\(front.port)/disp.example.com", login: login)
        let reply = try #require(try await result(of: call, Self.account(authority)).reply)
        #expect((reply.status, String(decoding: reply.body, as: UTF8.self)) == (250, "2.0.0 Ok: queued as 77"))
        #expect(server.received[0].hasPrefix("EHLO disp.example.com\r\nAUTH PLAIN "))
    }

    @Test func aMailServersCertificateIsCheckedToo() async throws {
        let (authority, stranger) = (try TestAuthority(), try TestAuthority())
        let server = try ScriptedServer([[.hold]])
        let front = try await TLSFront(authority, to: server.port, beginning: .startTLS)
        let failure = try #require(try await result(of: mailCall("smtp://localhost:\(front.port)/x"), Self.account(stranger)).failure)
        #expect((failure.cause, failure.mayHaveBeenSent) == (.certificate, false))
    }
}
