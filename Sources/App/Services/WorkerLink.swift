import Config
import Core
import Glibc
import Terminal
import Transport

/// The way to a worker: the Unix socket of the one on this machine, or a server with a bearer key. Commands that write go through it;
/// with none running on this machine they take the lock themselves.
struct WorkerLink: Sendable {
    private let transport: Transport
    private let base: String
    private let key: Sensitive<String>?
    /// How answers speak of the other side.
    let name: String
    private static let account = "worker"

    /// The worker of this machine; nil when none answers.
    static func find(_ settings: Settings, timeout: Duration) async -> WorkerLink? {
        let path = WorkerHost.socketPath(settings)
        guard access(path, F_OK) == 0 else { return nil }
        let transport = Transport(capacity: 64)
        transport.register(
            TransportAccount(name: account, allowPlain: true, connectTimeout: .seconds(2), timeout: timeout, unixSocket: path))
        let link = WorkerLink(transport: transport, base: "http://localhost", key: nil, name: "the worker")
        do {
            guard try await link.call("GET", "/readyz").status == 200 else { throw Fault(.unavailable, "the worker is not ready") }
            return link
        } catch {
            // A socket without a worker behind it is left over from a kill.
            await transport.shutdown()
            return nil
        }
    }

    /// A server somewhere else. Nothing is asked yet.
    static func to(_ place: ServerPlace, timeout: Duration) throws(Fault) -> WorkerLink {
        let key = try place.key()
        let transport = Transport(capacity: 64)
        transport.register(
            TransportAccount(name: account, caFile: place.authorityFile, allowPlain: place.isPlain, timeout: timeout))
        return WorkerLink(transport: transport, base: place.base, key: key, name: place.base)
    }

    /// Throws when the other side cannot be reached, did not answer (then what was asked may or may not have been done), or wants another key.
    func call(_ method: String, _ path: String, type: String = "application/json", body: [UInt8] = []) async throws(Fault) -> ProviderReply
    {
        var headers: [(name: String, value: HeaderValue)] = []
        if !body.isEmpty, let value = HeaderValue(type) { headers.append(("Content-Type", value)) }
        if let key, let value = HeaderValue("Bearer " + key.reveal(for: .signing)) { headers.append(("Authorization", value)) }
        let call = HTTPCall(method: method, url: base + path, headers: headers, body: body)
        switch await transport.perform(.http(call), on: Self.account) {
        case .reply(let reply):
            try check(reply)
            return reply
        case .failure(let failure):
            throw Fault(
                .unavailable, "\(name) did not answer (\(failure.cause.rawValue))",
                hint: base == "http://localhost" ? "clarion doctor" : "the address, the network, and whether it runs")
        }
    }

    private func check(_ reply: ProviderReply) throws(Fault) {
        switch reply.status {
        case 401:
            throw Fault(
                .notAllowed, key == nil ? "\(name) asks for a key" : "\(name) does not know this key", field: "key_file",
                hint: "--key-file FILE, or key_file in the profile")
        case 403: throw Fault(.notAllowed, "\(name) does not let this key do that", field: "key_file", hint: "a key of a higher role")
        case 421: throw Fault(.unavailable, "\(name) serves its own machine only", hint: "behind_proxy: true in its settings")
        case 429, 502, 503, 504: throw Fault(.unavailable, "\(name) cannot do it now (status \(reply.status))", hint: "try again")
        default: return
        }
    }

    /// The body as JSON. Throws for what is none: then something else answers there.
    func json(_ reply: ProviderReply) throws(Fault) -> JSON {
        do { return try JSON(parsing: reply.body) } catch {
            throw Fault(.failure, "\(name) answered \(reply.status) with what is no JSON", hint: "is this Clarion's own address?")
        }
    }

    /// One segment of a path.
    static func segment(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    func close() async { await transport.shutdown() }
}

extension CommandContext {
    /// The server that was named, else the worker of this machine; nil when none runs here.
    func link() async throws -> WorkerLink? {
        if let server = options.server { return try WorkerLink.to(server, timeout: options.timeout) }
        return await WorkerLink.find(try settings(), timeout: options.timeout)
    }
}
