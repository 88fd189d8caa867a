public import Core

/// `dead list`
public struct DeadListRequest: Sendable {
    /// Those that were discarded, instead of the open ones.
    public var isDiscarded: Bool
    public init(isDiscarded: Bool = false) { self.isDiscarded = isDiscarded }
}

/// `dead show`
public struct DeadShowRequest: Sendable {
    /// A group, `d12`, or a letter's number.
    public var name: String
    public init(name: String) { self.name = name }
}

/// `dead retry`, `dead discard` and `dead restore`. A letter leaves its group only after its new attempt is stored.
public struct DeadChangeRequest: Sendable {
    public enum Verb: String, Sendable, CaseIterable { case retry, discard, restore }
    public var verb: Verb
    /// Groups (`d12`) and numbers.
    public var names: [String]
    /// Every letter that fits, instead of those named.
    public var isAll: Bool
    public var channel: Channel?
    public var stage: DeadLetter.Stage?
    /// Letters a second; nil: as fast as the accounts allow.
    public var rate: Int?
    public init(
        _ verb: Verb, names: [String] = [], isAll: Bool = false, channel: Channel? = nil, stage: DeadLetter.Stage? = nil, rate: Int? = nil
    ) {
        (self.verb, self.names, self.isAll, self.channel, self.stage, self.rate) = (verb, names, isAll, channel, stage, rate)
    }
}

/// `review list`
public struct ReviewListRequest: Sendable {
    /// Closed ones too.
    public var showsAll: Bool
    /// Those of the compliance officer too.
    public var showsRestricted: Bool
    public init(showsAll: Bool = false, showsRestricted: Bool = false) {
        (self.showsAll, self.showsRestricted) = (showsAll, showsRestricted)
    }
}

/// `review show`
public struct ReviewShowRequest: Sendable {
    public var id: Int64
    /// Also if it is the compliance officer's.
    public var showsRestricted: Bool
    public init(id: Int64, showsRestricted: Bool = false) { (self.id, self.showsRestricted) = (id, showsRestricted) }
}

/// `review close`: the reason is the note that is kept.
public struct ReviewCloseRequest: Sendable {
    public var id: Int64
    public init(id: Int64) { self.id = id }
}

/// `customer show`: as `audit customer` on this machine; from a server, what was set.
public struct CustomerShowRequest: Sendable {
    public var customer: String
    public init(customer: String) { self.customer = customer }
}

/// `customer export`
public struct CustomerExportRequest: Sendable {
    public var customer: String
    public init(customer: String) { self.customer = customer }
}

/// `customer erase`
public struct CustomerEraseRequest: Sendable {
    public var customer: String
    /// Also while something of theirs goes on.
    public var evenIfOpen: Bool
    public init(customer: String, evenIfOpen: Bool = false) { (self.customer, self.evenIfOpen) = (customer, evenIfOpen) }
}

/// `customer set`: what overrides the events. Nil members stay as they are.
public struct CustomerSetRequest: Sendable {
    public var customer: String
    public var locale, timeZone: String?
    public var optOut, optIn: Set<Channel>
    /// A channel's address and standing. Addresses are read from a file or stdin, never from the command line.
    public var standing: [Channel: CustomerRecord.Contact.Standing]
    public var addressFiles: [Channel: String]
    public var privatePreview: Bool?
    public init(
        customer: String, locale: String? = nil, timeZone: String? = nil, optOut: Set<Channel> = [], optIn: Set<Channel> = [],
        standing: [Channel: CustomerRecord.Contact.Standing] = [:], addressFiles: [Channel: String] = [:], privatePreview: Bool? = nil
    ) {
        (self.customer, self.locale, self.timeZone, self.optOut, self.optIn) = (customer, locale, timeZone, optOut, optIn)
        (self.standing, self.addressFiles, self.privatePreview) = (standing, addressFiles, privatePreview)
    }
}
