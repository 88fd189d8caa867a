import Core
import Store

/// Letters about events that cannot be planned; their events are settled with them, so that the accounting law holds.
enum DeadLetters {
    static func file(
        planOf event: EventSeq?, order: OrderNumber?, source: String, because error: any Error, size: Int = 0, digest: [UInt8] = [],
        at now: Timestamp, _ store: any StoreWriter
    ) throws {
        // Words of other errors may quote the event.
        var words = "\(type(of: error))"
        if case StoreError.integrity(let known) = error { words = known }
        _ = try store.insert(
            DeadLetter(
                stage: .plan, reason: ReasonCode.renderError.rawValue, detail: words, source: source, size: size, digest: digest,
                event: event, at: now))
        if let event { try store.finish(event, as: .suppressed(.renderError)) }
        try store.append(
            LogEntry(
                .deadLetter, at: now, order: order, event: event,
                body: ["stage": "plan", "reason": "render_error", "detail": .string(words)]))
    }
}

extension StoreError {
    /// Not about one row: going on to the next would fail as well.
    var stopsStages: Bool { isFatal || self == .closed || self == .full }
}
