import Core
import Store
import Testing

@Suite("SQLiteStore does what every store must")
struct SQLiteConformanceTests {
    @Test(arguments: Conformance.claims)
    func conforms(_ claim: Claim) async throws {
        let bench = Bench()
        let store = try bench.open()
        try await claim.check(store)
        try await store.close()
    }

    @Test("and what it kept is there when it is opened again")
    func survivesReopening() async throws {
        let bench = Bench()
        let first = try bench.open()
        let (seq, delivery) = try await first.write { writer in
            guard case .accepted(let seq) = try writer.accept(Sample.event("ev-1", body: "kept")) else { throw Unexpected() }
            let delivery = try Sample.planned("dlv_1", writer)
            try writer.append(.init(.start, at: Sample.at(1), body: .null))
            return (seq, delivery)
        }
        try await first.close()
        let second = try bench.open()
        let (body, address, broken) = try await second.read {
            (try $0.event(seq)?.body, try $0.delivery(delivery)?.address, try $0.verifyChain())
        }
        #expect(body == Array("kept".utf8) && address == Sample.phone && broken == nil)
        try await second.write { try $0.append(.init(.start, at: Sample.at(2), body: .null)) }
        #expect(try await second.read { try $0.verifyChain() } == nil)
        try await second.close()
    }
}
