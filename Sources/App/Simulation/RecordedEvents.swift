import Core
import Store

/// Events as a store recorded them, in the order they came, a page at a time: what was opened of one page is gone with the next.
struct RecordedEvents: Sendable {
    /// An event, and what was known of its customer.
    struct Item: Sendable {
        var stored: StoredEvent
        var known: Known
    }

    /// What a store knows of a customer beside the events. It is kept as it is now: what it was at the time of an event nobody wrote down.
    struct Known: Sendable {
        struct Mark: Sendable {
            var mark: AddressMark
            var address: Sensitive<Address>
            var customer: String
        }
        var record: CustomerRecord?
        var marks: [Mark] = []
        var isEmpty: Bool { record == nil && marks.isEmpty }

        func save(in writer: any StoreWriter) throws {
            if let record { try writer.save(record) }
            for item in marks { try writer.save(item.mark, of: item.address, customer: item.customer) }
        }
    }

    let reading: any StoreReading
    let reader: EventReader
    static let page = 256

    /// From one event to another, the first excluded.
    func span(since: Timestamp?, until: Timestamp?) async throws -> (after: EventSeq, through: EventSeq) {
        try await reading.read { reader in
            (
                try since.map { try reader.lastEvent(before: $0) } ?? 0,
                try reader.lastEvent(before: until ?? Timestamp(milliseconds: .max / 2))
            )
        }
    }

    func page(after seq: EventSeq, through last: EventSeq) async throws -> [Item] {
        let parser = reader
        return try await reading.read { reader in
            let limit = Int(min(Int64(Self.page), last - seq))
            return try reader.events(after: seq, limit: limit).map { Item(stored: $0, known: try Self.known(of: $0, parser, reader)) }
        }
    }

    func events(ofOrder order: OrderNumber) async throws -> [Item] {
        let parser = reader
        return try await reading.read { reader in
            try reader.events(ofOrder: order).map { Item(stored: $0, known: try Self.known(of: $0, parser, reader)) }
        }
    }

    private static func known(of event: StoredEvent, _ parser: EventReader, _ reader: any StoreReader) throws -> Known {
        guard !event.body.isEmpty, let contact = customer(of: event, parser) else { return Known() }
        var known = Known(record: try reader.customer(contact.id))
        for channel in Set(try reader.addressMarks(ofCustomer: contact.id).map(\.channel)) {
            var addresses = [known.record?.contacts[channel]?.address].compactMap(\.self)
            if case .usable(let address) = contact.contact(channel) { addresses.append(address) }
            for address in addresses {
                // What was learned of it later was not known yet.
                guard let mark = try reader.addressMark(of: address, customer: contact.id, channel: channel), mark.at <= event.receivedAt
                else {
                    continue
                }
                known.marks.append(Known.Mark(mark: mark, address: address, customer: contact.id))
            }
        }
        return known
    }

    /// Nil for what is of no customer, and for what cannot be read any more: the run says so when it comes to it.
    private static func customer(of event: StoredEvent, _ parser: EventReader) -> CustomerRef? {
        do throws(EventRefusal) {
            guard case .anomaly(let anomaly) = try parser.event(of: event.body).body else { return nil }
            return anomaly.customer
        } catch {
            return nil
        }
    }
}
