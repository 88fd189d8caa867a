import Core
import Pipeline
import Reports
import Store
public import Terminal

extension AttemptListRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let (now, limit) = (context.clock(), context.options.limit)
        try context.console.show(
            try await context.read { [onlyAmbiguous] reader in
                try AttemptsReport.gather(from: reader, onlyAmbiguous: onlyAmbiguous, limit: limit, now: now)
            })
        return .success
    }
}

extension AttemptSettleRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let unknown = Fault(.notFound, "no attempt \(PlainText(attempt))", field: "attempt", hint: "clarion attempts list --ambiguous")
        if context.options.isDryRun {
            try Reach.store.check(context.options)
            guard let found = try await context.read({ [attempt] in try $0.attempt(publicID: attempt) }) else { throw unknown }
            guard found.state == .ambiguous else { throw Fault(.failure, "\(attempt): it is \(found.state.rawValue), not in doubt") }
            try context.console.show(
                DeskReport(done: ["\(attempt) would be settled as \(wasTaken ? "taken" : "not taken"); nothing was changed"]))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        let answer = try await context.operate(
            "/v1/attempts/\(attempt)/settle", ["taken": .bool(wasTaken), "reason": .string(reason), "who": .string(who)]
        ) { [self] in try await $0.settle(attempt: attempt, wasTaken: wasTaken, who: who, reason: reason) }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words], next: "clarion attempts list --ambiguous"))
        case .notFound: throw unknown
        case .refused(let words): throw Fault(.failure, "\(attempt): \(words)")
        }
        return .success
    }
}
