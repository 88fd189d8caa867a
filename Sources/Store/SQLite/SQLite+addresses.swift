import Core

extension SQL {
    private static let markColumns: StaticString = "SELECT channel, reason, detail, account, delivery, at FROM address_mark "
    static let addressMark = Query(markColumns, "WHERE customer = ? AND channel = ? AND address = ?")
    static let addressMarks = Query(markColumns, "WHERE customer = ? AND reason IS NOT NULL ORDER BY channel, at")
    static let saveAddressMark = Query(
        """
        INSERT INTO address_mark (customer, channel, address, reason, detail, account, delivery, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (customer, channel, address) DO UPDATE SET reason = excluded.reason, detail = excluded.detail,
            account = excluded.account, delivery = excluded.delivery, at = excluded.at
        """)
    static let verifyAddresses = Query(
        "UPDATE address_mark SET reason = NULL, at = ? WHERE customer = ? AND channel = ? AND reason IS NOT NULL")
}

extension SQLiteReads {
    func addressMark(of address: Sensitive<Address>, customer: String, channel: Channel) throws -> AddressMark? {
        guard let party = try ring.party(of: customer, in: db) else { return nil }
        return try db.first(SQL.addressMark, { $0(party.id, channel, self.addressKey(address, of: party.id)) }, read: addressMark)
    }

    func addressMarks(ofCustomer customer: String) throws -> [AddressMark] {
        guard let party = try ring.party(of: customer, in: db), !isStranger(party.id) else { return [] }
        return try db.all(SQL.addressMarks, { $0(party.id) }, read: addressMark)
    }

    /// The same address of two customers gives unrelated keys: rows do not tell who shares one.
    fileprivate func addressKey(_ address: Sensitive<Address>, of party: Int64) -> [UInt8] {
        ring.lookup.hash("\(party)\u{0}\(address.reveal(for: .sealing).identity)".utf8, for: .address)
    }

    private func addressMark(_ row: Row) throws -> AddressMark {
        AddressMark(
            channel: try row.word(0), reason: try row.wordOrNil(1), detail: row.text(2), account: row.text(3), delivery: row.int(4),
            at: row.time(5))
    }
}

extension SQLiteWrites {
    func save(_ mark: AddressMark, of address: Sensitive<Address>, customer: String) throws {
        let party = try makeParty(customer)
        guard !party.isErased else { return }
        meet(party.id)
        try db.run(SQL.saveAddressMark) {
            $0(party.id, mark.channel, self.addressKey(address, of: party.id), mark.reason)
            $0(mark.detail, mark.account, mark.delivery, mark.at)
        }
    }

    func verifyAddresses(ofCustomer customer: String, channel: Channel, at now: Timestamp) throws -> Int {
        guard let party = try ring.party(of: customer, in: db) else { return 0 }
        return try db.run(SQL.verifyAddresses) { $0(now, party.id, channel) }
    }
}
