import Config
import Core
import Pipeline
import Reports
public import Terminal
import Templates

extension CheckRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let began = ContinuousClock.now
        var found = Found()
        found.look(SettingsOfCommand(context), now: context.clock())
        let report = CheckReport(
            problems: found.problems, counts: found.counts, elapsed: .now - began, isStrict: isStrict, excerpts: found.excerpts)
        try context.console.show(report)
        return report.status
    }

    /// Reads on after each mistake, as far as it can.
    private struct Found {
        var problems: [Problem] = []
        var counts: [CheckReport.Count] = []
        var excerpts: [Problem: Excerpt] = [:]

        mutating func look(_ source: SettingsOfCommand, now: Timestamp) {
            let configuration = read { () throws(Problems) in try source.configuration() }
            if let configuration {
                problems += configuration.warnings + Calendars(configuration: configuration, now: now).warnings
                count(configuration)
            }
            guard let directory = configuration?.settings.templatesDirectory ?? templatesDirectory(source) else { return }
            var files: [TemplateFile] = []
            do {
                files = try Runtime.templateFiles(directory)
                let check = try TemplateCheck(
                    files.pairs, in: configuration.map(Surroundings.init) ?? .sample, digest: Texts.digest)
                problems += check.problems
                counts += check.counts
                if let configuration { problems += Graph(configuration: configuration, templates: check.templates).problems }
            } catch let found as Problems {
                problems += found.all
                excerpts = files.excerpts(of: found.all)
            } catch {
                problems.append(Problem("\(error)", file: directory))
            }
        }

        private mutating func read<Value>(_ body: () throws(Problems) -> Value) -> Value? {
            do throws(Problems) {
                return try body()
            } catch {
                problems += error.all
                return nil
            }
        }

        /// Of settings whose other files hold a mistake.
        private func templatesDirectory(_ source: SettingsOfCommand) -> String? {
            do throws(Problems) {
                return try source.settings().templatesDirectory
            } catch {
                // Where they are when nothing says otherwise.
                let beside = (source.path.split(separator: "/", omittingEmptySubsequences: false).dropLast() + ["..", "templates"]).joined(
                    separator: "/")
                return Host.exists(beside) ? beside : nil
            }
        }

        private mutating func count(_ configuration: Configuration) {
            let catalogue = configuration.catalogue
            counts.append(.init(catalogue.kinds.count, "kinds"))
            counts.append(.init(catalogue.codes.values.reduce(0) { $0 + $1.count }, "codes"))
            counts.append(.init(catalogue.baselines.values.reduce(0) { $0 + $1.count }, "baselines"))
            counts.append(.init(configuration.settings.accounts.count, "accounts"))
        }
    }
}
