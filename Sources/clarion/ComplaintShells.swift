import App
import ArgumentParser
import Core
import Terminal

struct ComplaintGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "complaint", abstract: "What customers complain of, until it is answered.",
        subcommands: [enabled(ComplaintAddShell.self), enabled(ComplaintListShell.self), enabled(ComplaintEndShell.self)],
        defaultSubcommand: ComplaintListShell.self)
}

struct ComplaintAddShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Record a complaint: the complaint officer is asked, and again before the answer is due.",
        discussion: """
            EXAMPLES
              clarion complaint add WD251110001236 --reason "the money came three days late"
              clarion complaint add WD251110001236 --reason "no answer to the chat" --dry-run

            The customer is told nothing by it. What was said is sealed.
            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The order it is about.", valueName: "order"), completion: Completions.orders)
    var order: String
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> ComplaintAddRequest {
        try change.requireReason("it is what the customer says")
        guard let number = OrderNumber(order) else { throw Fault(.usage, "\"\(PlainText(order))\" is no order number", field: "order") }
        return ComplaintAddRequest(order: number)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
    }
}

struct ComplaintListShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Open complaints, newest first.",
        discussion: """
            EXAMPLES
              clarion complaint list
              clarion complaint list --all -o csv

            Page: docs/operations.md
            """)
    @Flag(help: "Those that are over too.")
    var all = false
    @OptionGroup var limit: LimitFlags
    @OptionGroup var flags: GlobalFlags
    func work() -> ComplaintListRequest { ComplaintListRequest(showsAll: all) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        options.limit = try positive(limit.limit)
    }
}

struct ComplaintEndShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "end", abstract: "A complaint was answered: nobody is asked any more.",
        discussion: """
            EXAMPLES
              clarion complaint end 7 --reason "answered by letter, fee refunded"
              clarion complaint end 7 --reason "withdrawn" --dry-run

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The complaint's number.", valueName: "id"), completion: Completions.reviews)
    var id: Int64
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> ComplaintEndRequest {
        try change.requireReason("it is what came of it")
        return ComplaintEndRequest(id: id)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
    }
}
