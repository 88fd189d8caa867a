import Config
import Core
import Providers
import Store
import Synchronization
import Transport

/// T7 by the provider: asks what became of attempts that no answer came of, where the provider keeps a list of what it took.
///
/// | since the doubt | an answer | then |
/// |---|---|---|
/// | any time | it is there | what the provider says of it counts like a receipt |
/// | before the horizon | it is not there | asked again |
/// | after it | it is not there | it was not taken: it goes again, if it is still true |
/// | an hour past the horizon | unclear to the last | `unknown`: held for a receipt or a person |
///
/// What is asked follows from the store. A start counts the horizon anew: since another boot the time may have gone on by what the wall clock said,
/// and a horizon that only seems to be over would send again.
final class Inquiries: Sendable {
    private struct Open {
        var attempt: AttemptID
        var delivery: DeliveryID
        var account: String
        /// When the doubt was written down, or this process began; the horizon counts from here.
        var since: Timestamp
        var asked = 0
        var next: Timestamp?
    }
    /// Soon, since most answers are only late; once more; and then when it counts.
    private static let early: [Duration] = [.seconds(2), .seconds(30)]
    static let patience = Duration.hours(1)
    private static let pause = Duration.minutes(5)
    /// More are not asked about until the next start.
    private static let limit = 10_000

    private let store: any Store
    private let accounts: Accounts
    private let transport: any Carrier
    private let clock: any Clock
    private let receipts: Receipts
    /// Told when something is due sooner.
    private let work: Signal
    private let added = Signal()
    /// Written by T4 after its commit and by the task that asks.
    private let open = Mutex<[AttemptID: Open]>([:])

    init(store: any Store, accounts: Accounts, transport: any Carrier, clock: any Clock, receipts: Receipts, work: Signal) {
        (self.store, self.accounts, self.transport, self.clock) = (store, accounts, transport, clock)
        (self.receipts, self.work) = (receipts, work)
    }

    // MARK: What is asked about

    /// After T4: no answer came of it.
    func add(_ attempt: AttemptID, of delivery: DeliveryID, account: Account, at now: Timestamp) {
        guard let horizon = account.provider.guarantee.horizon else { return }
        var item = Open(attempt: attempt, delivery: delivery, account: account.name, since: now)
        item.next = Self.next(item, horizon)
        let isNew = open.withLock { open in
            guard open.count < Self.limit, open[attempt] == nil else { return false }
            open[attempt] = item
            return true
        }
        if isNew { added.notify() }
    }

    /// At a start: what the last process left in doubt.
    func load() async throws {
        let now = clock.now()
        guard accounts.byName.values.contains(where: { $0.provider.guarantee.horizon != nil }) else { return }
        for attempt in try await store.read({ try $0.attempts(in: .ambiguous, limit: 100_000) }) {
            guard let account = accounts.byName[attempt.account], let horizon = account.provider.guarantee.horizon,
                let since = attempt.finishedAt, now < since + horizon + Self.patience
            else { continue }
            add(attempt.id, of: attempt.delivery, account: account, at: now)
        }
    }

    /// When the next question is due.
    var nextDue: Timestamp? { open.withLock { $0.values.compactMap(\.next).min() } }

    /// Nil when it was asked often enough.
    private static func next(_ item: Open, _ horizon: Duration) -> Timestamp? {
        let times = early.filter { $0 < horizon } + [horizon]
        guard item.asked >= times.count else { return item.since + times[item.asked] }
        let later = item.since + horizon + .milliseconds(pause.milliseconds * Int64(item.asked - times.count + 1))
        return later < item.since + horizon + patience ? later : nil
    }

    // MARK: Asking

    /// Asks until the task is cancelled.
    func run() async throws {
        while !Task.isCancelled {
            do { try await askDue() } catch StoreError.full {}
            let wait = nextDue.map { $0 - clock.now() } ?? .seconds(60)
            await added.wait(atMost: min(.seconds(60), max(.milliseconds(100), wait)))
        }
    }

    /// Asks whatever is due, one question at a time on each account. Returns how many were asked.
    @discardableResult
    func askDue() async throws -> Int {
        let now = clock.now()
        let due = open.withLock { $0.values.filter { $0.next.map { $0 <= now } ?? true } }
        guard !due.isEmpty else { return 0 }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for items in Dictionary(grouping: due, by: \.account).values {
                group.addTask {
                    for item in items.sorted(by: { $0.attempt < $1.attempt }) where !Task.isCancelled { try await self.ask(item) }
                }
            }
            while try await group.next() != nil {}
        }
        return due.count
    }

    /// What cannot be read of one attempt ends the question, and stops no other.
    private func ask(_ item: Open) async throws {
        do {
            try await inquire(item)
        } catch let error as StoreError where error.stopsStages {
            throw error
        } catch {
            forget(item)
        }
    }

    private func inquire(_ item: Open) async throws {
        guard let account = accounts.byName[item.account], let horizon = account.provider.guarantee.horizon,
            let inquiry = try await inquiry(item)
        else { return forget(item) }
        // From before the question: what comes into the list while it is read proves nothing.
        let isPast = clock.now() >= item.since + horizon || PlantedBug.resendsBeforeHorizon.isActive
        switch await answer(to: inquiry, of: account) {
        case .taken(let receipt):
            try await receipts.take(receipt, fromListOf: account.name)
            forget(item)
        case .notFound where isPast:
            if try await store.write({ try self.notTaken(item, at: self.clock.now(), $0) }) { work.notify() }
            forget(item)
        case .notFound, .unclear, .more:
            postpone(item, horizon)
        }
    }

    /// A step of the wall clock was followed: the horizon is as far away as before.
    func postpone(by step: Duration) {
        open.withLock { open in
            open = open.mapValues { item in
                var item = item
                (item.since, item.next) = (item.since + step, item.next.map { $0 + step })
                return item
            }
        }
    }

    private func forget(_ item: Open) { open.withLock { $0[item.attempt] = nil } }

    private func postpone(_ item: Open, _ horizon: Duration) {
        var item = item
        let now = clock.now()
        // Who slept past several moments asks once.
        repeat {
            item.asked += 1
            item.next = Self.next(item, horizon)
        } while item.next.map { $0 <= now } ?? false
        open.withLock { $0[item.attempt] = item.next == nil ? nil : item }
    }

    /// Nil when the question is answered by now.
    private func inquiry(_ item: Open) async throws -> Inquiry? {
        try await store.read { reader in
            guard let attempt = try reader.attempts(ofDelivery: item.delivery).first(where: { $0.id == item.attempt }),
                attempt.state == .ambiguous, let delivery = try reader.delivery(item.delivery), delivery.state == .ambiguous,
                let call = try reader.bytes(of: attempt.id).flatMap({ ProviderCall(stored: $0.call) })
            else { return nil }
            var query = DeliveryQuery(limit: 200)
            (query.customer, query.channel) = (delivery.customer, delivery.channel)
            let known = try reader.deliveries(matching: query).flatMap { try reader.attempts(ofDelivery: $0.id) }
                .filter { $0.id != attempt.id && $0.account == attempt.account }.compactMap(\.providerID)
            return Inquiry(attempt: attempt.publicID, call: call, sentAt: attempt.startedAt, known: Set(known))
        }
    }

    /// All pages of it; whatever goes wrong on the way makes it unclear.
    private func answer(to inquiry: Inquiry, of account: Account) async -> Inquiry.Finding {
        guard var call = account.provider.question(inquiry) else { return .unclear("it cannot be asked") }
        let credential: Credential?
        do throws(CredentialRefusal) {
            credential = try await accounts.credential(for: account)
        } catch {
            return .unclear("no credential")
        }
        var pages: [ProviderReply] = []
        while pages.count < Inquiry.pageLimit {
            switch await transport.perform(account.provider.authorized(call, with: credential), on: account.name) {
            case .failure(let failure): return .unclear(failure.cause.rawValue)
            case .reply(let reply): pages.append(reply)
            }
            let finding = account.provider.finding(in: pages, to: inquiry)
            guard case .more(let next) = finding else { return finding }
            call = next
        }
        return .unclear("the answer does not end")
    }

    // MARK: T7

    /// Provably not taken. False when the question was answered meanwhile.
    private func notTaken(_ item: Open, at now: Timestamp, _ writer: any StoreWriter) throws -> Bool {
        let attempts = try writer.attempts(ofDelivery: item.delivery)
        guard let attempt = attempts.first(where: { $0.id == item.attempt }), attempt.state == .ambiguous,
            let delivery = try writer.delivery(item.delivery), delivery.state == .ambiguous,
            !attempts.contains(where: { $0.state == .ambiguous && $0.id != attempt.id })
        else { return false }
        let isLate = now >= delivery.expires || delivery.tries >= RetryPolicy().maxAttempts
        let isWanted = try !isLate && Failover.isWanted(delivery, at: now, writer)
        let next: DeliveryState = isWanted ? .retryWait : isLate ? .expired : .cancelled
        let reason: ReasonCode? = isWanted ? nil : isLate ? .budgetUsedUp : .superseded
        let detail = "not in the provider's list"
        let result = AttemptResult(state: .notSent, outcome: .notSent, detail: detail)
        var body: [(String, JSON)] = [("detail", .string(detail))]
        if isWanted { body.append(("next_at", .string(now.description))) }
        body += [("number", .integer(attempt.number)), ("outcome", .string(result.outcome.rawValue))]
        if let reason { body.append(("reason", .string(reason.rawValue))) }
        body.append(("state", .string(next.rawValue)))
        guard
            try writer.finish(
                attempt.id, as: result, delivery: next, reason: reason, nextAt: isWanted ? now : nil, log: LogBody(.object(body)),
                order: delivery.order, at: now)
        else { return false }
        try Outcomes.closeQuestions(of: delivery, answeredBy: "the list of \(attempt.account)", now: now, writer)
        if let reason { try writer.append(.cancelled(delivery, reason, at: now)) }
        return true
    }
}
