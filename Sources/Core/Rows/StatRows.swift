/// A notice as sums need it: nothing is opened.
public struct NoticeStat: Sendable, Equatable {
    public var id: NoticeID
    /// Of no episode: for our own people.
    public var isForStaff: Bool
    public var kind: Kind
    public var stage: NoticeStage
    public var locale: TextLocale
    public var reason: ReasonCode
    /// Empty where the episode names none, and for staff.
    public var bank, rail: String
    /// When what it is about happened, by the producer; for staff when it was planned.
    public var detectedAt: Timestamp
    public init(
        id: NoticeID, isForStaff: Bool, kind: Kind, stage: NoticeStage, locale: TextLocale, reason: ReasonCode, bank: String, rail: String,
        detectedAt: Timestamp
    ) {
        (self.id, self.isForStaff, self.kind, self.stage, self.locale, self.reason) = (id, isForStaff, kind, stage, locale, reason)
        (self.bank, self.rail, self.detectedAt) = (bank, rail, detectedAt)
    }
}

/// One delivery of it.
public struct DeliveryStat: Sendable, Equatable {
    public var notice: NoticeStat
    public var channel: Channel
    public var priority: Priority
    public var state: DeliveryState
    public var reason: ReasonCode?
    public var isRead: Bool
    public var account: String?
    /// When a provider accepted it; in the app: when it was written. Nil while nobody has.
    public var takenAt: Timestamp?
    /// SMS parts of all that was accepted of it; nil where it is no SMS, and where nobody has counted them: that began with version 6 of the store.
    public var parts: Int?
    public init(
        notice: NoticeStat, channel: Channel, priority: Priority, state: DeliveryState, reason: ReasonCode?, isRead: Bool, account: String?,
        takenAt: Timestamp?, parts: Int?
    ) {
        (self.notice, self.channel, self.priority, self.state, self.reason) = (notice, channel, priority, state, reason)
        (self.isRead, self.account, self.takenAt, self.parts) = (isRead, account, takenAt, parts)
    }
}

/// Spans of time, counted by their first three digits: of a million there is no more in memory than of a thousand.
public struct SpanCounts: Sendable, Equatable {
    private var counts: [Int64: Int] = [:]
    public private(set) var count = 0
    public private(set) var longest = Duration.zero
    public init() {}

    public mutating func add(_ span: Duration) {
        var (digits, scale) = (max(0, span.milliseconds), Int64(1))
        while digits >= 1000 { (digits, scale) = (digits / 10, scale * 10) }
        counts[digits * scale, default: 0] += 1
        count += 1
        longest = max(longest, span)
    }

    /// The span that so many hundredths do not exceed; zero of none.
    public func percentile(_ percent: Int) -> Duration {
        var left = max(1, (count * percent + 99) / 100)
        for (span, count) in counts.sorted(by: { $0.key < $1.key }) {
            left -= count
            if left <= 0 { return .milliseconds(span) }
        }
        return .zero
    }
}
