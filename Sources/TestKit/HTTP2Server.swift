import Hummingbird
import HummingbirdHTTP2
import Logging

/// Runs `body` beside an HTTP/2 server over TLS that answers every POST with the body it got, and ends the server after it.
public func withHTTP2Server<Result: Sendable>(
    _ authority: TestAuthority, _ body: @escaping @Sendable (_ port: UInt16) async throws -> Result
) async throws -> Result {
    let router = Router()
    router.post("echo") { request, _ in
        var request = request
        return Response(status: .ok, body: .init(byteBuffer: try await request.collectBody(upTo: 1 << 20)))
    }
    let (ports, running) = AsyncStream<Int>.makeStream()
    var quiet = Logger(label: "http2")
    quiet.logLevel = .critical
    var tls = authority.tls
    tls.applicationProtocols = ["h2"]
    let application = Application(
        router: router, server: try .http2Upgrade(tlsConfiguration: tls), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in
            running.yield(channel.localAddress?.port ?? 0)
            running.finish()
        }, logger: quiet)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            try await application.run()
            return nil
        }
        group.addTask {
            for await port in ports { return try await body(UInt16(port)) }
            return nil
        }
        defer { group.cancelAll() }
        while let result = try await group.next() {
            if let result { return result }
        }
        throw SystemError("http2 server")
    }
}
