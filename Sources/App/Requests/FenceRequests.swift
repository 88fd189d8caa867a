/// `fence show`
public struct FenceShowRequest: Sendable {
    public init() {}
}

/// `fence release`
public struct FenceReleaseRequest: Sendable {
    /// What waits ends instead of leaving.
    public var discards: Bool
    public init(discards: Bool) { self.discards = discards }
}
