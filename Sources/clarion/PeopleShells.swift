import App
import ArgumentParser
import Core
import Terminal

struct DeadGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "What could not be read, planned, rendered or sent.",
        subcommands: [
            enabled(DeadListShell.self), enabled(DeadShowShell.self), enabled(DeadRetryShell.self), enabled(DeadDiscardShell.self),
            enabled(DeadRestoreShell.self),
        ])
}

struct DeadListShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Dead letters by cause.",
        discussion: """
            EXAMPLES
              clarion dead list
              clarion dead list --discarded --json

            Page: docs/operations.md
            """)
    @Flag(help: "Those that were discarded, instead of the open ones.")
    var discarded = false
    @OptionGroup var flags: GlobalFlags
    func work() -> DeadListRequest { DeadListRequest(isDiscarded: discarded) }
}

struct DeadShowShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "The letters of a group, or one letter.",
        discussion: """
            EXAMPLES
              clarion dead show d12
              clarion dead show 17 --json

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("A group, d12, or a letter's number.", valueName: "name"), completion: Completions.groups)
    var name: String
    @OptionGroup var flags: GlobalFlags
    func work() -> DeadShowRequest { DeadShowRequest(name: name) }
}

struct ReviewGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review", abstract: "What waits for a person.",
        subcommands: [enabled(ReviewListShell.self), enabled(ReviewShowShell.self), enabled(ReviewCloseShell.self)])
}

struct ReviewListShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Open review items, newest first.",
        discussion: """
            EXAMPLES
              clarion review list
              clarion review list --all -o csv

            Page: docs/operations.md
            """)
    @Flag(help: "Closed ones too.")
    var all = false
    @Flag(help: "Those of restrictions too, which are for the compliance officer alone.")
    var restricted = false
    @OptionGroup var limit: LimitFlags
    @OptionGroup var flags: GlobalFlags
    func work() -> ReviewListRequest { ReviewListRequest(showsAll: all, showsRestricted: restricted) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        options.limit = try positive(limit.limit)
    }
}

struct ReviewShowShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One review item.",
        discussion: """
            EXAMPLES
              clarion review show 3
              clarion review show 3 --json

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The item's number.", valueName: "id"), completion: Completions.reviews)
    var id: Int64
    @Flag(help: "Also if it is of a restriction, which is for the compliance officer alone.")
    var restricted = false
    @OptionGroup var flags: GlobalFlags
    func work() -> ReviewShowRequest { ReviewShowRequest(id: id, showsRestricted: restricted) }
}

struct ReviewCloseShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Close a review item; the reason is kept as its note.",
        discussion: """
            EXAMPLES
              clarion review close 3 --reason "code added to the catalogue"
              clarion review close 3 --reason "told by phone" --dry-run

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The item's number.", valueName: "id"), completion: Completions.reviews)
    var id: Int64
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> ReviewCloseRequest {
        try change.requireReason("it is kept as the note")
        return ReviewCloseRequest(id: id)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
    }
}

struct InboxGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox", abstract: "Customers' inboxes, as support sees them.", subcommands: [enabled(InboxShowShell.self)])
}

struct InboxShowShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One customer's inbox, newest first.",
        discussion: """
            EXAMPLES
              clarion inbox show CU101263
              clarion inbox show CU101263 --unread --json

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The customer's id.", valueName: "customer"), completion: Completions.customers)
    var customer: String
    @Flag(help: "Unread ones only.")
    var unread = false
    @OptionGroup var limit: LimitFlags
    @OptionGroup var unmasking: RevealFlags
    @OptionGroup var discretion: RestrictedFlag
    @OptionGroup var flags: GlobalFlags
    func work() -> InboxShowRequest { InboxShowRequest(customer: customer, isUnreadOnly: unread) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        discretion.apply(to: &options)
        options.limit = try positive(limit.limit)
        try unmasking.apply(to: &options)
    }
}
