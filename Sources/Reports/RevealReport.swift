public import Core
public import Store
public import Terminal

/// What a grant shows: the addresses of one customer or order as they are, each delivery with where it went. Gathered only after the log says who looks.
public struct RevealReport: Document {
    public static let schema = "clarion.reveal/1"
    public let members: [(String, JSON)]
    private let deliveries: [DeliveryFact]

    public static func gather(from reader: any StoreReader, customer: String) throws -> RevealReport {
        var query = DeliveryQuery(limit: 200)
        query.customer = customer
        let facts = try reader.facts(reader.deliveries(matching: query), revealed: true)
        return RevealReport(
            [("customer", .string(customer)), ("record", try reader.customer(customer).map(\.json) ?? .null)], facts)
    }

    public static func gather(from reader: any StoreReader, order: OrderNumber) throws -> RevealReport {
        let rows = try reader.notices(ofOrder: order).filter { $0.audience == .customer }.flatMap { try reader.deliveries(ofNotice: $0.id) }
        return RevealReport([("order", .text(order))], try reader.facts(rows, revealed: true))
    }

    private init(_ head: [(String, JSON)], _ deliveries: [DeliveryFact]) {
        self.deliveries = deliveries
        members = head + [("masked", false), ("deliveries", .array(deliveries.map { Self.json($0) }))]
    }

    private static func json(_ fact: DeliveryFact) -> JSON {
        [
            "delivery": .string(fact.id), "order": .text(fact.order), "channel": .code(fact.channel), "to": .text(fact.to),
            "state": .code(fact.state.code), "planned_at": .text(fact.plannedAt),
        ]
    }

    public var sheet: Sheet {
        var sheet = Sheet(["delivery", "order", "channel", "to", "state", "planned_at"])
        for fact in deliveries { sheet.add((Self.json(fact).object ?? []).map { $0.1 }) }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        deliveries.map { "\(look.times.full($0.plannedAt)) \($0.order) \($0.channel.rawValue) \(Safe.text($0.to.description))" }
    }
}
