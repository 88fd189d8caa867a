public import Core
public import Proof

/// Durable state behind one protocol. Nothing outside this module knows SQL, and every store passes the same conformance suite.
///
/// A transaction is a closure: it reads and writes through the value it is given, on the store's own thread, with no call to the outside
/// in it. Closures that arrive while a flush runs are committed together by the next one (group commit); each is isolated from the
/// others, so one that throws is rolled back alone. `write` returns after COMMIT has reached the disk: only then may anyone be told.
public protocol Store: StoreReading {
    /// Throws what `body` throws, or `StoreError`. The task's cancellation does not undo a commit.
    func write<Result: Sendable>(_ body: @escaping @Sendable (any StoreWriter) throws -> Result) async throws -> Result
    /// Finishes what is queued, checkpoints, leaves the clean-stop mark, releases the lock. Idempotent.
    func close() async throws
}

/// What an audit needs of a store.
public protocol StoreReading: Sendable {
    /// A consistent snapshot that may be one group commit old. Never blocks the writer.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Result) async throws -> Result
}

public enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another process owns the store: exit code 69, nothing was touched.
    case locked(path: String, owner: Int?)
    /// The file is of a newer Clarion, or no store at all.
    case unusable(String)
    /// A setting that durability needs could not be read back, e.g. `synchronous`.
    case unsafeSetting(name: String, expected: String, found: String)
    /// No space: rolled back, nothing lost; refuse intake and try again.
    case full
    /// The disk, the file or a flush failed: the process must stop. Never continue after a failed flush.
    case broken(String)
    case closed
    /// A row or sealed value is not what was written.
    case integrity(String)

    public var description: String {
        switch self {
        case .locked(let path, let owner): "\(path) is in use\(owner.map { " by process \($0)" } ?? "")"
        case .unusable(let words): words
        case .unsafeSetting(let name, let expected, let found): "SQLite \(name) is \(found), must be \(expected)"
        case .full: "no space left for the store"
        case .broken(let words): "the store failed: \(words)"
        case .closed: "the store is closed"
        case .integrity(let words): words
        }
    }
    public var isFatal: Bool { if case .broken = self { true } else { false } }
}

/// Random bytes as a value that can be seeded: a replay makes the same ids twice.
public protocol RandomSource: Sendable {
    func bytes(_ count: Int) -> [UInt8]
}

// MARK: - Reading

public protocol StoreReader {
    // Events
    /// The oldest of that id: an event's whole name is source and id.
    func event(id: String) throws -> StoredEvent?
    /// All of that id, at most one of each source, oldest first.
    func events(id: String) throws -> [StoredEvent]
    func event(_ seq: EventSeq) throws -> StoredEvent?
    /// Events in state `received`, oldest first.
    func receivedEvents(limit: Int) throws -> [StoredEvent]
    /// The same without their bodies, which may not open.
    func receivedHeads(limit: Int) throws -> [EventHead]
    /// How many are in state `received`, counted up to a limit.
    func receivedCount(atMost limit: Int) throws -> Int
    func events(ofOrder order: OrderNumber) throws -> [StoredEvent]
    /// Those behind one, oldest first. Of what is kept no longer the body is empty.
    func events(after seq: EventSeq, limit: Int) throws -> [StoredEvent]
    /// The last that was received before a moment; 0: none was.
    func lastEvent(before moment: Timestamp) throws -> EventSeq
    /// Whether the order has one behind that.
    func hasEvent(ofOrder order: OrderNumber, after seq: EventSeq) throws -> Bool
    /// Accepted events whose disposition is `received` or `pending`.
    func pendingEvents() throws -> [EventSeq]

    // Orders
    func order(_ order: OrderNumber) throws -> OrderState?
    func episode(_ id: EpisodeID) throws -> Episode?
    /// The same with its facts left closed, for who asks for its state alone.
    func bareEpisode(_ id: EpisodeID) throws -> Episode?
    func episode(anomaly: String) throws -> Episode?
    func episodes(ofOrder order: OrderNumber) throws -> [Episode]
    /// Episodes of one bank and rail by their event time: what storms are counted from.
    /// With a kind, only those of that kind. Both ends belong to the span.
    func episodeCount(bank: String, rail: String, kind: Kind?, since: Timestamp, until: Timestamp) throws -> Int

    // Customers
    func customer(_ id: String) throws -> CustomerRecord?
    /// What was last heard of an address; nil when nothing was.
    func addressMark(of address: Sensitive<Address>, customer: String, channel: Channel) throws -> AddressMark?
    /// Of a customer's addresses those that cannot be used, by channel.
    func addressMarks(ofCustomer customer: String) throws -> [AddressMark]
    /// What a customer was sent by notices planned since then, by channel and by whether the caps count them. What never left is not in it.
    func usage(ofCustomer customer: String, since: Timestamp) throws -> [Usage]
    /// The same by all notices of an anomaly.
    func usage(ofAnomaly anomaly: String) throws -> [Usage]
    /// Uses of a counter; 0 when it was never raised. Keys are stored as they are: they name no person.
    func counter(_ key: String, bucket: String) throws -> Int
    /// The highest priority among the told episodes of a customer's other orders that were detected in this span; nil when there is none.
    func toldPriority(customer: String, notOfOrder order: OrderNumber, detectedFrom: Timestamp, to: Timestamp) throws -> Priority?
    /// A customer's episodes at a bank that were detected in this span, both ends included; newest first.
    func episodes(ofCustomer customer: String, bank: String, detectedFrom: Timestamp, to: Timestamp, limit: Int) throws -> [Episode]
    /// How many these are.
    func episodeCount(ofCustomer customer: String, bank: String, detectedFrom: Timestamp, to: Timestamp, limit: Int) throws -> Int

    // Incidents
    func incident(id: String) throws -> Incident?
    /// Incidents of a bank and rail, newest first.
    func incidents(bank: String, rail: String) throws -> [Incident]
    func incidents(onlyOpen: Bool, limit: Int) throws -> [Incident]
    func incidentMember(incident: String, customer: String) throws -> IncidentMember?
    func incidentMembers(incident: String) throws -> [IncidentMember]

    // Notices and deliveries
    /// What was told last of an anomaly: one mark for each order, recipient and channel, from the newest delivery that was not blocked.
    func dedupeMarks(anomaly: String, audience: Audience) throws -> [DedupeMark]
    func notice(_ id: NoticeID) throws -> Notice?
    func notices(ofOrder order: OrderNumber) throws -> [Notice]
    func delivery(_ id: DeliveryID) throws -> Delivery?
    func delivery(publicID: String) throws -> Delivery?
    /// Without its address, which is not opened. Nil when there is none.
    func standing(ofDelivery delivery: DeliveryID) throws -> DeliveryStanding?
    func deliveries(ofNotice notice: NoticeID) throws -> [Delivery]
    func deliveries(ofEpisode episode: EpisodeID) throws -> [Delivery]
    /// Of one channel in `ready` or `retry_wait`, `nextAt <= now`, lane by lane (high first), oldest first inside a lane. Of the lowest lane one in
    /// twenty comes whatever else waits, after what is high.
    ///
    /// - Parameter others: beside these at most so many that are not high.
    func dueHeads(on channel: Channel, at now: Timestamp, limit: Int, others: Int) throws -> [DueHead]
    /// The earliest `nextAt` of a waiting delivery.
    func nextDelivery() throws -> Timestamp?
    /// The earliest `due` of an armed timer.
    func nextTimer() throws -> Timestamp?
    func deliveries(in state: DeliveryState, limit: Int) throws -> [Delivery]
    /// Filtered, newest first; `before` is the cursor.
    func deliveries(matching query: DeliveryQuery) throws -> [Delivery]
    /// Newest first.
    func deliveries(fitting filter: DeliveryFilter) throws -> [FoundDelivery]
    /// The next step towards an index of everything that was planned before `limit`, read beside the work; nil: there is none.
    func searchWork(before limit: Timestamp) throws -> SearchWork?
    /// How many fit, by their words; limit and cursor say nothing here.
    func counts(fitting filter: DeliveryFilter, _ counted: CountedWords) throws -> DeliveryCounts
    /// What people said of its words, oldest first.
    func verdicts(ofDelivery delivery: DeliveryID) throws -> [Judgement]
    /// Newest first; `before` is the cursor.
    func verdicts(before id: Int64?, limit: Int) throws -> [Judgement]
    func attempts(ofDelivery delivery: DeliveryID) throws -> [Attempt]
    /// Attempts in state `intent`: what a start has to settle.
    func openIntents() throws -> [Attempt]
    func attempts(in state: AttemptState, limit: Int) throws -> [Attempt]
    /// What is sealed with an attempt, opened. Nil when it is kept no longer.
    func bytes(of attempt: AttemptID) throws -> AttemptBytes?

    // Receipts
    /// Of this public id, `att_…`.
    func attempt(publicID: String) throws -> Attempt?
    /// By the provider's id of the message; only of accounts for which it was kept.
    func attempt(account: String, messageID: String) throws -> Attempt?
    /// In the order they came.
    func receipts(ofDelivery delivery: DeliveryID) throws -> [StoredReceipt]
    /// Of an account by this name of a message, those that belong to no delivery yet.
    func unmatchedReceipts(account: String, reference: String) throws -> [StoredReceipt]
    /// The names that nobody knows yet, of these accounts.
    func unmatchedReferences(accounts: [String], limit: Int) throws -> [(account: String, reference: String)]
    func receiptCounts() throws -> [ReceiptCount]
    /// Open questions whether a delivery was taken.
    func openQuestions(ofDelivery delivery: Delivery) throws -> [ReviewItem]
    /// What staff were asked to do by steps of the episode's escalation, and have not closed.
    func openTasks(ofEpisode episode: EpisodeID) throws -> [ReviewItem]

    // Timers
    func dueTimers(at now: Timestamp, limit: Int) throws -> [StoredTimer]
    func timers(ofEpisode episode: EpisodeID) throws -> [StoredTimer]

    // In-app
    func inbox(customer: String, unreadOnly: Bool, before: Int64?, limit: Int) throws -> [InboxItem]
    /// The newest items of everybody, newest first.
    func newestInboxItems(limit: Int) throws -> [InboxItem]
    func inboxItem(publicID: String, customer: String) throws -> InboxItem?
    func inboxCounts(customer: String) throws -> (unseen: Int, unread: Int)

    // People
    func deadLetters(onlyOpen: Bool, limit: Int) throws -> [DeadLetter]
    func deadLetter(_ id: Int64) throws -> DeadLetter?
    func reviews(onlyOpen: Bool, limit: Int) throws -> [ReviewItem]
    func review(_ id: Int64) throws -> ReviewItem?

    // The log
    func log(ofOrder order: OrderNumber) throws -> [LogRow]
    func log(ofDelivery delivery: DeliveryID) throws -> [LogRow]
    func log(after seq: Int64, limit: Int) throws -> [LogRow]
    func lastLogSeq() throws -> Int64
    /// The chain's own name: every store has another.
    func chainName() throws -> String
    /// Rows behind `seq` and up to `last` as they were hashed, with their hashes. Nothing of them is looked at.
    func eachLogContent(after seq: Int64, through last: Int64, _ each: (Int64, UnsafeRawBufferPointer, LogDigest) throws -> Void) throws
    /// In their order.
    func checkpoints(after number: Int64, limit: Int) throws -> [StoredCheckpoint]
    /// The first that signs this row; nil: none does yet.
    func checkpoint(ofRow seq: Int64) throws -> StoredCheckpoint?
    func lastCheckpoint() throws -> StoredCheckpoint?
    /// What blinds the rows of a checkpoint (`MerkleTree.blind`).
    func blindingSecret(ofCheckpoint number: Int64) throws -> LogDigest
    /// Of the keys that sign, the one of now first; none: the store signs nothing.
    func auditKeys() throws -> [AuditPublicKey]
    /// Walks the whole log and its checkpoints, and says what is proven and what is wrong.
    ///
    /// - Parameters:
    ///   - trusted: keys that are believed; nil: the store's own.
    ///   - book: the checkpoints that were exported, to compare with.
    func verifyLog(trusted: [AuditPublicKey]?, book: CheckpointBook?) throws -> LogVerdict

    // What an audit walks: rows as they stand, words unread and nothing opened
    /// Orders that events are about, in the order of their names, after one; all for the empty text.
    func orders(after order: String, limit: Int) throws -> [OrderNumber]
    func trail(ofOrder order: OrderNumber) throws -> Trail
    /// Events that are about no order, oldest first.
    func loneEvents(after seq: EventSeq, limit: Int) throws -> [EventMark]
    /// Notices for staff, which belong to no episode, oldest first.
    func staffNotices(after notice: NoticeID, limit: Int) throws -> [NoticeMark]
    /// Rows that name another one which is not there, of each table so many at most.
    func strays(limit: Int) throws -> [Stray]

    // Sums
    /// Events by state and reason, deliveries by channel and state, incidents, open reviews: the accounting law of docs/planning.md.
    func accounting() throws -> Accounting
    /// Deliveries that were planned in a span, those of one notice after each other. Nothing is opened, and nothing kept of them.
    func eachDelivery(since: Timestamp?, until: Timestamp?, _ each: (DeliveryStat) throws -> Void) throws
    func meta(_ key: String) throws -> String?
    /// Holds that no person has ended, oldest first; some may be over by themselves.
    func holdsNotEnded() throws -> [Hold]
    /// Newest first.
    func holds(limit: Int) throws -> [Hold]
    func hold(_ id: Int64) throws -> Hold?
    /// What waits of customers' messages in this scope, and what of it is held, by channel.
    func waiting(in scope: HoldScope) throws -> [Channel: HeldCount]
    /// Whether a hold was ended and what it held is not due yet.
    func isReleasing() throws -> Bool
    /// What is remembered of accounts, by name.
    func accountStandings() throws -> [AccountStanding]
    /// How far T9 is.
    func keeping() throws -> KeepingState
    // Texts
    /// Newest first.
    func templateRevisions(limit: Int) throws -> [TemplateRevision]
    func templateRevision(_ revision: String) throws -> TemplateRevision?
    /// By path. Nil when the revision is not kept.
    func templateFiles(of revision: String) throws -> [TemplateFile]?
    /// Newest first.
    func rollouts(limit: Int) throws -> [Rollout]
    func revisionsInForce() throws -> RevisionsInForce
    /// What customers' notices of a revision led to: the newest so many of those after a notice, none from before a moment.
    func told(revision: String, after notice: NoticeID, since: Timestamp, limit: Int) throws -> [ToldOutcome]
    /// Complaints and contacts since then.
    func voices(since: Timestamp) throws -> [Voice]
    func lastNotice() throws -> NoticeID

    /// Episodes that go on.
    func openEpisodes(ofCustomer customer: String) throws -> [Episode]
    /// What stands for a customer in the log, e.g. `cus_…`; nil when nothing is stored for them.
    func pseudonym(ofCustomer customer: String) throws -> String?
    /// Orders of which something is stored for a customer, in the order of their names. Reads every event.
    func orders(ofCustomer customer: String) throws -> [OrderNumber]
}

// MARK: - Writing

public protocol StoreWriter: StoreReader {
    // T1
    /// Inserts an event in state `received`, unless `(source, id)` is known: then `duplicate` (same content) or `conflict` (other content).
    func accept(_ event: NewEvent) throws -> AcceptResult
    // T2
    /// The event's disposition. A terminal one is final: false, and nothing changes; `pending` may be replaced.
    @discardableResult
    func finish(_ event: EventSeq, as disposition: Disposition) throws -> Bool
    /// True the first time `(anomaly, stage, seq)` is seen, false ever after.
    func noteNews(anomaly: String, stage: String, seq: Int64) throws -> Bool
    func save(_ order: OrderState) throws
    /// Inserts when `id` is zero; returns the id.
    ///
    /// - Parameter isToldNext: the next notice of this transaction is the episode's and its facts last (`Facts.lasting`) as the episode's; they
    ///   are kept once then.
    func save(_ episode: Episode, isToldNext: Bool) throws -> EpisodeID
    func save(_ customer: CustomerRecord) throws
    /// Takes the place of an earlier mark of the same address on the same channel.
    func save(_ mark: AddressMark, of address: Sensitive<Address>, customer: String) throws
    /// Every mark of a channel becomes verified; returns how many said otherwise.
    func verifyAddresses(ofCustomer customer: String, channel: Channel, at now: Timestamp) throws -> Int
    func raise(counter key: String, bucket: String, by n: Int) throws
    func save(_ incident: Incident) throws
    func save(_ member: IncidentMember) throws
    /// Gives a notice the id it will be filed under in this transaction, and its deliveries, at most one on each channel, their ids, public ids
    /// and notice. A waiting delivery without `nextAt` is due at once.
    func name(_ notice: inout Notice, _ deliveries: inout [Delivery]) throws
    /// What was named, with the notice's words in the app. Order, episode and customer of a delivery are the notice's.
    ///
    /// - Parameter sent: what leaves at once, for each delivery that is in flight already; `start` files its attempt.
    func insert(
        _ notice: Notice, deliveries: [Delivery], inApp: (title: String, body: String)?, sent: [(delivery: DeliveryID, bytes: AttemptBytes)]
    ) throws
    /// One more delivery of a notice that is there. Nil when the notice has one on this channel already.
    func insert(_ delivery: Delivery) throws -> Delivery?
    /// False when there is such a timer already, armed or not.
    func arm(_ timer: StoredTimer) throws -> Bool
    /// Arms it, or moves it to its new time while it is armed. False when it has fired or was cancelled.
    func rearm(_ timer: StoredTimer) throws -> Bool
    /// Deliveries in `ready` or `retry_wait` of the episode become `cancelled` with the reason; returns them. In-flight ones get `cancelWanted`.
    func cancelWaiting(ofEpisode episode: EpisodeID, reason: ReasonCode, at now: Timestamp) throws -> [Delivery]
    func cancelTimers(ofEpisode episode: EpisodeID) throws
    /// A dead letter's event goes back to `received`. False when it is not one that planning gave up.
    func reopen(event: EventSeq) throws -> Bool
    /// A dead delivery waits again, with a new time budget. False when it is not dead.
    func revive(_ delivery: DeliveryID, at now: Timestamp, expires: Timestamp) throws -> Bool
    // T3
    /// Public id for the attempt of this number, `att_…`: it is part of the bytes that are stored with the attempt.
    func attemptName(_ number: Int, ofDelivery delivery: DeliveryID) -> String
    /// Compare-and-set `ready`/`retry_wait` → `inflight`, the attempt with its sealed bytes, and the intent in the log. Nil when the delivery is
    /// no longer waiting.
    func begin(_ attempt: NewAttempt, log body: LogBody, at now: Timestamp) throws -> AttemptID?
    /// The first attempt of a delivery that this transaction filed in flight, its bytes among `sent`; and the intent in the log.
    func start(_ attempt: NewAttempt, log body: LogBody, at now: Timestamp) throws -> AttemptID
    /// A waiting delivery that must not be sent (expired, mode changed, cap): → a final state, or later (`nextAt`).
    func settle(_ delivery: DeliveryID, as state: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?, at now: Timestamp) throws -> Bool
    // T4
    /// The attempt's result, the delivery's next state, and the outcome in the log. Compare-and-set on attempt state `intent` (or `ambiguous`,
    /// for T7). False when it was not.
    func finish(
        _ attempt: AttemptID, as result: AttemptResult, delivery next: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?,
        log body: LogBody,
        order: OrderNumber, at now: Timestamp
    ) throws -> Bool
    /// Attempts in state `ambiguous` of a delivery become `settled`; returns their numbers, ascending.
    func closeAmbiguous(ofDelivery delivery: DeliveryID) throws -> [Int]
    // T5
    /// False when the account said the same of this message before.
    func insert(_ receipt: StoredReceipt) throws -> Bool
    /// What came before its delivery was known by this name belongs to it from now on; returns how many there were.
    func match(receiptsOf reference: String, account: String, to delivery: DeliveryID) throws -> Int
    /// Keeps the provider's id of an attempt's message.
    func keep(messageID: String, account: String, attempt: AttemptID) throws
    /// Compare-and-set from one state to another. False when the delivery stands elsewhere.
    ///
    /// - Parameter nextAt: when it is due, of a state that waits.
    func advance(
        _ delivery: DeliveryID, from: DeliveryState, to next: DeliveryState, reason: ReasonCode?, nextAt: Timestamp?, messageID: String?,
        at now: Timestamp
    ) throws -> Bool
    /// An armed timer is due now instead of later. False when it is neither.
    func hasten(_ timer: StoredTimer, to now: Timestamp) throws -> Bool
    // T6
    /// Compare-and-set `armed` → `fired`. False when it was cancelled or fired before: then nothing may be done.
    func fire(_ timer: StoredTimer, at now: Timestamp) throws -> Bool
    // The clock
    /// The time goes on later by `step` from now on: what is due after `now` waits as long as before. Armed timers, waiting deliveries, and the time
    /// budgets of these and of what is in flight. What hangs on the calendar (a promise, a reminder of a deadline, the end of a night) keeps its
    /// moment, unless that lies inside the step. Returns how many rows were moved.
    func postpone(dueAfter now: Timestamp, by step: Duration) throws -> Int
    // T8
    func insert(_ letter: DeadLetter) throws -> Int64
    func close(deadLetter id: Int64, as state: DeadLetter.State, at now: Timestamp) throws -> Bool
    func insert(_ item: ReviewItem) throws -> Int64
    /// Under a new id, which is returned.
    func insert(_ verdict: Judgement) throws -> Int64
    func close(review id: Int64, note: String, at now: Timestamp) throws -> Bool
    /// Keeps a revision's files, once. False when it is kept already.
    func keep(_ revision: TemplateRevision, files: [TemplateFile]) throws -> Bool
    /// What was decided of a revision that is kept.
    func save(_ revision: TemplateRevision) throws
    /// Inserts when `id` is zero; returns the id.
    func save(_ rollout: Rollout) throws -> Int64
    func insert(contact order: OrderNumber, at now: Timestamp) throws
    // T9
    /// Destroys a customer's data key, what is known of them and what they were found by. Their rows stay, with codes, times and the pseudonym, which
    /// is returned; what was sealed for them reads as nothing from now on, and who comes again under the same id is somebody else. Nil when nothing
    /// is stored for them.
    func erase(customer: String, at now: Timestamp) throws -> String?
    /// Empties rows of who was erased, of each table so many at most.
    func sweepErased(limit: Int) throws -> KeepingBatch
    /// Looks at the next rows of a class, and drops of them what is from before the limit and not needed any more.
    func retain(_ kind: RetentionClass, before limit: Timestamp, rows: Int) throws -> KeepingBatch
    /// Wraps the next data keys with the master key of now.
    func rewrap(limit: Int) throws -> KeepingBatch
    // In-app
    /// The first time counts, and what is read is seen. True when something changed.
    func mark(inboxItem publicID: String, customer: String, seen: Timestamp?, read: Timestamp?) throws -> Bool
    // The log
    /// Appends to the hash chain. The row's `seq`, `previous` and `hash` are the store's.
    func append(_ entry: LogEntry) throws
    /// The same with what it says as bytes; the entry's own body is empty then.
    func append(_ entry: LogEntry, saying body: LogBody) throws
    /// Signs what is not signed yet, so much at once as takes some milliseconds. True when nothing is left.
    @discardableResult
    func signLog(at now: Timestamp) throws -> Bool
    /// What another has changed meanwhile is left for the next time.
    func carryOut(_ work: SearchWork) throws
    func setMeta(_ key: String, _ value: String) throws
    /// From now on what waits may leave, and every copy of the store is told from it. False when it is not fenced.
    func releaseFence() throws -> Bool
    func save(_ standing: AccountStanding) throws
    /// Under a new id, which is returned.
    func insert(_ hold: Hold) throws -> Int64
    /// False when it was ended before, or there is none. What it held has to be released then.
    func end(hold id: Int64, _ ending: Hold.Ending) throws -> Bool
    /// Of what is held the next so many after a delivery are due now, whatever holds them: T3 holds again what another hold covers. Returns the
    /// last of them; nil when there were none, and the release is done.
    func releaseHeld(after delivery: DeliveryID, limit: Int, at now: Timestamp) throws -> (last: DeliveryID, count: Int)?
    /// A dead letter that was discarded is open again. False when it is not one.
    func reopen(deadLetter id: Int64) throws -> Bool
    /// Keyed hash of delivery and account, 32 hex digits: the same over all attempts.
    func idempotencyKey(delivery: String, account: String) -> String
}

/// A checkpoint as it is stored. Its line is what counts; the rest is for finding it.
public struct StoredCheckpoint: Sendable, Equatable {
    public var number, seq: Int64
    public var line: [UInt8]
    public init(number: Int64, seq: Int64, line: [UInt8]) { (self.number, self.seq, self.line) = (number, seq, line) }

    /// As it was signed; nil when the line was changed.
    public var signed: SignedCheckpoint? { SignedCheckpoint(line: line) }
    /// The key that signs what comes behind it.
    public var key: AuditPublicKey? { signed.map { $0.checkpoint.next ?? $0.checkpoint.key } }
}

extension StoreReader {
    /// The first row of the log that is not what was written, or nil.
    public func verifyChain() throws -> ChainBreak? {
        let verdict = try verifyLog(trusted: nil, book: nil)
        return verdict.breaches.min { $0.rows.lowerBound < $1.rows.lowerBound }.map {
            ChainBreak(seq: $0.rows.lowerBound, words: "\($0.place): \($0.words)")
        }
    }

    /// Whatever its lane.
    public func dueHeads(on channel: Channel, at now: Timestamp, limit: Int) throws -> [DueHead] {
        try dueHeads(on: channel, at: now, limit: limit, others: limit)
    }
}

extension StoreWriter {
    public func save(_ episode: Episode) throws -> EpisodeID { try save(episode, isToldNext: false) }

    /// Names and files a notice of which nothing leaves at once.
    public func insert(
        _ notice: Notice, deliveries: [Delivery], inApp: (title: String, body: String)?
    ) throws -> (NoticeID, [Delivery]) {
        var (notice, deliveries) = (notice, deliveries)
        try name(&notice, &deliveries)
        try insert(notice, deliveries: deliveries, inApp: inApp, sent: [])
        return (notice.id, deliveries)
    }
}
