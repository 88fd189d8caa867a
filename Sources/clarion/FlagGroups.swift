import App
import ArgumentParser
import Core
import Terminal

/// Flags of commands that answer with a list.
struct ListFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Rows at most.", valueName: "n"))
    var limit = 50
    @Option(help: ArgumentHelp("Not before: 2h, yesterday, 2026-11-18, RFC 3339.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Not after.", valueName: "time"))
    var until: String?

    func apply(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws(Fault) {
        options.limit = try positive(limit)
        options.since = try moment(since, "since", now, times)
        options.until = try moment(until, "until", now, times)
    }
}

/// Flags of commands that answer with a list of what is now.
struct LimitFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Rows at most.", valueName: "n"))
    var limit = 50
}

/// Flags of commands that look at a span of time.
struct SpanFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Not before: 2h, yesterday, 2026-11-18, RFC 3339.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Not after.", valueName: "time"))
    var until: String?
}

/// Flags of commands that change something.
struct ChangeFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Why, for the log. Needed, but with --dry-run.", valueName: "text"))
    var reason: String?
    @Flag(name: [.customShort("n"), .long], help: "Say what would happen, and change nothing.")
    var dryRun = false

    /// Nothing is done for no reason.
    ///
    /// - Parameter what: what becomes of it.
    func requireReason(_ what: String = "it is kept in the log") throws {
        guard reason != nil || dryRun else { throw Fault(.usage, "is needed: \(what)", field: "reason") }
    }

    func apply(to options: inout GlobalOptions) { (options.reason, options.isDryRun) = (reason, dryRun) }
}

/// Flags of commands that change many things at once, and ask how many.
struct AskFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How many are to be changed: the answer to the question. Without a terminal more than one is refused without it.",
            valueName: "n"))
    var yes: Int?
    @Flag(help: ArgumentHelp("Ask nothing; a question is an error.", visibility: .hidden))
    var noInput = false
}

/// Flags of commands that can show what is masked.
struct RevealFlags: ParsableArguments {
    @Flag(help: "Show what is masked; needs --reason, and is logged.")
    var reveal = false
    @Option(help: ArgumentHelp("Why, for the log.", valueName: "text"))
    var reason: String?

    func apply(to options: inout GlobalOptions) throws(Fault) {
        guard !reveal || !(reason ?? "").isEmpty else { throw Fault(.usage, "needs --reason", field: "reveal") }
        guard reveal || reason == nil else { throw Fault(.usage, "is for --reveal", field: "reason") }
        (options.reveals, options.reason) = (reveal, reason)
    }
}

/// What only the compliance officer is shown. Without it a restriction goes by the name of a review of risk.
struct RestrictedFlag: ParsableArguments {
    @Flag(help: "Name restrictions as such, and the codes: for the compliance officer alone.")
    var restricted = false

    func apply(to options: inout GlobalOptions) { options.namesRestrictions = restricted }
}

func positive(_ limit: Int) throws(Fault) -> Int {
    guard limit > 0 else { throw Fault(.usage, "must be more than 0", field: "limit") }
    return limit
}

func moment(_ text: String?, _ field: String, _ now: Timestamp, _ times: TimeFormat) throws(Fault) -> Timestamp? {
    guard let text else { return nil }
    guard let moment = TimeArgument.moment(text, now: now, offset: { times.offset(at: $0) }) else {
        throw Fault(.usage, "\"\(text)\" is not a time", field: field, hint: "2h, yesterday, 2026-11-18, or RFC 3339")
    }
    return moment
}
