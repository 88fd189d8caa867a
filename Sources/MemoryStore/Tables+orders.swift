public import Core
import Store

extension MemoryTables {
    public func order(_ order: OrderNumber) throws -> OrderState? { orders[order] }
    public func save(_ order: OrderState) throws {
        meet(order.customer)
        orders[order.order] = order
    }

    // MARK: Episodes

    public func episode(_ id: EpisodeID) throws -> Episode? { try episodes[id].map(whole) }
    public func bareEpisode(_ id: EpisodeID) throws -> Episode? {
        var episode = episodes[id]?.episode
        episode?.facts = Facts()
        return episode
    }
    public func episode(anomaly: String) throws -> Episode? { try episodesByAnomaly[anomaly].last.flatMap { try episode($0) } }
    public func episodes(ofOrder order: OrderNumber) throws -> [Episode] { try episodesByOrder[order].compactMap { try episode($0) } }

    public func openEpisodes(ofCustomer customer: String) throws -> [Episode] {
        try episodesByCustomer[customer].compactMap { try episode($0) }.filter { $0.status == .holding || $0.status == .open }
            .sorted { ($0.detectedAt, $0.id) < ($1.detectedAt, $1.id) }
    }

    private func whole(_ row: EpisodeRow) throws -> Episode {
        guard let notice = row.factsOf else { return row.episode }
        guard let facts = notices[notice]??.notice.facts else {
            throw StoreError.integrity("the facts of episode \(row.episode.id) are nowhere")
        }
        var episode = row.episode
        episode.facts = facts.lasting
        return episode
    }

    public func save(_ episode: Episode, isToldNext: Bool) throws -> EpisodeID {
        var row = EpisodeRow(episode: episode, factsOf: isToldNext ? NoticeID(notices.count + 1) : nil)
        if isToldNext { row.episode.facts = Facts() }
        meet(episode.customer)
        guard episode.id == 0 else {
            let before = episodes[episode.id]?.episode
            if let before, before.detectedAt != episode.detectedAt {
                episodesByBank.remove(DetectedKey(before), from: BankKey(bank: before.bank, rail: before.rail))
                episodesByBank.insert(DetectedKey(episode), into: BankKey(bank: before.bank, rail: before.rail))
            }
            let isThere = episodes.change(episode.id) { old in
                old = row
                return true
            }
            guard isThere else { throw StoreError.integrity("there is no episode \(episode.id)") }
            return episode.id
        }
        row.episode.id = EpisodeID(episodes.count + 1)
        let id = episodes.append(row)
        episodesByAnomaly.append(id, to: episode.anomaly)
        episodesByOrder.append(id, to: episode.order)
        episodesByCustomer.append(id, to: episode.customer)
        episodesByBank.insert(DetectedKey(row.episode), into: BankKey(bank: episode.bank, rail: episode.rail))
        return id
    }

    /// Bank and rail of an episode do not change.
    public func episodeCount(bank: String, rail: String, kind: Kind?, since: Timestamp, until: Timestamp) throws -> Int {
        let (low, high) = (DetectedKey(at: since, id: .min), DetectedKey(at: until, id: .max))
        return episodesByBank[BankKey(bank: bank, rail: rail)]?.count(from: low, through: high) { key in
            kind.map { episodes[key.id]?.episode.kind == $0 } ?? true
        } ?? 0
    }

    public func toldPriority(customer: String, notOfOrder order: OrderNumber, detectedFrom: Timestamp, to: Timestamp) throws -> Priority? {
        var highest: Priority?
        for id in episodesByCustomer[customer] {
            guard let episode = episodes[id]?.episode, episode.told, episode.order != order, episode.detectedAt >= detectedFrom,
                episode.detectedAt <= to
            else { continue }
            highest = max(highest ?? .low, episode.priority)
        }
        return highest
    }

    public func episodeCount(ofCustomer customer: String, bank: String, detectedFrom: Timestamp, to: Timestamp, limit: Int) throws -> Int {
        min(limit, episodesByCustomer[customer].compactMap { episodes[$0]?.episode }.count { $0.isAt(bank, detectedFrom, to) })
    }

    public func episodes(ofCustomer customer: String, bank: String, detectedFrom: Timestamp, to: Timestamp, limit: Int) throws -> [Episode]
    {
        let found = try episodesByCustomer[customer].compactMap { try episode($0) }.filter { $0.isAt(bank, detectedFrom, to) }
        return Array(found.sorted { ($1.detectedAt, $1.id) < ($0.detectedAt, $0.id) }.prefix(limit))
    }

    // MARK: Incidents

    public func incident(id: String) throws -> Incident? { incidentRows[id] }
    public func incidents(bank: String, rail: String) throws -> [Incident] {
        newest(incidentsByBank[BankKey(bank: bank, rail: rail)].compactMap { incidentRows[$0] })
    }
    public func incidents(onlyOpen: Bool, limit: Int) throws -> [Incident] {
        Array(newest(incidentRows.all.filter { !onlyOpen || $0.closedAt == nil }).prefix(limit))
    }
    private func newest(_ incidents: [Incident]) -> [Incident] { incidents.sorted { ($1.since, $1.id) < ($0.since, $0.id) } }

    public func save(_ incident: Incident) throws {
        if incidentRows[incident.id] == nil { incidentsByBank.append(incident.id, to: BankKey(bank: incident.bank, rail: incident.rail)) }
        incidentRows[incident.id] = incident
    }

    public func incidentMember(incident: String, customer: String) throws -> IncidentMember? {
        memberRows[MemberKey(incident: incident, customer: customer)]
    }
    public func incidentMembers(incident: String) throws -> [IncidentMember] {
        membersByIncident[incident].compactMap { memberRows[$0] }.sorted { ($0.toldAt, $0.customer) < ($1.toldAt, $1.customer) }
    }
    public func save(_ member: IncidentMember) throws {
        meet(member.customer)
        let key = MemberKey(incident: member.incident, customer: member.customer)
        if memberRows[key] == nil { membersByIncident.append(key, to: member.incident) }
        memberRows[key] = member
    }
}

extension Episode {
    fileprivate func isAt(_ bank: String, _ from: Timestamp, _ to: Timestamp) -> Bool {
        self.bank == bank && detectedAt >= from && detectedAt <= to
    }
}
