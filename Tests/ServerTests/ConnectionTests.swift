import Core
@testable import Server
import TestKit
import Store
import Testing

/// What a peer may not do: be slow, be large, come in crowds, or speak something else.
@Suite(.timeLimit(.minutes(2)))
struct ConnectionTests {
    private static func limits(_ change: (inout HTTPService.Limits) -> Void) -> HTTPService.Limits {
        var limits = HTTPService.Limits()
        change(&limits)
        return limits
    }

    // MARK: Slow

    @Test func halfAHeadIsAnsweredAndClosed() async throws {
        try await Bench.run(limits: Self.limits { $0.headerTime = .milliseconds(50) }) { bench in
            let wire = try bench.connect()
            try wire.send("GET /healthz HTTP/1.1\r\nHost: loc")
            let text = await wire.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 408 ") && text.contains("urn:clarion:problem:too-slow") && text.contains("Connection: close"))
        }
    }

    @Test func theTimeOfAHeadDoesNotBeginAgainWithEachByte() async throws {
        try await Bench.run(limits: Self.limits { ($0.headerTime, $0.headerBytes) = (.milliseconds(50), 1 << 30) }) { bench in
            let wire = try bench.connect()
            try wire.send("GET /healthz HTTP/1.1\r\n")
            // A byte at a time until the other side has had enough: only the server's own clock can end this.
            let answer = Task { await wire.readToEnd() }
            while !Task.isCancelled {
                do { try wire.send("X") } catch { break }
                await Task.yield()
            }
            #expect(await answer.value.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func whoSaysNothingIsClosed() async throws {
        try await Bench.run(limits: Self.limits { $0.headerTime = .milliseconds(50) }) { bench in
            let wire = try bench.connect()
            #expect(await wire.isEnded())
        }
    }

    @Test func aSecondHeadHasATimeToo() async throws {
        try await Bench.run(limits: Self.limits { $0.headerTime = .milliseconds(50) }) { bench in
            let wire = try bench.connect()
            try wire.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await wire.reply().status == 200)
            try wire.send("GET /hea")
            #expect(await wire.readToEnd().hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func halfABodyIsAnsweredAndStoresNothing() async throws {
        try await Bench.run(limits: Self.limits { $0.bodyTime = .milliseconds(50) }) { bench in
            let wire = try bench.connect()
            let line = try Bench.detected().text + "\n"
            try wire.send(
                "POST /v1/queue HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100000\r\n\r\n" + line)
            #expect(await wire.readToEnd().hasPrefix("HTTP/1.1 408 "))
            try await bench.stop()
            #expect(try await bench.store.read { try $0.accounting() }.accepted == 0)
        }
    }

    @Test(arguments: ["Content-Length: 100000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n2000\r\n"])
    func aBodyThatIsCutOffStoresNothing(_ head: String) async throws {
        try await Bench.run { bench in
            let wire = try bench.connect()
            let line = try Bench.detected().text + "\n"
            try wire.send("POST /v1/queue HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n" + head + line)
            wire.finish()
            _ = await wire.readToEnd()
            try await bench.stop()
            #expect(try await bench.store.read { try $0.accounting() }.accepted == 0)
            #expect(try await bench.store.read { try $0.deadLetters(onlyOpen: true, limit: 10) }.isEmpty)
        }
    }

    @Test func anIdleConnectionIsClosed() async throws {
        try await Bench.run(limits: Self.limits { $0.idleTime = .milliseconds(50) }) { bench in
            let wire = try bench.connect()
            try wire.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await wire.reply().status == 200)
            #expect(await wire.isEnded())
        }
    }

    @Test func whatWasBegunBeforeAStopIsAnswered() async throws {
        try await Bench.run { bench in
            let wire = try bench.connect()
            let body = try Bench.detected().bytes
            let head = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cloudevents+json\r\nContent-Length: "
            // In one piece: once the first is answered, the second has begun.
            try wire.send(
                Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n\(head)\(body.count)\r\n\r\n".utf8) + body.prefix(100))
            #expect(try await wire.reply().status == 200)
            await bench.beginStop()
            try wire.send(body.dropFirst(100))
            #expect(try await wire.reply().status == 202)
            try await bench.stop()
            #expect(try await bench.store.read { try $0.accounting() }.accepted == 1)
        }
    }

    @Test func whoAsksAndDoesNotReadIsClosed() async throws {
        try await Bench.run(limits: Self.limits { ($0.stallTime, $0.connections) = (.milliseconds(50), 1) }) { bench in
            let wire = try bench.connect()
            // More than the system's buffers between the two hold.
            try wire.send(String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 2000))
            #expect(try await bench.statusOfAPlace() == 200)
        }
    }

    // MARK: Large, many

    @Test func headersHaveASizeAndANumber() async throws {
        try await Bench.run { bench in
            let long = try bench.connect()
            try long.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + String(repeating: "a", count: 20_000) + "\r\n\r\n")
            let reply = try await long.reply()
            #expect(reply.status == 431)
            #expect(try reply.json.problem == "headers-too-large")
            let many = try bench.connect()
            try many.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + String(repeating: "X-A: b\r\n", count: 80) + "\r\n")
            #expect(try await many.reply().status == 431)
            let address = try bench.connect()
            try address.send("GET /" + String(repeating: "a", count: 20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await address.reply().status == 431)
        }
    }

    @Test func connectionsAreCountedAndComeBack() async throws {
        try await Bench.run(limits: Self.limits { $0.connections = 2 }) { bench in
            let first = try bench.connect(), second = try bench.connect()
            for wire in [first, second] {
                try wire.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                #expect(try await wire.reply().status == 200)
            }
            let third = try bench.connect()
            let text = await third.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 503 ") && text.contains("Retry-After: 1"))
            first.finish()
            #expect(await first.isEnded())
            #expect(try await bench.statusOfAPlace() == 200)
        }
    }

    @Test(arguments: [
        "HELLO\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{0}", "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    ])
    func whatIsNotHTTPIsRefused(_ text: String) async throws {
        try await Bench.run(limits: Self.limits { $0.headerTime = .milliseconds(200) }) { bench in
            let wire = try bench.connect()
            try wire.send(text)
            #expect(await wire.readToEnd().hasPrefix("HTTP/1.1 4"))
        }
    }

    /// Both lengths at once is how a request is smuggled past a proxy.
    @Test func twoLengthsAreRefused() async throws {
        try await Bench.run { bench in
            let wire = try bench.connect()
            try wire.send("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
            #expect(await wire.readToEnd().hasPrefix("HTTP/1.1 400 "))
        }
    }

    // MARK: Manners

    @Test func methodsAndPaths() async throws {
        try await Bench.run { bench in
            let wrong = try await bench.ask("DELETE", "/v1/customers/C-1")
            #expect(wrong.status == 405)
            #expect(Set((wrong.headers["allow"] ?? "").split(separator: ", ")) == ["GET", "HEAD", "PUT", "PATCH", "OPTIONS"])
            for path in ["/", "/v1", "/v1/events/", "/v1/events/a/b", "/v1/events/%zz", "/V1/events", "/v1/inbox/messages/x/unread"] {
                let reply = try await bench.ask("GET", path)
                #expect(reply.status == 404 || reply.status == 405, "\(path)")
                #expect(reply.headers["content-type"] == "application/problem+json")
            }
            let head = try await bench.ask("HEAD", "/healthz")
            let get = try await bench.ask("GET", "/healthz")
            #expect(head.status == 200 && head.headers["content-length"] == get.headers["content-length"])
            #expect(try get.json == ["status": "ok"])
            #expect(get.headers["referrer-policy"] == "no-referrer" && get.headers["server"] == "clarion")
        }
    }

    @Test func aStoreThatIsGoneIsSaidWithoutDetails() async throws {
        try await Bench.run { bench in
            try await bench.store.close()
            let reply = try await bench.ask("GET", "/readyz")
            #expect(reply.status == 503 && reply.headers["retry-after"] == "5")
            #expect(try reply.json.problem == "unavailable")
            #expect(!reply.text.contains("closed") && !reply.text.contains(bench.directory))
            #expect(try await bench.ask("GET", "/healthz").status == 200)
        }
    }
}

extension Bench {
    /// Asks on new connections until one is not turned away: the server counts down on its own loop.
    fileprivate func statusOfAPlace() async throws -> Int {
        var status = 503
        while status == 503, !Task.isCancelled {
            let next = try connect()
            do {
                try next.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                status = try await next.reply().status
            } catch { continue }
        }
        return status
    }
}
