public import Core

/// What one call changes of a customer's record. What is left out stays as it is, also an address that the caller may not see.
public struct CustomerChange: Sendable, Equatable {
    public struct Contact: Sendable, Equatable {
        /// Nil keeps the one that is set.
        public var address: Sensitive<Address>?
        /// Nil keeps the one that is set; a new address is verified.
        public var standing: CustomerRecord.Contact.Standing?
        public init(address: Sensitive<Address>? = nil, standing: CustomerRecord.Contact.Standing? = nil) {
            (self.address, self.standing) = (address, standing)
        }
    }
    public var locale, timeZone: String?
    public var privatePreview: Bool?
    public var optOut: Set<Channel> = [], optIn: Set<Channel> = []
    public var contacts: [Channel: Contact] = [:]
    public init() {}

    public func applied(to record: CustomerRecord) -> CustomerRecord {
        var record = record
        record.locale = locale ?? record.locale
        record.timeZone = timeZone ?? record.timeZone
        record.privatePreview = privatePreview ?? record.privatePreview
        record.optedOut = record.optedOut.union(optOut).subtracting(optIn)
        for (channel, contact) in contacts {
            let known = record.contacts[channel]
            record.contacts[channel] = CustomerRecord.Contact(
                address: contact.address ?? known?.address,
                standing: contact.standing ?? (contact.address == nil ? known?.standing : nil) ?? .verified)
        }
        return record
    }

    /// What `CustomerReader.change` reads. Holds addresses: for a request alone.
    public var json: JSON {
        func list(_ channels: Set<Channel>) -> JSON { .array(channels.sorted().map { .string($0.rawValue) }) }
        var members: [(String, JSON)] = []
        if let locale { members.append(("locale", .string(locale))) }
        if let timeZone { members.append(("time_zone", .string(timeZone))) }
        if let privatePreview { members.append(("private_preview", .bool(privatePreview))) }
        if !optOut.isEmpty { members.append(("opt_out", list(optOut))) }
        if !optIn.isEmpty { members.append(("opt_in", list(optIn))) }
        if !contacts.isEmpty {
            let contacts = contacts.sorted { $0.key < $1.key }.map { channel, contact -> (String, JSON) in
                var body: [(String, JSON)] = []
                if let address = contact.address { body.append(("address", .string(address.reveal(for: .wire).text))) }
                if let standing = contact.standing { body.append(("standing", .string(standing.rawValue))) }
                return (channel.rawValue, .object(body))
            }
            members.append(("contacts", .object(contacts)))
        }
        return .object(members)
    }
}
