/// What must hold in the log and the tables, at any moment and after any crash. Names are stable: scripts ask for them.
public enum Invariant: String, Sendable, CaseIterable {
    case chain
    case logNames = "log_names"
    case words
    // Events
    case disposition
    case eventLogged = "event_logged"
    case plannedTold = "planned_told"
    case silentUntold = "silent_untold"
    case pendingWaits = "pending_waits"
    // Notices
    case noticeEpisode = "notice_episode"
    case noticeDecided = "notice_decided"
    case noticeDelivers = "notice_delivers"
    case inAppFirst = "in_app_first"
    case lane
    case oncePerState = "once_per_state"
    // Deliveries
    case deliveryNotice = "delivery_notice"
    case waits
    case reasonGiven = "reason_given"
    case evidence
    case doubtListed = "doubt_listed"
    case givenUpFiled = "given_up_filed"
    case endsStay = "ends_stay"
    case overIsOver = "over_is_over"
    case nothingLeft = "nothing_left"
    case seenInOrder = "seen_in_order"
    // Attempts
    case attemptDelivery = "attempt_delivery"
    case attemptCount = "attempt_count"
    case oneOpen = "one_open"
    case intentFirst = "intent_first"
    case outcomeLogged = "outcome_logged"
    case acceptedOnce = "accepted_once"
    case inTime = "in_time"
    case smsNoAmount = "sms_no_amount"

    /// One sentence for whoever reads the list.
    public var says: String {
        switch self {
        case .chain: "the log is the chain of rows that was written, from its first row to its head"
        case .logNames: "what a row of the log names is in the tables"
        case .words: "every state, reason, kind, stage, channel and act is a word of ours"
        case .disposition: "an accepted event has one disposition; a reason if it is suppressed, none otherwise"
        case .eventLogged: "an accepted event has one row event_accepted in the log"
        case .plannedTold: "of a planned event there is at least one notice"
        case .silentUntold: "of a suppressed, stale or recorded event there is no notice to a customer"
        case .pendingWaits: "a pending event waits for a timer, or its episode is held"
        case .noticeEpisode: "a notice to a customer belongs to an episode of its order, and tells its kind or its incident"
        case .noticeDecided: "a notice is named by the decision that made it"
        case .noticeDelivers: "a notice has at least one delivery"
        case .inAppFirst: "a notice to a customer is in the app from the beginning"
        case .lane: "a delivery has the priority of its notice"
        case .oncePerState: "one state of one episode is told once on a channel, but for repeats that a person asked for"
        case .deliveryNotice: "a delivery belongs to a notice"
        case .waits: "a delivery waits for a moment, or has ended and waits for none"
        case .reasonGiven: "a delivery that was not sent says why"
        case .evidence: "sent, delivered and undelivered have an acceptance or a receipt that says so"
        case .doubtListed: "an attempt in doubt is on the list, and people were asked about it"
        case .givenUpFiled: "a delivery that was given up has a dead letter in the log"
        case .endsStay: "what was cancelled is not begun after that"
        case .overIsOver: "after the closing notice nothing older of the episode is begun"
        case .nothingLeft: "nothing but closing notices waits for an episode that is over"
        case .seenInOrder: "only what is in the app is seen and read, and read is seen"
        case .attemptDelivery: "an attempt belongs to a delivery"
        case .attemptCount: "a delivery has as many attempts as it counts, numbered from 1"
        case .oneOpen: "an attempt is open while its delivery is on the wire, and no other"
        case .intentFirst: "an attempt has its intent in the log, before its outcome"
        case .outcomeLogged: "an attempt that has ended has its outcome in the log, and ended after it began"
        case .acceptedOnce: "a delivery is accepted once, and again only after a receipt that it did not arrive"
        case .inTime: "no attempt begins after its delivery's time"
        case .smsNoAmount: "an SMS that was sent does not name the amount"
        }
    }
}

/// One row that is not as it must be.
public struct Violation: Sendable, Equatable {
    public var invariant: Invariant
    /// The row: a public id, an event's id, `notice 12` or `log 77`.
    public var row: String
    public var order: String?
    public var words: String
    public init(_ invariant: Invariant, _ row: String, order: String?, _ words: String) {
        (self.invariant, self.row, self.order, self.words) = (invariant, row, order, words)
    }
}
