public import Core
public import Proof

// What is the same for everybody.
extension DiscreetReader {
    public func event(id: String) throws -> StoredEvent? { try base.event(id: id) }
    public func events(id: String) throws -> [StoredEvent] { try base.events(id: id) }
    public func event(_ seq: EventSeq) throws -> StoredEvent? { try base.event(seq) }
    public func receivedEvents(limit: Int) throws -> [StoredEvent] { try base.receivedEvents(limit: limit) }
    public func receivedHeads(limit: Int) throws -> [EventHead] { try base.receivedHeads(limit: limit) }
    public func receivedCount(atMost limit: Int) throws -> Int { try base.receivedCount(atMost: limit) }
    public func events(ofOrder order: OrderNumber) throws -> [StoredEvent] { try base.events(ofOrder: order) }
    public func events(after seq: EventSeq, limit: Int) throws -> [StoredEvent] { try base.events(after: seq, limit: limit) }
    public func lastEvent(before moment: Timestamp) throws -> EventSeq { try base.lastEvent(before: moment) }
    public func hasEvent(ofOrder order: OrderNumber, after seq: EventSeq) throws -> Bool {
        try base.hasEvent(ofOrder: order, after: seq)
    }
    public func pendingEvents() throws -> [EventSeq] { try base.pendingEvents() }
    public func order(_ order: OrderNumber) throws -> OrderState? { try base.order(order) }
    public func episodeCount(bank: String, rail: String, kind: Kind?, since: Timestamp, until: Timestamp) throws -> Int {
        try base.episodeCount(bank: bank, rail: rail, kind: kind, since: since, until: until)
    }
    public func customer(_ id: String) throws -> CustomerRecord? { try base.customer(id) }
    public func addressMark(of address: Sensitive<Address>, customer: String, channel: Channel) throws -> AddressMark? {
        try base.addressMark(of: address, customer: customer, channel: channel)
    }
    public func addressMarks(ofCustomer customer: String) throws -> [AddressMark] { try base.addressMarks(ofCustomer: customer) }
    public func usage(ofCustomer customer: String, since: Timestamp) throws -> [Usage] {
        try base.usage(ofCustomer: customer, since: since)
    }
    public func usage(ofAnomaly anomaly: String) throws -> [Usage] { try base.usage(ofAnomaly: anomaly) }
    public func counter(_ key: String, bucket: String) throws -> Int { try base.counter(key, bucket: bucket) }
    public func toldPriority(customer: String, notOfOrder order: OrderNumber, detectedFrom: Timestamp, to: Timestamp) throws -> Priority? {
        try base.toldPriority(customer: customer, notOfOrder: order, detectedFrom: detectedFrom, to: to)
    }
    public func incident(id: String) throws -> Incident? { try base.incident(id: id) }
    public func incidents(bank: String, rail: String) throws -> [Incident] { try base.incidents(bank: bank, rail: rail) }
    public func incidents(onlyOpen: Bool, limit: Int) throws -> [Incident] { try base.incidents(onlyOpen: onlyOpen, limit: limit) }
    public func incidentMember(incident: String, customer: String) throws -> IncidentMember? {
        try base.incidentMember(incident: incident, customer: customer)
    }
    public func incidentMembers(incident: String) throws -> [IncidentMember] { try base.incidentMembers(incident: incident) }
    public func dedupeMarks(anomaly: String, audience: Audience) throws -> [DedupeMark] {
        try base.dedupeMarks(anomaly: anomaly, audience: audience)
    }
    public func delivery(_ id: DeliveryID) throws -> Delivery? { try base.delivery(id) }
    public func delivery(publicID: String) throws -> Delivery? { try base.delivery(publicID: publicID) }
    public func standing(ofDelivery delivery: DeliveryID) throws -> DeliveryStanding? { try base.standing(ofDelivery: delivery) }
    public func deliveries(ofNotice notice: NoticeID) throws -> [Delivery] { try base.deliveries(ofNotice: notice) }
    public func deliveries(ofEpisode episode: EpisodeID) throws -> [Delivery] { try base.deliveries(ofEpisode: episode) }
    public func dueHeads(on channel: Channel, at now: Timestamp, limit: Int, others: Int) throws -> [DueHead] {
        try base.dueHeads(on: channel, at: now, limit: limit, others: others)
    }
    public func nextDelivery() throws -> Timestamp? { try base.nextDelivery() }
    public func nextTimer() throws -> Timestamp? { try base.nextTimer() }
    public func deliveries(in state: DeliveryState, limit: Int) throws -> [Delivery] { try base.deliveries(in: state, limit: limit) }
    public func attempts(ofDelivery delivery: DeliveryID) throws -> [Attempt] { try base.attempts(ofDelivery: delivery) }
    public func openIntents() throws -> [Attempt] { try base.openIntents() }
    public func attempts(in state: AttemptState, limit: Int) throws -> [Attempt] { try base.attempts(in: state, limit: limit) }
    public func bytes(of attempt: AttemptID) throws -> AttemptBytes? { try base.bytes(of: attempt) }
    public func attempt(publicID: String) throws -> Attempt? { try base.attempt(publicID: publicID) }
    public func attempt(account: String, messageID: String) throws -> Attempt? { try base.attempt(account: account, messageID: messageID) }
    public func receipts(ofDelivery delivery: DeliveryID) throws -> [StoredReceipt] { try base.receipts(ofDelivery: delivery) }
    public func unmatchedReceipts(account: String, reference: String) throws -> [StoredReceipt] {
        try base.unmatchedReceipts(account: account, reference: reference)
    }
    public func unmatchedReferences(accounts: [String], limit: Int) throws -> [(account: String, reference: String)] {
        try base.unmatchedReferences(accounts: accounts, limit: limit)
    }
    public func receiptCounts() throws -> [ReceiptCount] { try base.receiptCounts() }
    public func openQuestions(ofDelivery delivery: Delivery) throws -> [ReviewItem] { try base.openQuestions(ofDelivery: delivery) }
    public func openTasks(ofEpisode episode: EpisodeID) throws -> [ReviewItem] { try base.openTasks(ofEpisode: episode) }
    public func dueTimers(at now: Timestamp, limit: Int) throws -> [StoredTimer] { try base.dueTimers(at: now, limit: limit) }
    public func timers(ofEpisode episode: EpisodeID) throws -> [StoredTimer] { try base.timers(ofEpisode: episode) }
    public func inboxCounts(customer: String) throws -> (unseen: Int, unread: Int) { try base.inboxCounts(customer: customer) }
    public func deadLetters(onlyOpen: Bool, limit: Int) throws -> [DeadLetter] { try base.deadLetters(onlyOpen: onlyOpen, limit: limit) }
    public func deadLetter(_ id: Int64) throws -> DeadLetter? { try base.deadLetter(id) }
    public func reviews(onlyOpen: Bool, limit: Int) throws -> [ReviewItem] { try base.reviews(onlyOpen: onlyOpen, limit: limit) }
    public func review(_ id: Int64) throws -> ReviewItem? { try base.review(id) }
    public func lastLogSeq() throws -> Int64 { try base.lastLogSeq() }
    public func accounting() throws -> Accounting { try base.accounting() }
    public func meta(_ key: String) throws -> String? { try base.meta(key) }
    public func holdsNotEnded() throws -> [Hold] { try base.holdsNotEnded() }
    public func holds(limit: Int) throws -> [Hold] { try base.holds(limit: limit) }
    public func hold(_ id: Int64) throws -> Hold? { try base.hold(id) }
    public func waiting(in scope: HoldScope) throws -> [Channel: HeldCount] { try base.waiting(in: scope) }
    public func isReleasing() throws -> Bool { try base.isReleasing() }
    public func accountStandings() throws -> [AccountStanding] { try base.accountStandings() }
    public func keeping() throws -> KeepingState { try base.keeping() }
    public func templateRevisions(limit: Int) throws -> [TemplateRevision] { try base.templateRevisions(limit: limit) }
    public func templateRevision(_ revision: String) throws -> TemplateRevision? { try base.templateRevision(revision) }
    public func templateFiles(of revision: String) throws -> [TemplateFile]? { try base.templateFiles(of: revision) }
    public func rollouts(limit: Int) throws -> [Rollout] { try base.rollouts(limit: limit) }
    public func revisionsInForce() throws -> RevisionsInForce { try base.revisionsInForce() }
    public func told(revision: String, after notice: NoticeID, since: Timestamp, limit: Int) throws -> [ToldOutcome] {
        try base.told(revision: revision, after: notice, since: since, limit: limit)
    }
    public func voices(since: Timestamp) throws -> [Voice] { try base.voices(since: since) }
    public func lastNotice() throws -> NoticeID { try base.lastNotice() }
    public func pseudonym(ofCustomer customer: String) throws -> String? { try base.pseudonym(ofCustomer: customer) }
    public func episodeCount(ofCustomer customer: String, bank: String, detectedFrom: Timestamp, to: Timestamp, limit: Int) throws -> Int {
        try base.episodeCount(ofCustomer: customer, bank: bank, detectedFrom: detectedFrom, to: to, limit: limit)
    }

    // The log and what audits walk: it says nothing in words.
    public func verdicts(ofDelivery delivery: DeliveryID) throws -> [Judgement] { try base.verdicts(ofDelivery: delivery) }
    public func verdicts(before id: Int64?, limit: Int) throws -> [Judgement] { try base.verdicts(before: id, limit: limit) }
    public func chainName() throws -> String { try base.chainName() }
    public func eachLogContent(after seq: Int64, through last: Int64, _ each: (Int64, UnsafeRawBufferPointer, LogDigest) throws -> Void)
        throws
    {
        try base.eachLogContent(after: seq, through: last, each)
    }
    public func checkpoints(after number: Int64, limit: Int) throws -> [StoredCheckpoint] {
        try base.checkpoints(after: number, limit: limit)
    }
    public func checkpoint(ofRow seq: Int64) throws -> StoredCheckpoint? { try base.checkpoint(ofRow: seq) }
    public func searchWork(before limit: Timestamp) throws -> SearchWork? { try base.searchWork(before: limit) }
    public func lastCheckpoint() throws -> StoredCheckpoint? { try base.lastCheckpoint() }
    public func blindingSecret(ofCheckpoint number: Int64) throws -> LogDigest { try base.blindingSecret(ofCheckpoint: number) }
    public func auditKeys() throws -> [AuditPublicKey] { try base.auditKeys() }
    public func verifyLog(trusted: [AuditPublicKey]?, book: CheckpointBook?) throws -> LogVerdict {
        try base.verifyLog(trusted: trusted, book: book)
    }
    public func orders(after order: String, limit: Int) throws -> [OrderNumber] { try base.orders(after: order, limit: limit) }
    public func trail(ofOrder order: OrderNumber) throws -> Trail { try base.trail(ofOrder: order) }
    public func loneEvents(after seq: EventSeq, limit: Int) throws -> [EventMark] { try base.loneEvents(after: seq, limit: limit) }
    public func staffNotices(after notice: NoticeID, limit: Int) throws -> [NoticeMark] {
        try base.staffNotices(after: notice, limit: limit)
    }
    public func strays(limit: Int) throws -> [Stray] { try base.strays(limit: limit) }
    public func orders(ofCustomer customer: String) throws -> [OrderNumber] { try base.orders(ofCustomer: customer) }
}
