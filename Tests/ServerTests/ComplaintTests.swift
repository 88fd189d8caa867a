import Core
import Server
import Store
import TestKit
import Testing

/// Complaints over real HTTP.
@Suite(.timeLimit(.minutes(2)))
struct ComplaintTests {
    private static func know(_ order: String, _ bench: Bench) async throws {
        let state = OrderState(
            order: OrderNumber(order)!, customer: "CU1", lastSeq: 1, lastTime: Bench.noon, lastEvent: "ev-1", version: 1)
        try await bench.store.write { try $0.save(state) }
    }

    @Test func oneIsRecordedAndEnded() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            try await Self.know("WD1", bench)
            let key = AccessTests.key(of: .operator)
            let body: JSON = ["order": "WD1", "reason": "three days late", "who": "lee"]
            let made = try await bench.ask("POST", "/v1/complaints", key: key, json: body)
            #expect(made.status == 200)
            #expect(try made.json["done"]?.string == "complaint 1 about WD1 goes to the complaint officer")
            let item = try #require(try await bench.store.read { try $0.review(1) })
            #expect(item.cause == .complaint && item.note == "three days late")
            for none in ["9", "x", "0"] {
                #expect(try await bench.ask("POST", "/v1/complaints/\(none)/end", key: key, json: ["reason": "x"]).status == 404)
            }
            #expect(try await bench.ask("POST", "/v1/complaints/1/end", key: key, json: [:]).json.fields == ["reason"])
            #expect(try await bench.ask("POST", "/v1/complaints/1/end", key: key, json: ["reason": "answered"]).status == 200)
            #expect(try await bench.ask("POST", "/v1/complaints/1/end", key: key, json: ["reason": "answered"]).status == 409)
        }
    }

    @Test func anOrderThatNobodyKnowsIsNotFound() async throws {
        try await Bench.run { bench in
            let answer = try await bench.ask("POST", "/v1/complaints", json: ["order": "WD9", "reason": "late"])
            #expect(answer.status == 404)
        }
    }

    @Test(arguments: [
        (#"{"reason":"x"}"#, "order"), (#"{"order":"a b","reason":"x"}"#, "order"), (#"{"order":7,"reason":"x"}"#, "order"),
        (#"{"order":"WD1"}"#, "reason"),
    ])
    func aBadOneNamesItsField(_ body: String, _ field: String) async throws {
        try await Bench.run { bench in
            try await Self.know("WD1", bench)
            let reply = try await bench.ask("POST", "/v1/complaints", type: "application/json", Array(body.utf8))
            #expect(reply.status == 422)
            #expect(try reply.json.fields == [field])
        }
    }
}
