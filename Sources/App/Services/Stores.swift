import Config
import Core
import Glibc
import Pipeline
import Store
import Terminal

/// Opening the store for commands.
enum Stores {
    /// Takes the lock. Throws `StoreError.locked` when a worker has it.
    static func openWriting(_ settings: Settings) throws -> SQLiteStore {
        try Host.makeDirectory(settings.storeDirectory)
        let random = SystemRandom()
        return try SQLiteStore(
            directory: settings.storeDirectory, keys: try Keys.load(settings, random: random), random: random,
            options: settings.storeOptions)
    }

    /// Work on the store with its lock, and a clean stop whatever comes of it.
    static func working<Result: Sendable>(_ settings: Settings, _ work: @Sendable (Desk) async throws -> Result) async throws -> Result {
        let store = try openWriting(settings)
        do {
            let clock = try await ClockStage.going(onFrom: store, bootID: Host.bootID)
            let result = try await work(Desk(store: store, clock: clock))
            try await store.close()
            return result
        } catch {
            try await store.close()
            throw error
        }
    }
}

extension Settings {
    var storeOptions: SQLiteStore.Options {
        var options = SQLiteStore.Options()
        (options.fenceFile, options.bootID, options.checkpointDirectory) = (fenceFile, Host.bootID, checkpointDirectory)
        return options
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

    /// Who acts, for the log: the account of the system, which the environment cannot change; for root whoever became it.
    var who: String {
        let own = getuid()
        if own != 0, let entry = getpwuid(own), let name = entry.pointee.pw_name { return String(cString: name) }
        return environment["SUDO_USER"] ?? environment["USER"] ?? environment["LOGNAME"] ?? "operator"
    }

    /// The way of every change of one command: through the server that was named or the running worker, or on the store with the lock when none
    /// runs.
    func withWay<Result: Sendable>(_ work: @escaping @Sendable (Way) async throws -> Result) async throws -> Result {
        guard let link = try await link() else { return try await Stores.working(try settings()) { try await work(.desk($0)) } }
        do {
            let result = try await work(.link(link))
            await link.close()
            return result
        } catch {
            await link.close()
            throw error
        }
    }

    /// One change.
    func operate(
        _ path: String, _ body: JSON, else work: @escaping @Sendable (Desk) async throws -> Desk.Answer
    ) async throws -> Desk.Answer {
        try await withWay { try await $0.operate(path, body, else: work) }
    }

    /// With `--reveal`: writes down who is about to see unmasked addresses, and why. True when they may be shown then.
    func disclosed(_ what: Desk.Disclosed) async throws -> Bool {
        guard options.reveals else { return false }
        let (reason, who) = (try reason(), who)
        let named: (String, JSON) =
            switch what {
            case .order(let order): ("order", .text(order))
            case .delivery(let id): ("delivery", .string(id))
            case .customer(let id): ("customer", .string(id))
            }
        let body = JSON.object([named, ("reason", .string(reason)), ("who", .string(who))])
        switch try await operate("/v1/disclosures", body, else: { try await $0.disclose(what, who: who, reason: reason) }) {
        case .done: return true
        case .notFound: throw Fault(.notFound, "it is gone; nothing is revealed")
        case .refused(let words): throw Fault(.failure, "nothing is revealed: the record of it could not be written (\(words))")
        }
    }

    /// What changes more than one thing is done for somebody who says how many: typed at the terminal, or `--yes N`.
    ///
    /// Throws `declined` for another number, a usage fault where nobody can be asked. One thing needs no number: it was named.
    func confirm(_ count: Int, _ words: String) throws {
        guard count > 1, !PlantedBug.asksNoCount.isActive else { return }
        if let said = options.saysYes {
            guard said == count else {
                throw Fault(.declined, "\(words): not \(grouped(said)), nothing was changed", field: "yes", hint: "--yes \(count)")
            }
            return
        }
        guard !options.asksNothing, isatty(STDIN_FILENO) == 1, console.errorLook.screen.isTerminal else {
            throw Fault(.usage, "\(words): say how many", field: "yes", hint: "--yes \(count)")
        }
        try console.progress("\(words). Type \(count) to go on: ")
        guard (readLine() ?? "").filter({ $0 != "," && $0 != " " }) == String(count) else {
            throw Fault(.declined, "nothing was changed")
        }
    }
}

/// Where a change is made.
enum Way: Sendable {
    case link(WorkerLink)
    case desk(Desk)

    func operate(_ path: String, _ body: JSON, else work: @Sendable (Desk) async throws -> Desk.Answer) async throws -> Desk.Answer {
        switch self {
        case .desk(let desk): return try await work(desk)
        case .link(let link):
            let reply = try await link.call("POST", path, body: body.bytes)
            let json = try link.json(reply)
            switch reply.status {
            case 200: return .done(json["done"]?.string ?? "done")
            case 404: return .notFound
            default: return .refused(WorkerLink.words(json, status: reply.status))
            }
        }
    }
}

extension WorkerLink {
    /// One call, and the end of the link. Throws as `call` does, and for an answer that is no JSON.
    func ask(_ method: String, _ path: String, _ body: JSON? = nil) async throws(Fault) -> (reply: ProviderReply, json: JSON) {
        do throws(Fault) {
            let reply = try await call(method, path, body: body?.bytes ?? [])
            let json = try json(reply)
            await close()
            return (reply, json)
        } catch {
            await close()
            throw error
        }
    }

    /// What a problem object says: each bad field, else its detail, else its title.
    static func words(_ json: JSON, status: Int) -> String {
        let fields = (json["errors"]?.array ?? []).map { "\($0["field"]?.string ?? ""): \($0["detail"]?.string ?? "")" }
        return fields.isEmpty ? json["detail"]?.string ?? json["title"]?.string ?? "status \(status)" : fields.joined(separator: "; ")
    }
}
