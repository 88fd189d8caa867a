public enum Audience: String, ClosedWord { case customer, staff }

/// Dedupe as state, not text: what was told last of (order, anomaly, audience, recipient, channel). Read from the newest delivery.
public struct DedupeMark: Sendable, Equatable {
    public enum Status: String, ClosedWord { case reserved, committed, released }
    public var order: OrderNumber
    public var anomaly: String
    public var audience: Audience
    public var recipient: String
    public var channel: Channel
    public var status: Status
    public var stage: NoticeStage
    public var told: ToldState
    public var priority: Priority
    public var toldAt: Timestamp
    public init(
        order: OrderNumber, anomaly: String, audience: Audience, recipient: String, channel: Channel, status: Status, stage: NoticeStage,
        told: ToldState, priority: Priority, toldAt: Timestamp
    ) {
        (self.order, self.anomaly, self.audience, self.recipient, self.channel, self.status) = (
            order, anomaly, audience, recipient, channel, status
        )
        (self.stage, self.told, self.priority, self.toldAt) = (stage, told, priority, toldAt)
    }
}

/// The state of an episode as a notice told it, and as the next one is compared with it.
public struct ToldState: Sendable, Equatable {
    public var funds: FundsState?
    public var step: String?
    /// The promised time in whole hours since 1970: a promise that moves inside the hour is the same promise.
    public var etaBucket: Int64?
    /// Repeats of the unchanged state so far.
    public var repeats: Int
    public init(funds: FundsState? = nil, step: String? = nil, etaBucket: Int64? = nil, repeats: Int = 0) {
        (self.funds, self.step, self.etaBucket, self.repeats) = (funds, step, etaBucket, repeats)
    }
}

extension DeliveryState {
    /// What becomes of the mark behind a delivery: committed when a provider took it, released when it definitely did not go out.
    public var mark: DedupeMark.Status {
        switch self {
        case .ready, .inflight, .retryWait, .ambiguous, .unknown: .reserved
        case .sent, .delivered, .undelivered: .committed
        case .cancelled, .expired, .dead, .blocked: .released
        }
    }
}

/// What one recipient must learn about one stage of an episode. Facts and template revision are pinned.
public struct Notice: Sendable {
    public var id: NoticeID
    public var episode: EpisodeID
    public var episodeVersion: Int64
    public var order: OrderNumber
    public var anomaly: String
    public var audience: Audience
    public var customer: String
    public var kind: Kind
    public var stage: NoticeStage
    public var variant: String?
    /// Which of the kind's wordings was drawn for the customer; nil: the text that all others get.
    public var wording: String?
    public var priority: Priority
    public var reason: ReasonCode
    public var locale: TextLocale
    public var timeZone: String
    public var privatePreview: Bool
    public var templateRevision: String
    public var facts: Facts
    public var plannedAt: Timestamp
    /// The event that caused it, if one did.
    public var event: EventSeq?
    public var told: ToldState
    /// Whether it counts against the caps of a day and an anomaly.
    public var isCounted: Bool
    public init(
        id: NoticeID = 0, episode: EpisodeID, episodeVersion: Int64, order: OrderNumber, anomaly: String, audience: Audience,
        customer: String, kind: Kind,
        stage: NoticeStage, variant: String?, priority: Priority, reason: ReasonCode, locale: TextLocale, timeZone: String,
        privatePreview: Bool,
        templateRevision: String, facts: Facts, plannedAt: Timestamp, event: EventSeq?, told: ToldState = ToldState(),
        isCounted: Bool = true, wording: String? = nil
    ) {
        self.wording = wording
        (self.id, self.episode, self.episodeVersion, self.order, self.anomaly, self.audience) = (
            id, episode, episodeVersion, order, anomaly, audience
        )
        (self.customer, self.kind, self.stage, self.variant, self.priority, self.reason) = (
            customer, kind, stage, variant, priority, reason
        )
        (self.locale, self.timeZone, self.privatePreview, self.templateRevision) = (locale, timeZone, privatePreview, templateRevision)
        (self.facts, self.plannedAt, self.event, self.told, self.isCounted) = (facts, plannedAt, event, told, isCounted)
    }
}

/// One notice on one channel to one address.
public struct Delivery: Sendable {
    public var id: DeliveryID
    public var publicID: String
    public var notice: NoticeID
    public var episode: EpisodeID
    public var order: OrderNumber
    public var customer: String
    public var channel: Channel
    public var priority: Priority
    public var state: DeliveryState
    public var reason: ReasonCode?
    public var mode: Mode
    /// The address, opened; stored sealed. `inbox` for in-app and for deliveries that were blocked for want of one.
    public var address: Sensitive<Address>
    public var maskedAddress: MaskedAddress
    public var nextAt: Timestamp?
    public var expires: Timestamp
    public var tries: Int
    public var account: String?
    public var providerID: String?
    public var cancelWanted: Bool
    public var plannedAt, changedAt: Timestamp
    public init(
        id: DeliveryID = 0, publicID: String = "", notice: NoticeID = 0, episode: EpisodeID, order: OrderNumber, customer: String,
        channel: Channel,
        priority: Priority, state: DeliveryState, reason: ReasonCode?, mode: Mode, address: Sensitive<Address>, nextAt: Timestamp?,
        expires: Timestamp,
        tries: Int = 0, account: String? = nil, providerID: String? = nil, cancelWanted: Bool = false, plannedAt: Timestamp
    ) {
        (self.id, self.publicID, self.notice, self.episode, self.order, self.customer) = (id, publicID, notice, episode, order, customer)
        (self.channel, self.priority, self.state, self.reason, self.mode, self.address) = (channel, priority, state, reason, mode, address)
        (self.nextAt, self.expires, self.tries, self.account, self.providerID) = (nextAt, expires, tries, account, providerID)
        (self.cancelWanted, self.plannedAt, self.changedAt, maskedAddress) = (cancelWanted, plannedAt, plannedAt, MaskedAddress(address))
    }
}

/// A waiting delivery whose time has come, by what may have changed while it waited.
public struct DueHead: Sendable, Hashable {
    public var id: DeliveryID
    public var state: DeliveryState
    public var reason: ReasonCode?
    public var nextAt: Timestamp?
    public var expires: Timestamp
    public var tries: Int
    public var account: String?
    public init(
        id: DeliveryID, state: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?, expires: Timestamp, tries: Int, account: String?
    ) {
        (self.id, self.state, self.reason, self.nextAt) = (id, state, reason, nextAt)
        (self.expires, self.tries, self.account) = (expires, tries, account)
    }
}

/// How many messages of one kind of notice a customer was sent on a channel.
public struct Usage: Sendable, Hashable {
    public var channel: Channel
    /// By notices that the caps of a day and an anomaly count, or by the others.
    public var isCounted: Bool
    public var count: Int
    public init(channel: Channel, isCounted: Bool, count: Int) { (self.channel, self.isCounted, self.count) = (channel, isCounted, count) }
}

public struct DeliveryQuery: Sendable {
    public var order: OrderNumber?
    public var customer: String?
    public var channel: Channel?
    public var state: DeliveryState?
    public var kind: Kind?
    public var since, until: Timestamp?
    /// Cursor: only deliveries with a smaller id.
    public var before: DeliveryID?
    public var limit: Int
    public init(limit: Int = 50) { self.limit = limit }
}
