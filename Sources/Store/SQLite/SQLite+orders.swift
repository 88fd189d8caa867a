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
        SELECT id, anomaly, order_no, customer, kind, priority, status, bank, rail, detected_at, version, opened_by, hold_until, funds, step,
            eta, deadline, variant, facts, resolution, told, incident FROM episode
        """
    static let episodeByID = Query(episodeColumns, " WHERE id = ?")
    static let episodeByAnomaly = Query(episodeColumns, " WHERE anomaly = ? ORDER BY id DESC LIMIT 1")
    static let episodesOfOrder = Query(episodeColumns, " WHERE order_no = ? ORDER BY id")
    static let countEpisodes = Query(
        "SELECT count(*) FROM episode WHERE bank = ?1 AND rail = ?2 AND detected_at BETWEEN ?3 AND ?4 AND (?5 IS NULL OR kind = ?5)")
    static let nextEpisode = Query("SELECT coalesce(max(id), 0) + 1 FROM episode")
    static let episodeExists = Query("SELECT 1 FROM episode WHERE id = ?")
    static let saveEpisode = Query(
        """
        INSERT INTO episode (id, anomaly, order_no, customer, kind, priority, status, bank, rail, detected_at, version, opened_by, hold_until,
            funds, step, eta, deadline, variant, facts, resolution, told, incident)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET anomaly = excluded.anomaly, order_no = excluded.order_no, customer = excluded.customer,
            kind = excluded.kind, priority = excluded.priority, status = excluded.status, bank = excluded.bank, rail = excluded.rail,
            detected_at = excluded.detected_at, version = excluded.version, opened_by = excluded.opened_by, hold_until = excluded.hold_until,
            funds = excluded.funds, step = excluded.step, eta = excluded.eta, deadline = excluded.deadline, variant = excluded.variant,
            facts = excluded.facts, resolution = excluded.resolution, told = excluded.told, incident = excluded.incident
        """)
}

extension SQLiteReads {
    func order(_ order: OrderNumber) throws -> OrderState? {
        try db.first(SQL.order, order) { row in
            OrderState(
                order: try row.order(0), customer: try customer(row.int(1)), lastSeq: row.int(2), lastTime: row.time(3),
                lastEvent: row.text(4),
                version: row.int(5))
        }
    }

    func episode(_ id: EpisodeID) throws -> Episode? { try db.first(SQL.episodeByID, id, read: episode) }
    func episode(anomaly: String) throws -> Episode? { try db.first(SQL.episodeByAnomaly, anomaly, read: episode) }
    func episodes(ofOrder order: OrderNumber) throws -> [Episode] { try db.all(SQL.episodesOfOrder, order, read: episode) }
    func episodeCount(bank: String, rail: String, kind: Kind?, since: Timestamp, until: Timestamp) throws -> Int {
        Int(try db.first(SQL.countEpisodes, bank, rail, since, until, kind) { $0.int(0) } ?? 0)
    }

    private func episode(_ row: Row) throws -> Episode {
        let party = row.int(3)
        return Episode(
            id: row.int(0), anomaly: row.text(1), order: try row.order(2), customer: try customer(party), kind: try row.word(4),
            priority: try row.word(5), status: try row.word(6), bank: row.text(7), rail: row.text(8), detectedAt: row.time(9),
            version: row.int(10), openedBy: row.int(11), holdUntil: row.timeOrNil(12), funds: try row.wordOrNil(13),
            step: row.textOrNil(14),
            eta: row.timeOrNil(15), deadline: row.timeOrNil(16), variant: row.textOrNil(17),
            facts: try openFacts(row.blob(18), of: party, Self.episodeContext(row.int(0))), resolution: try row.wordOrNil(19),
            told: row.bool(20),
            incident: row.textOrNil(21))
    }

    static func episodeContext(_ id: EpisodeID) -> String { "episode/\(id)/facts" }
}

extension SQLiteWrites {
    func save(_ order: OrderState) throws {
        let party = try makeParty(order.customer)
        try db.run(SQL.saveOrder, order.order, party.id, order.lastSeq, order.lastTime, order.lastEvent, order.version)
    }

    func save(_ episode: Episode) throws -> EpisodeID {
        if episode.id != 0, try db.first(SQL.episodeExists, episode.id, read: { _ in true }) == nil {
            throw StoreError.integrity("there is no episode \(episode.id)")
        }
        let id = episode.id == 0 ? try nextID(SQL.nextEpisode) : episode.id
        let party = try makeParty(episode.customer)
        let facts = try Seal.close(episode.facts.json.bytes, key: party.key, context: Self.episodeContext(id))
        try db.run(
            SQL.saveEpisode, id, episode.anomaly, episode.order, party.id, episode.kind, episode.priority, episode.status, episode.bank,
            episode.rail, episode.detectedAt, episode.version, episode.openedBy, episode.holdUntil, episode.funds, episode.step,
            episode.eta,
            episode.deadline, episode.variant, facts, episode.resolution, episode.told, episode.incident)
        return id
    }
}
