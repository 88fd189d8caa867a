public import Core

/// What the templates hold for one kind: for previews and for people who edit texts.
public struct KindDescription: Hashable, Sendable {
    public struct Text: Hashable, Sendable {
        public var stage: NoticeStage
        public var variant: String?
        public var channel: Channel
        /// In the order of their first mention.
        public var fields: [Field]
    }
    public var kind: Kind
    /// Languages with a file of their own or a declared fallback.
    public var locales: [TextLocale]
    public var variants: [String]
    /// Stages that this kind says in words of its own.
    public var ownStages: [NoticeStage]
    public var channels: [Channel]
    public var texts: [Text]
}

extension TemplateSet {
    /// Channels that have texts.
    public static let channels: [Channel] = [.sms, .push, .mail, .inApp]

    public func describe(_ kind: Kind, locale: TextLocale = .en) -> KindDescription {
        let own = notices.keys.filter { $0.kind == kind }
        let stages = NoticeStage.allCases.filter { stage in stage != .opened && own.contains { $0.stage == stage } }
        let texts = forms(of: kind).flatMap { stage, variant in
            Self.channels.map { channel in
                KindDescription.Text(
                    stage: stage, variant: variant, channel: channel,
                    fields: fieldsNeeded(kind: kind, stage: stage, variant: variant, channel: channel, locale: locale))
            }
        }
        return KindDescription(
            kind: kind, locales: TextLocale.allCases.filter { locale in own.contains { $0.locale == locale } },
            variants: variants(of: kind),
            ownStages: stages, channels: Self.channels, texts: texts)
    }

    /// Whatever can be said of a kind: its opening, the variants of that, and every later stage.
    public func forms(of kind: Kind) -> [(stage: NoticeStage, variant: String?)] {
        [(.opened, nil)] + variants(of: kind).map { (.opened, $0) } + NoticeStage.allCases.dropFirst().map { ($0, nil) }
    }

    /// The variants of a kind, sorted.
    public func variants(of kind: Kind) -> [String] { Set(notices.keys.compactMap { $0.kind == kind ? $0.variant : nil }).sorted() }

    /// The buttons that have a label in every language; the catalogue may name only these.
    public var linkNames: Set<String> {
        words.values.map { Set($0.links.keys) }.reduce(nil) { (all: Set<String>?, next) in all?.intersection(next) ?? next } ?? []
    }

    /// The words of a vocabulary; the catalogue may name only these.
    public func terms(of list: Vocabulary) -> Set<String> { terms(of: list, in: .en) }
    func terms(of list: Vocabulary, in locale: TextLocale) -> Set<String> {
        guard let words = words[locale] else { return [] }
        return list == .funds ? Set(words.funds.keys) : Set(words.terms[list]?.keys.map { $0 } ?? [])
    }

    /// A word as a person reads it, for lists and consoles; nil when there is none, or when it is a phrase with values.
    public func word(_ id: String, of list: Vocabulary, in locale: TextLocale) -> String? {
        guard let words = words[locale], let text = list == .funds ? words.funds[id]?.long : words.terms[list]?[id] else { return nil }
        return text.plain
    }

    /// A button's label.
    public func linkLabel(_ name: String, in locale: TextLocale) -> String? { words[locale]?.links[name]?.plain }
}

extension CompiledText {
    /// The text itself when it has no values.
    var plain: String? {
        fields.isEmpty && choices.isEmpty ? words : nil
    }
}
