/// Calls of one account that wait for their name, in the order in which their time ends. They take no place on the wire. Loop thread only.
struct NameQueue {
    private struct Item {
        var order: Order
        var name: String
        var until: UInt64
    }
    private var items: [Item] = []

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }
    /// When the first has waited long enough, in milliseconds of `Process.milliseconds`.
    var end: UInt64? { items.first?.until }

    /// - Parameter until: not before that of the one before.
    mutating func append(_ order: Order, for name: String, until: UInt64) { items.append(Item(order: order, name: name, until: until)) }

    mutating func take(_ name: String) -> [Order] { take { $0.name == name } }
    mutating func takeLate(at now: UInt64) -> [Order] { take { $0.until <= now } }
    mutating func take(task id: UInt64) -> Order? { take { $0.order.isTask(id) }.first }
    mutating func popFirst() -> Order? { items.isEmpty ? nil : items.removeFirst().order }

    private mutating func take(_ matches: (Item) -> Bool) -> [Order] {
        let taken = items.filter(matches)
        if !taken.isEmpty { items.removeAll(where: matches) }
        return taken.map(\.order)
    }
}
