public import Core
import Glibc
import Synchronization

/// The two clocks of a machine: one that can be set, and one that only counts.
public protocol MachineClocks: Sendable {
    var wall: Timestamp { get }
    /// Since the machine was started, suspends included.
    var boot: Duration { get }
    /// Both, when they are compared.
    func look() -> ClockReading
    /// Returns when that much of boot time has passed. Throws `CancellationError`.
    func sleep(for span: Duration) async throws
}

/// What both show at one moment.
public struct ClockReading: Sendable, Hashable {
    public var wall: Timestamp
    public var boot: Duration
    public init(wall: Timestamp, boot: Duration) { (self.wall, self.boot) = (wall, boot) }
}

extension MachineClocks {
    var reading: ClockReading { ClockReading(wall: wall, boot: boot) }
    public func sleep(for span: Duration) async throws { try await Task.sleep(for: span) }
}

/// CLOCK_REALTIME and CLOCK_BOOTTIME.
///
/// In debug builds `CLARION_CLOCK_FILE` names a file with a number of milliseconds by which the wall clock is wrong; it is read when the clocks are
/// compared. Nothing there: it is right.
public struct SystemClocks: MachineClocks {
    public init() {}

    public var wall: Timestamp {
        let time = Self.read(CLOCK_REALTIME)
        let wall = Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        #if DEBUG
            return wall + .milliseconds(Self.error.load(ordering: .relaxed))
        #else
            return wall
        #endif
    }
    public var boot: Duration {
        let time = Self.read(CLOCK_BOOTTIME)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
    public func look() -> ClockReading {
        #if DEBUG
            Self.readError()
        #endif
        return reading
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }

    #if DEBUG
        private static let errorFile = getenv("CLARION_CLOCK_FILE").map { String(cString: $0) }
        /// Of the one machine this process runs on. In milliseconds.
        private static let error = Atomic<Int64>(0)
        private static func readError() {
            guard let errorFile, let file = fopen(errorFile, "re") else { return }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 32)
            guard fgets(&line, Int32(line.count), file) != nil else { return }
            error.store(strtoll(line, nil, 10), ordering: .relaxed)
        }
    #endif
}
