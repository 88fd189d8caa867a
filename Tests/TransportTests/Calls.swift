import Core
import TestKit

@testable import Transport

let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
/// One request answered, over and over.
func answering(_ times: Int, _ reply: String = ok) -> [ScriptedServer.Step] { (0..<times).flatMap { _ in [.readRequest, .send(reply)] } }

extension ScriptedServer {
    var url: String { "http://127.0.0.1:\(port)/send" }
    var mailURL: String { "smtp://127.0.0.1:\(port)/disp.example.com" }
}

/// Plain HTTP to loopback, as the sandbox's accounts.
func plainAccount(_ change: (inout TransportAccount) -> Void = { _ in }) -> TransportAccount {
    var account = TransportAccount(name: "acct", allowPlain: true, addresses: .loopbackOnly)
    change(&account)
    return account
}

func httpCall(
    _ url: String, method: String = "POST", headers: [(name: String, value: HeaderValue)] = [], body: String = "to=+8613800138000",
    version: HTTPCall.Version = .http1
) -> ProviderCall {
    let type = (name: "Content-Type", value: HeaderValue("application/x-www-form-urlencoded")!)
    return .http(HTTPCall(method: method, url: url, headers: [type] + headers, body: Array(body.utf8), version: version))
}

func mailCall(_ url: String, data: String = "Subject: t\r\n\r\nheld\r\n", login: SMTPLogin? = nil) -> ProviderCall {
    .smtp(
        SMTPCall(
            url: url, from: MailAddress("bounce@pay.example")!, to: MailAddress("a@example.net")!, data: Array(data.utf8), login: login))
}

/// A transport with `accounts`, shut down after `body`.
func withTransport<Result>(
    _ accounts: TransportAccount..., capacity: Int = 64, resolver: Resolver = Resolver(), _ body: (Transport) async throws -> Result
) async throws -> Result {
    let transport = Transport(capacity: capacity, resolver: resolver)
    for account in accounts { transport.register(account) }
    do {
        let result = try await body(transport)
        await transport.shutdown(within: .zero)
        return result
    } catch {
        await transport.shutdown(within: .zero)
        throw error
    }
}

/// The result of one call over a transport of its own.
func result(of call: ProviderCall, _ account: TransportAccount = plainAccount()) async throws -> TransferResult {
    try await withTransport(account) { await $0.perform(call, on: "acct") }
}

extension TransferResult {
    var reply: ProviderReply? { if case .reply(let reply) = self { reply } else { nil } }
    var failure: TransferFailure? { if case .failure(let failure) = self { failure } else { nil } }
    var text: String? { reply.map { String(decoding: $0.body, as: UTF8.self) } }
}
