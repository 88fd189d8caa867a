import Core
import Store

/// An episode is told no further: what waits of it ends, and nobody has to do any more what it asked for.
enum EpisodeEnd {
    /// Waiting deliveries and timers end. What an update would have told some time later is decided now.
    static func carryOut(_ episode: EpisodeID, reason: ReasonCode, now: Timestamp, _ writer: any StoreWriter) throws {
        try withdraw(episode, reason: reason, now: now, writer)
        let timers = try writer.timers(ofEpisode: episode)
        for timer in timers where timer.step == .update && timer.state == .armed {
            try writer.finish(EventSeq(timer.argument), as: .suppressed(reason))
        }
        if timers.contains(where: { $0.step == .escalation && $0.state == .fired }) { try closeTasks(of: episode, now: now, writer) }
        try writer.cancelTimers(ofEpisode: episode)
    }

    /// Waiting deliveries end.
    static func withdraw(_ episode: EpisodeID, reason: ReasonCode, now: Timestamp, _ writer: any StoreWriter) throws {
        // What may be on its way already is not cancelled: that would say that nothing left.
        for delivery in try writer.deliveries(ofEpisode: episode) { _ = try Outcomes.leaveOpen(delivery, now: now, writer) }
        for delivery in try writer.cancelWaiting(ofEpisode: episode, reason: reason, at: now) {
            try writer.append(.cancelled(delivery, reason, at: now))
        }
    }

    private static func closeTasks(of episode: EpisodeID, now: Timestamp, _ writer: any StoreWriter) throws {
        for item in try writer.openTasks(ofEpisode: episode) where try writer.close(review: item.id, note: "it is over", at: now) {
            try writer.append(
                LogEntry(
                    .review, at: now, order: item.kind?.isDiscreet ?? false ? nil : item.order,
                    body: ["cause": .string(item.cause.rawValue), "closed": true, "id": .integer(item.id)]))
        }
    }
}
