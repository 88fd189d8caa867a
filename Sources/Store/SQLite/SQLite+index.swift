import Core

// The index that searches go by: for each word of a field and each block of notices, which deliveries have it. It is made beside the work, a minute
// after the last notice of a block, so that nothing of it is written on the way from the event to the customer. What changes in an indexed block afterwards
// makes it stale: it is searched row by row until it is read again.
extension SQL {
    fileprivate static let firstStale = Query("SELECT block, stale FROM facet_block WHERE stale > 0 ORDER BY block LIMIT 1")
    fileprivate static let lastBlock = Query("SELECT max(block) FROM facet_block")
    fileprivate static let noticeTime = Query("SELECT planned_at FROM notice WHERE id = ?")
    fileprivate static let rowsOfBlock = Query(
        """
        SELECT d.id, d.channel, d.state, d.account, d.lane, d.reason, n.reason, n.kind, n.stage, n.locale, e.bank, e.rail, d.read_at, d.planned_at
        FROM delivery d CROSS JOIN notice n ON n.id = d.id >> 3 LEFT JOIN episode e ON e.id = n.episode WHERE d.id BETWEEN ? AND ?
        """)
    fileprivate static let claimBlock = Query("INSERT INTO facet_block (block, first_at, last_at, stale) VALUES (?, 0, 0, 1)")
    fileprivate static let touchBlock = Query("UPDATE facet_block SET stale = stale + 1 WHERE block = ?")
    fileprivate static let saveBlock = Query("UPDATE facet_block SET first_at = ?, last_at = ?, stale = 0 WHERE block = ? AND stale = ?")
    fileprivate static let wordsThatChange = Query("SELECT field, word FROM facet_word WHERE field IN (2, 3, 5, 11, 12, 14)")
    fileprivate static let noteWord = Query("INSERT INTO facet_word (field, word) VALUES (?, ?) ON CONFLICT DO NOTHING")
    fileprivate static let dropWord = Query("DELETE FROM facet WHERE field = ? AND word = ? AND block = ?")
    fileprivate static let saveWord = Query(
        """
        INSERT INTO facet (field, word, block, bits) VALUES (?, ?, ?, ?) ON CONFLICT (field, word, block) DO UPDATE SET bits = excluded.bits
        """)
    static let blocks = Query("SELECT block, first_at, last_at, stale FROM facet_block WHERE block <= ? ORDER BY block DESC")
    static let bits = Query("SELECT block, bits FROM facet WHERE field = ? AND word = ? AND block BETWEEN ? AND ?")
}

extension SQLiteReads {
    func searchWork(before limit: Timestamp) throws -> SearchWork? {
        if let (block, changes) = try db.first(SQL.firstStale, read: { ($0.int(0), $0.int(1)) }) {
            return .save(try searchBlock(block, changes: changes))
        }
        let next = try (db.first(SQL.lastBlock) { $0.intOrNil(0) } ?? nil).map { $0 + 1 } ?? 0
        // Its last notice, and one behind it: then nothing more is filed in it but for its own notices.
        let last = RowID.notice(of: (next + 1) << DeliverySet.shift - 1)
        guard try lastNotice() > last else { return nil }
        guard let time = try db.first(SQL.noticeTime, { $0(last) }, read: { $0.time(0) }), time >= limit else { return .claim(block: next) }
        return nil
    }

    private func searchBlock(_ block: Int64, changes: Int64) throws -> SearchBlock {
        struct Word: Hashable {
            var field: SearchField
            var word: String
        }
        var words: [Word: DeliverySet] = [:]
        var (first, last) = (Timestamp(milliseconds: .max), Timestamp(milliseconds: .min))
        let ids = (block << DeliverySet.shift, (block + 1) << DeliverySet.shift - 1)
        try db.forEach(SQL.rowsOfBlock, { $0(ids.0, ids.1) }) { row in
            let place = DeliverySet.place(of: row.int(0))
            func note(_ field: SearchField, _ word: String?) {
                if let word { words[Word(field: field, word: word), default: DeliverySet()].insert(place) }
            }
            let (channel, state, reason) = (row.text(1), row.text(2), row.textOrNil(5))
            note(.all, "")
            note(.channel, channel)
            note(.state, state)
            note(.account, row.textOrNil(3))
            note(.priority, row.text(4))
            note(.reason, reason)
            note(.toldReason, reason ?? row.text(6))
            note(.standing, "\(channel)\t\(state)\t\(reason ?? "")\t\(row.isNull(12) ? 0 : 1)")
            note(.topic, "\(row.text(7))\t\(row.text(8))")
            note(.reason, row.text(6))
            note(.kind, row.text(7))
            note(.stage, row.text(8))
            note(.locale, row.text(9))
            note(.bank, row.textOrNil(10))
            note(.rail, row.textOrNil(11))
            if channel == Channel.inApp.rawValue, state == DeliveryState.delivered.rawValue { note(.read, row.isNull(12) ? "no" : "yes") }
            (first, last) = (min(first, row.time(13)), max(last, row.time(13)))
        }
        return SearchBlock(
            number: block, changes: changes, first: first, last: last,
            words: words.map { ($0.key.field, $0.key.word, $0.value.stored) })
    }
}

extension SQLiteWrites {
    func carryOut(_ work: SearchWork) throws {
        switch work {
        case .claim(let block):
            try db.run(SQL.claimBlock) { $0(block) }
            known.indexedBlocks = nil
        case .save(let block):
            guard try db.run(SQL.saveBlock, { $0(block.first, block.last, block.number, block.changes) }) > 0 else { return }
            // State, account, reason and whether it was read: everything else stays what it was.
            for (field, word) in try db.all(SQL.wordsThatChange, read: { ($0.int(0), $0.text(1)) }) {
                try db.run(SQL.dropWord) { $0(field, word, block.number) }
            }
            for (field, word, places) in block.words {
                try db.run(SQL.noteWord) { $0(field.rawValue, word) }
                try db.run(SQL.saveWord) { $0(field.rawValue, word, block.number, places) }
            }
        }
    }

    /// A delivery came, or has another word now.
    func changed(_ delivery: DeliveryID) throws {
        let indexed = try known.indexedBlocks ?? (db.first(SQL.lastBlock) { $0.intOrNil(0) } ?? nil).map { $0 + 1 } ?? 0
        known.indexedBlocks = indexed
        guard DeliverySet.block(of: delivery) < indexed, !PlantedBug.forgetsChanges.isActive else { return }
        try db.run(SQL.touchBlock) { $0(DeliverySet.block(of: delivery)) }
    }
}
