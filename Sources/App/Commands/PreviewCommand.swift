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
        if case .page(let kind, let stage, let port) = subject {
            let first = Scenario(
                kind: kind ?? .bankDelay, stage: stage, variant: variant, locale: locales.first ?? .zhHans, zone: zone,
                fixture: values.fixtureName)
            return try await LivePreview.serve(first, port: port, context)
        }
        if let save, !Fixture.accepts(name: save) {
            throw Fault(.usage, "\"\(PlainText(save))\" is no name of a fixture", field: "save", hint: Fixture.nameRule)
        }
        let told: Notice?
        switch subject {
        case .delivery(let id): return try await show(delivery: id, context)
        case .order(let order): told = try await context.read { try Self.newest(ofOrder: order, $0) }
        case .list, .kind, .everything, .page: told = nil
        }
        let previewer = try previewer(context, told)
        let forms: [Previewer.Form]
        var made: Fixture?
        switch subject {
        case .list:
            try context.console.show(previewer.list(in: try SettingsOfCommand(context).notes(of: previewer.settings)))
            return .success
        case .kind(let kind, let stage): forms = try previewer.forms(self, kind: kind, stage: stage)
        case .everything, .delivery, .page: forms = previewer.everything(self)
        case .order(let order):
            guard let told else {
                throw Fault(.notFound, "nothing was told about \(order)", field: "from-order", hint: "clarion audit order \(order)")
            }
            // Rendered again it would be in the words of the one or of the other.
            guard !told.kind.isDiscreet || context.options.namesRestrictions else {
                throw Fault(
                    .usage, "\(order) is under review, which is shown with --restricted alone", field: "from-order",
                    hint: "what was sent: clarion audit order \(order), then preview --delivery ID")
            }
            let fixture = Fixture(name: save ?? "from_order", of: told, templates: previewer.templates)
            made = fixture
            forms = previewer.forms(self, told.kind, nil, fixture)
        }
        let data = try givenValues(previewer.templates)
        let texts = forms.map { previewer.render($0, data) }
        if golden != nil { return try compare(texts, context) }
        if let diff { return try await show(forms, data, texts, otherThan: diff, previewer, context) }
        var report = PreviewReport(
            source: source, revision: previewer.templates.revision, texts: texts, warnings: previewer.warnings(forms),
            fixtures: values == .samples ? fixtures(of: previewer) : [],
            made: made?.yaml, prices: previewer.settings.smsPrices, isStacked: isStacked)
        report.written = try write(texts, forms, previewer.settings, now: context.clock())
        if let made, let told, save != nil {
            report.written.append(try Self.add(made, to: told.kind, of: previewer))
        }
        try context.console.show(report)
        return report.status
    }

    /// What else one kind could be looked at with.
    private func fixtures(of previewer: Previewer) -> [String] {
        if case .kind(let kind, _) = subject { previewer.fixtures[kind].map(\.name) } else { [] }
    }

    private var source: String {
        switch (subject, values) {
        case (.order, _): "as an order was told, made-up numbers"
        case (_, .samples): "sample values"
        case (_, .file(let path)): "values of \(path == "-" ? "standard input" : path)"
        case (_, .fixture(let name)): "fixture \(name)"
        case (_, .allFixtures): "all fixtures"
        }
    }

    private func givenValues(_ templates: TemplateSet) throws -> GivenValues? {
        guard case .file(let path) = values else { return nil }
        let bytes = try path == "-" ? Host.bytes(of: 0, path: "standard input") : Host.bytes(at: path)
        do throws(Problems) {
            return try templates.values(String(decoding: bytes, as: UTF8.self), file: path == "-" ? "stdin" : path)
        } catch {
            throw Fault(
                .usage, counted(error.all.count, "mistake") + " in \(path == "-" ? "standard input" : path)", field: "data",
                problems: error.all)
        }
    }

    /// The mail's account is read only when its message is asked for.
    ///
    /// - Parameter told: what an order was told, if that is looked at.
    private func previewer(_ context: CommandContext, _ told: Notice?) throws -> Previewer {
        let source = SettingsOfCommand(context)
        let settings = try source.settings(channels: eml == nil ? [] : [.mail])
        let kind = if case .kind(let kind, _) = subject { kind } else { told?.kind }
        let files = try Runtime.templateFiles(settings.templatesDirectory)
        // Of one kind nothing else is read, and no other language: whether all texts are right is for `clarion check`. A fixture may be in any.
        let read = values.areFixtures ? TextLocale.allCases : locales.isEmpty ? [told?.locale ?? Self.usualLocale] : locales
        let scope: TemplateSet.Scope = kind.map { TemplateSet.Scope(kinds: [$0], locales: read) } ?? .everything
        let templates = try Texts.compile(files, scope: scope)
        let kinds = try source.kinds(of: settings)
        let (fixtures, problems) = Fixtures.read(
            files.pairs, of: kind.map { [$0] } ?? Kind.allCases, templates: templates, isZone: Surroundings(settings, kinds).isZone)
        // A mistake in one is no reason not to look at the texts without any.
        if values.areFixtures, !problems.isEmpty { throw Problems(problems) }
        var previewer = Previewer(settings: settings, templates: templates, kinds: kinds, fixtures: fixtures)
        if let wording {
            let known = kind.map { templates.wordings(of: $0).map(\.name) } ?? []
            guard known.contains(wording) else {
                throw Fault(
                    .notFound, "there is no wording \"\(PlainText(wording))\"\(kind.map { " of \($0.rawValue)" } ?? "")", field: "wording",
                    hint: known.isEmpty ? "this kind has none" : "known: \(known.joined(separator: ", "))")
            }
            previewer.wording = wording
        }
        previewer.zone =
            switch zone {
            case nil: settings.defaultZone
            case "none": nil
            case let name?:
                if previewer.surroundings.isZone(name) {
                    name
                } else {
                    throw Fault(.usage, "\"\(PlainText(name))\" is not a zone", field: "zone", hint: "Europe/Berlin, or none")
                }
            }
        return previewer
    }

    /// What reads otherwise with other texts: status 3 when anything does.
    private func show(
        _ forms: [Previewer.Form], _ data: GivenValues?, _ texts: [PreviewReport.Text], otherThan word: String, _ previewer: Previewer,
        _ context: CommandContext
    ) async throws -> ExitStatus {
        let other = try await TextSource.find(word, in: context)
        var before = Previewer(
            settings: previewer.settings, templates: try Texts.compile(other.files, scope: .everything.unjudged), kinds: previewer.kinds,
            fixtures: previewer.fixtures)
        (before.zone, before.wording) = (previewer.zone, previewer.wording)
        let changes = zip(forms, texts).compactMap { form, text -> TextChange? in
            let (old, new) = (Golden.lines(before.render(form, data)), Golden.lines(text))
            guard old != new else { return nil }
            return TextChange(
                file: [form.kind.rawValue, text.form, form.locale.rawValue].joined(separator: " "), key: form.channel.rawValue, old: old,
                new: new)
        }
        try context.console.show(TemplateDiffReport(from: other.name, to: previewer.templates.revision, changes: changes))
        return changes.isEmpty ? .success : .findings
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

    // MARK: What an order was told

    /// Nil when its customer was told nothing.
    private static func newest(ofOrder order: OrderNumber, _ reader: any StoreReader) throws -> Notice? {
        try reader.notices(ofOrder: order).filter { $0.audience == .customer }.max { $0.plannedAt < $1.plannedAt }
    }

    /// Behind those that there are. Returns the file.
    private static func add(_ fixture: Fixture, to kind: Kind, of previewer: Previewer) throws -> String {
        let path = "\(previewer.settings.templatesDirectory)/\(kind.rawValue)/\(Fixture.fileName)"
        guard !previewer.fixtures[kind].contains(where: { $0.name == fixture.name }) else {
            throw Fault(
                .usage, "\(kind.rawValue) has a fixture \"\(fixture.name)\" already", field: "save", hint: "another name, or edit \(path)")
        }
        let old = Host.exists(path) ? try Host.text(at: path) : ""
        try Host.replace(path, with: old + (old.isEmpty || old.hasSuffix("\n") ? "" : "\n") + (old.isEmpty ? "" : "\n") + fixture.yaml)
        return path
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
