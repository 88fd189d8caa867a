public typealias EventSeq = Int64
public typealias EpisodeID = Int64
public typealias NoticeID = Int64
public typealias DeliveryID = Int64
public typealias AttemptID = Int64

/// Ciphertext of AES-256-GCM with its nonce, key and context. Rows swapped in the file do not open.
public struct SealedBytes: Hashable, Sendable {
    /// Which data key: a customer's pseudonym, or `system`.
    public var key: String
    public var context: String
    /// nonce ‖ ciphertext ‖ tag.
    public var box: [UInt8]
    public init(key: String, context: String, box: [UInt8]) { (self.key, self.context, self.box) = (key, context, box) }
}

// MARK: - Events

public struct NewEvent: Sendable {
    public var source, id: String
    /// SHA-256 over the canonical JSON of type, subject, time and data: 32 bytes.
    public var contentHash: [UInt8]
    public var order: OrderNumber?
    public var customer: String?
    public var type: String
    /// When it happened, by the producer.
    public var time: Timestamp
    public var receivedAt: Timestamp
    /// The cleaned event as JSON: allow-listed fields only, cards cut. Sealed by the store.
    public var body: [UInt8]
    public init(
        source: String, id: String, contentHash: [UInt8], order: OrderNumber?, customer: String?, type: String, time: Timestamp,
        receivedAt: Timestamp,
        body: [UInt8]
    ) {
        (self.source, self.id, self.contentHash, self.order, self.customer) = (source, id, contentHash, order, customer)
        (self.type, self.time, self.receivedAt, self.body) = (type, time, receivedAt, body)
    }
}

public enum AcceptResult: Sendable, Equatable {
    case accepted(EventSeq)
    case duplicate(EventSeq)
    case conflict(EventSeq)
}

public struct StoredEvent: Sendable {
    public var seq: EventSeq
    public var source, id: String
    public var order: OrderNumber?
    public var type: String
    public var time, receivedAt: Timestamp
    public var disposition: Disposition
    /// Opened JSON.
    public var body: [UInt8]
    public init(
        seq: EventSeq, source: String, id: String, order: OrderNumber?, type: String, time: Timestamp, receivedAt: Timestamp,
        disposition: Disposition, body: [UInt8]
    ) {
        (self.seq, self.source, self.id, self.order, self.type) = (seq, source, id, order, type)
        (self.time, self.receivedAt, self.disposition, self.body) = (time, receivedAt, disposition, body)
    }
}

/// An event by what is not sealed of it.
public struct EventHead: Sendable, Hashable {
    public var seq: EventSeq
    public var source: String
    public var order: OrderNumber?
    public init(seq: EventSeq, source: String, order: OrderNumber?) { (self.seq, self.source, self.order) = (seq, source, order) }
}

/// What became of an accepted event: the right side of the accounting law.
public enum Disposition: Sendable, Hashable {
    /// Committed, not planned yet.
    case received
    /// Planned, but its hold-off or storm still decides whether anyone is told.
    case pending
    case planned
    case suppressed(ReasonCode)
    case stale
    case recorded

    /// The stored word: `received pending planned suppressed stale recorded`.
    public var word: String {
        switch self {
        case .received: "received"
        case .pending: "pending"
        case .planned: "planned"
        case .suppressed: "suppressed"
        case .stale: "stale"
        case .recorded: "recorded"
        }
    }
    public var reason: ReasonCode? { if case .suppressed(let reason) = self { reason } else { nil } }
}

public struct Accounting: Sendable, Equatable {
    public var duplicate = 0, conflict = 0, rejected = 0, accepted = 0
    public var planned = 0, stale = 0, recorded = 0, pending = 0
    public var suppressed: [ReasonCode: Int] = [:]
    public var unmapped = 0
    public var deliveries: [Channel: [DeliveryState: Int]] = [:]
    public var incidents = 0, reviews = 0
    public init() {}
}

// MARK: - Orders

public struct OrderState: Sendable, Equatable {
    public var order: OrderNumber
    public var customer: String
    /// The newest applied event's `data.seq`, time and id.
    public var lastSeq: Int64
    public var lastTime: Timestamp
    public var lastEvent: String
    public var version: Int64
    public init(order: OrderNumber, customer: String, lastSeq: Int64, lastTime: Timestamp, lastEvent: String, version: Int64) {
        (self.order, self.customer, self.lastSeq, self.lastTime, self.lastEvent, self.version) = (
            order, customer, lastSeq, lastTime, lastEvent, version
        )
    }
}

/// One open → resolved cycle of one anomaly on one order.
public struct Episode: Sendable, Equatable {
    public enum Status: String, Sendable { case holding, open, superseded, resolved, tombstone }

    public var id: EpisodeID
    public var anomaly: String
    public var order: OrderNumber
    public var customer: String
    public var kind: Kind
    public var priority: Priority
    public var status: Status
    public var bank, rail: String
    /// When it happened, by the producer.
    public var detectedAt: Timestamp
    public var version: Int64
    /// The event that opened it: it stays `pending` while the hold-off decides.
    public var openedBy: EventSeq
    /// While `holding`: when the hold-off ends.
    public var holdUntil: Timestamp?
    public var funds: FundsState?
    public var step: String?
    public var eta, deadline: Timestamp?
    public var variant: String?
    public var facts: Facts
    public var resolution: Resolution?
    /// Whether the customer was told anything of it, on any channel.
    public var told: Bool
    public var incident: String?
    public init(
        id: EpisodeID = 0, anomaly: String, order: OrderNumber, customer: String, kind: Kind, priority: Priority, status: Status,
        bank: String, rail: String,
        detectedAt: Timestamp, version: Int64 = 1, openedBy: EventSeq, holdUntil: Timestamp? = nil, funds: FundsState? = nil,
        step: String? = nil,
        eta: Timestamp? = nil, deadline: Timestamp? = nil, variant: String? = nil, facts: Facts = Facts(), resolution: Resolution? = nil,
        told: Bool = false, incident: String? = nil
    ) {
        (self.id, self.anomaly, self.order, self.customer, self.kind, self.priority) = (id, anomaly, order, customer, kind, priority)
        (self.status, self.bank, self.rail, self.detectedAt, self.version, self.openedBy) = (
            status, bank, rail, detectedAt, version, openedBy
        )
        (self.holdUntil, self.funds, self.step, self.eta, self.deadline, self.variant) = (holdUntil, funds, step, eta, deadline, variant)
        (self.facts, self.resolution, self.told, self.incident) = (facts, resolution, told, incident)
    }
}

// MARK: - Customers

/// What is known of one customer. Addresses are sealed in the store and looked up by keyed hashes.
public struct CustomerRecord: Sendable, Equatable {
    public struct Contact: Sendable, Equatable {
        public enum Standing: String, Sendable { case verified, unverified, dead }
        /// Nil: as the event says. Set: overrides the event.
        public var address: Sensitive<Address>?
        public var standing: Standing
        public init(address: Sensitive<Address>?, standing: Standing) { (self.address, self.standing) = (address, standing) }
    }
    public var id: String
    public var locale: String?
    public var timeZone: String?
    /// Channels switched off by the customer.
    public var optedOut: Set<Channel>
    public var contacts: [Channel: Contact]
    public var privatePreview: Bool?
    public init(
        id: String, locale: String? = nil, timeZone: String? = nil, optedOut: Set<Channel> = [], contacts: [Channel: Contact] = [:],
        privatePreview: Bool? = nil
    ) {
        (self.id, self.locale, self.timeZone, self.optedOut, self.contacts, self.privatePreview) = (
            id, locale, timeZone, optedOut, contacts, privatePreview
        )
    }
}

/// What is known of one address of one customer on one channel, beside what the record says. Found by a keyed hash of the address.
public struct AddressMark: Sendable, Hashable {
    public var channel: Channel
    /// `address_dead` or `opted_out`; nil: it was verified, which ended an earlier mark.
    public var reason: ReasonCode?
    /// The provider's status and code, and the account and delivery they were heard on.
    public var detail: String
    public var account: String
    public var delivery: DeliveryID
    public var at: Timestamp
    public init(channel: Channel, reason: ReasonCode?, detail: String = "", account: String = "", delivery: DeliveryID = 0, at: Timestamp) {
        (self.channel, self.reason, self.detail, self.account) = (channel, reason, detail, account)
        (self.delivery, self.at) = (delivery, at)
    }
}

// MARK: - Incidents

public struct Incident: Sendable, Equatable {
    public var id: String
    public var bank, rail: String
    public var since: Timestamp
    public var until: Timestamp?
    public var closedAt: Timestamp?
    /// The producer's id, once it was announced. A storm found by counting has an id of ours and gets this one later: both are one incident.
    public var announced: String?
    public init(
        id: String, bank: String, rail: String, since: Timestamp, until: Timestamp? = nil, closedAt: Timestamp? = nil,
        announced: String? = nil
    ) {
        (self.id, self.bank, self.rail, self.since, self.until) = (id, bank, rail, since, until)
        (self.closedAt, self.announced) = (closedAt, announced)
    }
    /// Whether an anomaly of its bank and rail belongs to it, by when it happened.
    public func covers(_ moment: Timestamp) -> Bool { moment >= since && (closedAt.map { moment <= $0 } ?? true) }
}

/// One customer's share of an incident: the one message they get for it.
public struct IncidentMember: Sendable, Equatable {
    public var incident: String
    public var customer: String
    /// The order and notice they were told with.
    public var order: OrderNumber
    public var toldAt: Timestamp
    public var overTold: Bool
    public init(incident: String, customer: String, order: OrderNumber, toldAt: Timestamp, overTold: Bool = false) {
        (self.incident, self.customer, self.order, self.toldAt, self.overTold) = (incident, customer, order, toldAt, overTold)
    }
}

// MARK: - Notices

public enum Audience: String, Sendable, Hashable { case customer, staff }

/// Dedupe as state, not text. Key: (order, anomaly, audience, recipient, channel).
public struct DedupeMark: Sendable, Equatable {
    public enum Status: String, Sendable { case reserved, committed, released }
    public var order: OrderNumber
    public var anomaly: String
    public var audience: Audience
    public var recipient: String
    public var channel: Channel
    public var status: Status
    public var stage: NoticeStage
    public var funds: FundsState?
    public var step: String?
    /// The promised time in whole hours since 1970: a promise that moves inside the hour is the same promise.
    public var etaBucket: Int64?
    public var priority: Priority
    public var toldAt: Timestamp
    /// Repeats of the unchanged state so far.
    public var repeats: Int
    public var suppressed: Int
    public init(
        order: OrderNumber, anomaly: String, audience: Audience, recipient: String, channel: Channel, status: Status, stage: NoticeStage,
        funds: FundsState?, step: String?, etaBucket: Int64?, priority: Priority, toldAt: Timestamp, repeats: Int = 0, suppressed: Int = 0
    ) {
        (self.order, self.anomaly, self.audience, self.recipient, self.channel, self.status) = (
            order, anomaly, audience, recipient, channel, status
        )
        (self.stage, self.funds, self.step, self.etaBucket, self.priority) = (stage, funds, step, etaBucket, priority)
        (self.toldAt, self.repeats, self.suppressed) = (toldAt, repeats, suppressed)
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
    public init(
        id: NoticeID = 0, episode: EpisodeID, episodeVersion: Int64, order: OrderNumber, anomaly: String, audience: Audience,
        customer: String, kind: Kind,
        stage: NoticeStage, variant: String?, priority: Priority, reason: ReasonCode, locale: TextLocale, timeZone: String,
        privatePreview: Bool,
        templateRevision: String, facts: Facts, plannedAt: Timestamp, event: EventSeq?
    ) {
        (self.id, self.episode, self.episodeVersion, self.order, self.anomaly, self.audience) = (
            id, episode, episodeVersion, order, anomaly, audience
        )
        (self.customer, self.kind, self.stage, self.variant, self.priority, self.reason) = (
            customer, kind, stage, variant, priority, reason
        )
        (self.locale, self.timeZone, self.privatePreview, self.templateRevision) = (locale, timeZone, privatePreview, templateRevision)
        (self.facts, self.plannedAt, self.event) = (facts, plannedAt, event)
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
        id: DeliveryID = 0, publicID: String, notice: NoticeID, episode: EpisodeID, order: OrderNumber, customer: String, channel: Channel,
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

// MARK: - Attempts

public struct Attempt: Sendable {
    public var id: AttemptID
    public var publicID: String
    public var delivery: DeliveryID
    /// From 1.
    public var number: Int
    public var state: AttemptState
    public var account: String
    public var idempotencyKey: String
    /// SHA-256 of the call's JSON.
    public var digest: [UInt8]
    /// The rendered content and the call, as JSON, sealed with the customer's key.
    public var content, call: SealedBytes
    public var startedAt: Timestamp
    public var deadline: Timestamp
    public var bootID: String
    /// Slot of the flight recorder; 0 while there is none.
    public var recorderSlot: Int
    public var finishedAt: Timestamp?
    public var outcome: Outcome.Class?
    public var detail: String?
    public var providerID: String?
    public init(
        id: AttemptID = 0, publicID: String, delivery: DeliveryID, number: Int, state: AttemptState = .intent, account: String,
        idempotencyKey: String,
        digest: [UInt8], content: SealedBytes, call: SealedBytes, startedAt: Timestamp, deadline: Timestamp, bootID: String,
        recorderSlot: Int = 0
    ) {
        (self.id, self.publicID, self.delivery, self.number, self.state, self.account) = (id, publicID, delivery, number, state, account)
        (self.idempotencyKey, self.digest, self.content, self.call) = (idempotencyKey, digest, content, call)
        (self.startedAt, self.deadline, self.bootID, self.recorderSlot) = (startedAt, deadline, bootID, recorderSlot)
    }
}

public struct AttemptResult: Sendable {
    public var state: AttemptState
    public var outcome: Outcome.Class
    /// `OutcomeDetail.description`.
    public var detail: String
    public var providerID: String?
    public init(state: AttemptState, outcome: Outcome.Class, detail: String, providerID: String? = nil) {
        (self.state, self.outcome, self.detail, self.providerID) = (state, outcome, detail, providerID)
    }
}

// MARK: - Timers

public struct StoredTimer: Sendable {
    public enum Step: String, Sendable, CaseIterable {
        /// The hold-off of an episode ends; with an argument, its wait for the end of a burst.
        case holdEnd = "hold_end"
        /// A `then` step of the policy; `argument` is its index.
        case fallback
        /// The promised time passed.
        case promise
        /// Half time, or 24 h before a deadline.
        case reminder
        /// An update that came too soon after another one may be told; `argument` is its event.
        case update
        /// Fifteen minutes after an incident closed.
        case incidentOver = "incident_over"
        /// The window of a storm that is being counted.
        case storm
    }
    public enum State: String, Sendable { case armed, fired, cancelled }
    public var id: Int64
    public var step: Step
    /// What it belongs to; unique together with step and argument.
    public var episode: EpisodeID
    public var notice: NoticeID
    public var incident: String
    public var argument: Int
    public var due: Timestamp
    public var state: State
    public init(
        id: Int64 = 0, step: Step, episode: EpisodeID = 0, notice: NoticeID = 0, incident: String = "", argument: Int = 0, due: Timestamp,
        state: State = .armed
    ) {
        (self.id, self.step, self.episode, self.notice, self.incident, self.argument) = (id, step, episode, notice, incident, argument)
        (self.due, self.state) = (due, state)
    }
}

/// When the next delivery and the next timer want attention; nil when there is none.
public struct NextDue: Sendable, Hashable {
    public var delivery, timer: Timestamp?
    public init(delivery: Timestamp?, timer: Timestamp?) { (self.delivery, self.timer) = (delivery, timer) }
    public var earliest: Timestamp? { [delivery, timer].compactMap { $0 }.min() }
}

// MARK: - In-app

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

// MARK: - People

public struct DeadLetter: Sendable {
    public enum Stage: String, Sendable, CaseIterable { case intake, plan, render, send }
    public enum State: String, Sendable { case open, retried, discarded }
    public var id: Int64
    public var stage: Stage
    public var reason: String
    /// Safe to show: names of fields and rules, never values of the input.
    public var detail: String
    public var source: String
    public var size: Int
    /// SHA-256 of the input.
    public var digest: [UInt8]
    public var event: EventSeq?
    public var delivery: DeliveryID?
    public var at: Timestamp
    public var state: State
    public init(
        id: Int64 = 0, stage: Stage, reason: String, detail: String, source: String, size: Int, digest: [UInt8], event: EventSeq? = nil,
        delivery: DeliveryID? = nil, at: Timestamp, state: State = .open
    ) {
        (self.id, self.stage, self.reason, self.detail, self.source, self.size) = (id, stage, reason, detail, source, size)
        (self.digest, self.event, self.delivery, self.at, self.state) = (digest, event, delivery, at, state)
    }
}

/// Something a person must look at; the customer is told "under review" meanwhile.
public struct ReviewItem: Sendable {
    public enum Cause: String, Sendable, CaseIterable {
        /// The kind asks for a person.
        case kind
        /// A code that is in no list.
        case unmappedCode = "unmapped_code"
        /// The producer's kind is not the code's kind.
        case kindMismatch = "kind_mismatch"
        case incident
        /// A `high` notice whose plan is empty.
        case unreachable
        /// Too many first notices of one kind in a minute.
        case burst
        /// An attempt that nobody can settle.
        case ambiguous
    }
    public var id: Int64
    public var cause: Cause
    public var order: OrderNumber?
    public var episode: EpisodeID?
    public var kind: Kind?
    public var detail: String
    public var openedAt: Timestamp
    public var closedAt: Timestamp?
    public var note: String?
    public init(
        id: Int64 = 0, cause: Cause, order: OrderNumber?, episode: EpisodeID? = nil, kind: Kind?, detail: String, openedAt: Timestamp,
        closedAt: Timestamp? = nil, note: String? = nil
    ) {
        (self.id, self.cause, self.order, self.episode, self.kind, self.detail) = (id, cause, order, episode, kind, detail)
        (self.openedAt, self.closedAt, self.note) = (openedAt, closedAt, note)
    }
}

// MARK: - The log

/// What happened, once, for ever. `body` holds codes, ids and pseudonyms: no address, no amount, no name.
public struct LogEntry: Sendable {
    public enum Act: String, Sendable, CaseIterable {
        case eventAccepted = "event_accepted"
        case eventConflict = "event_conflict"
        case eventRejected = "event_rejected"
        case decision
        case delivery
        case intent, outcome
        case cancelled
        case timer
        case deadLetter = "dead_letter"
        /// An address became one that cannot be used, or was verified again.
        case address
        case review
        case incident
        case seen, read
        case `operator`
        case start
    }
    public var act: Act
    public var at: Timestamp
    public var order: OrderNumber?
    public var event: EventSeq?
    public var notice: NoticeID?
    public var delivery: DeliveryID?
    public var body: JSON
    public init(
        _ act: Act, at: Timestamp, order: OrderNumber? = nil, event: EventSeq? = nil, notice: NoticeID? = nil, delivery: DeliveryID? = nil,
        body: JSON
    ) {
        (self.act, self.at, self.order, self.event, self.notice, self.delivery, self.body) = (act, at, order, event, notice, delivery, body)
    }
}

public struct LogRow: Sendable {
    public var seq: Int64
    public var entry: LogEntry
    /// SHA-256 over the previous hash and the row's canonical bytes.
    public var hash: [UInt8]
    public init(seq: Int64, entry: LogEntry, hash: [UInt8]) { (self.seq, self.entry, self.hash) = (seq, entry, hash) }
}

public struct ChainBreak: Sendable, Equatable {
    public var seq: Int64
    public var words: String
    public init(seq: Int64, words: String) { (self.seq, self.words) = (seq, words) }
}
