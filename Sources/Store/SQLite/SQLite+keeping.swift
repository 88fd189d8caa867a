import Core

// T9: what is kept no longer.
extension SQL {
    static let destroyKey = Query("UPDATE customer_key SET lookup = NULL, box = x'', master = '' WHERE id = ?")
    static let deleteProfile = Query("DELETE FROM customer WHERE id = ?")
    static let deleteAddressMarks = Query("DELETE FROM address_mark WHERE customer = ?")
    static let deleteMemberships = Query("DELETE FROM incident_member WHERE customer = ?")
    static let insertErasure = Query("INSERT INTO erasure (customer, at) VALUES (?, ?)")
    static let firstErasure = Query("SELECT customer FROM erasure ORDER BY customer LIMIT 1")
    static let countErasures = Query("SELECT count(*) FROM erasure")
    static let deleteErasure = Query("DELETE FROM erasure WHERE customer = ?")
    static let noticesToEmpty = Query("SELECT id FROM notice WHERE customer = ? AND gone < 15 ORDER BY planned_at LIMIT ?")
    static let emptyNotice = Query("UPDATE notice SET box = x'', gone = 15 WHERE id = ?")
    static let emptyEpisodes = Query(
        """
        UPDATE episode SET facts = x'' WHERE id IN (
            SELECT id FROM episode WHERE customer = ? AND facts IS NOT NULL AND facts <> x'' ORDER BY detected_at LIMIT ?)
        """)
    static let emptyEventsOfCustomer = Query(
        """
        UPDATE event SET body = x'' WHERE seq IN (
            SELECT v.seq FROM episode e CROSS JOIN event v ON v.order_no = e.order_no
            WHERE e.customer = ?1 AND v.customer = ?1 AND v.body <> x'' LIMIT ?2)
        """)

    static let eventsAfter = Query("SELECT seq, received_at, disposition FROM event WHERE seq > ? ORDER BY seq LIMIT ?")
    static let emptyEvent = Query("UPDATE event SET body = x'' WHERE seq = ? AND body <> x''")
    // Its opening event is asked for until an episode is over.
    static let isOfOpenEpisode = Query(
        """
        SELECT 1 FROM event v CROSS JOIN episode e ON e.order_no = v.order_no WHERE v.seq = ? AND e.status IN ('holding', 'open') LIMIT 1
        """)
    static let noticesAfter = Query("SELECT id, planned_at FROM notice WHERE id > ? ORDER BY id LIMIT ?")
    static let noticeToDrop = Query("SELECT customer, gone, box FROM notice WHERE id = ?")
    static let dropPart = Query("UPDATE notice SET box = ?, gone = gone | ? WHERE id = ?")
    static let isUnderWay = Query(
        """
        SELECT 1 FROM delivery WHERE id BETWEEN ?1 << 3 AND ?1 << 3 | 7 AND state IN ('ready', 'retry_wait', 'inflight', 'ambiguous')
        UNION ALL SELECT 1 FROM notice n CROSS JOIN episode e ON e.id = n.episode WHERE n.id = ?1 AND e.status IN ('holding', 'open')
        LIMIT 1
        """)
    static let deleteAttemptBoxes = Query("DELETE FROM attempt_box WHERE id BETWEEN ?1 << 13 AND (?1 << 13 | 8191)")
    static let dropAddresses = Query("UPDATE delivery SET address = NULL WHERE id BETWEEN ?1 << 3 AND ?1 << 3 | 7 AND address IS NOT NULL")
    static let keptLonger = Query("SELECT item FROM kept_longer WHERE class = ? ORDER BY item LIMIT ?")
    static let keepLonger = Query("INSERT INTO kept_longer (class, item) VALUES (?, ?) ON CONFLICT DO NOTHING")
    static let keepNoLonger = Query("DELETE FROM kept_longer WHERE class = ? AND item = ?")
    // Its id is not given to another: the last one stays.
    static let deleteLetters = Query(
        """
        DELETE FROM dead_letter WHERE id IN (
            SELECT id FROM dead_letter WHERE state <> 'open' AND at < ? AND id < (SELECT max(id) FROM dead_letter) ORDER BY id LIMIT ?)
        """)

    static let keysAfter = Query("SELECT id, salt, box, master FROM customer_key WHERE id > ? ORDER BY id LIMIT ?")
    static let rewrapKey = Query("UPDATE customer_key SET box = ?, master = ? WHERE id = ?")
}

extension SQLiteReads {
    func keeping() throws -> KeepingState {
        var dropped: [RetentionClass: Int] = [:]
        for kind in RetentionClass.allCases { dropped[kind] = try meta(Keeping.count(kind)).flatMap { Int($0) } ?? 0 }
        let (master, place) = try wrapped()
        let current = ring.masters.current.id
        return KeepingState(
            dropped: dropped, erasing: Int(try db.first(SQL.countErasures) { $0.int(0) } ?? 0), masterKey: current,
            isWrapping: master != current || place != nil)
    }

    /// The master key that data keys were wrapped with last, and after which of them it goes on; nil: all are.
    fileprivate func wrapped() throws -> (master: String, after: Int64?) {
        let words = try meta(Keeping.masterKey)?.split(separator: " ").map(String.init) ?? []
        return words.count == 2 ? (words[0], Int64(words[1])) : ("", 0)
    }
}

/// Where T9 remembers how far it is.
enum Keeping {
    static let masterKey = "master_key"
    static func place(_ kind: RetentionClass) -> String { "retention_place_" + kind.rawValue }
    static func count(_ kind: RetentionClass) -> String { "retention_count_" + kind.rawValue }
    static func done(_ master: String) -> String { master + " done" }
}

extension SQLiteWrites {
    // MARK: Erasure

    func erase(customer: String, at now: Timestamp) throws -> String? {
        guard !customer.isEmpty, let party = try ring.party(of: customer, in: db) else { return nil }
        if !PlantedBug.keepsErasedKeys.isActive { try db.run(SQL.destroyKey) { $0(party.id) } }
        for query in [SQL.deleteProfile, SQL.deleteAddressMarks, SQL.deleteMemberships] { try db.run(query) { $0(party.id) } }
        try db.run(SQL.insertErasure) { $0(party.id, now) }
        forgetErased(party)
        return party.pseudonym
    }

    func sweepErased(limit: Int) throws -> KeepingBatch {
        guard let party = try db.first(SQL.firstErasure, read: { $0.int(0) }) else { return KeepingBatch(changed: 0, isAll: true) }
        let notices = try db.all(SQL.noticesToEmpty, { $0(party, limit) }) { $0.int(0) }
        for notice in notices {
            try db.run(SQL.deleteAttemptBoxes) { $0(notice) }
            try db.run(SQL.dropAddresses) { $0(notice) }
            try db.run(SQL.emptyNotice) { $0(notice) }
        }
        let episodes = try db.run(SQL.emptyEpisodes) { $0(party, limit) }
        let events = try db.run(SQL.emptyEventsOfCustomer) { $0(party, limit) }
        let changed = [notices.count, episodes, events]
        if changed.allSatisfy({ $0 < limit }) { try db.run(SQL.deleteErasure) { $0(party) } }
        return KeepingBatch(changed: changed.reduce(0, +), isAll: try db.first(SQL.firstErasure, read: { $0.int(0) }) == nil)
    }

    // MARK: Retention

    func retain(_ kind: RetentionClass, before limit: Timestamp, rows: Int) throws -> KeepingBatch {
        let batch: KeepingBatch
        switch kind {
        case .events: batch = try retainEvents(before: limit, rows: rows)
        case .contents: batch = try retainNotices(kind, dropping: .sent, before: limit, rows: rows)
        case .contacts: batch = try retainNotices(kind, dropping: .addresses, before: limit, rows: rows)
        case .inbox: batch = try retainNotices(kind, dropping: .inApp, before: limit, rows: rows)
        case .deadLetters:
            let changed = try db.run(SQL.deleteLetters) { $0(limit, rows) }
            batch = KeepingBatch(changed: changed, isAll: changed < rows)
        }
        if batch.changed > 0 {
            let count = try meta(Keeping.count(kind)).flatMap { Int($0) } ?? 0
            try setMeta(Keeping.count(kind), String(count + batch.changed))
        }
        return batch
    }

    private func place(_ kind: RetentionClass) throws -> Int64 { try meta(Keeping.place(kind)).flatMap { Int64($0) } ?? 0 }

    /// Up to the first that is younger, or not decided yet.
    private func retainEvents(before limit: Timestamp, rows: Int) throws -> KeepingBatch {
        let old = try db.all(SQL.eventsAfter, { $0(try self.place(.events), rows) }) {
            (seq: $0.int(0), at: $0.time(1), disposition: $0.text(2))
        }
        .prefix { $0.at < limit && $0.disposition != "received" && $0.disposition != "pending" }
        return try retain(.events, old.map(\.seq), isAll: old.count < rows) { event in
            guard try db.first(SQL.isOfOpenEpisode, { $0(event) }, read: { _ in true }) == nil else { return nil }
            return try db.run(SQL.emptyEvent) { $0(event) } > 0
        }
    }

    private func retainNotices(
        _ kind: RetentionClass, dropping part: NoticeBox.Part, before limit: Timestamp, rows: Int
    ) throws -> KeepingBatch {
        let old = try db.all(SQL.noticesAfter, { $0(try self.place(kind), rows) }) { (id: $0.int(0), at: $0.time(1)) }
            .prefix { $0.at < limit }
        return try retain(kind, old.map(\.id), isAll: old.count < rows) { try drop(part, of: $0) }
    }

    /// What is still needed is kept longer, and looked at again at the end of each round.
    ///
    /// - Parameter drop: whether something was there to drop; nil when it is still needed.
    private func retain(_ kind: RetentionClass, _ old: [Int64], isAll: Bool, _ drop: (Int64) throws -> Bool?) throws -> KeepingBatch {
        var changed = 0
        for item in old {
            switch try drop(item) {
            case true: changed += 1
            case false: break
            case nil: try db.run(SQL.keepLonger) { $0(kind, item) }
            }
        }
        if let last = old.last { try setMeta(Keeping.place(kind), String(last)) }
        guard isAll else { return KeepingBatch(changed: changed, isAll: false) }
        for item in try db.all(SQL.keptLonger, { $0(kind, 1024) }, read: { $0.int(0) }) {
            guard let isDropped = try drop(item) else { continue }
            changed += isDropped ? 1 : 0
            try db.run(SQL.keepNoLonger) { $0(kind, item) }
        }
        return KeepingBatch(changed: changed, isAll: true)
    }

    /// Nil while its episode goes on, or a delivery of it waits, is on the wire or in doubt.
    private func drop(_ part: NoticeBox.Part, of notice: NoticeID) throws -> Bool? {
        guard try PlantedBug.dropsWhatWaits.isActive || db.first(SQL.isUnderWay, { $0(notice) }, read: { _ in true }) == nil else {
            return nil
        }
        guard let row = try db.first(SQL.noticeToDrop, { $0(notice) }, read: { (party: $0.int(0), gone: $0.int(1), box: $0.blob(2)) }),
            row.gone & part.rawValue == 0
        else { return false }
        var box = row.box
        if !box.isEmpty {
            let party = try ring.party(row.party, in: db)
            var parts = try noticeBox(row.box, of: row.party, notice)
            parts.drop(part)
            box = try party.close(parts.bytes, Self.noticeContext(notice))
        }
        if part == .sent { try db.run(SQL.deleteAttemptBoxes) { $0(notice) } }
        if part == .addresses { try db.run(SQL.dropAddresses) { $0(notice) } }
        try db.run(SQL.dropPart) { $0(box, part.rawValue, notice) }
        return true
    }

    // MARK: Rotation

    func rewrap(limit: Int) throws -> KeepingBatch {
        let current = ring.masters.current.id
        let (master, place) = try wrapped()
        if master == current, place == nil { return KeepingBatch(changed: 0, isAll: true) }
        let rows = try db.all(SQL.keysAfter, { $0(master == current ? place ?? 0 : 0, limit) }) {
            (id: $0.int(0), salt: $0.int(1), box: $0.blob(2), master: $0.text(3))
        }
        var changed = 0
        for row in rows where row.master != current && !row.box.isEmpty {
            let (box, master) = try ring.rewrapped(row.box, wrappedWith: row.master, salt: row.salt)
            try db.run(SQL.rewrapKey) { $0(box, master, row.id) }
            changed += 1
        }
        let isAll = rows.count < limit
        try setMeta(Keeping.masterKey, isAll ? Keeping.done(current) : "\(current) \(rows[rows.count - 1].id)")
        if isAll { wantsEmptyLog = true }
        return KeepingBatch(changed: changed, isAll: isAll)
    }
}
