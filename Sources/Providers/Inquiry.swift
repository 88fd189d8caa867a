public import Core

/// A question to a provider: an attempt was made, no answer came back, was it taken?
public struct Inquiry: Sendable {
    /// The attempt's public id, `att_…`.
    public var attempt: String
    /// What was sent, without the account's secret.
    public var call: ProviderCall
    /// When its intent was written down: nothing of it was there before.
    public var sentAt: Timestamp
    /// Ids that the provider gave to other messages of ours to the same recipient.
    public var known: Set<String>
    public init(attempt: String, call: ProviderCall, sentAt: Timestamp, known: Set<String>) {
        (self.attempt, self.call, self.sentAt, self.known) = (attempt, call, sentAt, known)
    }

    /// Pages of one answer, at most.
    public static let pageLimit = 5

    /// What a provider's answer amounts to. Whatever leaves a doubt is `unclear`: a message that is wrongly called missing is sent
    /// twice.
    public enum Finding: Sendable, Equatable {
        /// It is there, and this is what has become of it.
        case taken(Receipt)
        /// The answer is complete, and it is not in it. Proof once the account's horizon is past.
        case notFound
        /// The answer goes on there.
        case more(ProviderCall)
        case unclear(String)
    }
}
