public struct Incident: Sendable, Equatable {
    public var id: String
    public var bank, rail: String
    public var since: Timestamp
    public var until: Timestamp?
    public var closedAt: Timestamp?
    /// The producer's id, once it was announced. A storm found by counting has an id of ours and gets this one later: both are one incident.
    public var announced: String?
    public init(
        id: String, bank: String, rail: String, since: Timestamp, until: Timestamp? = nil, closedAt: Timestamp? = nil,
        announced: String? = nil
    ) {
        (self.id, self.bank, self.rail, self.since, self.until) = (id, bank, rail, since, until)
        (self.closedAt, self.announced) = (closedAt, announced)
    }
    /// Whether an anomaly of its bank and rail belongs to it, by when it happened.
    public func covers(_ moment: Timestamp) -> Bool { moment >= since && (closedAt.map { moment <= $0 } ?? true) }
}

/// One customer's share of an incident: the one message they get for it.
public struct IncidentMember: Sendable, Equatable {
    public var incident: String
    public var customer: String
    /// The order and notice they were told with.
    public var order: OrderNumber
    public var toldAt: Timestamp
    public var overTold: Bool
    public init(incident: String, customer: String, order: OrderNumber, toldAt: Timestamp, overTold: Bool = false) {
        (self.incident, self.customer, self.order, self.toldAt, self.overTold) = (incident, customer, order, toldAt, overTold)
    }
}
