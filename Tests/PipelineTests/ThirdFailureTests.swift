import App
import Core
import Pipeline
import Store
import Testing

@Suite("the third failure with an account: support offers a call, once") struct ThirdFailureTests {
    /// The n-th payout of the customer fails, this many days after noon.
    private func fail(_ n: Int, day: Int, kind: String = "account_info_error", last4: String? = nil) -> Sample {
        Sample(order: "WD\(n)", anomaly: "an-\(n)", kind: kind, code: nil, at: World.noon + .days(day)).with {
            if let last4 { $0.account = ["type": "card", "last4": .string(last4)] }
            if kind == "limit_exceeded" { $0.details = Sample.limit.details }
        }
    }
    private func calls(_ world: World) async throws -> [String] {
        try await world.reviews(.escalation).filter { $0.detail.hasSuffix("support: offer a call") }.compactMap { $0.order?.description }
            .sorted()
    }

    /// Takes each on its day, and gives it an hour.
    private func failing(_ world: World, _ failures: [Sample]) async throws {
        for failure in failures {
            try await world.pass(until: failure.at)
            try await world.take(failure.detected())
            try await world.pass(.hours(1))
        }
    }

    @Test("the first two ask nobody, the third asks support, also across a restart") func third() async throws {
        try await withWorld { world in
            try await failing(world, [fail(1, day: 0), fail(2, day: 1, kind: "limit_exceeded")])
            #expect(try await calls(world).isEmpty)
            let (next, _) = try await world.restarted()
            let third = fail(3, day: 2, kind: "account_unavailable")
            try await failing(next, [third])
            #expect(try await calls(next) == ["WD3"])
            // The same news again, and more of it, are no further failure.
            try await next.take(third.with { ($0.seq, $0.at) = (2, next.clock.now()) }.updated(step: "refused"))
            let (last, _) = try await next.restarted()
            try await last.pass(.hours(20))
            #expect(try await calls(last) == ["WD3"])
            try await last.runtime.close()
        }
    }

    @Test("one that another of its payout took the place of is one failure") func superseded() async throws {
        try await withWorld { world in
            let again = Sample(order: "WD1", anomaly: "an-1b", seq: 2, kind: "account_unavailable", code: nil, at: World.noon + .hours(2))
            try await failing(world, [fail(1, day: 0), again, fail(2, day: 1)])
            #expect(try await calls(world).isEmpty)
        }
    }

    @Test("news of an earlier failure that comes in last makes the third") func late() async throws {
        try await withWorld { world in
            let (first, second, third) = (fail(1, day: 0), fail(2, day: 1), fail(3, day: 2))
            try await failing(world, [first, third])
            try await failing(world, [second])
            #expect(try await calls(world) == ["WD2"])
        }
    }

    @Test("the first two wait for no step that could not ask anybody") func unarmed() async throws {
        try await withWorld { world in
            try await failing(world, [fail(1, day: 0)])
            let timers = try await world.runtime.store.read { reader in
                try reader.episodes(ofOrder: OrderNumber("WD1")!).flatMap { try reader.timers(ofEpisode: $0.id) }
            }
            #expect(timers.filter { $0.step == .escalation }.map(\.argument) == [0, 1])
        }
    }

    @Test("another account, another kind and what was long ago do not count") func others() async throws {
        try await withWorld { world in
            try await failing(
                world, [fail(1, day: 0), fail(2, day: 1, last4: "1111"), fail(3, day: 2, kind: "insufficient_balance"), fail(4, day: 31)])
            #expect(try await calls(world).isEmpty)
            try await failing(world, [fail(5, day: 32), fail(6, day: 33)])
            #expect(try await calls(world) == ["WD6"])
        }
    }
}
