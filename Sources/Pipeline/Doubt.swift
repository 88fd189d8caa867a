import Core
import Store

/// A message of priority `high` that may have been taken, or not, does not wait for long: another channel speaks.
enum Doubt {
    /// How long a receipt may still answer the question before the notice's next step is due.
    static let patience = Duration.seconds(20)

    /// Inside the transaction that finds the doubt. Once for a delivery.
    static func watch(_ delivery: Delivery, at now: Timestamp, _ writer: any StoreWriter) throws {
        guard delivery.priority == .high, delivery.episode != 0, !PlantedBug.waitsInDoubt.isActive else { return }
        _ = try writer.arm(
            StoredTimer(
                step: .doubt, episode: delivery.episode, notice: delivery.notice, argument: Int(delivery.id), due: now + patience))
    }

    /// The timer's effect: what is still in doubt makes the next step due, which no other step does twice.
    static func isOld(_ timer: StoredTimer, at now: Timestamp, _ writer: any StoreWriter) throws {
        guard let delivery = try writer.delivery(DeliveryID(timer.argument)),
            try writer.standing(ofDelivery: delivery.id)?.mayBeThere ?? false
        else { return }
        try writer.append(
            LogEntry(
                .timer, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id,
                body: ["detail": "in doubt for too long: the next step is due", "step": .string(timer.step.rawValue)]))
        try Receipts.hasten(delivery, to: now, writer)
    }
}
