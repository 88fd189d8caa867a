import Core
import Pipeline
import Store
import TestKit
import Server
import Testing

/// Holds, tests of accounts, and what becomes of dead letters, over real HTTP.
@Suite(.timeLimit(.minutes(2)))
struct HoldTests {
    @Test func aHoldIsMadeShownAndEnded() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            let (key, viewer) = (AccessTests.key(of: .operator), AccessTests.key(of: .viewer))
            let body: JSON = ["kind": "bank_delay", "channel": "sms", "for": 7200, "reason": "INC-88", "who": "lee"]
            let made = try await bench.ask("POST", "/v1/holds", key: key, json: body)
            #expect(made.status == 200)
            #expect(try made.json["done"]?.string == "h1 holds kind=bank_delay channel=sms: 0 waiting now")
            let listed = try #require(try await bench.ask("GET", "/v1/holds", key: viewer).json["holds"]?.array?.first)
            let standing = try #require(HoldStanding(json: listed))
            #expect(standing.hold.scope == HoldScope(kind: .bankDelay, channel: .sms) && standing.hold.who == "api operator: lee")
            #expect(standing.hold.until == Bench.noon + .hours(2) && standing.json == listed)
            for none in ["h9", "1", "x", "h0"] {
                #expect(try await bench.ask("POST", "/v1/holds/\(none)/end", key: key, json: ["reason": "x"]).status == 404)
            }
            #expect(try await bench.ask("POST", "/v1/holds/h1/end", key: key, json: [:]).json.fields == ["reason"])
            #expect(try await bench.ask("POST", "/v1/holds/h1/end", key: key, json: ["reason": "over"]).status == 200)
            #expect(try await bench.ask("POST", "/v1/holds/h1/end", key: key, json: ["reason": "over"]).status == 409)
            #expect(try await bench.ask("GET", "/v1/holds", key: viewer).json["holds"]?.array?.isEmpty == true)
            let all = try await bench.ask("GET", "/v1/holds?all=true&limit=5", key: viewer)
            #expect(try all.json["holds"]?.array?.first?["end_reason"]?.string == "over")
        }
    }

    @Test(arguments: [
        (#"{"reason":"x"}"#, "everything"), (#"{"everything":true,"kind":"bank_delay","reason":"x"}"#, "everything"),
        (#"{"kind":"nothing","reason":"x"}"#, "kind"), (#"{"channel":"in_app","reason":"x"}"#, "channel"),
        (#"{"order":"a b","reason":"x"}"#, "order"), (#"{"customer":7,"reason":"x"}"#, "customer"), (#"{"bank":"","reason":"x"}"#, "bank"),
        (#"{"everything":true,"for":0,"reason":"x"}"#, "for"), (#"{"everything":true,"for":"2h","reason":"x"}"#, "for"),
        (#"{"everything":true}"#, "reason"),
    ])
    func aBadHoldNamesItsField(_ body: String, _ field: String) async throws {
        try await Bench.run { bench in
            let reply = try await bench.ask("POST", "/v1/holds", type: "application/json", Array(body.utf8))
            #expect(reply.status == 422)
            #expect(try reply.json.fields == [field])
            let holds = try await bench.store.read { try $0.holds(limit: 9) }
            #expect(holds.isEmpty)
        }
    }

    @Test func aTestNeedsAnAddressAndAnAccount() async throws {
        try await Bench.run { bench in
            func ask(_ account: String, _ body: JSON) async throws -> Wire.Reply {
                try await bench.ask("POST", "/v1/providers/\(account)/test", json: body)
            }
            #expect(try await ask("sms-main", [:]).json.fields == ["to"])
            let mail = try await ask("sms-main", ["to": "me@example.com"])
            #expect(mail.status == 422)
            #expect(!mail.text.contains("me@"))
            #expect(try await ask("sms-x", ["to": "+447700900123"]).status == 404)
            // Nobody is there: whatever the answer is called, it is one, and the log has it.
            let reply = try await ask("sms-main", ["to": "+447700900123", "reason": "INC-88"])
            #expect(reply.status == 200)
            #expect(try reply.json["outcome"]?.string != "accepted")
            #expect(!reply.text.contains("7700900"))
            let log = try await bench.store.read { try $0.log(after: 0, limit: 9) }.filter { $0.entry.act == .providerTest }
            #expect(log.count == 2 && log[0].entry.body["reason"]?.string == "INC-88")
        }
    }

    @Test func aDeadLetterIsDiscardedAndRestored() async throws {
        try await Bench.run { bench in
            let id = try await bench.store.write { writer in
                try writer.insert(
                    DeadLetter(stage: .intake, reason: "event", detail: "x", source: "cli", size: 3, digest: [], at: Bench.noon))
            }
            for (verb, status) in [("restore", 409), ("discard", 200), ("discard", 409), ("restore", 200), ("restore", 409)] {
                let reply = try await bench.ask("POST", "/v1/dead/\(id)/\(verb)", json: ["reason": "x", "who": "lee"])
                #expect(reply.status == status, "\(verb): \(reply.text)")
            }
            let state = try await bench.store.read { try $0.deadLetter(id)?.state }
            #expect(state == .open)
            #expect(try await bench.ask("POST", "/v1/dead/99/discard", json: ["reason": "x"]).status == 404)
        }
    }
}
