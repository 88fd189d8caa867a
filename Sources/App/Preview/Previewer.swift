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
    let zones = SystemZones()
    /// The customer's zone. Nil: one that nobody named, so that the platform's own is used and every text says so.
    var zone: String?

    var brand: Brand {
        Brand(
            names: settings.brand.names.mapValues { PlainText($0) }, support: PlainText(settings.brand.support),
            linkBase: settings.brand.linkBase)
    }

    /// One text to show.
    struct Form: Sendable, Hashable {
        var kind: Kind
        var stage: NoticeStage
        var variant: String?
        var locale: TextLocale
        var channel: Channel
    }

    /// Throws a not-found fault for a variant that the kind does not have.
    func forms(_ request: PreviewRequest, kind: Kind, stage: NoticeStage) throws(Fault) -> [Form] {
        if let variant = request.variant {
            let known = templates.variants(of: kind)
            guard known.contains(variant), stage == .opened else {
                let hint = known.isEmpty ? "this kind has none" : "known, of opened: \(known.joined(separator: ", "))"
                throw Fault(
                    .notFound, "\(kind.rawValue) has no variant \"\(PlainText(variant))\" of \(stage.rawValue)", field: "variant",
                    hint: hint)
            }
        }
        return forms(request, kind, stage, request.variant)
    }

    /// Every kind, stage and variant.
    func everything(_ request: PreviewRequest) -> [Form] {
        Kind.allCases.flatMap { kind in
            forms(request, kind, .opened, nil)
                + templates.variants(of: kind).flatMap { forms(request, kind, .opened, $0) }
                + NoticeStage.allCases.dropFirst().flatMap { forms(request, kind, $0, nil) }
        }
    }

    private func forms(_ request: PreviewRequest, _ kind: Kind, _ stage: NoticeStage, _ variant: String?) -> [Form] {
        let channels = request.channels.isEmpty ? TemplateSet.channels : request.channels
        return request.locales.flatMap { locale in
            channels.map { Form(kind: kind, stage: stage, variant: variant, locale: locale, channel: $0) }
        }
    }

    func render(
        _ form: Form, _ data: FactsFile?, size: TemplateSet.SampleSize = .usual, isNeutral: Bool = false
    ) -> PreviewReport.Text {
        let samples = templates.sampleFacts(kind: form.kind, stage: form.stage, variant: form.variant, locale: form.locale, size: size)
        var facts = data?.applied(to: samples) ?? samples
        facts.isZoneAssumed = zone == nil
        let (zones, zone) = (zones, zone ?? settings.defaultZone)
        let request = RenderRequest(
            kind: form.kind, stage: form.stage, variant: form.variant, channel: form.channel, locale: form.locale,
            facts: facts, brand: brand, offset: { zones.offset(of: zone, at: $0) ?? 0 },
            privatePreview: isNeutral, link: kinds[form.kind]?.links.first)
        var text = PreviewReport.Text(
            kind: form.kind, stage: form.stage, variant: form.variant, channel: form.channel, locale: form.locale, content: nil,
            fields: templates.fieldsNeeded(
                kind: form.kind, stage: form.stage, variant: form.variant, channel: form.channel, locale: form.locale))
        do throws(RenderProblem) {
            text.content = try templates.render(request)
        } catch {
            text.problem = error.description
        }
        return text
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

extension String {
    /// `opened.sms: 2 SMS parts …` is about the opening's SMS.
    fileprivate func isAbout(_ form: Previewer.Form) -> Bool {
        let head = prefix { $0 != ":" }
        let stage = form.variant.map { "variants.\($0)" } ?? form.stage.rawValue
        return head.hasPrefix(stage + ".") && head.dropFirst(stage.count + 1).hasPrefix(form.channel.rawValue)
    }
}
