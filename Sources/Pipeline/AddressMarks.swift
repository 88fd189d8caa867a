import Core
import Store

/// What providers say of addresses, remembered: the next notice leaves out an address that cannot be used, until it is verified again.
enum AddressMarks {
    /// Of the addresses a notice could go to, those that cannot be used.
    static func unusable(
        of contact: CustomerRef, record: CustomerRecord?, _ reader: any StoreReader
    ) throws -> [Channel: [Sensitive<Address>: ReasonCode]] {
        // Most customers have none: one look for all channels.
        let channels = Set(try reader.addressMarks(ofCustomer: contact.id).map(\.channel))
        var found: [Channel: [Sensitive<Address>: ReasonCode]] = [:]
        for channel in channels {
            var addresses = [record?.contacts[channel]?.address].compactMap(\.self)
            if case .usable(let address) = contact.contact(channel) { addresses.append(address) }
            for address in addresses {
                found[channel, default: [:]][address] = try reader.addressMark(of: address, customer: contact.id, channel: channel)?.reason
            }
        }
        return found
    }

    /// T4: an address that was refused for good. Not one that was verified after the moment the provider speaks of.
    static func file(_ refusal: OutcomeDetail, of delivery: Delivery, at now: Timestamp, _ writer: any StoreWriter) throws {
        // Staff are no customers: their one address is in the settings.
        guard delivery.episode != 0 else { return }
        let (address, customer, channel) = (delivery.address, delivery.customer, delivery.channel)
        // Of who was erased nothing is remembered any more.
        guard let name = try writer.pseudonym(ofCustomer: customer), name != customer else { return }
        let known = try writer.addressMark(of: address, customer: customer, channel: channel)
        if let known, known.reason == nil, let since = refusal.since, since <= known.at { return }
        let reason: ReasonCode = refusal.blame == .optOut ? .optedOut : .addressDead
        let mark = AddressMark(
            channel: channel, reason: reason, detail: refusal.description, account: delivery.account ?? "", delivery: delivery.id, at: now)
        try writer.save(mark, of: address, customer: customer)
        try correct(customer, channel, address, writer)
        try writer.append(
            LogEntry(
                .address, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id,
                body: [
                    "channel": .string(channel.rawValue), "standing": .string(reason.rawValue), "detail": .string(mark.detail),
                    "account": .string(mark.account),
                ]))
    }

    /// What the record said of the address is no longer so: saying it again is news.
    private static func correct(
        _ customer: String, _ channel: Channel, _ address: Sensitive<Address>, _ writer: any StoreWriter
    ) throws {
        guard var record = try writer.customer(customer), let contact = record.contacts[channel] else { return }
        if let known = contact.address {
            guard isSame(known, address) else { return }
            record.contacts[channel]?.standing = .dead
        } else {
            guard contact.standing == .verified else { return }
            record.contacts[channel] = nil
        }
        try writer.save(record)
    }

    /// A record says that an address is good. Without an address: that those of the events are.
    static func verify(
        _ address: Sensitive<Address>?, of customer: String, _ channel: Channel, who: String, at now: Timestamp, _ writer: any StoreWriter
    ) throws {
        var ended = false
        if let address {
            ended = try writer.addressMark(of: address, customer: customer, channel: channel)?.reason != nil
            try writer.save(AddressMark(channel: channel, reason: nil, at: now), of: address, customer: customer)
        } else {
            ended = try writer.verifyAddresses(ofCustomer: customer, channel: channel, at: now) > 0
        }
        guard ended else { return }
        try writer.append(
            LogEntry(.address, at: now, body: ["channel": .string(channel.rawValue), "standing": "verified", "who": .string(who)]))
    }

    private static func isSame(_ a: Sensitive<Address>, _ b: Sensitive<Address>) -> Bool {
        a.reveal(for: .comparing).identity == b.reveal(for: .comparing).identity
    }
}

/// An account with a wrong environment, project or sender calls every recipient bad. When more than a fifth of its last answers do, of at
/// least fifty, the account is to blame and no address is; what only the setup may explain counts once the account took anything at all.
struct SuppressionGate: Sendable {
    private struct Window {
        /// The last answers: true is "bad recipient".
        var answers: [Bool] = []
        var next = 0
        var bad = 0
        var hasAccepted = false
    }
    private static let size = 200
    private var windows: [String: Window] = [:]

    /// Counts an outcome, and gives it the class it deserves.
    mutating func judged(_ outcome: Outcome, on account: String) -> Outcome {
        let isBad: Bool
        switch outcome {
        case .accepted: isBad = false
        case .badRecipient: isBad = true
        default: return outcome
        }
        var window = windows[account] ?? Window()
        if window.answers.count < Self.size {
            window.answers.append(isBad)
        } else {
            window.bad -= window.answers[window.next] ? 1 : 0
            window.answers[window.next] = isBad
            window.next = (window.next + 1) % Self.size
        }
        window.bad += isBad ? 1 : 0
        window.hasAccepted = window.hasAccepted || !isBad
        windows[account] = window
        guard case .badRecipient(var detail) = outcome, window.answers.count >= 50, window.bad * 5 > window.answers.count else {
            return outcome
        }
        detail.words = "said of more than a fifth of all recipients"
        return .authConfig(detail)
    }

    /// Whether a refused address is marked.
    func remembers(_ outcome: Outcome, on account: String) -> Bool {
        guard case .badRecipient(let detail) = outcome else { return false }
        return switch detail.blame {
        case .address, .optOut: true
        case .addressOrSetup: windows[account]?.hasAccepted ?? false
        case .route: false
        }
    }
}
