import Core
import Pipeline
@testable import Server
import Store
import TestKit
import Testing

/// `GET /v1/inbox/stream`: live, resumable, bounded, and over when it should be.
@Suite(.timeLimit(.minutes(2)))
struct StreamTests {
    private func open(_ bench: Bench, _ customer: String = "C-1", after last: String? = nil) async throws -> Wire {
        let wire = try bench.connect()
        let resume = last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        try wire.send(
            "GET /v1/inbox/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(try await bench.token(of: customer))\r\n\(resume)\r\n"
        )
        return wire
    }

    @Test func aNewItemComesAtOnce() async throws {
        try await Bench.run { bench in
            try await bench.put("Old", for: "C-1")
            let wire = try await open(bench)
            let head = try await wire.read(to: "retry: 3000\n\n")
            #expect(head.contains("text/event-stream") && head.contains("no-store"))
            #expect(try await wire.read(to: "\n\n").contains(#"event: counts\#ndata: {"unseen":1,"unread":1}"#))
            let id = try await bench.put("New", for: "C-1")
            let news = try await wire.read(to: #""unread":2}"#)
            #expect(news.contains("id: \(id)\nevent: message\ndata: {"))
            #expect(news.contains(#""title":"New""#) && !news.contains("Old"))
        }
    }

    @Test func whatPlanningTellsIsThereAtOnce() async throws {
        // No beat that could find by chance what nobody told the stream.
        var limits = HTTPService.Limits()
        limits.beat = .seconds(3600)
        try await Bench.run(limits: limits) { bench in
            let wire = try await open(bench, "CU101396")
            _ = try await wire.read(to: #""unread":0}"#)
            try await bench.working {
                #expect(try await bench.send(try Bench.detected()).status == 202)
                let news = try await wire.read(to: #""unread":1}"#)
                #expect(news.contains("event: message") && news.contains(#""order":"WD251110001241""#) && news.contains("8542"))
                #expect(!news.contains("999379") && !news.contains("+8610000001396"))
            }
        }
    }

    @Test func itResumesAfterTheLastEvent() async throws {
        try await Bench.run { bench in
            var ids: [String] = []
            for n in 1...120 { ids.append(try await bench.put("T\(n).", for: "C-1")) }
            try await bench.put("Hers", for: "C-2")
            let wire = try await open(bench, after: ids[1])
            let text = try await wire.read(to: "event: counts")
            let got = text.split(separator: "\n").filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) }
            #expect(got == Array(ids[2...]))
            #expect(!text.contains("reset"))
        }
    }

    @Test func whoMissedTooMuchOrComesWithAForeignPlaceIsToldToStartOver() async throws {
        try await Bench.run { bench in
            let first = try await bench.put("First", for: "C-1")
            for n in 0...InboxFeed.mostMissed { try await bench.put("T\(n)", for: "C-1") }
            let behind = try await open(bench, after: first)
            let text = try await behind.read(to: "event: counts")
            #expect(text.contains("event: reset") && !text.contains("event: message"))
            let foreign = try await open(bench, after: try await bench.put("Hers", for: "C-2"))
            #expect(try await foreign.read(to: "event: counts").contains("event: reset"))
        }
    }

    @Test func anotherCustomersNewsIsNotSent() async throws {
        try await Bench.run { bench in
            let wire = try await open(bench)
            _ = try await wire.read(to: #""unread":0}"#)
            try await bench.put("Hers", for: "C-2")
            try await bench.put("His", for: "C-1")
            let text = try await wire.read(to: #""unread":1}"#)
            #expect(text.contains("His") && !text.contains("Hers"))
        }
    }

    @Test func readingElsewhereChangesTheCounts() async throws {
        try await Bench.run { bench in
            let id = try await bench.put("One", for: "C-1")
            let wire = try await open(bench)
            _ = try await wire.read(to: #"{"unseen":1,"unread":1}"#)
            _ = try await bench.ask("POST", "/v1/inbox/messages/\(id)/read", key: try await bench.token(of: "C-1"))
            _ = try await wire.read(to: #"{"unseen":0,"unread":0}"#)
        }
    }

    @Test func aQuietStreamBeatsAndEndsWithItsToken() async throws {
        var limits = HTTPService.Limits()
        limits.beat = .milliseconds(20)
        try await Bench.run(limits: limits) { bench in
            let wire = try await open(bench)
            _ = try await wire.read(to: ": still here\n\n")
            bench.clock.advance(to: Bench.noon + InboxTokens.life)
            _ = try await wire.read(to: "event: expired")
        }
    }

    @Test func streamsAreCountedAndTheirPlacesComeBack() async throws {
        var limits = HTTPService.Limits()
        (limits.streams, limits.streamsOfOne, limits.beat) = (2, 1, .milliseconds(20))
        try await Bench.run(limits: limits) { bench in
            let mine = try await open(bench)
            _ = try await mine.read(to: "event: counts")
            let second = try await open(bench).reply()
            #expect(second.status == 429 && second.headers["retry-after"] == "15")
            let hers = try await open(bench, "C-2")
            _ = try await hers.read(to: "event: counts")
            let third = try await open(bench, "C-3").reply()
            #expect(third.status == 503 && third.headers["retry-after"] == "15")
            // The end of a token ends its stream.
            bench.clock.advance(to: Bench.noon + InboxTokens.life)
            _ = try await mine.read(to: "event: expired")
            _ = try await mine.read(to: "0\r\n\r\n")
            _ = try await hers.read(to: "0\r\n\r\n")
            // The place is free a moment after the last byte.
            var head = ""
            while !head.contains("200 OK"), !Task.isCancelled { head = try await open(bench).read(to: "\r\n\r\n") }
            #expect(head.contains("200 OK"))
        }
    }

    @Test func aSeatIsFreeWhenNobodyHoldsIt() {
        let streams = Streams(most: 1, mostOfOne: 1, beat: .seconds(1))
        for _ in 1...3 {
            guard case .open(let seat) = streams.open(for: "C-1") else {
                Issue.record("no seat")
                return
            }
            withExtendedLifetime(seat) { #expect(streams.count == 1) }
        }
        #expect(streams.count == 0)
        streams.finish()
        if case .open = streams.open(for: "C-1") { Issue.record("a seat after the end") }
    }

    @Test func stoppingEndsStreams() async throws {
        try await Bench.run { bench in
            let wire = try await open(bench)
            _ = try await wire.read(to: "event: counts")
            try await bench.stop()
            #expect(await wire.readToEnd().hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func aHeadOpensNone() async throws {
        try await Bench.run { bench in
            let reply = try await bench.ask("HEAD", "/v1/inbox/stream", key: try await bench.token(of: "C-1"))
            #expect(reply.status == 200 && reply.headers["content-type"] == "text/event-stream")
        }
    }
}
