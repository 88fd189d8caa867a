import Core
import Providers
import TestKit
import Testing
import Transport

/// Mail into aiosmtpd, over STARTTLS with a login. What it decoded is the proof.
@Suite(.enabled(if: Peers.has(Peers.python), "aiosmtpd is not installed: Tests/peers/install"))
struct MailPeerTests {
    private struct Bench {
        var peer: ChildProcess
        var provider: SMTP
        var account: TransportAccount

        init(password: String = "hunter2-peer", from: String = "示例支付 <no-reply@pay.example>") async throws {
            let authority = try TestAuthority()
            let (peer, port) = try await Peers.start("mail_peer.py", [authority.certificateFile, authority.keyFile, "hunter2-peer"])
            self.peer = peer
            provider = try SMTP(
                Peers.account([
                    "url": .text("smtp://localhost:\(port)/disp.example.com"), "user": .text("clarion"),
                    "password_file": .secret(Sensitive(password)), "from": .text(from),
                ]))
            account = TransportAccount(name: "acct", caFile: authority.caFile, addresses: .loopbackOnly)
        }

        func send(to address: String) async throws -> (outcome: Outcome, result: TransferResult) {
            let content = Content.mail(subject: "您的提现需要确认 WD1", text: "金额 ¥1,280.00。\n.这一行以点开头\n", html: "<p>金额 ¥1,280.00。</p>")
            let message = Peers.message(to: .mail(MailAddress(address)!), content)
            return try await Peers.withTransport(account) { try await Peers.outcome(provider, message, over: $0) }
        }
    }

    @Test(.timeLimit(.minutes(1))) func whatArrivesIsWhatWasWritten() async throws {
        let bench = try await Bench()
        defer { bench.peer.kill() }
        #expect(try await bench.send(to: "a@example.net").outcome == .accepted(id: ""))
        let mail = try #require(await bench.peer.records(1).first)
        #expect(mail["from"]?.string == "no-reply@pay.example")
        #expect(mail["to"]?.array?.compactMap(\.string) == ["a@example.net"])
        #expect(mail["user"]?.string == "clarion" && mail["helo"]?.string == "disp.example.com")
        #expect(mail["tls"]?.string?.isEmpty == false)
        #expect(mail["sender"]?.string == "示例支付 <no-reply@pay.example>")
        #expect(mail["subject"]?.string == "您的提现需要确认 WD1")
        #expect(mail["text"]?.string?.split(whereSeparator: \.isNewline) == ["金额 ¥1,280.00。", ".这一行以点开头"], "\(mail["text"]?.text ?? "")")
        #expect(mail["html"]?.string?.contains("<p>金额 ¥1,280.00。</p>") == true)
        #expect(mail["id"]?.string?.contains("dlv_01J9ZK3M5N7P9Q") == true)
        #expect(mail["defects"]?.array?.isEmpty == true)
    }

    @Test(
        "a refusal is blamed on whom it is about", .timeLimit(.minutes(1)),
        arguments: [
            ("gone@example.net", Outcome.Class.badRecipient, "rcpt"), ("nobody@example.net", .badRecipient, "rcpt"),
            ("grey@example.net", .transient, "rcpt"), ("full@example.net", .transient, "rcpt"), ("spam@example.net", .authConfig, "end"),
        ])
    func refusals(_ address: String, _ wanted: Outcome.Class, stage: String) async throws {
        let bench = try await Bench()
        defer { bench.peer.kill() }
        let (outcome, result) = try await bench.send(to: address)
        #expect(outcome.class == wanted, "\(result)")
        guard case .reply(let reply) = result else { return #expect(Bool(false), "\(result)") }
        #expect(reply.header("smtp-stage") == stage)
    }

    @Test(.timeLimit(.minutes(1))) func aRefusedSenderOrLoginIsTheAccountsFault() async throws {
        let stranger = try await Bench(from: "stranger@pay.example")
        defer { stranger.peer.kill() }
        #expect(try await stranger.send(to: "a@example.net").outcome.class == .authConfig)
        let wrong = try await Bench(password: "wrong")
        defer { wrong.peer.kill() }
        #expect(try await wrong.send(to: "a@example.net").outcome.class == .authConfig)
        #expect(!wrong.peer.text.contains("wrong"))
    }

    @Test(.timeLimit(.minutes(1))) func anotherAuthorityIsNotTrusted() async throws {
        var bench = try await Bench()
        defer { bench.peer.kill() }
        bench.account.caFile = try TestAuthority().caFile
        let (outcome, _) = try await bench.send(to: "a@example.net")
        #expect(outcome.class == .authConfig)
        #expect(!bench.peer.text.contains("{"))
    }
}
