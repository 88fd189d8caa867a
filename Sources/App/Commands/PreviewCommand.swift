import Config
import Core
import Pipeline
import PreviewPage
import Reports
import Store
import Templates
public import Terminal

extension PreviewRequest: Command {
    public static var reach: Reach { .machine }

    public func run(in context: CommandContext) async throws -> ExitStatus {
        if case .delivery(let id) = subject { return try await show(delivery: id, context) }
        if case .page(let kind, let stage, let port) = subject {
            let first = Scenario(
                kind: kind ?? .bankDelay, stage: stage, variant: variant, locale: locales.first ?? .zhHans)
            return try await LivePreview.serve(first, port: port, context)
        }
        let previewer = try previewer(context)
        let forms: [Previewer.Form]
        switch subject {
        case .list:
            try context.console.show(previewer.list(in: try SettingsOfCommand(context).notes(of: previewer.settings)))
            return .success
        case .kind(let kind, let stage): forms = try previewer.forms(self, kind: kind, stage: stage)
        case .everything, .delivery, .page: forms = previewer.everything(self)
        }
        let data = try data.map { try FactsFile(path: $0, templates: previewer.templates) }
        let texts = forms.map { previewer.render($0, data) }
        if golden != nil { return try compare(texts, context) }
        var report = PreviewReport(
            source: self.data.map { "values of \($0)" } ?? "sample values", revision: previewer.templates.revision, texts: texts,
            warnings: previewer.warnings(forms), prices: previewer.settings.smsPrices)
        report.written = try write(texts, forms, previewer.settings, now: context.clock())
        try context.console.show(report)
        return report.status
    }

    /// The mail's account is read only when its message is asked for.
    private func previewer(_ context: CommandContext) throws -> Previewer {
        let source = SettingsOfCommand(context)
        let settings = try source.settings(channels: eml == nil ? [] : [.mail])
        var previewer = Previewer(
            settings: settings, templates: try Runtime.loadTemplates(settings.templatesDirectory, scope: scope),
            kinds: try source.kinds(of: settings))
        previewer.zone =
            switch zone {
            case nil: settings.defaultZone
            case "none": nil
            case let name?:
                if previewer.zones.offset(of: name, at: context.clock()) != nil {
                    name
                } else {
                    throw Fault(.usage, "\"\(PlainText(name))\" is not a zone", field: "zone", hint: "Europe/Berlin, or none")
                }
            }
        return previewer
    }

    /// Of one kind nothing else is read: whether all texts are right is for `clarion check`.
    private var scope: TemplateSet.Scope {
        if case .kind(let kind, _) = subject { TemplateSet.Scope(kinds: [kind], locales: locales) } else { .everything }
    }

    // MARK: Files

    private func write(_ texts: [PreviewReport.Text], _ forms: [Previewer.Form], _ settings: Settings, now: Timestamp) throws -> [String] {
        guard html != nil || eml != nil else { return [] }
        let mails = zip(texts, forms).compactMap { text, form in text.content.map { ($0, form) } }.filter { $0.1.channel == .mail }
        guard mails.count == 1, let (content, form) = mails.first, case .mail(_, _, let page) = content else {
            throw Fault(
                .usage, "takes one mail, not \(mails.count)", field: html == nil ? "eml" : "html",
                hint: "one kind, one --locale, and mail among the channels")
        }
        if let html { try Host.replace(html, with: page) }
        if let eml { try Host.replace(eml, with: MailFile.message(content, form, settings: settings, now: now)) }
        return [html, eml].compactMap { $0 }
    }

    private func compare(_ texts: [PreviewReport.Text], _ context: CommandContext) throws -> ExitStatus {
        let golden = Golden(directory: golden ?? ".")
        let files = Golden.files(texts).count
        if records {
            let changed = try golden.record(texts)
            try context.console.show(GoldenReport(files: files, texts: texts.count, recorded: changed))
            // A run that records proves nothing.
            return .findings
        }
        let differences = try golden.compare(texts).map { GoldenReport.Difference(place: $0.file, words: $0.words) }
        let report = GoldenReport(files: files, texts: texts.count, differences: differences)
        try context.console.show(report)
        return report.status
    }

    // MARK: What was sent

    private func show(delivery id: String, _ context: CommandContext) async throws -> ExitStatus {
        guard eml == nil else {
            throw Fault(.usage, "would hold the customer's address", field: "eml", hint: "--html shows what the mail said")
        }
        let sent = try await context.read { try SentText(id, $0) }
        guard let sent else {
            throw Fault(.notFound, "no delivery \(PlainText(id))", field: "delivery", hint: "clarion audit search order:ID")
        }
        guard let content = sent.content else {
            throw Fault(.notFound, "nothing was sent with \(id)", field: "delivery", hint: "clarion audit delivery \(id)")
        }
        let text = PreviewReport.Text(
            kind: sent.notice.kind, stage: sent.notice.stage, variant: sent.notice.variant, channel: content.channel,
            locale: sent.notice.locale,
            content: content)
        var report = PreviewReport(source: "as it was sent, \(id)", revision: sent.notice.templateRevision, texts: [text])
        if let html {
            guard case .mail(_, _, let page) = content else { throw Fault(.usage, "\(id) is no mail", field: "html") }
            try Host.replace(html, with: page)
            report.written = [html]
        }
        try context.console.show(report)
        return .success
    }
}

/// What a delivery said, opened.
private struct SentText: Sendable {
    var notice: Notice
    /// Nil when nothing left.
    var content: Content?

    /// Nil when there is no such delivery.
    init?(_ id: String, _ reader: any StoreReader) throws {
        guard let delivery = try reader.delivery(publicID: id),
            let report = try DeliveryReport.gather(from: reader, delivery: id, content: true)
        else { return nil }
        guard let notice = try reader.notice(delivery.notice) else { throw StoreError.integrity("delivery \(id) has no notice") }
        self.notice = notice
        // An inbox item is not an attempt: its JSON names no channel.
        let members = report.content?.object ?? []
        let named = members.contains { $0.0 == "channel" } ? members : [("channel", .string(delivery.channel.rawValue))] + members
        content = Content(json: .object(named))
    }
}

extension Previewer {
    fileprivate func list(in notes: [Kind: KindNotes]) -> KindsReport {
        KindsReport(
            Kind.allCases.map { kind in
                KindsReport.Row(
                    kind: kind, name: notes[kind]?.names[.en] ?? "", priority: kinds[kind]?.priority ?? .normal,
                    variants: templates.variants(of: kind))
            })
    }
}
