// The words of the field, each once. Raw values are what files, events, the store and the API use.

/// How a person can be reached. `voice` has no provider yet: a step that asks for it ends as `channel_not_configured`.
public enum Channel: String, ClosedWord, Comparable {
    case sms, push, mail
    case inApp = "in_app"
    case voice

    public static func < (a: Channel, b: Channel) -> Bool { a.ordinal < b.ordinal }
}

/// What a push token was made by. Each push service knows its own.
public enum Platform: String, ClosedWord { case ios, android, harmony, web }

/// How urgent a notice is. Set by the kind; rules may only raise it.
public enum Priority: String, ClosedWord, Comparable {
    case low, normal, high

    public static func < (a: Priority, b: Priority) -> Bool { a.ordinal < b.ordinal }
    /// 0 is served first.
    public var lane: Int { 2 - Int(ordinal) }
}

/// What went wrong. Names are stable: never renamed, never reused.
public enum Kind: String, ClosedWord {
    case bankDelay = "bank_delay"
    case accountInfoError = "account_info_error"
    case accountUnavailable = "account_unavailable"
    case identityRequired = "identity_required"
    case riskHold = "risk_hold"
    case complianceRestricted = "compliance_restricted"
    case insufficientBalance = "insufficient_balance"
    case limitExceeded = "limit_exceeded"
    case amountError = "amount_error"
    case platformError = "platform_error"
    case networkProblem = "network_problem"
    case channelOutage = "channel_outage"
    case routeUnsupported = "route_unsupported"
    case notArrived = "not_arrived"
    case statusUnknown = "status_unknown"
    case payoutReturned = "payout_returned"
    case recipientActionRequired = "recipient_action_required"
    case duplicateRequest = "duplicate_request"
    case payoutCancelled = "payout_cancelled"
}

/// Where the money is, from the platform's ledger.
public enum FundsState: String, ClosedWord {
    case notDebited = "not_debited"
    case held
    case inTransit = "in_transit"
    case returning
    case inBalance = "in_balance"
    case unknown
    case paid
}

/// How an anomaly ended.
public enum Resolution: String, ClosedWord {
    case arrived, refunded, returned, declined, cancelled, expired, corrected, closed
    case falseAlarm = "false_alarm"
}

/// Which text of a notice: `opened` is the kind's own, the others are shared by all kinds (`templates/_shared/stages`).
public enum NoticeStage: String, ClosedWord {
    case opened
    case progress
    case resolvedArrived = "resolved_arrived"
    case resolvedRefunded = "resolved_refunded"
    case reviewApproved = "review_approved"
    case reviewDeclined = "review_declined"
    case materialsReminder = "materials_reminder"
    case incidentOver = "incident_over"
    case stillWaiting = "still_waiting"
    case correction

    /// Closing notices end an episode: they do not count against a customer's daily caps.
    public var isClosing: Bool {
        switch self {
        case .resolvedArrived, .resolvedRefunded, .reviewApproved, .reviewDeclined, .incidentOver, .correction: true
        case .opened, .progress, .materialsReminder, .stillWaiting: false
        }
    }
}

/// Languages the texts exist in. Fallback is by script: `zh-HK → zh-Hant`, never `zh-Hans`.
public enum TextLocale: String, ClosedWord {
    case zhHans = "zh-Hans"
    case zhHant = "zh-Hant"
    case en
    case ja, ko, ar, es
    /// Also for European Portuguese.
    case ptBR = "pt-BR"
    case fr, de
    case id, vi, th

    /// Somebody whose own language it is has read every text. The others are translations that nobody has read so far.
    public var isReviewed: Bool { self == .zhHans || self == .zhHant || self == .en }
    public static let reviewed = allCases.filter(\.isReviewed)
    /// Its messages are meant to fit the GSM alphabet.
    public var isGSM: Bool { self == .en || self == .de || self == .id }

    /// The locale used for a BCP 47 tag: exact, then by script or region, then by language, then English.
    public init(matching tag: String) {
        if let exact = TextLocale(rawValue: tag) {
            self = exact
            return
        }
        let parts = tag.lowercased().split { $0 == "-" || $0 == "_" }
        guard parts.first == "zh" else {
            switch parts.first {
            case "pt": self = .ptBR
            // The code of Indonesian until 1989, which Java and old phones still send.
            case "in": self = .id
            case let language: self = language.flatMap { TextLocale(rawValue: String($0)) } ?? .en
            }
            return
        }
        let rest = parts.dropFirst()
        if rest.contains("hant") {
            self = .zhHant
        } else if rest.contains("hans") {
            self = .zhHans
        } else {
            self = rest.contains { ["hk", "tw", "mo"].contains($0) } ? .zhHant : .zhHans
        }
    }
}

/// What may leave this machine. Stamped on every delivery when it is planned; one planned in `capture` is never sent in another mode.
public enum Mode: String, ClosedWord {
    /// Every account's endpoint is the sandbox; the transport refuses any other address.
    case capture
    /// Real endpoints, listed recipients only.
    case allowlist
    case live
}

/// A delivery's state machine (`docs/architecture.md`).
public enum DeliveryState: String, ClosedWord {
    case ready, inflight
    case retryWait = "retry_wait"
    /// The provider took responsibility.
    case sent
    /// A receipt says it arrived; in-app items are delivered when they are written.
    case delivered
    case undelivered
    /// Bytes left and no answer came back: listed, never resent blindly; still being found out.
    case ambiguous
    /// Ambiguous, and every way of finding out by itself is used up: held for a person. A late receipt is believed.
    case unknown
    case cancelled, expired
    /// Given up: the dead letter says why.
    case dead
    /// Held back by policy on this channel (`reason` says which).
    case blocked

    /// It may have been taken, or not.
    public var isInDoubt: Bool { self == .ambiguous || self == .unknown }

    /// No further step of the machine will move it by itself.
    public var isFinal: Bool {
        switch self {
        case .ready, .inflight, .retryWait, .ambiguous: false
        case .sent, .delivered, .undelivered, .unknown, .cancelled, .expired, .dead, .blocked: true
        }
    }
}

/// One attempt: one request to one provider account.
public enum AttemptState: String, ClosedWord {
    case intent, accepted, rejected
    case notSent = "not_sent"
    case ambiguous
    /// It was ambiguous; a repeat that cannot be seen twice was accepted, so the question is closed.
    case settled
}
