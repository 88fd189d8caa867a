public struct OrderState: Sendable, Equatable {
    public var order: OrderNumber
    public var customer: String
    /// The newest applied event's `data.seq`, time and id.
    public var lastSeq: Int64
    public var lastTime: Timestamp
    public var lastEvent: String
    public var version: Int64
    public init(order: OrderNumber, customer: String, lastSeq: Int64, lastTime: Timestamp, lastEvent: String, version: Int64) {
        (self.order, self.customer, self.lastSeq, self.lastTime, self.lastEvent, self.version) = (
            order, customer, lastSeq, lastTime, lastEvent, version
        )
    }
}

/// One open → resolved cycle of one anomaly on one order.
public struct Episode: Sendable, Equatable {
    public enum Status: String, ClosedWord { case holding, open, superseded, resolved, tombstone }

    public var id: EpisodeID
    public var anomaly: String
    public var order: OrderNumber
    public var customer: String
    public var kind: Kind
    public var priority: Priority
    public var status: Status
    public var bank, rail: String
    /// When it happened, by the producer.
    public var detectedAt: Timestamp
    public var version: Int64
    /// The event that opened it: it stays `pending` while the hold-off decides.
    public var openedBy: EventSeq
    /// While `holding`: when the hold-off ends.
    public var holdUntil: Timestamp?
    public var funds: FundsState?
    public var step: String?
    public var eta, deadline: Timestamp?
    public var variant: String?
    public var facts: Facts
    public var resolution: Resolution?
    /// Whether the customer was told anything of it, on any channel.
    public var told: Bool
    public var incident: String?
    public init(
        id: EpisodeID = 0, anomaly: String, order: OrderNumber, customer: String, kind: Kind, priority: Priority, status: Status,
        bank: String, rail: String,
        detectedAt: Timestamp, version: Int64 = 1, openedBy: EventSeq, holdUntil: Timestamp? = nil, funds: FundsState? = nil,
        step: String? = nil,
        eta: Timestamp? = nil, deadline: Timestamp? = nil, variant: String? = nil, facts: Facts = Facts(), resolution: Resolution? = nil,
        told: Bool = false, incident: String? = nil
    ) {
        (self.id, self.anomaly, self.order, self.customer, self.kind, self.priority) = (id, anomaly, order, customer, kind, priority)
        (self.status, self.bank, self.rail, self.detectedAt, self.version, self.openedBy) = (
            status, bank, rail, detectedAt, version, openedBy
        )
        (self.holdUntil, self.funds, self.step, self.eta, self.deadline, self.variant) = (holdUntil, funds, step, eta, deadline, variant)
        (self.facts, self.resolution, self.told, self.incident) = (facts, resolution, told, incident)
    }
}
