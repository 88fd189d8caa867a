import Config
import Core
import Pipeline
import Reports
import Store
import Templates
public import Terminal

extension TemplateSubmitRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        if context.options.isDryRun {
            try Reach.machine.check(context.options)
            let files = try await TextSource.find(nil, in: context).files
            try context.console.show(
                DeskReport(
                    done: ["\(try Texts.compile(files).revision) would be submitted; nothing was changed"], next: "clarion template diff"))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        let files = context.options.server == nil ? try await TextSource.find(nil, in: context).files : []
        return try await context.act(
            "/v1/templates/submit", [("reason", .string(reason)), ("who", .string(who))], next: "clarion template history"
        ) { try await $0.submit(files, who: who, reason: reason) }
    }
}

extension TemplateDecideRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let name = try await context.revision(revision)
        let did = isApproved ? "approved" : "rejected"
        if context.options.isDryRun { return try context.wouldBe("\(name) would be \(did)") }
        let (reason, who) = (try context.reason(), context.who)
        return try await context.act(
            "/v1/templates/\(name)/\(isApproved ? "approve" : "reject")", [("reason", .string(reason)), ("who", .string(who))],
            next: isApproved ? "clarion template publish \(name) --percent 5 --reason \"…\"" : "clarion template history"
        ) { [isApproved] in try await $0.decide(name, approved: isApproved, who: who, reason: reason) }
    }
}

extension TemplatePublishRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let name = try await context.revision(revision)
        if context.options.isDryRun {
            return try context.wouldBe(percent == 100 ? "\(name) would be in force" : "\(percent) % of the customers would get \(name)")
        }
        let (reason, who) = (try context.reason(), context.who)
        let mustBeApproved = try context.options.server == nil && context.settings().approval == .secondPerson
        return try await context.act(
            "/v1/templates/\(name)/publish", [("percent", .integer(percent)), ("reason", .string(reason)), ("who", .string(who))],
            next: "clarion template history"
        ) { [percent] in
            try await $0.publish(name, percent: percent, mustBeApproved: mustBeApproved, who: who, reason: reason)
        }
    }
}

extension TemplateRollbackRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        if context.options.isDryRun {
            try Reach.store.check(context.options)
            let inForce = try await context.read { try $0.revisionsInForce() }
            guard let ends = inForce.trial ?? inForce.base else { throw Fault(.failure, "nothing was published") }
            return try context.wouldBe("\(ends.revision) would be taken back")
        }
        let (reason, who) = (try context.reason(), context.who)
        return try await context.act(
            "/v1/templates/rollback", [("reason", .string(reason)), ("who", .string(who))], next: "clarion template history"
        ) { try await $0.rollBack(who: who, reason: reason) }
    }
}

extension TemplateHistoryRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let (now, limit) = (context.clock(), context.options.limit)
        try context.console.show(try await context.read { try TemplateHistoryReport.gather(from: $0, limit: limit, now: now) })
        return .success
    }
}

extension TemplateDiffRequest: Command {
    public static var reach: Reach { .machine }

    /// Status 3 when they differ, as `diff` has it.
    public func run(in context: CommandContext) async throws -> ExitStatus {
        var from = from
        if from == nil {
            guard let base = try await context.read({ try $0.revisionsInForce().base }) else {
                throw Fault(.notFound, "no texts are in force yet", field: "from", hint: "clarion template diff HEAD")
            }
            from = base.revision
        }
        let (old, new) = (try await TextSource.find(from, in: context), try await TextSource.find(to, in: context))
        let changes = TextChange.between(old.files, new.files).filter { change in
            let parts = change.file.split(separator: "/").map(String.init)
            let isKind = kinds.isEmpty || kinds.contains { parts.contains($0.rawValue) }
            return isKind && (locales.isEmpty || locales.contains { parts.last == $0.rawValue + ".yaml" })
        }
        try context.console.show(TemplateDiffReport(from: old.name, to: new.name, changes: changes))
        return changes.isEmpty ? .success : .findings
    }
}

extension ContactAddRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        if context.options.isDryRun { return try context.wouldBe("a contact about \(order) would be counted") }
        let (reason, who) = (try context.reason(), context.who)
        return try await context.act(
            "/v1/contacts", [("order", .string(order.description)), ("reason", .string(reason)), ("who", .string(who))],
            next: "clarion template history"
        ) { [order] in try await $0.contact(about: order, who: who, reason: reason) }
    }
}

extension CommandContext {
    /// The whole name, of its beginning.
    fileprivate func revision(_ prefix: String) async throws -> String {
        guard prefix.utf8.count >= 4, prefix.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            throw Fault(.usage, "\"\(PlainText(prefix))\" is no revision", field: "revision", hint: "clarion template history")
        }
        guard options.server == nil else { return prefix }
        guard let name = try await read({ try TextSource.name(prefix, in: $0) }) else {
            throw Fault(.notFound, "no revision \(prefix)", field: "revision", hint: "clarion template history")
        }
        return name
    }

    fileprivate func wouldBe(_ words: String) throws -> ExitStatus {
        try console.show(DeskReport(done: [words + "; nothing was changed"]))
        return .success
    }

    fileprivate func act(
        _ path: String, _ body: [(String, JSON)], next: String, else work: @escaping @Sendable (Desk) async throws -> Desk.Answer
    ) async throws -> ExitStatus {
        switch try await operate(path, .object(body), else: work) {
        case .done(let words): try console.show(DeskReport(done: [words], next: next))
        case .notFound: throw Fault(.notFound, "it is not known there", hint: "clarion template history")
        case .refused(let words): throw Fault(.failure, words)
        }
        return .success
    }
}
