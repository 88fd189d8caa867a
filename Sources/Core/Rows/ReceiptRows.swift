/// A receipt as it is kept, whether it could be matched or not.
public struct StoredReceipt: Sendable, Equatable {
    public var account: String
    public var reference: String
    public var status: ReceiptStatus
    public var code: String
    public var messageID: String?
    /// What it says of the address; nil when it says nothing, or when nobody could compare the number.
    public var blame: Blame?
    /// Nil while no delivery of the account has this name.
    public var delivery: DeliveryID?
    public var receivedAt: Timestamp
    public init(
        account: String, reference: String, status: ReceiptStatus, code: String, messageID: String? = nil, blame: Blame? = nil,
        delivery: DeliveryID? = nil, receivedAt: Timestamp
    ) {
        (self.account, self.reference, self.status, self.code) = (account, reference, status, code)
        (self.messageID, self.blame, self.delivery, self.receivedAt) = (messageID, blame, delivery, receivedAt)
    }
}

/// How many receipts an account sent.
public struct ReceiptCount: Sendable, Equatable {
    public var account: String
    public var status: ReceiptStatus
    /// Whether they speak of a delivery of ours.
    public var isMatched: Bool
    public var count: Int
    public init(account: String, status: ReceiptStatus, isMatched: Bool, count: Int) {
        (self.account, self.status, self.isMatched, self.count) = (account, status, isMatched, count)
    }
}
