import Config
import Core
import Pipeline
import Proof
import Reports
import Store
public import Terminal

extension CustomerEraseRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let unknown = Fault(.notFound, "nothing is stored for customer \(PlainText(customer))", field: "customer")
        if context.options.isDryRun {
            try Reach.store.check(context.options)
            let found = try await context.read { [customer] reader in
                (try reader.pseudonym(ofCustomer: customer), try reader.openEpisodes(ofCustomer: customer).count)
            }
            guard let name = found.0, name != customer else { throw unknown }
            let open = found.1 > 0 ? "; \(counted(found.1, "episode")) of theirs would end untold, which needs --even-if-open" : ""
            try context.console.show(DeskReport(done: ["\(name) would be erased for good\(open); nothing was changed"]))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        let answer = try await context.operate(
            "/v1/customers/\(WorkerLink.segment(customer))/erase",
            ["even_if_open": .bool(evenIfOpen), "reason": .string(reason), "who": .string(who)]
        ) { [self] in try await $0.erase(customer: customer, evenIfOpen: evenIfOpen, who: who, reason: reason) }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words], next: "clarion retention"))
        case .notFound: throw unknown
        case .refused(let words):
            throw Fault(.failure, words, field: "customer", hint: "wait for the end, or --even-if-open")
        }
        return .success
    }
}

extension RetentionRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let periods = try context.settings().retention
        let state = try await context.read { try $0.keeping() }
        try context.console.show(
            RetentionReport(
                state,
                periods: [
                    .events: periods.events, .contents: periods.contents, .contacts: periods.contacts, .inbox: periods.inbox,
                    .deadLetters: periods.deadLetters,
                ]))
        return .success
    }
}

extension KeysRotateRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let settings = try context.settings()
        let file = isAudit ? settings.keys.audit.path : settings.keys.master.path
        guard Host.exists(settings.storeDirectory + "/clarion.db") else {
            throw Fault(.unavailable, "there is no store in \(settings.storeDirectory)", field: "store.directory")
        }
        let (reason, who) = (try context.reason(), context.who)
        if context.options.isDryRun {
            try context.console.show(DeskReport(done: ["a new key would be put before those in \(file); nothing was changed"]))
            return .success
        }
        if isAudit { return try await rotateAudit(context, settings, who: who, reason: reason) }
        // In the file, and on the disk, before anything is wrapped with it.
        let keys = try Keys.addMaster(settings, random: SystemRandom())
        let body: JSON = ["reason": .string(reason), "who": .string(who)]
        guard let link = try await context.link() else {
            _ = try await Stores.working(settings) { desk in
                let id = try await desk.store.read { try $0.keeping().masterKey }
                try await desk.rotated(to: id, who: who, reason: reason)
            }
            try context.console.show(
                DeskReport(done: ["a new master key is in \(file); the worker wraps the data keys with it"], next: "clarion retention"))
            return .success
        }
        let (reply, json) = try await link.ask("POST", "/v1/keys/rotate", body)
        guard reply.status == 200 else { throw Fault(.failure, "\(link.name): \(WorkerLink.words(json, status: reply.status))") }
        let former = counted(keys.formerMasters.count, "former key")
        try context.console.show(
            DeskReport(
                done: [json["done"]?.string ?? "done", "\(former) in \(file): needed for backups from before"], next: "clarion retention"))
        return .success
    }

    private func rotateAudit(_ context: CommandContext, _ settings: Settings, who: String, reason: String) async throws -> ExitStatus {
        let keys = try Keys.addAudit(settings, random: SystemRandom())
        guard let key = keys.audit.first.flatMap({ AuditKey(seed: $0) })?.publicKey else {
            throw Fault(.unavailable, "there is no audit key", field: "keys.audit_key_file")
        }
        var words = "the log is signed with the key \(key.fingerprint) from now on; the key before has announced it"
        if let link = try await context.link() {
            let (reply, json) = try await link.ask("POST", "/v1/keys/rotate-audit", ["reason": .string(reason), "who": .string(who)])
            guard reply.status == 200 else { throw Fault(.failure, "\(link.name): \(WorkerLink.words(json, status: reply.status))") }
            words = json["done"]?.string ?? words
        } else {
            try await Stores.working(settings) { try await $0.rotatedAudit(to: key.fingerprint, who: who, reason: reason) }
        }
        let former = "the line of the former key in \(settings.keys.audit.path) is not needed any more: what it signed stays signed"
        try context.console.show(DeskReport(done: [words, former], next: "clarion keys public"))
        return .success
    }
}
