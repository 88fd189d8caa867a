public import Core
import Reports
public import Terminal

// Commands that need no settings.

extension ReasonsRequest: Command {
    public static var reach: Reach { .anywhere }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        try context.console.show(try code.map { try ReasonsReport(named: $0) } ?? ReasonsReport())
        return .success
    }
}

extension StatesRequest: Command {
    public static var reach: Reach { .anywhere }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        try context.console.show(StatesReport())
        return .success
    }
}

/// What this program is.
public struct VersionReport: Document {
    public static let schema = "clarion.version/1"
    public init() {}
    public var members: [(String, JSON)] { [("version", .string(Version.text))] }
    public var sheet: Sheet {
        var sheet = Sheet(["version"])
        sheet.add([.string(Version.text)])
        return sheet
    }
    public func human(_ look: Look) -> [String] { ["clarion \(Version.text)"] }
}

extension VersionRequest: Command {
    public static var reach: Reach { .anywhere }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        try context.console.show(VersionReport())
        return .success
    }
}
