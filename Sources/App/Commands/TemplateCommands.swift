import Config
import Core
import Pipeline
import Reports
import Templates
public import Terminal

extension TemplateListRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let read = try TemplateFiles(context).read()
        try context.console.show(
            TemplatesReport(
                revision: read.templates.revision,
                rows: Kind.allCases.map { kind in
                    let known = read.templates.describe(kind)
                    return TemplatesReport.Row(
                        kind: kind, locales: known.locales, variants: known.variants, ownStages: known.ownStages,
                        fixtures: read.fixtures[kind].map(\.name))
                }))
        return .success
    }
}

extension TemplateCheckRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let began = ContinuousClock.now
        let source = try TemplateFiles(context)
        let (problems, counts): ([Problem], [CheckReport.Count])
        var excerpts: [Problem: Excerpt] = [:]
        do throws(Problems) {
            let check = try TemplateCheck(
                source.files.pairs, kinds: kind.map { [$0] } ?? Kind.allCases, in: source.surroundings, digest: Texts.digest)
            (problems, counts) = (check.problems, [.init(kind == nil ? Kind.allCases.count : 1, "kinds")] + check.counts)
        } catch {
            (problems, counts) = (error.all, [])
            excerpts = source.files.excerpts(of: error.all)
        }
        let report = CheckReport(problems: problems, counts: counts, elapsed: .now - began, isStrict: isStrict, excerpts: excerpts)
        try context.console.show(report)
        return report.status
    }
}

extension TemplateCoverageRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        let source = try TemplateFiles(context)
        let read = try source.read()
        let coverage = read.templates.coverage(of: kind.map { [$0] } ?? Kind.allCases, read.fixtures, in: source.surroundings)
        try context.console.show(CoverageReport(coverage))
        return .success
    }
}

/// The directory of texts and fixtures, with what the settings add to a rendering.
struct TemplateFiles {
    let files: [TemplateFile]
    let surroundings: Surroundings

    init(_ context: CommandContext) throws {
        let source = SettingsOfCommand(context)
        let settings = try source.settings()
        files = try Runtime.templateFiles(settings.templatesDirectory)
        surroundings = Surroundings(settings, try source.kinds(of: settings))
    }

    /// Throws every mistake, those of fixtures too.
    func read() throws(Problems) -> (templates: TemplateSet, fixtures: Fixtures) {
        let templates = try Texts.compile(files)
        let (fixtures, problems) = Fixtures.read(files.pairs, templates: templates, isZone: surroundings.isZone)
        guard problems.isEmpty else { throw Problems(problems) }
        return (templates, fixtures)
    }
}

extension TemplateCheck {
    /// What was looked at.
    var counts: [CheckReport.Count] {
        [
            .init(TextLocale.allCases.count, "languages"), .init(TemplateSet.channels.count, "channels"), .init(fixtures.count, "fixtures"),
            .init(texts, "texts"), .init(renders, "renders"),
        ]
    }
}
