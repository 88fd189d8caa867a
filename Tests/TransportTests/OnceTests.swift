import Core
import TestKit
import Testing

@testable import Transport

/// One attempt is one request, whatever libcurl would like to do.
@Suite struct OnceTests {
    @Test("a reused connection that dies after the request does not bring a second copy", arguments: ["POST", "GET", "DELETE"])
    func deadConnection(_ method: String) async throws {
        // Answers one request, takes the next one whole and hangs up. Another connection would be answered.
        let server = try ScriptedServer([answering(1) + [.readRequest], answering(2)])
        try await withTransport(plainAccount()) { transport in
            #expect(await transport.perform(httpCall(server.url, body: "id=first"), on: "acct").text == "ok")
            let second = httpCall(server.url + "?id=second", method: method, body: method == "POST" ? "held" : "")
            let failure = try #require(await transport.perform(second, on: "acct").failure)
            #expect((failure.cause, failure.mayHaveBeenSent) == (.secondSend, true))
            #expect(server.count(of: "id=second") == 1)
            // The handle is as good as new.
            #expect(await transport.perform(httpCall(server.url, body: "id=third"), on: "acct").text == "ok")
        }
        #expect(server.count(of: "id=third") == 1)
    }

    @Test func theSameByReset() async throws {
        let server = try ScriptedServer([answering(1) + [.readRequest, .reset], answering(1)])
        try await withTransport(plainAccount()) { transport in
            _ = await transport.perform(httpCall(server.url), on: "acct")
            let failure = try #require(await transport.perform(httpCall(server.url, body: "id=second"), on: "acct").failure)
            #expect(failure.mayHaveBeenSent)
        }
        #expect(server.count(of: "id=second") == 1)
    }

    @Test func aConnectionThatDiedAtRestIsReplaced() async throws {
        let server = try ScriptedServer([answering(1), answering(1)])
        try await withTransport(plainAccount()) { transport in
            _ = await transport.perform(httpCall(server.url, body: "id=first"), on: "acct")
            await server.ended(connection: 0)
            let second = await transport.perform(httpCall(server.url, body: "id=second"), on: "acct")
            #expect(second.text == "ok" || second.failure?.mayHaveBeenSent == true)
        }
        #expect(server.count(of: "id=second") <= 1)
    }
}
