public typealias EventSeq = Int64
public typealias EpisodeID = Int64
public typealias NoticeID = Int64
public typealias DeliveryID = Int64
public typealias AttemptID = Int64

/// Ciphertext of AES-256-GCM with its nonce, key and context. Rows swapped in the file do not open.
public struct SealedBytes: Hashable, Sendable {
    /// Which data key: a customer's pseudonym, or `system`.
    public var key: String
    public var context: String
    /// nonce ‖ ciphertext ‖ tag.
    public var box: [UInt8]
    public init(key: String, context: String, box: [UInt8]) { (self.key, self.context, self.box) = (key, context, box) }
}
