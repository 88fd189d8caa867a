import Core
import Store

extension Desk {
    /// Writes down that everything held about a customer is about to be handed out, by whom and why. Only after this has returned `done` may it be.
    public func exportCustomer(_ customer: String, who: String, reason: String) async throws -> Answer {
        let now = clock.now()
        return try await store.write { writer in
            guard let name = try writer.pseudonym(ofCustomer: customer), name != customer else { return .notFound }
            var body = Self.body("customer export \(name)", who: who, reason: reason).object ?? []
            body.append(("customer", .string(name)))
            try writer.append(LogEntry(.operator, at: now, body: .object(body)))
            return .done("customer export \(name)")
        }
    }
}
