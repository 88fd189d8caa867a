// No tipping off: who is under a restriction may not learn it, and who speaks with customers may not know it. To all but the compliance officer a
// restriction is a review of risk, in the rows that they read as in the times at which something happens.

extension Kind {
    /// The two that must look alike: what only staff learn of them is kept with no order.
    public var isDiscreet: Bool { self == .riskHold || self == .complianceRestricted }
    /// The kind as everybody may see it: `risk_hold` stands for both.
    public var toOthers: Kind { self == .complianceRestricted ? .riskHold : self }
    /// What nobody under a restriction is told: it could warn them.
    public static let untold: [Field] = [.reason, .materials, .field, .deadline, .progress]
}

extension NoticeStage {
    /// The stage as everybody may see it. Some ends are told of a review in words of their own, which a restriction never gets: of either kind these
    /// stages go by the name that both have.
    public func toOthers(of kind: Kind) -> NoticeStage {
        guard kind.isDiscreet else { return self }
        switch self {
        case .reviewDeclined: return .resolvedRefunded
        case .correction: return .resolvedArrived
        case .reviewApproved: return .progress
        case .opened, .progress, .resolvedArrived, .resolvedRefunded, .materialsReminder, .incidentOver, .stillWaiting: return self
        }
    }
}
