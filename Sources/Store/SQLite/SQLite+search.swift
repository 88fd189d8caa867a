import Core

// A search runs one of five plans, each newest first so that it may stop at its limit: the deliveries of an order or a customer by the indexes
// that are there for the pipeline; those of notices by `notice_words`, which holds what can be asked of a notice in the order of time, so that
// the rows of notices, which are large, are not read; those of a bank by its episodes; and all deliveries by their own table. Lists of words are bound as JSON arrays.
extension SQL {
    private static let columns: StaticString = "SELECT d.id, d.channel, d.state, d.reason, d.read_at "
    private static let ofNotice: StaticString = """
         CROSS JOIN delivery d ON d.id BETWEEN n.id << 3 AND n.id << 3 | 7 LEFT JOIN episode e ON e.id = n.episode
        """
    private static let fromAny: StaticString = """
        FROM delivery d CROSS JOIN notice n ON n.id = d.id >> 3 LEFT JOIN episode e ON e.id = n.episode
        """
    private static let fromWords: StaticString = "FROM notice n INDEXED BY notice_words"
    private static let fromOrder: StaticString = """
        FROM (
            SELECT n.id FROM episode e CROSS JOIN notice n ON n.episode = e.id AND n.episode > 0 WHERE e.order_no = ?1
            UNION ALL SELECT n.id FROM notice n WHERE n.episode = 0 AND n.order_no = ?1
        ) o CROSS JOIN notice n ON n.id = o.id
        """
    private static let fromCustomer: StaticString = "FROM notice n"
    private static let fromEpisodes: StaticString = """
        FROM episode e CROSS JOIN notice n ON n.episode = e.id AND n.episode > 0
            CROSS JOIN delivery d ON d.id BETWEEN n.id << 3 AND n.id << 3 | 7
        """

    /// `?1` to `?28`, in the order `bind` gives them.
    private static let filter: StaticString = """
         d.id < ?3 AND d.planned_at >= ?4 AND d.planned_at < ?5
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
    private static let ofAll: StaticString = " WHERE ?1 IS NULL AND ?2 IS NULL AND "
    private static let ofParty: StaticString = " WHERE (?1 IS NULL OR n.order_no = ?1) AND (?2 IS NULL OR n.customer = ?2) AND "
    private static let ofCustomer: StaticString = " WHERE ?1 IS NULL AND n.customer = ?2 AND "
    private static let newest: StaticString = " ORDER BY d.id DESC LIMIT ?27"
    private static let newestNotices: StaticString = " ORDER BY n.planned_at DESC, n.id DESC, d.id DESC LIMIT ?27"
    static let searchAny = Query(columns, fromAny, ofAll, filter, newest)
    static let searchWords = Query(columns, fromWords, ofNotice, ofAll, filter, newestNotices)
    static let searchBank = Query(columns, fromEpisodes, ofAll, filter, newest)
    static let searchOrder = Query(columns, fromOrder, ofNotice, ofParty, filter, newest)
    static let searchCustomer = Query(columns, fromCustomer, ofNotice, ofCustomer, filter, newest)

    private static let counts: StaticString = """
        SELECT d.id, d.channel, d.state, d.reason, d.read_at IS NOT NULL, d.account, d.lane, n.kind, n.stage, n.reason, n.locale, e.bank, count(*)
        """
    private static let groups: StaticString = """
         GROUP BY d.channel, d.state, d.reason, d.read_at IS NOT NULL, d.account, d.lane, n.kind, n.stage, n.reason, n.locale, e.bank LIMIT ?27
        """
    static let facetsWords = Query(counts, fromWords, ofNotice, ofAll, filter, groups)
    static let facetsOrder = Query(counts, fromOrder, ofNotice, ofParty, filter, groups)
    static let facetsCustomer = Query(counts, fromCustomer, ofNotice, ofCustomer, filter, groups)
}

extension SQLiteReads {
    func deliveries(fitting filter: DeliveryFilter) throws -> [FoundDelivery] {
        guard let bind = try bound(filter) else { return [] }
        let isOfNotice = DeliveryFilter.Field.ofNotice.contains { !filter[$0].only.isEmpty }
        let query =
            filter.order != nil
            ? SQL.searchOrder
            : filter.customer != nil
                ? SQL.searchCustomer
                : !filter[.bank].only.isEmpty ? SQL.searchBank : isOfNotice ? SQL.searchWords : SQL.searchAny
        return try db.all(query, bind, read: found)
    }

    func facets(fitting filter: DeliveryFilter) throws -> [FacetCount] {
        var all = filter
        all.limit = .max
        guard let bind = try bound(all) else { return [] }
        let query = filter.order != nil ? SQL.facetsOrder : filter.customer != nil ? SQL.facetsCustomer : SQL.facetsWords
        return try db.all(query, bind) { row in
            var found = try found(row)
            found.readAt = row.bool(4) ? Timestamp(milliseconds: 0) : nil
            return FacetCount(
                found: found, account: row.textOrNil(5), priority: try row.priority(6), kind: try row.word(7), stage: try row.word(8),
                noticeReason: try row.word(9), locale: try row.word(10), bank: row.textOrNil(11).flatMap { $0.isEmpty ? nil : $0 },
                count: Int(row.int(12)))
        }
    }

    private func found(_ row: Row) throws -> FoundDelivery {
        FoundDelivery(
            id: row.int(0), notice: RowID.notice(of: row.int(0)), channel: try row.word(1), state: try row.word(2),
            reason: try row.wordOrNil(3),
            readAt: row.timeOrNil(4))
    }

    /// Nil when the customer, or the delivery, is not there: nothing fits then.
    private func bound(_ filter: DeliveryFilter) throws -> Connection.Bind? {
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
            $0(filter.limit, list(isOfDelivery ? reasons : []))
        }
    }
}

extension DeliveryFilter.Field {
    /// What `notice_words` and episodes hold.
    fileprivate static let ofNotice: [Self] = [.kind, .stage, .locale, .bank, .rail]
    /// The last of the statement's values, in its order.
    fileprivate static let bound: [Self] = [.reason, .kind, .stage, .locale, .bank, .rail]
}
