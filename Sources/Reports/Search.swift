public import Core
public import Store
public import Terminal

/// The search language of the CLI and the console: words `name:value`, all of which must hold.
///
/// `order: channel: state: kind: customer: since: until:`; a bare word is an order number. States are those of `StateWord.Code`.
public struct Search: Sendable {
    public var query: DeliveryQuery
    public var state: StateWord.Code?
    private static let names = ["order", "channel", "state", "kind", "customer", "since", "until"]

    public init(limit: Int) { query = DeliveryQuery(limit: limit) }

    /// Throws a usage fault that names the word and the nearest that is known.
    public init(_ text: String, limit: Int, now: Timestamp, offset: (Timestamp) -> Int) throws(Fault) {
        query = DeliveryQuery(limit: limit)
        var seen: Set<String> = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let (name, value) = parts.count == 2 ? (parts[0], parts[1]) : ("order", parts[0])
            guard Self.names.contains(name) else { throw Self.unknown("word", name, Self.names) }
            guard seen.insert(name).inserted else { throw Fault(.usage, "\(name): is there twice", field: "query") }
            guard !value.isEmpty else { throw Fault(.usage, "\(name): needs a value", field: "query") }
            try set(name, value, now: now, offset: offset)
        }
    }

    private mutating func set(_ name: String, _ value: String, now: Timestamp, offset: (Timestamp) -> Int) throws(Fault) {
        switch name {
        case "order":
            guard let order = OrderNumber(value) else { throw Fault(.usage, "\"\(value)\" is not an order number", field: "query") }
            query.order = order
        case "customer": query.customer = value
        case "channel": query.channel = try Self.word(name, value, of: Channel.self)
        case "state": state = try Self.word(name, value, of: StateWord.Code.self)
        case "kind": query.kind = try Self.word(name, value, of: Kind.self)
        default:
            guard let moment = TimeArgument.moment(value, now: now, offset: offset) else {
                throw Fault(.usage, "\"\(value)\" is not a time", field: "query", hint: "2h, yesterday, 2026-11-18, or RFC 3339")
            }
            if name == "since" { query.since = moment } else { query.until = moment }
        }
    }

    private static func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String, _ value: String, of: Word.Type) throws(Fault)
        -> Word
    {
        guard let word = Word(rawValue: value) else { throw unknown(name, value, Word.allCases.map(\.rawValue)) }
        return word
    }

    private static func unknown(_ what: String, _ value: String, _ known: [String]) -> Fault {
        Fault(
            .usage, "there is no \(what) \"\(value)\"", field: "query",
            hint: nearest(to: value, among: known).map { "did you mean \"\($0)\"?" } ?? "known: \(known.joined(separator: ", "))")
    }
}

extension StateWord.Code {
    /// The stored states that this word may stand for; which it is, the row decides.
    var stored: [DeliveryState] {
        switch self {
        case .planned, .acked: []
        case .held: [.ready]
        case .queued: [.ready, .retryWait]
        case .sending: [.inflight]
        case .providerAccepted: [.sent, .delivered]
        case .mtaAccepted, .deviceConfirmed, .read: [.delivered]
        case .noReport: [.ambiguous, .unknown]
        case .dropped: [.cancelled, .blocked]
        case .refused: [.undelivered, .dead]
        case .gaveUp: [.dead]
        case .expired: [.expired]
        }
    }
}

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
    public init(_ hits: [Hit], isCut: Bool) { (self.hits, self.isCut) = (hits, isCut) }

    public static func gather(from reader: any StoreReader, search: Search, revealed: Bool = false) throws -> SearchReport {
        var found: [(row: Delivery, fact: DeliveryFact)] = []
        let states = search.state.map { $0.stored.map(Optional.some) } ?? [nil]
        for state in states {
            var query = search.query
            query.state = state
            found += try matches(reader, query, search.state, revealed)
        }
        found.sort { $0.row.id > $1.row.id }
        var notices: [NoticeID: Notice] = [:]
        var hits: [Hit] = []
        for (row, fact) in found.prefix(search.query.limit) {
            guard let notice = try notices[row.notice] ?? reader.notice(row.notice) else {
                throw StoreError.integrity("delivery \(row.publicID) has no notice")
            }
            notices[notice.id] = notice
            hits.append(Hit(delivery: fact, kind: notice.kind, stage: notice.stage))
        }
        return SearchReport(hits, isCut: found.count > search.query.limit)
    }

    /// Pages until there are enough of the word, and one more, so that the end is known.
    private static func matches(_ reader: any StoreReader, _ query: DeliveryQuery, _ word: StateWord.Code?, _ revealed: Bool) throws -> [(
        row: Delivery, fact: DeliveryFact
    )] {
        var found: [(row: Delivery, fact: DeliveryFact)] = []
        var page = query
        page.limit = max(query.limit + 1, 100)
        while found.count <= query.limit {
            let rows = try reader.deliveries(matching: page)
            for row in rows {
                let isInbox = row.channel == .inApp && row.state == .delivered
                let read = try isInbox ? reader.readTimes(customer: row.customer, deliveries: [row])[row.id] : nil
                let fact = DeliveryFact(row, read: read, revealed: revealed)
                if word == nil || fact.state.code == word { found.append((row, fact)) }
            }
            guard rows.count == page.limit, let last = rows.last else { break }
            page.before = last.id
        }
        return found
    }

    public var members: [(String, JSON)] {
        [("masked", true), ("more", .bool(isCut)), ("deliveries", .array(hits.map(\.json)))]
    }
    public var sheet: Sheet {
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
        let end = counted(hits.count, "delivery", "deliveries") + (isCut ? ", more with --limit" : "")
        return table.lines(look) + ["", end]
    }
}

extension SearchReport.Hit {
    var json: JSON {
        .object(
            [("order", .text(delivery.order)), ("customer", .string(delivery.customer)), ("kind", .code(kind)), ("stage", .code(stage))]
                + (delivery.json.object ?? []))
    }
}
