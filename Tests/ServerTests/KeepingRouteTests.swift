import Core
import Store
import TestKit
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(1)))
struct KeepingRouteTests {
    @Test func aCustomerIsErasedForAReason() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            let key = AccessTests.key(of: .admin)
            try await bench.store.write { try $0.save(CustomerRecord(id: "CU1", locale: "en")) }
            let path = "/v1/customers/CU1/erase"
            #expect(try await bench.ask("POST", path, key: key, json: [:]).json.fields == ["reason"])
            let vague = try await bench.ask("POST", path, key: key, json: ["reason": "r", "even_if_open": "yes"])
            #expect(try vague.json.fields == ["even_if_open"])
            #expect(try await bench.ask("POST", "/v1/customers/CU9/erase", key: key, json: ["reason": "r"]).status == 404)
            let done = try await bench.ask("POST", path, key: key, json: ["reason": "case 4711", "who": "lee"])
            #expect(try done.status == 200 && done.json["done"]?.string?.hasPrefix("cus_") == true)
            #expect(try await bench.store.read { try $0.customer("CU1") } == nil)
            #expect(try await bench.ask("POST", path, key: key, json: ["reason": "again"]).status == 404)
        }
    }

    @Test func keysAreRotatedWhereThereIsAFile() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            let key = AccessTests.key(of: .admin)
            let reply = try await bench.ask("POST", "/v1/keys/rotate", key: key, json: ["reason": "yearly"])
            #expect(reply.status == 404)
        }
    }
}
