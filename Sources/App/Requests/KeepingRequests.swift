/// `retention`
public struct RetentionRequest: Sendable {
    public init() {}
}

/// `keys rotate`
public struct KeysRotateRequest: Sendable {
    public init() {}
}
