import Core

extension SQL {
    private static let eventColumns: StaticString = """
        SELECT e.seq, s.name, e.event_id, e.order_no, e.type, e.time, e.received_at, e.disposition, e.reason, e.body, e.customer, e.source
        FROM event e JOIN source s ON s.id = e.source
        """
    static let eventByID = Query(eventColumns, " WHERE e.event_id = ? ORDER BY e.seq LIMIT 1")
    static let eventsByID = Query(eventColumns, " WHERE e.event_id = ? ORDER BY e.seq")
    static let eventBySeq = Query(eventColumns, " WHERE e.seq = ?")
    static let eventsReceived = Query(eventColumns, " WHERE e.disposition = 'received' ORDER BY e.seq LIMIT ?")
    static let headsReceived = Query(
        """
        SELECT e.seq, s.name, e.order_no FROM event e JOIN source s ON s.id = e.source WHERE e.disposition = 'received'
        ORDER BY e.seq LIMIT ?
        """)
    static let countReceived = Query("SELECT count(*) FROM (SELECT 1 FROM event WHERE disposition = 'received' LIMIT ?)")
    static let eventsOfOrder = Query(eventColumns, " WHERE e.order_no = ? ORDER BY e.seq")

    static let eventsBehind = Query(eventColumns, " WHERE e.seq > ? ORDER BY e.seq LIMIT ?")
    static let eventReceived = Query("SELECT seq, received_at FROM event WHERE seq <= ? ORDER BY seq DESC LIMIT 1")
    static let laterOfOrder = Query("SELECT 1 FROM event WHERE order_no = ? AND seq > ? LIMIT 1")
    static let pendingEvents = Query("SELECT seq FROM event WHERE disposition IN ('received', 'pending') ORDER BY seq")

    static let sourceID = Query("SELECT id FROM source WHERE name = ?")
    static let insertSource = Query("INSERT INTO source (name) VALUES (?)")
    static let knownEvent = Query("SELECT seq, content FROM event WHERE event_id = ? AND source = ?")
    static let insertEvent = Query(
        """
        INSERT INTO event (event_id, source, content, order_no, customer, type, time, received_at, disposition, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'received', ?)
        """)
    static let finishEvent = Query("UPDATE event SET disposition = ?, reason = ? WHERE seq = ? AND disposition IN ('received', 'pending')")
    static let reopenEvent = Query(
        "UPDATE event SET disposition = 'received', reason = NULL WHERE seq = ? AND disposition = 'suppressed' AND reason = 'render_error'")
    static let eventExists = Query("SELECT 1 FROM event WHERE seq = ?")
    static let insertNews = Query("INSERT INTO news (anomaly, stage, seq) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    static let raiseTally = Query("INSERT INTO tally (name, n) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1")
}

extension SQLiteReads {
    func event(id: String) throws -> StoredEvent? { try db.first(SQL.eventByID, { $0(id) }, read: event) }
    func events(id: String) throws -> [StoredEvent] { try db.all(SQL.eventsByID, { $0(id) }, read: event) }
    func event(_ seq: EventSeq) throws -> StoredEvent? { try db.first(SQL.eventBySeq, { $0(seq) }, read: event) }
    func receivedEvents(limit: Int) throws -> [StoredEvent] { try db.all(SQL.eventsReceived, { $0(limit) }, read: event) }
    func receivedHeads(limit: Int) throws -> [EventHead] {
        try db.all(SQL.headsReceived, { $0(limit) }) { EventHead(seq: $0.int(0), source: $0.text(1), order: try $0.orderOrNil(2)) }
    }
    func receivedCount(atMost limit: Int) throws -> Int { Int(try db.first(SQL.countReceived, { $0(limit) }) { $0.int(0) } ?? 0) }
    func events(ofOrder order: OrderNumber) throws -> [StoredEvent] { try db.all(SQL.eventsOfOrder, { $0(order) }, read: event) }

    func events(after seq: EventSeq, limit: Int) throws -> [StoredEvent] { try db.all(SQL.eventsBehind, { $0(seq, limit) }, read: event) }
    func hasEvent(ofOrder order: OrderNumber, after seq: EventSeq) throws -> Bool {
        try db.first(SQL.laterOfOrder, { $0(order, seq) }) { _ in true } ?? false
    }

    /// The time in which events are received only rises, so the place is found by halves.
    func lastEvent(before moment: Timestamp) throws -> EventSeq {
        func found(_ seq: EventSeq) throws -> (seq: EventSeq, at: Timestamp)? {
            try db.first(SQL.eventReceived, { $0(seq) }) { ($0.int(0), $0.time(1)) }
        }
        guard let last = try found(.max), last.at >= moment else { return try found(.max)?.seq ?? 0 }
        // What is at `low` came before it, what is at `high` did not.
        var (low, high) = (EventSeq(0), last.seq)
        while low + 1 < high {
            let middle = low + (high - low) / 2
            guard let item = try found(middle), item.seq > low else {
                low = middle
                continue
            }
            if item.at < moment { low = middle } else { high = item.seq }
        }
        return try found(low)?.seq ?? 0
    }

    func pendingEvents() throws -> [EventSeq] { try db.all(SQL.pendingEvents) { $0.int(0) } }

    private func event(_ row: Row) throws -> StoredEvent {
        let (box, disposition) = (row.blob(9), try Disposition(word: row.text(7), reason: try row.wordOrNil(8)))
        // What was too old is emptied, and nothing that waits ever is.
        let isDropped = box.isEmpty && disposition != .received && disposition != .pending
        let context = Self.eventContext(source: row.int(11), id: row.text(2))
        return StoredEvent(
            seq: row.int(0), source: row.text(1), id: row.text(2), order: try row.orderOrNil(3), type: row.text(4), time: row.time(5),
            receivedAt: row.time(6), disposition: disposition, body: isDropped ? [] : try open(box, of: row.int(10), context) ?? [])
    }

    static func eventContext(source: Int64, id: String) -> Context { Context("event", source, id) }
}

extension SQLiteWrites {
    func accept(_ event: NewEvent) throws -> AcceptResult {
        let source = try sourceID(event.source)
        // Keyed: a bare hash of an event could be tried out against every phone number.
        let content = ring.lookup.hash(event.contentHash, for: .content)
        if let known = try db.first(SQL.knownEvent, { $0(event.id, source) }, read: { (seq: $0.int(0), content: $0.blob(1)) }) {
            let isDuplicate = known.content == content || PlantedBug.callsConflictDuplicate.isActive
            try db.run(SQL.raiseTally) { $0(isDuplicate ? Tally.duplicate : Tally.conflict) }
            return isDuplicate ? .duplicate(known.seq) : .conflict(known.seq)
        }
        let party = try makeParty(event.customer)
        let body = try party.close(event.body, Self.eventContext(source: source, id: event.id))
        try db.run(SQL.insertEvent) {
            $0(event.id, source, content, event.order, party.id)
            $0(event.type, event.time, event.receivedAt, body)
        }
        return .accepted(db.lastInsertedID)
    }

    private func sourceID(_ name: String) throws -> Int64 {
        if let id = known.sources[name] { return id }
        if let id = try db.first(SQL.sourceID, { $0(name) }, read: { $0.int(0) }) {
            if known.sources.count >= 1024 { known.sources.removeAll() }
            known.sources[name] = id
            return id
        }
        try db.run(SQL.insertSource) { $0(name) }
        return db.lastInsertedID
    }

    @discardableResult
    func finish(_ event: EventSeq, as disposition: Disposition) throws -> Bool {
        if try db.run(SQL.finishEvent, { $0(disposition.word, disposition.reason, event) }) > 0 { return true }
        guard try db.first(SQL.eventExists, { $0(event) }, read: { _ in true }) != nil else {
            throw StoreError.integrity("there is no event \(event)")
        }
        return false
    }

    func reopen(event: EventSeq) throws -> Bool { try db.run(SQL.reopenEvent) { $0(event) } > 0 }

    func noteNews(anomaly: String, stage: String, seq: Int64) throws -> Bool {
        try db.run(SQL.insertNews) { $0(anomaly, stage, seq) } > 0 || PlantedBug.tellsSameNews.isActive
    }
}

/// Sums that no row can be counted for later.
enum Tally: String, Bindable {
    case duplicate, conflict, rejected
}

extension Disposition {
    init(word: String, reason: ReasonCode?) throws {
        switch (word, reason) {
        case ("received", _): self = .received
        case ("pending", _): self = .pending
        case ("planned", _): self = .planned
        case ("suppressed", .some(let reason)): self = .suppressed(reason)
        case ("stale", _): self = .stale
        case ("recorded", _): self = .recorded
        default: throw StoreError.integrity("an event holds no disposition")
        }
    }
}
