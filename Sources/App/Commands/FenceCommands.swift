import Core
import Pipeline
import Reports
import Store
public import Terminal

extension FenceShowRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let state = try await context.read { try Desk.fence($0) }
        try context.console.show(FenceReport(why: state.why, waiting: state.waiting, inDoubt: state.inDoubt))
        return state.why == nil ? .success : .findings
    }
}

extension FenceReleaseRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        if context.options.server == nil {
            let state = try await context.read { try Desk.fence($0) }
            guard state.why != nil else { throw Fault(.failure, "the store is not fenced: nothing holds it back") }
            let waiting = state.waiting.values.reduce(0, +)
            let words = discards ? "would be discarded" : "would leave"
            if context.options.isDryRun {
                try context.console.show(DeskReport(done: ["\(counted(waiting, "delivery", "deliveries")) \(words); nothing was changed"]))
                return .success
            }
            try context.confirm(waiting, "\(counted(waiting, "delivery", "deliveries")) \(words)")
        } else if context.options.isDryRun {
            try Reach.store.check(context.options)
        }
        let (reason, who) = (try context.reason(), context.who)
        let answer = try await context.operate(
            "/v1/fence/release", ["discard": .bool(discards), "reason": .string(reason), "who": .string(who)]
        ) { [self] in try await $0.releaseFence(discarding: discards, who: who, reason: reason) }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words], next: "clarion tail"))
        case .notFound: throw Fault(.notFound, "there is no store")
        case .refused(let words): throw Fault(.failure, words)
        }
        return .success
    }
}
