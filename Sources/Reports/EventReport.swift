public import Core
public import Terminal

/// `event show`: what became of one event.
public struct EventReport: Document {
    public static let schema = "clarion.event/1"
    private let facts: JSON

    /// From the answer of `GET /v1/events/{id}`.
    public init(_ answer: JSON) { facts = answer }
    public init(_ event: StoredEvent) {
        facts = [
            "id": .string(event.id), "source": .string(event.source), "type": .string(event.type), "received_at": .text(event.receivedAt),
            "disposition": .string(event.disposition.word), "reason": .code(event.disposition.reason), "order": .text(event.order),
        ]
    }

    public var members: [(String, JSON)] { facts.object ?? [] }
    public var sheet: Sheet {
        var sheet = Sheet(["id", "source", "type", "received_at", "disposition", "reason", "order"])
        sheet.add(sheet.fields.map { facts[$0] ?? .null })
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        func text(_ name: String) -> String { facts[name]?.string ?? "" }
        let received = Timestamp(rfc3339: text("received_at")).map { look.times.full($0) } ?? text("received_at")
        let reason = ReasonCode(rawValue: text("reason"))
        var out = [
            "\(look.bold(text("id")))  \(Safe.text(text("type"))) from \(Safe.text(text("source"))), received \(Safe.text(received))",
            "\(Safe.text(text("disposition")))" + (reason.map { ": \($0.rawValue) (\($0.meaning))" } ?? ""),
        ]
        if !text("order").isEmpty { out.append("Why: clarion explain \(Safe.text(text("order")))") }
        return out
    }
}
