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

extension FoundDelivery {
    /// What the word that is shown of its state is chosen by.
    public struct Standing: Sendable, Hashable {
        public var channel: Channel
        public var state: DeliveryState
        public var reason: ReasonCode?
        public var isRead: Bool
        public init(channel: Channel, state: DeliveryState, reason: ReasonCode?, isRead: Bool) {
            (self.channel, self.state, self.reason, self.isRead) = (channel, state, reason, isRead)
        }
    }
    public var standing: Standing { Standing(channel: channel, state: state, reason: reason, isRead: readAt != nil) }
}

/// How many deliveries there are of each word.
public struct DeliveryCounts: Sendable, Equatable {
    public struct Topic: Sendable, Hashable {
        public var kind: Kind
        public var stage: NoticeStage
        public init(kind: Kind, stage: NoticeStage) { (self.kind, self.stage) = (kind, stage) }
    }
    public var total = 0
    public var topics: [Topic: Int] = [:]
    public var standings: [FoundDelivery.Standing: Int] = [:]
    /// Why it was not told, else why it was.
    public var reasons: [ReasonCode: Int] = [:]
    public var accounts: [String: Int] = [:]
    public var banks: [String: Int] = [:]
    public var locales: [TextLocale: Int] = [:]
    public var priorities: [Priority: Int] = [:]
    public init() {}
}

/// Which of the deliveries that a filter finds are counted, where their words decide it together.
public struct CountedWords: Sendable {
    public var standing: @Sendable (FoundDelivery.Standing) -> Bool
    public var topic: @Sendable (DeliveryCounts.Topic) -> Bool
    public init(
        standing: @escaping @Sendable (FoundDelivery.Standing) -> Bool = { _ in true },
        topic: @escaping @Sendable (DeliveryCounts.Topic) -> Bool = { _ in true }
    ) { (self.standing, self.topic) = (standing, topic) }
}
