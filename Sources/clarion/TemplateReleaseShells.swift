import App
import ArgumentParser
import Core
import Terminal

struct TemplateDiffShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What reads otherwise in another revision, text by text.",
        discussion: """
            EXAMPLES
              clarion template diff
              clarion template diff HEAD --kind bank_delay --locale en,zh-Hans
              clarion template diff 1af9fe5468d6 3c0b77aa91d2 -o csv

            A revision is one that was kept (clarion template history), a commit of the directory's repository, or a directory. Without one: from what
            is in force to what lies in the directory. Exit status 3 when they differ.
            Page: docs/templates.md
            """)
    @Argument(help: ArgumentHelp("What was; by default what is in force.", valueName: "from"))
    var from: String?
    @Argument(help: ArgumentHelp("What is; by default the directory.", valueName: "to"))
    var to: String?
    @Option(
        name: .customLong("kind"), help: ArgumentHelp("Of these kinds alone, by comma.", valueName: "list"),
        completion: Completions.list(Kind.allCases.map(\.rawValue)))
    var kinds: String?
    @Option(
        name: .customLong("locale"), help: ArgumentHelp("In these languages alone, by comma.", valueName: "list"),
        completion: Completions.list(TextLocale.allCases.map(\.rawValue)))
    var locales: String?
    @OptionGroup var flags: GlobalFlags
    func work() throws -> TemplateDiffRequest {
        TemplateDiffRequest(
            from: from, to: to, kinds: try words(kinds, of: Kind.self, field: "kind"),
            locales: try words(locales, of: TextLocale.self, field: "locale"))
    }
}

struct TemplateHistoryShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Every revision that was kept: who approved it, for whom it is, what it leads to.",
        discussion: """
            EXAMPLES
              clarion template history
              clarion template history --json
              clarion tail --act templates

            While a share of the customers gets a revision, its failures, complaints and contacts stand beside those of the texts before.
            Page: docs/templates.md
            """)
    @OptionGroup var limit: LimitFlags
    @OptionGroup var flags: GlobalFlags
    func work() -> TemplateHistoryRequest { TemplateHistoryRequest() }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        options.limit = try positive(limit.limit)
    }
}

struct TemplateSubmitShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Keep the texts of the directory, and ask another person to approve them.",
        discussion: """
            EXAMPLES
              clarion template submit --reason "shorter SMS for bank_delay, LEGAL-204"
              clarion template submit --dry-run

            Page: docs/templates.md
            """)
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> TemplateSubmitRequest {
        try change.requireReason("it says what was changed")
        return TemplateSubmitRequest()
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { change.apply(to: &options) }
}

struct TemplateApproveShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Say yes to a revision that another person has submitted.",
        discussion: """
            EXAMPLES
              clarion template approve 3c0b77aa91d2 --reason "read in all languages, LEGAL-204"

            Read it first: clarion template diff, clarion preview. Through a server it needs a key of the role admin.
            Page: docs/templates.md
            """)
    @Argument(help: ArgumentHelp("The revision, or how it begins.", valueName: "revision"), completion: Completions.revisions)
    var revision: String
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> TemplateDecideRequest {
        try change.requireReason()
        return TemplateDecideRequest(revision: revision, isApproved: true)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { change.apply(to: &options) }
}

struct TemplateRejectShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Say no to a revision that another person has submitted.",
        discussion: """
            EXAMPLES
              clarion template reject 3c0b77aa91d2 --reason "the Japanese text promises a day"

            Page: docs/templates.md
            """)
    @Argument(help: ArgumentHelp("The revision, or how it begins.", valueName: "revision"), completion: Completions.revisions)
    var revision: String
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> TemplateDecideRequest {
        try change.requireReason()
        return TemplateDecideRequest(revision: revision, isApproved: false)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { change.apply(to: &options) }
}

struct TemplatePublishShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Put a revision in force, for a share of the customers or for all.",
        discussion: """
            EXAMPLES
              clarion template publish 3c0b77aa91d2 --percent 5 --reason "LEGAL-204, first step"
              clarion template publish 3c0b77aa91d2 --percent 50 --reason "nothing worse for a day"
              clarion template publish 3c0b77aa91d2 --reason "LEGAL-204"

            A share holds the same customers as long as it runs, and a higher one adds to them. It is stopped by itself when failures, complaints
            or contacts with support become worse than with the texts before.
            Page: docs/templates.md
            """)
    @Argument(help: ArgumentHelp("The revision, or how it begins.", valueName: "revision"), completion: Completions.revisions)
    var revision: String
    @Option(help: ArgumentHelp("Of a hundred customers.", valueName: "n"))
    var percent = 100
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> TemplatePublishRequest {
        try change.requireReason()
        guard (1...100).contains(percent) else { throw Fault(.usage, "is 1 to 100", field: "percent") }
        return TemplatePublishRequest(revision: revision, percent: percent)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { change.apply(to: &options) }
}

struct TemplateRollbackShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Take back what was published last: all customers get the texts before.",
        discussion: """
            EXAMPLES
              clarion template rollback --reason "customers ask what a payout partner is"

            What is planned already keeps the words it was planned with.
            Page: docs/templates.md
            """)
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> TemplateRollbackRequest {
        try change.requireReason()
        return TemplateRollbackRequest()
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { change.apply(to: &options) }
}

struct ContactGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contact", abstract: "Customers who spoke with support.", subcommands: [enabled(ContactAddShell.self)])
}

struct ContactAddShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Count that a customer spoke with support about an order.",
        discussion: """
            EXAMPLES
              clarion contact add WD251110001236 --reason "asks when the money comes"

            Nothing is done about it. It is counted for the texts that the customer was sent: new ones are stopped when they make more people ask.
            Page: docs/templates.md
            """)
    @Argument(help: ArgumentHelp("The order it is about.", valueName: "order"), completion: Completions.orders)
    var order: String
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> ContactAddRequest {
        try change.requireReason("it says what they asked")
        guard let number = OrderNumber(order) else { throw Fault(.usage, "\"\(PlainText(order))\" is no order number", field: "order") }
        return ContactAddRequest(order: number)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { change.apply(to: &options) }
}
