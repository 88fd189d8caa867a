import Core

extension SQL {
    private static let incidentColumns: StaticString = "SELECT id, bank, rail, since, until, closed_at, announced FROM incident"
    static let incident = Query(incidentColumns, " WHERE id = ?")
    static let incidentsOfBank = Query(incidentColumns, " WHERE bank = ? AND rail = ? ORDER BY since DESC, id DESC")
    static let incidentsAll = Query(incidentColumns, " ORDER BY since DESC, id DESC LIMIT ?")
    static let incidentsOpen = Query(incidentColumns, " WHERE closed_at IS NULL ORDER BY since DESC, id DESC LIMIT ?")
    static let saveIncident = Query(
        """
        INSERT INTO incident (id, bank, rail, since, until, closed_at, announced) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET bank = excluded.bank, rail = excluded.rail, since = excluded.since, until = excluded.until,
            closed_at = excluded.closed_at, announced = excluded.announced
        """)
    private static let memberColumns: StaticString = "SELECT incident, customer, order_no, told_at, over_told FROM incident_member"
    static let member = Query(memberColumns, " WHERE incident = ? AND customer = ?")
    static let members = Query(memberColumns, " WHERE incident = ? ORDER BY told_at, customer")
    static let saveMember = Query(
        """
        INSERT INTO incident_member (incident, customer, order_no, told_at, over_told) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (incident, customer) DO UPDATE SET order_no = excluded.order_no, told_at = excluded.told_at,
            over_told = excluded.over_told
        """)
}

extension SQLiteReads {
    func incident(id: String) throws -> Incident? { try db.first(SQL.incident, { $0(id) }, read: incident) }
    func incidents(bank: String, rail: String) throws -> [Incident] { try db.all(SQL.incidentsOfBank, { $0(bank, rail) }, read: incident) }
    func incidents(onlyOpen: Bool, limit: Int) throws -> [Incident] {
        try db.all(onlyOpen ? SQL.incidentsOpen : SQL.incidentsAll, { $0(limit) }, read: incident)
    }
    private func incident(_ row: Row) -> Incident {
        Incident(
            id: row.text(0), bank: row.text(1), rail: row.text(2), since: row.time(3), until: row.timeOrNil(4), closedAt: row.timeOrNil(5),
            announced: row.textOrNil(6))
    }

    func incidentMember(incident: String, customer: String) throws -> IncidentMember? {
        guard let party = try ring.party(of: customer, in: db) else { return nil }
        return try db.first(SQL.member, { $0(incident, party.id) }, read: member)
    }
    func incidentMembers(incident: String) throws -> [IncidentMember] { try db.all(SQL.members, { $0(incident) }, read: member) }
    private func member(_ row: Row) throws -> IncidentMember {
        IncidentMember(
            incident: row.text(0), customer: try customer(row.int(1)), order: try row.order(2), toldAt: row.time(3), overTold: row.bool(4))
    }
}

extension SQLiteWrites {
    func save(_ incident: Incident) throws {
        try db.run(SQL.saveIncident) {
            $0(incident.id, incident.bank, incident.rail, incident.since)
            $0(incident.until, incident.closedAt, incident.announced)
        }
    }
    func save(_ member: IncidentMember) throws {
        let party = try makeParty(member.customer)
        try db.run(SQL.saveMember) { $0(member.incident, party.id, member.order, member.toldAt, member.overTold) }
    }
}
