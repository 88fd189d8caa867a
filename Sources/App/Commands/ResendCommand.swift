import Core
import Pipeline
import Reports
import Store
public import Terminal

extension ResendRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let what = what
        if context.options.isDryRun {
            try Reach.store.check(context.options)
            let now = context.clock()
            let objection = try await context.read { [isEvenIfInDoubt] in
                try Desk.objection(to: what, evenIfInDoubt: isEvenIfInDoubt, at: now, $0)
            }
            if let objection { throw Fault(.failure, objection) }
            try context.console.show(DeskReport(done: ["\(named) would be planned once more; nothing was changed"]))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        var body: [(String, JSON)] = [("even_if_in_doubt", .bool(isEvenIfInDoubt)), ("reason", .string(reason)), ("who", .string(who))]
        switch subject {
        case .delivery(let id): body.append(("delivery", .string(id)))
        case .order(let order, let channel): body += [("order", .text(order)), ("channel", .code(channel))]
        }
        let answer = try await context.operate("/v1/resends", .object(body)) { [isEvenIfInDoubt] in
            try await $0.resend(what, evenIfInDoubt: isEvenIfInDoubt, who: who, reason: reason)
        }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words], next: "clarion tail --act decision,outcome"))
        case .notFound: throw Fault(.notFound, "no \(named)", field: "delivery", hint: "clarion audit search order:ID")
        case .refused(let words): throw Fault(.failure, words)
        }
        return .success
    }

    private var what: Desk.Resent {
        switch subject {
        case .delivery(let id): .delivery(id)
        case .order(let order, let channel): .order(order, channel)
        }
    }

    private var named: String {
        switch subject {
        case .delivery(let id): "delivery \(PlainText(id))"
        case .order(let order, _): "order \(order)"
        }
    }
}
