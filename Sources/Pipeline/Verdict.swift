import Core
import Providers
import Store

/// What one outcome means for the attempt and its delivery. Pure.
struct Verdict: Sendable {
    var attempt: AttemptState
    var delivery: DeliveryState
    var reason: ReasonCode?
    var nextAt: Timestamp?

    init(_ outcome: Outcome, delivery: Delivery, guarantee: Guarantee, retry: RetryPolicy, now: Timestamp) {
        let tries = max(1, delivery.tries)
        func again(_ state: AttemptState, notBefore: Duration?, exhausted: ReasonCode) -> Verdict {
            if delivery.cancelWanted { return Verdict(state, .cancelled, .superseded) }
            let wait = max(retry.delay(after: tries, salt: UInt64(bitPattern: delivery.id)), notBefore ?? .zero)
            guard tries < retry.maxAttempts else { return Verdict(state, .dead, .triesUsedUp) }
            guard now + wait < delivery.expires else { return Verdict(state, .dead, exhausted) }
            return Verdict(state, .retryWait, nil, nextAt: now + wait)
        }
        switch outcome {
        case .accepted: self = Verdict(.accepted, .sent, nil)
        case .notSent: self = again(.notSent, notBefore: nil, exhausted: .providerUnreachable)
        case .transient(_, let notBefore): self = again(.rejected, notBefore: notBefore, exhausted: .budgetUsedUp)
        case .throttled(_, let notBefore, _): self = again(.rejected, notBefore: notBefore, exhausted: .budgetUsedUp)
        case .badRecipient: self = Verdict(.rejected, .dead, .addressDead)
        case .badRequest: self = Verdict(.rejected, .dead, .providerRefused)
        case .authConfig: self = again(.rejected, notBefore: .seconds(30), exhausted: .providerRefused)
        case .ambiguous:
            // Only where a repeat with the same key or collapse id cannot be seen twice. Anything else is listed and never resent.
            guard guarantee.mayRepeat, tries < retry.maxAttempts else {
                self = Verdict(.ambiguous, .ambiguous, .ambiguous)
                return
            }
            let wait = retry.delay(after: tries, salt: UInt64(bitPattern: delivery.id))
            self = Verdict(.ambiguous, .retryWait, .ambiguous, nextAt: now + wait)
        }
    }

    private init(_ attempt: AttemptState, _ delivery: DeliveryState, _ reason: ReasonCode?, nextAt: Timestamp? = nil) {
        (self.attempt, self.delivery, self.reason, self.nextAt) = (attempt, delivery, reason, nextAt)
    }
}
