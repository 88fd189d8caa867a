public import Core

/// How a delivery stands now: what its outcome depends on and its sender cannot know.
public struct DeliveryStanding: Sendable, Equatable {
    public var state: DeliveryState
    /// The episode has moved on while it was in flight.
    public var isCancelWanted: Bool
    public var tries: Int
    /// An earlier attempt may have been taken.
    public var mayBeThere: Bool
    /// Moved when the clock follows a step.
    public var expires: Timestamp
    public init(state: DeliveryState, isCancelWanted: Bool, tries: Int, mayBeThere: Bool, expires: Timestamp) {
        (self.state, self.isCancelWanted, self.tries) = (state, isCancelWanted, tries)
        (self.mayBeThere, self.expires) = (mayBeThere, expires)
    }
}
