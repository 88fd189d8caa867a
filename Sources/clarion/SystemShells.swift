import App
import ArgumentParser
import Terminal

struct CheckShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Settings, policy, catalogue, texts and accounts as one graph, offline.",
        discussion: """
            EXAMPLES
              clarion check
              clarion check --strict --config /etc/clarion/clarion.yaml

            Page: docs/configuration.md
            """)
    @Flag(help: "Warnings are findings too.")
    var strict = false
    @OptionGroup var flags: GlobalFlags
    func work() -> CheckRequest { CheckRequest(isStrict: strict) }
}

struct ConfigGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The settings.", subcommands: [enabled(ConfigShowShell.self)])
}

struct ConfigShowShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Every setting; secrets hidden.",
        discussion: """
            EXAMPLES
              clarion config show
              clarion config show --origin

            Page: docs/configuration.md
            """)
    @Flag(help: "Where each value came from.")
    var origin = false
    @OptionGroup var flags: GlobalFlags
    func work() -> ConfigShowRequest { ConfigShowRequest(showsOrigin: origin) }
}

struct DoctorShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look at the running system: store, queue, accounts, certificates.",
        discussion: """
            EXAMPLES
              clarion doctor
              clarion doctor --json

            Page: docs/operations.md
            """)
    @OptionGroup var flags: GlobalFlags
    func work() -> DoctorRequest { DoctorRequest() }
}
