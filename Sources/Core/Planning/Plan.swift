/// What the planner may know, read in the same transaction that writes its plan.
public struct Snapshot: Sendable {
    /// False when `(anomaly, stage, seq)` came before under another event id.
    public var isNews = true
    public var order: OrderState?
    public var episodes: [Episode] = []
    /// Deliveries of the order's episodes to the customer.
    public var deliveries: [Delivery] = []
    /// Marks of the anomaly the event is about.
    public var marks: [DedupeMark] = []
    public var record: CustomerRecord?
    /// Of the record's and the event's addresses, those that cannot be used, and why.
    public var unusable: [Channel: [Sensitive<Address>: ReasonCode]] = [:]
    /// Highest priority told to this customer on other orders detected within the merge window of this one.
    public var toldElsewhere: Priority?
    /// Incidents of the bank and rail, newest first.
    public var incidents: [Incident] = []
    /// This customer's share of the incident that covers the anomaly.
    public var member: IncidentMember?
    /// Episodes of this bank and rail inside the storm window, this one not counted; and of the same kind since the incident began.
    public var stormCount = 0
    public var stormCountOfKind = 0
    /// Uses of the customer's counters by channel: today, for this anomaly, and today by notices that no other cap counts.
    public var usedToday: [Channel: Int] = [:]
    public var usedForAnomaly: [Channel: Int] = [:]
    public var uncountedToday: [Channel: Int] = [:]
    /// How many payouts of the customer to the bank went wrong so far, this one counted: the most that can be failures with one account. 0 where nothing depends on it.
    public var failuresAtBank = 0
    /// First notices of the kind in this minute, and how many were held in this hour because there were too many: outside incidents.
    public var toldThisMinute = 0
    public var heldThisHour = 0
    /// The episode waited for the end of a burst before.
    public var waitedForBurst = false
    /// A person was asked when the episode opened, because of its code: its kind asks for no second one.
    public var hasReview = false

    public init() {}
}

/// What is to be done about one event or timer: pure data, carried out in one transaction.
public struct Plan: Sendable {
    public var disposition: Disposition?
    /// Earlier events whose fate this one decides.
    public var decided: [EventDecision] = []
    public var order: OrderState?
    /// The episode it is about, saved first; notices and timers hang on it.
    public var episode: Episode?
    /// Other episodes of the order that change with it.
    public var others: [Episode] = []
    /// Waiting deliveries and timers of these episodes end.
    public var cancels: [(episode: EpisodeID, reason: ReasonCode)] = []
    /// Waiting deliveries of these episodes end, because a newer notice takes their place; timers go on.
    public var withdraws: [(episode: EpisodeID, reason: ReasonCode)] = []
    public var notice: NoticePlan?
    public var timers: [StoredTimer] = []
    /// Steps of the episode's escalation and their new times: together, and none once the first of them has fired.
    public var moves: [StoredTimer] = []
    /// What one of the staff has to do.
    public var task: StaffTask?
    public var reviews: [ReviewItem] = []
    public var findings: [Finding] = []
    /// Counted for the brake on bursts.
    public var burst: Burst?
    public var incident: Incident?
    public var member: IncidentMember?
    /// The decision record: facts, rule answers, timing, reason. Codes and ids only.
    public var record: [(String, JSON)] = []

    public init() {}

    public mutating func note(_ name: String, _ value: JSON) { record.append((name, value)) }
    public mutating func note(_ name: String, _ value: String) { record.append((name, .string(value))) }
    public mutating func note(_ name: String, _ value: Timestamp) { record.append((name, .string(value.description))) }
}

/// What a first notice outside an incident was for the brake on bursts.
public enum Burst: Sendable, Hashable {
    case told(Kind)
    case held(Kind)
}

public struct EventDecision: Sendable, Hashable {
    public var event: EventSeq
    public var disposition: Disposition
    public init(_ event: EventSeq, _ disposition: Disposition) { (self.event, self.disposition) = (event, disposition) }
}

/// A notice with what happens to it on every channel.
public struct NoticePlan: Sendable {
    public var kind: Kind
    public var stage: NoticeStage
    public var variant: String?
    public var priority: Priority
    public var reason: ReasonCode
    public var locale: TextLocale
    public var timeZone: String
    public var privatePreview: Bool
    public var facts: Facts
    public var channels: [ChannelDecision]
    /// Fallback steps to arm, by index of the policy's `then`.
    public var fallbacks: [(index: Int, due: Timestamp)]
    /// Whether it counts against the daily caps.
    public var isCounted: Bool
    /// Extends an existing notice instead of making one (fallback steps).
    public var extends: NoticeID?
    /// Says once more what this one said, in the texts it is pinned to.
    public var repeats: Notice?
}

/// One channel of one notice: it goes out at a time, or drops out with a reason.
public struct ChannelDecision: Sendable {
    public enum Fate: Sendable {
        case send(Sensitive<Address>, at: Timestamp, reason: ReasonCode?)
        case drop(ReasonCode)
    }
    public var channel: Channel
    public var fate: Fate

    public var reason: ReasonCode? {
        switch fate {
        case .send(_, _, let reason): reason
        case .drop(let reason): reason
        }
    }
    public var isSending: Bool { if case .send = fate { true } else { false } }
}

/// Something staff must learn, by mail until staff channels exist. Never built from customer texts.
public struct Finding: Sendable, Hashable {
    public enum Topic: String, Sendable, CaseIterable {
        case unmappedCode = "unmapped_code"
        case incidentOpened = "incident_opened"
        case incidentClosed = "incident_closed"
        case unreachable
        case burst
        case escalation
        case call
        case complaint
        case texts
    }
    public var topic: Topic
    /// What it is about: an order number, an incident id, `source/code`. One mail for each.
    public var subject: String
    public var facts: Facts
    public init(_ topic: Topic, subject: String, facts: Facts) { (self.topic, self.subject, self.facts) = (topic, subject, facts) }
}

/// Something one of the staff has to do: an item on their list, and a mail that points to it. Of one sort of task a mail goes once an hour.
public struct StaffTask: Sendable {
    public var topic: Finding.Topic
    public var role: StaffRole
    public var item: ReviewItem
    /// The sort of task.
    public var subject: String
    /// What is written of it elsewhere than on the list names neither order nor kind.
    public var isDiscreet: Bool
    public init(_ topic: Finding.Topic, for role: StaffRole, item: ReviewItem, subject: String, isDiscreet: Bool = false) {
        (self.topic, self.role, self.item, self.subject, self.isDiscreet) = (topic, role, item, subject, isDiscreet)
    }
}
