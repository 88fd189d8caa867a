public struct NewEvent: Sendable {
    public var source, id: String
    /// SHA-256 over the canonical JSON of type, subject, time and data: 32 bytes.
    public var contentHash: [UInt8]
    public var order: OrderNumber?
    public var customer: String?
    public var type: String
    /// When it happened, by the producer.
    public var time: Timestamp
    public var receivedAt: Timestamp
    /// The cleaned event as JSON: allow-listed fields only, cards cut. Sealed by the store.
    public var body: [UInt8]
    public init(
        source: String, id: String, contentHash: [UInt8], order: OrderNumber?, customer: String?, type: String, time: Timestamp,
        receivedAt: Timestamp,
        body: [UInt8]
    ) {
        (self.source, self.id, self.contentHash, self.order, self.customer) = (source, id, contentHash, order, customer)
        (self.type, self.time, self.receivedAt, self.body) = (type, time, receivedAt, body)
    }
}

public enum AcceptResult: Sendable, Equatable {
    case accepted(EventSeq)
    case duplicate(EventSeq)
    case conflict(EventSeq)
}

public struct StoredEvent: Sendable {
    public var seq: EventSeq
    public var source, id: String
    public var order: OrderNumber?
    public var type: String
    public var time, receivedAt: Timestamp
    public var disposition: Disposition
    /// Opened JSON.
    public var body: [UInt8]
    public init(
        seq: EventSeq, source: String, id: String, order: OrderNumber?, type: String, time: Timestamp, receivedAt: Timestamp,
        disposition: Disposition, body: [UInt8]
    ) {
        (self.seq, self.source, self.id, self.order, self.type) = (seq, source, id, order, type)
        (self.time, self.receivedAt, self.disposition, self.body) = (time, receivedAt, disposition, body)
    }
}

/// An event by what is not sealed of it.
public struct EventHead: Sendable, Hashable {
    public var seq: EventSeq
    public var source: String
    public var order: OrderNumber?
    public init(seq: EventSeq, source: String, order: OrderNumber?) { (self.seq, self.source, self.order) = (seq, source, order) }
}

/// What became of an accepted event: the right side of the accounting law.
public enum Disposition: Sendable, Hashable {
    /// Committed, not planned yet.
    case received
    /// Planned, but its hold-off or storm still decides whether anyone is told.
    case pending
    case planned
    case suppressed(ReasonCode)
    case stale
    case recorded

    /// The stored word: `received pending planned suppressed stale recorded`.
    public var word: String {
        switch self {
        case .received: "received"
        case .pending: "pending"
        case .planned: "planned"
        case .suppressed: "suppressed"
        case .stale: "stale"
        case .recorded: "recorded"
        }
    }
    public var reason: ReasonCode? { if case .suppressed(let reason) = self { reason } else { nil } }
}

public struct Accounting: Sendable, Equatable {
    public var duplicate = 0, conflict = 0, rejected = 0, accepted = 0
    public var planned = 0, stale = 0, recorded = 0, pending = 0
    public var suppressed: [ReasonCode: Int] = [:]
    public var unmapped = 0
    public var deliveries: [Channel: [DeliveryState: Int]] = [:]
    public var incidents = 0, reviews = 0
    public init() {}
}
