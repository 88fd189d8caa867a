/// What one channel shows, rendered and final.
public enum Content: Sendable, Hashable {
    case sms(text: String)
    case push(title: String, body: String)
    case mail(subject: String, text: String, html: String)
    case inApp(title: String, body: String)

    public var channel: Channel {
        switch self {
        case .sms: .sms
        case .push: .push
        case .mail: .mail
        case .inApp: .inApp
        }
    }
}

/// One delivery, ready for a provider.
public struct Message: Sendable {
    /// Public id of the delivery, `dlv_…`: stable over retries, safe to show.
    public var delivery: String
    /// Public id of the attempt these bytes are made for, `att_…`: goes into every correlation field, so that a receipt proves acceptance.
    /// A repeat sends the same bytes, and so the id of the first.
    public var attempt: String
    public var address: Sensitive<Address>
    public var content: Content
    public var locale: TextLocale
    public var priority: Priority
    public var kind: Kind
    public var stage: NoticeStage
    /// Same key = one notification on the device. At most 64 ASCII characters.
    public var collapseKey: String
    public var order: OrderNumber
    /// What a tap on a push opens, under the platform's own address. Nil: the app itself.
    public var link: String?
    /// When the notice was planned: the `Date` of a mail, so that a repeat has the same bytes.
    public var plannedAt: Timestamp
    /// After this moment a provider shall not deliver it any more.
    public var expires: Timestamp

    public init(
        delivery: String, attempt: String, address: Sensitive<Address>, content: Content, locale: TextLocale, priority: Priority,
        kind: Kind, stage: NoticeStage, collapseKey: String, order: OrderNumber, link: String? = nil, plannedAt: Timestamp,
        expires: Timestamp
    ) {
        self.link = link
        (self.delivery, self.attempt, self.address, self.content, self.locale, self.priority) = (
            delivery, attempt, address, content, locale, priority
        )
        (self.kind, self.stage, self.collapseKey, self.order, self.plannedAt, self.expires) = (
            kind, stage, collapseKey, order, plannedAt, expires
        )
    }
}
