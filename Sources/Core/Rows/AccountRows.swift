/// What is remembered of an account over a restart.
public struct AccountStanding: Sendable, Equatable {
    public struct Pause: Sendable, Equatable {
        public var who: String
        public var reason: String
        public var at: Timestamp
        public init(who: String, reason: String, at: Timestamp) { (self.who, self.reason, self.at) = (who, reason, at) }
    }
    /// Its breaker is open: nothing goes there before `until`, then one attempt at a time.
    public struct Opening: Sendable, Equatable {
        public var since, until: Timestamp
        /// How often it opened since it was closed last, at least 1.
        public var count: Int
        public init(since: Timestamp, until: Timestamp, count: Int) { (self.since, self.until, self.count) = (since, until, count) }
    }
    /// What it gets of what it could: less after failures, and back with what goes well. It moves all the time, so the store is a little behind.
    public struct Measure: Sendable, Equatable {
        public struct Window: Sendable, Equatable {
            /// Attempts that may be open, and up to where that grows fast.
            public var size, threshold: Double
            public init(size: Double, threshold: Double) { (self.size, self.threshold) = (size, threshold) }
        }
        /// Requests that its rate still allowed at a moment.
        public struct Bucket: Sendable, Equatable {
            public var tokens: Double
            public var at: Timestamp
            public init(tokens: Double, at: Timestamp) { (self.tokens, self.at) = (tokens, at) }
        }
        /// Nil: all that it may.
        public var window: Window?
        /// Nil: it has no rate.
        public var bucket: Bucket?
        /// Share of its weight, above 0 and at most 1.
        public var trust = 1.0
        public init() {}
    }
    public var account: String
    public var opening: Opening?
    /// The provider asked to wait until then.
    public var heldUntil: Timestamp?
    /// By a person, until a person ends it.
    public var pause: Pause?
    /// Class and code of the last attempt that brought nothing; empty: there was none.
    public var lastFailure: String
    public var measure = Measure()
    public var changedAt: Timestamp

    public enum State: String, Sendable, CaseIterable {
        /// It gets messages.
        case closed
        /// It fails: nothing goes there for a while, then one at a time.
        case open
        /// The provider asked to wait.
        case throttled
        /// By a person.
        case paused
    }
    public var state: State { pause != nil ? .paused : opening != nil ? .open : heldUntil != nil ? .throttled : .closed }

    public init(account: String, changedAt: Timestamp = Timestamp(milliseconds: 0)) {
        (self.account, lastFailure, self.changedAt) = (account, "", changedAt)
    }
}
