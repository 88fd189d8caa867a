import Config
import Core
import Reports
public import Terminal

extension ConfigShowRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let configuration = try SettingsOfCommand(context).configuration()
        let rows = configuration.settings.shown.map { ConfigReport.Row(key: $0.key, value: $0.value, origin: $0.origin.description) }
        try context.console.show(ConfigReport(file: configuration.settings.file, rows: rows, showsOrigin: showsOrigin))
        return .success
    }
}
