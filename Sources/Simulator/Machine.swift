import Core
import Pipeline

/// The machine of a world. One of its clocks counts the time that passes since it was started; the other shows what it was set to.
struct Machine {
    /// How long after its start the first process may begin.
    private static let first = Duration.seconds(5)

    private var startedAt: Timestamp
    private var boots = 0
    /// The wall clock showed so much more than the time it was, at that moment; and goes wrong by so many thousandths since.
    private var error = Duration.zero
    private var since: Timestamp
    private(set) var drift: Int64 = 0
    /// When somebody touched the wall clock last.
    private(set) var changedAt: Timestamp

    init(at now: Timestamp) { (startedAt, since, changedAt) = (now, now, now) }

    var bootID: String { "boot-\(boots)" }
    func boot(at now: Timestamp) -> Duration { now - startedAt + Self.first }
    func error(at now: Timestamp) -> Duration { error + .milliseconds((now - since).milliseconds * drift / 1000) }
    func wall(at now: Timestamp) -> Timestamp { now + error(at: now) }

    /// The power was cut: it counts anew.
    mutating func restart(at now: Timestamp) {
        startedAt = now
        boots += 1
    }

    /// What becomes of a wall clock.
    enum Turn: Equatable {
        /// It is right, and goes right.
        case right
        case step(Duration)
        /// It shows that.
        case set(Timestamp)
        /// It gains so many thousandths from now on.
        case drift(Int64)
        /// It goes right from now on, and stays as wrong as it is.
        case steady
    }

    mutating func take(_ turn: Turn, at now: Timestamp) {
        let before = error(at: now)
        (since, changedAt, error) = (now, now, before)
        switch turn {
        case .right: (error, drift) = (.zero, 0)
        case .step(let step): error = before + step
        case .set(let wall): error = wall - now
        case .drift(let perMille): drift = perMille
        case .steady: drift = 0
        }
    }
}

extension Machine.Turn {
    private static let spans: [Duration] = [.seconds(1), .seconds(5), .seconds(90), .minutes(20), .hours(1), .hours(7), .days(1)]

    /// - Parameter isFar: it shows another day already.
    static func any(_ chance: inout Chance, isFar: Bool) -> Machine.Turn {
        if chance.percent(isFar ? 60 : 20) { return .right }
        switch chance.below(8) {
        case 0, 1, 2: return .step(chance.pick(spans + [.days(3653)]))
        case 3, 4: return .step(.zero - chance.pick(spans))
        case 5: return .set(Timestamp(seconds: 0))
        default: return .drift(chance.pick([-100, -20, -9, -3, 3, 9, 20, 100]))
        }
    }
}

/// The clocks of the machine as one process sees them. Who sleeps is woken by the time that passes.
///
/// `@unchecked Sendable`: on the world's thread alone.
final class ProcessClocks: MachineClocks, @unchecked Sendable {
    private unowned let world: World
    private var isDead = false
    private var sleepers: [(until: Timestamp, caller: UnsafeContinuation<Void, any Error>)] = []

    init(_ world: World) { self.world = world }

    var wall: Timestamp { world.machine.wall(at: world.now) }
    var boot: Duration { world.machine.boot(at: world.now) }
    func look() -> ClockReading { ClockReading(wall: wall, boot: boot) }

    func sleep(for span: Duration) async throws {
        guard !isDead else { throw CancellationError() }
        try await withUnsafeThrowingContinuation { sleepers.append((world.now + span, $0)) }
    }

    /// When the first is to be woken.
    var next: Timestamp? { sleepers.map(\.until).min() }

    func wakeSleepers() {
        let due = sleepers.filter { $0.until <= world.now }
        guard !due.isEmpty else { return }
        sleepers.removeAll { $0.until <= world.now }
        for sleeper in due { sleeper.caller.resume() }
    }

    func die() {
        isDead = true
        let left = sleepers
        sleepers = []
        for sleeper in left { sleeper.caller.resume(throwing: CancellationError()) }
    }
}

/// What a process with a flaw goes by: the wall clock itself.
struct WallClock: Clock {
    let machine: ProcessClocks
    func now() -> Timestamp { machine.wall }
    func wait(until moment: Timestamp) async throws { try await machine.sleep(for: max(.milliseconds(1), moment - now())) }
}
