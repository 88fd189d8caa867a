import App
import Config
import Core
import Foundation
import Sandbox
import Store
import Testing

@testable import Pipeline

/// What an operator holds does not leave: not at once, not after a restart, not in the moment the hold is made; and leaves when it is over.
@Suite struct HoldTests {
    private let risk = Sample()
    private let everybody = HoldScope()

    private func add(_ world: World, _ scope: HoldScope, for span: Duration? = nil) async throws {
        let answer = try await world.engine.desk.hold(scope, for: span, who: "lee", reason: "INC-88")
        guard case .done = answer else { throw Unexpected(words: "\(answer)") }
    }
    private func end(_ world: World, _ id: Int64 = 1) async throws {
        let answer = try await world.engine.desk.end(hold: id, who: "mei", reason: "over")
        guard case .done = answer else { throw Unexpected(words: "\(answer)") }
        try await world.engine.settle()
    }
    private func sent(_ world: World) -> Int { world.ledger.count(of: .twilio) + world.ledger.count(of: .apns) }
    private func rows(_ world: World, _ act: LogEntry.Act) async throws -> [LogEntry] {
        try await world.read { try $0.log(after: 0, limit: 1000) }.map(\.entry).filter { $0.act == act }
    }

    @Test("what is held waits with its reason, in-app is there, and the end lets it go once", arguments: [false, true])
    func holds(isRestarted: Bool) async throws {
        try await withWorld { world in
            try await add(world, HoldScope(kind: .riskHold))
            try await world.take(risk.detected())
            var next = world
            if isRestarted { next = try await world.restarted().0 }
            try await next.pass(.minutes(2))
            let sms = try await next.delivery("WD1", .sms)
            #expect(sms.state == .ready && sms.reason == .onHold && sms.tries == 0)
            #expect(sms.nextAt == sms.expires + .milliseconds(1), "looked at again when its time is over")
            #expect(try await next.delivery("WD1", .inApp).state == .delivered)
            #expect(sent(next) == 0)
            #expect(try await next.read { try $0.waiting(in: HoldScope()) }[.sms] == HeldCount(waiting: 1, held: 1))
            try await end(next)
            try await next.pass(.minutes(2))
            #expect(try await next.delivery("WD1", .sms).state == .sent && next.ledger.count(of: .twilio) == 1)
            #expect(next.ledger.count(of: .apns) == 1)
            let held = try await rows(next, .held)
            #expect(held.count == 2 && held.allSatisfy { $0.body["hold"]?.string == "h1" && $0.order?.description == "WD1" })
            let said = try await rows(next, .operator).map { $0.body["command"]?.string }
            #expect(said == ["hold add h1 kind=risk_hold", "hold end h1 kind=risk_hold"])
            #expect(try await next.read { try $0.verifyChain() } == nil)
            if isRestarted { try await next.runtime.close() }
        }
    }

    @Test("only what fits every member of its scope is held; findings for staff never are") func scopes() async throws {
        try await withWorld { world in
            let fits: [HoldScope] = [
                HoldScope(), HoldScope(order: OrderNumber("WD1")), HoldScope(customer: "CU1"), HoldScope(bank: "HXB"),
                HoldScope(rail: "cn_instant"), HoldScope(kind: .riskHold), HoldScope(channel: .sms),
                HoldScope(order: OrderNumber("WD1"), customer: "CU1", bank: "HXB", rail: "cn_instant", kind: .riskHold, channel: .sms),
            ]
            let others: [HoldScope] = [
                HoldScope(order: OrderNumber("WD2")), HoldScope(customer: "CU2"), HoldScope(bank: "ICBC"), HoldScope(rail: "cnaps"),
                HoldScope(kind: .bankDelay), HoldScope(channel: .mail), HoldScope(kind: .riskHold, channel: .mail),
                HoldScope(order: OrderNumber("WD1"), customer: "CU2"),
            ]
            try await world.take(risk.detected())
            let sms = try await world.delivery("WD1", .sms)
            let episode = try #require(try await world.read { try $0.episode(sms.episode) })
            func isCovered(_ delivery: Delivery, _ scope: HoldScope) -> Bool {
                HoldsInForce([Hold(scope: scope, who: "", reason: "", since: World.noon)], at: World.noon).covering(delivery) { episode }
                    != nil
            }
            var staff = sms
            staff.episode = 0
            for scope in fits {
                #expect(isCovered(sms, scope), "\(scope)")
                #expect(!isCovered(staff, scope))
            }
            for scope in others { #expect(!isCovered(sms, scope), "\(scope)") }
        }
    }

    @Test("a hold on one channel leaves the others alone") func oneChannel() async throws {
        try await withWorld { world in
            try await add(world, HoldScope(channel: .sms))
            try await world.take(risk.detected())
            #expect(world.ledger.count(of: .twilio) == 0 && world.ledger.count(of: .apns) == 1)
        }
    }

    @Test("a hold with a time ends by itself, at its time and not before") func expiry() async throws {
        try await withWorld { world in
            try await add(world, everybody, for: .minutes(3))
            try await world.take(risk.detected())
            try await world.pass(.minutes(2))
            #expect(try await world.delivery("WD1", .sms).nextAt == World.noon + .minutes(3))
            #expect(sent(world) == 0)
            try await world.pass(.minutes(2))
            #expect(try await world.delivery("WD1", .sms).state == .sent && sent(world) == 2)
            let over = try await world.engine.desk.end(hold: 1, who: "lee", reason: "late")
            guard case .refused = over else { throw Unexpected(words: "ended twice") }
            #expect(try await world.engine.desk.end(hold: 9, who: "lee", reason: "none") == .notFound)
        }
    }

    @Test("of two holds the longer counts; the end of one leaves what the other covers") func twoHolds() async throws {
        try await withWorld { world in
            try await add(world, HoldScope(kind: .riskHold), for: .minutes(2))
            try await add(world, HoldScope(customer: "CU1"), for: .minutes(4))
            try await world.take(risk.detected(), risk.with { ($0.order, $0.anomaly, $0.customer) = ("WD2", "an-2", "CU2") }.detected())
            #expect(try await world.delivery("WD1", .sms).nextAt == World.noon + .minutes(4))
            try await end(world, 1)
            #expect(try await world.delivery("WD1", .sms).reason == .onHold)
            #expect(try await world.delivery("WD2", .sms).state == .sent)
            try await world.pass(.minutes(5))
            #expect(try await world.delivery("WD1", .sms).state == .sent && world.ledger.count(of: .twilio) == 2)
        }
    }

    @Test("the time budget runs on: what is held too long ends, and says why") func budget() async throws {
        try await withWorld { world in
            try await add(world, everybody)
            try await world.take(risk.detected())
            let expires = try await world.delivery("WD1", .sms).expires
            try await world.pass(until: expires + .minutes(1))
            let sms = try await world.delivery("WD1", .sms)
            #expect(sms.state == .expired && sms.reason == .onHold && sent(world) == 0)
            try await end(world)
            #expect(try await world.delivery("WD1", .sms).state == .expired && world.ledger.count(of: .twilio) == 0)
        }
    }

    @Test("what is over meanwhile is never sent, and of several updates only the last is") func decidedAgain() async throws {
        try await withWorld { world in
            try await add(world, everybody)
            try await world.take(risk.detected())
            for (n, step) in ["review_queued", "under_review"].enumerated() {
                try await world.pass(.minutes(2))
                try await world.take(risk.with { ($0.seq, $0.at) = (2 + n, World.noon + .minutes(2 + 2 * n)) }.updated(step: step))
            }
            let other = risk.with { ($0.order, $0.anomaly, $0.customer) = ("WD2", "an-2", "CU2") }
            try await world.take(other.detected())
            try await world.take(other.with { $0.seq = 2 }.resolved("arrived"))
            try await end(world)
            let opened = try await world.deliveries("WD2", .sms)[0]
            #expect(opened.state == .cancelled && opened.reason == .superseded && opened.tries == 0)
            let mine = try await world.deliveries("WD1", .sms)
            #expect(mine.count { $0.state == .sent } == 1 && mine.last?.state == .sent, "\(mine.map { ($0.state, $0.reason) })")
        }
    }

    /// A night is longer than the time of what is normal: it ends with its time, and the app has it.
    @Test("a hold that ends while the customer sleeps wakes nobody") func night() async throws {
        let evening = Timestamp(rfc3339: "2025-11-12T13:30:00Z")!
        try await withWorld(at: evening) { world in
            try await add(world, everybody)
            try await world.take(Sample.limit.with { $0.at = evening }.detected())
            try await world.pass(.hours(1))
            #expect(try await world.delivery("WD1", .push).reason == .onHold)
            try await end(world)
            let waits = try await world.delivery("WD1", .push)
            let morning = Timestamp(rfc3339: "2025-11-13T00:00:00Z")!
            #expect(waits.state == .ready && waits.reason == .quietHoursDeferred)
            #expect(waits.nextAt.map { $0 >= morning } == true)
            try await world.pass(until: morning + .minutes(30))
            #expect(try await world.delivery("WD1", .push).state == .expired)
            #expect(world.ledger.count(of: .apns) == 0)
        }
    }

    @Test("a message that is tried again is held as well, with the try it had") func retries() async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.status(503)), for: .twilio)
            try await world.take(risk.detected())
            try await add(world, everybody)
            world.sandbox.switches.reset()
            try await world.pass(.minutes(5))
            let sms = try await world.delivery("WD1", .sms)
            #expect(sms.state == .retryWait && sms.reason == .onHold && world.ledger.count(of: .twilio) == 0)
            try await end(world)
            #expect(try await world.delivery("WD1", .sms).state == .sent && world.ledger.count(of: .twilio) == 1)
        }
    }

    /// Of what may be there already nothing may claim that it never left; it is looked at again each minute.
    @Test("what may be there already is held and stays in doubt") func doubt() async throws {
        try await withWorld([gateway]) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .gateway)
            try await world.take(risk.detected())
            try await add(world, everybody)
            try await world.pass(.minutes(3))
            let sms = try await world.delivery("WD1", .sms)
            #expect(sms.state == .retryWait && sms.reason == .ambiguous && sms.tries == 1)
            try await end(world)
            try await world.pass(.minutes(2))
            #expect(try await world.delivery("WD1", .sms).state == .sent && world.ledger.count(of: .gateway) == 1)
        }
    }

    /// Intents and the hold go through one writer: whichever comes first, none follows the hold's row.
    @Test("racing with a hold, no intent comes after its commit", arguments: 1...4) func race(turn: Int) async throws {
        try await withWorld { world in
            let engine = world.engine
            let running = Task { try await engine.run() }
            let samples = (1...40).map { n in
                risk.with { ($0.order, $0.anomaly, $0.customer) = ("WD\(n)", "an-\(n)", "CU\(n)") }.detected(id: "ev-\(n)")
            }
            async let taking: Void = {
                for sample in samples { _ = try await engine.intake.accept([Intake.Raw(sample.bytes)], from: .http) }
            }()
            for _ in 1..<turn { await Task.yield() }
            try await add(world, everybody)
            try await taking
            // All of them are decided before the end.
            while try await world.accounting().pending > 0 { await Task.yield() }
            running.cancel()
            try await running.value
            try await engine.settle()
            let log = try await world.read { try $0.log(after: 0, limit: 10_000) }
            let hold = try #require(log.first { $0.entry.act == .operator })
            let late = log.filter { $0.entry.act == .intent && $0.seq > hold.seq }.compactMap(\.entry.delivery)
            let broken = try await world.read { reader in try late.compactMap { try reader.delivery($0) }.filter { $0.episode != 0 } }
            #expect(broken.isEmpty)
            let waiting = try await world.read { try $0.waiting(in: HoldScope()) }[.sms]?.held ?? 0
            #expect(waiting + world.ledger.count(of: .twilio) == 40)
        }
    }

    @Test("what a process had not released when it ended the next one does") func unfinishedRelease() async throws {
        try await withWorld { world in
            try await add(world, everybody)
            try await world.take(risk.detected())
            // The first half of an end: the hold's row alone.
            let ending = Hold.Ending(at: world.clock.now(), who: "mei", reason: "over")
            try await world.runtime.store.write { _ = try $0.end(hold: 1, ending) }
            let (next, _) = try await world.restarted()
            try await next.engine.settle()
            #expect(try await next.delivery("WD1", .sms).state == .sent)
            #expect(try await next.read { try !$0.isReleasing() })
            try await next.runtime.close()
        }
    }

    @Test("the same hold twice is refused, and the log names no customer") func refusals() async throws {
        try await withWorld { world in
            try await add(world, HoldScope(customer: "CU1"))
            let again = try await world.engine.desk.hold(HoldScope(customer: "CU1"), for: nil, who: "mei", reason: "too")
            #expect(again == .refused("h1 holds the same, by lee: INC-88"))
            let said = try #require(try await rows(world, .operator).first?.body["command"]?.string)
            #expect(said.hasPrefix("hold add h1 customer=cus_") && !said.contains("CU1"))
        }
    }
}
