public import Core
public import Store
public import Terminal

/// `audit sample`: some of the deliveries that match, with their words, for a person who checks by hand whether they were right.
///
/// Which ones depends on the seed and on each delivery alone: the same seed draws the same again, and of a store that has grown since as many of the
/// old ones as still belong to the lowest.
public struct SampleReport: Document {
    public static let schema = "clarion.audit.sample/1"
    public struct Item: Sendable {
        public var hit: SearchReport.Hit
        public var locale: TextLocale
        public var reason: ReasonCode
        /// The words as they were sent; null when they are kept no longer.
        public var content: JSON
        public var verdicts: [Judgement]
    }
    public var seed: UInt64
    /// How many it was drawn from.
    public var population: Int
    public var items: [Item]

    /// Only what had words: what was sent, or lies in the app.
    private static let withWords: [DeliveryState] = [.sent, .delivered, .undelivered, .ambiguous, .unknown]

    public static func gather(from reader: any StoreReader, search: Search, seed: UInt64, count: Int) throws -> SampleReport {
        var (page, drawn, population) = (search.query, [(key: UInt64, found: FoundDelivery)](), 0)
        page.limit = 2_000
        while true {
            let rows = try reader.deliveries(fitting: page)
            for found in rows where withWords.contains(found.state) && search.shows(found) {
                population += 1
                let key = mixed(seed ^ mixed(UInt64(bitPattern: found.id)))
                guard drawn.count < count || key < drawn[drawn.count - 1].key else { continue }
                drawn.insert((key, found), at: drawn.firstIndex { $0.key > key } ?? drawn.count)
                if drawn.count > count { drawn.removeLast() }
            }
            guard rows.count == page.limit, let last = rows.last else { break }
            page.before = last.id
        }
        let items = try drawn.compactMap { try item($0.found, reader) }
        return SampleReport(seed: seed, population: population, items: items)
    }

    private static func item(_ found: FoundDelivery, _ reader: any StoreReader) throws -> Item? {
        guard let row = try reader.delivery(found.id), let notice = try reader.notice(row.notice) else { return nil }
        let report = try DeliveryReport.gather(from: reader, delivery: row.publicID, content: true)
        return Item(
            hit: .init(delivery: DeliveryFact(row, read: found.readAt), kind: notice.kind, stage: notice.stage), locale: notice.locale,
            reason: notice.reason, content: report?.content ?? .null, verdicts: try reader.verdicts(ofDelivery: row.id))
    }

    /// The finalizer of SplitMix64.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

// MARK: - Forms

extension SampleReport {
    public var members: [(String, JSON)] {
        [
            ("masked", true), ("seed", .string(String(seed))), ("population", .integer(population)),
            ("deliveries", .array(items.map(\.json))),
        ]
    }

    public var sheet: Sheet {
        var sheet = Sheet([
            "delivery", "order", "kind", "stage", "reason", "locale", "channel", "state", "planned_at", "content", "verdict",
        ])
        for item in items {
            let delivery = item.hit.delivery
            sheet.add([
                .string(delivery.id), .text(delivery.order), .code(item.hit.kind), .code(item.hit.stage), .code(item.reason),
                .code(item.locale), .code(delivery.channel), .code(delivery.state.code), .text(delivery.plannedAt), item.content,
                .text(item.verdicts.last?.word),
            ])
        }
        return sheet
    }

    public func human(_ look: Look) -> [String] {
        var out: [String] = []
        for item in items {
            let delivery = item.hit.delivery
            let said = item.verdicts.last.map { "  judged \($0.word) by \(Safe.text($0.who))" } ?? ""
            out += [
                "\(look.bold(delivery.id))  \(delivery.channel.rawValue) \(look.dot) order \(delivery.order) \(look.dot) \(look.times.full(delivery.plannedAt))",
                "  \(item.hit.kind.rawValue) \(item.hit.stage.rawValue), \(item.reason.rawValue), \(item.locale.rawValue); \(delivery.state.words(look))\(said)",
            ]
            out += DeliveryReport.lines(of: item.content).map { "    " + $0 } + [""]
        }
        let end = "\(counted(items.count, "delivery", "deliveries")) of \(grouped(population)), seed \(seed)"
        return out + [end] + (items.isEmpty ? [] : ["  \(look.arrow) clarion audit verdict \(items[0].hit.delivery.id) right --note \"…\""])
    }
}

extension SampleReport.Item {
    var json: JSON {
        .object(
            (hit.json.object ?? []) + [
                ("notice_reason", .code(reason)), ("locale", .code(locale)), ("content", content),
                ("verdicts", .array(verdicts.map(\.json))),
            ])
    }
}

extension Judgement {
    var word: String { isRight ? "right" : "wrong" }
    var json: JSON { ["verdict": .string(word), "who": .string(who), "note": .string(note), "at": .text(at)] }
}
