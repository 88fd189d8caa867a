import App
import Config
import Core
import Pipeline
import Sandbox
import Store
import Synchronization

/// A machine's two clocks, as a test has them go.
final class ScriptedClocks: MachineClocks {
    private let now: Mutex<ClockReading>
    init(wall: Timestamp, boot: Duration = .seconds(1000)) { now = Mutex(ClockReading(wall: wall, boot: boot)) }

    var wall: Timestamp { now.withLock { $0.wall } }
    var boot: Duration { now.withLock { $0.boot } }
    func look() -> ClockReading { now.withLock { $0 } }

    /// Time passes.
    /// - Parameter percent: by which the wall clock goes too fast.
    func pass(_ time: Duration, percent: Int = 0) {
        now.withLock { now in
            now.boot += time
            now.wall = now.wall + time + time * percent / 100
        }
    }
    /// The wall clock is set.
    func set(_ wall: Timestamp) { now.withLock { $0.wall = wall } }
    func step(_ by: Duration) { now.withLock { $0.wall = $0.wall + by } }
    /// The machine is started anew, and was off for that long.
    func reboot(off time: Duration = .zero) { now.withLock { $0 = ClockReading(wall: $0.wall + time, boot: .seconds(5)) } }
}

/// A world whose worker goes by a machine's clocks.
struct ClockWorld: Sendable {
    private(set) var world: World
    let machine: ScriptedClocks
    private var clock: HybridClock

    var now: Timestamp { clock.now() }
    var standing: HybridClock.Standing { clock.standing }

    /// Its worker in the place of the world's own.
    static func with<T>(
        _ accounts: [String] = [twilio, mail], at start: Timestamp = World.noon, _ body: (inout ClockWorld) async throws -> T
    ) async throws -> T {
        try await withWorld(accounts, at: start) { world in
            try await world.runtime.close()
            let machine = ScriptedClocks(wall: start)
            var mine = ClockWorld(world: world, machine: machine, clock: HybridClock(bootID: nil, machine: machine))
            try await mine.start(boot: "boot-1")
            do {
                let result = try await body(&mine)
                try await mine.world.runtime.close()
                return result
            } catch {
                try await mine.world.runtime.close()
                throw error
            }
        }
    }

    private mutating func start(boot: String, _ change: (inout Configuration) -> Void = { _ in }) async throws {
        clock = HybridClock(bootID: boot, machine: machine)
        change(&world.configuration)
        world.runtime = try Runtime.make(
            world.configuration, clock: clock, random: SystemRandom(), authority: world.endpoints.caFile, templates: try shippedTexts.get())
        _ = try await world.engine.recover()
    }

    /// Another process.
    mutating func restart(boot: String = "boot-1", _ change: (inout Configuration) -> Void = { _ in }) async throws {
        try await world.runtime.close()
        try await start(boot: boot, change)
    }

    /// Stops wherever something is due, and now and then.
    func pass(_ time: Duration, percent: Int = 0) async throws {
        let end = machine.boot + time
        while machine.boot < end {
            let due = try await world.engine.settle().map { $0 - clock.now() } ?? .seconds(20)
            machine.pass(min(end - machine.boot, .seconds(20), max(due, .milliseconds(500))), percent: percent)
        }
        _ = try await world.engine.settle()
    }

    /// Passes until there is so much from a provider, at most that long; returns how long it took.
    func passUntil(_ standIn: StandIn, has count: Int, atMost limit: Duration, percent: Int = 0) async throws -> Duration {
        let start = machine.boot
        while world.toCustomers(standIn) < count, machine.boot - start < limit { try await pass(.seconds(20), percent: percent) }
        return machine.boot - start
    }

    /// Rows of the log about the clock.
    func steps() async throws -> [JSON] {
        try await world.read { try $0.log(after: 0, limit: 10_000) }.map(\.entry).filter { $0.act == .clock }.map(\.body)
    }
    func logTimes() async throws -> [Timestamp] { try await world.read { try $0.log(after: 0, limit: 10_000) }.map(\.entry.at) }
}
