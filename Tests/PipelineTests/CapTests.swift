import App
import Config
import Core
import Pipeline
import Testing

/// Caps are counted in the store, over payouts and days: what a plan asks of them must be what it needs.
@Suite("caps over several payouts")
struct CapTests {
    /// One payout after another, far enough apart to be told alone.
    private func tell(_ sample: Sample, _ orders: ClosedRange<Int>, in world: World) async throws {
        for n in orders {
            let at = world.clock.now()
            try await world.take(sample.with { ($0.order, $0.anomaly, $0.at) = ("WD\(n)", "an-\(n)", at) }.detected())
            try await world.pass(.minutes(20))
        }
    }

    @Test("a day's pushes are counted, and the next day begins anew") func day() async throws {
        try await withWorld { world in
            let (world, _) = try await world.restarted { $0.policy.caps.perDay[.push] = 2 }
            try await tell(.limit, 1...3, in: world)
            #expect(try await world.delivery("WD2", .push).state == .sent)
            let third = try await world.delivery("WD3", .push)
            #expect(third.state == .blocked && third.reason == .dailyCap)
            try await world.pass(until: World.noon + .days(1))
            try await tell(.limit, 4...4, in: world)
            #expect(try await world.delivery("WD4", .push).state == .sent)
            try await world.runtime.close()
        }
    }

    @Test("what no other cap counts has one of its own") func uncounted() async throws {
        try await withWorld { world in
            let (world, _) = try await world.restarted {
                ($0.policy.caps.perDay, $0.policy.caps.uncountedPerDay) = ([.push: 0, .sms: 0], 2)
            }
            try await tell(Sample(), 1...3, in: world)
            #expect(try await world.delivery("WD2", .push).state == .sent)
            #expect(try await world.delivery("WD2", .sms).state == .sent)
            let third = try await world.delivery("WD3", .sms)
            #expect(third.state == .blocked && third.reason == .dailyCap)
            // The end is told, and counted there as well.
            let at = world.clock.now()
            try await world.take(Sample(seq: 2, at: at).with { ($0.order, $0.anomaly) = ("WD1", "an-1") }.resolved("arrived"))
            #expect(try await world.deliveries("WD1", .sms).map(\.reason) == [nil, .dailyCap])
            try await world.runtime.close()
        }
    }

    @Test("messages of one anomaly are counted over its notices") func anomaly() async throws {
        try await withWorld { world in
            let (world, _) = try await world.restarted { $0.policy.caps.perAnomaly[.sms] = 1 }
            try await world.take(Sample.details.detected())
            try await world.pass(.minutes(20))
            let at = world.clock.now()
            try await world.take(Sample.details.with { ($0.seq, $0.at) = (2, at) }.updated(step: "documents_requested"))
            #expect(try await world.deliveries("WD1", .sms).map(\.reason) == [nil, .rateLimitedCustomer])
            try await world.runtime.close()
        }
    }
}
