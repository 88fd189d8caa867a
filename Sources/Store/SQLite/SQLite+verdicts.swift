import Core

extension SQL {
    private static let verdictColumns: StaticString = "SELECT id, delivery, is_right, who, note, at FROM verdict"
    static let verdictsOfDelivery = Query(verdictColumns, " WHERE delivery = ? ORDER BY id")
    static let verdictsAll = Query(verdictColumns, " WHERE id < ? ORDER BY id DESC LIMIT ?")
    static let nextVerdict = Query("SELECT coalesce(max(id), 0) + 1 FROM verdict")
    static let insertVerdict = Query("INSERT INTO verdict (id, delivery, is_right, who, note, at) VALUES (?, ?, ?, ?, ?, ?)")
}

extension SQLiteReads {
    func verdicts(ofDelivery delivery: DeliveryID) throws -> [Judgement] {
        try db.all(SQL.verdictsOfDelivery, { $0(delivery) }, read: verdict)
    }
    func verdicts(before id: Int64?, limit: Int) throws -> [Judgement] {
        try db.all(SQL.verdictsAll, { $0(id ?? .max, limit) }, read: verdict)
    }

    private func verdict(_ row: Row) throws -> Judgement {
        let note = try open(row.blob(4), of: Party.systemID, Self.verdictContext(row.int(0)))
        return Judgement(
            id: row.int(0), delivery: row.int(1), isRight: row.bool(2), who: row.text(3),
            note: note.map { String(decoding: $0, as: UTF8.self) } ?? "", at: row.time(5))
    }

    static func verdictContext(_ id: Int64) -> Context { Context("verdict", id, "note") }
}

extension SQLiteWrites {
    func insert(_ verdict: Judgement) throws -> Int64 {
        let id = try db.first(SQL.nextVerdict) { $0.int(0) } ?? 1
        let note = try ring.party(Party.systemID, in: db).close(Array(verdict.note.utf8), Self.verdictContext(id))
        try db.run(SQL.insertVerdict) { $0(id, verdict.delivery, verdict.isRight, verdict.who, note, verdict.at) }
        return id
    }
}
