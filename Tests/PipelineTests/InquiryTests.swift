import App
import Config
import Core
import Providers
import Sandbox
import Store
import Testing
import Transport

@testable import Pipeline

/// T7 by the provider: what became of an attempt that no answer came of is asked for.
@Suite struct InquiryTests {
    private let hold = Sample()

    private func sms(_ world: World) async throws -> (delivery: Delivery, attempts: [Attempt]) {
        let delivery = try await world.delivery("WD1", .sms)
        return (delivery, try await world.attempts(delivery))
    }

    @Test("it was taken: sent, with the provider's id, and nobody is asked any more", arguments: [false, true])
    func taken(isRestarted: Bool) async throws {
        try await withWorld([askedTwilio, mail]) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .twilio)
            try await world.take(hold.detected())
            #expect(try await sms(world).delivery.state == .ambiguous)
            #expect(try await world.reviews(.ambiguous).map(\.closedAt) == [nil])
            let after = isRestarted ? try await world.restarted().0 : world
            try await after.pass(.seconds(3))
            let (delivery, attempts) = try await sms(after)
            let sid = "SM" + String(repeating: "0", count: 31) + "1"
            #expect(delivery.state == .sent && delivery.providerID == sid && delivery.tries == 1)
            #expect(attempts.map(\.state) == [.accepted] && attempts[0].providerID == sid)
            #expect(attempts[0].detail == "by the provider's list")
            let review = try await after.reviews(.ambiguous)[0]
            #expect(review.closedAt != nil && review.note == "answered by the provider's list")
            let row = try #require(try await after.read { try $0.log(ofDelivery: delivery.id) }.first { $0.entry.act == .receipt })
            #expect(row.entry.body["note"] == "asked for" && row.entry.body["message_id"]?.string == sid)
            try await after.pass(.hours(2))
            #expect(after.ledger.count(of: .twilio) == 1 && after.sandbox.switches.requests(to: .twilio) == 2)
            #expect(try await after.read { try $0.verifyChain() } == nil)
            if isRestarted { try await after.runtime.close() }
        }
    }

    @Test("it was not: after the horizon, and not before, it goes again with the same bytes", arguments: [false, true])
    func notTaken(isRestarted: Bool) async throws {
        try await withWorld([askedTwilio, mail]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .twilio)
            try await world.take(hold.detected())
            try await world.pass(.seconds(60))
            // A start counts anew.
            let after = isRestarted ? try await world.restarted().0 : world
            try await after.pass(.seconds(isRestarted ? 119 : 59))
            #expect(try await sms(after).delivery.state == .ambiguous && after.ledger.count(of: .twilio) == 0)
            try await after.pass(.seconds(2))
            let (delivery, attempts) = try await sms(after)
            #expect(delivery.state == .sent && delivery.tries == 2 && after.ledger.count(of: .twilio) == 1)
            #expect(attempts.map(\.state) == [.notSent, .accepted] && attempts[0].detail == "not in the provider's list")
            #expect(Set(attempts.map(\.digest)).count == 1 && Set(attempts.map(\.idempotencyKey)).count == 1)
            #expect(try await after.reviews(.ambiguous).allSatisfy { $0.closedAt != nil })
            #expect(try await after.read { try $0.verifyChain() } == nil)
            if isRestarted { try await after.runtime.close() }
        }
    }

    @Test("killed while it was on the wire: the next process asks", arguments: [true, false]) func killed(wasTaken: Bool) async throws {
        try await withWorld([askedTwilio, mail]) { world in
            _ = try await world.engine.intake.accept([Intake.Raw(hold.detected().bytes)], from: .queue("test"))
            let open = try await world.engine.plan.run(limit: 16, isAhead: true).open
            let call = try #require(open.first).account.provider.authorized(open[0].call, with: nil)
            if wasTaken { _ = await world.runtime.transport.perform(open[0].account.settings.placed(call), on: "sms-main") }
            let (after, settled) = try await world.restarted()
            #expect(settled.ambiguous == 1)
            try await after.pass(.minutes(3))
            let (delivery, attempts) = try await sms(after)
            #expect(delivery.state == .sent && after.ledger.count(of: .twilio) == 1)
            #expect(attempts.map(\.state) == (wasTaken ? [.accepted] : [.notSent, .accepted]))
            try await after.runtime.close()
        }
    }

    @Test("a message to the same number that nobody knows leaves the doubt, and a person may still end it") func unclear() async throws {
        try await withWorld([askedTwilio, mail]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .twilio)
            try await world.take(hold.detected())
            // Of another customer, who has the same telephone.
            try await world.take(hold.with { ($0.order, $0.anomaly, $0.customer) = ("WD2", "an-2", "CU2") }.detected())
            try await world.pass(.hours(3))
            let (delivery, attempts) = try await sms(world)
            #expect(delivery.state == .unknown && attempts.map(\.state) == [.ambiguous] && world.ledger.count(of: .twilio) == 1)
            #expect((4...20).contains(world.sandbox.switches.requests(to: .twilio) - 2), "it is given up at last")
            let answer = try await world.engine.desk.settle(attempt: attempts[0].publicID, wasTaken: true, who: "op", reason: "asked")
            #expect(answer == .done("\(attempts[0].publicID) is settled: \(delivery.publicID) is sent"))
        }
    }

    @Test("our own other messages to the same person are no doubt") func known() async throws {
        try await withWorld([askedTwilio, mail]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .twilio)
            try await world.take(hold.detected())
            try await world.take(hold.with { ($0.order, $0.anomaly) = ("WD2", "an-2") }.detected())
            try await world.pass(.minutes(3))
            #expect(try await sms(world).delivery.state == .sent && world.ledger.count(of: .twilio) == 2)
        }
    }

    @Test("a provider that does not answer leaves the doubt") func silent() async throws {
        try await withWorld([askedTwilio, mail]) { world in
            world.sandbox.switches.set(Fault(.drop), for: .twilio)
            try await world.take(hold.detected())
            // The list is believed after two minutes.
            let end = World.noon + .minutes(62)
            try await world.pass(until: end - .seconds(1))
            #expect(try await sms(world).delivery.state == .ambiguous)
            let (after, _) = try await world.restarted()
            try await after.pass(until: end)
            #expect(try await sms(after).delivery.state == .unknown)
            let rows = try await after.read { try $0.log(ofOrder: OrderNumber("WD1")!) }.filter { $0.entry.body["step"] == "doubt_end" }
            #expect(rows.map { $0.entry.body["state"] } == ["unknown"])
            try await after.pass(.minutes(6))
            #expect(after.engine.inquiries.nextDue == nil, "it is asked no more")
            #expect(try await sms(after).attempts.map(\.state) == [.ambiguous])
            #expect(try await after.reviews(.ambiguous).map(\.closedAt) == [nil])
            try await after.runtime.close()
            #expect((5...20).contains(world.sandbox.switches.requests(to: .twilio)))
        }
    }

    @Test("what is over by then is not sent again") func over() async throws {
        try await withWorld([askedTwilio, mail]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .twilio)
            try await world.take(hold.detected())
            let old = try await sms(world).delivery
            try await world.pass(.seconds(10))
            try await world.take(hold.with { ($0.seq, $0.at) = (2, World.noon + .seconds(10)) }.resolved("false_alarm"))
            try await world.pass(.minutes(10))
            let ended = try #require(try await world.read { try $0.delivery(old.id) })
            #expect(ended.state == .cancelled && ended.reason == .superseded && ended.tries == 1)
            #expect(try await world.reviews(.ambiguous).allSatisfy { $0.closedAt != nil })
        }
    }

    @Test("an account that is not to be asked is blind") func blind() async throws {
        try await withWorld([twilio, mail]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .twilio)
            try await world.take(hold.detected())
            try await world.pass(.hours(2))
            #expect(try await sms(world).delivery.state == .unknown && world.sandbox.switches.requests(to: .twilio) == 1)
        }
    }
}
