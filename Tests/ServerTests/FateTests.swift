import Core
import Pipeline
import Store
import TestKit
import Testing

/// `GET /v1/events/{id}`: what became of an event, whose whole name is source and id.
@Suite(.timeLimit(.minutes(2)))
struct FateTests {
    @Test func whatPlanningMadeOfItIsSaid() async throws {
        try await Bench.run { bench in
            #expect(try await bench.send(try Bench.detected()).status == 202)
            let before = try await bench.ask("GET", "/v1/events/ev-326c03d6876bf6aa").json
            #expect(before["disposition"] == "received" && before["reason"]?.isNull == true)
            try await bench.settle()
            let after = try await bench.ask("GET", "/v1/events/ev-326c03d6876bf6aa").json
            #expect(after["disposition"]?.string.map { ["planned", "pending"].contains($0) } == true)
            #expect(after["source"] == "/channels/unionpay" && after["order"] == "WD251110001241")
        }
    }

    @Test func anIdWithASlashHasAnAddress() async throws {
        try await Bench.run { bench in
            let reply = try await bench.send(try Bench.detected().setting("id", to: "a/b.c"))
            #expect(reply.headers["location"] == "/v1/events/a%2Fb.c")
            #expect(try await bench.ask("GET", "/v1/events/a%2Fb.c").json["id"] == "a/b.c")
        }
    }

    @Test func anIdThatSeveralSourcesUseIsNotGuessed() async throws {
        try await Bench.run { bench in
            let event = try Bench.detected().setting("id", to: "ev-1")
            for (n, source) in ["/channels/a", "/channels/b & c"].enumerated() {
                let sent = event.setting("source", to: .string(source)).setting("subject", to: .string("WD\(n)")).setting(
                    "data.payout_id", to: .string("WD\(n)"))
                #expect(try await bench.send(sent).status == 202)
            }
            let several = try await bench.ask("GET", "/v1/events/ev-1")
            #expect(several.status == 300)
            #expect(
                try several.json == [
                    "choices": [
                        ["source": "/channels/a", "href": "/v1/events/ev-1?source=%2Fchannels%2Fa"],
                        ["source": "/channels/b & c", "href": "/v1/events/ev-1?source=%2Fchannels%2Fb%20%26%20c"],
                    ]
                ])
            for (n, choice) in try (several.json["choices"]?.array ?? []).enumerated() {
                let one = try await bench.ask("GET", try #require(choice["href"]?.string))
                #expect(one.status == 200)
                #expect(try one.json["source"] == choice["source"] && one.json["order"] == .string("WD\(n)"))
            }
            let none = try await bench.ask("GET", "/v1/events/ev-1?source=/channels/c")
            let unknown = try await bench.ask("GET", "/v1/events/ev-2")
            #expect(none.status == 404 && none.body == unknown.body)
        }
    }

    @Test func anUnknownParameterIsNamed() async throws {
        try await Bench.run { bench in
            let reply = try await bench.ask("GET", "/v1/events/ev-1?sorce=/channels/a")
            #expect(reply.status == 400)
            #expect(try reply.json.fields == ["sorce"])
        }
    }
}
