public import Config
public import Core
import Pipeline
import Sandbox
import Store

/// Runs a file of events through the whole pipeline on the events' own clock: own store, in-process sandbox, the real engine.
public struct Replay: Sendable {
    public struct Options: Sendable {
        public var settingsFile: String?
        public var environment: [String: String]
        /// Keep the store here; nil is a directory of its own that is removed afterwards.
        public var storeDirectory: String?
        /// Also keep the sandbox's ledger here.
        public var sandboxDirectory: String?
        /// The same seed gives the same ids.
        public var seed: UInt64
        public init(
            settingsFile: String? = nil, environment: [String: String] = [:], storeDirectory: String? = nil,
            sandboxDirectory: String? = nil, seed: UInt64 = 1
        ) {
            (self.settingsFile, self.environment, self.seed) = (settingsFile, environment, seed)
            (self.storeDirectory, self.sandboxDirectory) = (storeDirectory, sandboxDirectory)
        }
    }

    public struct Result: Sendable {
        public var read: Int
        public var accounting: Accounting
        public var elapsed: Duration
        /// Of the deliveries: where the sandbox kept what it accepted.
        public var configuration: Configuration
    }

    /// What still waits this long after the last event is over: nobody would wait longer.
    public static let tail: Duration = .hours(72)

    /// - Parameters:
    ///   - isStopped: asked before each line; true ends with `CancellationError`.
    ///   - progress: lines done, now and then.
    public static func run(
        _ lines: [[UInt8]], _ options: Options, isStopped: @escaping @Sendable () -> Bool = { false },
        progress: (@Sendable (Int) -> Void)? = nil
    ) async throws -> Result {
        let began = ContinuousClock.now
        let scratch = try Host.temporaryDirectory("clarion-replay-")
        defer { Host.remove(scratch) }
        let clock = SteppedClock(Timestamp(milliseconds: 0))
        var sandboxOptions = Sandbox.Options()
        sandboxOptions.directory = options.sandboxDirectory ?? scratch + "/sandbox"
        sandboxOptions.now = { clock.now().milliseconds }
        let sandbox = try Sandbox(sandboxOptions)
        let endpoints = try await sandbox.start()
        do {
            let configuration = try Configuration.load(
                settingsFile: options.settingsFile, environment: options.environment,
                overrides: [
                    "mode": Mode.capture.rawValue, "store.directory": options.storeDirectory ?? scratch + "/store",
                    "sandbox.directory": sandboxOptions.directory ?? scratch, "sandbox.https_port": port(of: endpoints.https),
                    "sandbox.smtp_port": port(of: endpoints.smtp),
                ])
            let runtime = try Runtime.make(
                configuration, clock: clock, random: SeededRandom(seed: options.seed), authority: endpoints.caFile)
            _ = try await runtime.engine.recover()
            try await feed(lines, runtime.engine, clock: clock, isStopped: isStopped, progress: progress)
            let accounting = try await runtime.store.read { try $0.accounting() }
            try await runtime.close()
            await sandbox.stop()
            return Result(read: lines.count, accounting: accounting, elapsed: .now - began, configuration: configuration)
        } catch {
            await sandbox.stop()
            throw error
        }
    }

    /// The clock follows `receivedat` and moves only when nothing is in flight and every queue is empty.
    private static func feed(
        _ lines: [[UInt8]], _ engine: Engine, clock: SteppedClock, isStopped: @Sendable () -> Bool, progress: (@Sendable (Int) -> Void)?
    ) async throws {
        var next = try await engine.settle()
        for (n, line) in lines.enumerated() {
            guard !isStopped() else { throw CancellationError() }
            if let arrival = arrival(of: line) { next = try await advance(to: arrival, from: next, engine, clock: clock) }
            _ = try await engine.intake.accept([Intake.Raw(line)], from: .queue("replay"))
            next = try await engine.settle()
            if n % 100 == 99 { progress?(n + 1) }
        }
        _ = try await advance(to: clock.now() + tail, from: next, engine, clock: clock)
        try await engine.recordWaiting()
    }

    /// Steps from one due moment to the next; returns the first one after `moment`.
    static func advance(to moment: Timestamp, from next: Timestamp?, _ engine: Engine, clock: SteppedClock) async throws
        -> Timestamp?
    {
        var next = next
        while let due = next, due <= moment {
            clock.advance(to: due)
            next = try await engine.settle()
        }
        clock.advance(to: moment)
        return next
    }

    /// `receivedat`, else `time`. A line that cannot be read takes no time.
    private static func arrival(of line: [UInt8]) -> Timestamp? {
        do {
            let json = try JSON(parsing: line)
            return (json["receivedat"]?.string ?? json["time"]?.string).flatMap { Timestamp(rfc3339: $0) }
        } catch {
            return nil
        }
    }

    private static func port(of url: String) -> String { String(url.split(separator: ":").last ?? "0") }
}
