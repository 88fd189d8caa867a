import Config
import Core
import Glibc
import Terminal
import Transport

/// The way to a running worker: its Unix socket. Commands that write go through it; with none running they take the lock themselves.
struct WorkerLink: Sendable {
    private let transport: Transport
    private static let account = "worker"

    /// Nil when no worker answers.
    static func find(_ settings: Settings, timeout: Duration) async -> WorkerLink? {
        let path = WorkerHost.socketPath(settings)
        guard access(path, F_OK) == 0 else { return nil }
        let transport = Transport(capacity: 64)
        transport.register(
            TransportAccount(name: account, allowPlain: true, connectTimeout: .seconds(2), timeout: timeout, unixSocket: path))
        let link = WorkerLink(transport: transport)
        do {
            guard try await link.call("GET", "/readyz").status == 200 else { throw Fault(.unavailable, "the worker is not ready") }
            return link
        } catch {
            // A socket without a worker behind it is left over from a kill.
            await transport.shutdown()
            return nil
        }
    }

    /// Throws when the worker cannot be reached, or did not answer: then what was asked may or may not have been done.
    func call(_ method: String, _ path: String, type: String = "application/json", body: [UInt8] = []) async throws(Fault) -> ProviderReply
    {
        var headers: [(name: String, value: HeaderValue)] = []
        if !body.isEmpty, let value = HeaderValue(type) { headers.append(("Content-Type", value)) }
        let call = HTTPCall(method: method, url: "http://localhost" + path, headers: headers, body: body)
        switch await transport.perform(.http(call), on: Self.account) {
        case .reply(let reply): return reply
        case .failure(let failure):
            throw Fault(.unavailable, "the worker did not answer (\(failure.cause.rawValue))", hint: "clarion doctor")
        }
    }

    func close() async { await transport.shutdown() }
}
