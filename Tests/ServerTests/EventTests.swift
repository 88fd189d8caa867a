import Core
import Pipeline
import Store
import TestKit
import Testing

/// `POST /v1/events` and `POST /v1/queue`.
@Suite(.timeLimit(.minutes(2)))
struct EventTests {
    static let batchType = "application/cloudevents-batch+json"

    @Test func aNewEventARepeatAndAConflict() async throws {
        try await Bench.run { bench in
            let event = try Bench.detected()
            let first = try await bench.send(event)
            #expect(first.status == 202)
            #expect(first.headers["location"] == "/v1/events/ev-326c03d6876bf6aa")
            #expect(first.headers["content-type"] == "application/json")
            #expect(first.headers["x-content-type-options"] == "nosniff")
            #expect(try first.json == ["id": "ev-326c03d6876bf6aa", "status": "accepted"])
            let again = try await bench.send(event)
            #expect(again.status == 200)
            #expect(try again.json == ["id": "ev-326c03d6876bf6aa", "status": "duplicate"])
            let other = try await bench.send(event.setting("data.amount.minor", to: 1))
            #expect(other.status == 409)
            #expect(other.headers["content-type"] == "application/problem+json")
            #expect(try other.json.problem == "conflict")
            let fate = try await bench.ask("GET", "/v1/events/ev-326c03d6876bf6aa")
            #expect(try fate.json["disposition"] == "received")
            #expect(try await bench.ask("GET", "/v1/events/ev-none").status == 404)
            let sums = try await bench.store.read { try $0.accounting() }
            #expect(sums.accepted == 1 && sums.duplicate == 1 && sums.conflict == 1)
        }
    }

    @Test func everyMistakeOfAnEventIsNamedAtOnce() async throws {
        try await Bench.run { bench in
            let event = try Bench.detected().setting("data.seq", to: -1).setting("data.amount.currency", to: "ABC").setting(
                "specversion", to: "2.0")
            let fields = try await bench.send(event).json.fields
            #expect(Set(fields).isSuperset(of: ["data.seq", "data.amount.currency", "specversion"]))
        }
    }

    // MARK: Batch

    @Test func eachEventOfABatchStandsForItself() async throws {
        try await Bench.run { bench in
            let good = try Bench.detected()
            func post(_ events: [JSON]) async throws -> String {
                let reply = try await bench.ask("POST", "/v1/events", type: Self.batchType, json: .array(events))
                let words = try reply.json["results"]?.array?.compactMap { $0["status"]?.string } ?? []
                return ([String(reply.status)] + words).joined(separator: " ")
            }
            #expect(try await post([]) == "200")
            #expect(try await post([good]) == "202 accepted")
            #expect(try await post([good]) == "200 duplicate")
            let bad = good.setting("id", to: "ev-bad").setting("data.seq", to: -1)
            let news = good.setting("id", to: "ev-new").setting("data.seq", to: 9)
            let mixed = try await post([bad, good, news, good.setting("data.seq", to: 7), news])
            #expect(mixed == "207 refused duplicate accepted conflict duplicate")
            #expect(try await post([bad, bad]) == "422 refused refused")
        }
    }

    @Test func aBatchIsAListThatCanBeReadAndIsNotTooLong() async throws {
        try await Bench.run { bench in
            let single = try await bench.ask("POST", "/v1/events", type: Self.batchType, json: try Bench.detected())
            #expect(single.status == 422)
            #expect(try single.json.problem == "invalid-batch")
            let cut = try await bench.ask("POST", "/v1/events", type: Self.batchType, Array("[{".utf8))
            #expect(try cut.json.problem == "invalid-batch")
            let many = try await bench.ask("POST", "/v1/events", type: Self.batchType, json: .array(Array(repeating: 1, count: 1001)))
            #expect(many.status == 413)
            #expect(try many.json.problem == "too-many-events")
        }
    }

    // MARK: Binary

    static let binary = [
        "ce-specversion: 1.0", "ce-id: ev-326c03d6876bf6aa", "ce-source: /channels/unionpay",
        "ce-type: com.example.payout.anomaly.detected",
        "ce-subject: WD251110001241", "ce-time: 2025-11-10T00:10:05.099Z", "ce-receivedat: 2025-11-10T00:10:05.878Z",
    ]

    @Test func binaryModeIsTheSameEvent() async throws {
        try await Bench.run { bench in
            let event = try Bench.detected()
            #expect(try await bench.send(event).status == 202)
            let data = try #require(event["data"]).bytes
            let reply = try await bench.ask("POST", "/v1/events", type: "application/json", headers: Self.binary, data)
            #expect(reply.status == 200)
            #expect(try reply.json["status"] == "duplicate")
        }
    }

    @Test func binaryModeDecodesAttributesAndNamesBadOnes() async throws {
        try await Bench.run { bench in
            let data = try #require(try Bench.detected()["data"]).bytes
            let coded = Self.binary.map { $0.replacing("ce-source: /channels/", with: "ce-source: %2Fchannels%2F") }
            #expect(try await bench.ask("POST", "/v1/events", type: "application/json", headers: coded, data).status == 202)
            let twice = try await bench.ask("POST", "/v1/events", type: "application/json", headers: Self.binary + ["ce-id: other"], data)
            #expect(try twice.json.fields == ["id"])
            let percent = Self.binary.map { $0.replacing("/channels/unionpay", with: "%zz") }
            #expect(try await bench.ask("POST", "/v1/events", type: "application/json", headers: percent, data).json.fields == ["source"])
            let broken = try await bench.ask(
                "POST", "/v1/events", type: "application/json", headers: Self.binary, Array(#"{"kind":1,"kind":2}"#.utf8))
            #expect(try broken.json.fields == ["data.kind"])
        }
    }

    // MARK: Manners of the body

    @Test(
        arguments: [
            ("application/json", [], 415), ("text/plain", [], 415), ("application/cloudevents+json", ["Content-Encoding: gzip"], 415),
            ("application/cloudevents+json", ["Content-Encoding: identity"], 422), ("APPLICATION/CloudEvents+JSON; charset=utf-8", [], 422),
        ] as [(String, [String], Int)])
    func typesAndEncodings(_ type: String, _ headers: [String], _ status: Int) async throws {
        try await Bench.run { bench in
            let reply = try await bench.ask("POST", "/v1/events", type: type, headers: headers, Array("{}".utf8))
            #expect(reply.status == status)
        }
    }

    @Test func manyAtOnceAreAllStored() async throws {
        try await Bench.run { bench in
            let event = try Bench.detected()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for n in 0..<64 { group.addTask { try await bench.send(event.setting("id", to: .string("ev-\(n)"))).status } }
                for try await status in group { #expect(status == 202) }
            }
            #expect(try await bench.store.read { try $0.accounting() }.accepted == 64)
        }
    }

    // MARK: Queue

    @Test func linesOfTheQueueAreAcceptedOrBecomeDeadLetters() async throws {
        try await Bench.run { bench in
            let good = try Bench.detected()
            let lines = [
                good.text, "not an event", good.text, good.setting("data.seq", to: 5).text, "", good.setting("id", to: "").text,
            ]
            let reply = try await bench.ask(
                "POST", "/v1/queue", type: "application/x-ndjson", Array((lines.joined(separator: "\n") + "\n").utf8))
            #expect(reply.status == 200)
            let json = try reply.json
            #expect(["accepted", "duplicate", "conflict", "rejected"].map { json[$0]?.integer } == [1, 1, 1, 3])
            let problems = json["problems"]?.array ?? []
            #expect(problems.compactMap { $0["line"]?.integer } == [2, 4, 5, 6])
            #expect(problems.last?.fields == ["id"])
            let letters = try await bench.store.read { try $0.deadLetters(onlyOpen: true, limit: 10) }
            #expect(letters.count == 3)
            #expect(letters.allSatisfy { $0.source == "cli" && $0.stage == .intake })
        }
    }

    @Test func theQueueTakesLinesOnly() async throws {
        try await Bench.run { bench in
            #expect(try await bench.ask("POST", "/v1/queue", json: [:]).status == 415)
            #expect(try await bench.ask("POST", "/v1/queue", type: "application/x-ndjson", []).json["accepted"]?.integer == 0)
            let flood = try await bench.ask("POST", "/v1/queue", type: "application/x-ndjson", [UInt8](repeating: 0x0A, count: 10_001))
            #expect(flood.status == 413)
            #expect(try await bench.store.read { try $0.deadLetters(onlyOpen: true, limit: 10) }.isEmpty)
        }
    }
}
