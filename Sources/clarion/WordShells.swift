import App
import ArgumentParser
import Core
import Terminal

struct ReasonsGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reasons", abstract: "Why someone was told, or was not.",
        subcommands: [enabled(ReasonsListShell.self), enabled(ReasonsShowShell.self)])
}

struct ReasonsListShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "All reason codes.",
        discussion: """
            EXAMPLES
              clarion reasons list
              clarion reasons list -o csv --fields code,meaning

            Page: docs/reasons.md
            """)
    @OptionGroup var flags: GlobalFlags
    func work() -> ReasonsRequest { ReasonsRequest() }
}

struct ReasonsShowShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One code: what it claims, what would change it, what to tell a customer.",
        discussion: """
            EXAMPLES
              clarion reasons show no_device
              clarion reasons show resolved_in_hold --json

            Page: docs/reasons.md
            """)
    @Argument(help: ArgumentHelp("A reason code.", valueName: "code"), completion: .list(ReasonCode.allCases.map(\.rawValue)))
    var code: String
    @OptionGroup var flags: GlobalFlags
    func work() -> ReasonsRequest { ReasonsRequest(code: code) }
}

struct StatesGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "states", abstract: "What the words about a delivery may claim.", subcommands: [enabled(StatesListShell.self)])
}

struct StatesListShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "All states, with the evidence each needs.",
        discussion: """
            EXAMPLES
              clarion states list
              clarion states list --json

            Page: docs/delivery.md
            """)
    @OptionGroup var flags: GlobalFlags
    func work() -> StatesRequest { StatesRequest() }
}

struct VersionShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "What this program is.",
        discussion: """
            EXAMPLES
              clarion version
              clarion version --json

            Page: docs/operations.md
            """)
    @OptionGroup var flags: GlobalFlags
    func work() -> VersionRequest { VersionRequest() }
}

struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a completion script.",
        discussion: """
            EXAMPLES
              clarion completion bash > ~/.local/share/bash-completion/completions/clarion
              clarion completion zsh > ~/.zfunc/_clarion

            Page: docs/operations.md
            """)
    @Argument(help: ArgumentHelp("bash, zsh or fish.", valueName: "shell"), completion: .list(["bash", "zsh", "fish"]))
    var shell: String

    func run() throws {
        let shells: [String: ArgumentParser.CompletionShell] = ["bash": .bash, "zsh": .zsh, "fish": .fish]
        guard let kind = shells[shell] else {
            throw Fault(.usage, "there is no completion for \"\(Safe.text(shell))\"", field: "shell", hint: "bash, zsh or fish")
        }
        try Console.writeAll(Clarion.completionScript(for: kind) + "\n", 1)
    }
}
