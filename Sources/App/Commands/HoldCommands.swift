import Core
import Pipeline
import Reports
import Store
public import Terminal

extension HoldAddRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        if context.options.isDryRun {
            try Reach.store.check(context.options)
            let counts = try await context.read { [scope] in try $0.waiting(in: scope) }
            try context.console.show(DeskReport(done: [Self.preview(scope, counts)]))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        var body = scope.json.object ?? []
        if scope.isEverything { body.append(("everything", true)) }
        if let span { body.append(("for", .integer(span.components.seconds))) }
        let answer = try await context.operate(
            "/v1/holds", .object(body + [("reason", .string(reason)), ("who", .string(who))])
        ) { [self] in try await $0.hold(scope, for: span, who: who, reason: reason) }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words], next: "clarion hold list"))
        case .notFound: throw Fault(.notFound, "there is no store")
        case .refused(let words): throw Fault(.failure, words)
        }
        return .success
    }

    private static func preview(_ scope: HoldScope, _ counts: [Channel: HeldCount]) -> String {
        let all = counts.values.reduce(0) { $0 + $1.waiting }
        let parts = counts.sorted { $0.key < $1.key }.map { "\(grouped($0.value.waiting)) \($0.key.rawValue)" }.joined(separator: ", ")
        let words = scope.words(customer: scope.customer)
        return
            "\(words): \(counted(all, "delivery waits", "deliveries wait"))\(all > 0 ? " (\(parts))" : "") and would be held; nothing was changed"
    }
}

extension HoldListRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let (now, limit) = (context.clock(), context.options.limit)
        try context.console.show(HoldsReport(try await context.holds(onlyInForce: !showsAll, limit: limit), now: now))
        return .success
    }
}

extension HoldShowRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        guard let found = try await context.hold(id) else { throw Fault.unknown(hold: id) }
        try context.console.show(HoldReport(found, now: context.clock()))
        return .success
    }
}

extension HoldEndRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        guard let found = try await context.hold(id) else { throw Fault.unknown(hold: id) }
        guard found.hold.isInForce(at: context.clock()) else { throw Fault(.failure, "\(found.hold.name) is over already") }
        let held = found.sum.held
        let some = "\(counted(held, "held delivery is", "held deliveries are")) decided again and may leave"
        if context.options.isDryRun {
            try context.console.show(DeskReport(done: ["\(found.hold.name): \(some); nothing was changed"]))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        try context.confirm(held, some)
        let answer = try await context.operate("/v1/holds/\(found.hold.name)/end", ["reason": .string(reason), "who": .string(who)]) {
            [id] in try await $0.end(hold: id, who: who, reason: reason)
        }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words], next: "clarion tail --act intent,cancelled,held"))
        case .notFound: throw Fault.unknown(hold: id)
        case .refused(let words): throw Fault(.failure, "\(found.hold.name): \(words)")
        }
        return .success
    }
}

extension CommandContext {
    /// Of the server that was named, else of the store here.
    fileprivate func holds(onlyInForce: Bool, limit: Int) async throws -> [HoldStanding] {
        let now = clock()
        guard options.server != nil, let link = try await link() else {
            return try await read { try HoldStanding.all(in: $0, onlyInForce: onlyInForce, limit: limit, now: now) }
        }
        let (_, json) = try await link.ask("GET", "/v1/holds?limit=\(min(limit, 1000))" + (onlyInForce ? "" : "&all=true"))
        return (json["holds"]?.array ?? []).compactMap { HoldStanding(json: $0) }
    }

    fileprivate func hold(_ id: Int64) async throws -> HoldStanding? {
        let now = clock()
        guard options.server != nil else {
            return try await read { reader in try reader.hold(id).map { try HoldStanding.of($0, in: reader, now: now) } }
        }
        return try await holds(onlyInForce: false, limit: 1000).first { $0.hold.id == id }
    }
}

extension Fault {
    fileprivate static func unknown(hold id: Int64) -> Fault {
        Fault(.notFound, "no hold h\(id)", field: "hold", hint: "clarion hold list --all")
    }
}
