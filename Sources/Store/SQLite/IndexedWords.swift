import Core

/// A block of the search index.
struct IndexedBlock {
    var number: Int64
    var first, last: Timestamp
    /// Something in it has changed since it was read: it is looked through row by row.
    var isStale: Bool

    var ids: (first: DeliveryID, end: DeliveryID) { (number << DeliverySet.shift, (number + 1) << DeliverySet.shift) }
    func mayHold(_ filter: DeliveryFilter) -> Bool {
        isStale || (filter.since.map { last >= $0 } ?? true) && (filter.until.map { first < $0 } ?? true)
    }
    /// Nothing in it was planned outside of the filter's span.
    func liesIn(_ filter: DeliveryFilter) -> Bool {
        !isStale && (filter.since.map { first >= $0 } ?? true) && (filter.until.map { last < $0 } ?? true)
    }
}

/// Of some blocks, the deliveries that have the words of a filter.
struct IndexedWords {
    /// Of each block those that have one of the words; the list is empty where nothing is asked for.
    private var only: [[Int64: DeliverySet]] = []
    private var not: [Int64: DeliverySet] = [:]

    init(_ filter: DeliveryFilter, of blocks: ArraySlice<IndexedBlock>, in db: Connection) throws {
        guard let last = blocks.first?.number, let first = blocks.last?.number else { return }
        func add(_ field: SearchField, _ words: [String], to sets: inout [Int64: DeliverySet]) throws {
            for word in words {
                try Self.each(field, word, first...last, in: db) { sets[$0, default: DeliverySet()].formUnion($1) }
            }
        }
        func want(_ field: SearchField, _ words: [String]) throws {
            var sets: [Int64: DeliverySet] = [:]
            try add(field, words, to: &sets)
            only.append(sets)
        }
        for field in DeliveryFilter.Field.allCases {
            let words = filter[field]
            let (wanted, unwanted) = field == .priority ? (Self.lanes(words.only), Self.lanes(words.not)) : (words.only, words.not)
            if !words.only.isEmpty { try want(SearchField(field), wanted) }
            try add(SearchField(field), unwanted, to: &not)
        }
        if let isRead = filter.isRead { try want(.read, [isRead ? "yes" : "no"]) }
        if only.isEmpty { try want(.all, [""]) }
    }

    /// Each block that has the word, and the deliveries.
    static func each(
        _ field: SearchField, _ word: String, _ blocks: ClosedRange<Int64>, in db: Connection, _ body: (Int64, DeliverySet) throws -> Void
    ) throws {
        try db.forEach(SQL.bits, { $0(field.rawValue, word, blocks.lowerBound, blocks.upperBound) }) { row in
            guard let places = DeliverySet(stored: row.bytes(1)) else {
                throw StoreError.integrity("the search index holds no deliveries for \(word)")
            }
            try body(row.int(0), places)
        }
    }

    /// Only those that have one of the words.
    mutating func narrow(to words: [String], of field: SearchField, _ blocks: ClosedRange<Int64>, in db: Connection) throws {
        var sets: [Int64: DeliverySet] = [:]
        for word in words { try Self.each(field, word, blocks, in: db) { sets[$0, default: DeliverySet()].formUnion($1) } }
        only.append(sets)
    }

    private static func lanes(_ words: [String]) -> [String] { words.compactMap { Priority(rawValue: $0).map { "\($0.lane)" } } }

    func fitting(_ block: Int64) -> DeliverySet {
        var set: DeliverySet?
        for wanted in only {
            guard let places = wanted[block] else { return DeliverySet() }
            if set == nil { set = places } else { set?.formIntersection(places) }
        }
        var fitting = set ?? DeliverySet()
        if let unwanted = not[block] { fitting.subtract(unwanted) }
        return fitting
    }
}
