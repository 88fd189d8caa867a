import App
import ArgumentParser
import Core
import Terminal

struct ProviderGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provider", abstract: "The accounts at providers: how they are, and who may use them.",
        subcommands: [
            enabled(ProviderListShell.self), enabled(ProviderTestShell.self), enabled(ProviderPauseShell.self),
            enabled(ProviderResumeShell.self),
        ])
}

struct ProviderListShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Every account with its state and its last failure.",
        discussion: """
            EXAMPLES
              clarion provider list
              clarion provider list --json

            Page: docs/operations.md
            """)
    @OptionGroup var flags: GlobalFlags
    func work() -> ProviderListRequest { ProviderListRequest() }
}

struct ProviderTestShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send one real message through an account, and say what its answer means.",
        discussion: """
            EXAMPLES
              clarion provider test sms-main --to +447700900123
              clarion provider test push-ios --to - < device

            Status 0 when it was taken, 69 when nothing reached the provider, 3 for every other answer. The mode holds: in capture it goes to the
            sandbox, in allowlist only to who is on the list. The text is fixed and about no payout.
            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The account's name.", valueName: "account"), completion: Completions.accounts)
    var account: String
    @Option(help: ArgumentHelp("A number, mail address or device (ios:TOKEN) of your own; - reads it from stdin.", valueName: "address"))
    var to: String
    @Option(help: ArgumentHelp("Why, for the log.", valueName: "text"))
    var reason: String?
    @OptionGroup var flags: GlobalFlags
    func work() -> ProviderTestRequest { ProviderTestRequest(account: account, to: to) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { options.reason = reason }
}

struct ProviderPauseShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Send nothing more to an account; the others of its channel take over.",
        discussion: """
            EXAMPLES
              clarion provider pause sms-b --reason "INC-88: duplicates at the carrier"
              clarion provider pause sms-b --dry-run

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The account's name.", valueName: "account"), completion: Completions.accounts)
    var account: String
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> ProviderPauseRequest { try change.work(account, pauses: true) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
    }
}

struct ProviderResumeShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Use an account again that was paused or that failed.",
        discussion: """
            EXAMPLES
              clarion provider resume sms-b --reason "INC-88 is over"

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The account's name.", valueName: "account"), completion: Completions.accounts)
    var account: String
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> ProviderPauseRequest { try change.work(account, pauses: false) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
    }
}

extension ChangeFlags {
    fileprivate func work(_ account: String, pauses: Bool) throws -> ProviderPauseRequest {
        guard reason != nil || dryRun else { throw Fault(.usage, "is needed: it is kept in the log", field: "reason") }
        return ProviderPauseRequest(account: account, pauses: pauses)
    }
}
