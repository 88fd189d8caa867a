import Core
import Pipeline
import Store
import TestKit
import Testing

/// Forty broken events over HTTP, each on a store of its own: they share ids on purpose.
@Suite(.timeLimit(.minutes(2)))
struct BadEventTests {
    /// A line of `bad-events.jsonl`.
    struct Bad: Sendable, CustomTestStringConvertible {
        var n: Int64
        var wrong, field, expect: String
        var bytes: [UInt8]
        var testDescription: String { "\(n): \(wrong)" }
    }

    static let all: [Bad] = {
        do {
            return try Bench.fixture("bad-events.jsonl").split(separator: 0x0A).map { line in
                let json = try JSON(parsing: line)
                let coded = json["raw_base64"]?.string.flatMap { Base64.decode($0) }
                return Bad(
                    n: json["n"]?.integer ?? 0, wrong: json["wrong"]?.string ?? "", field: json["field"]?.string ?? "",
                    expect: json["expect"]?.string ?? "", bytes: coded ?? Array((json["raw"]?.string ?? "").utf8))
            }
        } catch { return [] }
    }()

    @Test func thereAreForty() { #expect(Self.all.count == 40) }

    /// The producer keeps what was refused, so nothing of it is stored, not even a dead letter; whatever else is expected of an event, it is
    /// accepted here, and what becomes of it is planning's matter.
    @Test("each alone", arguments: all) func alone(_ bad: Bad) async throws {
        try await Bench.run { bench in
            let reply = try await bench.ask("POST", "/v1/events", type: "application/cloudevents+json", bad.bytes)
            let (sums, letters) = try await bench.store.read { (try $0.accounting(), try $0.deadLetters(onlyOpen: false, limit: 10)) }
            #expect(letters.isEmpty)
            guard bad.expect == "reject" else {
                #expect(reply.status == 202, "\(reply.text)")
                #expect(sums.accepted == 1)
                let stored = try #require(try await bench.store.read { try $0.event(1) }).body
                #expect(!String(decoding: stored, as: UTF8.self).contains("4000056655665556"))
                return
            }
            #expect(sums.accepted == 0)
            if bad.bytes.count > EventReader.sizeLimit {
                #expect(reply.status == 413)
                #expect(try reply.json.problem == "too-large")
            } else {
                #expect(reply.status == 422)
                #expect(try reply.json.problem == "invalid-event")
                #expect(try reply.json.fields.contains(bad.field), "\(reply.text)")
            }
            #expect(reply.headers["content-type"] == "application/problem+json")
        }
    }

    @Test func afterAllOfThemTheServerGoesOn() async throws {
        try await Bench.run { bench in
            for bad in Self.all { _ = try await bench.ask("POST", "/v1/events", type: "application/cloudevents+json", bad.bytes) }
            #expect(try await bench.send(try Bench.detected().setting("id", to: "ev-good")).status == 202)
        }
    }
}
