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
    /// Of many the first: every one is in the other forms.
    func human(_ look: Look) -> [String] {
        list(done, .good, look) + list(refused, .warning, look) + (done.isEmpty ? [] : next.map { ["  \(look.arrow) \($0)"] } ?? [])
    }

    private static let shown = 20
    private func list(_ all: [String], _ mark: Look.Mark, _ look: Look) -> [String] {
        let lines = all.prefix(Self.shown).map { look.mark(mark, $0) }
        return all.count > Self.shown ? lines + [look.mark(mark, "\(look.ellipsis) \(grouped(all.count)) in all")] : lines
    }
}
