import App
import Core
import Sandbox
import Store
import Synchronization
import Testing
import Transport

@testable import Pipeline

/// A step of the wall clock is followed while something else goes on, or goes wrong.
@Suite struct ClockStageTests {
    @Test("a step that the disk has no room for is not followed, the time does not go back, and it is followed later") func full()
        async throws
    {
        try await withWorld([gateway]) { world in
            let machine = ScriptedClocks(wall: World.noon)
            let clock = HybridClock(bootID: "boot-1", machine: machine)
            let store = HookedStore(world.runtime.store)
            let stage = ClockStage(store: store, clock: clock)
            try await stage.begin()
            machine.step(.hours(1))
            for _ in 0..<599 {
                machine.pass(.seconds(1))
                try await stage.tick()
            }
            let before = clock.now()
            store.before { throw StoreError.full }
            machine.pass(.seconds(5))
            await #expect(throws: StoreError.full) { try await stage.tick() }
            #expect(clock.now() == before + .seconds(5))
            store.before(nil)
            machine.pass(.seconds(1))
            try await stage.tick()
            #expect(clock.now() == machine.wall)
        }
    }

    @Test("the horizon of a question is as far away after a step that was followed") func questions() async throws {
        try await withWorld([askedTwilio, mail]) { world in
            let machine = ScriptedClocks(wall: World.noon)
            let clock = HybridClock(bootID: "boot-1", machine: machine)
            let engine = Engine(
                configuration: world.configuration, templates: world.runtime.templates, store: world.runtime.store,
                transport: world.runtime.transport, clock: clock, zones: SystemZones(), flown: .absent(bootID: "boot-1"), recorder: nil)
            _ = try await engine.recover()
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .twilio)
            _ = try await engine.intake.accept([Intake.Raw(Sample().detected().bytes)], from: .queue("test"))
            try await engine.settle()
            let due = try #require(engine.inquiries.nextDue)
            machine.step(.hours(1))
            for _ in 0..<602 {
                machine.pass(.seconds(1))
                try await engine.watch?.tick()
            }
            #expect(clock.now() > World.noon + .hours(1))
            #expect(engine.inquiries.nextDue == due + .hours(1))
        }
    }

    @Test("what is written after a step was followed goes by the time after it, also when it was begun before") func between() async throws
    {
        try await withWorld([twilio, mail]) { world in
            let (inner, sandbox) = (world.runtime.store, world.sandbox)
            let clock = HybridClock(bootID: "boot-1", machine: ScriptedClocks(wall: World.noon))
            let store = HookedStore(inner)
            let engine = Engine(
                configuration: world.configuration, templates: world.runtime.templates, store: store, transport: world.runtime.transport,
                clock: clock, zones: SystemZones(), flown: .absent(bootID: "boot-1"), recorder: nil)
            _ = try await engine.recover()
            sandbox.switches.set(Fault(.throttle(retryAfter: 900), times: 1), for: .twilio)
            // From the first answer on, between what a stage has begun and its transaction.
            store.before {
                guard sandbox.switches.requests(to: .twilio) > 0 else { return }
                try await inner.write { writer in
                    _ = try writer.postpone(dueAfter: clock.now(), by: .hours(1))
                    clock.follow(.hours(1))
                }
            }
            _ = try await engine.intake.accept([Intake.Raw(Sample().detected().bytes)], from: .queue("test"))
            try await engine.settle()
            store.before(nil)
            let sms = try await world.delivery("WD1", .sms)
            let next = try #require(sms.nextAt)
            #expect(sms.state == .retryWait && next - clock.now() >= .minutes(14), "it waits as long as the provider asked")
        }
    }
}

/// A store before whose transactions something happens.
private final class HookedStore: Store {
    private let inner: SQLiteStore
    private let hook = Mutex<(@Sendable () async throws -> Void)?>(nil)
    init(_ inner: SQLiteStore) { self.inner = inner }

    func before(_ hook: (@Sendable () async throws -> Void)?) { self.hook.withLock { $0 = hook } }

    func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriter) throws -> Result) async throws -> Result {
        if let hook = hook.withLock({ $0 }) { try await hook() }
        return try await inner.write(body)
    }
    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Result) async throws -> Result {
        try await inner.read(body)
    }
    func close() async throws { try await inner.close() }
}
