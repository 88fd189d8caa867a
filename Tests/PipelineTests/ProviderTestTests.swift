import App
import Config
import Core
import Sandbox
import Store
import Testing

@testable import Pipeline

/// One real message to the sandbox: what each answer is called, and what is on record of it.
@Suite struct ProviderTestTests {
    private func run(_ world: World, _ account: String = "sms-main", to address: String = "+447700900123") async throws
        -> ProviderTest.Answer
    {
        try await world.engine.tester.run(account: account, to: address, who: "lee", reason: "INC-88")
    }
    private func result(_ answer: ProviderTest.Answer) throws -> TestResult {
        guard case .done(let result) = answer else { throw Unexpected(words: "\(answer)") }
        return result
    }
    private func rows(_ world: World) async throws -> [JSON] {
        try await world.read { try $0.log(after: 0, limit: 100) }.filter { $0.entry.act == .providerTest }.map(\.entry.body)
    }

    @Test("what is taken has the provider's id, and is in the log before and after, masked") func accepted() async throws {
        try await withWorld { world in
            let result = try result(try await run(world))
            #expect(result.outcome == .accepted && result.messageID?.hasPrefix("SM") == true && result.to.description == "+44****23")
            #expect(result.mode == .capture && result.provider == "twilio" && result.channel == .sms)
            let message = try #require(world.taken(by: .twilio).first)
            #expect(message.text.contains(result.test) && message.text.contains("about no payout"))
            let rows = try await rows(world)
            #expect(rows.count == 2 && rows[0]["outcome"] == nil && rows[0]["who"]?.string == "lee" && rows[0]["to"]?.string == "+44****23")
            #expect(rows[1]["outcome"]?.string == "accepted" && rows[1]["provider_id"]?.string == result.messageID)
            #expect(rows.allSatisfy { !$0.text.contains("7700900") && $0["test"]?.string == result.test })
            // It is nobody's delivery.
            #expect(try await world.accounting().deliveries.isEmpty)
            #expect(try await world.read { try $0.verifyChain() } == nil)
            #expect(TestResult(json: result.json)?.json == result.json)
        }
    }

    @Test(
        "each answer is called what it is",
        arguments: [
            (.status(503), .transient, 503), (.throttle(retryAfter: 3), .throttled, 429), (.status(401), .authConfig, 401),
            (.status(400), .badRequest, 400), (.drop, .ambiguous, 0), (.dropAfterAccept, .ambiguous, 0),
        ] as [(Fault.Kind, Outcome.Class, Int)])
    func answers(kind: Fault.Kind, outcome: Outcome.Class, status: Int) async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(kind), for: .twilio)
            let result = try result(try await run(world))
            #expect(result.outcome == outcome && result.status == status && result.messageID == nil, "\(result)")
            #expect(try await rows(world).last?["outcome"]?.string == outcome.rawValue)
            // What a test finds out changes no account.
            let standings = try await world.read { try $0.accountStandings() }
            #expect(standings.isEmpty)
        }
    }

    @Test("with nobody there nothing was sent") func nobody() async throws {
        try await withWorld { world in
            await world.sandbox.stop()
            let result = try result(try await run(world))
            #expect(result.outcome == .notSent)
        }
    }

    @Test("mail and push go their own way; a paused account is tried all the same") func otherChannels() async throws {
        try await withWorld { world in
            let mail = try result(try await run(world, "mail-main", to: "me@example.com"))
            #expect(mail.outcome == .accepted && mail.to.description == "m***@example.com")
            _ = try await world.engine.desk.set(paused: true, account: "push-ios", who: "lee", reason: "INC-88")
            let push = try result(try await run(world, "push-ios", to: "device-token-0001"))
            #expect(push.outcome == .accepted)
            #expect(world.ledger.count(of: .apns) == 1 && world.ledger.rows().count == 2)
        }
    }

    @Test("what is no address of the account's channel, and no account, sends nothing") func refused() async throws {
        try await withWorld { world in
            let sms = try await run(world, "sms-main", to: "me@example.com")
            #expect(sms == .refused("is no phone number (+ and digits)"))
            let mail = try await run(world, "mail-main", to: "+447700900123")
            #expect(mail == .refused("is no mail address"))
            let push = try await run(world, "push-ios", to: "android:device-token-0001")
            #expect(push == .refused("is a device of another platform than the account's"))
            let none = try await run(world, "sms-x")
            #expect(none == .notFound)
            let rows = try await rows(world)
            #expect(rows.isEmpty)
            #expect(world.ledger.rows().isEmpty)
        }
    }

    @Test("in allowlist only who is on the list is written to") func allowlist() async throws {
        try await withWorld { world in
            let engine = world.engine
            let tester = ProviderTest(
                store: world.runtime.store, clock: world.clock, accounts: engine.accounts, mode: .allowlist,
                allowlist: Allowlist(["+447700900123"]))
            #expect(try await tester.run(account: "sms-main", to: "+447700900124", who: "lee", reason: "x") == .notAllowed)
            #expect(world.ledger.rows().isEmpty)
            let answer = try await tester.run(account: "sms-main", to: "+447700900123", who: "lee", reason: "x")
            let taken = try result(answer)
            #expect(taken.outcome == .accepted && world.ledger.count(of: .twilio) == 1)
        }
    }
}
