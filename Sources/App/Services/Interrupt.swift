import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// Waits for SIGINT or SIGTERM.
enum Interrupt {
    static func wait() async {
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: Waiting())], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "clarion") { _ in SwiftLogNoOpLogHandler() })
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        // Ends by the signal; nothing in it can fail.
        do { try await ServiceGroup(configuration: configuration).run() } catch { return }
    }

    private struct Waiting: Service {
        func run() async throws { try await gracefulShutdown() }
    }
}
