import Core
import TestKit
import Testing

@testable import Transport

/// HTTP/2 servers that break off at each phase: never a second copy, never an answer that was not whole.
@Suite struct HTTP2FaultTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var script: [ScriptedServer.Step]
        var isSilent = false
        init(_ words: String, _ frames: [UInt8]..., isSilent: Bool = false) {
            testDescription = words
            script = HTTP2FaultTests.request + frames.map { .sendBytes($0) } + (isSilent ? [.hold] : [])
            self.isSilent = isSilent
        }
    }
    static let request: [ScriptedServer.Step] = [.sendBytes(HTTP2Frame.settings), .readStream]
    static let part = HTTP2Frame.data("{\"id\":", stream: 1, ends: false)

    private static func outcome(of script: [ScriptedServer.Step], timeout: Duration) async throws -> (TransferResult, copies: Int) {
        let authority = try TestAuthority()
        let server = try ScriptedServer([script])
        let front = try await TLSFront(authority, to: server.port, protocols: ["h2"])
        let call = httpCall("https://localhost:\(front.port)/send", version: .http2)
        return (try await result(of: call, TLSTests.account(authority, timeout: timeout)), server.count(of: "to=+8613800138000"))
    }

    @Test("frames that are whole are an answer") func whole() async throws {
        let answer = HTTP2Frame.head(stream: 1) + HTTP2Frame.data("ok", stream: 1, ends: true)
        let (result, copies) = try await Self.outcome(of: Self.request + [.sendBytes(answer), .hold], timeout: .seconds(10))
        #expect(result.text == "ok" && result.reply?.version == .http2, "\(result)")
        #expect(copies == 1)
    }

    @Test(arguments: [
        Case("goes away before it answers"),
        Case("says that it goes away, and looked at nothing", HTTP2Frame.goAway(last: 0)),
        Case("says that it goes away, with the request in hand", HTTP2Frame.goAway(last: 1)),
        Case("goes away between head and body", HTTP2Frame.head(stream: 1), HTTP2Frame.goAway(last: 1)),
        Case("goes away inside the body", HTTP2Frame.head(stream: 1), part, HTTP2Frame.goAway(last: 1, .internalError)),
        Case("closes inside the body", HTTP2Frame.head(stream: 1), part),
        Case("refuses the stream", HTTP2Frame.reset(stream: 1, .refusedStream)),
        Case("resets before the head", HTTP2Frame.reset(stream: 1, .internalError)),
        Case("resets after the head", HTTP2Frame.head(stream: 1), HTTP2Frame.reset(stream: 1, .internalError)),
        Case("resets inside the body", HTTP2Frame.head(stream: 1), part, HTTP2Frame.reset(stream: 1, .cancel)),
        Case("asks for calm", HTTP2Frame.goAway(last: 1, .calmDown)),
        Case("pings and says nothing", Array(repeating: HTTP2Frame.ping, count: 500).flatMap { $0 }, isSilent: true),
        Case("says nothing after the head", HTTP2Frame.head(stream: 1), isSilent: true),
    ])
    func brokenOff(_ one: Case) async throws {
        let (result, copies) = try await Self.outcome(of: one.script, timeout: one.isSilent ? .milliseconds(400) : .seconds(10))
        let failure = try #require(result.failure, "\(result)")
        #expect(failure.mayHaveBeenSent, "\(failure)")
        #expect(copies == 1)
    }
}
