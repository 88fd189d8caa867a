import Core

extension SQL {
    private static let noticeColumns: StaticString = """
        SELECT id, episode, episode_version, order_no, anomaly, audience, customer, kind, stage, variant, priority, reason, locale, time_zone,
            private_preview, revision, planned_at, event, told_funds, told_step, told_eta, repeats, counted, box, wording FROM notice
        """
    static let noticeByID = Query(noticeColumns, " WHERE id = ?")
    // A notice belongs to an episode of its order; those for staff to none.
    static let noticesOfOrder = Query(
        noticeColumns,
        """
         WHERE id IN (
            SELECT n.id FROM episode e CROSS JOIN notice n ON n.episode = e.id AND n.episode > 0 WHERE e.order_no = ?1
            UNION ALL SELECT n.id FROM notice n WHERE n.episode = 0 AND n.order_no = ?1)
        ORDER BY id
        """)
    static let nextNotice = Query("SELECT coalesce(max(id), 0) + 1 FROM notice")
    static let partyOfNotice = Query("SELECT customer FROM notice WHERE id = ?")
    static let boxOfNotice = Query("SELECT customer, box, gone FROM notice WHERE id = ?")
    static let insertNotice = Query(
        """
        INSERT INTO notice (id, episode, episode_version, order_no, anomaly, audience, customer, kind, stage, variant, priority, reason, locale,
            time_zone, private_preview, revision, planned_at, event, told_funds, told_step, told_eta, repeats, counted, box, wording)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)

    private static let markColumns: StaticString = """
        SELECT n.order_no, n.anomaly, n.audience, n.customer, d.channel, d.state, n.stage, n.told_funds, n.told_step, n.told_eta, n.repeats,
            d.lane, d.planned_at
        """
    private static let markDeliveries: StaticString = """
         CROSS JOIN delivery d ON d.id BETWEEN n.id << 3 AND n.id << 3 | 7 WHERE d.state <> 'blocked' AND n.audience = ?2
        """
    // The newest of a recipient and channel comes last.
    private static let newestLast: StaticString = " ORDER BY d.planned_at, d.id"
    static let marksOfCustomer = Query(
        markColumns, " FROM episode e CROSS JOIN notice n ON n.episode = e.id AND n.episode > 0", markDeliveries, " AND e.anomaly = ?1",
        newestLast)
    static let marksOfStaff = Query(
        markColumns, " FROM notice n", markDeliveries, " AND n.episode = 0 AND n.anomaly = ?1", newestLast)
}

extension SQLiteReads {
    func notice(_ id: NoticeID) throws -> Notice? { try db.first(SQL.noticeByID, { $0(id) }, read: notice) }
    func notices(ofOrder order: OrderNumber) throws -> [Notice] { try db.all(SQL.noticesOfOrder, { $0(order) }, read: notice) }

    private func notice(_ row: Row) throws -> Notice {
        let (id, party) = (row.int(0), row.int(6))
        let told = ToldState(funds: try row.wordOrNil(18), step: row.textOrNil(19), etaBucket: row.intOrNil(20), repeats: Int(row.int(21)))
        return Notice(
            id: id, episode: row.int(1), episodeVersion: row.int(2), order: try row.order(3), anomaly: row.text(4),
            audience: try row.word(5),
            customer: try customer(party), kind: try row.word(7), stage: try row.word(8), variant: row.textOrNil(9),
            priority: try row.word(10), reason: try row.word(11), locale: try row.word(12), timeZone: row.text(13),
            privatePreview: row.bool(14), templateRevision: row.text(15), facts: try noticeBox(row.blob(23), of: party, id).facts,
            plannedAt: row.time(16), event: row.intOrNil(17), told: told, isCounted: row.bool(22),
            wording: row.textOrNil(24))
    }

    func noticeBox(_ box: [UInt8], of party: Int64, _ id: NoticeID) throws -> NoticeBox {
        let context = Self.noticeContext(id)
        do {
            guard let bytes = try open(box, of: party, context) else { return NoticeBox(facts: Facts()) }
            guard let whole = try NoticeBox(bytes: bytes) else {
                throw StoreError.integrity("\(context) holds no facts")
            }
            return whole
        } catch let problem as JSONProblem {
            throw StoreError.integrity("\(context) is no JSON at byte \(problem.offset)")
        }
    }

    static func noticeContext(_ id: NoticeID) -> Context { Context("notice", id, "box") }

    func dedupeMarks(anomaly: String, audience: Audience) throws -> [DedupeMark] {
        var newest: [MarkKey: DedupeMark] = [:]
        try db.forEach(audience == .staff ? SQL.marksOfStaff : SQL.marksOfCustomer, { $0(anomaly, audience) }) { row in
            let told = ToldState(funds: try row.wordOrNil(7), step: row.textOrNil(8), etaBucket: row.intOrNil(9), repeats: Int(row.int(10)))
            let mark = DedupeMark(
                order: try row.order(0), anomaly: row.text(1), audience: try row.word(2), recipient: try customer(row.int(3)),
                channel: try row.word(4), status: try row.word(5, DeliveryState.self).mark, stage: try row.word(6), told: told,
                priority: try row.priority(11), toldAt: row.time(12))
            newest[MarkKey(order: mark.order, recipient: mark.recipient, channel: mark.channel)] = mark
        }
        return newest.values.sorted { ($0.order.description, $0.recipient, $0.channel) < ($1.order.description, $1.recipient, $1.channel) }
    }

    private struct MarkKey: Hashable {
        var order: OrderNumber
        var recipient: String
        var channel: Channel
    }
}

extension Row {
    /// By its lane.
    func priority(_ column: Int32) throws -> Priority {
        let lane = Int(int(column))
        guard let priority = Priority.allCases.first(where: { $0.lane == lane }) else {
            throw StoreError.integrity("a row has no priority")
        }
        return priority
    }
}

/// What is sealed with a notice: its facts, the addresses of its deliveries, the words in the app, what left at once. One box, since each costs
/// as much as all.
struct NoticeBox {
    var facts: Facts
    var addresses: [(Channel, String)] = []
    var inApp: (title: String, body: String)?
    var sent: [(delivery: DeliveryID, bytes: AttemptBytes)] = []

    init(facts: Facts) { self.facts = facts }

    /// What can be dropped of it; together they are the column `gone`.
    enum Part: Int64, CaseIterable { case sent = 1, inApp = 2, addresses = 4, facts = 8 }

    mutating func drop(_ part: Part) {
        switch part {
        case .sent: sent = []
        case .inApp: inApp = nil
        case .addresses: addresses = []
        case .facts: facts = Facts()
        }
    }

    /// The facts, what is said of the deliveries, and the bytes of each attempt behind the number of its delivery.
    init?(bytes: [UInt8]) throws(JSONProblem) {
        var rest = bytes[...]
        guard let first = rest.takePart(), let second = rest.takePart(), let facts = Facts(json: try JSON(parsing: Array(first))) else {
            return nil
        }
        let said = try JSON(parsing: Array(second))
        guard let addresses = said["to"]?.object else { return nil }
        self.facts = facts
        for (name, text) in addresses {
            guard let channel = Channel(rawValue: name), let text = text.string else { return nil }
            self.addresses.append((channel, text))
        }
        if let parts = said["in_app"]?.array?.compactMap(\.string), parts.count == 2 { inApp = (parts[0], parts[1]) }
        while !rest.isEmpty {
            guard rest.count >= 8 else { return nil }
            let delivery = rest.prefix(8).reduce(0) { $0 << 8 | DeliveryID($1) }
            rest = rest.dropFirst(8)
            guard let bytes = AttemptBytes(reading: &rest) else { return nil }
            sent.append((delivery, bytes))
        }
    }

    var bytes: [UInt8] {
        let (facts, said) = (facts.bytes, said)
        var box: [UInt8] = []
        box.reserveCapacity(sent.reduce(8 + facts.count + said.count) { $0 + 8 + $1.bytes.sealedSize })
        box.appendPart(facts)
        box.appendPart(said)
        for (delivery, bytes) in sent {
            for shift in stride(from: 56, through: 0, by: -8) { box.append(UInt8(truncatingIfNeeded: delivery >> shift)) }
            bytes.write(to: &box)
        }
        return box
    }

    /// Where it goes, and the words in the app.
    private var said: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.open()
        writer.name("to")
        writer.open()
        for (channel, address) in addresses { writer.member(channel.rawValue, of: address) }
        writer.close()
        if let inApp { writer.member("in_app", [inApp.title, inApp.body]) }
        writer.close()
        return writer.bytes
    }

    func address(_ channel: Channel) -> Sensitive<Address>? {
        addresses.first { $0.0 == channel }.flatMap { Address(channel: channel, text: $0.1) }.map { Sensitive($0) }
    }
}
