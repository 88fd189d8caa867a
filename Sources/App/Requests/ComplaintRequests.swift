public import Core

/// `complaint add`: the reason is what the customer says.
public struct ComplaintAddRequest: Sendable {
    public var order: OrderNumber
    public init(order: OrderNumber) { self.order = order }
}

/// `complaint list`
public struct ComplaintListRequest: Sendable {
    /// Those that are over too.
    public var showsAll: Bool
    public init(showsAll: Bool = false) { self.showsAll = showsAll }
}

/// `complaint end`: the reason is what came of it.
public struct ComplaintEndRequest: Sendable {
    public var id: Int64
    public init(id: Int64) { self.id = id }
}
