import Core
import Store

/// What becomes of a message that one account took and could not deliver: it goes to another account of its channel, once to each, while it is
/// still true and there is time.
enum Failover {
    /// Whether a receipt sends the message on: the route failed it, not the person or the number, and another account that is well had no part in
    /// it yet.
    static func goesOn(
        after receipt: StoredReceipt, of delivery: Delivery, accounts: Accounts, at now: Timestamp, _ reader: any StoreReader
    ) throws -> Bool {
        guard receipt.blame == .route || PlantedBug.resendsUndelivered.isActive, try isWanted(delivery, at: now, reader) else {
            return false
        }
        let attempts = try reader.attempts(ofDelivery: delivery.id)
        let tried = Set(attempts.map(\.account))
        return accounts.hasBackup(for: delivery, besides: tried, now: now)
    }

    /// The accounts that took a delivery which waits again. Whatever they say of it later, they get it no second time.
    static func spent(_ attempts: [Attempt]) -> Set<String> {
        guard !PlantedBug.returnsToSpentAccounts.isActive else { return [] }
        return Set(attempts.filter { $0.state == .accepted || $0.state == .settled }.map(\.account))
    }

    /// Whether it is still to be told: in time, not replaced by a newer notice, and the episode is not over, unless that is what it tells.
    static func isWanted(_ delivery: Delivery, at now: Timestamp, _ reader: any StoreReader) throws -> Bool {
        guard !delivery.cancelWanted, now < delivery.expires else { return false }
        guard delivery.episode != 0 else { return true }
        guard let notice = try reader.notice(delivery.notice) else { return false }
        let isOpen = try reader.episode(delivery.episode)?.status == .open
        guard isOpen || notice.stage.isClosing else { return false }
        return try !reader.deliveries(ofEpisode: delivery.episode).contains { $0.notice > delivery.notice }
    }

    /// It ended without going out again. One that failed before has nothing to wait for: its notice's next step is due.
    static func ended(_ delivery: Delivery, at now: Timestamp, _ writer: any StoreWriter) throws {
        guard delivery.tries > 1, try !spent(writer.attempts(ofDelivery: delivery.id)).isEmpty else { return }
        try Receipts.hasten(delivery, to: now, writer)
    }
}
