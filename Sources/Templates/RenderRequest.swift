public import Core

/// Everything one rendering depends on. Same request and same template revision, same bytes: no clock, no zone table, no settings are read.
public struct RenderRequest: Sendable {
    public var kind: Kind
    public var stage: NoticeStage
    /// A kind's other wording, `materials` for `risk_hold`; it holds for the opening notice only.
    public var variant: String?
    /// The wording that was drawn for this notice; nil: the text that all others get.
    public var wording: String?
    public var channel: Channel
    public var locale: TextLocale
    public var facts: Facts
    public var brand: Brand
    /// Seconds east of UTC in the customer's zone at a moment.
    public var offset: @Sendable (Timestamp) -> Int
    /// The customer wants nothing on the lock screen: the push is the neutral one.
    public var privatePreview: Bool
    /// The button of a mail, a name of `links`: the first of the kind's. Nil leaves the button out.
    public var link: String?
    /// The provider puts its registered signature in front of an SMS by itself.
    public var omitSignature: Bool
    /// SMS and push: how many more orders of the customer this message stands for.
    public var moreOrders: Int

    public init(
        kind: Kind, stage: NoticeStage, variant: String? = nil, channel: Channel, locale: TextLocale, facts: Facts, brand: Brand,
        offset: @escaping @Sendable (Timestamp) -> Int, privatePreview: Bool = false, link: String? = nil, omitSignature: Bool = false,
        moreOrders: Int = 0, wording: String? = nil
    ) {
        self.wording = wording
        (self.kind, self.stage, self.variant, self.channel, self.locale) = (kind, stage, variant, channel, locale)
        (self.facts, self.brand, self.offset, self.privatePreview) = (facts, brand, offset, privatePreview)
        (self.link, self.omitSignature, self.moreOrders) = (link, omitSignature, moreOrders)
    }
}

/// Why a text could not be made. It stops this one delivery; a text with a hole is never sent.
public struct RenderProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// `fieldMissing`, `templateMissing`, `renderError` or `tooLong`.
    public var reason: ReasonCode
    public var field: Field?
    /// The template and the line of its text; empty when there is none.
    public var file: String
    public var line: Int
    public var detail: String

    public init(_ reason: ReasonCode, field: Field? = nil, file: String = "", line: Int = 0, detail: String = "") {
        (self.reason, self.field, self.file, self.line, self.detail) = (reason, field, file, line, detail)
    }

    /// Names the field and the place, never a value.
    public var description: String {
        let place = file.isEmpty ? "" : line == 0 ? "\(file): " : "\(file):\(line): "
        return place + reason.rawValue + (field.map { " {\($0.rawValue)}" } ?? "") + (detail.isEmpty ? "" : ": " + detail)
    }
}
