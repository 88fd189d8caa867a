import Core
import Store

/// T10: makes the index that searches go by, a block of notices at a time, once the last of them is a minute old.
final class SearchIndexing: Sendable {
    private static let patience = Duration.seconds(60)
    private static let round = Duration.seconds(10)

    private let store: any Store
    private let clock: any Clock
    /// Between blocks, for others: a block that receipts keep making stale is read again no oftener.
    private let pause: Duration

    init(store: any Store, clock: any Clock, pause: Duration = .milliseconds(100)) {
        (self.store, self.clock, self.pause) = (store, clock, pause)
    }

    /// Until the task is cancelled.
    func run() async throws {
        while !Task.isCancelled {
            // A full disk is said by intake; what is not indexed is searched row by row.
            do { try await catchUp() } catch StoreError.full {} catch is CancellationError { return }
            do { try await Task.sleep(for: Self.round) } catch { return }
        }
    }

    /// Everything that is to be indexed now.
    func catchUp() async throws {
        let limit = clock.now() - Self.patience
        while let work = try await store.read({ try $0.searchWork(before: limit) }) {
            try await store.write { try $0.carryOut(work) }
            try await clock.wait(until: clock.now() + pause)
        }
    }
}
