import Config
import Core
import Reports
import Templates
import Terminal

/// Renders texts as the worker would, from settings that need no account.
struct Previewer {
    let settings: Settings
    let templates: TemplateSet
    let kinds: [Kind: KindRule]
    let fixtures: Fixtures
    /// The customer's zone. Nil: one that nobody named, so that the platform's own is used and every text says so.
    var zone: String?
    /// Which of the kind's wordings is shown, where it has one; nil: the text that most customers get.
    var wording: String?

    var surroundings: Surroundings { Surroundings(settings, kinds) }

    /// One text to show.
    struct Form: Sendable, Hashable {
        var kind: Kind
        var stage: NoticeStage
        var variant: String?
        var locale: TextLocale
        var channel: Channel
        /// Nil: sample values.
        var fixture: Fixture?
    }

    /// Throws a not-found fault for a variant that the kind does not have.
    func forms(_ request: PreviewRequest, kind: Kind, stage: NoticeStage?) throws(Fault) -> [Form] {
        if let variant = request.variant {
            let stage = stage ?? .opened
            let known = templates.variants(of: kind)
            guard known.contains(variant), stage == .opened else {
                let hint = known.isEmpty ? "this kind has none" : "known, of opened: \(known.joined(separator: ", "))"
                throw Fault(
                    .notFound, "\(kind.rawValue) has no variant \"\(PlainText(variant))\" of \(stage.rawValue)", field: "variant",
                    hint: hint)
            }
        }
        switch request.values {
        case .samples, .file: return forms(request, kind, stage ?? .opened, request.variant)
        case .fixture(let name): return forms(request, kind, stage, try fixture(name, of: kind))
        case .allFixtures:
            // Of what was asked for, those that say something about it.
            return fixtures[kind].filter { fixture in
                (fixture.stage ?? stage ?? .opened) == (stage ?? fixture.stage ?? .opened)
                    && (request.variant == nil || fixture.variant == nil || fixture.variant == request.variant)
                    && (request.locales.isEmpty || fixture.locale.map(request.locales.contains) ?? true)
            }.flatMap { forms(request, kind, stage, $0) }
        }
    }

    private func fixture(_ name: String, of kind: Kind) throws(Fault) -> Fixture {
        let known = fixtures[kind]
        if let fixture = known.first(where: { $0.name == name }) { return fixture }
        let near = nearest(to: name, among: known.map(\.name))
        throw Fault(
            .notFound, "\(kind.rawValue) has no fixture \"\(PlainText(name))\"", field: "fixture",
            hint: near.map { "did you mean \"\($0)\"?" }
                ?? (known.isEmpty
                    ? "they stand in templates/\(kind.rawValue)/\(Fixture.fileName)"
                    : "known: \(known.map(\.name).joined(separator: ", "))"))
    }

    /// What the fixture leaves open is as it is without one.
    func forms(_ request: PreviewRequest, _ kind: Kind, _ stage: NoticeStage?, _ fixture: Fixture) -> [Form] {
        let stage = stage ?? fixture.stage ?? .opened
        let variant = request.variant ?? (stage == .opened ? fixture.variant : nil)
        var own = request
        if own.locales.isEmpty, let locale = fixture.locale { own.locales = [locale] }
        return forms(own, kind, stage, variant).map { form in
            var form = form
            form.fixture = fixture
            return form
        }
    }

    /// Every kind, stage and variant.
    func everything(_ request: PreviewRequest) -> [Form] {
        Kind.allCases.flatMap { kind in
            if case .allFixtures = request.values { return fixtures[kind].flatMap { forms(request, kind, nil, $0) } }
            return templates.forms(of: kind).flatMap { forms(request, kind, $0.stage, $0.variant) }
        }
    }

    private func forms(_ request: PreviewRequest, _ kind: Kind, _ stage: NoticeStage, _ variant: String?) -> [Form] {
        let channels = request.channels.isEmpty ? TemplateSet.channels : request.channels
        return (request.locales.isEmpty ? [PreviewRequest.usualLocale] : request.locales).flatMap { locale in
            channels.map { Form(kind: kind, stage: stage, variant: variant, locale: locale, channel: $0) }
        }
    }

    /// - Parameter data: from a person's file.
    func render(
        _ form: Form, _ data: GivenValues?, size: TemplateSet.SampleSize = .usual, isNeutral: Bool = false
    ) -> PreviewReport.Text {
        let request = request(form, data, size: size, isNeutral: isNeutral)
        var text = PreviewReport.Text(
            kind: form.kind, stage: form.stage, variant: form.variant, channel: form.channel, locale: form.locale, content: nil,
            fields: templates.fieldsNeeded(
                kind: form.kind, stage: form.stage, variant: form.variant, channel: form.channel, locale: form.locale,
                wording: wording),
            fixture: form.fixture.map { .init(name: $0.name, title: $0.title) }, wording: wording)
        do throws(RenderProblem) {
            text.content = try templates.render(request)
        } catch {
            text.problem = error.description
        }
        return text
    }

    /// Of a mail, in the list of a mailbox.
    func preheader(_ form: Form, size: TemplateSet.SampleSize) -> String? { templates.preheader(request(form, nil, size: size)) }

    private func request(_ form: Form, _ data: GivenValues?, size: TemplateSet.SampleSize, isNeutral: Bool = false) -> RenderRequest {
        let samples = templates.sampleFacts(kind: form.kind, stage: form.stage, variant: form.variant, locale: form.locale, size: size)
        // A person's file is a fixture without a name.
        var fixture = data.map { Fixture(name: "", title: "", values: $0) } ?? form.fixture ?? Fixture(name: "", title: "", values: .none)
        fixture.zone = fixture.zone ?? zone
        var facts = fixture.values.applied(to: samples)
        facts.isZoneAssumed = fixture.zone == nil
        var request = surroundings.request(form.kind, form.stage, form.variant, form.channel, form.locale, facts: facts, fixture)
        (request.privatePreview, request.wording) = (isNeutral, wording)
        return request
    }

    /// Warnings of the files that the texts came from.
    func warnings(_ forms: [Form]) -> [Problem] {
        let files = Set(
            forms.flatMap {
                ["/\($0.kind.rawValue)/\($0.locale.rawValue).yaml"]
                    + ($0.stage == .opened ? [] : ["/_shared/stages/\($0.locale.rawValue).yaml"])
            })
        return templates.warnings.filter { warning in
            files.contains { warning.file.hasSuffix($0) } && forms.contains { warning.problem.isAbout($0) || warning.key.isAbout($0) }
        }
    }
}

extension Surroundings {
    init(_ configuration: Configuration) {
        self.init(configuration.settings, configuration.catalogue.kinds)
    }

    init(_ settings: Settings, _ kinds: [Kind: KindRule]) {
        let (zones, own) = (SystemZones(), settings.defaultZone)
        self.init(
            brand: Brand(
                names: settings.brand.names.mapValues { PlainText($0) }, support: PlainText(settings.brand.support),
                linkBase: settings.brand.linkBase),
            links: kinds.compactMapValues(\.links.first), offset: { zones.offset(of: $0 ?? own, at: $1) })
    }
}

extension String {
    /// `opened.sms: 2 SMS parts …` is about the opening's SMS.
    fileprivate func isAbout(_ form: Previewer.Form) -> Bool {
        let head = prefix { $0 != ":" }
        let stage = form.variant.map { "variants.\($0)" } ?? form.stage.rawValue
        return head.hasPrefix(stage + ".") && head.dropFirst(stage.count + 1).hasPrefix(form.channel.rawValue)
    }
}
