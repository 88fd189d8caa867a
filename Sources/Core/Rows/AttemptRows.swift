/// One request to one provider account for one delivery, as it is stored. Its content and call stay sealed until they are asked for.
public struct Attempt: Sendable {
    public var id: AttemptID
    public var publicID: String
    public var delivery: DeliveryID
    /// From 1.
    public var number: Int
    public var state: AttemptState
    public var account: String
    public var idempotencyKey: String
    /// SHA-256 of the call's JSON.
    public var digest: [UInt8]
    public var startedAt: Timestamp
    public var deadline: Timestamp
    public var bootID: String
    /// Slot of the flight recorder; 0: it has none.
    public var recorderSlot: Int
    public var finishedAt: Timestamp?
    public var outcome: Outcome.Class?
    public var detail: String?
    public var providerID: String?
    /// SMS parts; nil where it is none, and of what is older than version 6 of the store.
    public var parts: Int?
    public init(
        id: AttemptID, publicID: String, delivery: DeliveryID, number: Int, state: AttemptState, account: String, idempotencyKey: String,
        digest: [UInt8], startedAt: Timestamp, deadline: Timestamp, bootID: String, recorderSlot: Int = 0
    ) {
        (self.id, self.publicID, self.delivery, self.number, self.state, self.account) = (id, publicID, delivery, number, state, account)
        (self.idempotencyKey, self.digest) = (idempotencyKey, digest)
        (self.startedAt, self.deadline, self.bootID, self.recorderSlot) = (startedAt, deadline, bootID, recorderSlot)
    }
}

/// The bytes of an attempt, opened: what the recipient was to read and what was sent for it, both as JSON.
public struct AttemptBytes: Sendable, Equatable {
    public var content, call: [UInt8]
    public init(content: [UInt8], call: [UInt8]) { (self.content, self.call) = (content, call) }
}

/// An intent: the attempt that is about to be made. The store seals its bytes with the customer's key.
public struct NewAttempt: Sendable {
    /// Made by the store for this delivery and number.
    public var publicID: String
    public var delivery: DeliveryID
    public var number: Int
    public var order: OrderNumber
    public var customer: String
    public var account: String
    public var idempotencyKey: String
    public var digest: [UInt8]
    public var bytes: AttemptBytes
    public var startedAt, deadline: Timestamp
    public var bootID: String
    public var recorderSlot: Int
    /// SMS parts; nil for other channels.
    public var parts: Int?
    public init(
        publicID: String, delivery: DeliveryID, number: Int, order: OrderNumber, customer: String, account: String,
        idempotencyKey: String, digest: [UInt8], bytes: AttemptBytes, startedAt: Timestamp, deadline: Timestamp, bootID: String,
        recorderSlot: Int = 0, parts: Int? = nil
    ) {
        self.parts = parts
        (self.publicID, self.delivery, self.number, self.order) = (publicID, delivery, number, order)
        (self.customer, self.account) = (customer, account)
        (self.idempotencyKey, self.digest, self.bytes) = (idempotencyKey, digest, bytes)
        (self.startedAt, self.deadline, self.bootID, self.recorderSlot) = (startedAt, deadline, bootID, recorderSlot)
    }
}

public struct AttemptResult: Sendable {
    public var state: AttemptState
    public var outcome: Outcome.Class
    /// `OutcomeDetail.description`.
    public var detail: String
    public var providerID: String?
    public init(state: AttemptState, outcome: Outcome.Class, detail: String, providerID: String? = nil) {
        (self.state, self.outcome, self.detail, self.providerID) = (state, outcome, detail, providerID)
    }
}
