import Core

extension SQL {
    static let customer = Query("SELECT profile FROM customer WHERE id = ?")
    static let saveCustomer = Query(
        "INSERT INTO customer (id, profile) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET profile = excluded.profile")
    static let counter = Query("SELECT n FROM counter WHERE key = ? AND bucket = ?")
    static let raiseCounter = Query(
        "INSERT INTO counter (key, bucket, n) VALUES (?, ?, ?) ON CONFLICT (key, bucket) DO UPDATE SET n = n + excluded.n")
    static let toldPriorities = Query(
        """
        SELECT DISTINCT priority FROM episode WHERE customer = ? AND detected_at BETWEEN ? AND ? AND order_no <> ? AND told = 1
        """)
}

extension SQLiteReads {
    func customer(_ id: String) throws -> CustomerRecord? {
        guard let party = try ring.party(of: id, in: db), let profile = try db.first(SQL.customer, party.id, read: { $0.blob(0) }) else {
            return nil
        }
        let json = try openJSON(profile, of: party.id, Self.profileContext(party.id))
        guard let record = CustomerRecord(id: id, json: json) else { throw StoreError.integrity("customer/\(party.id) holds no profile") }
        return record
    }

    func counter(_ key: String, bucket: String) throws -> Int {
        Int(try db.first(SQL.counter, counterKey(key), bucket) { $0.int(0) } ?? 0)
    }

    /// A counter's key may name a customer, so only its keyed hash is stored.
    func counterKey(_ key: String) -> [UInt8] { ring.lookup.hash(key.utf8, for: .counter) }

    func toldPriority(customer: String, notOfOrder order: OrderNumber, detectedFrom: Timestamp, to: Timestamp) throws -> Priority? {
        guard let party = try ring.party(of: customer, in: db) else { return nil }
        return try db.all(SQL.toldPriorities, party.id, detectedFrom, to, order) { try $0.word(0, Priority.self) }.max()
    }

    static func profileContext(_ id: Int64) -> String { "customer/\(id)/profile" }
}

extension SQLiteWrites {
    func save(_ customer: CustomerRecord) throws {
        let party = try makeParty(customer.id)
        try db.run(SQL.saveCustomer, party.id, try Seal.close(customer.json.bytes, key: party.key, context: Self.profileContext(party.id)))
    }

    func raise(counter key: String, bucket: String, by n: Int) throws { try db.run(SQL.raiseCounter, counterKey(key), bucket, n) }
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
