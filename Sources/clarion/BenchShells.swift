import App
import ArgumentParser

struct BenchGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "What `make bench` measured.", subcommands: [enabled(BenchCompareShell.self)])
}

struct BenchCompareShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Two runs, case by case; a case that lost more than 10 % is a finding.",
        discussion: """
            EXAMPLES
              clarion bench compare before.json .build/bench.json
              clarion bench compare before.json after.json --json

            Compares the ratio to the limit program where a case has one, else the value. Exit status 3 when something became slower or
            larger by more than 10 %, or was not measured any more.

            Page: docs/performance.md
            """)
    @Argument(help: ArgumentHelp("The earlier run.", valueName: "old"), completion: .file(extensions: ["json"]))
    var old: String
    @Argument(help: ArgumentHelp("The later run.", valueName: "new"), completion: .file(extensions: ["json"]))
    var new: String
    @OptionGroup var flags: GlobalFlags
    func work() -> BenchCompareRequest { BenchCompareRequest(old: old, new: new) }
}
