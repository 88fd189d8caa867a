import Core
import Store

extension Desk {
    /// T7 by a person: somebody asked the provider, or the recipient, what became of an attempt that nobody here can know.
    ///
    /// What was taken is sent. What was not goes again at once, with an hour of time, if it is still true; unless another attempt of the delivery
    /// is in doubt as well. The review item of the delivery is closed with it.
    public func settle(attempt name: String, wasTaken: Bool, who: String, reason: String) async throws -> Answer {
        let (who, reason) = (CardRule.cut(who), CardRule.cut(reason))
        let answer = try await store.write { writer -> Answer in
            let now = clock.now()
            guard let attempt = try writer.attempt(publicID: name) else { return .notFound }
            guard attempt.state == .ambiguous, let delivery = try writer.delivery(attempt.delivery) else {
                return .refused("it is \(attempt.state.rawValue), not in doubt")
            }
            guard delivery.state.isInDoubt else {
                return .refused("its delivery is \(delivery.state.rawValue): it goes on by itself")
            }
            let others = try writer.attempts(ofDelivery: delivery.id).contains { $0.state == .ambiguous && $0.id != attempt.id }
            var later = delivery
            later.expires = now + .hours(1)
            let isWanted = try Failover.isWanted(later, at: now, writer)
            let (end, reasonCode): (DeliveryState, ReasonCode?) =
                wasTaken
                ? (.sent, nil) : others ? (delivery.state, .ambiguous) : isWanted ? (.dead, .providerRefused) : (.cancelled, .superseded)
            let result = AttemptResult(
                state: wasTaken ? .accepted : .notSent, outcome: wasTaken ? .accepted : .notSent, detail: "settled by hand",
                providerID: attempt.providerID)
            let body: JSON = [
                "attempt": .string(attempt.publicID), "number": .integer(attempt.number), "outcome": "settled",
                "detail": .string(wasTaken ? "taken" : "not taken"), "state": .string((end == .dead ? DeliveryState.ready : end).rawValue),
                "who": .string(who),
                "reason": .string(reason),
            ]
            let isDone = try writer.finish(
                attempt.id, as: result, delivery: end, reason: reasonCode, nextAt: nil, log: LogBody(body), order: delivery.order, at: now)
            guard isDone else { return .refused("it was settled meanwhile") }
            if !others || wasTaken { try Outcomes.closeQuestions(of: delivery, answeredBy: who, now: now, writer) }
            if end == .cancelled { try writer.append(.cancelled(delivery, .superseded, at: now)) }
            // A way back only a person opens: it counts as given up, and is taken up again.
            if end == .dead, try !writer.revive(delivery.id, at: now, expires: later.expires) {
                throw StoreError.integrity("\(delivery.publicID) was given up and cannot go again")
            }
            return .done("\(name) is settled: \(delivery.publicID) \(Self.words(for: end))")
        }
        if case .done = answer { changed() }
        return answer
    }

    private static func words(for end: DeliveryState) -> String {
        switch end {
        case .sent: "is sent"
        case .ambiguous, .unknown: "has another attempt in doubt"
        case .cancelled: "is no longer true and stays unsent"
        default: "goes again"
        }
    }
}
