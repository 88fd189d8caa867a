import Core
import Reports
public import Terminal

extension BenchCompareRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let report = BenchReport(old: try Self.read(old), new: try Self.read(new))
        try context.console.show(report)
        return report.status
    }

    private static func read(_ path: String) throws(Fault) -> BenchFile {
        let text: String
        do { text = try Host.text(at: path) } catch { throw Fault(.notFound, error.words, field: path) }
        return try BenchFile(parsing: text, file: path)
    }
}
