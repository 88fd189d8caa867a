import Core
import FoundationEssentials
import Providers
import TestKit
import Testing
import Transport

/// Push into hypercorn over TLS, HTTP/2 by ALPN.
@Suite(.enabled(if: Peers.has(Peers.python), "hypercorn is not installed: Tests/peers/install"))
struct PushPeerTests {
    private struct Bench {
        var peer: ChildProcess
        var base: String
        var account: TransportAccount

        init() async throws {
            let authority = try TestAuthority()
            let (peer, port) = try await Peers.start("push_peer.py", [authority.certificateFile, authority.keyFile])
            (self.peer, base) = (peer, "https://localhost:\(port)")
            account = TransportAccount(name: "acct", caFile: authority.caFile, addresses: .loopbackOnly)
        }
        private var override: AccountSettings.EndpointOverride { .init(https: base, smtp: "smtp://localhost:1") }

        func apns() throws -> APNs {
            let key = try String(contentsOfFile: Peers.fixture("providers/apns-key.p8"), encoding: .utf8)
            return try APNs(
                Peers.account(
                    [
                        "key_file": .secret(Sensitive(key)), "key_id": .text("ABC123DEFG"), "team_id": .text("DEF123GHIJ"),
                        "topic": .text("com.example.pay"),
                    ], override: override))
        }
        func fcm() throws -> FCM {
            let file = try String(contentsOfFile: Peers.fixture("providers/fcm-service-account.json"), encoding: .utf8)
            return try FCM(Peers.account(["service_account_file": .secret(Sensitive(file))], override: override))
        }
    }

    private func message(_ token: String) -> Message {
        Peers.message(to: .device(PushToken(token)!), .push(title: "提现需要确认", body: "¥1,280.00 尾号1234"))
    }
    /// 64 hex digits that begin so.
    private func device(_ beginning: String) -> String { beginning + String(repeating: "0", count: 64 - beginning.count) }

    @Test(.timeLimit(.minutes(1))) func aNotificationOverHTTP2() async throws {
        let bench = try await Bench()
        defer { bench.peer.kill() }
        let provider = try bench.apns()
        let (outcome, result) = try await Peers.withTransport(bench.account) {
            try await Peers.outcome(provider, message(device("00")), over: $0)
        }
        #expect(outcome.class == .accepted, "\(result)")
        let got = try #require(await bench.peer.records(1).first)
        #expect(got["version"]?.string == "2" && got["path"]?.string == "/3/device/" + device("00"))
        let headers = try #require(got["headers"])
        #expect(headers["apns-topic"]?.string == "com.example.pay" && headers["apns-push-type"]?.string == "alert")
        #expect(headers["apns-collapse-id"]?.string == "hold-wd_01J9ZK" && headers["apns-priority"]?.string == "10")
        #expect(headers["authorization"]?.string?.hasPrefix("bearer ey") == true)
        let alert = try JSON(parsing: got["body"]?.string ?? "")["aps"]?["alert"]
        #expect(alert?["title"]?.string == "提现需要确认" && alert?["body"]?.string == "¥1,280.00 尾号1234")
    }

    @Test(
        "APNs answers", .timeLimit(.minutes(1)),
        arguments: [
            ("bad", Outcome.Class.badRecipient), ("dea", .badRecipient), ("fee", .throttled), ("dad", .transient),
        ])
    func apnsAnswers(_ beginning: String, _ wanted: Outcome.Class) async throws {
        let bench = try await Bench()
        defer { bench.peer.kill() }
        let provider = try bench.apns()
        let (outcome, result) = try await Peers.withTransport(bench.account) {
            try await Peers.outcome(provider, message(device(beginning)), over: $0)
        }
        #expect(outcome.class == wanted, "\(result)")
    }

    @Test(.timeLimit(.minutes(1))) func anExpiredTokenIsTheCredentialsFault() async throws {
        let bench = try await Bench()
        defer { bench.peer.kill() }
        let provider = try bench.apns()
        let (_, result) = try await Peers.withTransport(bench.account) {
            try await Peers.outcome(provider, message(device("bea")), over: $0)
        }
        guard case .reply(let reply) = result else { return #expect(Bool(false), "\(result)") }
        #expect(provider.refusesCredential(reply))
    }

    @Test(.timeLimit(.minutes(1))) func aBurstSharesOneConnection() async throws {
        let bench = try await Bench()
        defer { bench.peer.kill() }
        let provider = try bench.apns()
        try await Peers.withTransport(bench.account) { transport in
            await withTaskGroup(of: Outcome.Class?.self) { group in
                for _ in 1...64 {
                    group.addTask {
                        do { return try await Peers.outcome(provider, message(device("00")), over: transport).outcome.class } catch {
                            return nil
                        }
                    }
                }
                for await outcome in group { #expect(outcome == .accepted) }
            }
        }
        let records = await bench.peer.records(64)
        #expect(records.count == 64 && records.allSatisfy { $0["version"]?.string == "2" })
        #expect(Set(records.compactMap { $0["client"]?.integer }).count == 1)
    }

    @Test(
        "FCM exchanges its key for a token, then sends", .timeLimit(.minutes(1)),
        arguments: [("live", Outcome.Class.accepted), ("gone", .badRecipient), ("fast", .throttled), ("down", .transient)])
    func fcm(_ token: String, _ wanted: Outcome.Class) async throws {
        let bench = try await Bench()
        defer { bench.peer.kill() }
        let provider = try bench.fcm()
        let (outcome, result) = try await Peers.withTransport(bench.account) {
            try await Peers.outcome(provider, message(token + "-device-token-0123456789"), over: $0)
        }
        #expect(outcome.class == wanted, "\(result)")
        let records = await bench.peer.records(2)
        #expect(records.map { $0["path"]?.string?.hasPrefix("/token") } == [true, false])
        #expect(records.first?["body"]?.string?.contains("assertion=ey") == true)
        let sent = try JSON(parsing: records.last?["body"]?.string ?? "")["message"]
        #expect(sent?["notification"]?["title"]?.string == "提现需要确认")
        #expect(sent?["android"]?["notification"]?["tag"]?.string == "hold-wd_01J9ZK")
    }
}
