import Core
import TestKit
import Testing

@testable import Transport

@Suite struct HTTPTests {
    @Test func sendsWhatTheCallSaysAndNothingElse() async throws {
        let server = try ScriptedServer([answering(1)])
        _ = try await result(of: httpCall(server.url, headers: [("X-Id", HeaderValue("7")!), ("X-Empty", HeaderValue("")!)], body: "a=1"))
        #expect(
            server.received == [
                "POST /send HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nUser-Agent: Clarion\r\nAccept: */*\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\nX-Id: 7\r\nX-Empty:\r\nContent-Length: 3\r\n\r\na=1"
            ])
    }

    @Test func readsTheReply() async throws {
        let server = try ScriptedServer([
            answering(1, "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nX-Code:  a b \r\nContent-Length: 4\r\n\r\nwait")
        ])
        let reply = try #require(try await result(of: httpCall(server.url)).reply)
        #expect((reply.status, reply.retryAfter) == (429, .seconds(7)))
        #expect((reply.header("x-code"), String(decoding: reply.body, as: UTF8.self)) == ("a b", "wait"))
        #expect(reply.version == .http1)
    }

    @Test("an absurd wait is none", arguments: ["0", "-5", "99999999", "soon"])
    func retryAfter(_ value: String) async throws {
        let server = try ScriptedServer([answering(1, "HTTP/1.1 503 No\r\nRetry-After: \(value)\r\nContent-Length: 0\r\n\r\n")])
        let reply = try #require(try await result(of: httpCall(server.url)).reply)
        #expect((reply.status, reply.retryAfter) == (503, nil))
    }

    @Test func aReplyMayBeChunkedOrCloseDelimited() async throws {
        let chunked = try ScriptedServer([
            answering(1, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Trailer: t\r\n\r\n")
        ])
        let reply = try #require(try await result(of: httpCall(chunked.url)).reply)
        #expect((String(decoding: reply.body, as: UTF8.self), reply.header("x-trailer")) == ("ok", nil))
        let closing = try ScriptedServer([answering(1, "HTTP/1.1 200 OK\r\n\r\nok")])
        #expect(try await result(of: httpCall(closing.url)).text == "ok")
        let continued = try ScriptedServer([answering(1, "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n" + ok)])
        let final = try #require(try await result(of: httpCall(continued.url)).reply)
        #expect((final.status, final.header("x-early")) == (200, nil))
    }

    @Test func methodsWithoutABody() async throws {
        for method in ["GET", "DELETE", "HEAD"] {
            let server = try ScriptedServer([answering(1, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + (method == "HEAD" ? "" : "ok"))])
            let call = httpCall(server.url, method: method, body: "")
            #expect(try await result(of: call).reply?.status == 200)
            #expect(server.received[0].hasPrefix("\(method) /send HTTP/1.1\r\n"))
        }
    }

    @Test func aLargeBodyIsNotHeldBackForContinue() async throws {
        let server = try ScriptedServer([answering(1)])
        let body = String(repeating: "x", count: 1_200_000)
        #expect(try await result(of: httpCall(server.url, body: body)).text == "ok")
        #expect(server.count(of: "Expect") == 0)
        #expect(server.received[0].utf8.count > body.utf8.count)
    }

    @Test func handlesAndConnectionsAreUsedAgain() async throws {
        let server = try ScriptedServer([answering(3)])
        try await withTransport(plainAccount()) { transport in
            for body in ["first=1", "2", ""] { #expect(await transport.perform(httpCall(server.url, body: body), on: "acct").text == "ok") }
        }
        #expect(server.received.count == 1)
        #expect(server.received[0].hasSuffix("Content-Length: 0\r\n\r\n"))
    }

    @Test("no line break in a name, method or URL reaches the wire", arguments: ["\r\nX-Evil: 1", "\n", "\u{0}", " ", "\u{85}"])
    func injection(_ bad: String) async throws {
        let server = try ScriptedServer([answering(1)])
        let value = HeaderValue("v")!
        #expect(bad == " " || HeaderValue("v" + bad) == nil)
        let calls = [
            httpCall(server.url, headers: [("X-A" + bad, value)]), httpCall(server.url, method: "POST" + bad), httpCall(server.url + bad),
            httpCall(server.url, headers: [("", value)]), httpCall(server.url, headers: [("Content-Length", HeaderValue("0")!)]),
        ]
        for call in calls {
            let failure = try #require(try await result(of: call).failure)
            #expect((failure.cause, failure.mayHaveBeenSent) == (.badURL, false))
        }
        #expect(server.received.isEmpty)
    }

    @Test func aHeaderOfAnyLengthFits() {
        let list = HeaderList()
        for count in [1, 15, 17, 400, 3] {
            let long = String(repeating: "v", count: count * 7)
            #expect(list.fill((0..<count).map { (name: "X-\($0)", value: HeaderValue(long)!) }))
            #expect(list.lines == (0..<count).map { "X-\($0): \(long)" } + ["Expect:", "Content-Type:"])
        }
        for name in ["Expect", "CONNECTION", "content-Length", "Transfer-Encoding", "a b", "", "ä", "a:"] {
            #expect(!list.fill([(name, HeaderValue("1")!)]), "\(name)")
        }
        list.clear()
        #expect(list.list == nil)
    }

    @Test func unixSocket() async throws {
        let path = temporaryPath("s")
        let server = try ScriptedServer([answering(1)], path: path)
        let account = TransportAccount(name: "acct", addresses: .only([]), unixSocket: path)
        #expect(try await result(of: httpCall("http://clarion/status"), account).text == "ok")
        #expect(server.received[0].hasPrefix("POST /status "))
    }
}
