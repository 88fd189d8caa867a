import MemoryStore
import Store
import Testing

@Suite("MemoryStore does what every store must")
struct MemoryConformanceTests {
    @Test(arguments: Conformance.claims)
    func conforms(_ claim: Claim) async throws {
        let store = MemoryStore()
        try await claim.check(store)
        try await store.close()
    }
}
