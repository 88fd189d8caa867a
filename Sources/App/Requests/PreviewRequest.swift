public import Core

/// `preview`: a text as the customer would see it, or one that was sent.
public struct PreviewRequest: Sendable {
    public enum Subject: Sendable, Hashable {
        case kind(Kind, NoticeStage)
        /// Public id: what was sent, opened.
        case delivery(String)
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
    public var locales: [TextLocale]
    public var variant: String?
    /// The customer's zone; `none` is one that we do not know. Nil takes the platform's own.
    public var zone: String?
    /// A JSON file with values for the fields; nil takes sample values.
    public var data: String?
    /// Write the mail here as HTML, or whole as a message.
    public var html, eml: String?
    /// Compare with the texts kept in this directory; differences are findings.
    public var golden: String?
    /// Write the texts into `golden`; always ends with findings.
    public var records: Bool
    public init(
        subject: Subject, channels: [Channel] = [], locales: [TextLocale] = [], variant: String? = nil,
        zone: String? = nil, data: String? = nil, html: String? = nil,
        eml: String? = nil, golden: String? = nil, records: Bool = false
    ) {
        (self.subject, self.channels, self.locales, self.variant, self.data) = (subject, channels, locales, variant, data)
        self.zone = zone
        (self.html, self.eml, self.golden, self.records) = (html, eml, golden, records)
    }
}
