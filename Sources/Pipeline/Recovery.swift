import Config
import Core
import Providers
public import Store
public import Transport

/// What a start finds open and how each is settled: an attempt whose intent is committed and whose result is not.
///
/// | the recorder says | settled as |
/// |---|---|
/// | the request had not started | `not_sent`: it goes again, and nobody is asked |
/// | the answer was read: taken | `accepted`, with the provider's id: the commit that was cut off |
/// | the answer was read: refused | `transient`: it goes again and is refused again, or not |
/// | the request had started; or nothing | repeated where a repeat cannot be seen twice, else listed |
public struct Recovery: Sendable {
    public struct Settled: Sendable, Equatable {
        /// Repeated with the same bytes and key, because it may have been taken.
        public var repeated = 0
        /// Listed for people, never resent.
        public var ambiguous = 0
        /// Provably not sent.
        public var notSent = 0
        /// Provably taken.
        public var accepted = 0
        /// Provably refused.
        public var refused = 0
    }

    let store: any Store
    let accounts: Accounts
    let clock: any Clock
    /// What the last process left in its recorder.
    let flown: FlightLog
    // Our own end is no failure of the attempt; but what ends us again and again must not for ever.
    private let retry = RetryPolicy(maxAttempts: 64)

    public init(store: any Store, accounts: Accounts, clock: any Clock, flown: FlightLog) {
        (self.store, self.accounts, self.clock, self.flown) = (store, accounts, clock, flown)
    }

    /// Before anything else runs. One transaction; work is proportional to the open intents.
    public func run() async throws -> Settled {
        let now = clock.now()
        return try await store.write { writer in
            var settled = Settled()
            for attempt in try writer.openIntents() {
                guard let delivery = try writer.delivery(attempt.delivery) else { continue }
                let (outcome, verdict) = try settle(attempt, of: delivery, now: now, &settled, writer)
                try Outcomes.file(
                    outcome, verdict, attempt: attempt.id, delivery: delivery, on: accounts.byName[attempt.account], now: now, writer)
                // A receipt may have come before the end.
                try Receipts.catchUp(delivery.id, accounts: accounts, at: now, writer)
            }
            #if DEBUG
                CrashPoint.pass(.insideRecovery)
            #endif
            return settled
        }
    }

    private func settle(
        _ attempt: Attempt, of delivery: Delivery, now: Timestamp, _ settled: inout Settled, _ writer: any StoreWriter
    ) throws -> (Outcome, Verdict) {
        let mayBeThere = try writer.standing(ofDelivery: delivery.id)?.mayBeThere ?? false
        func verdict(_ outcome: Outcome, mayBeThere: Bool, _ guarantee: Guarantee = .blind) -> Verdict {
            Verdict(outcome, delivery: delivery, mayBeThere: mayBeThere, guarantee: guarantee, retry: retry, now: now)
        }
        switch found(attempt) {
        case .notStarted:
            settled.notSent += 1
            let outcome = Outcome.notSent(OutcomeDetail(words: "the process ended before the request left"))
            var verdict = verdict(outcome, mayBeThere: mayBeThere)
            // Without a wait. Whether it is too late for it is decided when it is started.
            if !delivery.cancelWanted, delivery.tries < retry.maxAttempts {
                (verdict.delivery, verdict.reason, verdict.nextAt) = (.retryWait, mayBeThere ? .ambiguous : nil, now)
            }
            return (outcome, verdict)
        case .answered(.taken(let id)):
            settled.accepted += 1
            return (.accepted(id: id), verdict(.accepted(id: id), mayBeThere: mayBeThere))
        case .answered(.notTaken):
            settled.refused += 1
            let outcome = Outcome.transient(OutcomeDetail(words: "refused, and the process ended before it was recorded"), notBefore: nil)
            return (outcome, verdict(outcome, mayBeThere: mayBeThere))
        case .inDoubt, nil:
            let outcome = Outcome.ambiguous(OutcomeDetail(words: "the process ended before the answer"))
            var verdict = verdict(outcome, mayBeThere: true, guarantee(of: attempt, now: now))
            if verdict.delivery == .retryWait {
                verdict.nextAt = now
                settled.repeated += 1
            } else {
                settled.ambiguous += 1
            }
            return (outcome, verdict)
        }
    }

    /// Nil when nothing is known, as of every attempt of another boot.
    private func found(_ attempt: Attempt) -> FlightLog.Found? {
        let found =
            attempt.bootID == flown.bootID || PlantedBug.believesEveryRecorder.isActive
            ? flown.found(attempt.publicID, inSlot: attempt.recorderSlot) : nil
        return found == .inDoubt && PlantedBug.callsStartedUnsent.isActive ? .notStarted : found
    }

    /// A key that has outlived its promise protects nobody.
    private func guarantee(of attempt: Attempt, now: Timestamp) -> Guarantee {
        PlantedBug.repeatsBlind.isActive ? .collapsing : known(attempt, now: now)
    }

    private func known(_ attempt: Attempt, now: Timestamp) -> Guarantee {
        guard let account = accounts.byName[attempt.account] else { return .blind }
        if case .keyed(let life) = account.provider.guarantee, now > attempt.startedAt + life { return .blind }
        return account.provider.guarantee
    }
}
