public import Core
public import Store
public import Terminal

/// `customer show` and `audit customer`: what is known of one customer, and what they were told lately. Addresses are masked unless they are revealed.
public struct CustomerReport: Document {
    public static let schema = "clarion.audit.customer/1"
    public var id: String
    /// Nil when nothing was set: then the events' own data rule.
    public var record: CustomerRecord?
    /// Addresses that providers called unusable; the address is nil when its delivery is gone.
    public var marks: [(mark: AddressMark, to: MaskedAddress?)]
    public var unseen, unread: Int
    public var history: SearchReport
    /// Addresses are shown as they are.
    public var isRevealed = false
    public init(
        id: String, record: CustomerRecord?, marks: [(mark: AddressMark, to: MaskedAddress?)] = [], unseen: Int, unread: Int,
        history: SearchReport
    ) {
        (self.id, self.record, self.marks, self.unseen, self.unread, self.history) = (id, record, marks, unseen, unread, history)
    }

    /// Nil when nothing is known: no record, no delivery.
    public static func gather(from reader: any StoreReader, customer: String, search: Search, revealed: Bool = false) throws
        -> CustomerReport?
    {
        var search = search
        search.query.customer = customer
        let record = try reader.customer(customer)
        let history = try SearchReport.gather(from: reader, search: search, revealed: revealed)
        guard record != nil || !history.hits.isEmpty else { return nil }
        let counts = try reader.inboxCounts(customer: customer)
        let marks = try reader.addressMarks(ofCustomer: customer).map { ($0, try reader.delivery($0.delivery)?.maskedAddress) }
        var report = CustomerReport(
            id: customer, record: record, marks: marks, unseen: counts.unseen, unread: counts.unread, history: history)
        report.isRevealed = revealed
        return report
    }

    private func shown(_ address: Sensitive<Address>) -> ShownAddress {
        isRevealed ? .revealed(address) : ShownAddress(MaskedAddress(address))
    }

    public var members: [(String, JSON)] {
        let contacts = record?.contacts.sorted { $0.key < $1.key } ?? []
        var members: [(String, JSON)] = [
            ("customer", .string(id)), ("masked", .bool(!isRevealed)), ("locale", .text(record?.locale)),
            ("time_zone", .text(record?.timeZone)),
            ("opted_out", .array((record?.optedOut.sorted() ?? []).map { .code($0) })),
            (
                "contacts",
                .object(
                    contacts.map { channel, contact in
                        (channel.rawValue, ["to": .text(contact.address.map(shown)), "standing": .code(contact.standing)])
                    })
            ),
            (
                "unusable",
                .array(
                    marks.map { mark, to in
                        [
                            "channel": .code(mark.channel), "to": .text(to), "reason": mark.reason.map { .code($0) } ?? .null,
                            "detail": .string(mark.detail), "account": .string(mark.account), "since": .text(mark.at),
                        ]
                    })
            ),
            ("private_preview", record?.privatePreview.map(JSON.bool) ?? .null),
            ("inbox", ["unseen": .integer(unseen), "unread": .integer(unread)]),
        ]
        members += history.members.filter { $0.0 != "masked" }
        return members
    }
    public var sheet: Sheet { history.sheet }

    public func human(_ look: Look) -> [String] {
        var out = ["customer \(look.bold(id)) \(look.dot) inbox \(unseen) unseen, \(unread) unread"]
        let bad = marks.map { mark, to in
            let words = [mark.channel.rawValue, to?.description ?? "", mark.reason?.rawValue ?? ""].filter { !$0.isEmpty }.joined(
                separator: " ")
            return look.mark(.bad, "\(words), \(mark.account) said \(mark.detail), \(look.times.dayAndClock(mark.at))")
        }
        guard let record else {
            return out + ["No preferences set: language, zone and contacts are those of each event."] + bad + [""] + history.human(look)
        }
        out.append("language \(Safe.text(record.locale ?? "as the event says")), zone \(Safe.text(record.timeZone ?? "as the event says"))")
        if !record.optedOut.isEmpty { out.append("switched off: " + record.optedOut.sorted().map(\.rawValue).joined(separator: ", ")) }
        for (channel, contact) in record.contacts.sorted(by: { $0.key < $1.key }) {
            let to = contact.address.map { Safe.text(shown($0).description) } ?? "as the event says"
            let words = "\(channel.rawValue) \(to), \(contact.standing.rawValue)"
            switch contact.standing {
            case .verified: out.append(look.mark(.good, words))
            case .unverified: out.append(look.mark(.warning, words))
            case .dead: out.append(look.mark(.bad, words))
            }
        }
        out += bad
        if record.privatePreview == true { out.append("push texts are neutral: private preview") }
        return out + [""] + history.human(look)
    }
}

/// `inbox show`: a customer's inbox as support sees it.
public struct InboxReport: Document {
    public static let schema = "clarion.inbox/1"
    public var customer: String
    public var unseen, unread: Int
    /// Newest first.
    public var items: [InboxItem]
    /// Whether titles and bodies are shown; they are the customer's own words.
    public var isRevealed: Bool
    public init(customer: String, unseen: Int, unread: Int, items: [InboxItem], isRevealed: Bool) {
        (self.customer, self.unseen, self.unread, self.items, self.isRevealed) = (customer, unseen, unread, items, isRevealed)
    }

    public static func gather(from reader: any StoreReader, customer: String, unreadOnly: Bool, limit: Int, reveal: Bool) throws
        -> InboxReport
    {
        let counts = try reader.inboxCounts(customer: customer)
        let items = try reader.inbox(customer: customer, unreadOnly: unreadOnly, before: nil, limit: limit)
        return InboxReport(customer: customer, unseen: counts.unseen, unread: counts.unread, items: items, isRevealed: reveal)
    }

    public var members: [(String, JSON)] {
        [
            ("customer", .string(customer)), ("masked", .bool(!isRevealed)), ("unseen", .integer(unseen)), ("unread", .integer(unread)),
            ("items", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) })),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(
            ["id", "created_at", "order", "kind", "stage", "locale", "seen_at", "read_at"] + (isRevealed ? ["title", "body"] : []))
        for item in items {
            var row: [JSON] = [
                .string(item.publicID), .text(item.createdAt), .text(item.order), .code(item.kind), .code(item.stage), .code(item.locale),
                .text(item.seenAt), .text(item.readAt),
            ]
            if isRevealed { row += [.string(item.title), .string(item.body)] }
            sheet.add(row)
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        var out = ["inbox of \(look.bold(customer)): \(unseen) unseen, \(unread) unread"]
        guard let first = items.first else { return out + ["empty"] }
        var table = Table([
            .init(look.times.label(at: first.createdAt)), .init("ORDER", cut: .middle), .init("NOTICE", cut: .end), .init("STATE"),
            .init("TITLE", cut: .end),
        ])
        for item in items {
            table.add([
                .init(look.times.dayAndClock(item.createdAt)), .init(item.order, .bold),
                .init("\(item.kind.rawValue) \(item.stage.rawValue)"),
                .init(item.readAt != nil ? "read" : item.seenAt != nil ? "seen" : "new"), .init(isRevealed ? item.title : ""),
            ])
        }
        out += [""] + table.lines(look)
        return out + (isRevealed ? [] : ["", "What one of them said: clarion preview --delivery ID"])
    }
}
