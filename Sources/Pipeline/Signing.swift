import Core
import Proof
import Store

/// Signs the rows of the log that have waited for a minute. A thousand are signed with the row that makes them a thousand, by the store itself.
final class Signing: Sendable {
    private let store: any Store
    private let clock: any Clock

    init(store: any Store, clock: any Clock) { (self.store, self.clock) = (store, clock) }

    /// Until the task is cancelled.
    func run() async throws {
        while !Task.isCancelled {
            // A full disk is said by intake, and nothing is lost by it here: what is not signed is signed a minute later.
            do { try await sign() } catch StoreError.full {} catch is CancellationError { return }
            do { try await Task.sleep(for: Checkpoint.patience) } catch { return }
        }
    }

    private func sign() async throws {
        let isSigned = try await store.read { reader in
            guard let key = try reader.auditKeys().first else { return true }
            guard let last = try reader.lastCheckpoint() else { return try reader.lastLogSeq() == 0 }
            return try last.seq == reader.lastLogSeq() && last.key == key
        }
        guard !isSigned else { return }
        try await Self.sign(store, at: clock)
    }

    /// Everything that is in the log by now.
    static func sign(_ store: any Store, at clock: any Clock) async throws {
        while try await !store.write({ try $0.signLog(at: clock.now()) }) {}
    }
}
