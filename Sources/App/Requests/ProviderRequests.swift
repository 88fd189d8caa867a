/// `provider list`
public struct ProviderListRequest: Sendable {
    public init() {}
}

/// `provider test`: one real message.
public struct ProviderTestRequest: Sendable {
    public var account: String
    /// An address of the account's channel; `-` reads it from standard input.
    public var to: String
    public init(account: String, to: String) { (self.account, self.to) = (account, to) }
}

/// `provider pause` and `provider resume`
public struct ProviderPauseRequest: Sendable {
    public var account: String
    /// Pauses, or ends a pause.
    public var pauses: Bool
    public init(account: String, pauses: Bool) { (self.account, self.pauses) = (account, pauses) }
}
