import Config
import Core
import Pipeline
import PreviewPage
import Reports
import Templates

/// The texts of a page that stays open while somebody edits the files. Every view reads them anew and compiles what it shows; where that
/// fails, the texts of before stay, with what is wrong beside them.
actor LivePreview {
    private struct Key: Hashable {
        var kind: Kind
        var locales: [TextLocale]
    }
    private struct Kept {
        var files: Int
        var result: Result<TemplateSet, Problems>
    }

    private let source: SettingsOfCommand
    private let watch: FileWatch?
    private var settings: Settings
    private var catalogue: (rules: [Kind: KindRule], notes: [Kind: KindNotes])
    /// As the files are now, counted by their changes; and as they were when the page was opened.
    private var files: [TemplateFile]
    private var generation = 0
    private let first: [TemplateFile]
    private var compiled: [Key: Kept] = [:]
    private var good: [Key: TemplateSet] = [:]

    /// Throws where the settings cannot be read: there is no page without a brand and a zone.
    init(_ source: SettingsOfCommand, watch: FileWatch?) throws {
        (self.source, self.watch) = (source, watch)
        settings = try source.settings()
        catalogue = try (source.kinds(of: settings), source.notes(of: settings))
        files = try Runtime.templateFiles(settings.templatesDirectory)
        first = files
        Self.cover(settings, source, watch)
    }

    func view(_ scenario: Scenario, _ span: View.Span) -> View {
        var view = View()
        readSettings(&view)
        readFiles(&view)
        let key = Key(kind: scenario.kind, locales: span == .oneLanguage ? [scenario.locale] : TextLocale.allCases)
        let templates = templates(key, &view)
        view.choices = View.Choices(
            kinds: Kind.allCases.map { View.Choices.Kind($0, name: catalogue.notes[$0]?.names[.en] ?? $0.rawValue) },
            variants: templates?.variants(of: scenario.kind) ?? [],
            wordings: templates?.wordings(of: scenario.kind).map { ($0.name, $0.weight) } ?? [], zones: zones)
        guard let templates else { return view }
        let (fixtures, wrong) = Fixtures.read(
            files.pairs, of: [scenario.kind], templates: templates, isZone: Surroundings(settings, catalogue.rules).isZone)
        view.problems += wrong.map(finding)
        view.choices.fixtures = fixtures[scenario.kind].map(\.name)
        var previewer = Previewer(settings: settings, templates: templates, kinds: catalogue.rules, fixtures: fixtures)
        previewer.zone = scenario.zone == Self.noZone ? nil : scenario.zone ?? settings.defaultZone
        previewer.wording = scenario.wording.flatMap { name in view.choices.wordings.first { $0.name == name }?.name }
        view.revision = templates.revision
        fill(&view, previewer, scenario, key.locales, span)
        return view
    }

    private func fill(_ view: inout View, _ previewer: Previewer, _ scenario: Scenario, _ locales: [TextLocale], _ span: View.Span) {
        let variant = scenario.stage == .opened ? scenario.variant.flatMap { view.choices.variants.contains($0) ? $0 : nil } : nil
        let channels = span == .oneLanguage ? TemplateSet.channels : [.sms, .push]
        let fixture = previewer.fixtures[scenario.kind].first { $0.name == scenario.fixture }
        let forms = locales.flatMap { locale in
            channels.map {
                Previewer.Form(
                    kind: scenario.kind, stage: scenario.stage, variant: variant, locale: locale, channel: $0, fixture: fixture)
            }
        }
        func text(_ form: Previewer.Form, isNeutral: Bool = false) -> View.Text {
            let made = previewer.render(
                form, nil, size: TemplateSet.SampleSize(scenario.size), isNeutral: isNeutral)
            return View.Text(
                channel: form.channel, locale: form.locale, brand: previewer.surroundings.brand.name(in: form.locale)?.description ?? "",
                isRightToLeft: form.locale.isRightToLeft, isGSM: form.locale.isGSM,
                isNeutral: isNeutral, content: made.content, problem: made.problem,
                preheader: form.channel == .mail ? previewer.preheader(form, size: TemplateSet.SampleSize(scenario.size)) : nil)
        }
        view.texts = forms.map { text($0) }
        if span == .oneLanguage { view.texts += forms.filter { $0.channel == .push }.map { text($0, isNeutral: true) } }
        // Those of other files than the ones that lie there now have no line to show.
        if view.problems.isEmpty { view.warnings = previewer.warnings(forms).map(finding) }
    }

    // MARK: Files

    /// The settings as they are now, or those of before with what is wrong.
    private func readSettings(_ view: inout View) {
        do {
            let new = try source.settings()
            catalogue = try (source.kinds(of: new), source.notes(of: new))
            settings = new
        } catch {
            view.problems += error.all.map(finding)
        }
        Self.cover(settings, source, watch)
    }

    private func readFiles(_ view: inout View) {
        do {
            let new = try Runtime.templateFiles(settings.templatesDirectory)
            guard new != files else { return }
            files = new
            generation += 1
        } catch let error as Host.FileProblem {
            view.problems.append(View.Finding(Problem(error.words, file: error.path)))
        } catch {
            view.problems.append(View.Finding(Problem("\(error)", file: settings.templatesDirectory)))
        }
    }

    private func templates(_ key: Key, _ view: inout View) -> TemplateSet? {
        let scope = TemplateSet.Scope(kinds: [key.kind], locales: key.locales)
        if compiled[key]?.files != generation {
            compiled[key] = Kept(files: generation, result: Self.compile(files, scope))
        }
        switch compiled[key]?.result {
        case .success(let set):
            good[key] = set
            return set
        case .failure(let problems):
            view.problems += problems.all.map(finding)
            if good[key] == nil, case .success(let set) = Self.compile(first, scope) { good[key] = set }
            return good[key]
        case nil: return nil
        }
    }

    private static func compile(_ files: [TemplateFile], _ scope: TemplateSet.Scope) -> Result<TemplateSet, Problems> {
        Result { () throws(Problems) in try Texts.compile(files, scope: scope) }
    }

    /// With the line that a problem is on.
    private func finding(_ problem: Problem) -> View.Finding {
        guard problem.line > 0 else { return View.Finding(problem) }
        let text: String?
        // A settings file that is gone has no line to show.
        do { text = try files.first { $0.path == problem.file }?.text ?? Host.text(at: problem.file) } catch { text = nil }
        let lines = text?.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) ?? []
        return View.Finding(problem, line: problem.line <= lines.count ? String(lines[problem.line - 1]) : nil)
    }

    /// Texts, settings and catalogue, wherever the settings have them now.
    private static func cover(_ settings: Settings, _ source: SettingsOfCommand, _ watch: FileWatch?) {
        watch?.cover(settings.templatesDirectory)
        for file in [source.path, settings.cataloguePaths.kinds] {
            watch?.coverOnly(file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ".")
        }
    }

    /// A customer whose zone nobody has named: the platform's own is used, and every text says so.
    static let noZone = "none"

    /// The settings' own, and one for each language at least; others may be asked for by address.
    private var zones: [String] {
        let usual = [
            "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Tokyo", "Asia/Seoul", "Asia/Riyadh", "Asia/Bangkok", "Asia/Jakarta",
            "Asia/Ho_Chi_Minh", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "America/New_York",
            "America/Los_Angeles", "America/Sao_Paulo", "UTC", Self.noZone,
        ]
        return [settings.defaultZone] + usual.filter { $0 != settings.defaultZone }
    }
}

extension TemplateSet.SampleSize {
    fileprivate init(_ size: Scenario.Size) {
        switch size {
        case .usual: self = .usual
        case .long: self = .long
        case .extreme: self = .extreme
        }
    }
}
