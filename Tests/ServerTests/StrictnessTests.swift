import Core
import Pipeline
import Store
import TestKit
import Testing

/// One strict way for JSON, whichever route it comes by: size, depth, double keys, broken UTF-8.
@Suite(.timeLimit(.minutes(2)))
struct StrictnessTests {
    static let structured = "application/cloudevents+json"
    static let batch = "application/cloudevents-batch+json"

    private static func padded(to size: Int) throws -> [UInt8] {
        let event = try Bench.detected().bytes
        return event + [UInt8](repeating: 0x20, count: size - event.count)
    }

    @Test func anEventMayHave64KiBAndNotAByteMore() async throws {
        try await Bench.run { bench in
            #expect(try await bench.ask("POST", "/v1/events", type: Self.structured, try Self.padded(to: 65_536)).status == 202)
            let larger = try await bench.ask("POST", "/v1/events", type: Self.structured, try Self.padded(to: 65_537))
            #expect(larger.status == 413)
            #expect(try larger.json.problem == "too-large")
        }
    }

    @Test func aLargeBodyIsRefusedAnnouncedOrNot() async throws {
        try await Bench.run { bench in
            let wire = try bench.connect()
            let head = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: \(Self.structured)\r\n"
            try wire.send(head + "Content-Length: 65537\r\n\r\n")
            #expect(try await wire.reply().status == 413)
            let chunked = try bench.connect()
            try chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n")
            let piece = String(repeating: " ", count: 0x4000)
            for _ in 0..<5 { try chunked.send("4000\r\n\(piece)\r\n") }
            try chunked.send("0\r\n\r\n")
            let reply = try await chunked.reply()
            #expect(reply.status == 413)
            #expect(try reply.json.problem == "too-large")
        }
    }

    @Test func inABatchEachEventHasItsOwnSize() async throws {
        try await Bench.run { bench in
            let good = try Bench.detected()
            let large = good.setting("id", to: "ev-large").setting("data.note", to: .string(String(repeating: "a", count: 65_536)))
            let reply = try await bench.ask("POST", "/v1/events", type: Self.batch, json: [large, good])
            #expect(reply.status == 207)
            let results = try reply.json["results"]?.array ?? []
            #expect(results.map { $0["status"]?.string } == ["refused", "accepted"])
            #expect(results.first?["problem"]?["errors"]?.array?.first?["detail"] == "larger than 65536 bytes")
        }
    }

    /// Depth counts from the event, so that the same event passes alone and in a batch.
    @Test(arguments: [(16, true), (17, false)]) func sixteenLevels(_ levels: Int, isFine: Bool) async throws {
        try await Bench.run { bench in
            // The event and its data are two of them.
            var deep: JSON = 1
            for _ in 0..<(levels - 2) { deep = [deep] }
            let event = try Bench.detected().setting("data.extra", to: deep)
            let single = try await bench.ask("POST", "/v1/events", type: Self.structured, event.bytes)
            #expect(single.status == (isFine ? 202 : 422))
            if !isFine { #expect(try single.json.fields.first?.hasPrefix("data.extra") == true) }
            let listed = event.setting("id", to: "ev-listed").bytes
            let list = try await bench.ask("POST", "/v1/events", type: Self.batch, Array("[".utf8) + listed + Array("]".utf8))
            #expect(list.status == (isFine ? 202 : 422), "\(list.text)")
        }
    }

    static let broken: [(name: String, bytes: [UInt8], field: String)] = [
        ("a key twice", Array(#"{"a":{"b":1,"b":2}}"#.utf8), "a.b"),
        ("a byte that is not UTF-8", Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8), ""),
        ("half a surrogate pair", Array(#"{"a":"\ud800"}"#.utf8), ""),
        ("seventeen levels", Array((#"{"a":"# + String(repeating: "[", count: 16) + String(repeating: "]", count: 16) + "}").utf8), "a"),
        ("cut off", Array(#"{"a":1"#.utf8), ""), ("two values", Array("{}{}".utf8), ""),
        ("a byte order mark", [0xEF, 0xBB, 0xBF, 0x7B, 0x7D], ""),
    ]

    @Test("broken JSON is refused by every route that reads any", arguments: broken.indices) func everywhere(_ n: Int) async throws {
        let (name, bytes, field) = Self.broken[n]
        let binary = ["ce-id: 1", "ce-specversion: 1.0"]
        let routes: [(String, String, String, [String], String)] = [
            ("POST", "/v1/events", Self.structured, [], ""), ("POST", "/v1/events", "application/json", binary, "data"),
            ("POST", "/v1/inbox/tokens", "application/json", [], ""), ("PUT", "/v1/customers/C-1", "application/json", [], ""),
            ("POST", "/v1/dead/1/retry", "application/json", [], ""), ("POST", "/v1/reviews/1/close", "application/json", [], ""),
        ]
        try await Bench.run { bench in
            for (method, path, type, headers, prefix) in routes {
                let reply = try await bench.ask(method, path, type: type, headers: headers, bytes)
                #expect(reply.status == 422, "\(name): \(path)")
                let named = try reply.json.fields.first ?? "none"
                let wanted = [prefix, field].filter { !$0.isEmpty }.joined(separator: ".")
                #expect(named.hasPrefix(wanted), "\(name): \(path): \(named)")
            }
            let list = try await bench.ask("POST", "/v1/events", type: Self.batch, Array("[".utf8) + bytes + Array("]".utf8))
            #expect(list.status == 422, "\(name): batch")
            #expect(try await bench.store.read { try $0.accounting() }.accepted == 0)
        }
    }

    @Test func noAnswerRepeatsTheValueThatIsWrong() async throws {
        try await Bench.run { bench in
            let event = try Bench.detected().setting("data.account.last4", to: "6222021234567890123").setting(
                "data.customer.phone", to: 7
            ).setting("data.amount.currency", to: "4111111111111111")
            let text = try await bench.send(event).text
            #expect(!text.contains("6222021234567890123") && !text.contains("4111111111111111"))
        }
    }
}
