import App
import ArgumentParser
import Core
import Terminal

struct AttemptGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attempts", abstract: "Requests to providers that have no result, or none that anybody can know.",
        subcommands: [enabled(AttemptListShell.self), enabled(AttemptSettleShell.self)], defaultSubcommand: AttemptListShell.self)
}

struct AttemptListShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "What is on the wire, and what is in doubt; oldest first.",
        discussion: """
            EXAMPLES
              clarion attempts --ambiguous
              clarion attempts --ambiguous --json

            Page: docs/operations.md
            """)
    @Flag(help: "Only what may have been taken, or not, and nobody here can know.")
    var ambiguous = false
    @OptionGroup var limit: LimitFlags
    @OptionGroup var flags: GlobalFlags
    func work() -> AttemptListRequest { AttemptListRequest(onlyAmbiguous: ambiguous) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        options.limit = try positive(limit.limit)
    }
}

struct AttemptSettleShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "settle", abstract: "Say what became of an attempt in doubt.",
        discussion: """
            EXAMPLES
              clarion attempts settle att_0SZC0PAJ9D8AYGQDSMGW5YSSEM --taken --reason "in the carrier's log, 08:56"
              clarion attempts settle att_0SZC0PAJ9D8AYGQDSMGW5YSSEM --not-taken --reason "the carrier has no trace of it"

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The attempt's id, att_….", valueName: "attempt"))
    var attempt: String
    @Flag(help: "The provider took it: the delivery is sent.")
    var taken = false
    @Flag(help: "The provider never had it: it goes again, if it is still true.")
    var notTaken = false
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> AttemptSettleRequest {
        guard taken != notTaken else { throw Fault(.usage, "say one of --taken and --not-taken", field: "taken") }
        guard Identifier.isValid(attempt, limit: 64) else { throw Fault(.usage, "is no attempt's id", field: "attempt", hint: "att_…") }
        try change.requireReason()
        return AttemptSettleRequest(attempt: attempt, wasTaken: taken)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
    }
}
