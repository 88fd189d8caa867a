public import Core
public import Store
public import Terminal

/// `customer export`: everything that is held about one customer, as they may have it (GDPR article 15, PIPL article 45): addresses and words as they are.
///
/// It is read through `DiscreetReader`, whoever asks: it is handed to the customer, and a customer who is under a restriction may not learn it. Of an order that
/// has a review of risk or a restriction, nothing is said that only one of the two has.
public struct CustomerExport: Document {
    public static let schema = "clarion.customer.export/1"
    public var customer: String
    public var madeAt: Timestamp
    public let members: [(String, JSON)]

    /// Nil when nothing is held.
    public static func gather(from reader: DiscreetReader, customer: String, now: Timestamp) throws -> CustomerExport? {
        guard let name = try reader.pseudonym(ofCustomer: customer), name != customer else { return nil }
        let orders = try reader.orders(ofCustomer: customer)
        let complaints = Dictionary(
            grouping: try reader.reviews(onlyOpen: false, limit: .max).filter { $0.cause == .complaint && !$0.isRestricted }, by: \.order)
        let contacts = Dictionary(
            grouping: try reader.voices(since: Timestamp(milliseconds: 0)).filter { $0.sort == .contact }, by: \.order)
        let members: [(String, JSON)] = [
            ("customer", .string(customer)), ("made_at", .text(now)), ("known_in_the_log_as", .string(name)),
            ("record", try reader.customer(customer).map(\.json) ?? .null),
            ("unusable_addresses", .array(try reader.addressMarks(ofCustomer: customer).map { try $0.json(reader) })),
            (
                "orders",
                .array(
                    try orders.map { order in
                        try OrderOfCustomer(order, customer, reader).json(
                            complaints: complaints[order] ?? [], contacts: contacts[order] ?? [])
                    })
            ),
            ("inbox", .array(try reader.wholeInbox(of: customer).map(\.exported))),
        ]
        return CustomerExport(customer: customer, madeAt: now, members: members)
    }

    private func list(_ name: String) -> [JSON] { members.first { $0.0 == name }?.1.array ?? [] }

    /// One row for each message.
    public var sheet: Sheet {
        var sheet = Sheet(["order", "planned_at", "about", "channel", "to", "state", "words"])
        for order in list("orders") {
            for notice in order["notices"]?.array ?? [] {
                for delivery in notice["deliveries"]?.array ?? [] {
                    sheet.add([
                        order["order"] ?? .null, notice["planned_at"] ?? .null, notice["kind"] ?? .null, delivery["channel"] ?? .null,
                        delivery["to"] ?? .null, delivery["state"] ?? .null,
                        .string(CustomerExport.words(delivery).joined(separator: " / ")),
                    ])
                }
            }
        }
        return sheet
    }

    /// What a message said, as far as it is kept.
    fileprivate static func words(_ delivery: JSON) -> [String] {
        let said = delivery["words"]
        let parts = ["subject", "title", "text", "body"].compactMap { said?[$0]?.string }
        return parts.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: true).map(String.init) }
    }
}

// MARK: - Gathering

/// One order, as far as it is this customer's.
private struct OrderOfCustomer {
    let order: OrderNumber
    let customer: String
    let reader: DiscreetReader
    let notices: [Notice]
    let episodes: [Episode]

    init(_ order: OrderNumber, _ customer: String, _ reader: DiscreetReader) throws {
        (self.order, self.customer, self.reader) = (order, customer, reader)
        notices = try reader.notices(ofOrder: order).filter { $0.customer == customer && $0.audience == .customer }
        episodes = try reader.episodes(ofOrder: order).filter { $0.customer == customer }
    }

    func json(complaints: [ReviewItem], contacts: [Voice]) throws -> JSON {
        let isDiscreet = episodes.contains { $0.kind.isDiscreet }
        return [
            "order": .text(order),
            "events": .array(try reader.events(ofOrder: order).compactMap { event(try $0.read(), isDiscreet: isDiscreet) }),
            "matters": .array(episodes.map(matter)),
            "notices": .array(try notices.sorted { $0.plannedAt < $1.plannedAt }.map(notice)),
            "complaints": .array(
                complaints.map { ["at": .text($0.openedAt), "words": .text($0.complained), "ended_at": .text($0.closedAt)] }),
            "contacts_with_support": .array(contacts.map { .text($0.at) }),
        ]
    }

    /// What an event may say of any payout; the rest of one that is about a review or a restriction, or that nobody has decided on yet, could tell which.
    private static let plain: Set<String> = [
        "payout_id", "occurred_at", "submitted_at", "rail", "bank", "account", "amount", "customer",
    ]

    /// Nil for an event about somebody else.
    private func event(_ event: (row: StoredEvent, data: JSON?), isDiscreet: Bool) -> JSON? {
        let row = event.row
        guard event.data.map({ $0["customer"]?["id"]?.string == customer }) ?? true else { return nil }
        let kind = event.data?["kind"]?.string.flatMap(Kind.init(rawValue:))
        let isOpen = row.disposition == .received || row.disposition == .pending
        let isPlain = isDiscreet || isOpen || kind?.isDiscreet ?? true
        // A code is never told, whatever it stands for here: one that is not the kind's own may still be a restriction's.
        let data = event.data?.object.map { members in
            JSON.object(members.filter { isPlain ? Self.plain.contains($0.0) : $0.0 != "reason" })
        }
        return [
            "id": .string(row.id), "from": .string(row.source), "type": .string(row.type), "time": .text(row.time),
            "received_at": .text(row.receivedAt), "data": data ?? .null,
        ]
    }

    private func matter(_ episode: Episode) -> JSON {
        [
            "kind": .code(episode.kind.toOthers), "since": .text(episode.detectedAt), "status": .code(episode.status),
            "ended": episode.resolution.map { .code($0) } ?? .null, "bank": .string(episode.bank), "rail": .string(episode.rail),
            "expected_by": .text(episode.eta), "facts": episode.facts.json,
        ]
    }

    private func notice(_ notice: Notice) throws -> JSON {
        let deliveries = try reader.deliveries(ofNotice: notice.id)
        let read = try reader.readTimes(of: deliveries)
        return [
            "planned_at": .text(notice.plannedAt), "kind": .code(notice.kind.toOthers),
            "stage": .code(notice.stage.toOthers(of: notice.kind)),
            "language": .code(notice.locale), "time_zone": .string(notice.timeZone), "facts": notice.facts.json,
            "deliveries": .array(try deliveries.map { try delivery($0, read: read[$0.id]) }),
        ]
    }

    private func delivery(_ delivery: Delivery, read: Timestamp?) throws -> JSON {
        let fact = DeliveryFact(delivery, read: read, revealed: true)
        let attempts = try reader.attempts(ofDelivery: delivery.id).sorted { $0.number < $1.number }
        var words = JSON.null
        for attempt in attempts.reversed() {
            guard let bytes = try reader.bytes(of: attempt.id), !bytes.content.isEmpty else { continue }
            words = try JSON(parsing: bytes.content)
            break
        }
        return [
            "id": .string(delivery.publicID), "channel": .code(delivery.channel), "to": .text(fact.to), "state": .code(fact.state.code),
            "sent_by": .text(delivery.account), "changed_at": .text(delivery.changedAt), "words": words,
            "attempts": .array(
                attempts.map {
                    ["started_at": .text($0.startedAt), "sent_by": .string($0.account), "outcome": $0.outcome.map { .code($0) } ?? .null]
                }),
            "receipts": .array(try reader.receipts(ofDelivery: delivery.id).map(\.json)),
        ]
    }
}

extension ReviewItem {
    /// What the customer said: what the officer wrote of it stands behind, and is the officer's.
    fileprivate var complained: String? { note.map { String($0[..<($0.firstRange(of: "; answered: ")?.lowerBound ?? $0.endIndex)]) } }
}

extension StoredEvent {
    /// With what it says; nil of that when its body is kept no longer.
    fileprivate func read() throws -> (row: StoredEvent, data: JSON?) {
        (self, body.isEmpty ? nil : try JSON(parsing: body)["data"])
    }
}

extension CustomerRecord {
    /// With addresses as they are: only for who was let in, after the log says so.
    var json: JSON {
        [
            "locale": .text(locale), "time_zone": .text(timeZone), "private_preview": privatePreview.map(JSON.bool) ?? .null,
            "off": .array(optedOut.sorted().map { .code($0) }),
            "contacts": .object(
                contacts.sorted { $0.key < $1.key }.map { channel, contact in
                    (
                        channel.rawValue,
                        ["address": .text(contact.address.map { ShownAddress.revealed($0) }), "standing": .code(contact.standing)]
                    )
                }),
        ]
    }
}

extension AddressMark {
    fileprivate func json(_ reader: DiscreetReader) throws -> JSON {
        [
            "channel": .code(channel), "since": .text(at), "reason": reason.map { .code($0) } ?? .null, "said": .string(detail),
            "said_by": .string(account),
            "address": .text(try reader.delivery(delivery).map { DeliveryFact($0, revealed: true).to }),
        ]
    }
}

extension InboxItem {
    fileprivate var exported: JSON {
        [
            "at": .text(createdAt), "order": .text(order), "title": .string(title), "body": .string(body), "seen_at": .text(seenAt),
            "read_at": .text(readAt),
        ]
    }
}

extension StoreReader {
    fileprivate func wholeInbox(of customer: String) throws -> [InboxItem] {
        var (items, before) = ([InboxItem](), Int64?.none)
        while true {
            let page = try inbox(customer: customer, unreadOnly: false, before: before, limit: 200)
            items += page
            guard page.count == 200, let last = page.last, last.id != before else { return items }
            before = last.id
        }
    }
}

// MARK: - For the person

extension CustomerExport {
    public func human(_ look: Look) -> [String] {
        func text(_ json: JSON?) -> String { Safe.text(json?.string ?? look.dash) }
        func time(_ json: JSON?) -> String { json?.string.flatMap { Timestamp(rfc3339: $0) }.map { look.times.full($0) } ?? look.dash }
        var out = [
            "Everything held about \(look.bold(Safe.text(customer))), on \(look.times.full(madeAt))",
            "In the delivery log they are \(text(members.first { $0.0 == "known_in_the_log_as" }?.1)).", "",
        ]
        let record = members.first { $0.0 == "record" }?.1
        if let record, !record.isNull {
            out.append("What was set: language \(text(record["locale"])), zone \(text(record["time_zone"]))")
            let off = (record["off"]?.array ?? []).compactMap(\.string)
            if !off.isEmpty { out.append("  switched off: \(off.joined(separator: ", "))") }
            for (channel, contact) in record["contacts"]?.object ?? [] {
                out.append("  \(channel): \(text(contact["address"])), \(text(contact["standing"]))")
            }
        } else {
            out.append("Nothing was set: language, zone and addresses are those of each event.")
        }
        for mark in list("unusable_addresses") {
            out.append(
                "  \(text(mark["channel"])) \(text(mark["address"])) cannot be used since \(time(mark["since"])): \(text(mark["said"]))")
        }
        for order in list("orders") {
            out += ["", look.bold("Order \(text(order["order"]))")]
            let events = order["events"]?.array ?? []
            if let last = events.last {
                out.append("  \(counted(events.count, "event")) received, the last on \(time(last["received_at"]))")
            }
            for person in Self.contacts(events) { out.append("  they said of the customer: \(person)") }
            for matter in order["matters"]?.array ?? [] {
                let ended = matter["ended"]?.string.map { ", ended as \($0)" } ?? ", \(text(matter["status"]))"
                out.append("  \(text(matter["kind"])) since \(time(matter["since"]))\(ended)")
            }
            for notice in order["notices"]?.array ?? [] {
                for delivery in notice["deliveries"]?.array ?? [] {
                    out.append(
                        "  \(time(notice["planned_at"])): \(text(delivery["channel"])) to \(text(delivery["to"])), \(text(delivery["state"]))"
                            + (delivery["sent_by"]?.string.map { ", sent by \(Safe.text($0))" } ?? ""))
                    out += Self.words(delivery).map { "    \(Safe.text($0))" }
                }
            }
            for complaint in order["complaints"]?.array ?? [] {
                out.append("  complaint on \(time(complaint["at"])): \(text(complaint["words"]))")
            }
        }
        let inbox = list("inbox")
        if !inbox.isEmpty { out += ["", look.bold("In the app")] }
        for item in inbox {
            out.append("  \(time(item["at"])): \(text(item["title"])), read: \(time(item["read_at"]))")
            out += (item["body"]?.string ?? "").split(separator: "\n").map { "    \(Safe.text(String($0)))" }
        }
        return out
    }

    /// What events say of the person, each once.
    private static func contacts(_ events: [JSON]) -> [String] {
        var seen: [String] = []
        for event in events {
            let members = event["data"]?["customer"]?.object ?? []
            let words = members.compactMap { name, value in value.string.flatMap { $0.isEmpty ? nil : "\(name) \(Safe.text($0))" } }
                .joined(separator: ", ")
            if !words.isEmpty, !seen.contains(words) { seen.append(words) }
        }
        return seen
    }
}
