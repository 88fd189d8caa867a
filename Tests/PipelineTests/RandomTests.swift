import App
import Core
import Foundation
import Pipeline
import Sandbox
import Store
import Testing

/// Events that were shuffled, doubled and dropped, over providers that fail in every way.
@Suite struct RandomTests {
    @Test("the law holds, and nothing is on a screen twice", arguments: 1...3) func stream(seed: UInt64) async throws {
        var chance = Chance(seed: seed)
        let events = try Self.events(&chance)
        try await withWorld([gateway, apns, mail], at: Timestamp(rfc3339: "2025-11-10T00:00:00Z")!) { world in
            for (n, line) in events.enumerated() {
                if n % 20 == 0 { Self.shake(world.sandbox.switches, &chance) }
                if let arrival = try JSON(parsing: line)["receivedat"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
                    arrival > world.clock.now()
                {
                    try await world.pass(until: arrival)
                }
                _ = try await world.engine.intake.accept([Intake.Raw(line)], from: .queue("test"))
                if chance.below(3) > 0 { try await world.engine.settle() }
            }
            world.sandbox.switches.reset()
            try await world.pass(.hours(80))
            try await world.engine.recordWaiting()
            try await judge(world, read: events.count)
        }
    }

    private func judge(_ world: World, read: Int) async throws {
        let sums = try await world.accounting()
        #expect(read == sums.duplicate + sums.conflict + sums.rejected + sums.accepted && sums.accepted > 0)
        #expect(sums.accepted == sums.planned + sums.stale + sums.recorded + sums.pending + sums.suppressed.values.reduce(0, +))
        #expect(sums.pending == 0)
        for states in sums.deliveries.values {
            #expect(states[.ready] == nil && states[.retryWait] == nil && states[.inflight] == nil)
        }
        // Each delivery's own name on the wire: of the gateway, of mail; on devices one screen for one name.
        let rows = world.ledger.rows()
        for names in [
            rows.filter { $0.provider == .gateway }.compactMap { $0.ids["ref"] }, rows.filter { $0.provider == .smtp }.compactMap(\.key),
        ] {
            #expect(!names.isEmpty && Set(names).count == names.count)
        }
        let screens = world.ledger.visible().filter { $0.provider == .apns }.compactMap { row in row.key.map { row.recipient + $0 } }
        #expect(Set(screens).count == screens.count)
        #expect(try await world.read { try $0.verifyChain() } == nil)
        // What the providers took and what we say we sent: everything taken is sent or listed, nothing else is called sent.
        let taken = Set(rows.filter { $0.provider == .gateway }.compactMap { $0.ids["ref"] })
        let told = try await world.read { reader in
            var query = DeliveryQuery(limit: 10_000)
            query.channel = .sms
            return try reader.deliveries(matching: query).map { ($0.publicID, $0.state) }
        }
        for (name, state) in told {
            if state == .sent { #expect(taken.contains(name)) }
            if taken.contains(name) { #expect([.sent, .ambiguous, .unknown].contains(state), "\(name) was taken and is \(state)") }
        }
    }

    private static func events(_ chance: inout Chance) throws -> [[UInt8]] {
        let text = try String(contentsOfFile: repository + "/Tests/Fixtures/events-sample.jsonl", encoding: .utf8)
        var lines: [[UInt8]] = []
        for line in text.split(separator: "\n") where chance.below(8) > 0 {
            lines.append(Array(line.utf8))
            if chance.below(6) == 0 { lines.append(Array(line.utf8)) }
        }
        // Neighbours change places, near and far.
        for n in lines.indices.dropFirst() where chance.below(3) == 0 { lines.swapAt(n, max(0, n - chance.below(25))) }
        return lines
    }

    private static func shake(_ switches: Switches, _ chance: inout Chance) {
        let faults = [
            Fault.none, Fault(.status(503), percent: 50), Fault(.throttle(retryAfter: 20), percent: 50), Fault(.drop, percent: 40),
            Fault(.dropAfterAccept, percent: 40), Fault(.status(400), percent: 10),
        ]
        for standIn in [StandIn.gateway, .apns] { switches.set(faults[chance.below(faults.count)], for: standIn) }
        let ofMail = [
            Fault.none, Fault(.status(451), percent: 50), Fault(.status(550), percent: 30), Fault(.throttle(retryAfter: 20), percent: 50),
            Fault(.drop, percent: 40), Fault(.dropAfterAccept, percent: 40), Fault(.none, stall: 20),
        ]
        switches.set(ofMail[chance.below(ofMail.count)], for: .smtp)
    }
}

/// The same choices for the same seed.
struct Chance {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }
    mutating func below(_ n: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(n))
    }
}
