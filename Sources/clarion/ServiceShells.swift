import App
import ArgumentParser
import Core
import Terminal

struct RunShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run everything: worker and HTTP in one process.",
        discussion: """
            EXAMPLES
              clarion run
              clarion run --config /etc/clarion/clarion.yaml --listen 127.0.0.1:8080

            Ctrl-C or SIGTERM finishes what was begun and ends, within 25 seconds.

            Page: docs/operations.md
            """)
    @Option(help: ArgumentHelp("Where to listen, instead of the settings'.", valueName: "host:port"))
    var listen: String?
    @Option(help: "What may leave this machine, instead of the settings'.")
    var mode: Mode?
    @OptionGroup var flags: GlobalFlags
    func work() -> RunRequest { RunRequest(listen: listen, mode: mode) }
}

struct WorkerShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Run the worker alone, without HTTP.",
        discussion: """
            EXAMPLES
              clarion worker
              clarion worker --until-quiet

            Page: docs/operations.md
            """)
    @Option(help: "What may leave this machine, instead of the settings'.")
    var mode: Mode?
    @Flag(help: "End when nothing waits any more.")
    var untilQuiet = false
    @OptionGroup var flags: GlobalFlags
    func work() -> WorkerRequest { WorkerRequest(mode: mode, untilQuiet: untilQuiet) }
}

struct ReplayShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Run files of events through the whole pipeline, on the events' own clock.",
        discussion: """
            EXAMPLES
              clarion replay events.jsonl
              clarion replay events.jsonl --store /tmp/replay --json

            Nothing leaves the machine. Ends with the accounting: what came in and what became of it.

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("Events, one JSON object a line; - is stdin.", valueName: "file"), completion: .file())
    var files: [String]
    @Option(help: ArgumentHelp("Keep the store in this directory.", valueName: "dir"), completion: .directory)
    var store: String?
    @Option(help: ArgumentHelp("Keep the sandbox's ledger in this directory.", valueName: "dir"), completion: .directory)
    var sandbox: String?
    @Option(help: "The same seed gives the same ids.")
    var seed: UInt64 = 1
    @OptionGroup var flags: GlobalFlags
    func work() -> ReplayRequest { ReplayRequest(files: files, store: store, sandbox: sandbox, seed: seed) }
}

struct SandboxShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "Stand-in providers, with a page that shows what each phone and mailbox got.",
        discussion: """
            EXAMPLES
              clarion sandbox
              clarion sandbox --https-port 8443 --smtp-port 8025

            Page: docs/operations.md
            """)
    @Option(help: "Port of the providers, instead of the settings'.")
    var httpsPort: Int?
    @Option(help: "Port of the mail server, instead of the settings'.")
    var smtpPort: Int?
    @OptionGroup var flags: GlobalFlags
    func work() -> SandboxRequest { SandboxRequest(httpsPort: httpsPort, smtpPort: smtpPort) }
}

struct DemoShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "See it work: everything in one process, with sample events, on loopback.",
        discussion: """
            EXAMPLES
              clarion demo
              clarion demo --rate 20 --directory /tmp/demo

            Page: docs/operations.md
            """)
    @Option(help: "Port of the pages.")
    var port: Int?
    @Option(help: "Sample events a second.")
    var rate = 2
    @Option(help: ArgumentHelp("Keep the data here.", valueName: "dir"), completion: .directory)
    var directory: String?
    @OptionGroup var flags: GlobalFlags
    func work() throws -> DemoRequest {
        guard rate > 0 else { throw Fault(.usage, "must be more than 0", field: "rate") }
        return DemoRequest(port: port, rate: rate, directory: directory)
    }
}
