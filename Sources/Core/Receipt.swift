/// What a provider may say later of a message that it took: one set for all of them.
public enum ReceiptStatus: String, ClosedWord {
    /// A word that the provider's table does not know. It is kept and moves nothing.
    case unknown
    /// Taken, queued, handed on: the provider has it.
    case sent
    case undelivered, delivered
    /// Opened by the person, and so delivered.
    case read
}

/// One thing a provider said of one message, verified and in our words.
public struct Receipt: Sendable, Equatable {
    /// How it speaks of the message: by our attempt (`att_…`) or delivery (`dlv_…`), else by its own id.
    public var reference: String
    public var status: ReceiptStatus
    /// The provider's own words beside ours, `undelivered 30003`: at most 64 characters of the identifier alphabet and spaces.
    public var code: String
    /// The provider's id of the message, where it says it.
    public var messageID: String?
    /// Of an undelivered one: what is to blame, where the code says so.
    public var blame: Blame?
    /// The number it speaks of, where it says it: an address is only marked for what was said of itself.
    public var recipient: Sensitive<String>?

    public init(
        reference: String, status: ReceiptStatus, code: [String] = [], messageID: String? = nil, blame: Blame? = nil,
        recipient: Sensitive<String>? = nil
    ) {
        (self.reference, self.status, self.messageID) = (reference, status, messageID)
        (self.blame, self.recipient) = (blame, recipient)
        let words = code.filter { Identifier.isValid($0, limit: 64) }.joined(separator: " ")
        self.code = words.utf8.count <= 64 ? words : String(decoding: words.utf8.prefix(64), as: UTF8.self)
    }
}

extension DeliveryState {
    /// Where a receipt takes a delivery that stands here; nil when it changes nothing. States only go forward: of two receipts about a message
    /// the one that ends it wins, in whatever order they come, and of two that would end it the first.
    ///
    /// One in flight waits for its own answer first. What was definitely not sent is not moved: such a receipt speaks of something else.
    public func after(_ status: ReceiptStatus) -> DeliveryState? {
        switch (self, status) {
        case (.delivered, .sent) where PlantedBug.lowersByReceipts.isActive: .sent
        case (_, .unknown), (.sent, .sent): nil
        case (.retryWait, .sent), (.ambiguous, .sent), (.unknown, .sent): .sent
        case (.sent, .delivered), (.retryWait, .delivered), (.ambiguous, .delivered), (.unknown, .delivered): .delivered
        case (.sent, .read), (.retryWait, .read), (.ambiguous, .read), (.unknown, .read): .delivered
        case (.sent, .undelivered), (.retryWait, .undelivered), (.ambiguous, .undelivered), (.unknown, .undelivered): .undelivered
        case (.ready, _), (.inflight, _), (.delivered, _), (.undelivered, _), (.cancelled, _), (.expired, _), (.dead, _), (.blocked, _): nil
        }
    }
}
