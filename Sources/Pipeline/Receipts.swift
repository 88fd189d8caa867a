import Config
import Core
public import Providers
import Store
import Synchronization

/// T5: what providers say later of the messages they took. One transaction for a request: when it returns, what was said is on the disk.
public struct Receipts: Sendable {
    let store: any Store
    let accounts: Accounts
    let clock: any Clock
    let early: EarlyReceipts
    /// Told when something is due sooner.
    let work: Signal
    public let tally = ReceiptTally()

    init(store: any Store, accounts: Accounts, clock: any Clock, early: EarlyReceipts, work: Signal) {
        (self.store, self.accounts, self.clock, self.early, self.work) = (store, accounts, clock, early, work)
    }

    public enum Answer: Sendable, Equatable {
        /// Kept: whether it said anything new, or of a message of ours, is none of the caller's business.
        case taken
        /// There is no such account, or it gets no receipts.
        case noAccount
        case refused(ReceiptRefusal)
    }

    public func take(_ request: ReceiptRequest, account name: String) async throws -> Answer {
        guard let account = accounts.byName[name], let naming = account.provider.receipts else { return .noAccount }
        let provider = account.provider
        if let networks = account.receiptNetworks, !PlantedBug.takesReceiptsFromAnywhere.isActive {
            guard let peer = request.peer, networks.contains(where: { $0.contains(peer) }) else {
                tally.count(.forged)
                return .refused(.forged)
            }
        }
        let receipts: [Receipt]
        do throws(ReceiptRefusal) {
            receipts = try provider.receipts(in: request)
        } catch {
            tally.count(error)
            return .refused(error)
        }
        let (fates, now) = try await store.write { writer in
            let now = clock.now()
            let fates = try receipts.map { receipt -> (fate: Fate, sent: Timestamp?, hasArrived: Bool) in
                let (fate, sent) = try file(receipt, of: name, naming, at: now, writer)
                let isEnd = receipt.status == .delivered || receipt.status == .undelivered
                return (fate, isEnd ? sent : nil, receipt.status == .delivered)
            }
            return (fates, now)
        }
        tally.count(fates.map(\.fate))
        for case (_, let sent?, let hasArrived) in fates where !PlantedBug.trustsSlowAccounts.isActive {
            accounts.note(receiptInTime: hasArrived && now - sent <= Self.inTime, of: sent, on: name, now: now)
        }
        if fates.contains(where: { $0.fate == .moved }) { work.notify() }
        return .taken
    }

    /// An app says that its customer has opened a push notice: it was there, and it was seen. Says nothing of how fast the account is.
    ///
    /// False when there is no such notice of theirs that ever left.
    public func opened(push name: String, by customer: String) async throws -> Bool {
        let fate = try await store.write { writer -> Fate? in
            let now = clock.now()
            guard let delivery = try writer.delivery(publicID: name), delivery.customer == customer, delivery.channel == .push,
                let account = delivery.account
            else { return nil }
            let isKnown = try writer.receipts(ofDelivery: delivery.id).contains { $0.status == .read }
            guard !isKnown else { return .repeated }
            let receipt = Receipt(reference: name, status: .read, code: ["opened"])
            return try file(receipt, of: account, .reference, evidence: .app, at: now, writer).0
        }
        guard let fate else { return false }
        tally.count([fate])
        if fate == .moved { work.notify() }
        return true
    }

    /// The provider was asked and has the message: what its list says counts like a receipt.
    func take(_ receipt: Receipt, fromListOf name: String) async throws {
        let fate = try await store.write { try file(receipt, of: name, .reference, evidence: .list, at: clock.now(), $0).0 }
        tally.count([fate])
        if fate == .moved { work.notify() }
    }

    /// At a start: the names that nobody knew when the last process ended.
    func load() async throws {
        let names = accounts.byName.values.filter { $0.provider.receipts == .messageID }.map(\.name).sorted()
        guard !names.isEmpty else { return }
        let left = try await store.read { try $0.unmatchedReferences(accounts: names, limit: EarlyReceipts.limit + 1) }
        for (account, reference) in left { early.park(reference, of: account) }
    }

    // MARK: T5

    /// Who says it.
    enum Evidence: String {
        case receipt = "a receipt"
        case list = "the provider's list"
        case app = "the customer's app"
    }
    enum Fate: Sendable { case repeated, unmatched, early, kept, moved }
    /// An account whose messages arrive later than this, or not at all, gets fewer of them.
    static let inTime = Duration.minutes(2)

    /// With when a delivery that it moved was sent.
    private func file(
        _ receipt: Receipt, of account: String, _ naming: ReceiptNaming, evidence: Evidence = .receipt, at now: Timestamp,
        _ writer: any StoreWriter
    ) throws -> (Fate, sent: Timestamp?) {
        let found = try Self.subject(of: receipt.reference, account: account, writer)
        var stored = StoredReceipt(
            account: account, reference: receipt.reference, status: receipt.status, code: receipt.code, messageID: receipt.messageID,
            blame: receipt.blame, delivery: found?.delivery.id, receivedAt: now)
        if let recipient = receipt.recipient {
            let isSame = found?.delivery.address.reveal(for: .comparing).text == recipient.reveal(for: .comparing)
            if !isSame { stored.blame = nil }
        }
        guard try writer.insert(stored) else { return (.repeated, nil) }
        guard let found else {
            if naming == .messageID { early.park(receipt.reference, of: account) }
            try writer.append(Self.entry(stored, of: nil, note: "no message of this name", at: now))
            return (.unmatched, nil)
        }
        if found.delivery.state == .inflight {
            if PlantedBug.forgetsEarlyReceipts.isActive { return (.kept, nil) }
            early.expect(found.delivery)
            try writer.append(Self.entry(stored, of: found.delivery, note: "before the answer", at: now))
            return (.early, nil)
        }
        guard let next = try Self.next(stored, found.delivery, accounts, at: now, writer) else {
            try writer.append(Self.entry(stored, of: found.delivery, note: "changes nothing", at: now))
            return (.kept, nil)
        }
        let note = evidence == .list ? "asked for" : nil
        try writer.append(Self.entry(stored, of: found.delivery, state: next, note: note, at: now))
        try Self.move(found.delivery, to: next, attempt: found.attempt, because: stored, evidence: evidence, at: now, writer)
        return (.moved, found.delivery.state == .sent ? found.attempt?.finishedAt ?? found.delivery.changedAt : nil)
    }

    /// The delivery that a name stands for, and the attempt where one is named. Nil as well for a name of another account: who holds one
    /// account's secret says nothing of another's messages.
    private static func subject(
        of reference: String, account: String, _ reader: any StoreReader
    ) throws -> (delivery: Delivery, attempt: Attempt?)? {
        if reference.hasPrefix("dlv_") {
            guard let delivery = try reader.delivery(publicID: reference), delivery.account == account else { return nil }
            return (delivery, nil)
        }
        let attempt =
            try reference.hasPrefix("att_")
            ? reader.attempt(publicID: reference) : reader.attempt(account: account, messageID: reference)
        guard let attempt, attempt.account == account || PlantedBug.believesForeignReceipts.isActive else { return nil }
        return try reader.delivery(attempt.delivery).map { ($0, attempt) }
    }

    /// Where a receipt takes a delivery; nil when it changes nothing. That a message arrived counts from any account. All else counts from the one
    /// the delivery is on, and not of a message that has failed there and waits for another.
    private static func next(
        _ receipt: StoredReceipt, _ delivery: Delivery, _ accounts: Accounts, at now: Timestamp, _ writer: any StoreWriter
    ) throws -> DeliveryState? {
        if receipt.status != .delivered, receipt.status != .read {
            guard receipt.account == delivery.account else { return nil }
            if delivery.state == .retryWait, try writer.standing(ofDelivery: delivery.id)?.mayBeThere != true { return nil }
        }
        let next = delivery.state.after(receipt.status)
        guard next == .undelivered else { return next }
        return try Failover.goesOn(after: receipt, of: delivery, accounts: accounts, at: now, writer) ? .retryWait : .undelivered
    }

    // MARK: What follows

    private static func move(
        _ delivery: Delivery, to next: DeliveryState, attempt: Attempt?, because receipt: StoredReceipt, evidence: Evidence = .receipt,
        at now: Timestamp, _ writer: any StoreWriter
    ) throws {
        let goesOn = next == .retryWait
        let reason: ReasonCode? =
            switch receipt.blame {
            case _ where goesOn: .undelivered
            case _ where next != .undelivered: nil
            case .address, .addressOrSetup: .addressDead
            case .optOut: .optedOut
            case .route, nil: .undelivered
            }
        if let attempt, attempt.state == .ambiguous {
            // Whatever became of the message: it was taken.
            let result = AttemptResult(
                state: .accepted, outcome: .accepted, detail: "by \(evidence.rawValue)", providerID: receipt.messageID)
            let body: JSON = [
                "detail": .string(result.detail), "number": .integer(attempt.number), "outcome": "accepted",
                "state": .string(next.rawValue),
            ]
            _ = try writer.finish(
                attempt.id, as: result, delivery: next, reason: reason, nextAt: goesOn ? now : nil, log: LogBody(body),
                order: delivery.order,
                at: now)
        } else {
            _ = try writer.advance(
                delivery.id, from: delivery.state, to: next, reason: reason, nextAt: goesOn ? now : nil, messageID: receipt.messageID,
                at: now)
        }
        if delivery.state != .sent { try Outcomes.closeQuestions(of: delivery, answeredBy: evidence.rawValue, now: now, writer) }
        guard next == .undelivered else { return }
        if let blame = receipt.blame, blame == .address || blame == .optOut {
            try AddressMarks.file(OutcomeDetail(words: receipt.code, blame: blame), of: delivery, at: now, writer)
        }
        try hasten(delivery, to: now, writer)
    }

    /// The notice's next step need not wait for its time: what it waits for will not come. What the notice began with leads to its first step,
    /// what a step added to the one after it; a step that has fired fires no second time.
    static func hasten(_ delivery: Delivery, to now: Timestamp, _ writer: any StoreWriter) throws {
        guard delivery.episode != 0, !PlantedBug.hastensNothing.isActive, let notice = try writer.notice(delivery.notice) else { return }
        let steps = try writer.timers(ofEpisode: delivery.episode).filter { $0.step == .fallback && $0.notice == notice.id }
            .sorted { $0.argument < $1.argument }
        let isOfTheFirst = delivery.plannedAt == notice.plannedAt
        guard let step = isOfTheFirst ? steps.first : steps.first(where: { $0.state == .armed }), step.state == .armed else { return }
        _ = try writer.hasten(step, to: now)
    }

    // MARK: Before the answer

    /// What T4 owes to receipts, in its own transaction: the message's id where receipts go by it, and what came before the answer.
    static func catchUp(
        after outcome: Outcome, of item: Dispatch.Open, accounts: Accounts, early: EarlyReceipts, at now: Timestamp,
        _ writer: any StoreWriter
    ) throws {
        let name = item.account.name
        if case .accepted(let id) = outcome, !id.isEmpty, item.account.provider.receipts == .messageID {
            try writer.keep(messageID: id, account: name, attempt: item.attempt)
            if early.mayHold(id, of: name), try writer.match(receiptsOf: id, account: name, to: item.delivery.id) > 0 {
                return try catchUp(item.delivery.id, named: id, accounts: accounts, at: now, writer)
            }
        }
        if early.isExpected(item.delivery) { try catchUp(item.delivery.id, accounts: accounts, at: now, writer) }
    }

    /// The outcome of the last attempt is written: what its receipts said before counts now. Those of former attempts have counted.
    ///
    /// - Parameter name: those of this name were not known to be the delivery's before.
    static func catchUp(
        _ id: DeliveryID, named name: String? = nil, accounts: Accounts, at now: Timestamp, _ writer: any StoreWriter
    ) throws {
        guard let last = try writer.attempts(ofDelivery: id).last else { return }
        for receipt in try writer.receipts(ofDelivery: id) where receipt.receivedAt >= last.startedAt || receipt.reference == name {
            guard let delivery = try writer.delivery(id), let next = try next(receipt, delivery, accounts, at: now, writer)
            else { continue }
            let named = try writer.attempt(publicID: receipt.reference)
            let attempt = try named ?? writer.attempts(ofDelivery: id).last
            try writer.append(entry(receipt, of: delivery, state: next, at: now))
            try move(delivery, to: next, attempt: attempt, because: receipt, at: now, writer)
        }
    }

    // MARK: The log

    private static func entry(
        _ receipt: StoredReceipt, of delivery: Delivery?, state: DeliveryState? = nil, note: String? = nil, at now: Timestamp
    ) -> LogEntry {
        var body: [(String, JSON)] = [("account", .string(receipt.account))]
        if !receipt.code.isEmpty { body.append(("code", .string(receipt.code))) }
        if let id = receipt.messageID { body.append(("message_id", .string(id))) }
        if let note { body.append(("note", .string(note))) }
        body.append(("reference", .string(receipt.reference)))
        if let state { body.append(("state", .string(state.rawValue))) }
        body.append(("status", .string(receipt.status.rawValue)))
        return LogEntry(
            .receipt, at: now, order: delivery?.order, notice: delivery?.notice, delivery: delivery?.id, body: .object(body))
    }
}

/// How many receipts came since the start, by what became of them.
public final class ReceiptTally: Sendable {
    public struct Counts: Sendable, Equatable {
        /// They moved a delivery; they were kept and moved none; they came before the answer.
        public var moved = 0, kept = 0, early = 0
        /// Said before; of no message of ours.
        public var repeated = 0, unmatched = 0
        /// Requests that were not believed, or could not be read.
        public var forged = 0, unreadable = 0
    }
    private let state = Mutex(Counts())
    public var counts: Counts { state.withLock { $0 } }

    func count(_ fates: [Receipts.Fate]) {
        state.withLock { counts in
            for fate in fates {
                switch fate {
                case .moved: counts.moved += 1
                case .kept: counts.kept += 1
                case .early: counts.early += 1
                case .repeated: counts.repeated += 1
                case .unmatched: counts.unmatched += 1
                }
            }
        }
    }
    func count(_ refusal: ReceiptRefusal) {
        state.withLock { counts in
            switch refusal {
            case .forged: counts.forged += 1
            case .unreadable: counts.unreadable += 1
            }
        }
    }
}
