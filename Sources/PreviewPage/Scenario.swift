public import Core
import Pages

/// What is shown. It stands in the address whole, so that a view can be sent to a colleague.
public struct Scenario: Sendable, Hashable {
    /// How long the sample values are.
    public enum Size: String, ClosedWord { case usual, long, extreme }
    public var kind: Kind
    public var stage: NoticeStage
    /// A kind's other wording; one that the kind does not have is left out.
    public var variant: String?
    /// A weighted wording of the kind; nil: the text that most customers get.
    public var wording: String?
    public var locale: TextLocale
    /// The customer's time zone; nil is the settings' default.
    public var zone: String?
    public var size: Size
    /// Values with a name, instead of the samples.
    public var fixture: String?

    public init(
        kind: Kind = .bankDelay, stage: NoticeStage = .opened, variant: String? = nil, wording: String? = nil, locale: TextLocale = .zhHans,
        zone: String? = nil, size: Size = .usual, fixture: String? = nil
    ) {
        self.wording = wording
        (self.kind, self.stage, self.variant, self.locale) = (kind, stage, variant, locale)
        (self.zone, self.size, self.fixture) = (zone, size, fixture)
    }
}

/// How it is shown.
struct Look: Hashable {
    enum MailPart: String, ClosedWord { case html, text }
    var part = MailPart.html
    var isDark = false
    var isNarrow = false
}

/// Why an address shows nothing.
struct Refusal: Error {
    var status: Int
    var words: String
    var hint: String
}

/// An address read: names of the fields are those of the form.
struct Wish {
    var scenario: Scenario
    var look: Look

    init(_ scenario: Scenario, _ look: Look) { (self.scenario, self.look) = (scenario, look) }

    init(_ query: Form, knowsZone: (String) -> Bool) throws(Refusal) {
        scenario = Scenario(
            kind: try Self.word("kind", query, status: 404) ?? .bankDelay, stage: try Self.word("stage", query) ?? .opened,
            variant: query.filled("variant"), wording: query.filled("wording"), locale: try Self.word("locale", query) ?? .zhHans,
            zone: query.filled("zone"),
            size: try Self.word("size", query) ?? .usual, fixture: query.filled("fixture"))
        look = Look(
            part: try Self.word("mail", query) ?? .html, isDark: query.filled("dark") != nil, isNarrow: query.filled("narrow") != nil)
        if let zone = scenario.zone, !knowsZone(zone) {
            throw Refusal(status: 400, words: "There is no time zone “\(zone)”.", hint: "A name such as Asia/Shanghai is expected.")
        }
    }

    private static func word<Word: ClosedWord>(_ field: String, _ query: Form, status: Int = 400) throws(Refusal) -> Word? {
        guard let text = query.filled(field) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let known = Word.allCases.map(\.rawValue)
        let near = nearest(to: text, among: known).map { "Did you mean \($0)?" }
        throw Refusal(status: status, words: "There is no \(field) “\(text)”.", hint: near ?? "Known: \(known.joined(separator: ", ")).")
    }

    /// The address' query of this view, with changes.
    func query(_ change: (inout Wish) -> Void = { _ in }) -> String {
        var copy = self
        change(&copy)
        let (scenario, look) = (copy.scenario, copy.look)
        let fields: [(String, String?)] = [
            ("kind", scenario.kind.rawValue), ("stage", scenario.stage.rawValue), ("variant", scenario.variant),
            ("wording", scenario.wording),
            ("locale", scenario.locale.rawValue), ("zone", scenario.zone), ("size", scenario.size == .usual ? nil : scenario.size.rawValue),
            ("fixture", scenario.fixture),
            ("mail", look.part == .html ? nil : look.part.rawValue), ("dark", look.isDark ? "on" : nil),
            ("narrow", look.isNarrow ? "on" : nil),
        ]
        return fields.compactMap { name, value in value.map { "\(name)=\(formEncoded($0))" } }.joined(separator: "&")
    }
}
