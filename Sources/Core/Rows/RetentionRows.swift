/// What is kept for a time and no longer (T9).
public enum RetentionClass: String, ClosedWord {
    /// Bodies of events. Their identity stays: a repeat is recognised for ever.
    case events
    /// The exact bytes of attempts: content and call. Digest, revision and facts stay.
    case contents
    /// Addresses of deliveries.
    case contacts
    /// Words in a customer's inbox.
    case inbox
    /// Dead letters that nobody has to look at any more.
    case deadLetters = "dead_letters"
}

/// What one batch of T9 did.
public struct KeepingBatch: Sendable, Equatable {
    /// Rows that were emptied, deleted or wrapped anew.
    public var changed: Int
    /// There was no more to look at.
    public var isAll: Bool
    public init(changed: Int, isAll: Bool) { (self.changed, self.isAll) = (changed, isAll) }
}

/// How far T9 is.
public struct KeepingState: Sendable, Equatable {
    /// Rows that lost what is of this class, ever.
    public var dropped: [RetentionClass: Int]
    /// Customers whose key is destroyed and whose rows are still to be emptied.
    public var erasing: Int
    /// Id of the master key that wraps new data keys; empty: the store seals nothing.
    public var masterKey: String
    /// Whether data keys are still wrapped with another.
    public var isWrapping: Bool
    public init(dropped: [RetentionClass: Int], erasing: Int, masterKey: String, isWrapping: Bool) {
        (self.dropped, self.erasing, self.masterKey, self.isWrapping) = (dropped, erasing, masterKey, isWrapping)
    }
}
