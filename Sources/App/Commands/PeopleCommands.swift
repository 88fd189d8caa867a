import Core
import Reports
import Store
public import Terminal

extension DeadListRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let now = context.clock()
        let state: DeadLetter.State = isDiscarded ? .discarded : .open
        try context.console.show(try await context.read { try DeadReport.gather(from: $0, state: state, now: now) })
        return .success
    }
}

extension DeadShowRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let now = context.clock()
        let report = try await context.read { [self] in try DeadLetterReport.gather(from: $0, name: name, now: now) }
        guard let report else { throw Fault(.notFound, "no dead letter or group \(name)", field: "name", hint: "clarion dead list") }
        try context.console.show(report)
        return .success
    }
}

extension ReviewListRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let (now, limit) = (context.clock(), context.options.limit)
        try context.console.show(
            try await context.read { [self] in
                try ReviewReport.gather(from: $0, onlyOpen: !showsAll, restricted: showsRestricted, limit: limit, now: now)
            })
        return .success
    }
}

extension ReviewShowRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let now = context.clock()
        let report = try await context.read { [self] in try ReviewReport.gather(from: $0, id: id, restricted: showsRestricted, now: now) }
        guard let report else { throw Fault(.notFound, "no review item \(id)", field: "id", hint: "clarion review list") }
        try context.console.show(report)
        return .success
    }
}
