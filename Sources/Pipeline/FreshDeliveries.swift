import Core
import Synchronization

/// A planned delivery with its notice, as they were filed.
struct FreshDelivery: Sendable {
    let filed: Filed
    let index: Int
    var delivery: Delivery { filed.deliveries[index] }
}

/// A notice with its deliveries as T2 filed them. By reference: both are handed on from stage to stage, and have many parts.
final class Filed: Sendable {
    let notice: Notice
    let deliveries: [Delivery]
    init(notice: Notice, deliveries: [Delivery]) { (self.notice, self.deliveries) = (notice, deliveries) }
}

/// Planned deliveries in memory from T2 to T3: opening them once more to send them would cost more than sending. Bounded; what is not here is
/// read from the store, so nothing depends on it. When full it starts afresh, or deliveries that never leave (cancelled, or waiting for the
/// morning) would fill it for ever. What may change while a delivery waits (state, reason, time) is always the store's word.
final class FreshDeliveries: Sendable {
    private let kept = Mutex<[DeliveryID: FreshDelivery]>([:])
    private static let limit = 4096

    /// After the commit that holds them.
    func keep(_ planned: [DeliveryID: FreshDelivery]) {
        guard !planned.isEmpty else { return }
        kept.withLock { kept in
            if kept.count + planned.count > Self.limit { kept.removeAll(keepingCapacity: true) }
            for (id, fresh) in planned.prefix(Self.limit) { kept[id] = fresh }
        }
    }

    func forget() { kept.withLock { $0.removeAll() } }

    /// Handed out once.
    func take(_ id: DeliveryID) -> FreshDelivery? {
        kept.withLock { kept in kept.isEmpty ? nil : kept.removeValue(forKey: id) }
    }
}
