public import Core

extension Vocabulary {
    /// The values that stand inside its phrases.
    var inner: [Field] {
        switch self {
        case .amountRules: [.ruleAmount]
        case .windows: [.until]
        case .funds: [.refundETA]
        case .progressSteps, .materials, .accountFields, .plainReasons, .feeNotes, .limitNames, .limitOwners, .rails: []
        }
    }
}

extension Field {
    /// What kind of value a field has. A text may ask for more than its place: for a count's plural, or for which of our words it is.
    public enum Form: Hashable, Sendable {
        case text, order, tail4, money, instant, duration, count
        /// One or several of our own words.
        case words(Vocabulary)
    }

    public var form: Form {
        switch self {
        case .brand, .support, .bank, .wallet, .traceRef: .text
        case .order, .firstOrder: .order
        case .tail4: .tail4
        // A limit of a number of withdrawals has that number instead.
        case .amount, .limit, .ruleAmount: .money
        case .eta, .refundETA, .deadline, .receivedAt, .submittedAt, .until: .instant
        case .waited, .usualWait: .duration
        case .moreOrders: .count
        case .materials: .words(.materials)
        case .field: .words(.accountFields)
        case .limitName: .words(.limitNames)
        case .limitOwner: .words(.limitOwners)
        case .amountRule: .words(.amountRules)
        case .window: .words(.windows)
        case .method: .words(.rails)
        case .reason: .words(.plainReasons)
        case .feeNote: .words(.feeNotes)
        case .progress: .words(.progressSteps)
        case .funds: .words(.funds)
        }
    }

    /// A wait that somebody may count on is never told shorter than it is, one that is past never longer.
    var isRoundedUp: Bool { self == .usualWait }

    /// Whether a text can choose by which of our words it is: by one, not by a list.
    var isOneWord: Bool { if case .words(let list) = form { list != .materials } else { false } }
}
