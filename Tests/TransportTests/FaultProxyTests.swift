import Core
import TestKit
import Testing

@testable import Transport

/// Connections that are spoiled on their way, and servers that take their time.
@Suite struct FaultProxyTests {
    private static func failure(timeout: Duration, _ change: (inout FaultProxy.Rules) -> Void) async throws -> TransferFailure? {
        let server = try ScriptedServer([answering(1) + [.hold]])
        var rules = FaultProxy.Rules()
        change(&rules)
        let all = rules
        let proxy = try FaultProxy(to: server.port) { _ in all }
        defer { proxy.stop() }
        return try await result(of: httpCall("http://127.0.0.1:\(proxy.port)/send"), plainAccount { $0.timeout = timeout }).failure
    }

    @Test("what is slow but whole arrives") func slow() async throws {
        let failure = try await Self.failure(timeout: .seconds(10)) {
            ($0.latency, $0.jitter, $0.bytesPerSecond) = (.milliseconds(2), .milliseconds(2), 20_000)
        }
        #expect(failure == nil)
    }

    @Test("an answer that is cut off is none", arguments: FaultProxy.Ending.allCases) func cutAnswer(_ ending: FaultProxy.Ending)
        async throws
    {
        let timeout: Duration = ending == .freeze ? .milliseconds(400) : .seconds(10)
        let failure = try #require(
            try await Self.failure(timeout: timeout) {
                $0.cutAfter.fromServer = 39
                $0.ending = ending
            })
        #expect(failure.mayHaveBeenSent, "\(failure)")
        let expected: Set<TransferFailure.Cause> =
            switch ending {
            case .close, .halfClose: [.truncatedReply]
            case .reset: [.receiveFailed, .truncatedReply]
            case .freeze: [.timeout]
            }
        #expect(expected.contains(failure.cause), "\(failure)")
    }

    @Test("a request that is cut off may have been taken: only its server knows", arguments: [FaultProxy.Ending.close, .reset, .freeze])
    func cutRequest(_ ending: FaultProxy.Ending) async throws {
        let timeout: Duration = ending == .freeze ? .milliseconds(400) : .seconds(10)
        let failure = try #require(
            try await Self.failure(timeout: timeout) {
                $0.cutAfter.fromClient = 60
                $0.ending = ending
            })
        #expect(failure.mayHaveBeenSent, "\(failure)")
    }

    @Test("a server that reads slowly ends with the time of the call") func slowReader() async throws {
        let failure = try #require(try await Self.failure(timeout: .milliseconds(400)) { $0.bytesPerSecond = 100 })
        #expect(failure.cause == .timeout && failure.mayHaveBeenSent, "\(failure)")
    }

    @Test("a server that answers byte by byte does too") func slowLoris() async throws {
        let server = try ScriptedServer([[.readRequest, .trickle(ok, every: .milliseconds(50))]])
        let failure = try #require(
            try await result(of: httpCall(server.url), plainAccount { $0.timeout = .milliseconds(400) }).failure)
        #expect(failure.cause == .timeout && failure.mayHaveBeenSent, "\(failure)")
    }

    @Test("a million kilobytes are not read", arguments: [("Transfer-Encoding: chunked\r\n", "3e8\r\n", "\r\n"), ("", "", "")])
    func endless(_ header: String, _ before: String, _ after: String) async throws {
        let kilobyte = before + String(repeating: "0", count: 1000) + after
        let server = try ScriptedServer([[.readRequest, .send("HTTP/1.1 200 OK\r\n\(header)\r\n"), .sendTimes(1_000_000, kilobyte)]])
        let failure = try #require(try await result(of: httpCall(server.url)).failure)
        #expect(failure.cause == .replyTooLarge && failure.mayHaveBeenSent, "\(failure)")
        // It could not send on: the connection was closed, long before the end.
        await server.ended(connection: 0)
    }
}
