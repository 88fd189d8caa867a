import Core
import Pipeline
import Reports
import Store
public import Terminal

extension ReviewCloseRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let unknown = Fault(.notFound, "no review item \(id)", field: "id", hint: "clarion review list")
        if context.options.isDryRun {
            try Reach.store.check(context.options)
            guard let item = try await context.read({ [id] in try $0.review(id) }) else { throw unknown }
            guard item.closedAt == nil else { throw Fault(.failure, "review \(id): it was closed before") }
            try context.console.show(DeskReport(done: ["review \(id) would be closed; nothing was changed"]))
            return .success
        }
        let (note, who) = (try context.reason(), context.who)
        let answer = try await context.operate(
            "/v1/reviews/\(id)/close", ["reason": .string(note), "who": .string(who)]
        ) { [self] in try await $0.close(review: id, note: note, who: who) }
        switch answer {
        case .done(let words): try context.console.show(DeskReport(done: [words], next: "clarion review list"))
        case .notFound: throw unknown
        case .refused(let words): throw Fault(.failure, "review \(id): \(words)")
        }
        return .success
    }
}

extension DeadRetryRequest: Command {
    public static var reach: Reach { .server }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let letters = try await letters(context)
        guard !letters.isEmpty else { throw Fault(.notFound, "no dead letter or group \(name)", field: "name", hint: "clarion dead list") }
        let some = counted(letters.count, "dead letter")
        if context.options.isDryRun {
            try context.console.show(DeskReport(done: ["\(some) would go again; nothing was changed"]))
            return .success
        }
        let (reason, who) = (try context.reason(), context.who)
        if letters.count > 1 { try context.confirm("\(some) go again. Go on?") }
        var report = DeskReport(done: [], next: "clarion tail --act outcome,dead_letter")
        for (n, id) in letters.enumerated() {
            if n > 0, let rate { try await Task.sleep(for: .microseconds(1_000_000 / rate)) }
            let answer = try await context.operate(
                "/v1/dead/\(id)/retry", ["reason": .string(reason), "who": .string(who)]
            ) { try await $0.retry(deadLetter: id, who: who, reason: reason) }
            switch answer {
            case .done(let words): report.done.append(words)
            case .notFound: report.refused.append("dead letter \(id): gone")
            case .refused(let words): report.refused.append("dead letter \(id): \(words)")
            }
        }
        try context.console.show(report)
        return report.refused.isEmpty ? .success : report.done.isEmpty ? .failure : .partial
    }

    /// The numbers that a name stands for. A server shows no groups: there a letter is named by its number.
    private func letters(_ context: CommandContext) async throws -> [Int64] {
        if context.options.server != nil {
            guard let id = Int64(name), !context.options.isDryRun else {
                throw Fault(
                    .unavailable, "the HTTP interface does not show dead letters", field: "name",
                    hint: "name one by its number, without --dry-run; groups on the server's own machine")
            }
            return [id]
        }
        let now = context.clock()
        return try await context.read { [self] reader in
            if let id = Int64(name) { return try reader.deadLetter(id).map { [$0.id] } ?? [] }
            return try DeadReport.gather(from: reader, now: now).letters(name) ?? []
        }
    }
}

/// What was changed, and what was not.
struct DeskReport: Document {
    static let schema = "clarion.desk/1"
    var done: [String]
    var refused: [String] = []
    /// The command that shows what came of it.
    var next: String?

    var members: [(String, JSON)] { [("done", .array(done.map(JSON.string))), ("refused", .array(refused.map(JSON.string)))] }
    var sheet: Sheet {
        var sheet = Sheet(["result", "words"])
        for words in done { sheet.add(["done", .string(words)]) }
        for words in refused { sheet.add(["refused", .string(words)]) }
        return sheet
    }
    func human(_ look: Look) -> [String] {
        done.map { look.mark(.good, $0) } + refused.map { look.mark(.warning, $0) }
            + (done.isEmpty ? [] : next.map { ["  \(look.arrow) \($0)"] } ?? [])
    }
}
