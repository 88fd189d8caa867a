public import Core
public import Store

extension Desk {
    /// Why nothing is sent, and how much waits for it.
    public struct FenceState: Sendable, Equatable {
        /// Nil: the store is not fenced.
        public var why: String?
        /// Deliveries that would leave, by channel; in doubt: those of them that may be there already.
        public var waiting: [Channel: Int] = [:]
        public var inDoubt = 0
        public init() {}
    }

    public static func fence(_ reader: any StoreReader) throws -> FenceState {
        var state = FenceState()
        state.why = try reader.meta(Fence.key)
        for (channel, states) in try reader.accounting().deliveries {
            let waiting = states[.ready, default: 0] + states[.retryWait, default: 0]
            if waiting > 0 { state.waiting[channel] = waiting }
        }
        state.inDoubt = try reader.deliveries(in: .retryWait, limit: .max).count { $0.reason == .ambiguous }
        return state
    }

    /// Ends the fence. What waits leaves, or with `discarding` ends first: no more than a thousand in one transaction.
    public func releaseFence(discarding: Bool, who: String, reason: String) async throws -> Answer {
        let now = clock.now()
        guard try await store.read({ try $0.meta(Fence.key) }) != nil else { return .refused("the store is not fenced") }
        var discarded = 0
        while discarding {
            let some = try await store.write { writer -> Int in
                let waiting = try [DeliveryState.ready, .retryWait].flatMap { try writer.deliveries(in: $0, limit: 1000) }
                for delivery in waiting where try !Outcomes.leaveOpen(delivery, now: now, writer) {
                    if try writer.settle(delivery.id, as: .cancelled, reason: .discarded, nextAt: nil, at: now) {
                        try writer.append(.cancelled(delivery, .discarded, at: now))
                    }
                }
                return waiting.count
            }
            discarded += some
            if some == 0 { break }
        }
        let words = "fence release" + (discarding ? ", \(discarded) discarded" : "")
        let isDone = try await store.write { writer -> Bool in
            guard try writer.releaseFence() else { return false }
            try writer.append(
                LogEntry(
                    .operator, at: now,
                    body: ["command": .string(words), "who": .string(CardRule.cut(who)), "reason": .string(CardRule.cut(reason))]))
            return true
        }
        guard isDone else { return .refused("the store is not fenced") }
        released()
        changed()
        return .done(
            discarding ? "the store is released; \(discarded) deliveries were discarded" : "the store is released; what waits leaves")
    }
}
