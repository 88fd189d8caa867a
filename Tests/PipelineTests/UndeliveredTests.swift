import App
import Core
import Sandbox
import Store
import Testing

@testable import Pipeline

/// What could not be delivered, or may not have been: who speaks instead.
@Suite struct UndeliveredTests {
    private let hold = Sample()
    /// Blind, and only there to take over.
    private let standby = gateway.replacing("    idempotency_header: Idempotency-Key\n", with: "    weight: 0\n")

    private func attempt(_ world: World) async throws -> Attempt {
        try #require(try await world.attempts(world.delivery("WD1", .sms)).last)
    }
    private func timers(_ world: World, _ step: StoredTimer.Step) async throws -> [StoredTimer] {
        let episode = try #require(try await world.deliveries("WD1").first).episode
        return try await world.read { try $0.timers(ofEpisode: episode) }.filter { $0.step == step }
    }

    // MARK: Another account

    @Test("what the route could not deliver goes to another account at once, with the same words", arguments: ["30001", "30034", "21612"])
    func goesOn(code: String) async throws {
        try await withWorld([twilio, standby, mail], receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let first = try await attempt(world)
            try await say(world, "undelivered", code, of: first)
            let delivery = try await world.delivery("WD1", .sms)
            #expect(delivery.state == .sent && delivery.account == "sms-keyed" && delivery.tries == 2 && delivery.reason == nil)
            let attempts = try await world.attempts(delivery)
            #expect(attempts.map(\.state) == [.accepted, .accepted] && attempts.map(\.account) == ["sms-main", "sms-keyed"])
            let bytes = try await world.read { reader in try attempts.compactMap { try reader.bytes(of: $0.id) } }
            #expect(bytes[0].content == bytes[1].content && bytes[0].call != bytes[1].call)
            #expect(world.ledger.count(of: .gateway) == 1 && world.ledger.count(of: .twilio) == 1)
            #expect(try await timers(world, .fallback).map(\.state) == [.armed, .armed], "the next step waits for this one")
            let row = try #require(try await world.read { try $0.log(ofDelivery: delivery.id) }.first { $0.entry.act == .receipt })
            #expect(row.entry.body["state"] == "retry_wait" && row.entry.body["status"] == "undelivered")

            // Whatever the first account says later says nothing of the second's message, but that it arrived after all.
            for word in ["failed", "sent"] { try await say(world, word, code, of: first) }
            #expect(try await world.delivery("WD1", .sms).state == .sent && world.ledger.rows().count == 2)
            try await say(world, "delivered", of: first)
            #expect(try await world.delivery("WD1", .sms).state == .delivered)
            #expect(try await world.read { try $0.verifyChain() } == nil)
        }
    }

    @Test("one that no other account took, and that arrived after all, is not sent again by a person either") func arrivedAfterAll()
        async throws
    {
        try await withWorld([twilio, standby, mail], receipts: receiptsBase) { world in
            world.sandbox.switches.set(Fault(.status(400)), for: .gateway)
            try await world.take(hold.detected())
            let first = try await attempt(world)
            try await say(world, "undelivered", "30001", of: first)
            #expect(try await world.delivery("WD1", .sms).state == .dead)
            try await say(world, "delivered", of: first)
            world.sandbox.switches.reset()
            let letter = try #require(try await world.letters().first)
            let answer = try await world.engine.desk.retry(deadLetter: letter.id, who: "ops", reason: "the account is fixed")
            #expect(answer == .refused("a receipt says that it arrived; discarded"))
            try await world.engine.settle()
            #expect(try await world.letters().map(\.state) == [.discarded] && world.ledger.count(of: .gateway) == 0)
        }
    }

    @Test(
        "what the phone, the number, the person or the words failed does not",
        arguments: ["30003", "30004", "30005", "21610", "30007", "30008", "30410", nil])
    func ends(code: String?) async throws {
        try await withWorld([twilio, standby, mail], receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            try await say(world, "undelivered", code, of: attempt(world))
            #expect(try await world.delivery("WD1", .sms).state == .undelivered)
            #expect(world.ledger.count(of: .gateway) == 0 && world.ledger.count(of: .smtp) == 1)
        }
    }

    @Test("each account once; when none is left the next step is due") func noneLeft() async throws {
        try await withWorld([twilio, secondTwilio, mail], receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            try await say(world, "undelivered", "30001", of: attempt(world))
            let second = try await attempt(world)
            #expect(second.account == "sms-other" && world.ledger.count(of: .smtp) == 0)
            try await say(world, "undelivered", "30001", of: second, account: "sms-other")
            let delivery = try await world.delivery("WD1", .sms)
            #expect(delivery.state == .undelivered && delivery.reason == .undelivered && delivery.tries == 2)
            #expect(try await world.delivery("WD1", .mail).state == .sent)
            try await world.pass(.hours(2))
            #expect(world.ledger.count(of: .twilio) == 2 && world.ledger.count(of: .smtp) == 1)
        }
    }

    @Test("what could not deliver it does not get it back when the other one fails", arguments: [503, 400])
    func neverBack(status: Int) async throws {
        try await withWorld([twilio, standby, mail], receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            world.sandbox.switches.set(Fault(.status(status)), for: .gateway)
            try await say(world, "undelivered", "30001", of: attempt(world))
            try await world.pass(.seconds(10))
            // Refused for good: there is nothing more to wait for. Else the step comes at its time.
            #expect(world.ledger.count(of: .smtp) == (status == 400 ? 1 : 0))
            try await world.pass(.hours(2))
            #expect(world.sandbox.switches.requests(to: .twilio) == 1 && world.ledger.count(of: .gateway) == 0)
            #expect(world.sandbox.switches.requests(to: .gateway) >= (status == 400 ? 1 : 2))
            #expect(try await world.delivery("WD1", .sms).state == .dead && world.ledger.count(of: .smtp) == 1)
        }
    }

    @Test("what is over, or told anew, is not sent again") func over() async throws {
        try await withWorld([twilio, standby, mail], receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let first = try await attempt(world)
            try await world.take(hold.with { $0.seq = 2 }.resolved("arrived"))
            try await say(world, "undelivered", "30001", of: first)
            let old = try #require(try await world.deliveries("WD1", .sms).min { $0.id < $1.id })
            #expect(old.state == .undelivered && world.ledger.count(of: .gateway) == 0)
        }
        try await withWorld([twilio, standby, mail], receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            world.clock.advance(to: World.noon + .hours(2))
            try await say(world, "undelivered", "30001", of: attempt(world))
            #expect(try await world.delivery("WD1", .sms).state == .undelivered && world.ledger.count(of: .gateway) == 0)
        }
    }

    @Test("killed between the receipt and the second account: it gets the message once") func killed() async throws {
        try await withWorld([twilio, standby, mail], receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let first = try await attempt(world)
            let request = try signed(
                world, query: "n=\(first.publicID)", ["MessageStatus": "failed", "ErrorCode": "30001", "MessageSid": "SM1"])
            #expect(try await world.engine.receipts.take(request, account: "sms-main") == .taken)
            let waiting = try await world.delivery("WD1", .sms)
            #expect(waiting.state == .retryWait && waiting.reason == .undelivered && waiting.nextAt == World.noon)
            let (after, _) = try await world.restarted()
            try await after.pass(.hours(1))
            #expect(after.ledger.count(of: .gateway) == 1 && after.ledger.count(of: .twilio) == 1)
            try await after.runtime.close()
        }
    }

    @Test("a doubt that ends as undelivered goes on as well, also before the answer", arguments: [false, true])
    func afterDoubt(isEarly: Bool) async throws {
        try await withWorld([twilio, standby, mail], receipts: receiptsBase) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .twilio)
            if isEarly {
                _ = try await world.engine.intake.accept([Intake.Raw(hold.detected().bytes)], from: .queue("test"))
                let open = try await world.engine.plan.run(limit: 16, isAhead: true).open
                let first = try await attempt(world)
                let request = try signed(
                    world, query: "n=\(first.publicID)", ["MessageStatus": "undelivered", "ErrorCode": "30001", "MessageSid": "SM1"])
                #expect(try await world.engine.receipts.take(request, account: "sms-main") == .taken)
                world.engine.sender.send(open)
                try await world.engine.settle()
            } else {
                try await world.take(hold.detected())
                #expect(try await world.delivery("WD1", .sms).state == .ambiguous)
                try await say(world, "undelivered", "30001", of: attempt(world))
            }
            let delivery = try await world.delivery("WD1", .sms)
            #expect(delivery.state == .sent && delivery.account == "sms-keyed")
            #expect(try await world.attempts(delivery).map(\.state) == [.accepted, .accepted])
            #expect(try await world.reviews(.ambiguous).allSatisfy { $0.closedAt != nil } && world.ledger.count(of: .gateway) == 1)
        }
    }

    // MARK: Doubt that lasts

    @Test("what is high and in doubt for 20 seconds makes the next step due, once, also across a restart") func doubt() async throws {
        try await withWorld([twilio, apns, mail]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .twilio)
            try await world.take(hold.detected())
            #expect(try await world.delivery("WD1", .sms).state == .unknown)
            #expect(try await timers(world, .doubt).map(\.due) == [World.noon + .seconds(20)])
            try await world.pass(.seconds(19))
            #expect(world.ledger.count(of: .smtp) == 0)
            let (after, _) = try await world.restarted()
            try await after.pass(.seconds(2))
            #expect(try await after.delivery("WD1", .mail).state == .sent)
            #expect(try await after.delivery("WD1", .sms).state == .unknown, "it stays a question")
            let rows = try await after.read { try $0.log(ofOrder: OrderNumber("WD1")!) }.filter { $0.entry.act == .timer }
            #expect(rows.map { $0.entry.body["step"] } == ["doubt"])
            let (again, _) = try await after.restarted()
            try await again.pass(.minutes(25))
            #expect(again.ledger.count(of: .smtp) == 1)
            try await again.runtime.close()
        }
    }

    @Test("an answer within that time leaves the step its own time") func answered() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .twilio)
            try await world.take(hold.detected())
            world.clock.advance(to: World.noon + .seconds(15))
            try await say(world, "sent", of: attempt(world))
            try await world.pass(until: World.noon + .minutes(9))
            #expect(world.ledger.count(of: .smtp) == 0)
            try await world.pass(.minutes(2))
            #expect(world.ledger.count(of: .smtp) == 1)
        }
    }

    @Test("what is not high waits for its step") func notHigh() async throws {
        try await withWorld([apns, mail]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .apns)
            try await world.take(Sample.limit.detected())
            #expect(try await world.attempts(world.delivery("WD1", .push)).map(\.state) == [.ambiguous])
            #expect(try await timers(world, .doubt).isEmpty)
        }
    }
}
