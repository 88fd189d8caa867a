public import Core
import Templates
public import Terminal

/// `preview`: texts as a customer sees them, with what they cost and where they nearly do not fit.
public struct PreviewReport: Document {
    public static let schema = "clarion.preview/1"

    public struct Text: Sendable, Equatable {
        public var kind: Kind
        public var stage: NoticeStage
        public var variant: String?
        public var channel: Channel
        public var locale: TextLocale
        /// Nil when it could not be made: then `problem` says why.
        public var content: Content?
        public var problem: String?
        /// What the text prints, in the order of its first mention.
        public var fields: [Field]

        public init(
            kind: Kind, stage: NoticeStage, variant: String?, channel: Channel, locale: TextLocale, content: Content?,
            problem: String? = nil,
            fields: [Field] = []
        ) {
            (self.kind, self.stage, self.variant, self.channel, self.locale) = (kind, stage, variant, channel, locale)
            (self.content, self.problem, self.fields) = (content, problem, fields)
        }

        /// Of an SMS.
        public var measure: SMSMeasure? { if case .sms(let text)? = content { SMSMeasure(text) } else { nil } }
    }

    /// Where the words come from: `sample values`, `values of data.json`, `as it was sent`.
    public var source: String
    /// Of the texts.
    public var revision: String
    public var texts: [Text]
    /// Of the templates that were shown.
    public var warnings: [Problem]
    /// Files that were written.
    public var written: [String]
    /// What SMS cost, at the accounts that say so.
    public var prices: [SMSPrice]

    public init(
        source: String, revision: String, texts: [Text], warnings: [Problem] = [], written: [String] = [], prices: [SMSPrice] = []
    ) {
        (self.source, self.revision, self.texts, self.warnings, self.written) = (source, revision, texts, warnings, written)
        self.prices = prices
    }

    /// A text that cannot be made is a finding.
    public var status: ExitStatus { texts.contains { $0.content == nil } ? .findings : .success }

    public var members: [(String, JSON)] {
        [
            ("source", .string(source)), ("revision", .string(revision)), ("texts", .array(texts.map { $0.json(prices) })),
            ("warnings", .array(warnings.map(\.json))), ("written", .array(written.map(JSON.string))),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(
            ["kind", "stage", "variant", "locale", "channel", "parts", "units", "coding", "title", "text", "problem"]
                + (prices.isEmpty ? [] : ["per_thousand"]))
        for item in texts {
            let (title, text) = item.words
            let measure = item.measure
            let cells: [JSON] = [
                .code(item.kind), .code(item.stage), .text(item.variant), .code(item.locale), .code(item.channel),
                measure.map { .integer($0.parts) } ?? .null, measure.map { .integer($0.units) } ?? .null, .code(measure?.encoding),
                .text(title),
                .text(text), .text(item.problem),
            ]
            sheet.add(cells + (prices.isEmpty ? [] : [.text(measure.flatMap { prices.perThousand(parts: $0.parts) })]))
        }
        return sheet
    }

    // MARK: For people

    public func human(_ look: Look) -> [String] {
        guard let first = texts.first else { return ["There is no such text."] }
        var head = [look.bold(first.kind.rawValue)]
        if texts.allSatisfy({ $0.form == first.form }) { head.append(first.form) }
        if texts.allSatisfy({ $0.channel == first.channel }) { head.append(first.channel.title) }
        head += [source, "rev \(revision)"].map { look.dim($0) }
        var lines = [head.joined(separator: " \(look.dot) ")]
        let isList = texts.count > 1 && texts.allSatisfy { $0.channel == .sms }
        lines += isList ? [""] + list(look) : sections(look)
        let notes = notes(look)
        if !notes.isEmpty { lines += [""] + notes }
        lines += written.map { look.mark(.good, "wrote \($0)") }
        return lines
    }

    /// Many SMS: one line each.
    private func list(_ look: Look) -> [String] {
        let isOneForm = Set(texts.map { "\($0.kind) \($0.form)" }).count == 1
        var table = Table(
            (isOneForm ? [] : [.init("TEXT OF", cut: .end, priority: 1)]) + [
                .init("LOCALE"), .init("PARTS", isRightAligned: true), .init("USED", isRightAligned: true), .init("CODE"),
            ] + (prices.isEmpty ? [] : [.init("PER 1,000", isRightAligned: true)]) + [.init("TEXT", cut: .end)])
        for item in texts {
            let name: [Table.Cell] = isOneForm ? [] : [.init("\(item.kind.rawValue) \(item.form)")]
            guard let measure = item.measure else {
                table.add(
                    name + [.init(item.locale.rawValue), "", "", ""] + (prices.isEmpty ? [] : [""]) + [.init(item.problem ?? "", .bad)])
                continue
            }
            table.add(
                name + [
                    .init(item.locale.rawValue), .init(measure.parts), .init("\(measure.units)/\(measure.capacity(parts: measure.parts))"),
                    .init(measure.encoding.rawValue),
                ] + (prices.perThousand(parts: measure.parts).map { [.init($0)] } ?? []) + [.init(item.words.text ?? "")])
        }
        return table.lines(look)
    }

    /// A block for each text under one heading for each form and language.
    private func sections(_ look: Look) -> [String] {
        var lines: [String] = []
        var heading = ""
        for item in texts {
            let next = [item.kind == texts[0].kind ? "" : item.kind.rawValue, item.form, item.locale.rawValue].filter { !$0.isEmpty }
                .joined(separator: " \(look.dot) ")
            if next != heading {
                lines += ["", look.dim("\(look.dash)\(look.dash) ") + look.bold(next)]
                heading = next
            }
            lines += [""] + item.block(look, prices)
        }
        return lines
    }

    private func notes(_ look: Look) -> [String] {
        var lines = texts.compactMap { $0.note.map { look.mark(.warning, $0) } }
        let unread = TextLocale.allCases.filter { locale in !locale.isReviewed && texts.contains { $0.locale == locale } }
        if !unread.isEmpty {
            lines.append(look.mark(.warning, "\(unread.map(\.rawValue).joined(separator: ", ")): not yet reviewed by a native speaker"))
        }
        lines += warnings.map { look.mark(.warning, $0.description) }
        let failed = texts.count { $0.content == nil }
        if failed > 0 { lines.append(look.mark(.bad, "\(counted(failed, "text")) cannot be made")) }
        return lines
    }
}

extension PreviewReport.Text {
    /// `opened`, `opened (materials)`.
    var form: String { stage.rawValue + (variant.map { " (\($0))" } ?? "") }

    /// Title or subject, and body.
    var words: (title: String?, text: String?) {
        switch content {
        case .sms(let text): (nil, text)
        case .push(let title, let body), .inApp(let title, let body): (title, body)
        case .mail(let subject, let text, _): (subject, text)
        case nil: (nil, nil)
        }
    }

    func json(_ prices: [SMSPrice]) -> JSON {
        var members: [(String, JSON)] = [
            ("kind", .code(kind)), ("stage", .code(stage)), ("variant", .text(variant)), ("locale", .code(locale)),
            ("reviewed", .bool(locale.isReviewed)), ("channel", .code(channel)),
            ("fields", .array(fields.map { .string($0.rawValue) })), ("problem", .text(problem)),
        ]
        switch content {
        case .sms(let text):
            let measure = SMSMeasure(text)
            members += [
                ("text", .string(text)), ("parts", .integer(measure.parts)), ("units", .integer(measure.units)),
                ("coding", .code(measure.encoding)),
            ]
            if !prices.isEmpty { members.append(("per_thousand", .array(prices.map { $0.json(parts: measure.parts) }))) }
        case .push(let title, let body), .inApp(let title, let body): members += [("title", .string(title)), ("body", .string(body))]
        case .mail(let subject, let text, let html):
            members += [("subject", .string(subject)), ("text", .string(text)), ("html", .string(html))]
        case nil: break
        }
        return .object(members)
    }

    /// The channel with its measures, then the words as they stand on the phone.
    func block(_ look: Look, _ prices: [SMSPrice]) -> [String] {
        var lines: [String] = []
        func head(_ measures: String) { lines.append("\(look.bold(channel.title.padded(to: 8)))  \(look.dim(measures))") }
        func body(_ text: String) {
            let room = look.screen.columns.map { max(20, $0 - 2) }
            for line in Safe.lines(text) { lines += line.wrapped(to: room).map { $0.isEmpty ? "" : "  " + Safe.isolated($0) } }
        }
        switch content {
        case .sms(let text):
            let measure = SMSMeasure(text)
            head(
                "\(counted(measure.parts, "part")), \(measure.units) of \(measure.capacity(parts: measure.parts)) units, \(measure.encoding.rawValue)"
                    + (prices.perThousand(parts: measure.parts).map { ", \($0) per thousand" } ?? "")
            )
            body(text)
        case .push(let title, let text), .inApp(let title, let text):
            head("title \(counted(title.count, "character")), text \(text.count)")
            lines.append("  " + look.bold(Safe.isolated(title)))
            body(text)
        case .mail(let subject, let text, let html):
            head(
                "subject \(counted(subject.count, "character")), HTML \(kilobytes(html.utf8.count)) of 100, text part \(kilobytes(text.utf8.count))"
            )
            lines += ["  " + look.bold(Safe.isolated(subject)), ""]
            body(text.last == "\n" ? String(text.dropLast()) : text)
        case nil:
            head("")
            lines.append("  " + look.mark(.bad, problem ?? "cannot be made"))
        }
        return lines
    }

    private func kilobytes(_ bytes: Int) -> String { "\(bytes / 1000).\(bytes % 1000 / 100) kB" }

    /// What is worth a word about the filled-in text.
    var note: String? {
        if case .mail(_, _, let html)? = content, html.utf8.count > 80_000 {
            return "\(locale.rawValue)  mail: \(kilobytes(html.utf8.count)) of HTML; mail programs cut a message near 102 kB"
        }
        guard let measure else { return nil }
        if locale.isGSM, let outside = measure.firstOutsideGSM {
            let other = GSMAlphabet.replacement(for: outside).map { "; \"\($0)\" is" } ?? ""
            return "\(locale.rawValue)  sms: \"\(outside)\" is not in the GSM alphabet: a part holds 70 characters instead of 160\(other)"
        }
        let over = measure.parts > 1 ? measure.units - measure.capacity(parts: 1) : 0
        return over > 0 && over <= 10 ? "\(locale.rawValue)  sms: \(counted(over, "unit")) over one part" : nil
    }
}

extension [SMSPrice] {
    /// `90.00 USD`, or each account's own where they differ. Nil when nothing is known.
    fileprivate func perThousand(parts: Int) -> String? {
        guard let first else { return nil }
        func cost(_ price: UnitPrice) -> String { "\(price.perThousand(parts: parts)) \(price.currency)" }
        return allSatisfy { $0.price == first.price }
            ? cost(first.price) : map { "\($0.account) \(cost($0.price))" }.joined(separator: ", ")
    }
}

extension SMSPrice {
    fileprivate func json(parts: Int) -> JSON {
        ["account": .string(account), "amount": .string(price.perThousand(parts: parts)), "currency": .string(price.currency.code)]
    }
}

extension String {
    /// Lines of at most this many cells, broken at blanks; without one, as in Chinese, between any two characters. Nil: one line.
    func wrapped(to room: Int?) -> [String] {
        guard let room, cells > room else { return [self] }
        var (lines, line, used) = ([String](), "", 0)
        for character in self {
            if used + character.cells > room {
                let blank = line.lastIndex(of: " ") ?? line.endIndex
                let rest = blank == line.endIndex ? "" : String(line[line.index(after: blank)...])
                lines.append(String(line[..<blank]))
                (line, used) = (rest, rest.cells)
            }
            line.append(character)
            used += character.cells
        }
        return lines + [line]
    }
}

extension Channel {
    /// As a heading.
    var title: String {
        switch self {
        case .sms: "SMS"
        case .push: "Push"
        case .mail: "Mail"
        case .inApp: "In-app"
        case .voice: "Voice"
        }
    }
}

/// `preview` without a kind: what there is.
public struct KindsReport: Document {
    public static let schema = "clarion.kinds/1"
    public struct Row: Sendable, Equatable {
        public var kind: Kind
        public var name: String
        public var priority: Priority
        public var variants: [String]
        public init(kind: Kind, name: String, priority: Priority, variants: [String]) {
            (self.kind, self.name, self.priority, self.variants) = (kind, name, priority, variants)
        }
    }
    public var rows: [Row]
    public init(_ rows: [Row]) { self.rows = rows }

    public var members: [(String, JSON)] {
        [
            ("kinds", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) })),
            ("stages", .array(NoticeStage.allCases.map { .code($0) })), ("channels", .array(TemplateSet.channels.map { .code($0) })),
            ("locales", .array(TextLocale.allCases.map { .code($0) })),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["kind", "name", "priority", "variants"])
        for row in rows { sheet.add([.code(row.kind), .string(row.name), .code(row.priority), .array(row.variants.map(JSON.string))]) }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        var table = Table([.init("KIND"), .init("PRIORITY"), .init("NAME", cut: .end), .init("VARIANTS", priority: 1)])
        for row in rows {
            table.add([
                .init(row.kind.rawValue, .bold), .init(row.priority.rawValue), .init(row.name), .init(row.variants.joined(separator: ", ")),
            ])
        }
        return table.lines(look) + [
            "", "Stages    \(NoticeStage.allCases.map(\.rawValue).joined(separator: ", "))",
            "Channels  \(TemplateSet.channels.map(\.rawValue).joined(separator: ", "))",
            "Locales   \(TextLocale.allCases.map(\.rawValue).joined(separator: ", "))", "",
            "One of them: clarion preview bank_delay --channel sms --all-locales",
        ]
    }
}
