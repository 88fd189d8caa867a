public import Core

/// Who is told in words of their own, and which words nobody looks at: a branch of a choice that no fixture and no sample takes is one that
/// only a customer will read.
public struct Coverage: Sendable {
    /// A kind in a language.
    public struct Cell: Sendable {
        public var kind: Kind
        public var locale: TextLocale
        /// False: the English text stands in for it.
        public var isOwn: Bool
        /// Stages that the kind says in words of its own, the first notice not counted.
        public var ownStages: Int
        /// Those that say something about it.
        public var fixtures: Int
        /// Branches of all choices in the kind's own texts, and how many of them something takes.
        public var branches, taken: Int
    }
    /// One wording of a choice.
    public struct Branch: Hashable, Sendable {
        public var file: String
        public var line, column: Int
        /// `{limit_owner, select}`
        public var choice: String
        /// `bank`, `other`, `else`.
        public var key: String
    }
    public let cells: [Cell]
    /// By their place, those that all kinds share among them.
    public let untaken: [Branch]
}

extension TemplateSet {
    public func coverage(of kinds: [Kind] = Kind.allCases, _ fixtures: Fixtures, in surroundings: Surroundings) -> Coverage {
        var walk = Walk(surroundings: surroundings)
        for kind in kinds {
            for (stage, variant) in forms(of: kind) {
                for locale in TextLocale.allCases {
                    take(kind, stage, variant, locale, [nil] + fixtures[kind].filter { $0.fits(stage, variant, locale) }, &walk)
                }
            }
        }
        var untaken: [Coverage.Branch] = []
        func count(_ texts: [CompiledText]) -> (all: Int, taken: Int) {
            let all = texts.flatMap(\.branches)
            let missed = all.filter { !walk.taken.contains($0) }
            untaken += missed
            return (all.count, all.count - missed.count)
        }
        let cells = kinds.flatMap { kind in
            TextLocale.allCases.compactMap { locale -> Coverage.Cell? in
                let own = notices.filter { $0.key.kind == kind && $0.key.locale == locale }
                guard let opened = notice(kind, .opened, nil, locale) else { return nil }
                let isOwn = locale == .en || !opened.sms.text.file.hasSuffix("/en.yaml")
                let (all, taken) = isOwn ? count(own.values.flatMap(\.all)) : (0, 0)
                return Coverage.Cell(
                    kind: kind, locale: locale, isOwn: isOwn, ownStages: own.count { $0.key.stage != .opened },
                    fixtures: fixtures[kind].count { ($0.locale ?? locale) == locale }, branches: all, taken: taken)
            }
        }
        _ = count(notices.filter { $0.key.kind == nil }.values.flatMap(\.all) + words.values.flatMap(\.all))
        return Coverage(
            cells: cells, untaken: untaken.sorted { ($0.file, $0.line, $0.column, $0.key) < ($1.file, $1.line, $1.column, $1.key) })
    }

    private func take(
        _ kind: Kind, _ stage: NoticeStage, _ variant: String?, _ locale: TextLocale, _ fixtures: [Fixture?], _ walk: inout Walk
    ) {
        guard let notice = notice(kind, stage, variant, locale), let words = words[locale] else { return }
        let samples = sampleFacts(kind: kind, stage: stage, variant: variant, locale: locale)
        for fixture in fixtures {
            for channel in Self.channels {
                let request = walk.surroundings.request(
                    kind, stage, variant, channel, locale, facts: fixture?.values.applied(to: samples) ?? samples, fixture)
                let renderer = Renderer(request, words)
                for text in notice.texts(channel) { walk.take(text, renderer) }
                if channel == .mail { walk.take(words.footer, renderer) }
                if request.moreOrders > 0 { walk.take(words.moreOrders, renderer, inside: [.moreOrders: .count(request.moreOrders)]) }
            }
        }
    }
}

/// Goes through a text as a rendering does, and writes down which way.
private struct Walk {
    let surroundings: Surroundings
    var taken: Set<Coverage.Branch> = []

    mutating func take(_ text: CompiledText, _ renderer: Renderer, inside phrase: [Field: TemplateValue]? = nil) {
        guard !text.choices.isEmpty || text.fields.contains(where: { $0.form.isWords }) else { return }
        var found: Set<Coverage.Branch> = []
        var inner: [(CompiledText, [Field: TemplateValue])] = []
        var nothing = Writer(.plain)
        do throws(RenderProblem) {
            try text.write(
                to: &nothing,
                value: { field, _ throws(RenderProblem) in
                    switch phrase?[field] ?? renderer.facts[field] {
                    case .term(let list, let id): inner.append((try renderer.term(id, of: list, field, text), [:]))
                    case .terms(let list, let ids): for id in ids { inner.append((try renderer.term(id, of: list, field, text), [:])) }
                    case .phrase(let list, let id, let values): inner.append((try renderer.term(id, of: list, field, text), values))
                    default: break
                    }
                },
                branch: { choice throws(RenderProblem) in
                    let branch = try renderer.branch(of: choice, text, inside: phrase)
                    found.insert(text.branch(branch, of: choice))
                    return branch
                })
        } catch {
            // As far as it can be made; that it cannot is for `clarion check`.
        }
        taken.formUnion(found)
        for (text, values) in inner { take(text, renderer, inside: values) }
    }
}

extension CompiledText {
    fileprivate func branch(_ number: Int, of choice: Choice) -> Coverage.Branch {
        Coverage.Branch(
            file: file, line: line, column: column,
            choice: "{\(choice.field.rawValue), \(choice.form.word)}" + (choice.number == 0 ? "" : " (choice \(choice.number + 1))"),
            key: choice.branches[number].key)
    }
    fileprivate var branches: [Coverage.Branch] {
        choices.flatMap { choice in choice.branches.indices.map { branch($0, of: choice) } }
    }
}

extension CompiledText.Choice.Form {
    fileprivate var word: String {
        switch self {
        case .plural: "plural"
        case .select: "select"
        case .presence: "if"
        }
    }
}

extension Field.Form {
    fileprivate var isWords: Bool { if case .words = self { true } else { false } }
}

extension Notice {
    fileprivate var all: [CompiledText] { TemplateSet.channels.flatMap(texts) }
}

extension Words {
    fileprivate var all: [CompiledText] {
        terms.values.flatMap(\.values) + funds.values.flatMap { [$0.short, $0.long] } + [footer, moreOrders]
    }
}
