import Core
import Glibc
import TestKit
import Testing

@testable import Transport

/// What the loop and the handles keep from one call to the next, and what they must not.
@Suite struct WireTests {
    @Test("calls that differ in everything share a handle and change no other", arguments: [1, 2])
    func oneHandleForAll(_ rounds: Int) async throws {
        let server = try ScriptedServer([answering(64)])
        let (a, b) = (server.url + "/a", server.url + "/b?q=1")
        let calls: [(method: String, url: String, body: String)] = [
            ("POST", a, "n=1"), ("POST", a, "n=2"), ("POST", a, ""), ("POST", b, "n=3"), ("GET", b, ""), ("GET", b, ""), ("PUT", a, "n=4"),
            ("DELETE", a, ""), ("POST", a, "n=5"), ("POST", b, "n=6"), ("POST", b, "n=7"), ("GET", a, ""), ("POST", a, "n=8"),
        ]
        try await withTransport(plainAccount { $0.maxInFlight = 1 }) { transport in
            for _ in 1...rounds {
                for call in calls {
                    let type: [(name: String, value: HeaderValue)] = call.body.isEmpty ? [] : [("X-Body", HeaderValue(call.body)!)]
                    let result = await transport.perform(
                        httpCall(call.url, method: call.method, headers: type, body: call.body), on: "acct")
                    #expect(result.text == "ok")
                }
            }
        }
        let lines = calls.map { call in
            let hasBody = !call.body.isEmpty || call.method == "POST"
            return
                "\(call.method) \(call.url.dropFirst("http://127.0.0.1:\(server.port)".count)) HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
                + "User-Agent: Clarion\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + (call.body.isEmpty ? "" : "X-Body: \(call.body)\r\n") + (hasBody ? "Content-Length: \(call.body.utf8.count)\r\n" : "")
                + "\r\n"
                + call.body
        }
        #expect(server.received == [Array(repeating: lines.joined(), count: rounds).joined()])
    }

    @Test("what is refused once is refused again", arguments: ["http://u:p@127.0.0.1:PORT/", "http://127.0.0.1:PORT:1/", "nothing", ""])
    func refusedAgain(_ url: String) async throws {
        let server = try ScriptedServer([answering(9)])
        let url = url.replacing("PORT", with: "\(server.port)")
        try await withTransport(plainAccount { $0.maxInFlight = 1 }) { transport in
            for _ in 1...3 {
                let failure = try #require(await transport.perform(httpCall(url), on: "acct").failure)
                #expect(!failure.mayHaveBeenSent)
            }
            #expect(await transport.perform(httpCall(server.url), on: "acct").text == "ok")
        }
        #expect(server.received.count == 1)
    }

    @Test("head and body arrive together, over a connection that is new and over one that is kept")
    func oneReadForARequest() async throws {
        let (listener, port) = try listening()
        defer { close(listener) }
        let reads = Task.detached { () -> [String] in
            let socket = accept(listener, nil, nil)
            defer { close(socket) }
            var room = [UInt8](repeating: 0, count: 4096)
            return (1...3).map { _ in
                let count = read(socket, &room, room.count)
                _ = ok.utf8.withContiguousStorageIfAvailable { write(socket, $0.baseAddress, $0.count) }
                return String(decoding: room.prefix(max(0, count)), as: UTF8.self)
            }
        }
        try await withTransport(plainAccount()) { transport in
            for n in 1...3 {
                #expect(await transport.perform(httpCall("http://127.0.0.1:\(port)/", body: "n=\(n)"), on: "acct").text == "ok")
            }
        }
        for (n, text) in await reads.value.enumerated() { #expect(text.hasPrefix("POST / ") && text.hasSuffix("\r\n\r\nn=\(n + 1)")) }
    }

    @Test func whatNobodyWaitsForDoesNotWakeTheLoopAgain() {
        var (pair, wake): ([Int32], [Int32]) = ([0, 0], [0, 0])
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 && pipe(&wake) == 0)
        defer { for descriptor in pair + wake { close(descriptor) } }
        let watch = Watch(wake: wake[0])
        let multi = Multi(.inSteps, watch: watch, connections: Connections(watch: watch, shared: Sockets()), most: 1)
        defer { multi.cleanUp() }
        func isReady() -> Bool {
            var one = pollfd(fd: watch.epoll, events: Int16(POLLIN), revents: 0)
            return poll(&one, 1, 0) > 0
        }
        watch.opened(pair[0])
        watch.want(Watch.reading, of: pair[0], for: multi)
        write(pair[1], "x", 1)
        #expect(isReady())
        #expect(!watch.wait(0))
        // Wanted, it is ready for as long as nobody reads it; at rest it is heard of once.
        #expect(isReady())
        watch.want(0, of: pair[0], for: multi)
        #expect(isReady())
        #expect(!watch.wait(0))
        #expect(!isReady())
        watch.want(Watch.reading, of: pair[0], for: multi)
        #expect(isReady())
        write(wake[1], "x", 1)
        #expect(watch.wait(-1))
    }

    /// A listening socket on loopback that plays no script.
    private func listening() throws -> (socket: Int32, port: UInt16) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        (address.sin_family, address.sin_addr.s_addr) = (sa_family_t(AF_INET), UInt32(0x7F00_0001).bigEndian)
        let isBound = withUnsafePointer(to: &address) { start in
            UnsafeRawPointer(start).withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isBound && listen(socket, 8) == 0)
        return (socket, try #require(SocketAddress(local: socket)).port)
    }
}
