/// What is known of one customer. Addresses are sealed in the store and looked up by keyed hashes.
public struct CustomerRecord: Sendable, Equatable {
    public struct Contact: Sendable, Equatable {
        public enum Standing: String, Sendable { case verified, unverified, dead }
        /// Nil: as the event says. Set: overrides the event.
        public var address: Sensitive<Address>?
        public var standing: Standing
        public init(address: Sensitive<Address>?, standing: Standing) { (self.address, self.standing) = (address, standing) }
    }
    public var id: String
    public var locale: String?
    public var timeZone: String?
    /// Channels switched off by the customer.
    public var optedOut: Set<Channel>
    public var contacts: [Channel: Contact]
    public var privatePreview: Bool?
    public init(
        id: String, locale: String? = nil, timeZone: String? = nil, optedOut: Set<Channel> = [], contacts: [Channel: Contact] = [:],
        privatePreview: Bool? = nil
    ) {
        (self.id, self.locale, self.timeZone, self.optedOut, self.contacts, self.privatePreview) = (
            id, locale, timeZone, optedOut, contacts, privatePreview
        )
    }
}

/// What is known of one address of one customer on one channel, beside what the record says. Found by a keyed hash of the address.
public struct AddressMark: Sendable, Hashable {
    public var channel: Channel
    /// `address_dead` or `opted_out`; nil: it was verified, which ended an earlier mark.
    public var reason: ReasonCode?
    /// The provider's status and code, and the account and delivery they were heard on.
    public var detail: String
    public var account: String
    public var delivery: DeliveryID
    public var at: Timestamp
    public init(channel: Channel, reason: ReasonCode?, detail: String = "", account: String = "", delivery: DeliveryID = 0, at: Timestamp) {
        (self.channel, self.reason, self.detail, self.account) = (channel, reason, detail, account)
        (self.delivery, self.at) = (delivery, at)
    }
}
