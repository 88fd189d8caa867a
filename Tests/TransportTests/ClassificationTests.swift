import Core
import TestKit
import Testing

@testable import Transport

/// What a server does, what the transfer is, and whether the request may have been taken: the last column is what a repeat depends on.
@Suite struct ClassificationTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var script: [ScriptedServer.Step]
        var cause: TransferFailure.Cause
        var sent = true
        init(_ words: String, _ script: [ScriptedServer.Step], _ cause: TransferFailure.Cause, sent: Bool = true) {
            (testDescription, self.script, self.cause, self.sent) = (words, script, cause, sent)
        }
    }

    static let head = "HTTP/1.1 200 OK\r\n"
    @Test(arguments: [
        Case("hangs up after the request", [.readRequest], .emptyReply),
        Case("hangs up before the request", [], .emptyReply),
        Case("resets after the request", [.readRequest, .reset], .receiveFailed),
        Case("resets inside the body", [.readRequest, .send(head + "Content-Length: 9\r\n\r\nhal"), .reset], .receiveFailed),
        Case("ends inside the body", [.readRequest, .send(head + "Content-Length: 9\r\n\r\nhal")], .truncatedReply),
        Case("ends inside a chunk", [.readRequest, .send(head + "Transfer-Encoding: chunked\r\n\r\n9\r\nhal")], .truncatedReply),
        Case("ends inside a header", [.readRequest, .send(head + "X-Half: ye")], .truncatedReply),
        Case("ends before the empty line", [.readRequest, .send(head + "X-Whole: yes\r\n")], .truncatedReply),
        Case("names two lengths", [.readRequest, .send(head + "Content-Length: 2\r\nContent-Length: 1\r\n\r\nok")], .truncatedReply),
        Case("speaks no HTTP", [.readRequest, .send("SSH-2.0-x\r\n")], .receiveFailed),
        Case("says nothing", [.readRequest, .hold], .timeout),
        Case("stops inside the body", [.readRequest, .send(head + "Content-Length: 9\r\n\r\nhal"), .hold], .timeout),
        Case("sends a long body", [.readRequest, .send(head + "Content-Length: 70000\r\n\r\n"), .sendTimes(70, kilobyte)], .replyTooLarge),
        Case(
            "sends chunks without end", [.readRequest, .send(head + "Transfer-Encoding: chunked\r\n\r\n"), .sendTimes(200, chunk)],
            .replyTooLarge),
        Case("sends a body until it closes", [.readRequest, .send(head + "\r\n"), .sendTimes(200, kilobyte)], .replyTooLarge),
        Case("sends headers without end", [.readRequest, .send(head), .sendTimes(100, "X-Long: \(kilobyte)\r\n")], .replyTooLarge),
    ])
    func byBehaviour(_ one: Case) async throws {
        let server = try ScriptedServer([one.script])
        let account = plainAccount { $0.timeout = .milliseconds(one.cause == .timeout ? 400 : 10_000) }
        let failure = try #require(try await result(of: httpCall(server.url), account).failure)
        // A hang-up with unread bytes is a reset to the client: both are the same to it.
        let causes: Set = one.cause == .emptyReply ? [.emptyReply, .receiveFailed, .sendFailed] : [one.cause]
        #expect(causes.contains(failure.cause), "\(failure)")
        #expect(failure.mayHaveBeenSent == one.sent)
    }
    static let kilobyte = String(repeating: "x", count: 1000)
    static let chunk = "3e8\r\n\(kilobyte)\r\n"

    @Test func refusedConnection() async throws {
        let server = try ScriptedServer([[]])
        let url = server.url
        server.stop()
        let failure = try #require(try await result(of: httpCall(url)).failure)
        #expect((failure.cause, failure.mayHaveBeenSent, failure.code) == (.connect, false, 7))
    }

    @Test func unknownHost() async throws {
        let failure = try #require(try await result(of: httpCall("https://nobody.invalid/")).failure)
        // Without any resolver the machine may only time out.
        #expect([.resolve, .timeout].contains(failure.cause))
        #expect(!failure.mayHaveBeenSent)
    }

    @Test func compressedRepliesStayAsTheyAre() async throws {
        let server = try ScriptedServer([answering(1, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nzzzz")])
        #expect(try await result(of: httpCall(server.url)).text == "zzzz")
        #expect(!server.received[0].lowercased().contains("accept-encoding"))
    }

    @Test func detailsNameNoURL() async throws {
        let server = try ScriptedServer([[.readRequest]])
        let failure = try #require(try await result(of: httpCall(server.url + "/hook/SECRET")).failure)
        #expect(!"\(failure)".contains("SECRET"))
        #expect(!"\(failure)".contains("127.0.0.1"))
    }
}
