import Core

extension SQL {
    private static let counts: StaticString = """
        SELECT d.channel, d.state, d.reason, d.read_at IS NOT NULL, n.kind, n.stage, n.reason, d.account, e.bank, n.locale, d.lane, count(*)
        """
    private static let groups: StaticString = """
         GROUP BY d.channel, d.state, d.reason, d.read_at IS NOT NULL, n.kind, n.stage, n.reason, d.account, e.bank, n.locale, d.lane LIMIT ?27
        """
    fileprivate static let countAny = Query(counts, foundAnywhere, whereAll, whereFits, groups)
    fileprivate static let countOrder = Query(counts, foundOfOrder, foundWithNotice, whereParty, whereFits, groups)
    fileprivate static let countCustomer = Query(counts, foundOfCustomer, foundWithNotice, whereCustomer, whereFits, groups)
    fileprivate static let wordsOfField = Query("SELECT word FROM facet_word WHERE field = ?")
}

extension SQLiteReads {
    /// By the index where a block lies in the span that is asked for, else row by row.
    func counts(fitting filter: DeliveryFilter, _ counted: CountedWords) throws -> DeliveryCounts {
        var all = filter
        (all.limit, all.before) = (.max, nil)
        var counts = DeliveryCounts()
        if filter.order != nil {
            try count(SQL.countOrder, all, counted, &counts)
        } else if filter.customer != nil {
            try count(SQL.countCustomer, all, counted, &counts)
        } else {
            let blocks = try indexedBlocks(before: .max)
            try count(SQL.countAny, all, from: blocks.first?.ids.end ?? 0, counted, &counts)
            for block in blocks where !block.liesIn(all) && block.mayHold(all) {
                var part = all
                part.before = block.ids.end
                try count(SQL.countAny, part, from: block.ids.first, counted, &counts)
            }
            var rest = blocks.filter { $0.liesIn(all) }[...]
            while !rest.isEmpty {
                try count(rest.prefix(256), all, counted, &counts)
                rest = rest.dropFirst(256)
            }
        }
        return counts
    }

    private func count(
        _ query: Query, _ filter: DeliveryFilter, from first: DeliveryID = .min, _ counted: CountedWords, _ counts: inout DeliveryCounts
    ) throws {
        guard let bind = try bound(filter, from: first) else { return }
        try db.forEach(query, bind) { row in
            let standing = FoundDelivery.Standing(
                channel: try row.word(0), state: try row.word(1), reason: try row.wordOrNil(2), isRead: row.bool(3))
            let topic = DeliveryCounts.Topic(kind: try row.word(4), stage: try row.word(5))
            guard counted.standing(standing), counted.topic(topic) else { return }
            let n = Int(row.int(11))
            counts.total += n
            counts.standings[standing, default: 0] += n
            counts.topics[topic, default: 0] += n
            counts.reasons[try standing.reason ?? row.word(6), default: 0] += n
            if let account = row.textOrNil(7) { counts.accounts[account, default: 0] += n }
            if let bank = row.textOrNil(8), !bank.isEmpty { counts.banks[bank, default: 0] += n }
            counts.locales[try row.word(9), default: 0] += n
            counts.priorities[try row.priority(10), default: 0] += n
        }
    }

    // MARK: By the index

    private func count(
        _ blocks: ArraySlice<IndexedBlock>, _ filter: DeliveryFilter, _ counted: CountedWords, _ counts: inout DeliveryCounts
    ) throws {
        guard let last = blocks.first?.number, let first = blocks.last?.number else { return }
        var words = try IndexedWords(filter, of: blocks, in: db)
        let (standings, topics) = (
            try indexed(.standing, FoundDelivery.Standing.init(indexed:)), try indexed(.topic, DeliveryCounts.Topic.init(indexed:))
        )
        let (told, about) = (standings.filter { counted.standing($0.value) }, topics.filter { counted.topic($0.value) })
        if told.count < standings.count { try words.narrow(to: told.map(\.word), of: .standing, first...last, in: db) }
        if about.count < topics.count { try words.narrow(to: about.map(\.word), of: .topic, first...last, in: db) }
        var fitting: [Int64: DeliverySet] = [:]
        for block in blocks {
            let places = words.fitting(block.number)
            guard !places.isEmpty else { continue }
            counts.total += places.count
            fitting[block.number] = places
        }
        func sum(_ field: SearchField, _ word: String) throws -> Int {
            var sum = 0
            try IndexedWords.each(field, word, first...last, in: db) { block, places in
                if let wanted = fitting[block] { sum += wanted.countShared(with: places) }
            }
            return sum
        }
        for (word, standing) in told { counts.standings.add(try sum(.standing, word), to: standing) }
        for (word, topic) in about { counts.topics.add(try sum(.topic, word), to: topic) }
        for (word, reason) in try indexed(.toldReason, ReasonCode.init(rawValue:)) {
            counts.reasons.add(try sum(.toldReason, word), to: reason)
        }
        for (word, account) in try indexed(.account, { $0 }) { counts.accounts.add(try sum(.account, word), to: account) }
        for (word, bank) in try indexed(.bank, { $0 }) where !bank.isEmpty { counts.banks.add(try sum(.bank, word), to: bank) }
        for (word, locale) in try indexed(.locale, TextLocale.init(rawValue:)) { counts.locales.add(try sum(.locale, word), to: locale) }
        for (word, priority) in try indexed(.priority, { lane in Priority.allCases.first { "\($0.lane)" == lane } }) {
            counts.priorities.add(try sum(.priority, word), to: priority)
        }
    }

    /// Every word of a field, and what it says.
    private func indexed<Value>(_ field: SearchField, _ value: (String) -> Value?) throws -> [(word: String, value: Value)] {
        try db.all(SQL.wordsOfField, { $0(field.rawValue) }) { $0.text(0) }.map { word in
            guard let value = value(word) else { throw StoreError.integrity("the search index holds no such word: \(word)") }
            return (word, value)
        }
    }
}

extension Dictionary where Value == Int {
    /// What there is none of has no entry.
    fileprivate mutating func add(_ count: Int, to key: Key) {
        if count > 0 { self[key, default: 0] += count }
    }
}

// MARK: Words that belong together

extension FoundDelivery.Standing {
    /// As `searchBlock` writes it.
    init?(indexed text: String) {
        let parts = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let channel = Channel(rawValue: parts[0]), let state = DeliveryState(rawValue: parts[1]),
            let reason = parts[2].isEmpty ? .some(nil) : ReasonCode(rawValue: parts[2]).map(Optional.some)
        else { return nil }
        self.init(channel: channel, state: state, reason: reason, isRead: parts[3] == "1")
    }
}

extension DeliveryCounts.Topic {
    init?(indexed text: String) {
        let parts = text.split(separator: "\t").map(String.init)
        guard parts.count == 2, let kind = Kind(rawValue: parts[0]), let stage = NoticeStage(rawValue: parts[1]) else { return nil }
        self.init(kind: kind, stage: stage)
    }
}
