/// Who among staff is asked. docs/planning.md says what each is for.
public enum StaffRole: String, ClosedWord {
    /// The person on duty for payouts.
    case desk
    case channelManager = "channel_manager"
    case onCall = "on_call"
    case incidentLead = "incident_lead"
    case seniorReviewer = "senior_reviewer"
    case headOfRisk = "head_of_risk"
    case headOfPayouts = "head_of_payouts"
    case financeLead = "finance_lead"
    case complianceOfficer = "compliance_officer"
    /// Answers complaints inside the legal time.
    case complaintOfficer = "complaint_officer"
    case support
    case management
}

/// One step of a kind's escalation: when somebody is asked, who, and for what. Customers are never told of it.
public struct EscalationStep: Sendable, Hashable {
    /// From when its wait counts.
    public enum Origin: String, Sendable, CaseIterable {
        case detected
        /// The time promised to the customer passes.
        case promised
        case deadline
        /// The bank's next working day begins: by then the settlement file of the day before is there.
        case bankOpens = "bank_opens"
        /// The step before was due.
        case last
    }
    public enum Wait: Sendable, Hashable {
        case time(Duration)
        /// In the working time of our own people.
        case workingHours(Int)
        case workingDays(Int)
        /// Working days where the bank is.
        case bankDays(Int)
    }
    /// What makes a step needless, asked when it is due.
    public enum Unless: String, Sendable, CaseIterable {
        /// The ledger shows the money back, or never gone.
        case posted
        /// The review has a result.
        case decided
        /// The customer's material is there.
        case received
        /// The mistake is not ours.
        case notOurs = "not_ours"
    }
    /// What a step is only for, asked when it is due.
    public enum Condition: String, Sendable, CaseIterable {
        /// It is at least the customer's third failure with the same account.
        case thirdFailure = "third_failure"
    }
    public var origin: Origin
    public var wait: Wait
    public var role: StaffRole
    public var unless: Unless?
    public var when: Condition?
    /// What has to be done, in words for staff.
    public var task: String
    public init(
        _ wait: Wait, from origin: Origin = .detected, to role: StaffRole, unless: Unless? = nil, when: Condition? = nil, task: String
    ) {
        (self.wait, self.origin, self.role, self.unless, self.when, self.task) = (wait, origin, role, unless, when, task)
    }
}

/// When people work in an ordinary week; `Holidays` has the days that are none.
public struct WorkingTime: Sendable, Hashable {
    /// Monday is 1.
    public var days: Set<Int>
    /// Minutes of the day, `from` before `to`.
    public var from, to: Int
    public init(days: Set<Int> = [1, 2, 3, 4, 5], from: Int = 9 * 60, to: Int = 18 * 60) {
        (self.days, self.from, self.to) = (days, from, to)
    }
}
