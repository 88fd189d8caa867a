public import Core
import Store
import Terminal

/// One delivery as reports show it: masked, its state in words.
public struct DeliveryFact: Sendable, Equatable {
    public var id: String
    public var order: OrderNumber
    public var customer: String
    public var channel: Channel
    public var to: ShownAddress
    public var state: StateWord
    public var reason: ReasonCode?
    public var priority: Priority
    public var mode: Mode
    public var account: String?
    public var providerID: String?
    public var tries: Int
    public var plannedAt, changedAt: Timestamp
    public var nextAt: Timestamp?
    public var expires: Timestamp
    /// What the provider said later, in the order it came.
    public var receipts: [StoredReceipt] = []

    /// - Parameter revealed: shows the address itself; only after the log says who looks, and why.
    public init(_ delivery: Delivery, read: Timestamp? = nil, revealed: Bool = false) {
        (id, order, customer, channel) = (delivery.publicID, delivery.order, delivery.customer, delivery.channel)
        // A channel that dropped out for want of an address has none to show.
        let masked = ShownAddress(delivery.maskedAddress)
        let isBlank = channel != .inApp && masked.isInbox
        to = isBlank ? .none : revealed && channel != .inApp ? .revealed(delivery.address) : masked
        (state, reason) = (StateWord(delivery, read: read), delivery.reason)
        (priority, mode, account, providerID) = (delivery.priority, delivery.mode, delivery.account, delivery.providerID)
        (tries, plannedAt, changedAt) = (delivery.tries, delivery.plannedAt, delivery.changedAt)
        (nextAt, expires) = (delivery.state.isFinal ? nil : delivery.nextAt, delivery.expires)
    }

    public var json: JSON {
        var members: [(String, JSON)] = [
            ("id", .string(id)), ("channel", .code(channel)), ("to", .text(to)), ("state", .code(state.code)), ("reason", .code(reason)),
            ("priority", .code(priority)), ("mode", .code(mode)), ("account", .text(account)), ("provider_id", .text(providerID)),
            ("tries", .integer(tries)), ("planned_at", .text(plannedAt)), ("changed_at", .text(changedAt)),
        ]
        if let nextAt { members.append(("next_at", .text(nextAt))) }
        if !receipts.isEmpty { members.append(("receipts", .array(receipts.map(\.json)))) }
        if state.code == .read { members.append(("read_at", .text(state.at))) }
        return .object(members)
    }
}

extension StoreReader {
    /// When those of them that are items in the app were read, by delivery.
    func readTimes(of deliveries: some Sequence<Delivery>) throws -> [DeliveryID: Timestamp] {
        var times: [DeliveryID: Timestamp] = [:]
        for order in Set(deliveries.lazy.filter { $0.channel == .inApp }.map(\.order)) {
            var filter = DeliveryFilter(limit: .max)
            (filter.order, filter.isRead) = (order, true)
            for found in try self.deliveries(fitting: filter) { times[found.id] = found.readAt }
        }
        return times
    }

    func facts(_ deliveries: [Delivery], revealed: Bool = false) throws -> [DeliveryFact] {
        let read = try readTimes(of: deliveries)
        return try deliveries.map { delivery in
            var fact = DeliveryFact(delivery, read: read[delivery.id], revealed: revealed)
            if delivery.channel != .inApp { fact.receipts = try receipts(ofDelivery: delivery.id) }
            return fact
        }
    }
}

extension StoredReceipt {
    var json: JSON {
        [
            "status": .code(status), "code": .string(code), "account": .string(account), "reference": .string(reference),
            "received_at": .text(receivedAt),
        ]
    }
}
