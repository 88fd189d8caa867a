public import Core
public import Reports

/// `audit order`
public struct AuditOrderRequest: Sendable {
    public var order: OrderNumber
    /// Walk the hash chain too.
    public var verifies: Bool
    public init(order: OrderNumber, verifies: Bool = false) { (self.order, self.verifies) = (order, verifies) }
}

/// `audit customer`
public struct AuditCustomerRequest: Sendable {
    public var customer: String
    public init(customer: String) { self.customer = customer }
}

/// `audit delivery`
public struct AuditDeliveryRequest: Sendable {
    /// Public id, `dlv_…`.
    public var delivery: String
    /// Open the words that were sent.
    public var showsContent: Bool
    public init(delivery: String, showsContent: Bool = false) { (self.delivery, self.showsContent) = (delivery, showsContent) }
}

/// `audit search`
public struct AuditSearchRequest: Sendable {
    /// Words of the search language.
    public var query: String
    /// Count what matches by its words.
    public var showsFacets: Bool
    /// The end of the page before, `dlv_…`.
    public var cursor: String?
    public init(query: String, showsFacets: Bool = false, cursor: String? = nil) {
        (self.query, self.showsFacets, self.cursor) = (query, showsFacets, cursor)
    }
}

/// `audit sample`
public struct AuditSampleRequest: Sendable {
    /// Words of the search language.
    public var query: String
    /// Nil: another one each time, which the answer names.
    public var seed: UInt64?
    public var count: Int
    public init(query: String, seed: UInt64?, count: Int) { (self.query, self.seed, self.count) = (query, seed, count) }
}

/// `audit sample --results`
public struct AuditResultsRequest: Sendable {
    public init() {}
}

/// `audit sample`, one or the other.
public enum AuditSampleWork: Sendable {
    case draw(AuditSampleRequest)
    case sum(AuditResultsRequest)
}

/// `audit verdict`: the note is the reason.
public struct AuditVerdictRequest: Sendable {
    /// Public id, `dlv_…`.
    public var delivery: String
    public var isRight: Bool
    public var note: String
    public init(delivery: String, isRight: Bool, note: String) { (self.delivery, self.isRight, self.note) = (delivery, isRight, note) }
}

/// `audit unreachable`
public struct AuditUnreachableRequest: Sendable {
    public var query: String
    /// Also of matters that are over.
    public var showsAll: Bool
    public init(query: String, showsAll: Bool = false) { (self.query, self.showsAll) = (query, showsAll) }
}

/// `audit stats`
public struct AuditStatsRequest: Sendable {
    /// Sums of each of their words; empty: of all together.
    public var dimensions: [StatsDimension]
    public init(by dimensions: [StatsDimension] = []) { self.dimensions = dimensions }
}

/// `audit verify`
public struct AuditVerifyRequest: Sendable {
    /// An exported log or an evidence pack, `-` for standard input; nil: the store.
    public var file: String?
    /// The public key that is believed, or a file with it; nil: the store's own.
    public var key: String?
    /// The exported checkpoints to compare with; nil: those that the settings name, for a file none.
    public var checkpoints: String?
    public init(file: String? = nil, key: String? = nil, checkpoints: String? = nil) {
        (self.file, self.key, self.checkpoints) = (file, key, checkpoints)
    }
}

/// `audit export`
public struct AuditExportRequest: Sendable {
    /// An evidence pack of this order; nil: the log.
    public var order: OrderNumber?
    /// A new file; nil: standard output.
    public var to: String?
    public init(order: OrderNumber? = nil, to: String? = nil) { (self.order, self.to) = (order, to) }
}

/// `audit invariants`
public struct AuditInvariantsRequest: Sendable {
    public init() {}
}

/// `explain`
public struct ExplainRequest: Sendable {
    /// An order number, the id of an event, or the public id of a delivery.
    public var subject: String
    public var channel: Channel?
    /// Also what the rules of now decide of the same events.
    public var recomputes: Bool
    public init(subject: String, channel: Channel? = nil, recomputes: Bool = false) {
        (self.subject, self.channel, self.recomputes) = (subject, channel, recomputes)
    }
}

/// `tail`
public struct TailRequest: Sendable {
    /// Show what is there and end.
    public var ends: Bool
    public var order: OrderNumber?
    /// Kinds of rows; empty: all.
    public var acts: Set<String>
    public init(ends: Bool = false, order: OrderNumber? = nil, acts: Set<String> = []) {
        (self.ends, self.order, self.acts) = (ends, order, acts)
    }
}

/// `inbox show`
public struct InboxShowRequest: Sendable {
    public var customer: String
    public var isUnreadOnly: Bool
    public init(customer: String, isUnreadOnly: Bool = false) { (self.customer, self.isUnreadOnly) = (customer, isUnreadOnly) }
}
