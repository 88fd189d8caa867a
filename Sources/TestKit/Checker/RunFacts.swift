public import Core

/// What one run left behind, read once. What is nil was not recorded, and what it would prove is not checked.
public struct RunFacts: Sendable {
    /// One event as its producer knows it.
    public struct Input: Sendable {
        public var id: String
        /// It was told that it is stored: 202, or 200 as a duplicate.
        public var isAcknowledged: Bool
        /// It was told no: nothing of it may be there.
        public var isRefused: Bool
    }

    /// An attempt that the end of a process left open, and what the flight recorder said of it.
    public struct LeftOpen: Sendable {
        public enum Known: String, Sendable {
            case nothing, notStarted = "not_started", inDoubt = "in_doubt", taken, notTaken = "not_taken"
        }
        public var attempt: String
        public var known: Known
    }

    /// How one process began and ended.
    public struct ProcessEnd: Sendable {
        public var readyMilliseconds: Int?
        /// A signal's number, negative, when it died of one.
        public var status: Int?
        public var expected: [Int]
        public var lastLine, expectedLine: String?
    }

    /// One look at the process from outside.
    public struct Sample: Sendable {
        public var bytes, descriptors, threads: Int?
        /// Nothing was going on: such samples of one process can be compared.
        public var isQuiet: Bool
        public var process: Int?
    }

    /// A planted value that was found.
    public struct Leak: Sendable {
        /// Its number in the list, from 1: the report must not leak it again.
        public var value: Int
        public var file: String
        public var offset: Int
    }

    public var input: [Input]?
    public var taken: [Taken]?
    public var store: StoreFacts?
    public var leftOpen: [LeftOpen]?
    public var processes: [ProcessEnd]?
    public var samples: [Sample]?
    /// Milliseconds.
    public var longestTurn: Int?
    public var leaks: [Leak]?
    /// Caps by name, e.g. `rss_bytes`: docs/faults.md.
    public var limits: [String: Int] = [:]
    /// What could not be read, and what that breaks.
    public var unreadable: [Finding] = []
    public init() {}
}

/// One message that a provider took responsibility for.
public struct Taken: Sendable {
    /// What its provider does with a repeat.
    public enum Repeats: String, Sendable { case keyed, collapsing, blind }
    public var place: String
    public var at: Timestamp
    public var channel: Channel
    public var repeats: Repeats
    /// A later one took its place on the screen.
    public var isCovered = false
    /// Whatever of the request may point back to us.
    public var names: Set<String>
}
