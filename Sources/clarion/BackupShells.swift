import App
import ArgumentParser
import Core
import Terminal

struct DatabaseGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Copies of the store, and the way back.",
        subcommands: [enabled(BackupShell.self), enabled(RestoreShell.self)])
}

struct BackupShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the store into one file, also while a worker runs.",
        discussion: """
            EXAMPLES
              clarion db backup /backup/clarion-2026-12-01.db --reason nightly
              clarion db backup /backup/clarion.db --force

            The file has mode 0600 and is there whole or not at all. No key is in it. That somebody took it, who and why, is a row of the log.
            Page: docs/operations.md
            """)
    @Argument(help: "A new file, on another disk than the store.", completion: .file())
    var file: String
    @Flag(help: "Take the place of a file that is there.")
    var force = false
    @Option(help: ArgumentHelp("Why, for the log.", valueName: "text"))
    var reason: String?
    @OptionGroup var flags: GlobalFlags
    func work() -> BackupRequest { BackupRequest(file: file, replaces: force) }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { options.reason = reason }
}

struct RestoreShell: Shell {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of the store; it sends nothing until you say so.",
        discussion: """
            EXAMPLES
              clarion db restore /backup/clarion-2026-12-01.db --dry-run
              clarion db restore /backup/clarion-2026-12-01.db --reason "disk failed, INC-88"

            The backup is looked through before anything is touched: whether it is whole, whether its log verifies, whether the keys open it. What was there is
            kept beside it. --dry-run looks and changes nothing, also while a worker runs.
            Page: docs/operations.md
            """)
    @Argument(help: "A backup.", completion: .file())
    var file: String
    @OptionGroup var change: ChangeFlags
    @OptionGroup var flags: GlobalFlags
    func work() throws -> RestoreRequest {
        try change.requireReason()
        return RestoreRequest(file: file)
    }
    func add(to options: inout GlobalOptions, now: Timestamp, times: TimeFormat) throws { change.apply(to: &options) }
}
