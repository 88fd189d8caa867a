import App
import ArgumentParser
import Core
import Terminal

struct FenceGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fence", abstract: "A store that was brought back or copied sends nothing until somebody says so.",
        subcommands: [enabled(FenceShowShell.self), enabled(FenceReleaseShell.self)], defaultSubcommand: FenceShowShell.self)
}

struct FenceShowShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Whether the store is fenced, why, and what waits. Status 3 when it is.",
        discussion: """
            EXAMPLES
              clarion fence
              clarion fence show --json

            Page: docs/operations.md
            """)
    @OptionGroup var flags: GlobalFlags
    func work() -> FenceShowRequest { FenceShowRequest() }
}

struct FenceReleaseShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Let a fenced store send again.",
        discussion: """
            EXAMPLES
              clarion fence release --discard --reason "restored from the backup of 02:00"
              clarion fence release --send --reason "moved to the new machine, the old one is off"

            Page: docs/operations.md
            """)
    @Flag(help: "What waits ends as discarded.")
    var discard = false
    @Flag(help: "What waits leaves.")
    var send = false
    @OptionGroup var change: ChangeFlags
    @OptionGroup var asking: AskFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> FenceReleaseRequest {
        guard discard != send else { throw Fault(.usage, "say one of --discard and --send", field: "discard") }
        try change.requireReason()
        return FenceReleaseRequest(discards: discard)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
        (options.saysYes, options.asksNothing) = (asking.yes, asking.noInput)
    }
}
