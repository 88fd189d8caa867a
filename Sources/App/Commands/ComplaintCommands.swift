import Core
import Pipeline
import Reports
import Store
public import Terminal

extension ComplaintAddRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let unknown = Fault(.notFound, "no order \(order)", field: "order", hint: "clarion audit search customer:ID")
        if context.options.isDryRun {
            try Reach.store.check(context.options)
            guard try await context.read({ [order] in try $0.order(order) }) != nil else { throw unknown }
            try context.console.show(DeskReport(done: ["the complaint officer would be asked about \(order); nothing was changed"]))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        let answer = try await context.operate(
            "/v1/complaints", ["order": .string(order.description), "reason": .string(reason), "who": .string(who)]
        ) { [order] in try await $0.complain(about: order, who: who, reason: reason) }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words], next: "clarion complaint list"))
        case .notFound: throw unknown
        case .refused(let words): throw Fault(.failure, words)
        }
        return .success
    }
}

extension ComplaintListRequest: Command {
    public func run(in context: CommandContext) async throws -> ExitStatus {
        let (now, limit) = (context.clock(), context.options.limit)
        try context.console.show(
            try await context.read { [showsAll] in
                try ComplaintsReport.gather(from: $0, onlyOpen: !showsAll, limit: limit, now: now)
            })
        return .success
    }
}

extension ComplaintEndRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let unknown = Fault(.notFound, "no complaint \(id)", field: "id", hint: "clarion complaint list --all")
        if context.options.isDryRun {
            try Reach.store.check(context.options)
            guard let item = try await context.read({ [id] in try $0.review(id) }), item.cause == .complaint else { throw unknown }
            guard item.closedAt == nil else { throw Fault(.failure, "complaint \(id): it was ended before") }
            try context.console.show(DeskReport(done: ["complaint \(id) would be over; nothing was changed"]))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        let answer = try await context.operate(
            "/v1/complaints/\(id)/end", ["reason": .string(reason), "who": .string(who)]
        ) { [id] in try await $0.end(complaint: id, who: who, reason: reason) }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words], next: "clarion complaint list"))
        case .notFound: throw unknown
        case .refused(let words): throw Fault(.failure, "complaint \(id): \(words)")
        }
        return .success
    }
}
