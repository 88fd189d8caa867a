/// `retention`
public struct RetentionRequest: Sendable {
    public init() {}
}

/// `keys rotate`
public struct KeysRotateRequest: Sendable {
    /// The key that signs the log, and not the master key.
    public var isAudit: Bool
    public init(isAudit: Bool = false) { self.isAudit = isAudit }
}

/// `keys public`
public struct KeysPublicRequest: Sendable {
    public init() {}
}
