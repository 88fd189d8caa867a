public import Core

/// `hold add`
public struct HoldAddRequest: Sendable {
    public var scope: HoldScope
    /// It ends by itself after that; nil: somebody ends it.
    public var span: Duration?
    public init(scope: HoldScope, span: Duration? = nil) { (self.scope, self.span) = (scope, span) }
}

/// `hold list`
public struct HoldListRequest: Sendable {
    /// Those that are over too.
    public var showsAll: Bool
    public init(showsAll: Bool = false) { self.showsAll = showsAll }
}

/// `hold show`
public struct HoldShowRequest: Sendable {
    public var id: Int64
    public init(id: Int64) { self.id = id }
}

/// `hold end`
public struct HoldEndRequest: Sendable {
    public var id: Int64
    public init(id: Int64) { self.id = id }
}
