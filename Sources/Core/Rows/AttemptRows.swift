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
    /// The rendered content and the call, as JSON, sealed with the customer's key.
    public var content, call: SealedBytes
    public var startedAt: Timestamp
    public var deadline: Timestamp
    public var bootID: String
    /// Slot of the flight recorder; 0 while there is none.
    public var recorderSlot: Int
    public var finishedAt: Timestamp?
    public var outcome: Outcome.Class?
    public var detail: String?
    public var providerID: String?
    public init(
        id: AttemptID = 0, publicID: String, delivery: DeliveryID, number: Int, state: AttemptState = .intent, account: String,
        idempotencyKey: String,
        digest: [UInt8], content: SealedBytes, call: SealedBytes, startedAt: Timestamp, deadline: Timestamp, bootID: String,
        recorderSlot: Int = 0
    ) {
        (self.id, self.publicID, self.delivery, self.number, self.state, self.account) = (id, publicID, delivery, number, state, account)
        (self.idempotencyKey, self.digest, self.content, self.call) = (idempotencyKey, digest, content, call)
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
