public import Core
public import Store
public import Terminal

/// `audit search`: deliveries that match, newest first.
public struct SearchReport: Document {
    public static let schema = "clarion.audit.search/1"
    public struct Hit: Sendable, Equatable {
        public var delivery: DeliveryFact
        public var kind: Kind
        public var stage: NoticeStage
        public init(delivery: DeliveryFact, kind: Kind, stage: NoticeStage) {
            (self.delivery, self.kind, self.stage) = (delivery, kind, stage)
        }
    }
    public var hits: [Hit]
    /// There are more than were asked for.
    public var isCut: Bool
    /// How many there are, by their words; nil when that was not asked for.
    public var facets: Facets?
    public init(_ hits: [Hit], isCut: Bool, facets: Facets? = nil) { (self.hits, self.isCut, self.facets) = (hits, isCut, facets) }

    /// Where the next page begins: the last delivery of this one.
    public var cursor: String? { isCut ? hits.last?.delivery.id : nil }

    /// - Parameter cursor: of the page before. Throws a usage fault when it is none.
    public static func gather(
        from reader: any StoreReader, search: Search, cursor: String? = nil, facets: Bool = false, revealed: Bool = false
    ) throws -> SearchReport {
        var search = search
        if let cursor {
            guard let last = try reader.delivery(publicID: cursor) else {
                throw Fault(.usage, "it is not the end of a page", field: "cursor", hint: "the cursor of the page before")
            }
            search.query.before = last.id
        }
        let found = try matches(reader, search)
        var notices: [NoticeID: Notice] = [:]
        let hits = try found.prefix(search.query.limit).map { found in
            guard let row = try reader.delivery(found.id), let notice = try notices[row.notice] ?? reader.notice(row.notice) else {
                throw StoreError.integrity("delivery \(found.id) has no notice")
            }
            notices[notice.id] = notice
            return Hit(delivery: DeliveryFact(row, read: found.readAt, revealed: revealed), kind: notice.kind, stage: notice.stage)
        }
        // Of one delivery there is nothing to count.
        let counts = try facets && search.query.delivery == nil ? Facets(of: reader, search) : nil
        return SearchReport(hits, isCut: found.count > search.query.limit, facets: counts)
    }

    /// Pages until there are enough that are shown, and one more, so that the end is known.
    private static func matches(_ reader: any StoreReader, _ search: Search) throws -> [FoundDelivery] {
        if let id = search.query.delivery { return try one(id, search, reader) }
        var found: [FoundDelivery] = []
        var page = search.query
        page.limit = max(search.query.limit, 99) + 1
        while found.count <= search.query.limit {
            let rows = try reader.deliveries(fitting: page)
            found += rows.filter(search.shows)
            guard rows.count == page.limit, let last = rows.last else { break }
            page.before = last.id
        }
        return found
    }

    /// A delivery that was named, if all else fits it.
    private static func one(_ id: String, _ search: Search, _ reader: any StoreReader) throws -> [FoundDelivery] {
        guard let delivery = try reader.delivery(publicID: id), delivery.id < search.query.before ?? .max else { return [] }
        var query = search.query
        guard query.order == nil || query.order == delivery.order else { return [] }
        (query.order, query.before, query.limit) = (delivery.order, nil, .max)
        return try reader.deliveries(fitting: query).filter { $0.id == delivery.id && search.shows($0) }
    }
}

// MARK: - Facets

extension SearchReport {
    /// What matched, counted by each of its words.
    public struct Facets: Sendable, Equatable {
        /// In this order: name, then words and counts, commonest first.
        public var all: [(name: String, counts: [(word: String, count: Int)])] = []
        public var total = 0

        init(of reader: any StoreReader, _ search: Search) throws {
            let found = try reader.counts(fitting: search.query, CountedWords(standing: { search.shows($0) }))
            total = found.total
            func sums<Word: Hashable>(_ counts: [Word: Int], _ name: (Word) -> String) -> [(word: String, count: Int)] {
                Dictionary(counts.map { (name($0.key), $0.value) }, uniquingKeysWith: +).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                    .map { ($0.key, $0.value) }
            }
            all = [
                ("kind", sums(found.topics, \.kind.rawValue)), ("stage", sums(found.topics, \.stage.rawValue)),
                ("channel", sums(found.standings, \.channel.rawValue)), ("state", sums(found.standings) { StateWord.code($0).rawValue }),
                ("reason", sums(found.reasons, \.rawValue)), ("provider", sums(found.accounts) { $0 }), ("bank", sums(found.banks) { $0 }),
                ("locale", sums(found.locales, \.rawValue)), ("priority", sums(found.priorities, \.rawValue)),
            ]
        }

        public static func == (a: Facets, b: Facets) -> Bool { a.total == b.total && a.json == b.json }
        public func counts(_ name: String) -> [String: Int] {
            Dictionary(uniqueKeysWithValues: all.first { $0.name == name }?.counts.map { ($0.word, $0.count) } ?? [])
        }
        var json: JSON { .object(all.map { ($0.name, .object($0.counts.map { ($0.word, .integer($0.count)) })) }) }

        func human(_ look: Look) -> [String] {
            var table = Table([.init("FACET"), .init("WORD", cut: .end), .init("COUNT", isRightAligned: true)])
            for (name, counts) in all {
                for (index, entry) in counts.prefix(12).enumerated() {
                    table.add([.init(index == 0 ? name : ""), .init(entry.word), .init(grouped(entry.count))])
                }
                if counts.count > 12 { table.add([.init(""), .init("\(look.ellipsis) \(counts.count - 12) more"), .init("")]) }
            }
            return table.lines(look)
        }
    }
}

// MARK: - Forms

extension SearchReport {
    public var members: [(String, JSON)] {
        var members: [(String, JSON)] = [
            ("masked", true), ("more", .bool(isCut)), ("cursor", .text(cursor)), ("deliveries", .array(hits.map(\.json))),
        ]
        if let facets { members += [("total", .integer(facets.total)), ("facets", facets.json)] }
        return members
    }

    /// With facets these are the rows: what matched stands in the JSON beside them.
    public var sheet: Sheet {
        if let facets {
            var sheet = Sheet(["facet", "word", "count"])
            for (name, counts) in facets.all {
                for entry in counts { sheet.add([.string(name), .string(entry.word), .integer(entry.count)]) }
            }
            return sheet
        }
        var sheet = Sheet(["planned_at", "order", "customer", "kind", "stage", "channel", "to", "state", "reason", "account", "delivery"])
        for hit in hits {
            let delivery = hit.delivery
            sheet.add([
                .text(delivery.plannedAt), .text(delivery.order), .string(delivery.customer), .code(hit.kind), .code(hit.stage),
                .code(delivery.channel),
                .text(delivery.to), .code(delivery.state.code), .code(delivery.reason), .text(delivery.account), .string(delivery.id),
            ])
        }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        guard let first = hits.first else { return ["Nothing matches."] }
        var table = Table([
            .init(look.times.label(at: first.delivery.plannedAt)), .init("ORDER", cut: .middle), .init("NOTICE", cut: .end, priority: 1),
            .init("CHANNEL"),
            .init("TO", cut: .end, priority: 3), .init("STATE", cut: .end), .init("DELIVERY", cut: .middle, priority: 2),
        ])
        for hit in hits {
            let delivery = hit.delivery
            table.add([
                .init(look.times.dayAndClock(delivery.plannedAt)), .init(delivery.order, .bold),
                .init("\(hit.kind.rawValue) \(hit.stage.rawValue)"),
                .init(delivery.channel.rawValue), .init(delivery.to), delivery.state.cell(look), .init(delivery.id, .dim),
            ])
        }
        let end = counted(hits.count, "delivery", "deliveries") + (cursor.map { ", more with --limit or --after \($0)" } ?? "")
        guard let facets else { return table.lines(look) + ["", end] }
        return table.lines(look) + ["", "\(end), \(counted(facets.total, "matches", "match"))", ""] + facets.human(look)
    }
}

extension SearchReport.Hit {
    var json: JSON {
        .object(
            [("order", .text(delivery.order)), ("customer", .string(delivery.customer)), ("kind", .code(kind)), ("stage", .code(stage))]
                + (delivery.json.object ?? []))
    }
}
