/// What a person said of the words that somebody was sent, after looking at them.
public struct Judgement: Sendable, Equatable {
    public var id: Int64
    public var delivery: DeliveryID
    /// The words were right: kind, state of the money, what to do.
    public var isRight: Bool
    public var who: String
    /// Sealed in the store: it may hold a name.
    public var note: String
    public var at: Timestamp
    public init(id: Int64 = 0, delivery: DeliveryID, isRight: Bool, who: String, note: String, at: Timestamp) {
        (self.id, self.delivery, self.isRight, self.who, self.note, self.at) = (id, delivery, isRight, who, note, at)
    }
}
