package import Hummingbird
package import NIOCore

/// A server in a task of its own.
package struct RunningServer: Sendable {
    package let port: Int
    private let task: Task<Void, any Error>

    /// Answers when it returns. Throws what kept it from listening.
    /// - Parameter port: 0 takes any free one.
    package static func start<Responder: HTTPResponder>(
        host: String, port: Int,
        _ make: (ApplicationConfiguration, @escaping @Sendable (any NIOCore.Channel) async -> Void) throws -> Application<Responder>
    ) async throws -> RunningServer {
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let configuration = ApplicationConfiguration(address: .hostname(host, port: port))
        let application = try make(configuration) { continuation.yield($0.localAddress?.port ?? 0) }
        let task = Task {
            defer { continuation.finish() }
            try await application.run()
        }
        for await port in ports { return RunningServer(port: port, task: task) }
        try await task.value
        throw CancellationError()
    }

    /// Closes the port and every connection.
    package func stop() async {
        task.cancel()
        _ = await task.result
    }
}
