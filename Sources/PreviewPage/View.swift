public import Core

/// Where the page's texts come from. The page knows no templates and no settings.
public struct Source: Sendable {
    /// The texts of a scenario: all channels in its language, or what people see first in every language.
    public var view: @Sendable (Scenario, View.Span) async -> View
    public var knowsZone: @Sendable (String) -> Bool
    /// One element after each change of a file that a view may depend on; ends when the page is to end.
    public var changes: @Sendable () -> AsyncStream<Void>

    public init(
        view: @escaping @Sendable (Scenario, View.Span) async -> View, knowsZone: @escaping @Sendable (String) -> Bool,
        changes: @escaping @Sendable () -> AsyncStream<Void>
    ) {
        (self.view, self.knowsZone, self.changes) = (view, knowsZone, changes)
    }
}

/// What there is to show, and what may be chosen.
public struct View: Sendable {
    public enum Span: Sendable { case oneLanguage, allLanguages }

    public struct Choices: Sendable {
        public struct Kind: Sendable {
            public var kind: Core.Kind
            public var name: String
            public init(_ kind: Core.Kind, name: String) { (self.kind, self.name) = (kind, name) }
        }
        public var kinds: [Kind]
        /// Of the scenario's kind.
        public var variants, fixtures: [String]
        /// With how many of a hundred customers get each.
        public var wordings: [(name: String, weight: Int)]
        /// The first is the settings' default.
        public var zones: [String]
        public init(
            kinds: [Kind] = [], variants: [String] = [], wordings: [(name: String, weight: Int)] = [], fixtures: [String] = [],
            zones: [String] = []
        ) {
            self.wordings = wordings
            (self.kinds, self.variants, self.fixtures, self.zones) = (kinds, variants, fixtures, zones)
        }
    }

    public struct Text: Sendable {
        public var channel: Channel
        public var locale: TextLocale
        /// The platform's name in this language.
        public var brand: String
        public var isRightToLeft: Bool
        /// Meant to fit the GSM alphabet.
        public var isGSM: Bool
        /// The push of customers who want nothing on the lock screen.
        public var isNeutral: Bool
        /// Nil when it could not be made: then `problem` says why.
        public var content: Content?
        public var problem: String?
        /// Of a mail: what a mailbox shows behind the subject.
        public var preheader: String?
        public init(
            channel: Channel, locale: TextLocale, brand: String, isRightToLeft: Bool, isGSM: Bool, isNeutral: Bool = false,
            content: Content? = nil, problem: String? = nil, preheader: String? = nil
        ) {
            self.preheader = preheader
            (self.channel, self.locale, self.brand, self.isRightToLeft, self.isGSM) = (channel, locale, brand, isRightToLeft, isGSM)
            (self.isNeutral, self.content, self.problem) = (isNeutral, content, problem)
        }
    }

    /// A mistake in a file, with the line that it stands in.
    public struct Finding: Sendable {
        public var problem: Problem
        public var line: String?
        public init(_ problem: Problem, line: String? = nil) { (self.problem, self.line) = (problem, line) }
    }

    public var choices = Choices()
    /// Of the files that the texts were made of; nil when there are none.
    public var revision: String?
    public var texts: [Text] = []
    /// Why the files cannot be used as they are now; the texts are then those of before.
    public var problems: [Finding] = []
    public var warnings: [Finding] = []
    public init() {}

    func text(_ channel: Channel, isNeutral: Bool = false, _ locale: TextLocale) -> Text? {
        texts.first { $0.channel == channel && $0.isNeutral == isNeutral && $0.locale == locale }
    }
}
