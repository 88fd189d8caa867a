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
            guard delivery.state == .ambiguous else { return .refused("its delivery is \(delivery.state.rawValue): it goes on by itself") }
            let others = try writer.attempts(ofDelivery: delivery.id).contains { $0.state == .ambiguous && $0.id != attempt.id }
            let end: DeliveryState = wasTaken ? .sent : others ? .ambiguous : .dead
            let reasonCode: ReasonCode? = wasTaken ? nil : others ? .ambiguous : .providerRefused
            let result = AttemptResult(
                state: wasTaken ? .accepted : .notSent, outcome: wasTaken ? .accepted : .notSent, detail: "settled by hand",
                providerID: attempt.providerID)
            let body: JSON = [
                "attempt": .string(attempt.publicID), "number": .integer(attempt.number), "outcome": "settled",
                "detail": .string(wasTaken ? "taken" : "not taken"), "state": .string(end.rawValue), "who": .string(who),
                "reason": .string(reason),
            ]
            let isDone = try writer.finish(
                attempt.id, as: result, delivery: end, reason: reasonCode, nextAt: nil, log: body, order: delivery.order, at: now)
            guard isDone else { return .refused("it was settled meanwhile") }
            if end != .ambiguous { try Outcomes.closeQuestions(of: delivery, answeredBy: who, now: now, writer) }
            return .done("\(name) is settled: \(try becomes(of: delivery, end, at: now, writer))")
        }
        if case .done = answer { changed() }
        return answer
    }

    /// What was not taken goes again if it is still true.
    private func becomes(of delivery: Delivery, _ end: DeliveryState, at now: Timestamp, _ writer: any StoreWriter) throws -> String {
        switch end {
        case .sent: return "\(delivery.publicID) is sent"
        case .ambiguous: return "\(delivery.publicID) has another attempt in doubt"
        default: break
        }
        let episode = try writer.episode(delivery.episode)
        guard delivery.episode == 0 || episode?.status == .open, try writer.revive(delivery.id, at: now, expires: now + .hours(1)) else {
            return "\(delivery.publicID) is no longer true and stays unsent"
        }
        return "\(delivery.publicID) goes again"
    }
}
