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
        /// A weighted variant of the words; nil: what most customers get.
        public var wording: String?
        public var channel: Channel
        public var locale: TextLocale
        /// Nil when it could not be made: then `problem` says why.
        public var content: Content?
        public var problem: String?
        /// What the text prints, in the order of its first mention.
        public var fields: [Field]
        /// The values; nil: those that `source` says.
        public var fixture: Fixture?
        public struct Fixture: Sendable, Equatable {
            public var name, title: String
            public init(name: String, title: String) { (self.name, self.title) = (name, title) }
        }

        public init(
            kind: Kind, stage: NoticeStage, variant: String?, channel: Channel, locale: TextLocale, content: Content?,
            problem: String? = nil,
            fields: [Field] = [], fixture: Fixture? = nil, wording: String? = nil
        ) {
            self.wording = wording
            (self.kind, self.stage, self.variant, self.channel, self.locale) = (kind, stage, variant, channel, locale)
            (self.content, self.problem, self.fields, self.fixture) = (content, problem, fields, fixture)
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
    /// Names of all fixtures of the kind.
    public var fixtures: [String]
    /// The fixture that was made of what an order was told, as it stands in a file.
    public var made: String?
    /// What SMS cost, at the accounts that say so.
    public var prices: [SMSPrice]
    /// One channel under the other, also where there is room beside it.
    public var isStacked: Bool

    public init(
        source: String, revision: String, texts: [Text], warnings: [Problem] = [], written: [String] = [], fixtures: [String] = [],
        made: String? = nil, prices: [SMSPrice] = [], isStacked: Bool = false
    ) {
        (self.source, self.revision, self.texts, self.warnings, self.written) = (source, revision, texts, warnings, written)
        (self.fixtures, self.made, self.prices, self.isStacked) = (fixtures, made, prices, isStacked)
    }

    /// A text that cannot be made is a finding.
    public var status: ExitStatus { texts.contains { $0.content == nil } ? .findings : .success }

    public var members: [(String, JSON)] {
        [
            ("source", .string(source)), ("revision", .string(revision)), ("texts", .array(texts.map { $0.json(prices) })),
            ("warnings", .array(warnings.map(\.json))), ("written", .array(written.map(JSON.string))),
            ("fixtures", .array(fixtures.map(JSON.string))), ("made", .text(made)),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(
            [
                "kind", "stage", "variant", "locale", "channel", "parts", "units", "coding", "title", "text", "problem", "fixture",
            ] + (prices.isEmpty ? [] : ["per_thousand"]))
        for item in texts {
            let (title, text) = item.words
            let measure = item.measure
            let cells: [JSON] = [
                .code(item.kind), .code(item.stage), .text(item.variant), .code(item.locale), .code(item.channel),
                measure.map { .integer($0.parts) } ?? .null, measure.map { .integer($0.units) } ?? .null, .code(measure?.encoding),
                .text(title), .text(text), .text(item.problem), .text(item.fixture?.name),
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
        if let made { lines += [""] + made.split(separator: "\n").map { Safe.text(String($0)) } }
        let isList = texts.count > 1 && texts.allSatisfy { $0.channel == .sms }
        lines += isList ? [""] + list(look) : sections(look)
        let notes = notes(look)
        if !notes.isEmpty { lines += [""] + notes }
        if !fixtures.isEmpty {
            let names = fixtures.joined(separator: ", ").wrapped(to: look.screen.columns.map { max(20, $0 - 10) })
            lines.append("")
            for (n, line) in names.enumerated() { lines.append(look.dim((n == 0 ? "Fixtures" : "").padded(to: 10) + line)) }
        }
        lines += written.map { look.mark(.good, "wrote \($0)") }
        return lines
    }

    /// Many SMS: one line each.
    private func list(_ look: Look) -> [String] {
        let isOneForm = Set(texts.map { "\($0.kind) \($0.form)" }).count == 1
        let hasFixtures = Set(texts.map { $0.fixture?.name }).count > 1
        var table = Table(
            (isOneForm ? [] : [.init("TEXT OF", cut: .end, priority: 1)]) + (hasFixtures ? [.init("FIXTURE")] : []) + [
                .init("LOCALE"), .init("PARTS", isRightAligned: true), .init("USED", isRightAligned: true), .init("CODE"),
            ] + (prices.isEmpty ? [] : [.init("PER 1,000", isRightAligned: true)]) + [.init("TEXT", cut: .end)])
        for item in texts {
            var name: [Table.Cell] = isOneForm ? [] : [.init("\(item.kind.rawValue) \(item.form)")]
            if hasFixtures { name.append(.init(item.fixture?.name ?? "")) }
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

    /// Under one heading for each form, language and fixture: the channels beside each other, or each under the other.
    private func sections(_ look: Look) -> [String] {
        var groups: [(heading: String, texts: [Text])] = []
        for item in texts {
            let heading = [
                item.kind == texts[0].kind ? "" : item.kind.rawValue, item.form, item.locale.rawValue,
                item.fixture.map { "\($0.name): \($0.title)" } ?? "",
            ].filter { !$0.isEmpty }.joined(separator: " \(look.dot) ")
            if groups.last?.heading == heading { groups[groups.count - 1].texts.append(item) } else { groups.append((heading, [item])) }
        }
        return groups.flatMap { heading, texts in
            ["", look.dim("\(look.dash)\(look.dash) ") + look.bold(heading)] + beside(texts, look)
        }
    }

    private func beside(_ texts: [Text], _ look: Look) -> [String] {
        let frames = isStacked ? nil : look.screen.columns.flatMap { Frame.perRow(of: texts.count, in: $0) }
        guard let frames, let columns = look.screen.columns else { return texts.flatMap { [""] + $0.block(look, prices) } }
        return [""] + Frame.beside(texts.map { text in { text.frame(room: $0, look, prices) } }, perRow: frames, columns: columns, look)
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
    public var form: String {
        let parts = [variant, wording].compactMap(\.self)
        return stage.rawValue + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
    }

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
            ("kind", .code(kind)), ("stage", .code(stage)), ("variant", .text(variant)), ("wording", .text(wording)),
            ("locale", .code(locale)),
            ("reviewed", .bool(locale.isReviewed)), ("channel", .code(channel)),
            ("fixture", .text(fixture?.name)), ("fields", .array(fields.map { .string($0.rawValue) })), ("problem", .text(problem)),
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
        let head = "\(look.bold(channel.title.padded(to: 8)))  \(look.dim(measures(prices) ?? ""))"
        guard content != nil else { return [head, "  " + look.mark(.bad, problem ?? "cannot be made")] }
        let lines = said(room: look.screen.columns.map { max(20, $0 - 2) })
        return [head] + lines.map { $0.text.isEmpty ? "" : "  " + look.painted(Safe.isolated($0.text), $0.style) }
    }

    /// The same as one of several beside each other.
    func frame(room: Int, _ look: Look, _ prices: [SMSPrice]) -> Frame {
        let lines =
            content == nil ? (problem ?? "cannot be made").wrapped(to: room).map { Frame.Line(Safe.text($0), .bad) } : said(room: room)
        return Frame(title: channel.title, lines: lines, foot: measures(prices)?.wrapped(to: room) ?? [])
    }

    private func said(room: Int?) -> [Frame.Line] {
        func lines(_ text: String, _ style: Table.Cell.Style = .plain) -> [Frame.Line] {
            Safe.lines(text).flatMap { $0.wrapped(to: room) }.map { Frame.Line($0, style, isRightAligned: locale.isRightToLeft) }
        }
        return switch content {
        case .sms(let text): lines(text)
        case .push(let title, let text), .inApp(let title, let text): lines(title, .bold) + lines(text)
        case .mail(let subject, let text, _): lines(subject, .bold) + lines("") + lines(text.last == "\n" ? String(text.dropLast()) : text)
        case nil: []
        }
    }

    private func measures(_ prices: [SMSPrice]) -> String? {
        switch content {
        case .sms(let text):
            let measure = SMSMeasure(text)
            let room = measure.capacity(parts: measure.parts)
            return "\(counted(measure.parts, "part")), \(measure.units) of \(room) units, \(measure.encoding.rawValue)"
                + (prices.perThousand(parts: measure.parts).map { ", \($0) per thousand" } ?? "")
        case .push(let title, let text), .inApp(let title, let text):
            return "title \(counted(title.count, "character")), text \(text.count)"
        case .mail(let subject, let text, let html):
            return
                "subject \(counted(subject.count, "character")), HTML \(kilobytes(html.utf8.count)) of 60, text part \(kilobytes(text.utf8.count))"
        case nil: return nil
        }
    }

    private func kilobytes(_ bytes: Int) -> String { "\(bytes / 1000).\(bytes % 1000 / 100) kB" }

    /// What is worth a word about the filled-in text.
    var note: String? {
        if case .mail(_, _, let html)? = content, html.utf8.count > 50_000 {
            return "\(locale.rawValue)  mail: \(kilobytes(html.utf8.count)) of HTML; a mail ends at 60 kB"
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
    /// Lines of at most this many cells, broken at blanks and beside wide characters, but not in front of a closing mark or behind an opening
    /// one; a word that is longer than a line, anywhere. Nil: one line.
    func wrapped(to room: Int?) -> [String] {
        guard let room, cells > room else { return [self] }
        var (lines, line, used) = ([String](), [Character](), 0)
        for character in self {
            if used + character.cells > room {
                let end = (1..<max(line.count, 1)).last { Self.mayBreak(line[$0 - 1], line[$0]) }
                let cut = line.last.map { Self.mayBreak($0, character) } == true ? line.count : end ?? line.count
                let rest = line[cut...].drop { $0 == " " }
                while cut > 0, line.count > cut { line.removeLast() }
                while line.last == " " { line.removeLast() }
                lines.append(String(line))
                line = Array(rest)
                used = line.reduce(0) { $0 + $1.cells }
                if line.isEmpty, character == " " { continue }
            }
            line.append(character)
            used += character.cells
        }
        return lines + [String(line)]
    }

    private static func mayBreak(_ before: Character, _ after: Character) -> Bool {
        if after == " " || before == " " { return true }
        return (before.cells == 2 || after.cells == 2) && !"，。；：！？、）】”’』」》〉％".contains(after) && !"（【“‘『「《〈".contains(before)
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
