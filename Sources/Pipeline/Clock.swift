public import Core
import Synchronization

/// The time of the services: the machine's, or a replay's own.
public protocol Clock: Sendable {
    /// Clarion's time: what is stored, and what everything is due by. Never goes back.
    func now() -> Timestamp
    /// What the machine takes for the time: for what others compare with their own clocks, such as signatures and credentials.
    var wall: Timestamp { get }
    /// Returns when `now` has reached the moment.
    func wait(until moment: Timestamp) async throws
}

extension Clock {
    public var wall: Timestamp { now() }
}

/// The machine's time, kept steady: see `SteadyTime`. Until it has begun it is the wall clock.
public final class HybridClock: Clock {
    private let machine: any MachineClocks
    private let bootID: String?
    private struct State {
        var time: SteadyTime?
        var steps = 0
        var stepped: Duration?
    }
    /// Written by who begins, by the engine's loop at a tick and by the store's thread when a step is followed; `now` notes the last time it said.
    private let state = Mutex(State())

    /// - Parameter bootID: changes with every boot; nil when that is not known, and every start counts as one then.
    public init(bootID: String?, machine: any MachineClocks = SystemClocks()) { (self.bootID, self.machine) = (bootID, machine) }

    public func now() -> Timestamp {
        let boot = machine.boot
        let time = state.withLock { $0.time?.now(at: boot) }
        guard let time, !PlantedBug.trustsWallClock.isActive else { return machine.wall }
        return time
    }
    public var wall: Timestamp { machine.wall }
    public func wait(until moment: Timestamp) async throws { try await machine.sleep(for: max(.milliseconds(1), moment - now())) }

    // MARK: What looks after it

    /// Goes on from what is stored. Before that nothing may be stored with its time.
    func begin(_ stored: StoredTime) -> SteadyTime.News? {
        let reading = machine.look()
        let (time, news) = SteadyTime.beginning(at: reading, bootID: bootID, stored)
        state.withLock { $0.time = time }
        note(news, at: reading.boot)
        return news
    }

    /// Compares the clocks, at most once a second.
    func tick() -> SteadyTime.News? {
        guard state.withLock({ $0.time?.isTickDue(at: machine.boot) ?? false }) else { return nil }
        let reading = machine.look()
        let news = state.withLock { $0.time?.tick(reading) }
        note(news, at: reading.boot)
        return news
    }

    private func note(_ news: SteadyTime.News?, at boot: Duration) {
        guard case .step = news else { return }
        state.withLock { state in
            state.steps += 1
            state.stepped = boot
        }
    }

    /// Goes on that much later, or back to where it was when that could not be written down.
    func follow(_ step: Duration) { state.withLock { $0.time?.follow(step) } }

    /// What is to be stored of it; nil before it has begun, or when nobody could tell later of which boot it is.
    var mark: ClockMark? {
        guard let bootID else { return nil }
        let reading = machine.reading
        return state.withLock { $0.time?.mark(at: reading, bootID: bootID) }
    }

    /// How it is, for people.
    public struct Standing: Sendable, Hashable {
        /// Steps of the wall clock since the start.
        public var steps: Int
        /// The wall clock is ahead of Clarion's time by so much.
        public var ahead: Duration
        /// It stepped within the last minute: what is compared with it, such as the age of a signature, may be wrong.
        public var isDoubtful: Bool
        public init(steps: Int, ahead: Duration, isDoubtful: Bool) {
            (self.steps, self.ahead, self.isDoubtful) = (steps, ahead, isDoubtful)
        }
    }
    public var standing: Standing {
        let reading = machine.reading
        return state.withLock { state in
            Standing(
                steps: state.steps, ahead: state.time?.ahead(reading) ?? .zero,
                isDoubtful: state.stepped.map { reading.boot - $0 < .minutes(1) } ?? false)
        }
    }
}

/// A clock that moves only when it is told to.
public final class SteppedClock: Clock {
    private let moment: Mutex<Timestamp>
    public init(_ start: Timestamp) { moment = Mutex(start) }
    public func now() -> Timestamp { moment.withLock { $0 } }
    /// Never goes back.
    public func advance(to later: Timestamp) { moment.withLock { $0 = max($0, later) } }
    public func wait(until moment: Timestamp) { advance(to: moment) }
}
