import Config
import Core
import MemoryStore
import Pipeline
import Reports
import Store
import Templates
import Transport

/// The real engine on recorded events: their own clock, a store in memory, a network that takes everything. Nothing leaves, and nothing is
/// written.
actor DryRun {
    nonisolated let store = MemoryStore(keepsLog: false)
    private let engine: Engine
    private let clock = SteppedClock(Timestamp(milliseconds: 0))
    private var next: Timestamp?
    private var staffSeen: NoticeID = 0
    /// Events that these settings refuse to read.
    private(set) var refused = 0

    init(_ rules: Rules, bootID: String = "dry run") {
        engine = Engine(
            configuration: rules.configuration, templates: rules.templates, store: store, transport: WillingCarrier(), clock: clock,
            zones: SystemZones(), flown: .absent(bootID: bootID), recorder: nil)
    }

    func begin() async throws { _ = try await engine.recover() }

    /// What was recorded, one after the other at the moment each was received.
    func play(_ events: [RecordedEvents.Item]) async throws {
        for item in events {
            next = try await Replay.advance(to: item.stored.receivedAt, from: next, engine, clock: clock)
            if !item.known.isEmpty { try await store.write { try item.known.save(in: $0) } }
            let answers = try await engine.intake.accept([Intake.Raw(item.stored.body)], from: .queue("recorded"))
            for case .refused in answers { refused += 1 }
            next = try await engine.settle()
        }
    }

    /// Goes on with nothing new for so long as anybody would wait, or until a moment if that comes first.
    func finish(at moment: Timestamp? = nil) async throws {
        let end = clock.now() + Replay.tail
        _ = try await Replay.advance(to: max(clock.now(), min(end, moment ?? end)), from: next, engine, clock: clock)
        try await engine.recordWaiting()
    }

    /// Messages to our own people since this was asked last.
    func newStaffMessages(since moment: Timestamp?) async throws -> Int {
        let seen = staffSeen
        let found = try await store.read { reader in
            var (count, last) = (0, seen)
            while true {
                let page = try reader.staffNotices(after: last, limit: 500)
                for mark in page {
                    last = mark.id
                    if moment.map({ mark.plannedAt >= $0 }) ?? true { count += 1 }
                }
                guard page.count == 500 else { return (count, last) }
            }
        }
        staffSeen = found.1
        return found.0
    }
}
