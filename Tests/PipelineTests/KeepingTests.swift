import App
import Config
import Core
import Sandbox
import Store
import Testing

@testable import Pipeline

/// Erasure, retention and what they leave of what is still to be sent.
@Suite struct KeepingTests {
    private func erase(_ world: World, evenIfOpen: Bool = true) async throws -> Desk.Answer {
        try await world.engine.desk.erase(customer: "CU1", evenIfOpen: evenIfOpen, who: "lee", reason: "asked for it")
    }

    @Test("nothing is sent to who is erased, although it waited in memory too") func waiting() async throws {
        try await withWorld(at: Timestamp(rfc3339: "2025-11-12T15:00:00Z")!) { world in
            try await world.take(Sample.limit.with { $0.at = world.clock.now() }.detected())
            #expect(try await world.delivery("WD1", .push).reason == .quietHoursDeferred)
            let name = try await pseudonym(world)
            #expect(try await erase(world) == .done("\(name) is erased; an episode of theirs ends untold"))
            try await world.pass(.hours(24))
            let push = try await world.delivery("WD1", .push)
            #expect(push.state == .cancelled && push.reason == .erased && push.tries == 0)
            #expect(world.ledger.rows().isEmpty)
            #expect(try await world.read { try $0.deliveries(in: .ready, limit: 9).isEmpty && $0.nextTimer() == nil })
            let episode = try #require(try await world.read { try $0.episode(anomaly: "an-1") })
            #expect(episode.status == .superseded)
        }
    }

    @Test("an event that was not planned yet is the end of it, and counted") func notPlanned() async throws {
        try await withWorld { world in
            let bytes = Sample.details.detected().bytes
            _ = try await world.engine.intake.accept([Intake.Raw(bytes)], from: .queue("test"))
            guard case .done = try await erase(world) else { return #expect(Bool(false), "not erased") }
            try await world.engine.settle()
            #expect(try await world.read { try $0.events(ofOrder: OrderNumber("WD1")!).map(\.disposition) } == [.suppressed(.erased)])
            #expect(world.ledger.rows().isEmpty)
            let sums = try await world.accounting()
            #expect(sums.accepted == 1 && sums.suppressed == [.erased: 1] && sums.pending == 0)
        }
    }

    @Test("while something of theirs goes on it is refused, and nothing changes") func open() async throws {
        try await withWorld { world in
            try await world.take(Sample.details.detected())
            let answer = try await erase(world, evenIfOpen: false)
            #expect(answer == .refused("WD1: not over yet, and what waits for them would be dropped"))
            #expect(try await world.read { try $0.pseudonym(ofCustomer: "CU1") != nil })
            #expect(try await world.read { try $0.customer("CU9") == nil })
            #expect(try await world.engine.desk.erase(customer: "CU9", evenIfOpen: true, who: "lee", reason: "r") == .notFound)
        }
    }

    @Test("the log says who erased whom by the pseudonym, and verifies") func log() async throws {
        try await withWorld { world in
            try await world.take(Sample.details.detected())
            let name = try await pseudonym(world)
            _ = try await erase(world)
            let rows = try await world.read { try $0.log(after: 0, limit: 1000) }
            let row = try #require(rows.first { $0.entry.act == .erasure })
            #expect(row.entry.body["customer"]?.string == name && row.entry.body["who"]?.string == "lee")
            #expect(!rows.contains { String(decoding: $0.entry.body.bytes, as: UTF8.self).contains("CU1") })
            #expect(try await world.read { try $0.verifyChain() } == nil)
        }
    }

    @Test("an address that is refused after the erasure is not remembered") func refusedLater() async throws {
        try await withWorld { world in
            try await world.take(Sample.details.detected())
            try await world.pass(.minutes(1))
            let sms = try await world.delivery("WD1", .sms)
            _ = try await erase(world)
            let now = world.clock.now()
            try await world.runtime.store.write { writer in
                let refusal = OutcomeDetail(code: "21211", words: "no such number")
                // As T4 knows it, from before.
                try AddressMarks.file(refusal, of: sms, at: now, writer)
                try AddressMarks.file(refusal, of: try #require(try writer.delivery(sms.id)), at: now, writer)
            }
            #expect(try await world.read { try $0.pseudonym(ofCustomer: "CU1") } == nil)
        }
    }

    @Test("an erased customer whose order goes on is told anew, as somebody else") func comesAgain() async throws {
        try await withWorld { world in
            try await world.take(Sample.details.detected())
            try await world.pass(.minutes(1))
            let before = try await pseudonym(world)
            _ = try await erase(world)
            let taken = world.ledger.rows().count
            try await world.take(Sample.details.with { ($0.seq, $0.order, $0.anomaly) = (1, "WD2", "an-2") }.detected())
            try await world.pass(.minutes(1))
            #expect(world.ledger.rows().count > taken)
            #expect(try await pseudonym(world) != before)
        }
    }

    @Test("what failed is not tried again; what comes later is told as it says itself") func afterwards() async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.status(503)), for: .twilio)
            try await world.take(Sample.details.detected())
            try await world.pass(.minutes(1))
            #expect(try await world.delivery("WD1", .sms).state == .retryWait)
            let taken = world.ledger.rows().count
            _ = try await erase(world)
            world.sandbox.switches.set(Fault(.none), for: .twilio)
            try await world.pass(.hours(2))
            let sms = try await world.delivery("WD1", .sms)
            #expect(sms.state == .cancelled && sms.reason == .erased)
            // Under the same id: somebody else.
            let answers = try await world.take(Sample.details.with { $0.seq = 2 }.resolved("refunded"))
            try await world.pass(.hours(2))
            guard case .accepted(_, let event) = answers[0] else { return #expect(Bool(false), "\(answers)") }
            let disposition = try #require(try await world.read { try $0.event(event)?.disposition })
            #expect(disposition != .received && disposition != .pending)
            let letters = try await world.letters()
            #expect(letters.isEmpty, "\(letters)")
            let rows = world.ledger.rows().dropFirst(taken)
            #expect(rows.map(\.title) == ["The money is back in your balance"], "from what that event says itself")
        }
    }

    @Test("what is too old goes round by round, and the log says how much") func retention() async throws {
        try await withWorld { world in
            try await world.take(Sample.details.detected())
            try await world.pass(.minutes(1))
            try await world.take(Sample.details.with { $0.seq = 2 }.resolved("refunded"))
            let keeping = Keeping(
                store: world.runtime.store, clock: world.clock, periods: world.configuration.settings.retention, pause: .zero)
            try await keeping.carryOut()
            #expect(try await world.read { try $0.keeping().dropped.values.allSatisfy { $0 == 0 } })
            try await world.pass(.days(200))
            try await keeping.carryOut()
            let dropped = try await world.read { try $0.keeping().dropped }
            #expect(dropped == [.events: 2, .contents: 0, .contacts: 2, .inbox: 2, .deadLetters: 0])
            let sms = try await world.deliveries("WD1", .sms)[0]
            #expect(sms.address.reveal(for: .comparing) == .inbox)
            try await world.pass(.days(210))
            try await keeping.carryOut()
            #expect(try await world.read { try $0.keeping().dropped[.contents] } == 2)
            #expect(try await world.read { try $0.bytes(of: try $0.attempts(ofDelivery: sms.id)[0].id) } == nil)
            let rows = try await world.read { try $0.log(after: 0, limit: 1000) }.filter { $0.entry.act == .retention }
            #expect(rows.map { $0.entry.body["contents"]?.integer } == [nil, 2])
            // The same event is still known.
            let again = try await world.take(Sample.details.detected())
            guard case .duplicate = again[0] else { return #expect(Bool(false), "it is taken for a new one") }
        }
    }

    private func pseudonym(_ world: World) async throws -> String {
        let name = try await world.read { try $0.pseudonym(ofCustomer: "CU1") }
        let erased = try await world.read { try $0.log(after: 0, limit: 1000) }.last { $0.entry.act == .erasure }
        return name ?? erased?.entry.body["customer"]?.string ?? ""
    }
}
