import Core
public import Store
import Synchronization

/// Looks after the clock: keeps in the store what it stands on, tells in the log when the wall clock stepped, and follows a step that has lasted.
public struct ClockStage: Sendable {
    private let store: any Store
    private let clock: HybridClock
    private let postpone: @Sendable (Duration) -> Void
    /// Under this key of the store stands a `ClockMark`.
    static let key = "clock"

    /// - Parameter postpone: what a running worker waits for in memory, so much later.
    init(store: any Store, clock: HybridClock, postpone: @escaping @Sendable (Duration) -> Void = { _ in }) {
        (self.store, self.clock, self.postpone) = (store, clock, postpone)
    }

    /// A clock for work on a store that no worker has open: it goes on from what is stored.
    public static func going(onFrom store: any Store, bootID: String?) async throws -> HybridClock {
        let clock = HybridClock(bootID: bootID)
        try await ClockStage(store: store, clock: clock).begin()
        return clock
    }

    /// Before anything is stored by it.
    func begin() async throws {
        let stored = try await store.read { reader in
            StoredTime(mark: try reader.meta(Self.key).flatMap { ClockMark(text: $0) }, newest: try reader.lastRow)
        }
        if let news = clock.begin(stored) { try await take(news) }
    }

    /// At every turn of the engine's loop.
    func tick() async throws { if let news = clock.tick() { try await take(news) } }

    private func take(_ news: SteadyTime.News) async throws {
        switch news {
        case .mark: try await keep(nil)
        case .step(let step, let ahead):
            let entry = LogEntry(
                .clock, at: clock.now(), body: ["ahead_ms": .integer(ahead.milliseconds), "step_ms": .integer(step.milliseconds)])
            try await keep(entry)
        case .follow(let step): try await follow(step)
        }
    }

    private func keep(_ entry: LogEntry?) async throws {
        let mark = clock.mark
        guard mark != nil || entry != nil else { return }
        try await store.write { writer in
            if let entry { try writer.append(entry) }
            if let mark { try writer.setMeta(Self.key, mark.text) }
        }
    }

    /// One transaction for all that waits, and the time goes on later inside it: whoever writes after it on the store's thread sees both.
    private func follow(_ step: Duration) async throws {
        let (clock, postpone) = (clock, postpone)
        let hasMoved = Mutex(false)
        @Sendable func move(by step: Duration) {
            clock.follow(step)
            postpone(step)
        }
        do {
            try await store.write { writer in
                let now = clock.now()
                let moved = PlantedBug.firesByStep.isActive ? 0 : try writer.postpone(dueAfter: now, by: step)
                for standing in try writer.accountStandings() { try writer.save(standing.postponed(by: step)) }
                move(by: step)
                hasMoved.withLock { $0 = true }
                let body: JSON = ["ahead_ms": 0, "followed_ms": .integer(step.milliseconds), "moved": .integer(moved)]
                try writer.append(LogEntry(.clock, at: clock.now(), body: body))
                if let mark = clock.mark { try writer.setMeta(Self.key, mark.text) }
            }
        } catch {
            // A full disk may have refused it before it began.
            if hasMoved.withLock({ $0 }) || PlantedBug.takesBackUnfollowed.isActive { move(by: .zero - step) }
            throw error
        }
    }
}

extension StoreReader {
    /// When the log was last written to; nil when it is empty.
    var lastRow: Timestamp? {
        get throws {
            // They stand in the order of their commits, which is that of their moments but for what was written together.
            let recent = 1024
            return try log(after: max(0, lastLogSeq() - Int64(recent)), limit: recent).map(\.entry.at).max()
        }
    }
}

extension ClockMark {
    /// `BOOT-ID BOOT TIME WALL [SINCE]`, all but the first in milliseconds.
    var text: String {
        let numbers = [boot.milliseconds, time.milliseconds, wall.milliseconds] + (since.map { [$0.milliseconds] } ?? [])
        return ([bootID] + numbers.map(String.init)).joined(separator: " ")
    }

    init?(text: String) {
        let parts = text.split(separator: " ")
        let numbers = parts.dropFirst().compactMap { Int64($0) }
        guard let id = parts.first, (3...4).contains(numbers.count), numbers.count == parts.count - 1 else { return nil }
        self.init(
            bootID: String(id), boot: .milliseconds(numbers[0]), time: Timestamp(milliseconds: numbers[1]),
            wall: Timestamp(milliseconds: numbers[2]), since: numbers.count > 3 ? .milliseconds(numbers[3]) : nil)
    }
}

extension AccountStanding {
    fileprivate func postponed(by step: Duration) -> AccountStanding {
        var standing = self
        standing.heldUntil = heldUntil.map { $0 + step }
        standing.opening = opening.map { Opening(since: $0.since + step, until: $0.until + step, count: $0.count) }
        if let at = measure.bucket?.at { standing.measure.bucket?.at = at + step }
        return standing
    }
}
