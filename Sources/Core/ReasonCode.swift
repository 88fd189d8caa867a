/// Why someone was told, or was not. One closed list: a new code needs a sentence in `docs/reasons.md` and a test.
public enum ReasonCode: String, ClosedWord {
    // Told.
    case first
    case stateChanged = "state_changed"
    case priorityRaised = "priority_raised"
    case etaBroken = "eta_broken"
    case repeatDue = "repeat_due"
    case resolved
    case correction
    case fallbackDue = "fallback_due"
    case resent

    // Not told, on purpose.
    case duplicate
    case sameNews = "same_news"
    case sameState = "same_state"
    case repeatNotDue = "repeat_not_due"
    case dailyCap = "daily_cap"
    case burstCap = "burst_cap"
    case holdRunning = "hold_running"
    case resolvedInHold = "resolved_in_hold"
    case superseded
    case inhibited
    case stormAbsorbed = "storm_absorbed"
    case quietHoursDeferred = "quiet_hours_deferred"
    case quietHoursExpired = "quiet_hours_expired"
    case optedOut = "opted_out"
    case staleEvent = "stale_event"
    case belowThreshold = "below_threshold"
    case noRule = "no_rule"
    case ruleExcluded = "rule_excluded"
    case digestMerged = "digest_merged"
    case rateLimitedCustomer = "rate_limited_customer"
    case alreadyReadElsewhere = "already_read_elsewhere"
    case onHold = "on_hold"
    case notAllowlisted = "not_allowlisted"
    case testEvent = "test_event"
    case tooOld = "too_old"
    case noAnomaly = "no_anomaly"
    case alreadyResolved = "already_resolved"
    case modeChanged = "mode_changed"
    case erased
    case discarded

    // Not told, could not.
    case noContact = "no_contact"
    case noAddress = "no_address"
    case addressUnverified = "address_unverified"
    case noDevice = "no_device"
    case addressDead = "address_dead"
    case channelNotConfigured = "channel_not_configured"
    case localeMissing = "locale_missing"
    case fieldMissing = "field_missing"
    case templateMissing = "template_missing"
    case renderError = "render_error"
    case tooLong = "too_long"
    case providerPaused = "provider_paused"
    case providerRefused = "provider_refused"
    case providerUnreachable = "provider_unreachable"
    case triesUsedUp = "tries_used_up"
    case budgetUsedUp = "budget_used_up"
    case undelivered
    case ambiguous

    /// Whether this code explains a notice that went out.
    public var isTold: Bool {
        switch self {
        case .first, .stateChanged, .priorityRaised, .etaBroken, .repeatDue, .resolved, .correction, .fallbackDue, .resent: true
        default: false
        }
    }

    /// One sentence for staff: what the code claims.
    public var meaning: String {
        switch self {
        case .first: "the first notice of this anomaly"
        case .stateChanged: "the money state or the step changed since the last notice"
        case .priorityRaised: "the matter became more urgent than when it was last told"
        case .etaBroken: "the time promised to the customer has passed or moved"
        case .repeatDue: "nothing changed, but the repeat interval has passed"
        case .resolved: "the anomaly ended after the customer had been told, or ended badly"
        case .correction: "an earlier notice was wrong"
        case .fallbackDue: "the first channels brought no confirmation in time"
        case .resent: "a person had it sent once more"
        case .duplicate: "the same event was received before"
        case .sameNews: "the same anomaly, stage and sequence came before under another event id"
        case .sameState: "nothing the customer was told has changed"
        case .repeatNotDue: "nothing changed and the repeat interval has not passed"
        case .dailyCap: "the customer's daily cap for this channel is used up"
        case .burstCap: "waits, because there were too many first notices of one kind in a minute"
        case .holdRunning: "the hold-off of this kind still runs"
        case .resolvedInHold: "it was over before anyone had to be told"
        case .superseded: "a sharper notice or a resolution replaced it before it left"
        case .inhibited: "a sharper anomaly of this order is open, or its root cause is already being told"
        case .stormAbsorbed: "the customer was already told about the incident"
        case .quietHoursDeferred: "waits for the end of the customer's quiet hours"
        case .quietHoursExpired: "it was no longer true when the quiet hours ended"
        case .optedOut: "the customer switched this channel off"
        case .staleEvent: "a newer event of this order was applied before"
        case .belowThreshold: "its amount is below the threshold of a rule"
        case .noRule: "the policy has no channel for this kind"
        case .ruleExcluded: "a rule of the policy excludes it"
        case .digestMerged: "merged with a message to the same customer about another order"
        case .rateLimitedCustomer: "the customer was told of this anomaly as often as the policy allows"
        case .alreadyReadElsewhere: "the customer saw it in the app before the next channel was due"
        case .onHold: "an operator holds it"
        case .notAllowlisted: "the recipient is not on the allow-list of this mode"
        case .testEvent: "the event is marked as a test"
        case .tooOld: "the event is too old to be news"
        case .noAnomaly: "the code is informational, no anomaly"
        case .alreadyResolved: "the anomaly was over when the event came"
        case .discarded: "an operator discarded it when the store was brought back from a backup"
        case .modeChanged: "it was planned in another mode and is never sent in this one"
        case .erased: "the customer's data was erased before it could be sent"
        case .noContact: "the contact in the event cannot be used"
        case .noAddress: "there is no address for this channel"
        case .addressUnverified: "the address is not verified"
        case .noDevice: "there is no device for push"
        case .addressDead: "the provider says the address does not work"
        case .channelNotConfigured: "no account is configured for this channel"
        case .localeMissing: "no text in the customer's language"
        case .fieldMissing: "a value that the text needs is missing"
        case .templateMissing: "there is no text for this kind and stage"
        case .renderError: "the text could not be rendered"
        case .tooLong: "the rendered text is too long for the channel"
        case .providerPaused: "the provider account is paused"
        case .providerRefused: "the provider refused the message"
        case .providerUnreachable: "the provider could not be reached"
        case .triesUsedUp: "all tries failed"
        case .budgetUsedUp: "the time budget of its priority ran out"
        case .undelivered: "the provider took the message and could not deliver it"
        case .ambiguous: "bytes left and no answer came back"
        }
    }
}
