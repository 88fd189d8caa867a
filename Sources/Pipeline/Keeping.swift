import Config
import Core
import Store

/// T9: what may be kept no longer goes, a small batch at a time between other work. How far it is stands in the store, so a restart goes on.
final class Keeping: Sendable {
    /// Rows of one batch; it takes the writer some milliseconds.
    static let rows = 64
    private static let round = Duration.hours(1)

    private let store: any Store
    private let clock: any Clock
    private let periods: Settings.Retention
    /// Between batches, for others.
    private let pause: Duration
    /// Told when there is something to do at once.
    let work = Signal()

    init(store: any Store, clock: any Clock, periods: Settings.Retention, pause: Duration = .milliseconds(10)) {
        (self.store, self.clock, self.periods, self.pause) = (store, clock, periods, pause)
    }

    /// Until the task is cancelled.
    func run() async throws {
        while !Task.isCancelled {
            var next = Self.round
            do { try await carryOut() } catch StoreError.full { next = .minutes(1) } catch is CancellationError { return }
            await work.wait(atMost: next)
        }
    }

    /// Everything that is to be done now.
    func carryOut() async throws {
        try await batches(.erasureBatch) { try $0.sweepErased(limit: Self.rows) }
        try await wrapAnew()
        // Of a clock that may be wrong nothing is known to be old.
        guard (clock as? HybridClock)?.standing.isDoubtful != true else { return }
        var dropped: [(String, JSON)] = []
        for kind in RetentionClass.allCases {
            let limit = clock.now() - periods[kind]
            let count = try await batches(.retentionBatch) { try $0.retain(kind, before: limit, rows: Self.rows) }
            if count > 0 { dropped.append((kind.rawValue, .integer(count))) }
        }
        guard !dropped.isEmpty else { return }
        let (body, now) = (JSON.object(dropped), clock.now())
        try await store.write { try $0.append(LogEntry(.retention, at: now, body: body)) }
    }

    private func wrapAnew() async throws {
        let count = try await batches(.rotationBatch) { try $0.rewrap(limit: Self.rows) }
        guard count > 0 else { return }
        let now = clock.now()
        try await store.write { writer in
            let key = try writer.keeping().masterKey
            try writer.append(LogEntry(.keys, at: now, body: ["key": .string(key), "wrapped": .integer(count)]))
        }
    }

    /// Returns how many rows were changed.
    @discardableResult
    private func batches(_ point: Point, _ batch: @escaping @Sendable (any StoreWriter) throws -> KeepingBatch) async throws -> Int {
        var changed = 0
        while true {
            let done = try await store.write { writer in
                let done = try batch(writer)
                #if DEBUG
                    if done.changed > 0 { CrashPoint.pass(point.crashPoint) }
                #endif
                return done
            }
            changed += done.changed
            if done.isAll { return changed }
            try await clock.wait(until: clock.now() + pause)
        }
    }

    private enum Point {
        case erasureBatch, rotationBatch, retentionBatch
        #if DEBUG
            var crashPoint: CrashPoint {
                switch self {
                case .erasureBatch: .insideErasure
                case .rotationBatch: .insideRotation
                case .retentionBatch: .insideRetention
                }
            }
        #endif
    }
}

extension Settings.Retention {
    fileprivate subscript(kind: RetentionClass) -> Duration {
        switch kind {
        case .events: events
        case .contents: contents
        case .contacts: contacts
        case .inbox: inbox
        case .deadLetters: deadLetters
        }
    }
}
