public import Core

/// `preview`: a text as the customer would see it, or one that was sent.
public struct PreviewRequest: Sendable {
    public enum Subject: Sendable, Hashable {
        /// Without a stage: that of the fixture, else the first notice.
        case kind(Kind, NoticeStage?)
        /// Public id: what was sent, opened.
        case delivery(String)
        /// What this order was told last, with made-up numbers.
        case order(OrderNumber)
        /// No text: which kinds there are.
        case list
        /// Every kind and stage.
        case everything
        /// A page on this machine that stays open while the texts are edited; it begins with this kind and stage. Port 0 is any free one.
        case page(Kind?, NoticeStage, port: Int)
    }
    public var subject: Subject
    /// Empty: all.
    public var channels: [Channel]
    /// Empty: that of the fixture, else simplified Chinese.
    public var locales: [TextLocale]
    public var variant: String?
    /// A weighted variant of the kind.
    public var wording: String?
    /// The customer's zone; `none` is one that we do not know. Nil takes the platform's own.
    public var zone: String?
    public var values: Values
    /// When neither the request nor a fixture names one.
    static let usualLocale = TextLocale.zhHans
    /// Add what is made of `subject`'s order to the fixtures of its kind, under this name.
    public var save: String?
    /// Show only what reads otherwise with the texts of this revision, commit or directory.
    public var diff: String?
    /// Write the mail here as HTML, or whole as a message.
    public var html, eml: String?
    /// Compare with the texts kept in this directory; differences are findings.
    public var golden: String?
    /// Write the texts into `golden`; always ends with findings.
    public var records: Bool
    /// One channel under the other, however wide the screen is.
    public var isStacked: Bool

    /// What the texts are filled in with.
    public enum Values: Sendable, Hashable {
        case samples
        /// Of a file; `-` is standard input.
        case file(String)
        case fixture(String)
        /// With each fixture in turn.
        case allFixtures

        var fixtureName: String? { if case .fixture(let name) = self { name } else { nil } }
        var areFixtures: Bool {
            switch self {
            case .samples, .file: false
            case .fixture, .allFixtures: true
            }
        }
    }

    public init(
        subject: Subject, channels: [Channel] = [], locales: [TextLocale] = [], variant: String? = nil, wording: String? = nil,
        zone: String? = nil, values: Values = .samples, save: String? = nil, diff: String? = nil, html: String? = nil, eml: String? = nil,
        golden: String? = nil, records: Bool = false, isStacked: Bool = false
    ) {
        (self.subject, self.channels, self.locales, self.variant, self.values) = (subject, channels, locales, variant, values)
        (self.wording, self.zone, self.save, self.diff) = (wording, zone, save, diff)
        (self.html, self.eml, self.golden, self.records) = (html, eml, golden, records)
        self.isStacked = isStacked
    }
}
