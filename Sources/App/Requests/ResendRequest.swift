public import Core

/// `resend`
public struct ResendRequest: Sendable {
    public enum Subject: Sendable {
        /// Public id, `dlv_…`.
        case delivery(String)
        /// The newest message of an order; on this channel, if one is named.
        case order(OrderNumber, Channel?)
    }
    public var subject: Subject
    public var isEvenIfInDoubt: Bool
    public init(_ subject: Subject, evenIfInDoubt: Bool = false) { (self.subject, isEvenIfInDoubt) = (subject, evenIfInDoubt) }
}
