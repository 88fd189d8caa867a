/// What holds after every run, whatever broke in it. The numbers are stable: reports name them. docs/faults.md has each in a sentence.
public enum Invariant: String, Sendable, CaseIterable {
    /// What was acknowledged is there and was told, merged, cancelled or filed with a reason.
    case conservation = "I1"
    /// Nobody was told the same thing twice on one channel.
    case noRepeat = "I2"
    /// What may have been taken without a recorded answer is listed, and nothing else is.
    case doubtIsListed = "I3"
    /// After the commit of an end nothing of the beginning leaves.
    case orderHolds = "I4"
    /// What is urgent is not delayed by what is not.
    case lanes = "I5"
    /// Whatever ended says why, in a word of the closed list.
    case reasons = "I6"
    /// Memory, descriptors and threads stay under their caps.
    case caps = "I7"
    /// The delivery log's chain verifies.
    case chain = "I8"
    /// The database's own check finds nothing.
    case integrity = "I9"
    /// No planted value stands in any file or output.
    case noLeak = "I10"
    /// A start is ready in time.
    case readyTime = "I11"
    /// Exit codes and last lines are what they should be.
    case endings = "I12"
    /// Nothing is held at the end that was not held at the beginning.
    case nothingHeld = "I13"
}

/// One thing that does not hold, or could not be looked at.
public struct Finding: Sendable, Equatable, CustomStringConvertible {
    public var invariant: Invariant
    public var words: String
    public var description: String { "\(invariant.rawValue) \(words)" }
}
