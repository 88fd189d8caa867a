import App
import ArgumentParser
import Core
import Terminal

/// Which dead letters a command changes, and how many at most.
struct DeadPick: ParsableArguments {
    @Argument(help: ArgumentHelp("Groups, d12, and letters' numbers.", valueName: "name"), completion: Completions.groups)
    var names: [String] = []
    @Flag(help: "Every letter that fits, instead of those named.")
    var all = false
    @Option(help: ArgumentHelp("Only of this channel.", valueName: "channel"), completion: .list(Channel.allCases.map(\.rawValue)))
    var channel: String?
    @Option(
        help: ArgumentHelp("Only of this stage: intake, plan, render, send.", valueName: "stage"),
        completion: .list(DeadLetter.Stage.allCases.map(\.rawValue)))
    var stage: String?
    @Option(help: ArgumentHelp("Letters at most, the oldest first.", valueName: "n"))
    var limit = 1000

    func request(_ verb: DeadChangeRequest.Verb, _ change: ChangeFlags, rate: Int? = nil) throws -> DeadChangeRequest {
        guard names.isEmpty == all else {
            throw Fault(.usage, "name groups or letters, or say --all", field: "name", hint: "clarion dead list")
        }
        try change.requireReason()
        return DeadChangeRequest(
            verb, names: names, isAll: all, channel: try words(channel, of: Channel.self, field: "channel").first,
            stage: try words(stage, of: DeadLetter.Stage.self, field: "stage").first, rate: rate)
    }

    func apply(to options: inout GlobalOptions, _ change: ChangeFlags, _ asking: AskFlags) throws(Fault) {
        options.limit = try positive(limit)
        change.apply(to: &options)
        (options.saysYes, options.asksNothing) = (asking.yes, asking.noInput)
    }
}

struct DeadRetryShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try again; what no longer holds is dropped.",
        discussion: """
            EXAMPLES
              clarion dead retry d12 --reason "sms-b is back"
              clarion dead retry d12 --rate 20 --yes 398 --reason "sms-b is back"

            More than one letter asks for their number: typed, or --yes N.
            Page: docs/operations.md
            """)
    @OptionGroup var pick: DeadPick
    @Option(help: ArgumentHelp("Letters a second at most.", valueName: "n"))
    var rate: Int?
    @OptionGroup var change: ChangeFlags
    @OptionGroup var asking: AskFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> DeadChangeRequest {
        guard rate.map({ $0 > 0 }) ?? true else { throw Fault(.usage, "must be more than 0", field: "rate") }
        return try pick.request(.retry, change, rate: rate)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { try pick.apply(to: &options, change, asking) }
}

struct DeadDiscardShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Close dead letters that nobody will try again; they can be restored.",
        discussion: """
            EXAMPLES
              clarion dead discard d2 --reason "no such addresses"
              clarion dead discard --all --stage intake --dry-run

            More than one letter asks for their number: typed, or --yes N.
            Page: docs/operations.md
            """)
    @OptionGroup var pick: DeadPick
    @OptionGroup var change: ChangeFlags
    @OptionGroup var asking: AskFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> DeadChangeRequest { try pick.request(.discard, change) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { try pick.apply(to: &options, change, asking) }
}

struct DeadRestoreShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Open dead letters again that were discarded.",
        discussion: """
            EXAMPLES
              clarion dead restore 17 --reason "discarded by mistake"
              clarion dead restore d2 --reason "the carrier mended it" --dry-run

            More than one letter asks for their number: typed, or --yes N.
            Page: docs/operations.md
            """)
    @OptionGroup var pick: DeadPick
    @OptionGroup var change: ChangeFlags
    @OptionGroup var asking: AskFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> DeadChangeRequest { try pick.request(.restore, change) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { try pick.apply(to: &options, change, asking) }
}
