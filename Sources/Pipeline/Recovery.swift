import Config
import Core
import Providers
public import Store

/// What a start finds open and how each is settled: an attempt whose intent is committed and whose result is not.
public struct Recovery: Sendable {
    public struct Settled: Sendable, Equatable {
        /// Repeated with the same bytes and key.
        public var repeated = 0
        /// Listed for people, never resent.
        public var ambiguous = 0
    }

    let store: any Store
    let accounts: Accounts
    let clock: any Clock

    public init(store: any Store, accounts: Accounts, clock: any Clock) {
        (self.store, self.accounts, self.clock) = (store, accounts, clock)
    }

    /// Before anything else runs. One transaction; work is proportional to the open intents.
    public func run() async throws -> Settled {
        let now = clock.now()
        let accounts = accounts
        // Our own end is no failure of the attempt; but what ends us again and again must not for ever.
        let retry = RetryPolicy(maxAttempts: 64)
        return try await store.write { writer in
            var settled = Settled()
            for attempt in try writer.openIntents() {
                guard let delivery = try writer.delivery(attempt.delivery) else { continue }
                let guarantee = Self.guarantee(of: attempt, accounts: accounts, now: now)
                let detail = OutcomeDetail(words: "the process ended before the answer")
                var verdict = Verdict(
                    .ambiguous(detail), delivery: delivery, mayBeThere: true, guarantee: guarantee, retry: retry, now: now)
                if verdict.delivery == .retryWait {
                    verdict.nextAt = now
                    settled.repeated += 1
                } else {
                    settled.ambiguous += 1
                }
                try Outcomes.file(.ambiguous(detail), verdict, attempt: attempt.id, delivery: delivery, now: now, writer)
                // A receipt may have come before the end.
                try Receipts.catchUp(delivery.id, at: now, writer)
            }
            return settled
        }
    }

    /// A key that has outlived its promise protects nobody.
    private static func guarantee(of attempt: Attempt, accounts: Accounts, now: Timestamp) -> Guarantee {
        #if MUTANT_REPEATS_BLIND
            return .collapsing
        #else
            return known(attempt, accounts: accounts, now: now)
        #endif
    }

    private static func known(_ attempt: Attempt, accounts: Accounts, now: Timestamp) -> Guarantee {
        guard let account = accounts.byName[attempt.account] else { return .blind }
        if case .keyed(let life) = account.provider.guarantee, now > attempt.startedAt + life { return .blind }
        return account.provider.guarantee
    }
}
