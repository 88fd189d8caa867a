import Core

extension SQL {
    static let order = Query("SELECT order_no, customer, last_seq, last_time, last_event, version FROM order_state WHERE order_no = ?")
    static let saveOrder = Query(
        """
        INSERT INTO order_state (order_no, customer, last_seq, last_time, last_event, version) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (order_no) DO UPDATE SET customer = excluded.customer, last_seq = excluded.last_seq, last_time = excluded.last_time,
            last_event = excluded.last_event, version = excluded.version
        """)

    private static let episodeColumns: StaticString = """
        SELECT e.id, e.anomaly, e.order_no, e.customer, e.kind, e.priority, e.status, e.bank, e.rail, e.detected_at, e.version, e.opened_by,
            e.hold_until, e.funds, e.step, e.eta, e.deadline, e.variant, e.facts, e.resolution, e.told, e.incident, n.id, n.box
        FROM episode e LEFT JOIN notice n ON n.id = e.facts_of
        """
    static let bareEpisode = Query(
        """
        SELECT id, anomaly, order_no, customer, kind, priority, status, bank, rail, detected_at, version, opened_by, hold_until, funds, step, eta,
            deadline, variant, NULL, resolution, told, incident FROM episode WHERE id = ?
        """)
    static let countEpisodesOfCustomer = Query(
        """
        SELECT count(*) FROM (SELECT 1 FROM episode WHERE customer = ? AND bank = ? AND detected_at BETWEEN ? AND ? LIMIT ?)
        """)
    static let episodeByID = Query(episodeColumns, " WHERE e.id = ?")
    static let episodeByAnomaly = Query(episodeColumns, " WHERE e.anomaly = ? ORDER BY e.id DESC LIMIT 1")
    static let episodesOfOrder = Query(episodeColumns, " WHERE e.order_no = ? ORDER BY e.id")
    static let episodesOfCustomer = Query(
        episodeColumns,
        " WHERE e.customer = ? AND e.bank = ? AND e.detected_at BETWEEN ? AND ? ORDER BY e.detected_at DESC, e.id DESC LIMIT ?")
    static let openEpisodes = Query(
        episodeColumns, " WHERE e.customer = ? AND e.status IN ('holding', 'open') ORDER BY e.detected_at, e.id")
    static let countEpisodes = Query(
        "SELECT count(*) FROM episode WHERE bank = ? AND rail = ? AND detected_at BETWEEN ? AND ? AND kind = coalesce(?, kind)")
    static let nextEpisode = Query("SELECT coalesce(max(id), 0) + 1 FROM episode")
    static let insertEpisode = Query(
        """
        INSERT INTO episode (id, anomaly, order_no, customer, kind, priority, status, bank, rail, detected_at, version, opened_by, hold_until,
            funds, step, eta, deadline, variant, facts, facts_of, resolution, told, incident)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    static let updateEpisode = Query(
        """
        UPDATE episode SET anomaly = ?2, order_no = ?3, customer = ?4, kind = ?5, priority = ?6, status = ?7, bank = ?8, rail = ?9,
            detected_at = ?10, version = ?11, opened_by = ?12, hold_until = ?13, funds = ?14, step = ?15, eta = ?16, deadline = ?17,
            variant = ?18, facts = ?19, facts_of = ?20, resolution = ?21, told = ?22, incident = ?23
        WHERE id = ?1
        """)
}

extension SQLiteReads {
    func order(_ order: OrderNumber) throws -> OrderState? {
        try db.first(SQL.order, { $0(order) }) { row in
            OrderState(
                order: try row.order(0), customer: try customer(row.int(1)), lastSeq: row.int(2), lastTime: row.time(3),
                lastEvent: row.text(4),
                version: row.int(5))
        }
    }

    func episode(_ id: EpisodeID) throws -> Episode? { try db.first(SQL.episodeByID, { $0(id) }, read: episode) }
    func bareEpisode(_ id: EpisodeID) throws -> Episode? {
        try db.first(SQL.bareEpisode, { $0(id) }) { try episode($0, facts: Facts()) }
    }
    func episode(anomaly: String) throws -> Episode? { try db.first(SQL.episodeByAnomaly, { $0(anomaly) }, read: episode) }
    func episodes(ofOrder order: OrderNumber) throws -> [Episode] { try db.all(SQL.episodesOfOrder, { $0(order) }, read: episode) }

    func episodes(ofCustomer customer: String, bank: String, detectedFrom: Timestamp, to: Timestamp, limit: Int) throws -> [Episode] {
        guard let party = try ring.party(of: customer, in: db)?.id else { return [] }
        return try db.all(SQL.episodesOfCustomer, { $0(party, bank, detectedFrom, to, limit) }, read: episode)
    }

    func episodeCount(ofCustomer customer: String, bank: String, detectedFrom: Timestamp, to: Timestamp, limit: Int) throws -> Int {
        guard let party = try ring.party(of: customer, in: db)?.id else { return 0 }
        return Int(try db.first(SQL.countEpisodesOfCustomer, { $0(party, bank, detectedFrom, to, limit) }) { $0.int(0) } ?? 0)
    }

    func openEpisodes(ofCustomer customer: String) throws -> [Episode] {
        guard let party = try ring.party(of: customer, in: db)?.id else { return [] }
        return try db.all(SQL.openEpisodes, { $0(party) }, read: episode)
    }

    private func episode(_ row: Row) throws -> Episode { try episode(row, facts: facts(row, of: row.int(3))) }

    private func episode(_ row: Row, facts: Facts) throws -> Episode {
        Episode(
            id: row.int(0), anomaly: row.text(1), order: try row.order(2), customer: try customer(row.int(3)), kind: try row.word(4),
            priority: try row.word(5), status: try row.word(6), bank: row.text(7), rail: row.text(8), detectedAt: row.time(9),
            version: row.int(10), openedBy: row.int(11), holdUntil: row.timeOrNil(12), funds: try row.wordOrNil(13),
            step: row.textOrNil(14),
            eta: row.timeOrNil(15), deadline: row.timeOrNil(16), variant: row.textOrNil(17),
            facts: facts, resolution: try row.wordOrNil(19),
            told: row.bool(20),
            incident: row.textOrNil(21))
    }

    static func episodeContext(_ id: EpisodeID) -> Context { Context("episode", id, "facts") }

    /// Of the episode's own box, or of the notice that told them.
    private func facts(_ row: Row, of party: Int64) throws -> Facts {
        let context = Self.episodeContext(row.int(0))
        guard let box = row.blobOrNil(18) else {
            guard let notice = row.intOrNil(22) else { throw StoreError.integrity("\(context) is nowhere") }
            return try noticeBox(row.blob(23), of: party, notice).facts.lasting
        }
        guard let json = try openJSON(box, of: party, context) else { return Facts() }
        guard let facts = Facts(json: json) else {
            throw StoreError.integrity("\(context) holds no facts")
        }
        return facts
    }
}

extension SQLiteWrites {
    func save(_ order: OrderState) throws {
        let party = try makeParty(order.customer)
        try db.run(SQL.saveOrder) { $0(order.order, party.id, order.lastSeq, order.lastTime, order.lastEvent, order.version) }
    }

    func save(_ episode: Episode, isToldNext: Bool) throws -> EpisodeID {
        let isNew = episode.id == 0
        let id = isNew ? try nextEpisodeID() : episode.id
        let party = try makeParty(episode.customer)
        let facts = isToldNext ? nil : try party.close(episode.facts.bytes, Self.episodeContext(id))
        let notice = isToldNext ? try peekNoticeID() : nil
        let changed = try db.run(isNew ? SQL.insertEpisode : SQL.updateEpisode) {
            $0(id, episode.anomaly, episode.order, party.id, episode.kind, episode.priority)
            $0(episode.status, episode.bank, episode.rail, episode.detectedAt, episode.version, episode.openedBy)
            $0(episode.holdUntil, episode.funds, episode.step, episode.eta, episode.deadline)
            $0(episode.variant, facts, notice, episode.resolution, episode.told, episode.incident)
        }
        guard changed > 0 else { throw StoreError.integrity("there is no episode \(id)") }
        meet(party.id)
        if isNew { known.episodes?.add(bank: episode.bank, rail: episode.rail, kind: episode.kind, at: episode.detectedAt) }
        return id
    }
}
