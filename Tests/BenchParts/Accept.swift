import App
import Config
import Core
import Logging
import Pipeline
import Server
import ServiceLifecycle
import Store
import UnixSignals

extension BenchParts {
    /// The HTTP face and the store of `clarion run`, without the stages behind them: what accepting alone costs.
    static func accept(settings file: String) async throws {
        let configuration = try Configuration.load(settingsFile: file, environment: [:], overrides: [:])
        let runtime = try Runtime.make(configuration)
        let engine = runtime.engine
        let parts = HTTPService.Parts(
            store: runtime.store, intake: engine.intake, desk: engine.desk,
            tokens: await InboxTokens(key: Sensitive([UInt8](repeating: 7, count: 32))), clock: engine.clock,
            inboxChanges: engine.inboxChanges, batchLimit: configuration.settings.limits.batch, zones: SystemZones())
        let listen = configuration.settings.listen
        let http = HTTPService(parts, at: .tcp(host: listen.host, port: listen.port), access: .open) { _ in say("Ready") }
        try await ServiceGroup(
            services: [http], gracefulShutdownSignals: [.sigterm], logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        ).run()
        engine.inboxChanges.finish()
        try await runtime.close()
    }
}
