public import Core
import Proof
public import Store

/// The rows of a store in memory, and how to take a transaction back: what is written since the last `commit` can be undone, row by row, without a
/// copy of the rest. For one caller at a time.
public final class MemoryTables {
    let undo = UndoLog()
    var names: Names
    /// Whether rows of the log are kept, or the moments of the last ones only.
    let keepsLog: Bool
    /// Told of what is committed; nil: nobody asks.
    public var watch: (([Change]) -> Void)?
    private var changes: [Change] = []
    /// Of a notice that is filed with what leaves at once, until `start` files its attempt.
    var bytesToStart: [AttemptID: AttemptBytes] = [:]

    // Events
    let events: Series<EventRow>
    let eventKeys: Table<EventKey, EventSeq>
    let eventsByID: Group<String, EventSeq>
    let eventsByOrder: Group<OrderNumber, EventSeq>
    let received: Ordered<EventSeq>
    let unsettled: Ordered<EventSeq>
    let news: Table<NewsKey, Bool>
    let tallies: Table<Tally, Int>
    // Orders
    let orders: Table<OrderNumber, OrderState>
    let episodes: Series<EpisodeRow>
    let episodesByAnomaly: Group<String, EpisodeID>
    let episodesByOrder: Group<OrderNumber, EpisodeID>
    let episodesByCustomer: Group<String, EpisodeID>
    let episodesByBank: OrderedGroup<BankKey, DetectedKey>
    let incidentRows: Table<String, Incident>
    let incidentsByBank: Group<BankKey, String>
    let memberRows: Table<MemberKey, IncidentMember>
    let membersByIncident: Group<String, MemberKey>
    // Customers
    let pseudonyms: Table<String, Int>
    let records: Table<String, CustomerRecord>
    let marks: Table<MarkKey, AddressMark>
    let marksByCustomer: Group<String, MarkKey>
    let counters: Table<CounterKey, Int>
    // Notices
    let notices: Series<NoticeRow?>
    let noticesByEpisode: Group<EpisodeID, NoticeID>
    let noticesByCustomer: Group<String, NoticeID>
    let noticesForStaff: Group<String, NoticeID>
    let noticesByOrder: Group<OrderNumber, NoticeID>
    let deliveryRows: Table<DeliveryID, DeliveryRow>
    let waiting: [Ordered<DueKey>]
    let ambiguousDeliveries: Ordered<DeliveryID>
    let attemptRows: Table<AttemptID, AttemptRow>
    let openAttempts: Ordered<AttemptID>
    let ambiguousAttempts: Ordered<AttemptID>
    let receiptRows: Table<ReceiptKey, StoredReceipt>
    let receiptsByDelivery: Group<DeliveryID, ReceiptKey>
    let receiptsByName: Group<NameKey, ReceiptKey>
    let unmatchedNames: Ordered<NameKey>
    let messageIDs: Table<NameKey, AttemptID>
    // Timers
    let timerRows: Table<TimerKey, StoredTimer>
    let timersByEpisode: Group<EpisodeID, TimerKey>
    let armed: Ordered<TimerKey.Due>
    // People
    let letters: Series<DeadLetter>
    let droppedLetters: Table<Int64, Bool>
    let droppedCounts: Table<RetentionClass, Int>
    let reviewRows: Series<ReviewItem>
    let judgementRows: Series<Judgement>
    let questions: Group<OrderNumber, Int64>
    let tasks: Group<EpisodeID, Int64>
    let holdRows: Series<HoldRow>
    // Texts
    let revisionRows: Series<RevisionRow>
    let rolloutRows: Series<Rollout>
    let contactRows: Series<Voice>
    // The rest
    let rows: Series<LogRow>
    let moments: Tail<Timestamp>
    let heads: Table<Int, ChainHead>
    let metas: Table<String, String>
    let standings: Table<String, AccountStanding>

    /// - Parameters:
    ///   - seed: of the public ids.
    ///   - keepsLog: false: of the log there are the moments of its last rows, and nothing else.
    public init(seed: UInt64, keepsLog: Bool = true) {
        (names, self.keepsLog) = (Names(seed: seed), keepsLog)
        let undo = undo
        (events, eventKeys, eventsByID, eventsByOrder) = (Series(undo), Table(undo), Group(undo), Group(undo))
        (received, unsettled, news, tallies) = (Ordered(undo), Ordered(undo), Table(undo), Table(undo))
        (orders, episodes, episodesByAnomaly) = (Table(undo), Series(undo), Group(undo))
        (episodesByOrder, episodesByCustomer, episodesByBank) = (Group(undo), Group(undo), OrderedGroup(undo))
        (incidentRows, incidentsByBank, memberRows, membersByIncident) = (Table(undo), Group(undo), Table(undo), Group(undo))
        (pseudonyms, records, marks, marksByCustomer, counters) = (Table(undo), Table(undo), Table(undo), Group(undo), Table(undo))
        (notices, noticesByEpisode, noticesByCustomer) = (Series(undo), Group(undo), Group(undo))
        (noticesForStaff, noticesByOrder, deliveryRows) = (Group(undo), Group(undo), Table(undo))
        waiting = (0..<24).map { _ in Ordered(undo) }
        (ambiguousDeliveries, attemptRows, openAttempts, ambiguousAttempts) = (Ordered(undo), Table(undo), Ordered(undo), Ordered(undo))
        (receiptRows, receiptsByDelivery, receiptsByName) = (Table(undo), Group(undo), Group(undo))
        (unmatchedNames, messageIDs) = (Ordered(undo), Table(undo))
        (timerRows, timersByEpisode, armed) = (Table(undo), Group(undo), Ordered(undo))
        (droppedLetters, droppedCounts) = (Table(undo), Table(undo))
        (letters, reviewRows, questions, tasks, holdRows) = (Series(undo), Series(undo), Group(undo), Group(undo), Series(undo))
        judgementRows = Series(undo)
        (revisionRows, rolloutRows, contactRows) = (Series(undo), Series(undo), Series(undo))
        (rows, moments, heads, metas, standings) = (Series(undo), Tail(undo, keeps: 1024), Table(undo), Table(undo), Table(undo))
    }

    // MARK: Transactions

    /// One closure: when it throws, what it did is undone and nothing else.
    public func isolated<Result>(_ body: (any StoreWriter) throws -> Result) throws -> Result {
        let (mark, count) = (undo.mark, changes.count)
        do { return try body(self) } catch {
            undo.rollBack(to: mark)
            changes.removeLast(changes.count - count)
            throw error
        }
    }

    /// Everything since the last one stays.
    public func commit() {
        undo.forget()
        moments.trim()
        bytesToStart.removeAll(keepingCapacity: true)
        guard !changes.isEmpty else { return }
        let committed = changes
        changes.removeAll(keepingCapacity: true)
        watch?(committed)
    }

    /// Everything since the last commit is gone.
    public func rollBack() {
        undo.rollBack(to: 0)
        bytesToStart.removeAll(keepingCapacity: true)
        changes.removeAll(keepingCapacity: true)
    }

    func note(_ change: @autoclosure () -> Change) {
        if watch != nil { changes.append(change()) }
    }
}

extension MemoryTables: StoreWriter {}

// MARK: Rows and keys

struct EventRow {
    var content: [UInt8]
    var customer: String
    var stored: StoredEvent
}
struct EventKey: Hashable { var source, id: String }
struct NewsKey: Hashable {
    var anomaly, stage: String
    var seq: Int64
}
enum Tally { case duplicate, conflict, rejected }

struct EpisodeRow {
    /// Without its facts when `factsOf` names the notice that has them.
    var episode: Episode
    var factsOf: NoticeID?
}
struct BankKey: Hashable { var bank, rail: String }
/// By when it happened.
struct DetectedKey: Comparable {
    var at: Timestamp
    var id: EpisodeID
    init(at: Timestamp, id: EpisodeID) { (self.at, self.id) = (at, id) }
    init(_ episode: Episode) { (at, id) = (episode.detectedAt, episode.id) }
    static func < (a: Self, b: Self) -> Bool { (a.at, a.id) < (b.at, b.id) }
}
struct MemberKey: Hashable { var incident, customer: String }
struct MarkKey: Hashable {
    var customer: String
    var channel: Channel
    var address: String
}
struct CounterKey: Hashable { var key, bucket: String }

struct NoticeRow {
    var notice: Notice
    var channels: [Channel]
    var inApp: (title: String, body: String)?
    /// What is kept of it no longer.
    var gone: Set<RetentionClass> = []
}
struct DeliveryRow {
    var delivery: Delivery
    var seenAt, readAt: Timestamp?
}
struct AttemptRow {
    var attempt: Attempt
    var bytes: AttemptBytes?
}
struct DueKey: Comparable {
    var at: Timestamp
    var id: DeliveryID
    static func < (a: Self, b: Self) -> Bool { (a.at, a.id) < (b.at, b.id) }
}
struct ReceiptKey: Hashable {
    var account, reference: String
    var status: ReceiptStatus
    var code: String
}
struct NameKey: Hashable, Comparable {
    var account, name: String
    static func < (a: Self, b: Self) -> Bool { (a.account, a.name) < (b.account, b.name) }
}
struct TimerKey: Hashable {
    var episode: EpisodeID
    var notice: NoticeID
    var incident: String
    var step: StoredTimer.Step
    var argument: Int
    init(_ timer: StoredTimer) {
        (episode, notice, incident, step, argument) = (timer.episode, timer.notice, timer.incident, timer.step, timer.argument)
    }
    struct Due: Comparable {
        var at: Timestamp
        var key: TimerKey
        static func < (a: Self, b: Self) -> Bool {
            if a.at != b.at { return a.at < b.at }
            let (x, y) = (a.key, b.key)
            return (x.episode, x.notice, x.step.rawValue, x.argument, x.incident)
                < (y.episode, y.notice, y.step.rawValue, y.argument, y.incident)
        }
    }
}
struct ChainHead: Equatable {
    var seq: Int64
    var hash: LogDigest
}

// MARK: What a simulation asks often

extension MemoryTables {
    /// Attempts whose intent is committed and whose result is not.
    public var openIntentIDs: [AttemptID] { Array(openAttempts.elements) }
    /// What was stored last of all moments; nil: nothing was.
    public var newestMoment: Timestamp? { moments.rows(after: 0).lazy.map(\.row).max() }
    /// No event waits to be planned.
    public var isEmptyOfEvents: Bool { received.first == nil }
    /// Of the first waiting delivery or armed timer.
    public var nextDue: Timestamp? {
        var earliest = armed.first?.at
        for (place, lane) in waiting.enumerated() where place / 3 != Channel.inApp.place {
            guard let first = lane.first else { continue }
            earliest = min(earliest ?? first.at, first.at)
        }
        return earliest
    }
    public var armedTimers: [StoredTimer] { armed.elements.compactMap { timerRows[$0.key] } }
    /// Every delivery that waits or is on the wire.
    public func forEachDeliveryUnderWay(_ body: (Delivery) -> Void) {
        for lane in waiting { for key in lane.elements { if let row = deliveryRows[key.id] { body(row.delivery) } } }
        for id in openAttempts.elements { if let row = deliveryRows[Names.delivery(of: id)] { body(row.delivery) } }
    }
    public var timersLeft: Int { armed.count }
    public var deliveriesLeft: Int { waiting.reduce(0) { $0 + $1.count } }
    public var eventsLeft: [EventSeq] { Array(unsettled.elements) }
    public var ambiguous: [DeliveryID] { Array(ambiguousDeliveries.elements) }
    public var ambiguousAttemptIDs: [AttemptID] { Array(ambiguousAttempts.elements) }
    /// A name of receipts that belong to no delivery, although an attempt has it.
    public var unmatchedThoughKnown: String? { unmatchedNames.elements.first { messageIDs[$0] != nil }?.name }
    public var eventCount: Int { events.count }
    public var deliveryCount: Int { deliveryRows.count }
    public func forEachDelivery(_ body: (Delivery) throws -> Void) rethrows { for row in deliveryRows.all { try body(row.delivery) } }
}
