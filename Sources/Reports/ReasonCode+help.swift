public import Core

/// What goes beside a reason's `meaning` when a person asks: which sort it is, what would change it, what to say to the customer.
extension ReasonCode {
    public enum Group: String, Sendable, CaseIterable {
        case told
        case onPurpose = "on_purpose"
        case couldNot = "could_not"

        public var words: String {
            switch self {
            case .told: "told"
            case .onPurpose: "not told, on purpose"
            case .couldNot: "not told, could not"
            }
        }
    }

    public var group: Group {
        if isTold { return .told }
        switch self {
        case .noContact, .noAddress, .addressUnverified, .noDevice, .addressDead, .channelNotConfigured, .localeMissing, .fieldMissing,
            .templateMissing,
            .renderError, .tooLong, .providerPaused, .providerRefused, .providerUnreachable, .triesUsedUp, .budgetUsedUp, .ambiguous:
            return .couldNot
        default:
            return .onPurpose
        }
    }

    /// Under which condition the notice would have gone out; nil for codes that explain one that did.
    public var remedy: String? {
        switch self {
        case .first, .stateChanged, .priorityRaised, .etaBroken, .repeatDue, .resolved, .correction, .fallbackDue: nil
        case .duplicate: "the event had a new id and new content"
        case .sameNews: "the producer raised data.seq for real news"
        case .sameState: "the money state, the step, the promised hour or the priority had changed"
        case .repeatNotDue: "nothing changes and the next repeat comes due (policy: repeats)"
        case .dailyCap: "it came on another day, closed the matter, or the cap were higher (policy: caps)"
        case .burstCap: "fewer notices of one kind left in that minute"
        case .holdRunning: "the hold-off ends and the matter is still open"
        case .resolvedInHold: "it had lasted longer than the hold-off of its kind"
        case .superseded: "nothing sharper and no resolution had come before it left"
        case .inhibited: "no sharper anomaly of the order were open"
        case .stormAbsorbed: "the customer had not been told of the incident yet"
        case .quietHoursDeferred: "the customer's quiet hours end"
        case .quietHoursExpired: "it were still true when the quiet hours ended, or its kind broke through them"
        case .optedOut: "the customer switched the channel on, or the policy locked it"
        case .staleEvent: "it had come before the newer event of its order"
        case .belowThreshold: "it reached the threshold of its rule"
        case .noRule: "a rule asked for it"
        case .ruleExcluded: "no rule excluded it"
        case .digestMerged: "the customer had had no other notice within ten minutes"
        case .rateLimitedCustomer: "fewer notices of this anomaly had gone to this customer (policy: caps)"
        case .alreadyReadElsewhere: "the customer had not read it on another channel"
        case .onHold: "the operator ends the hold"
        case .notAllowlisted: "the recipient were on the allow-list, or the mode were live"
        case .testEvent: "the event were not marked as a test"
        case .tooOld: "it had arrived sooner"
        case .noAnomaly: "the catalogue mapped its code to a kind"
        case .alreadyResolved: "the anomaly were open again under a new id"
        case .modeChanged: "it had been planned in the mode that runs now"
        case .noContact: "the event carried a phone number, mail address or token that can be used"
        case .noAddress: "the event or the customer's record had an address for the channel"
        case .addressUnverified: "the address were verified"
        case .noDevice: "the customer had a device with push"
        case .addressDead: "the customer had a new address (clarion customer set)"
        case .channelNotConfigured: "an account of this channel were configured"
        case .localeMissing: "the text existed in the customer's language or its fallback"
        case .fieldMissing: "the event carried the value that the text needs"
        case .templateMissing: "there were a text for this kind and stage"
        case .renderError: "the text could be rendered (clarion preview shows why not)"
        case .tooLong: "the text were shorter"
        case .providerPaused: "the account were not paused"
        case .providerRefused: "the provider took it; its code is with the attempt (clarion audit delivery)"
        case .providerUnreachable: "the provider could be reached"
        case .triesUsedUp: "one of the tries had worked; clarion dead retry tries again"
        case .budgetUsedUp: "it could have left within the time of its priority"
        case .ambiguous: "the provider says whether it has it; it is never sent again blindly"
        }
    }

    /// What support may tell the customer.
    public var forCustomer: String {
        switch self {
        case .first, .stateChanged, .priorityRaised, .etaBroken, .repeatDue, .resolved, .correction, .fallbackDue: "We sent you this news."
        case .duplicate, .sameNews, .sameState, .repeatNotDue, .staleEvent: "There was nothing new to tell you at that moment."
        case .dailyCap, .burstCap, .rateLimitedCustomer, .digestMerged:
            "We put several messages together so as not to flood you; all are in your inbox."
        case .holdRunning, .resolvedInHold: "It was settled, or about to be, so we waited before troubling you."
        case .superseded, .inhibited, .alreadyResolved, .quietHoursExpired: "Newer information replaced this message before it left."
        case .stormAbsorbed: "We told you about the disturbance as a whole, not about each payout."
        case .quietHoursDeferred: "We waited until morning in your time zone."
        case .optedOut: "You switched this channel off in your settings."
        case .belowThreshold, .noRule, .ruleExcluded, .noAnomaly, .tooOld: "This is not something we send messages about."
        case .alreadyReadElsewhere: "You had read it on another channel."
        case .onHold, .modeChanged, .notAllowlisted, .testEvent: "The message was held back on our side."
        case .noContact, .noAddress, .addressUnverified, .noDevice: "We have no confirmed way to reach you on this channel."
        case .addressDead: "The address we have for you does not work any more."
        case .channelNotConfigured, .localeMissing, .fieldMissing, .templateMissing, .renderError, .tooLong:
            "We could not prepare the message on this channel."
        case .providerPaused, .providerRefused, .providerUnreachable, .triesUsedUp, .budgetUsedUp:
            "The message could not be handed over to the network."
        case .ambiguous: "We sent it, but the network did not confirm it."
        }
    }
}
