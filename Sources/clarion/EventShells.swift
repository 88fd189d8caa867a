import App
import ArgumentParser
import Core
import Terminal

struct EventGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "event", abstract: "Send, check and make events.", subcommands: subcommands)
    static var subcommands: [any ParsableCommand.Type] {
        [
            enabled(EventSendShell.self), enabled(EventShowShell.self), enabled(EventValidateShell.self), enabled(EventSampleShell.self),
        ]
    }
}

struct EventSendShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Put events on the queue.",
        discussion: """
            EXAMPLES
              clarion event send events.jsonl
              clarion event sample --kind bank_delay | clarion event send --wait -

            Page: docs/http-api.md
            """)
    @Argument(help: ArgumentHelp("Events, one JSON object a line; - is stdin.", valueName: "file"), completion: .file())
    var files: [String]
    @Flag(help: "Wait until each event is decided.")
    var wait = false
    @OptionGroup var flags: GlobalFlags
    func work() -> EventSendRequest { EventSendRequest(files: files, waits: wait) }
}

struct EventShowShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "What became of one event.",
        discussion: """
            EXAMPLES
              clarion event show ev-326c03d6876bf6aa
              clarion event show ev-326c03d6876bf6aa --server https://clarion.example.com --key-file viewer.key

            Page: docs/http-api.md
            """)
    @Argument(help: ArgumentHelp("The event's id.", valueName: "event"))
    var event: String
    @OptionGroup var flags: GlobalFlags
    func work() -> EventShowRequest { EventShowRequest(id: event) }
}

struct EventSampleShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "sample", abstract: "Print events to start from.",
        discussion: """
            EXAMPLES
              clarion event sample
              clarion event sample --kind risk_hold --count 3

            Page: docs/http-api.md
            """)
    @Option(help: "Of this kind only.")
    var kind: Kind?
    @Option(help: "How many.")
    var count = 1
    @Option(help: "The same seed gives the same people, orders and ids. Default: new ones.")
    var seed: UInt64?
    @OptionGroup var flags: GlobalFlags
    func work() throws -> EventSampleRequest {
        guard count > 0 else { throw Fault(.usage, "must be more than 0", field: "count") }
        return EventSampleRequest(kind: kind, count: count, seed: seed)
    }
}

struct EventValidateShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Name every bad field of every event.",
        discussion: """
            EXAMPLES
              clarion event validate events.jsonl
              clarion event validate - --json < events.jsonl

            Page: docs/http-api.md
            """)
    @Argument(help: ArgumentHelp("Events, one JSON object a line; - is stdin.", valueName: "file"), completion: .file())
    var files: [String]
    @OptionGroup var flags: GlobalFlags
    func work() -> EventValidateRequest { EventValidateRequest(files: files) }
}
