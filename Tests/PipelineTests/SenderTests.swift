import App
import Core
import Foundation
import Pipeline
import Sandbox
import Store
import Testing

/// What becomes of one message under every answer a provider can give.
@Suite struct SenderTests {
    private let hold = Sample()

    @Test func accepted() async throws {
        try await withWorld { world in
            try await world.take(hold.detected())
            for (channel, standIn) in [(Channel.sms, StandIn.twilio), (.push, .apns)] {
                let delivery = try await world.delivery("WD1", channel)
                #expect(delivery.state == .sent && delivery.reason == nil && delivery.tries == 1 && delivery.providerID?.isEmpty == false)
                let attempts = try await world.attempts(delivery)
                #expect(attempts.map(\.state) == [.accepted] && attempts[0].outcome == .accepted)
                #expect(world.taken(by: standIn).map { $0.text.contains("WD1") } == [true])
            }
            #expect(try await world.delivery("WD1", .inApp).state == .delivered)
            let marks = try await world.read { try $0.dedupeMarks(anomaly: "an-1", audience: .customer) }
            #expect(Set(marks.map(\.channel)) == [.sms, .push, .inApp] && marks.allSatisfy { $0.status == .committed })
            #expect(try await world.read { try $0.verifyChain() } == nil)
        }
    }

    @Test("what may leave at once has its intent with the decision, in one commit") func together() async throws {
        try await withWorld { world in
            try await world.take(hold.detected())
            let rows = try await world.read { try $0.log(ofOrder: OrderNumber("WD1")!) }
            let stages: Set<LogEntry.Act> = [.decision, .intent, .outcome]
            let acts: [LogEntry.Act] = rows.map { $0.entry.act }.filter { stages.contains($0) }
            #expect(acts.prefix(3) == [.decision, .intent, .intent])
            let (notices, attempts) = try await world.read { reader in
                let notices = try reader.notices(ofOrder: OrderNumber("WD1")!)
                return (notices, try reader.deliveries(ofNotice: notices[0].id).flatMap { try reader.attempts(ofDelivery: $0.id) })
            }
            #expect(notices.count == 1 && attempts.count == 2 && attempts.allSatisfy { $0.startedAt == notices[0].plannedAt })
        }
    }

    @Test(
        "what was refused for now goes again with the same bytes, no sooner than asked",
        arguments: [(Fault(.status(503), times: 2), 1), (Fault(.throttle(retryAfter: 90), times: 1), 90)])
    func again(fault: Fault, wait: Int) async throws {
        try await withWorld { world in
            world.sandbox.switches.set(fault, for: .twilio)
            try await world.take(hold.detected())
            let waiting = try await world.delivery("WD1", .sms)
            #expect(waiting.state == .retryWait && waiting.nextAt! >= World.noon + .seconds(wait))
            try await world.pass(.minutes(3))
            let sent = try await world.delivery("WD1", .sms)
            #expect(sent.state == .sent && world.ledger.count(of: .twilio) == 1)
            let attempts = try await world.attempts(sent)
            #expect(
                attempts.count == fault.times! + 1 && Set(attempts.map(\.digest)).count == 1
                    && Set(attempts.map(\.idempotencyKey)).count == 1)
            #expect(attempts[0].state == .rejected && attempts.last!.state == .accepted)
        }
    }

    @Test("settling waits for what is tried again soon, and not for what is not") func soonAgain() async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.status(503), times: 2), for: .twilio)
            try await world.take(hold.detected())
            #expect(try await world.delivery("WD1", .sms).state == .retryWait)
            try await world.engine.settleWithRetries()
            #expect(try await world.delivery("WD1", .sms).state == .sent)

            world.sandbox.switches.set(Fault(.throttle(retryAfter: 90), times: 1), for: .twilio)
            try await world.take(Sample(order: "WD2", anomaly: "an-2", customer: "CU2").detected())
            try await world.engine.settleWithRetries()
            #expect(try await world.delivery("WD2", .sms).state == .retryWait)
        }
    }

    @Test("a provider that stays down ends in a dead letter, and the mark is free again") func givenUp() async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.status(503)), for: .twilio)
            try await world.take(hold.detected())
            try await world.pass(.minutes(31))
            let dead = try await world.delivery("WD1", .sms)
            #expect(dead.state == .dead && [.triesUsedUp, .budgetUsedUp].contains(dead.reason))
            let letters = try await world.letters()
            #expect(letters.count == 1 && letters[0].stage == .send && letters[0].delivery == dead.id && letters[0].state == .open)
            let marks = try await world.read { try $0.dedupeMarks(anomaly: "an-1", audience: .customer) }
            #expect(marks.first { $0.channel == .sms }?.status == .released && marks.first { $0.channel == .push }?.status == .committed)
        }
    }

    @Test("a refusal that no repeat can heal is given up at once", arguments: [400, 404]) func refused(status: Int) async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.status(status)), for: .twilio)
            try await world.take(hold.detected())
            let dead = try await world.delivery("WD1", .sms)
            #expect(dead.state == .dead && dead.reason == .providerRefused && dead.tries == 1)
            #expect(try await world.letters().map(\.reason) == [ReasonCode.providerRefused.rawValue])
            #expect(try await world.delivery("WD1", .push).state == .sent, "one channel never stops another")
        }
    }

    @Test func deadAddress() async throws {
        try await withWorld { world in
            world.sandbox.switches.retire("+8610000000001")
            try await world.take(hold.detected())
            let dead = try await world.delivery("WD1", .sms)
            #expect(dead.state == .dead && dead.reason == .addressDead)
        }
    }

    @Test(
        "what a blind provider may have taken is listed, never sent again",
        arguments: [Fault(.dropAfterAccept), Fault(.drop), Fault(.status(500))])
    func blind(fault: Fault) async throws {
        try await withWorld { world in
            world.sandbox.switches.set(fault, for: .twilio)
            try await world.take(hold.detected())
            try await world.pass(.hours(1))
            let delivery = try await world.delivery("WD1", .sms)
            #expect(delivery.state == .unknown && delivery.tries == 1)
            #expect(world.sandbox.switches.requests(to: .twilio) == 1)
            #expect(world.ledger.count(of: .twilio) == (fault.kind == .dropAfterAccept ? 1 : 0))
            #expect(try await world.read { try $0.attempts(in: .ambiguous, limit: 9) }.map(\.delivery) == [delivery.id])
            let reviews = try await world.reviews(.ambiguous)
            #expect(reviews.count == 1 && reviews[0].detail.contains(delivery.publicID))
            let (next, settled) = try await world.restarted()
            #expect(settled.repeated + settled.ambiguous == 0, "what is listed already is not settled twice")
            try await next.pass(.hours(1))
            #expect(next.sandbox.switches.requests(to: .twilio) == 1)
            try await next.runtime.close()
        }
    }

    @Test(
        "what a provider that ignores repeats may have taken goes again with the same bytes and key, and arrives once",
        arguments: [(gateway, StandIn.gateway, Channel.sms), (apns, .apns, .push), (fcm, .fcm, .push)])
    func repeatable(account: String, standIn: StandIn, channel: Channel) async throws {
        try await withWorld([account]) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: standIn)
            // The first request to FCM asks for a token; it is dropped before the message ever left.
            if standIn == .fcm {
                world.sandbox.switches.reset()
                try await world.take(Sample(order: "WD0", anomaly: "an-0", customer: "CU0").detected())
                world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: standIn)
            }
            try await world.take(hold.detected())
            let waiting = try await world.delivery("WD1", channel)
            #expect(waiting.state == .retryWait && waiting.reason == .ambiguous)
            try await world.pass(.minutes(1))
            let sent = try await world.delivery("WD1", channel)
            let attempts = try await world.attempts(sent)
            #expect(sent.state == .sent && attempts.map(\.state) == [.settled, .accepted])
            #expect(try await world.read { try $0.attempts(in: .ambiguous, limit: 9) }.isEmpty, "only open questions are listed")
            let closed = try await world.read { try $0.log(ofDelivery: sent.id) }.filter { $0.entry.body["outcome"]?.string == "settled" }
            #expect(closed.map { $0.entry.body["number"]?.integer } == [1] && closed[0].entry.body["by"]?.integer == 2)
            #expect(Set(attempts.map(\.digest)).count == 1 && Set(attempts.map(\.idempotencyKey)).count == 1)
            let visible = world.ledger.visible().filter { $0.text.contains("WD1") || $0.key == attempts[0].idempotencyKey }
            #expect(visible.count == 1, "one message on the screen")
            #expect(try await world.reviews(.ambiguous).isEmpty)
        }
    }

    @Test("the key is a keyed hash of delivery and account, and the bytes name the attempt they were made for") func names() async throws {
        let blind = gateway.replacingOccurrences(of: "    idempotency_header: Idempotency-Key\n", with: "")
        try await withWorld([blind, apns]) { world in
            world.sandbox.switches.set(Fault(.status(503), times: 1), for: .gateway)
            try await world.take(hold.detected())
            try await world.pass(.minutes(1))
            for (channel, account) in [(Channel.sms, "sms-keyed"), (.push, "push-ios")] {
                let delivery = try await world.delivery("WD1", channel)
                let key = try await world.runtime.store.write { $0.idempotencyKey(delivery: delivery.publicID, account: account) }
                let attempts = try await world.attempts(delivery)
                #expect(attempts.allSatisfy { $0.idempotencyKey == key } && attempts.last?.state == .accepted)
                let call = try #require(try await world.read { try $0.bytes(of: attempts[0].id)?.call })
                guard channel == .sms, case .http(let http)? = ProviderCall(stored: call) else { continue }
                let body = String(decoding: http.body, as: UTF8.self)
                #expect(attempts.count == 2 && body.contains(attempts[0].publicID) && !body.contains(delivery.publicID))
            }
        }
    }

    @Test("a repeat that is no longer wanted is not sent, and what it may have been stays listed") func endedWhileUnknown() async throws {
        try await withWorld([gateway]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .gateway)
            try await world.take(hold.detected())
            #expect(try await world.delivery("WD1", .sms).state == .retryWait)
            try await world.take(
                hold.with {
                    $0.seq = 2; $0.at = World.noon + .seconds(1)
                }.resolved("arrived"))
            let first = try await world.deliveries("WD1", .sms)[0]
            #expect(first.state == .ambiguous, "cancelled would say that nothing left")
            #expect(try await world.reviews(.ambiguous).count == 1)
            try await world.pass(.seconds(21))
            #expect(try await world.deliveries("WD1", .sms)[0].state == .unknown)
            #expect(try await world.reviews(.ambiguous).map(\.closedAt) == [nil])
        }
    }

    @Test("a repeat that comes too late is not sent, and what it may have been stays listed") func lateWhileUnknown() async throws {
        try await withWorld([gateway]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .gateway)
            try await world.take(hold.detected())
            world.clock.advance(to: World.noon + .hours(2))
            try await world.engine.settle()
            #expect(try await world.delivery("WD1", .sms).state == .ambiguous)
            #expect(try await world.reviews(.ambiguous).count == 1 && world.sandbox.switches.requests(to: .gateway) == 1)
        }
    }

    @Test("unknown once, refused ever after: it stays unknown") func refusedAfterUnknown() async throws {
        try await withWorld([gateway]) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .gateway)
            try await world.take(hold.detected())
            world.sandbox.switches.set(Fault(.status(503)), for: .gateway)
            try await world.pass(.minutes(40))
            #expect(try await world.delivery("WD1", .sms).state == .unknown)
            #expect(try await world.reviews(.ambiguous).count == 1)
            #expect(world.ledger.count(of: .gateway) == 1)
        }
    }

    @Test("a credential the provider no longer takes is renewed once, in the same attempt") func credential() async throws {
        try await withWorld([fcm]) { world in
            try await world.take(hold.detected())
            let before = world.sandbox.switches.requests(to: .fcm)
            // Ours still looks good; theirs is over.
            world.clock.advance(to: World.noon + .seconds(2870))
            world.skew.advance(to: Timestamp(seconds: 740))
            try await world.take(Sample(order: "WD2", anomaly: "an-2", at: World.noon + .seconds(2870), customer: "CU2").detected())
            let delivery = try await world.delivery("WD2", .push)
            #expect(delivery.state == .sent && delivery.tries == 1)
            #expect(world.sandbox.switches.requests(to: .fcm) == before + 3, "refused, renewed, taken")
        }
    }

    @Test("a provider without a reply to the token request was not sent to") func noCredential() async throws {
        try await withWorld([fcm]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .fcm)
            try await world.take(hold.detected())
            #expect(try await world.attempts(try await world.delivery("WD1", .push)).map(\.state) == [.notSent])
            try await world.pass(.minutes(1))
            #expect(try await world.delivery("WD1", .push).state == .sent)
        }
    }
}
