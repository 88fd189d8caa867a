public import Core
public import Store
import Terminal

/// What one payout's events came to: who was told what, when, and what that cost. Read from a store, of what happened or of a dry run, by the same
/// rules; two of them are compared by `Comparison`.
public struct OrderOutcome: Sendable, Equatable {
    /// A notice on one channel.
    public struct Way: Sendable, Equatable {
        public var channel: Channel
        /// It left, or stood in the app: as far as the rules have a say in it. That a provider refused it is no decision.
        public var isSent: Bool
        public var reason: ReasonCode?
        /// When it left.
        public var at: Timestamp
        /// Of an SMS; 0 of what has none, and of what is not known any more.
        public var parts: Int
        public var account: String?
        /// Tells one text from another; nil where nothing left, or the words are kept no longer.
        public var words: UInt64?
    }

    /// A notice for the customer.
    public struct Told: Sendable, Equatable {
        public var anomaly: String
        public var customer: String
        public var kind: Kind
        public var stage: NoticeStage
        /// Which of the notices with this stage of the anomaly, from 0.
        public var number: Int
        public var priority: Priority
        public var reason: ReasonCode
        public var at: Timestamp
        public var locale: TextLocale
        public var zone: String
        public var ways: [Way]

        public var sent: [Way] { ways.filter(\.isSent) }
        /// When the first of it left; nil when nothing did.
        public var left: Timestamp? { sent.map(\.at).min() }
    }

    /// An anomaly, and whether anybody was told of it at all.
    public struct Matter: Sendable, Equatable {
        public var anomaly: String
        public var kind: Kind
        public var priority: Priority
        public var funds: FundsState?
        public var detectedAt: Timestamp
        /// Why its first event was not told; nil when it was.
        public var why: ReasonCode?
        public var firstTold: Timestamp?
        /// Nothing is decided of it yet.
        public var isUndecided: Bool

        public var isTold: Bool { firstTold != nil }
        /// Nobody was told, and should have been by what the event says: neither had it ended well before anybody had to be, nor did another notice
        /// say so.
        public var isNeverTold: Bool { !isTold && !isUndecided && why.map { !Self.fine.contains($0) } ?? true }
        /// The money has left the balance, and nobody says that it arrived or is back.
        public var isMoneyOut: Bool {
            switch funds {
            case .held, .inTransit, .returning, .unknown: true
            case .notDebited, .inBalance, .paid, nil: false
            }
        }
        private static let fine: Set<ReasonCode> = [
            .resolvedInHold, .alreadyResolved, .superseded, .inhibited, .stormAbsorbed, .digestMerged, .noAnomaly, .testEvent, .duplicate,
            .sameNews, .staleEvent, .erased,
        ]
    }

    /// What became of an event.
    public struct Event: Sendable, Equatable {
        public var id: String
        public var receivedAt: Timestamp
        public var disposition: Disposition
    }

    public var order: OrderNumber
    public var told: [Told] = []
    public var matters: [Matter] = []
    public var events: [Event] = []
}

// MARK: No tipping off

extension OrderOutcome {
    /// As everybody may see it: of two stages that go by one name the notices are numbered together.
    var toOthers: OrderOutcome {
        var shown = self
        var numbers: [String: Int] = [:]
        for index in shown.told.indices {
            let (kind, stage) = (told[index].kind, told[index].stage)
            (shown.told[index].kind, shown.told[index].stage) = (kind.toOthers, stage.toOthers(of: kind))
            let name = "\(told[index].anomaly) \(shown.told[index].stage.rawValue)"
            shown.told[index].number = numbers[name, default: 0]
            numbers[name, default: 0] += 1
        }
        for index in shown.matters.indices { shown.matters[index].kind = matters[index].kind.toOthers }
        return shown
    }
}

// MARK: Reading

extension OrderOutcome {
    /// - Parameter catalogue: how urgent a matter is that no rule made an episode of.
    public static func gather(from reader: any StoreReader, order: OrderNumber, catalogue: Catalogue) throws -> OrderOutcome {
        var outcome = OrderOutcome(order: order)
        let events = try reader.events(ofOrder: order)
        outcome.events = events.map { Event(id: $0.id, receivedAt: $0.receivedAt, disposition: $0.disposition) }
        var numbers: [String: Int] = [:]
        for notice in try reader.notices(ofOrder: order) where notice.audience == .customer {
            let name = "\(notice.anomaly) \(notice.stage.rawValue)"
            outcome.told.append(try told(notice, number: numbers[name, default: 0], reader))
            numbers[name, default: 0] += 1
        }
        let dispositions = Dictionary(events.map { ($0.seq, $0.disposition) }) { first, _ in first }
        for episode in try reader.episodes(ofOrder: order) {
            outcome.matters.append(matter(episode, dispositions[episode.openedBy], outcome.told))
        }
        // What a rule keeps silent altogether has no episode.
        var known = Set(outcome.matters.map(\.anomaly))
        for event in events {
            guard case .suppressed(let why) = event.disposition, let matter = try matter(event, why, catalogue),
                known.insert(matter.anomaly).inserted
            else { continue }
            outcome.matters.append(matter)
        }
        return outcome
    }

    /// Of an event that begins something, by what it says itself.
    private static func matter(_ event: StoredEvent, _ why: ReasonCode, _ catalogue: Catalogue) throws -> Matter? {
        guard !event.body.isEmpty, !event.type.hasSuffix(".resolved"), !event.type.contains(".incident.") else { return nil }
        let data = try JSON(parsing: event.body)["data"]
        guard let anomaly = data?["anomaly_id"]?.string else { return nil }
        let code = data?["reason"].flatMap { reason in
            reason["source"]?.string.flatMap { source in reason["code"]?.string.flatMap { catalogue.code(source: source, code: $0) } }
        }
        let kind = code?.kind ?? data?["kind"]?.string.flatMap(Kind.init(rawValue:)) ?? .statusUnknown
        return Matter(
            anomaly: anomaly, kind: kind, priority: catalogue[kind].priority,
            funds: data?["funds_state"]?.string.flatMap(FundsState.init(rawValue:)) ?? catalogue[kind].funds, detectedAt: event.time,
            why: why,
            firstTold: nil, isUndecided: false)
    }

    private static func matter(_ episode: Episode, _ opening: Disposition?, _ told: [Told]) -> Matter {
        let mine = told.filter { $0.anomaly == episode.anomaly }
        let dropped = mine.flatMap(\.ways).lazy.compactMap(\.reason).first
        // A tombstone stands for what was over before anybody heard of it.
        let reason = episode.status == .tombstone ? .alreadyResolved : opening?.reason ?? dropped
        return Matter(
            anomaly: episode.anomaly, kind: episode.kind, priority: episode.priority, funds: episode.funds, detectedAt: episode.detectedAt,
            why: reason ?? (episode.status == .superseded ? .superseded : nil), firstTold: mine.compactMap(\.left).min(),
            isUndecided: episode.status == .holding)
    }

    private static func told(_ notice: Notice, number: Int, _ reader: any StoreReader) throws -> Told {
        let ways = try reader.deliveries(ofNotice: notice.id).map { try way($0, reader) }
        return Told(
            anomaly: notice.anomaly, customer: notice.customer, kind: notice.kind, stage: notice.stage, number: number,
            priority: notice.priority, reason: notice.reason, at: notice.plannedAt, locale: notice.locale, zone: notice.timeZone, ways: ways
        )
    }

    private static func way(_ delivery: Delivery, _ reader: any StoreReader) throws -> Way {
        let isSent = delivery.isDecidedToBeSent
        var way = Way(
            channel: delivery.channel, isSent: isSent, reason: isSent ? nil : delivery.reason, at: delivery.plannedAt, parts: 0,
            account: delivery.account)
        guard isSent else { return way }
        if delivery.channel == .inApp {
            way.words = try inAppWords(of: delivery, reader)
            return way
        }
        let attempts = delivery.tries > 0 ? try reader.attempts(ofDelivery: delivery.id) : []
        way.at = attempts.first?.startedAt ?? delivery.nextAt ?? delivery.plannedAt
        guard let attempt = attempts.first, let bytes = try reader.bytes(of: attempt.id), !bytes.content.isEmpty else { return way }
        way.words = digest(bytes.content)
        if delivery.channel == .sms, let text = try JSON(parsing: bytes.content)["text"]?.string { way.parts = SMSMeasure(text).parts }
        return way
    }

    private static func inAppWords(of delivery: Delivery, _ reader: any StoreReader) throws -> UInt64? {
        let items = try reader.inbox(customer: delivery.customer, unreadOnly: false, before: delivery.id + 1, limit: 1)
        return items.first { $0.delivery == delivery.id }.map { digest(Array("\($0.title)\n\($0.body)".utf8)) }
    }

    /// FNV-1a: two texts of one message are to be told apart, and nobody wishes them alike.
    private static func digest(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

extension Delivery {
    /// The rules let it leave, whatever became of it then.
    fileprivate var isDecidedToBeSent: Bool {
        switch state {
        case .ready, .inflight, .retryWait, .sent, .delivered, .undelivered, .ambiguous, .unknown: true
        case .cancelled, .blocked: false
        case .expired: tries > 0
        case .dead: reason == .providerRefused || reason == .providerUnreachable || reason == .triesUsedUp || reason == .addressDead
        }
    }
}
