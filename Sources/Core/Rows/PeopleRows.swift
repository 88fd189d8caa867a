public struct DeadLetter: Sendable {
    public enum Stage: String, Sendable, CaseIterable { case intake, plan, render, send }
    public enum State: String, Sendable { case open, retried, discarded }
    public var id: Int64
    public var stage: Stage
    public var reason: String
    /// Safe to show: names of fields and rules, never values of the input.
    public var detail: String
    public var source: String
    public var size: Int
    /// SHA-256 of the input.
    public var digest: [UInt8]
    public var event: EventSeq?
    public var delivery: DeliveryID?
    public var at: Timestamp
    public var state: State
    public init(
        id: Int64 = 0, stage: Stage, reason: String, detail: String, source: String, size: Int, digest: [UInt8], event: EventSeq? = nil,
        delivery: DeliveryID? = nil, at: Timestamp, state: State = .open
    ) {
        (self.id, self.stage, self.reason, self.detail, self.source, self.size) = (id, stage, reason, detail, source, size)
        (self.digest, self.event, self.delivery, self.at, self.state) = (digest, event, delivery, at, state)
    }
}

/// Something a person must look at; the customer is told "under review" meanwhile.
public struct ReviewItem: Sendable {
    public enum Cause: String, Sendable, CaseIterable {
        /// The kind asks for a person.
        case kind
        /// A code that is in no list.
        case unmappedCode = "unmapped_code"
        /// The producer's kind is not the code's kind.
        case kindMismatch = "kind_mismatch"
        case incident
        /// A `high` notice whose plan is empty.
        case unreachable
        /// Too many first notices of one kind in a minute.
        case burst
        /// An attempt that nobody can settle.
        case ambiguous
        /// A step of a kind's escalation is due.
        case escalation
        /// A `high` notice that no channel could deliver: support calls.
        case unheard
        /// A customer complains; the note is what they say.
        case complaint
        /// A gradual publication of texts was stopped by what it led to.
        case texts
    }
    public var id: Int64
    public var cause: Cause
    public var order: OrderNumber?
    public var episode: EpisodeID?
    public var kind: Kind?
    public var detail: String
    public var openedAt: Timestamp
    public var closedAt: Timestamp?
    public var note: String?
    public init(
        id: Int64 = 0, cause: Cause, order: OrderNumber?, episode: EpisodeID? = nil, kind: Kind?, detail: String, openedAt: Timestamp,
        closedAt: Timestamp? = nil, note: String? = nil
    ) {
        (self.id, self.cause, self.order, self.episode, self.kind, self.detail) = (id, cause, order, episode, kind, detail)
        (self.openedAt, self.closedAt, self.note) = (openedAt, closedAt, note)
    }
}

extension ReviewItem {
    /// A restriction is a matter of the compliance officer: nobody else needs to know that there is one.
    public var isRestricted: Bool { kind == .complianceRestricted }
}
