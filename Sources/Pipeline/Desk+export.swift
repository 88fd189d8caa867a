public import Core
import Store

extension Desk {
    /// Which of the store's keys has a successor.
    public enum RotatedKey: Sendable { case master, audit }

    /// Writes down that the log is about to leave the house, who takes it and why; and signs it up to that row, so that what leaves is signed to its
    /// end.
    ///
    /// - Parameter what: `whole`, or the span; nil with an order: the rows of that.
    public func export(order: OrderNumber?, what: String, who: String, reason: String) async throws -> Answer {
        let now = clock.now()
        let answer = try await store.write { writer -> Answer in
            var entry = LogEntry(.operator, at: now, body: .null)
            var command = "audit export \(CardRule.cut(what))"
            if let order {
                guard try writer.order(order) != nil else { return .notFound }
                (entry.order, command) = (order, "audit export --proof \(order)")
            }
            entry.body = Self.body(command, who: who, reason: reason)
            try writer.append(entry)
            return .done(command)
        }
        if case .done = answer { try await Signing.sign(store, at: clock) }
        return answer
    }

    /// From now on checkpoints are signed with another key: the next one announces it.
    public func rotatedAudit(to key: String, who: String, reason: String) async throws {
        let now = clock.now()
        try await store.write { writer in
            var body = Self.body("keys rotate --audit", who: who, reason: reason).object ?? []
            body.append(("key", .string(key)))
            try writer.append(LogEntry(.keys, at: now, body: .object(body)))
        }
        try await Signing.sign(store, at: clock)
    }
}
