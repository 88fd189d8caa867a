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
            .renderError, .tooLong, .providerPaused, .providerRefused, .providerUnreachable, .triesUsedUp, .budgetUsedUp,
            .undelivered, .ambiguous:
            return .couldNot
        default:
            return .onPurpose
        }
    }

    /// Under which condition the notice would have gone out; nil for codes that explain one that did.
    public var remedy: String? {
        switch self {
        case .first, .stateChanged, .priorityRaised, .etaBroken, .repeatDue, .resolved, .correction, .fallbackDue, .resent: nil
        case .duplicate: "the event had a new id and new content"
        case .sameNews: "the producer raised data.seq for real news"
        case .sameState: "the money state, the step, the promised hour or the priority had changed"
        case .repeatNotDue: "nothing changes and the next repeat comes due (policy: repeats)"
        case .dailyCap: "it came on another day, closed the matter, or the cap were higher (policy: caps)"
        case .burstCap: "fewer first notices of one kind had come in that minute; it is decided again after the wait"
        case .holdRunning: "the hold-off ends and the matter is still open"
        case .resolvedInHold: "it had lasted longer than the hold-off of its kind"
        case .superseded: "nothing sharper and no resolution had come before it left"
        case .inhibited: "no sharper anomaly of the order were open"
        case .stormAbsorbed: "the customer had not been told of the incident yet"
        case .quietHoursDeferred: "the customer's quiet hours end"
        case .quietHoursExpired: "it were still true when the quiet hours ended, or its kind broke through them"
        case .optedOut: "the customer switched the channel on, or the policy locked it"
        case .staleEvent: "it had come before the newer event of its order"
        case .belowThreshold: "its amount reached the threshold of the rule (policy: exclude)"
        case .noRule: "the policy named a channel for this kind (policy: kinds)"
        case .ruleExcluded: "no rule of the policy excluded it (policy: exclude)"
        case .digestMerged: "the customer had had no message about another order at that time (policy: merge_within)"
        case .rateLimitedCustomer: "less had been told of this anomaly (policy: caps, updates_every)"
        case .alreadyReadElsewhere: "the customer had not seen it in the app"
        case .onHold: "the operator ends the hold"
        case .discarded: "the operator had released the store without discarding what waited"
        case .notAllowlisted: "the recipient were on the allow-list, or the mode were live"
        case .testEvent: "the event were not marked as a test (attribute test)"
        case .tooOld: "it had arrived sooner, or the policy set no limit (too_old_after)"
        case .noAnomaly: "the catalogue mapped its code to a kind"
        case .alreadyResolved: "the anomaly were open again under a new id"
        case .modeChanged: "it had been planned in the mode that runs now"
        case .erased: "the customer's data had not been erased"
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
        case .undelivered: "the handset could be reached; the provider's code is with the delivery (clarion audit delivery)"
        case .ambiguous: "the provider says whether it has it; it is never sent again blindly"
        }
    }

    /// What support may tell the customer.
    public var forCustomer: String {
        switch self {
        case .first: "We wrote to you as soon as we knew."
        case .stateChanged: "We wrote again because something about your payout changed."
        case .priorityRaised: "We wrote again because it became more urgent."
        case .etaBroken: "We wrote again because the time we gave you no longer holds."
        case .repeatDue: "We reminded you because it is still open."
        case .resolved: "We wrote to tell you how it ended."
        case .correction: "Our earlier message was wrong, and we corrected it."
        case .fallbackDue: "The first message was not confirmed, so we tried another way."
        case .resent: "We sent you the same message again because you asked for it."
        case .duplicate: "You were told once; the same report reached us twice."
        case .sameNews: "You were told once; the same report reached us twice."
        case .sameState: "Nothing has changed since our last message."
        case .repeatNotDue: "Nothing has changed since our last message."
        case .dailyCap: "You had reached the number of messages we send in a day; everything is in the app."
        case .burstCap: "We held messages back while we checked an unusual number of them."
        case .holdRunning: "Such cases often settle by themselves, so we wait a little before we write."
        case .resolvedInHold: "It was settled before there was anything you had to know."
        case .superseded: "Newer information replaced this message before it left."
        case .inhibited: "You were told about the main reason instead."
        case .stormAbsorbed: "You were told once about the problem at the bank; it covers this order too."
        case .quietHoursDeferred: "We did not want to wake you; the message comes in the morning."
        case .quietHoursExpired: "It was settled by the morning."
        case .optedOut: "You switched this kind of message off; it is in the app."
        case .staleEvent: "We already knew something newer."
        case .belowThreshold: "It was too small a matter for a message."
        case .noRule: "We do not send messages about this."
        case .ruleExcluded: "We do not send messages about this."
        case .digestMerged: "You were told together with another order; all of them are in the app."
        case .rateLimitedCustomer: "You had several messages about this order already; everything is in the app."
        case .alreadyReadElsewhere: "You had already seen it in the app."
        case .discarded: "It was prepared before a repair of our systems and not sent again afterwards."
        case .onHold: "We paused messages about this while a person looked at it."
        case .notAllowlisted: "This system may not send to you; it is a test system."
        case .testEvent: "It was a test and did not concern your payout."
        case .tooOld: "It was over long before we heard of it."
        case .noAnomaly: "Nothing was wrong with your payout."
        case .alreadyResolved: "It was over when the report reached us."
        case .modeChanged: "It was prepared by a test system and not sent."
        case .erased: "The customer asked us to erase their data, so it was not sent."
        case .noContact: "The number or address we were given cannot be used; please check it in the app."
        case .noAddress: "We have no number or address of yours for this; you can add one in the app."
        case .addressUnverified: "Your number or address is not confirmed yet; you can do so in the app."
        case .noDevice: "The app is not set up for messages on any of your devices."
        case .addressDead: "Your number or address no longer works; please check it in the app."
        case .channelNotConfigured: "We do not offer this kind of message yet; it is in the app."
        case .localeMissing: "We had no text in your language."
        case .fieldMissing: "A detail we needed for the message was missing."
        case .templateMissing: "There was no text for this case; we are adding one."
        case .renderError: "Something went wrong on our side while the message was written."
        case .tooLong: "The message was too long for an SMS; it is in the app."
        case .providerPaused: "Our messaging service was paused at the time."
        case .providerRefused: "Our messaging service did not take the message."
        case .providerUnreachable: "Our messaging service could not be reached."
        case .triesUsedUp: "We tried several times and could not deliver it."
        case .budgetUsedUp: "By the time it could have been sent it was no longer useful."
        case .undelivered: "We sent it, and your operator could not deliver it; please check your number in the app."
        case .ambiguous: "We sent it and cannot be sure that it arrived."
        }
    }
}
