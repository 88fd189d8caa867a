public import Core
public import Store
public import Terminal

/// The search language of the CLI and the console: words `name:value`, all of which must hold.
///
/// `order: channel: state: kind: customer: since: until:`; a bare word is an order number.
public enum SearchQuery {
    static let names = ["order", "channel", "state", "kind", "customer", "since", "until"]

    /// Throws a usage fault that names the word and the nearest that is known.
    public static func parse(_ text: String, limit: Int, now: Timestamp, offset: (Timestamp) -> Int) throws(Fault) -> DeliveryQuery {
        var query = DeliveryQuery(limit: limit)
        var seen: Set<String> = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let (name, value) = parts.count == 2 ? (parts[0], parts[1]) : ("order", parts[0])
            guard names.contains(name) else { throw unknown("word", name, names) }
            guard seen.insert(name).inserted else { throw Fault(.usage, "\(name): is there twice", field: "query") }
            guard !value.isEmpty else { throw Fault(.usage, "\(name): needs a value", field: "query") }
            try set(name, value, on: &query, now: now, offset: offset)
        }
        return query
    }

    private static func set(_ name: String, _ value: String, on query: inout DeliveryQuery, now: Timestamp, offset: (Timestamp) -> Int) throws(Fault) {
        switch name {
        case "order":
            guard let order = OrderNumber(value) else { throw Fault(.usage, "\"\(value)\" is not an order number", field: "query") }
            query.order = order
        case "customer": query.customer = value
        case "channel": query.channel = try word(name, value, of: Channel.self)
        case "state": query.state = try word(name, value, of: DeliveryState.self)
        case "kind": query.kind = try word(name, value, of: Kind.self)
        default:
            guard let moment = TimeArgument.moment(value, now: now, offset: offset) else {
                throw Fault(.usage, "\"\(value)\" is not a time", field: "query", hint: "2h, yesterday, 2026-11-18, or RFC 3339")
            }
            if name == "since" { query.since = moment } else { query.until = moment }
        }
    }

    private static func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String, _ value: String, of: Word.Type) throws(Fault) -> Word {
        guard let word = Word(rawValue: value) else { throw unknown(name, value, Word.allCases.map(\.rawValue)) }
        return word
    }

    private static func unknown(_ what: String, _ value: String, _ known: [String]) -> Fault {
        Fault(
            .usage, "there is no \(what) \"\(value)\"", field: "query",
            hint: nearest(to: value, among: known).map { "did you mean \"\($0)\"?" } ?? "known: \(known.joined(separator: ", "))")
    }
}

/// `audit search`: deliveries that match, newest first.
public struct SearchReport: Document {
    public static let schema = "clarion.audit.search/1"
    public struct Hit: Sendable, Equatable {
        public var delivery: DeliveryFact
        public var kind: Kind
        public var stage: NoticeStage
        public init(delivery: DeliveryFact, kind: Kind, stage: NoticeStage) { (self.delivery, self.kind, self.stage) = (delivery, kind, stage) }
    }
    public var hits: [Hit]
    /// There are more than were asked for.
    public var isCut: Bool
    public init(_ hits: [Hit], isCut: Bool) { (self.hits, self.isCut) = (hits, isCut) }

    public static func gather(from reader: any StoreReader, query: DeliveryQuery) throws -> SearchReport {
        var wider = query
        wider.limit = query.limit + 1
        let found = try reader.deliveries(matching: wider)
        var notices: [NoticeID: Notice] = [:]
        var hits: [Hit] = []
        for delivery in found.prefix(query.limit) {
            let notice = try notices[delivery.notice] ?? reader.notice(delivery.notice)
            guard let notice else { throw StoreError.integrity("delivery \(delivery.publicID) has no notice") }
            notices[notice.id] = notice
            hits.append(Hit(delivery: DeliveryFact(delivery), kind: notice.kind, stage: notice.stage))
        }
        return SearchReport(hits, isCut: found.count > query.limit)
    }

    public var members: [(String, JSON)] {
        [("masked", true), ("more", .bool(isCut)), ("deliveries", .array(hits.map(\.json)))]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["planned_at", "order", "customer", "kind", "stage", "channel", "to", "state", "reason", "account", "delivery"])
        for hit in hits {
            let delivery = hit.delivery
            sheet.add([
                .text(delivery.plannedAt), .text(delivery.order), .string(delivery.customer), .code(hit.kind), .code(hit.stage), .code(delivery.channel),
                .string(delivery.to), .code(delivery.state.code), .code(delivery.reason), .text(delivery.account), .string(delivery.id),
            ])
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        guard let first = hits.first else { return ["Nothing matches."] }
        var table = Table([
            .init(look.times.label(at: first.delivery.plannedAt)), .init("ORDER", cut: .middle), .init("NOTICE", cut: .end, priority: 1), .init("CHANNEL"),
            .init("TO", cut: .end, priority: 3), .init("STATE", cut: .end), .init("DELIVERY", cut: .middle, priority: 2),
        ])
        for hit in hits {
            let delivery = hit.delivery
            table.add([
                .init(look.times.dayAndClock(delivery.plannedAt)), .init(delivery.order, .bold), .init("\(hit.kind.rawValue) \(hit.stage.rawValue)"),
                .init(delivery.channel.rawValue), .init(delivery.to), delivery.state.cell(look), .init(delivery.id, .dim),
            ])
        }
        let end = counted(hits.count, "delivery", "deliveries") + (isCut ? ", more with --limit" : "")
        return table.lines(look) + ["", end]
    }
}

extension SearchReport.Hit {
    var json: JSON {
        .object([("order", .text(delivery.order)), ("customer", .string(delivery.customer)), ("kind", .code(kind)), ("stage", .code(stage))] + (delivery.json.object ?? []))
    }
}
