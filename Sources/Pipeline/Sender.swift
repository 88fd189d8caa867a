import Config
import Core
import Providers
import Store
import Synchronization
import Transport

/// The wire and T4: hands open attempts to the transport in batches, and commits what came of them in batches, a transaction for all that
/// came back while the last one was written.
///
/// No result is forgotten because a task was cancelled. What is open is bounded by `slots`.
final class Sender: Sendable {
    private let store: any Store
    private let accounts: Accounts
    private let transport: any Carrier
    private let clock: any Clock
    private let early: EarlyReceipts
    private let inquiries: Inquiries
    private let retry = RetryPolicy()
    /// Told when a slot is free that somebody waits for, and when something is to be sent again.
    private let freed: Signal
    private let recorder: FlightRecorder?
    let slots: Slots

    private struct State {
        /// On the wire or waiting for a credential, by attempt.
        var open: [AttemptID: Dispatch.Open] = [:]
        /// Of these the credential was refused once.
        var renewed: Set<AttemptID> = []
        var returned: [Completion] = []
        var isCollecting = false
        var gate = SuppressionGate()
        /// The time for a stop is over.
        var hasGivenUp = false
        var failure: (any Error)?
    }
    /// Written by the stages, the transport's threads and the task that collects.
    private let state = Mutex(State())

    /// - Parameter freed: told when a slot is free again.
    init(
        store: any Store, accounts: Accounts, transport: any Carrier, clock: any Clock, early: EarlyReceipts, inquiries: Inquiries,
        freed: Signal, slots: Slots, recorder: FlightRecorder?
    ) {
        (self.store, self.accounts, self.transport, self.clock, self.early) = (store, accounts, transport, clock, early)
        (self.inquiries, self.freed, self.slots, self.recorder) = (inquiries, freed, slots, recorder)
        transport.onCompletions { [weak self] batch in self?.takeBack(batch) }
    }

    /// Why nothing can be sent any more: a result could not be written.
    func check() throws { if let failure = state.withLock({ $0.failure }) { throw failure } }

    /// Returns when nothing is open, with how many attempts were when it was called.
    @discardableResult
    func drained() async throws -> Int {
        let waited = await slots.drained()
        try check()
        return waited
    }

    /// Takes everything off the wire; what comes back is settled as far as it came. What cannot be written for want of space is not waited for:
    /// the next start settles it.
    func giveUp() async {
        state.withLock { $0.hasGivenUp = true }
        await transport.shutdown(within: .zero)
    }
    private var waitsForSpace: Bool { state.withLock { !$0.hasGivenUp } || PlantedBug.waitsForSpaceForEver.isActive }

    // MARK: Out

    /// Sends attempts whose intents are on the disk. Returns at once.
    func send(_ batch: [Dispatch.Open]) {
        guard !batch.isEmpty else { return }
        #if DEBUG
            CrashPoint.pass(.intentCommitted)
        #endif
        state.withLock { state in for item in batch { state.open[item.attempt] = item } }
        let now = clock.wall
        var ready: [(Dispatch.Open, Credential?)] = []
        var waiting: [String: [Dispatch.Open]] = [:]
        for item in batch {
            if let held = accounts.held(for: item.account, now: now) {
                ready.append((item, held.credential))
            } else {
                waiting[item.account.name, default: []].append(item)
            }
        }
        submit(ready)
        for (_, items) in waiting.sorted(by: { $0.key < $1.key }) { start { await $0.authorize(items) } }
    }

    private func start(_ work: @escaping @Sendable (Sender) async -> Void) {
        Task(executorPreference: transport.executor) { await work(self) }
    }

    /// Of one account.
    private func authorize(_ items: [Dispatch.Open]) async {
        do throws(CredentialRefusal) {
            let credential = try await accounts.credential(for: items[0].account)
            submit(items.map { ($0, credential) })
        } catch {
            await settle(items.map { ($0, error.outcome) })
        }
    }

    private func submit(_ batch: [(Dispatch.Open, Credential?)]) {
        guard !batch.isEmpty else { return }
        let refused = transport.submit(
            batch.map { item, credential in
                let call = item.account.provider.authorized(item.account.settings.placed(item.call), with: credential)
                return Submission(
                    ticket: UInt64(item.attempt), account: item.account.name, call: call, isUrgent: item.delivery.priority == .high,
                    flight: item.flight)
            })
        if !refused.isEmpty { takeBack(refused) }
    }

    // MARK: Back

    /// On the transport's threads: only passes the batch on.
    private func takeBack(_ batch: [Completion]) {
        let isFirst = state.withLock { state in
            state.returned += batch
            defer { state.isCollecting = true }
            return !state.isCollecting
        }
        if isFirst { start { await $0.collect() } }
    }

    /// Settles what came back, until nothing has come while the last was written.
    private func collect() async {
        while true {
            let (settled, again) = state.withLock { state -> ([(Dispatch.Open, Outcome)], [Dispatch.Open]) in
                let judged = judge(&state)
                if judged.0.isEmpty, judged.1.isEmpty { state.isCollecting = false }
                return judged
            }
            guard !settled.isEmpty || !again.isEmpty else { return }
            for (name, items) in Dictionary(grouping: again, by: \.account.name).sorted(by: { $0.key < $1.key }) {
                accounts.drop(credentialOf: name)
                for item in items { item.flight?.restart() }
                start { await $0.authorize(items) }
            }
            await settle(settled)
        }
    }

    /// The outcomes of what came back, and what goes again with a new credential: a refused one is proof that the message was not taken.
    private func judge(_ state: inout State) -> ([(Dispatch.Open, Outcome)], [Dispatch.Open]) {
        var settled: [(Dispatch.Open, Outcome)] = []
        var again: [Dispatch.Open] = []
        settled.reserveCapacity(state.returned.count)
        for completion in state.returned {
            let ticket = AttemptID(completion.ticket)
            guard let item = state.open[ticket] else { continue }
            let outcome: Outcome
            switch completion.result {
            case .failure(let failure): outcome = Outcome(failure)
            case .reply(let reply):
                if item.account.provider.refusesCredential(reply), state.renewed.insert(ticket).inserted {
                    again.append(item)
                    continue
                }
                outcome = item.account.provider.outcome(of: reply)
                #if DEBUG
                    CrashPoint.pass(.answerParsed)
                #endif
                item.flight?.answered(outcome)
            }
            settled.append((item, PlantedBug.callsDoubtNotSent.isActive ? outcome.withoutDoubt : outcome))
        }
        state.returned.removeAll(keepingCapacity: true)
        return (settled, again)
    }

    // MARK: T4

    /// One transaction for all. While there is no space the results are kept in memory and tried again, until the time for a stop is over; any
    /// other failure stops the sender, since going on would send what nobody can account for.
    private func settle(_ batch: [(Dispatch.Open, Outcome)]) async {
        guard !batch.isEmpty else { return }
        let results = state.withLock { state in
            batch.map { item, outcome -> Result in
                state.open[item.attempt] = nil
                state.renewed.remove(item.attempt)
                let judged = state.gate.judged(outcome, on: item.account.name)
                return Result(item: item, outcome: judged, isRemembered: state.gate.remembers(judged, on: item.account.name))
            }
        }
        // With what the gate made of them: an account that refuses everybody is what is wrong.
        let changed = accounts.note(results.map { ($0.item, $0.outcome) }, now: clock.now())
        #if DEBUG
            CrashPoint.pass(.recorderUpdated)
        #endif
        var hasFailed = false
        while true {
            do {
                try await record(results, changed)
                #if DEBUG
                    CrashPoint.pass(.afterT4)
                #endif
                recorder?.release(results.compactMap(\.item.flight))
                break
            } catch StoreError.full where waitsForSpace && !Task.isCancelled {
                do { try await clock.wait(until: clock.now() + .seconds(1)) } catch { continue }
            } catch {
                state.withLock { state in state.failure = state.failure ?? error }
                hasFailed = true
                break
            }
        }
        let isWanted = slots.giveBack(results.reduce(into: [:]) { $0[$1.item.delivery.channel, default: 0] += 1 })
        // What was not accepted may be due again before anything else is; and who finds that a result was not written has to stop.
        if isWanted || hasFailed || results.contains(where: { $0.outcome.class != .accepted }) { freed.notify() }
    }

    /// For the end: what the store does not know yet of the accounts.
    func keepAccounts() async throws {
        let (accounts, clock) = (accounts, clock)
        let now = clock.now()
        let drifts = accounts.drifts(of: accounts.byName.keys, at: now, isLast: true)
        if drifts.isEmpty { return }
        try await store.write { try $0.save(drifts, at: now) }
        accounts.wereKept(drifts, at: now)
    }

    private struct Result: Sendable {
        var item: Dispatch.Open
        var outcome: Outcome
        /// Whether an address that is refused for good is marked, so that the next notice leaves it out.
        var isRemembered: Bool
    }

    /// - Parameter changed: accounts of which something is to be remembered.
    private func record(_ results: [Result], _ changed: [String]) async throws {
        let (clock, retry, accounts, early) = (clock, retry, accounts, early)
        let (now, kept) = try await store.write { writer in
            // Asked for here: a step that was followed since has moved what waits.
            let now = clock.now()
            var kept = accounts.drifts(of: Set(results.map(\.item.account.name)).subtracting(changed), at: now)
            try writer.save(kept, at: now)
            for name in changed {
                guard let standing = accounts.standing(of: name, at: now) else { continue }
                try writer.save(standing)
                try writer.append(standing.logEntry)
                kept[name] = standing.measure
            }
            for result in results {
                var delivery = result.item.delivery
                var (mayBeThere, isElsewhere) = (false, false)
                // What T3 knew of it is still so, all but what may have changed meanwhile; and of an acceptance nothing depends on that.
                if result.outcome.class != .accepted {
                    guard let standing = try writer.standing(ofDelivery: delivery.id) else {
                        throw StoreError.integrity("a delivery is gone")
                    }
                    (delivery.cancelWanted, mayBeThere) = (standing.isCancelWanted, standing.mayBeThere)
                    delivery.expires = standing.expires
                    // Each account once without a wait, and only while no attempt may have been taken.
                    let spent = delivery.tries > 1 ? Failover.spent(try writer.attempts(ofDelivery: delivery.id)) : []
                    isElsewhere =
                        !mayBeThere && delivery.tries < accounts.choices(for: delivery)
                        && accounts.hasBackup(for: delivery, besides: spent.union([result.item.account.name]), now: now)
                }
                let verdict = Verdict(
                    result.outcome, delivery: delivery, mayBeThere: mayBeThere, isElsewhere: isElsewhere,
                    guarantee: result.item.account.provider.guarantee, retry: retry, now: now)
                try Outcomes.file(
                    result.outcome, verdict, attempt: result.item.attempt, delivery: delivery, on: result.item.account,
                    isRemembered: result.isRemembered, now: now, writer)
                try Receipts.catchUp(
                    after: result.outcome, of: result.item, accounts: accounts, early: early, at: now, writer)
            }
            #if DEBUG
                CrashPoint.pass(.insideT4)
            #endif
            return (now, kept)
        }
        accounts.wereKept(kept, at: now)
        early.forget(results.lazy.map(\.item.delivery))
        for result in results where result.outcome.class == .ambiguous {
            inquiries.add(result.item.attempt, of: result.item.delivery.id, account: result.item.account, at: now)
        }
    }
}

extension StoreWriter {
    /// Beside what else is remembered of the accounts, in which a person may have had a hand.
    fileprivate func save(_ measures: [String: AccountStanding.Measure], at now: Timestamp) throws {
        guard !measures.isEmpty else { return }
        let stored = try accountStandings()
        for (name, measure) in measures.sorted(by: { $0.key < $1.key }) {
            var standing = stored.first { $0.account == name } ?? AccountStanding(account: name, changedAt: now)
            standing.measure = measure
            try save(standing)
        }
    }
}

extension FlightSlot {
    /// An answer that was read: once it is here, an end before T4 loses nothing.
    func answered(_ outcome: Outcome) {
        switch outcome {
        case .accepted(let id): parsed(.taken(id: id))
        case .transient, .throttled, .badRecipient, .badRequest, .authConfig: parsed(.notTaken)
        case .notSent, .ambiguous: break
        }
    }
}

extension Outcome {
    fileprivate var withoutDoubt: Outcome { if case .ambiguous(let detail) = self { .notSent(detail) } else { self } }
}
