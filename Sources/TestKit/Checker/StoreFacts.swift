public import Core
public import Store

/// What the database says, without anything that is sealed.
public struct StoreFacts: Sendable {
    public struct Sent: Sendable {
        public var id: DeliveryID
        public var publicID: String
        public var notice: NoticeID
        public var episode: EpisodeID
        public var channel: Channel
        public var priority: Priority
        public var state: DeliveryState
        public var reason: ReasonCode?
        public var nextAt: Timestamp?
        public var attempts: [Try]
        /// By any of which a provider may name it.
        public var names: [String] { [publicID] + attempts.flatMap { [$0.publicID, $0.key] } }
    }
    public struct Try: Sendable {
        public var publicID: String
        public var number: Int
        public var state: AttemptState
        public var account: String
        public var key: String
        public var digest: [UInt8]
        public var detail: String
    }
    /// A row of the log, by what the checker needs of it.
    public struct Logged: Sendable {
        public var seq: Int64
        public var at: Timestamp
        public var act: LogEntry.Act
        public var order: OrderNumber?
        public var event: EventSeq?
        public var notice: NoticeID?
        public var delivery: DeliveryID?
        public var attempt: AttemptID?
        /// Of a decision: the stage of its notice.
        public var stage: NoticeStage?
        /// Of an event: it is an end.
        public var isEnd: Bool
    }

    /// Of the ids asked for those that are there, and as what.
    public var events: [String: [Disposition]] = [:]
    public var accounting = Accounting()
    public var deliveries: [Sent] = []
    public var log: [Logged] = []
    public var episodes: [OrderNumber: [(id: EpisodeID, status: Episode.Status)]] = [:]
    public var openIntents: [String] = []
    /// What the open questions about doubtful deliveries say.
    public var questions: [String] = []
    public var chainBreak: String?
    public var integrity: [String] = []
    public var lastLogged: Timestamp? { log.last?.at }
    public init() {}

    /// - Parameter ids: of all events that producers sent.
    public static func gather(from store: SQLiteAudit, ids: [String]) async throws -> StoreFacts {
        let integrity = try await store.integrity()
        return try await store.read { reader in
            var facts = StoreFacts()
            facts.integrity = integrity
            facts.chainBreak = try reader.verifyChain().map { "\($0.words) (row \($0.seq))" }
            facts.accounting = try reader.accounting()
            facts.openIntents = try reader.openIntents().map(\.publicID)
            facts.questions = try reader.reviews(onlyOpen: true, limit: .max).filter { $0.cause == .ambiguous }.map(\.detail)
            for id in ids { facts.events[id] = try reader.events(id: id).map(\.disposition) }
            facts.deliveries = try deliveries(reader)
            facts.log = try log(reader)
            for order in Set(facts.log.compactMap(\.order)) {
                facts.episodes[order] = try reader.episodes(ofOrder: order).map { ($0.id, $0.status) }
            }
            return facts
        }
    }

    private static func deliveries(_ reader: any StoreReader) throws -> [Sent] {
        try reader.deliveries(matching: DeliveryQuery(limit: .max)).map { delivery in
            let attempts = try reader.attempts(ofDelivery: delivery.id).map {
                Try(
                    publicID: $0.publicID, number: $0.number, state: $0.state, account: $0.account, key: $0.idempotencyKey,
                    digest: $0.digest,
                    detail: $0.detail ?? "")
            }
            return Sent(
                id: delivery.id, publicID: delivery.publicID, notice: delivery.notice, episode: delivery.episode, channel: delivery.channel,
                priority: delivery.priority, state: delivery.state, reason: delivery.reason, nextAt: delivery.nextAt, attempts: attempts)
        }
    }

    private static func log(_ reader: any StoreReader) throws -> [Logged] {
        var all: [Logged] = []
        while true {
            let rows = try reader.log(after: all.last?.seq ?? 0, limit: 5_000)
            if rows.isEmpty { return all }
            all += rows.map { row in
                let entry = row.entry
                return Logged(
                    seq: row.seq, at: entry.at, act: entry.act, order: entry.order, event: entry.event, notice: entry.notice,
                    delivery: entry.delivery, attempt: entry.attempt,
                    stage: entry.body["notice"]?["stage"]?.string.flatMap(NoticeStage.init(rawValue:)),
                    isEnd: entry.act == .eventAccepted && entry.body["type"]?.string?.hasSuffix(".resolved") ?? false)
            }
        }
    }

    /// `sms sent 12, mail ambiguous 3, …; attempts: accepted 15, ambiguous 3, …`
    public var summary: String {
        func counts(_ words: [String]) -> String {
            Dictionary(grouping: words) { $0 }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.count)" }.joined(separator: ", ")
        }
        return counts(deliveries.map { "\($0.channel.rawValue) \($0.state.rawValue)" }) + "; attempts: "
            + counts(deliveries.flatMap(\.attempts).map { $0.state.rawValue })
    }
}
