/// Who is reached how, how often and when: `config/policy.yaml`.
public struct Policy: Sendable {
    public var plans: [Priority: ChannelPlan]
    /// Raises, tried in order; each may only raise.
    public var raises: [RaiseRule]
    /// Waits before the unchanged state may be told again, one after the other; then never again.
    public var repeats: [Duration]
    /// Least time between two updates of one anomaly that ask the customer for nothing.
    public var updatesEvery: Duration
    public var kinds: [Kind: KindOverride]
    public var caps: Caps
    public var quietHours: QuietWindow
    public var storm: StormRule
    /// Several anomalies of one customer within this time make one notice.
    public var mergeWithin: Duration
    /// Rules that keep a matter silent, tried in order; never one of priority high.
    public var excludes: [ExcludeRule]
    /// What happened longer ago than this is no news any more. Nil: everything is.
    public var tooOldAfter: Duration?
    /// How long a delivery of a priority may go on trying.
    public var budgets: [Priority: Duration]
    /// A `high` notice that no channel could deliver for this long is a task for support.
    public var callAfter: Duration
    /// How far apart failures with one account may lie to count together.
    public var failuresWithin: Duration
    public var complaints: ComplaintRule
    public var workingTime: WorkingTime

    public init(
        plans: [Priority: ChannelPlan], raises: [RaiseRule], repeats: [Duration], updatesEvery: Duration, kinds: [Kind: KindOverride],
        caps: Caps,
        quietHours: QuietWindow,
        storm: StormRule, mergeWithin: Duration, excludes: [ExcludeRule] = [], tooOldAfter: Duration? = nil, budgets: [Priority: Duration],
        callAfter: Duration = .minutes(30), failuresWithin: Duration = .days(30), complaints: ComplaintRule = ComplaintRule(),
        workingTime: WorkingTime = WorkingTime()
    ) {
        (self.plans, self.raises, self.repeats, self.updatesEvery) = (plans, raises, repeats, updatesEvery)
        (self.kinds, self.caps) = (kinds, caps)
        (self.quietHours, self.storm, self.mergeWithin, self.budgets) = (quietHours, storm, mergeWithin, budgets)
        (self.excludes, self.tooOldAfter, self.callAfter, self.workingTime) = (excludes, tooOldAfter, callAfter, workingTime)
        (self.failuresWithin, self.complaints) = (failuresWithin, complaints)
    }
}

/// In working days of our own people.
public struct ComplaintRule: Sendable, Hashable {
    /// After its receipt it has to be answered. The standard is Directive (EU) 2015/2366, article 101(2).
    public var answer: Int
    /// Before that the officer is asked again.
    public var remind: Int
    public init(answer: Int = 15, remind: Int = 3) { (self.answer, self.remind) = (answer, remind) }
}

public struct ChannelPlan: Sendable, Hashable {
    /// A broadcast: all of them, at once.
    public var now: [Channel]
    /// Fallbacks: each fires after its time unless something better is known.
    public var then: [FallbackStep]
    /// Channels that a customer cannot switch off.
    public var locked: Set<Channel>
    public init(now: [Channel], then: [FallbackStep] = [], locked: Set<Channel> = []) {
        (self.now, self.then, self.locked) = (now, then, locked)
    }
}

public struct FallbackStep: Sendable, Hashable {
    public enum Unless: String, Sendable, CaseIterable {
        /// A receipt came from a channel other than in-app.
        case delivered
        /// The in-app item was seen or read, or the push opened.
        case seen
    }
    public var after: Duration
    public var unless: Unless
    public var use: [Channel]
    public init(after: Duration, unless: Unless, use: [Channel]) { (self.after, self.unless, self.use) = (after, unless, use) }
}

/// A named rule that raises the priority; its name is in the decision record.
public struct RaiseRule: Sendable, Hashable {
    public var name: String
    /// Empty: every kind.
    public var kinds: Set<Kind>
    public var deadlineWithin: Duration?
    /// Currency code → minor units.
    public var amountAtLeast: [String: Int64]
    public var to: Priority
    public init(name: String, kinds: Set<Kind>, deadlineWithin: Duration?, amountAtLeast: [String: Int64], to: Priority) {
        (self.name, self.kinds, self.deadlineWithin, self.amountAtLeast, self.to) = (name, kinds, deadlineWithin, amountAtLeast, to)
    }
}

/// A named rule that keeps a matter silent; its name is in the decision record.
public struct ExcludeRule: Sendable, Hashable {
    public var name: String
    /// Empty: every kind.
    public var kinds: Set<Kind>
    /// Codes of banks. Empty: every bank.
    public var banks: Set<String>
    /// Currency code → minor units. Empty: whatever the amount.
    public var amountBelow: [String: Int64]
    public init(name: String, kinds: Set<Kind>, banks: Set<String>, amountBelow: [String: Int64]) {
        (self.name, self.kinds, self.banks, self.amountBelow) = (name, kinds, banks, amountBelow)
    }
}

public struct KindOverride: Sendable, Hashable {
    public var quietHours: KindRule.QuietHours?
    public var repeats: [Duration]?
    public var plan: ChannelPlan?
    public init(quietHours: KindRule.QuietHours? = nil, repeats: [Duration]? = nil, plan: ChannelPlan? = nil) {
        (self.quietHours, self.repeats, self.plan) = (quietHours, repeats, plan)
    }
}

/// Limits per customer. Closing notices and kinds that break through quiet hours do not count, but have a cap of their own.
public struct Caps: Sendable, Hashable {
    public var perDay: [Channel: Int]
    public var perAnomaly: [Channel: Int]
    /// Of one channel for one stage of one anomaly.
    public var perStage: [Channel: Int]
    public var uncountedPerDay: Int
    /// First notices of one kind in a minute of the clock, of all customers together and outside incidents.
    public var burstPerMinute: Int
    /// How long what goes over that waits, so that a person can look at it.
    public var burstHold: Duration
    public init(
        perDay: [Channel: Int], perAnomaly: [Channel: Int], perStage: [Channel: Int], uncountedPerDay: Int, burstPerMinute: Int = 200,
        burstHold: Duration = .minutes(15)
    ) {
        (self.burstPerMinute, self.burstHold) = (burstPerMinute, burstHold)
        (self.perDay, self.perAnomaly, self.perStage, self.uncountedPerDay) = (perDay, perAnomaly, perStage, uncountedPerDay)
    }
}

/// Minutes of the customer's day; `from` after `to` crosses midnight.
public struct QuietWindow: Sendable, Hashable {
    public var from, to: Int
    /// Deferred messages are spread over this time after the end.
    public var spread: Duration
    /// Channels that wait; mail and in-app never do.
    public var holds: Set<Channel>
    public init(from: Int, to: Int, spread: Duration, holds: Set<Channel>) {
        (self.from, self.to, self.spread, self.holds) = (from, to, spread, holds)
    }
}

/// More than `count` anomalies of one bank and rail within `within` are an incident.
public struct StormRule: Sendable, Hashable {
    public var count: Int
    public var within: Duration
    public init(count: Int, within: Duration) { (self.count, self.within) = (count, within) }
}
