import App
import Core
import Foundation
import Sandbox
import Store
import Testing

@testable import Pipeline

/// Two SMS accounts beside each other: who gets what, and who takes over.
@Suite struct FailoverTests {
    private let hold = Sample()
    /// Blind, named last in the settings, and only there to take over.
    private let standby = gateway.replacingOccurrences(of: "    idempotency_header: Idempotency-Key\n", with: "    weight: 0\n")

    private func holds(_ range: Range<Int>, at moment: Timestamp = World.noon) -> [JSON] {
        range.map { Sample(order: "WD\($0)", anomaly: "an-\($0)", at: moment, customer: "CU\($0)").detected() }
    }
    private func take(_ events: [JSON], _ world: World) async throws { try await world.take(raw: events.map(\.bytes)) }

    @Test("messages are shared by weight, and each delivery knows its account") func shares() async throws {
        try await withWorld([twilio.replacingOccurrences(of: "from:", with: "weight: 3, from:"), gateway, apns]) { world in
            try await take(holds(0..<80), world)
            let (first, second) = (world.ledger.count(of: .twilio), world.ledger.count(of: .gateway))
            #expect(first + second == 80 && (45...75).contains(first))
            for n in 0..<80 {
                let delivery = try await world.delivery("WD\(n)", .sms)
                #expect(delivery.state == .sent && ["sms-main", "sms-keyed"].contains(delivery.account))
            }
        }
    }

    @Test(
        "what was provably not taken goes to the other account at once, with the same words",
        arguments: [Fault(.status(503)), Fault(.status(401)), Fault(.throttle(retryAfter: 600))])
    func failover(fault: Fault) async throws {
        try await withWorld([twilio, standby, apns]) { world in
            world.sandbox.switches.set(fault, for: .twilio)
            try await world.take(hold.detected())
            let delivery = try await world.delivery("WD1", .sms)
            #expect(delivery.state == .sent && delivery.account == "sms-keyed" && delivery.tries == 2)
            let attempts = try await world.attempts(delivery)
            #expect(attempts.map(\.state) == [.rejected, .accepted] && attempts.map(\.account) == ["sms-main", "sms-keyed"])
            #expect(attempts[1].startedAt == World.noon, "without a wait")
            let bytes = try await world.read { reader in try attempts.compactMap { try reader.bytes(of: $0.id) } }
            #expect(bytes[0].content == bytes[1].content && bytes[0].call != bytes[1].call)
            #expect(world.ledger.count(of: .gateway) == 1 && world.ledger.count(of: .twilio) == 0)
        }
    }

    @Test(
        "what may have been taken never goes to another account", arguments: [Fault(.drop), Fault(.dropAfterAccept), Fault(.status(500))])
    func doubt(fault: Fault) async throws {
        try await withWorld([twilio, standby, apns]) { world in
            world.sandbox.switches.set(fault, for: .twilio)
            try await world.take(hold.detected())
            try await world.pass(.hours(1))
            #expect(try await world.delivery("WD1", .sms).state == .unknown)
            #expect(world.ledger.count(of: .gateway) == 0 && world.sandbox.switches.requests(to: .twilio) == 1)
        }
    }

    @Test("doubt on an account that ignores repeats is ended there, although others are free") func doubtStays() async throws {
        try await withWorld([gateway, twilio.replacingOccurrences(of: "from:", with: "weight: 0, from:"), apns]) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .gateway)
            try await world.take(hold.detected())
            try await world.pass(.minutes(1))
            let delivery = try await world.delivery("WD1", .sms)
            #expect(delivery.state == .sent && delivery.account == "sms-keyed")
            #expect(world.ledger.count(of: .twilio) == 0 && world.ledger.visible().filter { $0.provider == .gateway }.count == 1)
        }
    }

    @Test("an account that fails is left alone after five, also by the next process, and tried again by one message") func breaker()
        async throws
    {
        try await withWorld([twilio, standby, apns]) { world in
            world.sandbox.switches.set(Fault(.status(503)), for: .twilio)
            for n in 0..<8 { try await take(holds(n..<n + 1), world) }
            #expect(world.sandbox.switches.requests(to: .twilio) == 5 && world.ledger.count(of: .gateway) == 8)
            let standing = try #require(try await world.read { try $0.accountStandings() }.first)
            let opening = try #require(standing.opening)
            #expect(standing.account == "sms-main" && standing.state == .open && standing.lastFailure.contains("503"))
            let rows = try await world.read { try $0.log(after: 0, limit: 10_000) }.filter { $0.entry.act == .account }
            #expect(rows.count == 1 && rows[0].entry.body["state"]?.string == "open")

            let (next, _) = try await world.restarted()
            try await take(holds(8..<10), next)
            #expect(next.sandbox.switches.requests(to: .twilio) == 5, "it is known after a restart")
            next.clock.advance(to: opening.until)
            try await take(holds(10..<14, at: opening.until), next)
            #expect(next.sandbox.switches.requests(to: .twilio) == 6, "one finds out")
            let again = try #require(try await next.read { try $0.accountStandings() }.first?.opening)
            #expect(again.count == 2 && again.until - opening.until > .seconds(50))
            next.sandbox.switches.reset()
            next.clock.advance(to: again.until)
            try await take(holds(14..<15, at: again.until), next)
            #expect(try await next.read { try $0.accountStandings() }.first?.state == .closed)
            for n in 15..<20 { try await take(holds(n..<n + 1, at: again.until), next) }
            #expect(
                next.ledger.count(of: .twilio) == 6 && next.ledger.visible().filter { $0.provider != .apns }.count == 20, "each told once")
            try await next.runtime.close()
        }
    }

    @Test("after a kill an account has the window, the trust and the rate that it had") func measures() async throws {
        let rated = twilio.replacingOccurrences(of: "from:", with: "rate: 5, from:")
        try await withWorld([rated, apns]) { world in
            world.sandbox.switches.set(Fault(.drop), for: .twilio)
            try await take(holds(0..<3), world)
            world.sandbox.switches.reset()
            try await world.pass(.seconds(2))
            try await take(holds(3..<20, at: world.clock.now()), world)
            let sent = world.ledger.count(of: .twilio)
            #expect(sent == 5)
            let stored = try #require(try await world.read { try $0.accountStandings() }.first)
            #expect(stored.account == "sms-main" && stored.state == .closed && stored.measure.trust < 0.7)
            #expect(stored.measure.window != nil && stored.measure.bucket?.at == world.clock.now())
            let rows = try await world.read { try $0.log(after: 0, limit: 10_000) }.filter { $0.entry.act == .account }
            #expect(rows.isEmpty, "the state has not changed")

            let (next, _) = try await world.restarted()
            let now = next.clock.now()
            #expect(next.engine.accounts.trust(in: "sms-main") == stored.measure.trust)
            #expect(next.engine.accounts.standing(of: "sms-main", at: now)?.measure.window == stored.measure.window)
            try await next.engine.settle()
            #expect(next.ledger.count(of: .twilio) == sent, "both processes together keep the rate")
            try await next.pass(.seconds(1))
            #expect((sent + 4...sent + 5).contains(next.ledger.count(of: .twilio)))
            try await next.pass(.minutes(1))
            #expect(next.ledger.count(of: .twilio) == 17)
            try await next.runtime.close()
        }
    }

    @Test("a stop keeps what moved since the last second, and what is at rest costs no transaction") func stops() async throws {
        try await withWorld([twilio.replacingOccurrences(of: "from:", with: "rate: 5, from:"), apns]) { world in
            func stop() async throws {
                let running = Task { try await world.engine.run() }
                running.cancel()
                try await running.value
            }
            try await take(holds(0..<2), world)
            world.clock.advance(to: World.noon + .milliseconds(400))
            try await take(holds(2..<4), world)
            func left() async throws -> AccountStanding.Measure.Bucket? {
                try await world.read { try $0.accountStandings() }.first?.measure.bucket
            }
            #expect(try await left()?.at == World.noon)
            try await stop()
            #expect(try await left()?.at == World.noon + .milliseconds(400))
            #expect(try await world.read { try $0.accountStandings() }.map(\.account) == ["sms-main"])
        }
    }

    @Test("with every account of a channel down nothing is tried in vain, and nothing is lost") func allDown() async throws {
        try await withWorld([apns]) { world in
            world.sandbox.switches.set(Fault(.status(503)), for: .apns)
            let sample = Sample.limit
            for n in 0..<30 {
                var other = sample
                (other.order, other.anomaly, other.customer) = ("WD\(n)", "an-\(n)", "CU\(n)")
                try await world.take(other.detected())
            }
            let tried = world.sandbox.switches.requests(to: .apns)
            #expect(tried == 5)
            let waiting = try await world.read { try $0.deliveries(in: .ready, limit: 100) }.filter { $0.channel == .push }
            #expect(
                waiting.count == 25 && waiting.allSatisfy { $0.reason == .providerUnreachable && $0.tries == 0 && $0.nextAt! > World.noon })
            try await world.pass(.minutes(10))
            #expect(world.sandbox.switches.requests(to: .apns) <= tried + 5, "one at a time, ever more seldom")
            world.sandbox.switches.reset()
            try await world.pass(.minutes(30))
            #expect(world.taken(by: .apns).count == 30)
        }
    }

    @Test("a person pauses an account and uses it again; what has nowhere else to go waits") func pause() async throws {
        try await withWorld([twilio, apns]) { world in
            let desk = world.engine.desk
            #expect(try await desk.set(paused: true, account: "sms-none", who: "op", reason: "x") == .notFound)
            guard case .done = try await desk.set(paused: true, account: "sms-main", who: "op", reason: "INC-1") else {
                throw Unexpected(words: "not paused")
            }
            #expect(try await desk.set(paused: true, account: "sms-main", who: "op", reason: "x") == .refused("it is paused already"))
            try await world.take(hold.detected())
            let waiting = try await world.delivery("WD1", .sms)
            #expect(waiting.state == .ready && waiting.reason == .providerPaused && waiting.tries == 0)
            #expect(try await world.delivery("WD1", .push).state == .sent)
            let (next, _) = try await world.restarted()
            try await next.pass(.minutes(2))
            #expect(next.ledger.count(of: .twilio) == 0, "a restart ends no pause")
            guard case .done = try await next.engine.desk.set(paused: false, account: "sms-main", who: "op", reason: "over") else {
                throw Unexpected(words: "not in use")
            }
            #expect(
                try await next.engine.desk.set(paused: false, account: "sms-main", who: "op", reason: "x")
                    == .refused("it is in use already"))
            try await next.pass(.seconds(10))
            #expect(try await next.delivery("WD1", .sms).state == .sent)
            let rows = try await next.read { try $0.log(after: 0, limit: 10_000) }.filter { $0.entry.act == .account }.map(\.entry.body)
            #expect(rows.map { $0["state"]?.string } == ["paused", "closed"] && rows.map { $0["reason"]?.string } == ["INC-1", "over"])
            #expect(rows.allSatisfy { $0["who"]?.string == "op" })
            try await next.runtime.close()
        }
    }

    @Test("an account that was taken out of the settings is not stood in for where a message may be there") func accountGone() async throws
    {
        try await withWorld([gateway, apns]) { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .gateway)
            try await world.take(hold.detected())
            #expect(try await world.delivery("WD1", .sms).reason == .ambiguous)
            let other = try configuration([twilio, apns], world.folder, world.endpoints)
            let (next, _) = try await world.restarted { $0 = other }
            try await next.pass(.minutes(10))
            #expect(try await next.delivery("WD1", .sms).state == .unknown && next.ledger.count(of: .twilio) == 0)
            try await next.runtime.close()
        }
    }

    @Test("a rate is kept, and what waits for it leaves when its time comes") func rate() async throws {
        try await withWorld([twilio.replacingOccurrences(of: "from:", with: "rate: 5, from:"), apns]) { world in
            try await take(holds(0..<20), world)
            #expect(world.ledger.count(of: .twilio) == 5)
            try await world.pass(.seconds(1))
            #expect((9...10).contains(world.ledger.count(of: .twilio)))
            try await world.pass(.seconds(3))
            #expect(world.ledger.count(of: .twilio) == 20)
        }
    }
}
