import Config
import Core
import Pipeline
import Store
import Terminal

/// Opening the store for commands.
enum Stores {
    /// Takes the lock. Throws `StoreError.locked` when a worker has it.
    static func openWriting(_ settings: Settings) throws -> SQLiteStore {
        try Host.makeDirectory(settings.storeDirectory)
        let random = SystemRandom()
        return try SQLiteStore(directory: settings.storeDirectory, keys: try Keys.load(settings, random: random), random: random)
    }
}

extension CommandContext {
    func configuration() throws -> Configuration { try SettingsOfCommand(self).configuration() }
    func settings() throws -> Settings { try SettingsOfCommand(self).settings() }

    /// Why, in words for the log; needed by everything that changes what people get.
    func reason() throws(Fault) -> String {
        guard let reason = options.reason, !reason.isEmpty else {
            throw Fault(.usage, "a reason is needed for the log", field: "reason", hint: "--reason \"sms-main back, INC-88\"")
        }
        return reason
    }

    var who: String { environment["USER"] ?? environment["LOGNAME"] ?? "operator" }

    /// Asks the running worker, or does it on the store with the lock when none runs.
    func operate(
        _ path: String, _ body: JSON, else work: @Sendable (Desk) async throws -> Desk.Answer
    ) async throws -> Desk.Answer {
        let settings = try settings()
        if let link = await WorkerLink.find(settings, timeout: options.timeout) {
            let reply = try await link.call("POST", path, body: body.bytes)
            await link.close()
            let json = try JSON(parsing: reply.body)
            switch reply.status {
            case 200: return .done(json["done"]?.string ?? "done")
            case 404: return .notFound
            default: return .refused(json["detail"]?.string ?? json["title"]?.string ?? "status \(reply.status)")
            }
        }
        let store = try Stores.openWriting(settings)
        do {
            let answer = try await work(Desk(store: store, clock: SystemClock()))
            try await store.close()
            return answer
        } catch {
            try await store.close()
            throw error
        }
    }
}
