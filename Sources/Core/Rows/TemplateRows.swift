/// A revision of all texts, as the store keeps it: what was sent with it can be shown and made again, whatever the files say by now.
public struct TemplateRevision: Sendable, Equatable {
    public enum State: String, ClosedWord {
        /// Nobody asked for a decision.
        case kept
        case submitted, approved, rejected
    }
    /// Who did it, when, and what they said.
    public struct Act: Sendable, Equatable {
        public var at: Timestamp
        public var who, reason: String
        public init(at: Timestamp, who: String, reason: String) { (self.at, self.who, self.reason) = (at, who, reason) }
    }
    /// 12 hexadecimal digits of the digest over all files.
    public var revision: String
    public var state: State
    public var keptAt: Timestamp
    public var submitted: Act?
    /// Approved or rejected.
    public var decided: Act?

    public init(revision: String, state: State = .kept, keptAt: Timestamp, submitted: Act? = nil, decided: Act? = nil) {
        (self.revision, self.state, self.keptAt, self.submitted, self.decided) = (revision, state, keptAt, submitted, decided)
    }
}

/// A file of a revision, by its path below `templates/`.
public struct TemplateFile: Sendable, Hashable {
    public var path, text: String
    public init(path: String, text: String) { (self.path, self.text) = (path, text) }

    /// What values are kept in that texts are looked at with.
    public static let fixtures = "fixtures.yaml"
    /// Whether a customer reads anything of it: fixtures belong to no revision.
    public var isText: Bool { !path.hasSuffix("/" + Self.fixtures) }
}

extension [TemplateFile] {
    /// As a compiler takes them.
    public var pairs: [(path: String, text: String)] { map { ($0.path, $0.text) } }
}

/// One publication of a revision. The newest complete one is in force; one that runs is for a share of the customers.
public struct Rollout: Sendable, Equatable {
    public enum State: String, ClosedWord {
        case running, complete
        /// By what its notices led to.
        case stopped
        /// By a person.
        case rolledBack = "rolled_back"
        /// Another was published while it ran.
        case replaced
    }
    public var id: Int64
    public var revision: String
    /// What the other customers got when it began; nil: there was nothing.
    public var base: String?
    /// Of a hundred customers.
    public var percent: Int
    public var state: State
    public var startedAt, changedAt: Timestamp
    /// Of the last change.
    public var who, reason: String
    /// Notices after this one were planned since it began.
    public var after: NoticeID

    public init(
        id: Int64 = 0, revision: String, base: String?, percent: Int, state: State, startedAt: Timestamp, changedAt: Timestamp? = nil,
        who: String, reason: String, after: NoticeID = 0
    ) {
        (self.id, self.revision, self.base, self.percent, self.state) = (id, revision, base, percent, state)
        (self.startedAt, self.changedAt, self.who, self.reason, self.after) = (startedAt, changedAt ?? startedAt, who, reason, after)
    }

    /// Whether a customer belongs to its share. The same ones as long as it runs: a higher share adds to them.
    public func includes(_ customer: String) -> Bool { state == .running && Share.draw(customer, "rollout \(id) \(revision)") < percent }
}

/// Which customers belong to a share of a hundred, without a list: the same question, the same answer.
public enum Share {
    /// 0 ..< 100
    public static func draw(_ customer: String, _ purpose: String) -> Int {
        // FNV-1a, mixed at the end: neighbours in a numbering must not lie in one share.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func take(_ text: String) { for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
        take(purpose)
        take("\u{0}")
        take(customer)
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return Int((hash ^ (hash >> 33)) % 100)
    }
}

/// Which texts are in force.
public struct RevisionsInForce: Sendable, Equatable {
    /// The newest complete publication; nil: there was none.
    public var base: Rollout?
    public var trial: Rollout?
    public init(base: Rollout?, trial: Rollout?) { (self.base, self.trial) = (base, trial) }
}

/// What a notice of a revision led to, for the comparison of one revision with another.
public struct ToldOutcome: Sendable, Equatable {
    public var order: OrderNumber
    public var plannedAt: Timestamp
    public var wording: String?
    /// One of its deliveries ended as dead or undelivered.
    public var isFailed: Bool
    /// Because the text could not be made.
    public var isBroken: Bool
    public init(order: OrderNumber, plannedAt: Timestamp, wording: String?, isFailed: Bool, isBroken: Bool) {
        (self.order, self.plannedAt, self.wording, self.isFailed, self.isBroken) = (order, plannedAt, wording, isFailed, isBroken)
    }
}

/// A customer came to us about an order.
public struct Voice: Sendable, Equatable {
    public enum Sort: String, ClosedWord { case complaint, contact }
    public var sort: Sort
    public var order: OrderNumber
    public var at: Timestamp
    public init(_ sort: Sort, order: OrderNumber, at: Timestamp) { (self.sort, self.order, self.at) = (sort, order, at) }
}
