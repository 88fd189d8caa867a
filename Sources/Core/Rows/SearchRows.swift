/// What deliveries are looked for. Every field that is given must hold; of the words of one field any.
public struct DeliveryFilter: Sendable, Equatable {
    /// Words of one field: one of `only`, when it names any, and none of `not`.
    public struct Words: Sendable, Equatable {
        public var only: [String] = []
        public var not: [String] = []
        public init() {}
        public var isEmpty: Bool { only.isEmpty && not.isEmpty }
        public func admit(_ word: String?) -> Bool {
            guard let word else { return only.isEmpty }
            return (only.isEmpty || only.contains(word)) && !not.contains(word)
        }
    }
    /// What a field is of: each is one column of one table.
    public enum Field: String, ClosedWord {
        case channel, state, account, priority
        /// Of the delivery or of its notice.
        case reason
        case kind, stage, locale
        case bank, rail
    }
    public var words: [Field: Words] = [:]
    public var order: OrderNumber?
    public var customer: String?
    public var delivery: String?
    /// In the app and read, or not: nil for both.
    public var isRead: Bool?
    public var since, until: Timestamp?
    /// Cursor: only deliveries with a smaller id.
    public var before: DeliveryID?
    public var limit: Int
    public init(limit: Int = 50) { self.limit = limit }

    public subscript(field: Field) -> Words {
        get { words[field] ?? Words() }
        set { words[field] = newValue }
    }
}

/// A delivery that fits, by what a list needs to decide whether it is shown; nothing is opened.
public struct FoundDelivery: Sendable, Equatable {
    public var id: DeliveryID
    public var notice: NoticeID
    public var channel: Channel
    public var state: DeliveryState
    public var reason: ReasonCode?
    public var readAt: Timestamp?
    public init(id: DeliveryID, notice: NoticeID, channel: Channel, state: DeliveryState, reason: ReasonCode?, readAt: Timestamp?) {
        (self.id, self.notice, self.channel, self.state, self.reason, self.readAt) = (id, notice, channel, state, reason, readAt)
    }
}

/// How many deliveries there are of one combination of words.
public struct FacetCount: Sendable, Equatable {
    public var found: FoundDelivery
    public var account: String?
    public var priority: Priority
    public var kind: Kind
    public var stage: NoticeStage
    public var noticeReason: ReasonCode
    public var locale: TextLocale
    public var bank: String?
    public var count: Int
    public init(
        found: FoundDelivery, account: String?, priority: Priority, kind: Kind, stage: NoticeStage, noticeReason: ReasonCode,
        locale: TextLocale, bank: String?, count: Int
    ) {
        (self.found, self.account, self.priority, self.kind, self.stage) = (found, account, priority, kind, stage)
        (self.noticeReason, self.locale, self.bank, self.count) = (noticeReason, locale, bank, count)
    }
}
