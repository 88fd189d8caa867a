import Config
import Core
import Providers
import Store

/// A message that may have been taken, or not. One of priority `high` does not wait for long: another channel speaks. And what nothing can answer
/// by itself any more is held for a person: `unknown`.
enum Doubt {
    /// How long a receipt may still answer the question before the notice's next step is due.
    static let patience = Duration.seconds(20)
    /// And of what is not `high`.
    private static let longPatience = Duration.minutes(10)

    /// Inside the transaction that finds the doubt. Once for a delivery.
    static func watch(_ delivery: Delivery, at now: Timestamp, _ writer: any StoreWriter) throws {
        guard delivery.priority == .high, delivery.episode != 0, !PlantedBug.waitsInDoubt.isActive else { return }
        _ = try writer.arm(
            StoredTimer(
                step: .doubt, episode: delivery.episode, notice: delivery.notice, argument: Int(delivery.id), due: now + patience))
    }

    /// How long a receipt is waited for. One that comes later is believed as well.
    static func patience(with priority: Priority) -> Duration { priority == .high ? patience : longPatience }

    /// How long something may still answer the question by itself; nil: nothing will. An account that is gone is not asked and not heard.
    static func hope(for delivery: Delivery, on account: Account?) -> Duration? {
        guard let provider = account?.provider else { return nil }
        if let horizon = provider.guarantee.horizon { return horizon + Inquiries.patience }
        return provider.receipts == .reference ? patience(with: delivery.priority) : nil
    }

    /// Inside the transaction that leaves the question open.
    static func limit(_ delivery: Delivery, after attempt: AttemptID, to end: Timestamp, _ writer: any StoreWriter) throws {
        _ = try writer.arm(StoredTimer(step: .doubtEnd, notice: delivery.notice, argument: Int(attempt), due: end))
    }

    /// The timer's effect: what is in doubt since then is held for a person.
    static func isHopeless(_ timer: StoredTimer, at now: Timestamp, _ writer: any StoreWriter) throws {
        guard !PlantedBug.hopesForEver.isActive else { return }
        for delivery in try writer.deliveries(ofNotice: timer.notice) where delivery.state == .ambiguous {
            guard try writer.attempts(ofDelivery: delivery.id).last?.id == AttemptID(timer.argument),
                try writer.advance(
                    delivery.id, from: .ambiguous, to: .unknown, reason: .ambiguous, nextAt: nil, messageID: nil, at: now)
            else { continue }
            try writer.append(
                LogEntry(
                    .timer, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id,
                    body: [
                        "detail": "nothing more will be found out by itself: held for a person",
                        "state": .string(DeliveryState.unknown.rawValue), "step": .string(timer.step.rawValue),
                    ]))
        }
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
