// What an audit walks: the rows of one payout side by side, as they stand in the store. Words are not read into our types, since somebody may
// have written others, and nothing sealed is opened.

/// Everything the store holds of one payout, or of what belongs to none.
public struct Trail: Sendable {
    /// Nil: events that are about no payout, such as those of incidents. Their rows of the log are not looked for.
    public var order: OrderNumber?
    public var events: [EventMark] = []
    public var episodes: [EpisodeMark] = []
    /// Notices with their deliveries, attempts and receipts, oldest first.
    public var notices: [NoticeMark] = []
    /// In order; those of attempts stand with them.
    public var log: [LogMark] = []
    /// Episodes of it that a timer is armed for.
    public var armed: Set<EpisodeID> = []
    /// What people were asked whether it was taken, answered or not: each begins with a delivery's public id. Looked for where a delivery is in doubt.
    public var questions: [String] = []
    public init(order: OrderNumber?) { self.order = order }
}

public struct EventMark: Sendable, Equatable {
    public var seq: EventSeq
    public var id: String
    public var disposition: String
    public var reason: String?
    public init(seq: EventSeq, id: String, disposition: String, reason: String?) {
        (self.seq, self.id, self.disposition, self.reason) = (seq, id, disposition, reason)
    }
}

public struct EpisodeMark: Sendable, Equatable {
    public var id: EpisodeID
    public var kind, status: String
    public var openedBy: EventSeq
    public init(id: EpisodeID, kind: String, status: String, openedBy: EventSeq) {
        (self.id, self.kind, self.status, self.openedBy) = (id, kind, status, openedBy)
    }
}

public struct NoticeMark: Sendable {
    public var id: NoticeID
    public var episode: EpisodeID
    public var episodeVersion: Int64
    public var order, audience, kind, stage, priority, reason: String
    public var event: EventSeq?
    public var plannedAt: Timestamp
    public var deliveries: [DeliveryMark] = []
    public init(
        id: NoticeID, episode: EpisodeID, episodeVersion: Int64, order: String, audience: String, kind: String, stage: String,
        priority: String, reason: String, event: EventSeq?, plannedAt: Timestamp
    ) {
        (self.id, self.episode, self.episodeVersion, self.order, self.audience) = (id, episode, episodeVersion, order, audience)
        (self.kind, self.stage, self.priority, self.reason) = (kind, stage, priority, reason)
        (self.event, self.plannedAt) = (event, plannedAt)
    }
}

public struct DeliveryMark: Sendable {
    public var id: DeliveryID
    public var publicID: String
    public var channel, state, mode: String
    public var reason: String?
    public var lane: Int
    public var nextAt: Timestamp?
    public var expires: Timestamp
    public var tries: Int
    public var seenAt, readAt: Timestamp?
    public var attempts: [AttemptMark] = []
    /// What providers said later, by their words.
    public var receipts: [String] = []
    public init(
        id: DeliveryID, publicID: String, channel: String, state: String, mode: String, reason: String?, lane: Int, nextAt: Timestamp?,
        expires: Timestamp, tries: Int, seenAt: Timestamp?, readAt: Timestamp?
    ) {
        (self.id, self.publicID, self.channel, self.state, self.mode) = (id, publicID, channel, state, mode)
        (self.reason, self.lane, self.nextAt, self.expires, self.tries) = (reason, lane, nextAt, expires, tries)
        (self.seenAt, self.readAt) = (seenAt, readAt)
    }
    /// It says that nobody knows whether it was taken.
    public var isInDoubt: Bool { state == DeliveryState.ambiguous.rawValue || state == DeliveryState.unknown.rawValue }
}

public struct AttemptMark: Sendable {
    public var id: AttemptID
    public var publicID: String
    public var number: Int
    public var state, account: String
    public var startedAt: Timestamp
    public var finishedAt: Timestamp?
    public var outcome: String?
    /// The rows of the log that the attempt names; nil where there is none.
    public var intent, result: LogMark?
    public init(
        id: AttemptID, publicID: String, number: Int, state: String, account: String, startedAt: Timestamp, finishedAt: Timestamp?,
        outcome: String?, intent: LogMark?, result: LogMark?
    ) {
        (self.id, self.publicID, self.number, self.state, self.account) = (id, publicID, number, state, account)
        (self.startedAt, self.finishedAt, self.outcome) = (startedAt, finishedAt, outcome)
        (self.intent, self.result) = (intent, result)
    }
}

/// A row of the log by what it is about.
public struct LogMark: Sendable, Equatable {
    public var seq: Int64
    public var act: String
    public var event: EventSeq?
    public var notice: NoticeID?
    public var delivery: DeliveryID?
    public var attempt: AttemptID?
    public init(seq: Int64, act: String, event: EventSeq?, notice: NoticeID?, delivery: DeliveryID?, attempt: AttemptID?) {
        (self.seq, self.act, self.event, self.notice) = (seq, act, event, notice)
        (self.delivery, self.attempt) = (delivery, attempt)
    }
}

/// A row that names another one which is not there.
public struct Stray: Sendable, Equatable {
    public enum Table: String, Sendable, CaseIterable { case notice, delivery, attempt, log }
    public var table: Table
    public var id: Int64
    /// What is missing, e.g. `its notice`.
    public var words: String
    public init(_ table: Table, _ id: Int64, _ words: String) { (self.table, self.id, self.words) = (table, id, words) }
}
