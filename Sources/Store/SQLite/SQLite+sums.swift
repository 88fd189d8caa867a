import Core

extension SQL {
    static let tallies = Query("SELECT name, n FROM tally")
    static let countEvents = Query("SELECT disposition, reason, count(*) FROM event GROUP BY disposition, reason")
    static let countDeliveries = Query("SELECT channel, state, count(*) FROM delivery GROUP BY channel, state")
    static let countIncidents = Query("SELECT count(*) FROM incident")
    // By the index that holds what can be asked of a notice, so that its row, which is large, is not read. Of a notice that was planned before the
    // span a later step may lie in it.
    static let eachDelivery = Query(
        """
        SELECT n.id, n.episode, n.kind, n.stage, n.locale, n.reason, n.planned_at, e.bank, e.rail, e.detected_at,
            d.id, d.channel, d.lane, d.state, d.reason, d.read_at IS NOT NULL, d.account, d.planned_at, a.finished_at, a.parts
        FROM notice n INDEXED BY notice_words
            CROSS JOIN delivery d ON d.id BETWEEN n.id << 3 AND n.id << 3 | 7
            LEFT JOIN episode e ON e.id = n.episode
            LEFT JOIN attempt a ON a.id BETWEEN d.id << 10 AND d.id << 10 | 1023 AND a.state = 'accepted' AND d.tries > 0
        WHERE n.planned_at >= ?1 - 259200000 AND n.planned_at < ?2 AND d.planned_at >= ?1 AND d.planned_at < ?2
        """)
    static let countReviews = Query("SELECT count(*), count(*) FILTER (WHERE cause = 'unmapped_code') FROM review")
}

extension SQLiteReads {
    func accounting() throws -> Accounting {
        var sums = Accounting()
        try db.forEach(SQL.tallies) { row in
            switch Tally(rawValue: row.text(0)) {
            case .duplicate: sums.duplicate = Int(row.int(1))
            case .conflict: sums.conflict = Int(row.int(1))
            case .rejected: sums.rejected = Int(row.int(1))
            case nil: throw StoreError.integrity("an unknown sum is counted")
            }
        }
        try db.forEach(SQL.countEvents) { row in
            let n = Int(row.int(2))
            sums.accepted += n
            switch try Disposition(word: row.text(0), reason: try row.wordOrNil(1)) {
            case .received, .pending: sums.pending += n
            case .planned: sums.planned += n
            case .suppressed(let reason): sums.suppressed[reason, default: 0] += n
            case .stale: sums.stale += n
            case .recorded: sums.recorded += n
            }
        }
        try db.forEach(SQL.countDeliveries) { row in
            sums.deliveries[try row.word(0, Channel.self), default: [:]][try row.word(1, DeliveryState.self)] = Int(row.int(2))
        }
        sums.incidents = Int(try db.first(SQL.countIncidents) { $0.int(0) } ?? 0)
        if let reviews = try db.first(SQL.countReviews, read: { (all: Int($0.int(0)), unmapped: Int($0.int(1))) }) {
            (sums.reviews, sums.unmapped) = (reviews.all, reviews.unmapped)
        }
        return sums
    }
}

extension SQLiteReads {
    func eachDelivery(since: Timestamp?, until: Timestamp?, _ each: (DeliveryStat) throws -> Void) throws {
        var (notice, last, lastID) = (NoticeStat?.none, DeliveryStat?.none, DeliveryID(0))
        let span = (since?.milliseconds ?? Self.farPast, until?.milliseconds ?? .max)
        try db.forEach(SQL.eachDelivery, { $0(span.0, span.1) }) { row in
            let id = row.int(10)
            // More than one attempt was accepted: another row of the same delivery.
            if id == lastID {
                last?.add(row)
                return
            }
            if let last { try each(last) }
            if notice?.id != row.int(0) { notice = try Self.notice(row) }
            guard let notice else { return }
            (last, lastID) = (try Self.delivery(row, of: notice), id)
        }
        if let last { try each(last) }
    }

    /// A later step's three days before it is a time, too.
    private static let farPast = Int64.min / 2

    private static func notice(_ row: Row) throws -> NoticeStat {
        let isForStaff = row.int(1) == 0
        return NoticeStat(
            id: row.int(0), isForStaff: isForStaff, kind: try row.word(2), stage: try row.word(3), locale: try row.word(4),
            reason: try row.word(5), bank: row.text(7), rail: row.text(8), detectedAt: isForStaff ? row.time(6) : row.time(9))
    }

    private static func delivery(_ row: Row, of notice: NoticeStat) throws -> DeliveryStat {
        let (channel, state) = (try row.word(11, Channel.self), try row.word(13, DeliveryState.self))
        let written = channel == .inApp && state == .delivered ? row.time(17) : nil
        return DeliveryStat(
            notice: notice, channel: channel, priority: try row.priority(12), state: state, reason: try row.wordOrNil(14),
            isRead: row.bool(15), account: row.textOrNil(16), takenAt: written ?? row.timeOrNil(18), parts: row.intOrNil(19).map { Int($0) }
        )
    }
}

extension DeliveryStat {
    fileprivate mutating func add(_ row: Row) {
        takenAt = [takenAt, row.timeOrNil(18)].compactMap(\.self).min()
        if let more = row.intOrNil(19) { parts = (parts ?? 0) + Int(more) }
    }
}
