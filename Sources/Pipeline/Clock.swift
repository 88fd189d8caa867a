public import Core
import Glibc
import Synchronization

/// The time of the services: the machine's, or a replay's own.
public protocol Clock: Sendable {
    func now() -> Timestamp
    /// Returns when `now` has reached the moment.
    func wait(until moment: Timestamp) async throws
}

/// Wall time that never goes back: `max(wall, last)`. A clock that is set back cannot reopen a window.
public final class SystemClock: Clock {
    private let last = Mutex(Timestamp(milliseconds: 0))
    public init() {}

    public func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let wall = Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        return last.withLock { last in
            last = max(last, wall)
            return last
        }
    }

    public func wait(until moment: Timestamp) async throws { try await Task.sleep(for: max(.milliseconds(1), moment - now())) }
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
