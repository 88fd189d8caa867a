import Store
import Testing

/// One claim of the `Store` protocol. Every store runs all of them, each with an empty store of its own.
struct Claim: Sendable, CustomTestStringConvertible {
    var name: String
    var check: @Sendable (any Store) async throws -> Void
    init(_ name: String, _ check: @escaping @Sendable (any Store) async throws -> Void) { (self.name, self.check) = (name, check) }
    var testDescription: String { name }
}

/// What any store must do. A new store adds one test over `Conformance.claims` with its own way to make a store.
enum Conformance {
    static let claims: [Claim] = [
        events, orders, customers, addresses, incidents, deliveries, attempts, receipts, timers, inbox, people, holds, templates, log,
        proof, sums, trails, search,
        groups,
        keeping,
        sealing,
    ].flatMap { $0 }
}

/// Whether a write fails with this error.
func expectFailure(_ store: any Store, where matches: (any Error) -> Bool, _ body: @escaping @Sendable (any StoreWriter) throws -> Void)
    async
{
    do {
        try await store.write(body)
        Issue.record("the write went through")
    } catch {
        #expect(matches(error), "\(error)")
    }
}

func isIntegrity(_ error: any Error) -> Bool { if case StoreError.integrity = error { true } else { false } }
