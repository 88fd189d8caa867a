import Config
public import Core
import Crypto
import Providers
public import Store
import Synchronization
import Templates
public import Transport

/// T3 and T4: takes due deliveries, commits an intent for each, sends, and commits what came of it.
///
/// No byte leaves before its intent is on disk; no result is forgotten because a task was cancelled. In flight is bounded by `slots`.
public actor Sender {
    private let store: any Store
    private let renderer: NoticeRenderer
    private let accounts: Accounts
    private let transport: Transport
    private let clock: any Clock
    private let mode: Mode
    private let morning: Morning
    private let bootID: String
    private let retry = RetryPolicy()
    private let slots: Int
    private var inFlight = 0
    private var failure: (any Error)?
    private var gate = SuppressionGate()
    private var idleWaiters: [CheckedContinuation<Void, Never>] = []
    /// Told when a slot is free again.
    public nonisolated let freed = Signal()

    public init(
        store: any Store, renderer: NoticeRenderer, accounts: Accounts, transport: Transport, clock: any Clock, mode: Mode,
        planner: Planner,
        bootID: String, slots: Int = 64
    ) {
        (self.store, self.renderer, self.accounts, self.transport) = (store, renderer, accounts, transport)
        (self.clock, self.mode, self.bootID, self.slots, morning) = (clock, mode, bootID, slots, Morning(planner: planner))
    }

    /// A delivery whose time has come, with the names that only the store can give.
    private struct Due: Sendable {
        var delivery: Delivery
        /// Nil: its channel has none.
        var account: Account?
        var key: IdempotencyKey
        /// Public id of the attempt that may follow.
        var attempt: String
    }

    /// One delivery that is ready for its intent.
    private struct Prepared: Sendable {
        var delivery: Delivery
        var account: Account
        var key: IdempotencyKey
        var call: ProviderCall
        /// Nil for a repeat: the bytes of the first attempt are used again.
        var content: Content?
        var publicID: String
        var attemptID: AttemptID = 0
    }

    /// Starts what is due, as far as slots are free. Returns how many deliveries were moved on, sent or not.
    public func pump() async throws -> Int {
        if let failure { throw failure }
        let free = slots - inFlight
        guard free > 0 else { return 0 }
        let now = clock.now()
        let due = try await due(at: now, limit: free)
        guard !due.isEmpty else { return 0 }
        var prepared: [Prepared] = []
        for item in due {
            if let ready = try await prepare(item, now: now) { prepared.append(ready) }
        }
        let started = try await intend(prepared, now: now)
        for item in started {
            inFlight += 1
            Task { await self.carry(item) }
        }
        return due.count
    }

    public var isFull: Bool { inFlight >= slots }

    /// Returns when nothing is in flight, with how many were when it was called.
    @discardableResult
    public func drained() async throws -> Int {
        let waited = inFlight
        if waited > 0 { await withCheckedContinuation { idleWaiters.append($0) } }
        if let failure { throw failure }
        return waited
    }

    // MARK: T3

    private func due(at now: Timestamp, limit: Int) async throws -> [Due] {
        let accounts = accounts
        return try await store.write { writer in
            try writer.dueDeliveries(at: now, limit: limit).map { delivery in
                let account =
                    delivery.account.flatMap { accounts.byName[$0] } ?? accounts.first(for: delivery.channel, to: delivery.address)
                #if MUTANT_NEW_KEYS
                    let key = writer.idempotencyKey(delivery: delivery.publicID, account: "try \(delivery.tries)")
                #else
                    let key = writer.idempotencyKey(delivery: delivery.publicID, account: account?.name ?? "")
                #endif
                return Due(delivery: delivery, account: account, key: IdempotencyKey(key), attempt: writer.newPublicID("att_"))
            }
        }
    }

    /// The call for a delivery, or nil when it was settled without one.
    private func prepare(_ due: Due, now: Timestamp) async throws -> Prepared? {
        let delivery = due.delivery
        guard delivery.mode == mode else { return try await settle(delivery, .cancelled, .modeChanged, now: now) }
        guard now <= delivery.expires else { return try await settle(delivery, .expired, .budgetUsedUp, now: now) }
        guard let account = due.account else {
            return try await settle(delivery, .blocked, .channelNotConfigured, now: now)
        }
        #if !MUTANT_NEW_KEYS
            if delivery.tries > 0, let again = try await repeated(due, account: account) { return again }
        #endif
        guard let notice = try await store.read({ try $0.notice(delivery.notice) }) else {
            throw StoreError.integrity("delivery \(delivery.publicID) has no notice")
        }
        var moreOrders = 0
        if Morning.asks(about: delivery) {
            guard let others = try await store.write({ [morning] in try morning.decide(delivery, now: now, $0) }) else { return nil }
            moreOrders = others
        }
        do throws(RenderProblem) {
            let rendered = try renderer.render(notice, on: delivery.channel, moreOrders: moreOrders)
            return try await prepare(due, notice, rendered.content, account: account)
        } catch {
            return try await fail(delivery, stage: .render, error.reason, detail: error.description, now: now)
        }
    }

    private func prepare(_ due: Due, _ notice: Notice, _ content: Content, account: Account) async throws(RenderProblem) -> Prepared {
        let (delivery, key) = (due.delivery, due.key)
        let message = Message(
            delivery: delivery.publicID, attempt: due.attempt, address: delivery.address, content: content, locale: notice.locale,
            priority: delivery.priority, kind: notice.kind, stage: notice.stage, collapseKey: key.description, order: delivery.order,
            plannedAt: delivery.plannedAt, expires: delivery.expires)
        do throws(CallProblem) {
            let call = account.settings.unplaced(try account.provider.call(for: message, key: key))
            return Prepared(delivery: delivery, account: account, key: key, call: call, content: content, publicID: due.attempt)
        } catch {
            throw RenderProblem(error.reason, detail: error.words)
        }
    }

    /// The bytes and key of the last attempt on this account: a retry never renders again.
    private func repeated(_ due: Due, account: Account) async throws -> Prepared? {
        let delivery = due.delivery
        return try await store.read { reader in
            guard let last = try reader.attempts(ofDelivery: delivery.id).last, last.account == account.name else { return nil }
            guard let call = ProviderCall(json: try JSON(parsing: try reader.unseal(last.call))) else {
                throw StoreError.integrity("the bytes of \(delivery.publicID) cannot be read back")
            }
            return Prepared(
                delivery: delivery, account: account, key: IdempotencyKey(last.idempotencyKey), call: call, content: nil,
                publicID: due.attempt)
        }
    }

    /// Commits the intents. Only those that come back may be sent.
    private func intend(_ prepared: [Prepared], now: Timestamp) async throws -> [Prepared] {
        guard !prepared.isEmpty else { return [] }
        let bootID = bootID
        return try await store.write { writer in
            try prepared.compactMap { item in
                let bytes = item.call.storedBytes
                let context = "attempt/\(item.delivery.publicID)/\(item.delivery.tries + 1)"
                let content =
                    try item.content.map { try writer.seal($0.json.bytes, customer: item.delivery.customer, context: context + "/content") }
                    ?? writer.attempts(ofDelivery: item.delivery.id).last?.content
                guard let content else { throw StoreError.integrity("a repeat without a first attempt") }
                let attempt = Attempt(
                    publicID: item.publicID, delivery: item.delivery.id, number: item.delivery.tries + 1,
                    account: item.account.name,
                    idempotencyKey: item.key.description, digest: Array(SHA256.hash(data: bytes)), content: content,
                    call: try writer.seal(bytes, customer: item.delivery.customer, context: context + "/call"), startedAt: now,
                    deadline: now + item.account.transport.timeout, bootID: bootID)
                guard let id = try writer.begin(attempt, at: now) else { return nil }
                try writer.append(
                    LogEntry(
                        .intent, at: now, order: item.delivery.order, notice: item.delivery.notice, delivery: item.delivery.id,
                        body: [
                            "attempt": .string(attempt.publicID), "number": .integer(attempt.number), "account": .string(item.account.name),
                            "digest": .string(attempt.digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()),
                            "key": .string(item.key.description),
                        ]))
                var started = item
                started.attemptID = id
                (started.delivery.state, started.delivery.account) = (.inflight, item.account.name)
                started.delivery.tries += 1
                return started
            }
        }
    }

    // MARK: Wire and T4

    private func carry(_ item: Prepared) async {
        let outcome = gate.judged(await send(item), on: item.account.name)
        await keep(outcome, of: item)
        inFlight -= 1
        freed.notify()
        if inFlight == 0 {
            let waiting = idleWaiters
            idleWaiters = []
            for waiter in waiting { waiter.resume() }
        }
    }

    /// Writes the result. While there is no space it is kept in memory and tried again; any other failure stops the sender, since going on
    /// would send what nobody can account for.
    private func keep(_ outcome: Outcome, of item: Prepared) async {
        while true {
            do {
                return try await record(outcome, of: item)
            } catch StoreError.full where !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(1)) } catch { continue }
            } catch {
                failure = failure ?? error
                return
            }
        }
    }

    private func send(_ item: Prepared) async -> Outcome {
        var renewed = false
        while true {
            let credential: Credential?
            do throws(CredentialRefusal) { credential = try await accounts.credential(for: item.account) } catch { return error.outcome }
            let call = item.account.provider.authorized(item.account.settings.placed(item.call), with: credential)
            switch await transport.perform(call, on: item.account.name) {
            case .failure(let failure):
                return Outcome(failure)
            case .reply(let reply):
                // A refused credential is proof that the message was not taken: once more with a new one.
                guard !renewed, item.account.provider.refusesCredential(reply) else { return item.account.provider.outcome(of: reply) }
                renewed = true
                await accounts.drop(credentialOf: item.account)
            }
        }
    }

    private func record(_ outcome: Outcome, of item: Prepared) async throws {
        let now = clock.now()
        let (retry, guarantee) = (retry, item.account.provider.guarantee)
        let isRemembered = gate.remembers(outcome, on: item.account.name)
        try await store.write { writer in
            // What T3 knew of it is still so; all but what may have changed meanwhile.
            guard let standing = try writer.standing(ofDelivery: item.delivery.id) else { throw StoreError.integrity("a delivery is gone") }
            var delivery = item.delivery
            delivery.cancelWanted = standing.isCancelWanted
            let verdict = Verdict(
                outcome, delivery: delivery, mayBeThere: standing.mayBeThere, guarantee: guarantee, retry: retry, now: now)
            try Outcomes.file(
                outcome, verdict, attempt: item.attemptID, delivery: delivery, isRemembered: isRemembered, now: now, writer)
        }
    }

    // MARK: Settling without a send

    private func settle(_ delivery: Delivery, _ state: DeliveryState, _ reason: ReasonCode, now: Timestamp) async throws -> Prepared? {
        try await store.write { writer in
            guard try !Outcomes.leaveOpen(delivery, now: now, writer) else { return }
            guard try writer.settle(delivery.id, as: state, reason: reason, nextAt: nil, at: now) else { return }
            try Marks.set(.released, for: delivery, writer)
            try writer.append(
                LogEntry(
                    .cancelled, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id,
                    body: [
                        "delivery": .string(delivery.publicID), "channel": .string(delivery.channel.rawValue),
                        "reason": .string(reason.rawValue),
                    ]))
        }
        return nil
    }

    private func fail(_ delivery: Delivery, stage: DeadLetter.Stage, _ reason: ReasonCode, detail: String, now: Timestamp) async throws
        -> Prepared?
    {
        try await store.write { writer in
            guard try !Outcomes.leaveOpen(delivery, now: now, writer) else { return }
            guard try writer.settle(delivery.id, as: .dead, reason: reason, nextAt: nil, at: now) else { return }
            try Marks.set(.released, for: delivery, writer)
            try Outcomes.fileDeadLetter(delivery, stage: stage, reason: reason, detail: detail, now: now, writer)
        }
        return nil
    }
}

extension Content {
    /// What is sealed with the attempt and shown by `audit delivery --content`.
    public var json: JSON {
        switch self {
        case .sms(let text): ["channel": "sms", "text": .string(text)]
        case .push(let title, let body): ["channel": "push", "title": .string(title), "body": .string(body)]
        case .mail(let subject, let text, let html):
            ["channel": "mail", "subject": .string(subject), "text": .string(text), "html": .string(html)]
        case .inApp(let title, let body): ["channel": "in_app", "title": .string(title), "body": .string(body)]
        }
    }
}
