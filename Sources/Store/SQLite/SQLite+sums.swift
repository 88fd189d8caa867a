import Core

extension SQL {
    static let tallies = Query("SELECT name, n FROM tally")
    static let countEvents = Query("SELECT disposition, reason, count(*) FROM event GROUP BY disposition, reason")
    static let countDeliveries = Query("SELECT channel, state, count(*) FROM delivery GROUP BY channel, state")
    static let countIncidents = Query("SELECT count(*) FROM incident")
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
