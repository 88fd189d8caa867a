/// What an operator holds back: customers' messages that fit every member that is set; with none set, all of them.
public struct HoldScope: Sendable, Hashable {
    public var order: OrderNumber?
    public var customer: String?
    public var bank, rail: String?
    public var kind: Kind?
    public var channel: Channel?
    public init(
        order: OrderNumber? = nil, customer: String? = nil, bank: String? = nil, rail: String? = nil, kind: Kind? = nil,
        channel: Channel? = nil
    ) {
        (self.order, self.customer, self.bank, self.rail, self.kind, self.channel) = (order, customer, bank, rail, kind, channel)
    }

    public var isEverything: Bool { self == HoldScope() }

    /// As far as the delivery itself tells; the rest is its episode's. What goes to staff is never held: somebody has to be told.
    public func mayCover(_ delivery: Delivery) -> Bool {
        delivery.episode != 0 && order.map { $0 == delivery.order } ?? true && customer.map { $0 == delivery.customer } ?? true
            && channel.map { $0 == delivery.channel } ?? true
    }
    var asksEpisode: Bool { bank != nil || rail != nil || kind != nil }
    public func covers(_ episode: Episode) -> Bool {
        bank.map { $0 == episode.bank } ?? true && rail.map { $0 == episode.rail } ?? true && kind.map { $0 == episode.kind } ?? true
    }

    /// `order=WD1 channel=sms`, `everything`. A customer is named as the caller may show them: in the log by their pseudonym.
    public func words(customer name: String?) -> String {
        let parts: [(String, String?)] = [
            ("order", order?.description), ("customer", customer == nil ? nil : name ?? "?"), ("bank", bank), ("rail", rail),
            ("kind", kind?.rawValue), ("channel", channel?.rawValue),
        ]
        let words = parts.compactMap { name, value in value.map { "\(name)=\($0)" } }
        return words.isEmpty ? "everything" : words.joined(separator: " ")
    }
}

/// An operator's hold. While it is in force no attempt of what it covers is started.
public struct Hold: Sendable, Equatable {
    public struct Ending: Sendable, Equatable {
        public var at: Timestamp
        public var who, reason: String
        public init(at: Timestamp, who: String, reason: String) { (self.at, self.who, self.reason) = (at, who, reason) }
    }
    public var id: Int64
    public var scope: HoldScope
    public var who, reason: String
    public var since: Timestamp
    /// It ends by itself then; nil: a person ends it.
    public var until: Timestamp?
    /// By a person.
    public var ending: Ending?
    public init(
        id: Int64 = 0, scope: HoldScope, who: String, reason: String, since: Timestamp, until: Timestamp? = nil, ending: Ending? = nil
    ) {
        (self.id, self.scope, self.who, self.reason) = (id, scope, who, reason)
        (self.since, self.until, self.ending) = (since, until, ending)
    }

    /// `h7`
    public var name: String { "h\(id)" }
    /// The number in `h7`; nil for what is no such name.
    public static func id(named text: String) -> Int64? {
        guard text.hasPrefix("h"), let id = Int64(text.dropFirst()), id > 0, text == "h\(id)" else { return nil }
        return id
    }
    public func isInForce(at now: Timestamp) -> Bool { ending == nil && until.map { now < $0 } ?? true }
}

/// The holds that are in force at a moment: what T3 asks before it starts an attempt.
public struct HoldsInForce: Sendable {
    private let holds: [Hold]
    public init(_ holds: [Hold], at now: Timestamp) {
        self.holds = holds.isEmpty || PlantedBug.sendsHeld.isActive ? [] : holds.filter { $0.isInForce(at: now) }
    }

    /// Those that cover a delivery; nil: none does.
    public struct Covering: Sendable, Equatable {
        public var hold: Hold
        /// When the last of them ends by itself; nil: one waits for a person.
        public var until: Timestamp?
    }

    /// - Parameter episode: of the delivery; asked for only where a hold is about it.
    public func covering(_ delivery: Delivery, episode: () throws -> Episode?) rethrows -> Covering? {
        guard !holds.isEmpty else { return nil }
        var (found, known): (Covering?, Episode?) = (nil, nil)
        for hold in holds where hold.scope.mayCover(delivery) {
            if hold.scope.asksEpisode {
                if known == nil { known = try episode() }
                guard let known, hold.scope.covers(known) else { continue }
            }
            guard let before = found else {
                found = Covering(hold: hold, until: hold.until)
                continue
            }
            let until = before.until.flatMap { one in hold.until.map { max(one, $0) } }
            found = Covering(hold: before.hold, until: until)
        }
        return found
    }
}

/// Deliveries that a hold covers, of one channel.
public struct HeldCount: Sendable, Hashable {
    /// Whatever waits, due or not.
    public var waiting = 0
    /// Of these, what would have left and is held back.
    public var held = 0
    public init(waiting: Int = 0, held: Int = 0) { (self.waiting, self.held) = (waiting, held) }
}
