import Core

// A search goes newest first, so that it may stop at its limit: the deliveries of an order or a customer by the indexes that are there for the
// pipeline; all others by the search index (`SQLite+index.swift`), and what is not indexed row by row. Lists of words are bound as JSON arrays.
extension SQL {
    private static let columns: StaticString = "SELECT d.id, d.channel, d.state, d.reason, d.read_at "
    static let foundWithNotice: StaticString = """
         CROSS JOIN delivery d ON d.id BETWEEN n.id << 3 AND n.id << 3 | 7 LEFT JOIN episode e ON e.id = n.episode
        """
    static let foundAnywhere: StaticString = """
        FROM delivery d CROSS JOIN notice n ON n.id = d.id >> 3 LEFT JOIN episode e ON e.id = n.episode
        """
    static let foundOfOrder: StaticString = """
        FROM (
            SELECT n.id FROM episode e CROSS JOIN notice n ON n.episode = e.id AND n.episode > 0 WHERE e.order_no = ?1
            UNION ALL SELECT n.id FROM notice n WHERE n.episode = 0 AND n.order_no = ?1
        ) o CROSS JOIN notice n ON n.id = o.id
        """
    static let foundOfCustomer: StaticString = "FROM notice n"

    /// `?1` to `?29`, in the order `bind` gives them.
    static let whereFits: StaticString = """
         d.id < ?3 AND d.id >= ?29 AND d.planned_at >= ?4 AND d.planned_at < ?5
        AND (?6 IS NULL OR (d.channel = 'in_app' AND d.state = 'delivered' AND (d.read_at IS NOT NULL) = ?6))
        AND (?7 IS NULL OR d.channel IN (SELECT value FROM json_each(?7))) AND (?8 IS NULL OR d.channel NOT IN (SELECT value FROM json_each(?8)))
        AND (?9 IS NULL OR d.state IN (SELECT value FROM json_each(?9))) AND (?10 IS NULL OR d.state NOT IN (SELECT value FROM json_each(?10)))
        AND (?11 IS NULL OR d.account IN (SELECT value FROM json_each(?11)))
        AND (?12 IS NULL OR coalesce(d.account, '') NOT IN (SELECT value FROM json_each(?12)))
        AND (?13 IS NULL OR d.lane IN (SELECT value FROM json_each(?13))) AND (?14 IS NULL OR d.lane NOT IN (SELECT value FROM json_each(?14)))
        AND (?15 IS NULL OR d.reason IN (SELECT value FROM json_each(?15)) OR n.reason IN (SELECT value FROM json_each(?15)))
        AND (?16 IS NULL OR (coalesce(d.reason, '') NOT IN (SELECT value FROM json_each(?16)) AND n.reason NOT IN (SELECT value FROM json_each(?16))))
        AND (?28 IS NULL OR d.reason IN (SELECT value FROM json_each(?28)))
        AND (?17 IS NULL OR n.kind IN (SELECT value FROM json_each(?17))) AND (?18 IS NULL OR n.kind NOT IN (SELECT value FROM json_each(?18)))
        AND (?19 IS NULL OR n.stage IN (SELECT value FROM json_each(?19))) AND (?20 IS NULL OR n.stage NOT IN (SELECT value FROM json_each(?20)))
        AND (?21 IS NULL OR n.locale IN (SELECT value FROM json_each(?21))) AND (?22 IS NULL OR n.locale NOT IN (SELECT value FROM json_each(?22)))
        AND (?23 IS NULL OR e.bank IN (SELECT value FROM json_each(?23)))
        AND (?24 IS NULL OR coalesce(e.bank, '') NOT IN (SELECT value FROM json_each(?24)))
        AND (?25 IS NULL OR e.rail IN (SELECT value FROM json_each(?25)))
        AND (?26 IS NULL OR coalesce(e.rail, '') NOT IN (SELECT value FROM json_each(?26)))
        """
    // What is not in the index must not be asked of a notice where it is walked by it.
    static let whereAll: StaticString = " WHERE ?1 IS NULL AND ?2 IS NULL AND "
    static let whereParty: StaticString = " WHERE (?1 IS NULL OR n.order_no = ?1) AND (?2 IS NULL OR n.customer = ?2) AND "
    static let whereCustomer: StaticString = " WHERE ?1 IS NULL AND n.customer = ?2 AND "
    private static let newest: StaticString = " ORDER BY d.id DESC LIMIT ?27"
    static let searchAny = Query(columns, foundAnywhere, whereAll, whereFits, newest)
    static let searchOrder = Query(columns, foundOfOrder, foundWithNotice, whereParty, whereFits, newest)
    static let searchCustomer = Query(columns, foundOfCustomer, foundWithNotice, whereCustomer, whereFits, newest)
    fileprivate static let foundByID = Query(columns, ", d.planned_at FROM delivery d WHERE d.id = ?")
}

extension SQLiteReads {
    func deliveries(fitting filter: DeliveryFilter) throws -> [FoundDelivery] {
        guard filter.order != nil || filter.customer != nil else { return try indexed(filter) }
        guard let bind = try bound(filter) else { return [] }
        return try db.all(filter.order != nil ? SQL.searchOrder : SQL.searchCustomer, bind, read: found)
    }

    // MARK: By the index

    /// The newest first; there is none that is left out.
    func indexedBlocks(before end: DeliveryID) throws -> [IndexedBlock] {
        try db.all(SQL.blocks, { $0(DeliverySet.block(of: end - 1)) }) { row in
            IndexedBlock(number: row.int(0), first: row.time(1), last: row.time(2), isStale: row.bool(3))
        }
    }

    private func indexed(_ filter: DeliveryFilter) throws -> [FoundDelivery] {
        let before = filter.before ?? .max
        let blocks = try indexedBlocks(before: before)
        let start = blocks.first.map { ($0.number + 1) << DeliverySet.shift } ?? 0
        var found = start < before ? try scanned(filter, from: start, before: before, limit: filter.limit) : []
        // Few blocks first: of what is common there is enough in them.
        var (rest, size) = (blocks[...], 8)
        while found.count < filter.limit, !rest.isEmpty {
            let some = rest.prefix(size)
            (rest, size) = (rest.dropFirst(size), min(size * 4, 512))
            let words = try IndexedWords(filter, of: some, in: db)
            for block in some where found.count < filter.limit {
                let (first, end) = (block.ids.first, min(before, block.ids.end))
                guard !block.isStale else {
                    found += try scanned(filter, from: first, before: end, limit: filter.limit - found.count)
                    continue
                }
                guard block.mayHold(filter) else { continue }
                for place in words.fitting(block.number).descending where found.count < filter.limit && first | Int64(place) < end {
                    let hit = try db.first(SQL.foundByID, { $0(first | Int64(place)) }) { (try self.found($0), $0.time(5)) }
                    guard let (hit, at) = hit else { throw StoreError.integrity("the search index names a delivery that is not there") }
                    if filter.since.map({ at >= $0 }) ?? true, filter.until.map({ at < $0 }) ?? true { found.append(hit) }
                }
            }
        }
        return found
    }

    func scanned(_ filter: DeliveryFilter, from first: DeliveryID, before end: DeliveryID, limit: Int) throws -> [FoundDelivery] {
        var part = filter
        (part.before, part.limit) = (end, limit)
        guard let bind = try bound(part, from: first) else { return [] }
        return try db.all(SQL.searchAny, bind, read: found)
    }

    private func found(_ row: Row) throws -> FoundDelivery {
        FoundDelivery(
            id: row.int(0), notice: RowID.notice(of: row.int(0)), channel: try row.word(1), state: try row.word(2),
            reason: try row.wordOrNil(3),
            readAt: row.timeOrNil(4))
    }

    /// Nil when the customer, or the delivery, is not there: nothing fits then.
    func bound(_ filter: DeliveryFilter, from first: DeliveryID = .min) throws -> Connection.Bind? {
        var party: Int64?
        if let customer = filter.customer {
            party = try ring.party(of: customer, in: db)?.id
            guard party != nil else { return nil }
        }
        func list(_ words: [String]) -> String? { words.isEmpty ? nil : JSON.array(words.map(JSON.string)).text }
        func lanes(_ words: [String]) -> String? {
            words.isEmpty ? nil : JSON.array(words.compactMap { Priority(rawValue: $0).map { .integer($0.lane) } }).text
        }
        let priority = filter[.priority]
        // Why a message was told is its notice's; why it did not leave the delivery's own, and then no notice need be read.
        let reasons = filter[.reason].only
        let isOfDelivery = !reasons.contains { ReasonCode(rawValue: $0)?.isTold ?? true }
        return {
            $0(filter.order, party, filter.before ?? .max)
            $0(filter.since?.milliseconds ?? .min, filter.until?.milliseconds ?? .max, filter.isRead)
            $0(list(filter[.channel].only), list(filter[.channel].not), list(filter[.state].only), list(filter[.state].not))
            $0(list(filter[.account].only), list(filter[.account].not), lanes(priority.only), lanes(priority.not))
            for field in DeliveryFilter.Field.bound { $0(list(filter[field].only), list(filter[field].not)) }
            $0(filter.limit, list(isOfDelivery ? reasons : []), first)
        }
    }
}

extension DeliveryFilter.Field {
    /// The last of the statement's values, in its order.
    fileprivate static let bound: [Self] = [.reason, .kind, .stage, .locale, .bank, .rail]
}
