import Core

/// The values without which a notice of a kind tells nobody anything, on every channel: who is slow, which account, until when, why.
/// The reason of the other kinds is prose.
enum MustTell {
    static func fields(_ kind: Kind?, _ stage: NoticeStage, variant: String?) -> [Field] {
        switch stage {
        case .opened: kind.map { opened($0, variant) } ?? []
        // Of a step inside a restriction nothing may be told, only that it goes on.
        case .progress: kind == .complianceRestricted ? [.eta] : [.progress, .eta]
        case .resolvedArrived: [.bank, .tail4]
        case .resolvedRefunded, .correction: []
        case .reviewApproved, .incidentOver, .stillWaiting: [.eta]
        case .reviewDeclined: [.funds]
        case .materialsReminder: [.materials, .deadline]
        }
    }

    private static func opened(_ kind: Kind, _ variant: String?) -> [Field] {
        switch (kind, variant) {
        case (.riskHold, "materials"): [.materials, .deadline]
        case (.limitExceeded, "single"): [.limitName, .limit]
        case (.amountError, "our_side"): [.eta]
        case (.bankDelay, _), (.networkProblem, _), (.notArrived, _), (.statusUnknown, _): [.bank, .eta]
        case (.accountInfoError, _), (.accountUnavailable, _), (.routeUnsupported, _): [.tail4]
        case (.identityRequired, _): [.deadline]
        case (.riskHold, _), (.complianceRestricted, _), (.platformError, _), (.channelOutage, _): [.eta]
        case (.insufficientBalance, _): []
        case (.limitExceeded, _): [.limitName, .limit, .eta]
        case (.amountError, _): [.amountRule]
        case (.payoutReturned, _): [.bank, .reason, .funds]
        case (.recipientActionRequired, _): [.wallet, .deadline]
        case (.duplicateRequest, _): [.firstOrder]
        case (.payoutCancelled, _): [.reason, .funds]
        }
    }

    /// Kinds that ask nothing of anybody and wait for nothing.
    static func asksNothing(_ kind: Kind) -> Bool { kind == .duplicateRequest || kind == .payoutCancelled }

    /// What a kind must not print: a reason given to somebody under restriction could warn them.
    static func forbidden(_ kind: Kind?) -> [Field] {
        kind == .complianceRestricted ? Kind.untold : []
    }
}
