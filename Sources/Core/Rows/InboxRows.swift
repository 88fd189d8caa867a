public struct InboxItem: Sendable {
    public var id: Int64
    public var publicID: String
    public var delivery: DeliveryID
    public var customer: String
    public var order: OrderNumber
    public var kind: Kind
    public var stage: NoticeStage
    public var locale: TextLocale
    /// Opened; stored sealed.
    public var title, body: String
    public var createdAt: Timestamp
    public var seenAt, readAt: Timestamp?
    public init(
        id: Int64 = 0, publicID: String, delivery: DeliveryID, customer: String, order: OrderNumber, kind: Kind, stage: NoticeStage,
        locale: TextLocale,
        title: String, body: String, createdAt: Timestamp, seenAt: Timestamp? = nil, readAt: Timestamp? = nil
    ) {
        (self.id, self.publicID, self.delivery, self.customer, self.order, self.kind) = (id, publicID, delivery, customer, order, kind)
        (self.stage, self.locale, self.title, self.body) = (stage, locale, title, body)
        (self.createdAt, self.seenAt, self.readAt) = (createdAt, seenAt, readAt)
    }
}
