public import Core

/// One call of a batch. The ticket is the caller's own number and comes back with the result.
public struct Submission: Sendable {
    public var ticket: UInt64
    public var account: String
    public var call: ProviderCall
    /// Goes before what waits, and has places of its own.
    public var isUrgent: Bool
    /// Where its phase is written, from here until the result is handed over.
    public var flight: FlightSlot?
    public init(ticket: UInt64, account: String, call: ProviderCall, isUrgent: Bool = false, flight: FlightSlot? = nil) {
        (self.ticket, self.account, self.call, self.isUrgent, self.flight) = (ticket, account, call, isUrgent, flight)
    }
}

public struct Completion: Sendable {
    public var ticket: UInt64
    public var result: TransferResult
    /// From the start of the transfer to its end as libcurl measured it; zero when it never started. Waiting for a place is not in it.
    public var elapsed: Duration
    public init(ticket: UInt64, result: TransferResult, elapsed: Duration = .zero) {
        (self.ticket, self.result, self.elapsed) = (ticket, result, elapsed)
    }
}

/// A call on its way to the loop thread, with who waits for it.
struct Order: Sendable {
    enum Waiter: Sendable {
        case batch(ticket: UInt64)
        case task(id: UInt64, CheckedContinuation<TransferResult, Never>)
    }
    var account: String
    var call: ProviderCall
    var waiter: Waiter
    var isUrgent: Bool
    var flight: FlightSlot?

    var url: String {
        switch call {
        case .http(let call): call.url
        case .smtp(let call): call.url
        }
    }
    var isMail: Bool { if case .smtp = call { true } else { false } }
    var isHTTP1: Bool { if case .http(let call) = call { call.version == .http1 } else { false } }
    var isHTTP2: Bool { if case .http(let call) = call { call.version == .http2 } else { false } }

    func isTask(_ id: UInt64) -> Bool {
        if case .task(id, _) = waiter { true } else { false }
    }

    /// Tells a task its result; for a batch, what its handler is to get.
    func end(_ result: TransferResult, after elapsed: Duration = .zero) -> Completion? {
        switch waiter {
        case .batch(let ticket): return Completion(ticket: ticket, result: result, elapsed: elapsed)
        case .task(_, let waiter):
            waiter.resume(returning: result)
            return nil
        }
    }
}

/// First in, first out, without moving what waits.
struct Queue<Element> {
    private var items: [Element?] = []
    private var head = 0

    var count: Int { items.count - head }
    var first: Element? { head < items.count ? items[head] : nil }
    mutating func append(_ item: Element) { items.append(item) }

    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        defer {
            items[head] = nil
            head += 1
            if head == items.count || head > 256 {
                items.removeFirst(head)
                head = 0
            }
        }
        return items[head]
    }

    mutating func removeFirst(where matches: (Element) -> Bool) -> Element? {
        guard let index = items.indices.dropFirst(head).first(where: { items[$0].map(matches) ?? false }) else { return nil }
        return items.remove(at: index)
    }
}

/// What waits for a place of an account: what is urgent comes first, and a quarter of the places is for it alone, so that it never waits behind
/// bulk that hangs. Of twenty that start one is of the others, if some wait.
struct Lanes {
    private var urgent = Queue<Order>()
    private var others = Queue<Order>()
    private var urgentInRow = 0

    /// Whether one more may start.
    ///
    /// - Parameters:
    ///   - running: how many do, and how many of them are not urgent.
    ///   - places: how many may.
    static func admits(_ order: Order, running: Int, others: Int, places: Int) -> Bool {
        running < places && (order.isUrgent || others < places - reserve(of: places) || PlantedBug.lendsReserve.isActive)
    }
    /// Places of so many that only what is urgent may take.
    private static func reserve(of places: Int) -> Int { places >= 8 ? places / 4 : places > 1 ? 1 : 0 }

    var isEmpty: Bool { urgent.count + others.count == 0 }

    /// Whether one of its kind waits already.
    func holdsUp(_ order: Order) -> Bool { order.isUrgent ? urgent.count > 0 : !isEmpty }

    /// False when as many wait as may.
    mutating func append(_ order: Order, _ account: TransportAccount) -> Bool {
        if order.isUrgent {
            guard urgent.count < account.maxQueued else { return false }
            urgent.append(order)
        } else {
            // Some of them have no place although there are some.
            guard others.count < account.maxQueued + (account.maxQueued > 0 ? Self.reserve(of: account.maxInFlight) : 0) else {
                return false
            }
            others.append(order)
        }
        return true
    }

    /// Of the first of each kind that which may start.
    mutating func popFirst(where mayStart: (Order) -> Bool = { _ in true }) -> Order? {
        if urgentInRow < 19, let first = urgent.first, mayStart(first) {
            urgentInRow += 1
            return urgent.popFirst()
        }
        urgentInRow = 0
        if let first = others.first, mayStart(first) { return others.popFirst() }
        if let first = urgent.first, mayStart(first) { return urgent.popFirst() }
        return nil
    }

    mutating func removeFirst(where matches: (Order) -> Bool) -> Order? {
        urgent.removeFirst(where: matches) ?? others.removeFirst(where: matches)
    }
}
