/// `provider list`
public struct ProviderListRequest: Sendable {
    public init() {}
}

/// `provider pause` and `provider resume`
public struct ProviderPauseRequest: Sendable {
    public var account: String
    /// Pauses, or ends a pause.
    public var pauses: Bool
    public init(account: String, pauses: Bool) { (self.account, self.pauses) = (account, pauses) }
}
