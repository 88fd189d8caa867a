import Core

extension SQL {
    static let customer = Query("SELECT profile FROM customer WHERE id = ?")
    static let saveCustomer = Query(
        "INSERT INTO customer (id, profile) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET profile = excluded.profile")
    static let counter = Query("SELECT n FROM counter WHERE key = ? AND bucket = ?")
    static let raiseCounter = Query(
        "INSERT INTO counter (key, bucket, n) VALUES (?, ?, ?) ON CONFLICT (key, bucket) DO UPDATE SET n = n + excluded.n")
    static let usageOfCustomer = Query(
        """
        SELECT d.channel, n.counted, count(*) FROM notice n CROSS JOIN delivery d ON d.id BETWEEN n.id << 3 AND n.id << 3 | 7
        WHERE n.customer = ?1 AND n.planned_at >= ?2 AND n.audience = 'customer' AND d.planned_at >= ?3
        """, used)
    static let usageOfAnomaly = Query(
        """
        SELECT d.channel, n.counted, count(*) FROM episode e CROSS JOIN notice n ON n.episode = e.id AND n.episode > 0
        CROSS JOIN delivery d ON d.id BETWEEN n.id << 3 AND n.id << 3 | 7 WHERE e.anomaly = ? AND n.audience = 'customer'
        """, used)
    // What never left uses nothing up.
    private static let used: StaticString = """
         AND d.channel <> 'in_app' AND d.state <> 'blocked' AND (d.tries > 0 OR d.state NOT IN ('cancelled', 'expired', 'dead'))
        GROUP BY d.channel, n.counted
        """
    static let toldPriorities = Query(
        """
        SELECT DISTINCT priority FROM episode WHERE customer = ? AND detected_at BETWEEN ? AND ? AND order_no <> ? AND told = 1
        """)
}

extension SQL {
    fileprivate static let ordersOfParty = Query(
        "SELECT order_no FROM event WHERE customer = ?1 AND order_no IS NOT NULL UNION SELECT order_no FROM order_state WHERE customer = ?1",
        " ORDER BY 1")
}

extension SQLiteReads {
    func orders(ofCustomer customer: String) throws -> [OrderNumber] {
        guard let party = try ring.party(of: customer, in: db) else { return [] }
        return try db.all(SQL.ordersOfParty, { $0(party.id) }) { try $0.order(0) }
    }

    func customer(_ id: String) throws -> CustomerRecord? {
        guard let party = try ring.party(of: id, in: db), !isStranger(party.id),
            let profile = try db.first(SQL.customer, { $0(party.id) }, read: { $0.blob(0) })
        else {
            return nil
        }
        guard let json = try openJSON(profile, of: party.id, Self.profileContext(party.id)) else { return nil }
        guard let record = CustomerRecord(id: id, json: json) else { throw StoreError.integrity("customer/\(party.id) holds no profile") }
        return record
    }

    func counter(_ key: String, bucket: String) throws -> Int {
        raisedBy(CounterKey(key: key, bucket: bucket)) + Int(try db.first(SQL.counter, { $0(key, bucket) }) { $0.int(0) } ?? 0)
    }

    func usage(ofCustomer customer: String, since: Timestamp) throws -> [Usage] {
        guard let party = try ring.party(of: customer, in: db), !isStranger(party.id) else { return [] }
        // A later step of a notice is planned with the notice's own id.
        return try db.all(SQL.usageOfCustomer, { $0(party.id, since - .hours(72), since) }, read: usage)
    }
    func usage(ofAnomaly anomaly: String) throws -> [Usage] { try db.all(SQL.usageOfAnomaly, { $0(anomaly) }, read: usage) }
    private func usage(_ row: Row) throws -> Usage { Usage(channel: try row.word(0), isCounted: row.bool(1), count: Int(row.int(2))) }

    func toldPriority(customer: String, notOfOrder order: OrderNumber, detectedFrom: Timestamp, to: Timestamp) throws -> Priority? {
        guard let party = try ring.party(of: customer, in: db), !isStranger(party.id) else { return nil }
        return try db.all(SQL.toldPriorities, { $0(party.id, detectedFrom, to, order) }) { try $0.word(0, Priority.self) }.max()
    }

    static func profileContext(_ id: Int64) -> Context { Context("customer", id, "profile") }
}

extension SQLiteWrites {
    func save(_ customer: CustomerRecord) throws {
        let party = try makeParty(customer.id)
        guard !party.isErased else { return }
        let profile = try party.close(customer.json.bytes, Self.profileContext(party.id))
        try db.run(SQL.saveCustomer) { $0(party.id, profile) }
        meet(party.id)
    }

    func raise(counter key: String, bucket: String, by n: Int) throws { raised[CounterKey(key: key, bucket: bucket), default: 0] += n }

    /// Counters that a closure has raised are written once, at its end.
    func writeCounters() throws {
        for (counter, n) in raised { try db.run(SQL.raiseCounter) { $0(counter.key, counter.bucket, n) } }
        raised.removeAll(keepingCapacity: true)
    }
}

struct CounterKey: Hashable {
    var key, bucket: String
}

/// The sealed form of a customer: everything but the id.
extension CustomerRecord {
    var json: JSON {
        .object([
            ("locale", locale.map(JSON.string) ?? .null), ("time_zone", timeZone.map(JSON.string) ?? .null),
            ("opted_out", .array(optedOut.sorted().map { .string($0.rawValue) })),
            (
                "contacts",
                .array(
                    contacts.sorted { $0.key < $1.key }.map { channel, contact in
                        .object([
                            ("channel", .string(channel.rawValue)), ("standing", .string(contact.standing.rawValue)),
                            ("address", contact.address.map { .string($0.reveal(for: .sealing).text) } ?? .null),
                        ])
                    })
            ),
            ("private_preview", privatePreview.map(JSON.bool) ?? .null),
        ])
    }

    init?(id: String, json: JSON) {
        guard let optedOut = json["opted_out"]?.array, let contacts = json["contacts"]?.array else { return nil }
        self.init(
            id: id, locale: json["locale"]?.string, timeZone: json["time_zone"]?.string, privatePreview: json["private_preview"]?.bool)
        for word in optedOut {
            guard let channel = word.string.flatMap(Channel.init) else { return nil }
            self.optedOut.insert(channel)
        }
        for contact in contacts {
            guard let channel = contact["channel"]?.string.flatMap(Channel.init),
                let standing = contact["standing"]?.string.flatMap(Contact.Standing.init)
            else { return nil }
            let text = contact["address"]?.string
            let address = text.flatMap { Address(channel: channel, text: $0) }
            guard (text == nil) == (address == nil) else { return nil }
            self.contacts[channel] = Contact(address: address.map { Sensitive($0) }, standing: standing)
        }
    }
}
