import Core
import Providers
import Store

/// What one outcome means for the attempt and its delivery. Pure.
struct Verdict: Sendable {
    var attempt: AttemptState
    var delivery: DeliveryState
    var reason: ReasonCode?
    var nextAt: Timestamp?

    /// - Parameters:
    ///   - mayBeThere: an earlier attempt may have been taken. Then no end may say that nothing left.
    ///   - isElsewhere: another account can take over what was provably not taken, at once.
    init(
        _ outcome: Outcome, delivery: Delivery, mayBeThere: Bool, isElsewhere: Bool = false, guarantee: Guarantee, retry: RetryPolicy,
        now: Timestamp
    ) {
        let tries = max(1, delivery.tries)
        func end(_ attempt: AttemptState, _ delivery: DeliveryState, _ reason: ReasonCode) -> Verdict {
            mayBeThere ? Verdict(attempt, .ambiguous, .ambiguous) : Verdict(attempt, delivery, reason)
        }
        func again(_ state: AttemptState, notBefore: Duration?, exhausted: ReasonCode) -> Verdict {
            if delivery.cancelWanted { return end(state, .cancelled, .superseded) }
            let notBefore = PlantedBug.ignoresRetryAfter.isActive ? nil : notBefore
            let wait = isElsewhere ? .zero : max(retry.delay(after: tries, salt: UInt64(bitPattern: delivery.id)), notBefore ?? .zero)
            guard tries < retry.maxAttempts else { return end(state, .dead, .triesUsedUp) }
            guard now + wait < delivery.expires else { return end(state, .dead, exhausted) }
            return Verdict(state, .retryWait, mayBeThere ? .ambiguous : nil, nextAt: now + wait)
        }
        switch outcome {
        case .accepted: self = Verdict(.accepted, .sent, nil)
        case .notSent: self = again(.notSent, notBefore: nil, exhausted: .providerUnreachable)
        case .transient(_, let notBefore): self = again(.rejected, notBefore: notBefore, exhausted: .budgetUsedUp)
        case .throttled(_, let notBefore, _): self = again(.rejected, notBefore: notBefore, exhausted: .budgetUsedUp)
        case .badRecipient(let detail): self = end(.rejected, .dead, detail.blame == .optOut ? .optedOut : .addressDead)
        case .badRequest: self = end(.rejected, .dead, .providerRefused)
        case .authConfig: self = again(.rejected, notBefore: .seconds(30), exhausted: .providerRefused)
        case .ambiguous:
            // Only where a repeat with the same key or collapse id cannot be seen twice. Anything else is listed and never resent.
            let wait = retry.delay(after: tries, salt: UInt64(bitPattern: delivery.id))
            guard guarantee.mayRepeat, tries < retry.maxAttempts, now + wait < delivery.expires, !delivery.cancelWanted else {
                self = Verdict(.ambiguous, .ambiguous, .ambiguous)
                return
            }
            self = Verdict(.ambiguous, .retryWait, .ambiguous, nextAt: now + wait)
        }
    }

    private init(_ attempt: AttemptState, _ delivery: DeliveryState, _ reason: ReasonCode?, nextAt: Timestamp? = nil) {
        (self.attempt, self.delivery, self.reason, self.nextAt) = (attempt, delivery, reason, nextAt)
    }
}
