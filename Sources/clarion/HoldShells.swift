import App
import ArgumentParser
import Core
import Terminal

struct HoldGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Keep some messages from leaving until it is over.",
        subcommands: [enabled(HoldAddShell.self), enabled(HoldListShell.self), enabled(HoldShowShell.self), enabled(HoldEndShell.self)],
        defaultSubcommand: HoldListShell.self)
}

struct HoldAddShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Start no message that fits all of what is said. In-app items are there in any case.",
        discussion: """
            EXAMPLES
              clarion hold add --kind bank_delay --bank 102 --for 2h --reason "INC-88: the bank says they arrived"
              clarion hold add --order WD251110001236 --reason "the customer is on the phone"

            What is on the wire already is not called back. One account only: clarion provider pause.
            Page: docs/operations.md
            """)
    @Option(help: ArgumentHelp("Of this order.", valueName: "order"), completion: Completions.orders)
    var order: String?
    @Option(help: ArgumentHelp("To this customer.", valueName: "id"), completion: Completions.customers)
    var customer: String?
    @Option(help: ArgumentHelp("Of payouts through this bank.", valueName: "bank"))
    var bank: String?
    @Option(help: ArgumentHelp("Of payouts on this rail.", valueName: "rail"))
    var rail: String?
    @Option(help: ArgumentHelp("Of this kind.", valueName: "kind"), completion: .list(Kind.allCases.map(\.rawValue)))
    var kind: String?
    @Option(
        help: ArgumentHelp("On this channel.", valueName: "channel"),
        completion: .list(Channel.allCases.filter { $0 != .inApp }.map(\.rawValue)))
    var channel: String?
    @Flag(help: "Every message to customers, whatever it is.")
    var everything = false
    @Option(name: .customLong("for"), help: ArgumentHelp("It ends by itself after: 30m, 2h, 1d.", valueName: "span"))
    var span: String?
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags

    func work() throws -> HoldAddRequest {
        try change.requireReason()
        let scope = try scope()
        guard scope.isEverything == everything else {
            throw Fault(
                .usage, everything ? "leaves nothing to choose" : "say what is held", field: "everything",
                hint: "--order, --customer, --bank, --rail, --kind, --channel, or --everything alone")
        }
        return HoldAddRequest(scope: scope, span: try length())
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
    }

    private func scope() throws -> HoldScope {
        // Words of closed lists with the nearest; the rest as the HTTP interface reads it.
        _ = try words(kind, of: Kind.self, field: "kind")
        _ = try words(channel, of: Channel.self, field: "channel")
        let given = [("order", order), ("customer", customer), ("bank", bank), ("rail", rail), ("kind", kind), ("channel", channel)]
        switch HoldScope.read(.object(given.compactMap { name, value in value.map { (name, .string($0)) } })) {
        case .success(let scope): return scope
        case .failure(let refusal):
            throw Fault(.usage, refusal.problems.first?.problem ?? "means nothing", field: refusal.problems.first?.field)
        }
    }

    private func length() throws -> Duration? {
        guard let span else { return nil }
        guard let length = TimeArgument.span(span), length > .zero else {
            throw Fault(.usage, "\"\(PlainText(span))\" is not a span of time", field: "for", hint: "30m, 2h, 1d")
        }
        return length
    }
}

struct HoldListShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The holds in force, with what each holds back.",
        discussion: """
            EXAMPLES
              clarion hold list
              clarion hold list --all --json

            Page: docs/operations.md
            """)
    @Flag(help: "Those that are over too.")
    var all = false
    @OptionGroup var limit: LimitFlags
    @OptionGroup var flags: GlobalFlags
    func work() -> HoldListRequest { HoldListRequest(showsAll: all) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        options.limit = try positive(limit.limit)
    }
}

struct HoldShowShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One hold: who, why, until when, what it holds, and what happens when it ends.",
        discussion: """
            EXAMPLES
              clarion hold show h3
              clarion hold show h3 --json

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The hold, h3.", valueName: "hold"), completion: Completions.holds)
    var hold: String
    @OptionGroup var flags: GlobalFlags
    func work() throws -> HoldShowRequest { HoldShowRequest(id: try id(ofHold: hold)) }
}

struct HoldEndShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "end", abstract: "End a hold: what is still true leaves.",
        discussion: """
            EXAMPLES
              clarion hold end h3 --reason "INC-88 is over"
              clarion hold end h3 --yes 143 --reason "INC-88 is over"

            More than one held message asks for their number: typed, or --yes N.
            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("The hold, h3.", valueName: "hold"), completion: Completions.holds)
    var hold: String
    @OptionGroup var change: ChangeFlags
    @OptionGroup var asking: AskFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> HoldEndRequest {
        try change.requireReason()
        return HoldEndRequest(id: try id(ofHold: hold))
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws {
        change.apply(to: &options)
        (options.saysYes, options.asksNothing) = (asking.yes, asking.noInput)
    }
}

private func id(ofHold text: String) throws(Fault) -> Int64 {
    guard let id = Hold.id(named: text) else {
        throw Fault(.usage, "\"\(PlainText(text))\" is no hold", field: "hold", hint: "h3: clarion hold list")
    }
    return id
}
