extension Planner {
    /// Whether all that was said outside the app still waits: then what comes next is the first that is heard there, in the first words.
    func isUnheard(_ episode: Episode, in snapshot: Snapshot) -> Bool {
        !deliveriesWaiting(of: episode, in: snapshot).isEmpty && channelsUsed(by: [episode], in: snapshot) == [.inApp]
    }

    /// The channels of a further notice: where the episode was heard, and where an earlier notice still waits, whose place this one takes.
    /// What will never leave uses up no cap.
    func takeOver(from episode: Episode, contact: CustomerRef, snapshot: inout Snapshot, plan: inout Plan, now: Timestamp) -> [Channel] {
        let waiting = deliveriesWaiting(of: episode, in: snapshot)
        guard !waiting.isEmpty else { return channelsUsed(by: [episode], in: snapshot) }
        plan.withdraws.append((episode.id, .superseded))
        let used = Set(channelsUsed(by: [episode], in: snapshot))
        let zone = zone(contact.timeZone, record: snapshot.record)
        for delivery in waiting where delivery.tries == 0 {
            if isCounted(.opened, of: episode.kind) {
                snapshot.usedForAnomaly[delivery.channel, default: 0] -= 1
                if isSameDay(delivery.plannedAt, now, in: zone) { snapshot.usedToday[delivery.channel, default: 0] -= 1 }
            } else if isSameDay(delivery.plannedAt, now, in: zone) {
                snapshot.uncountedToday[delivery.channel, default: 0] -= 1
            }
        }
        return used.union(waiting.map(\.channel)).sorted()
    }

    private func deliveriesWaiting(of episode: Episode, in snapshot: Snapshot) -> [Delivery] {
        snapshot.deliveries.filter {
            $0.episode == episode.id && ($0.state == .ready || ($0.state == .retryWait && $0.reason != .ambiguous))
        }
    }

    /// Channels through which an episode's notices left or may have left, and in-app.
    func channelsUsed(by episodes: [Episode], in snapshot: Snapshot) -> [Channel] {
        let ids = Set(episodes.map(\.id))
        let used = snapshot.deliveries.filter { delivery in
            guard ids.contains(delivery.episode) else { return false }
            switch delivery.state {
            case .inflight, .sent, .delivered, .ambiguous, .unknown, .undelivered: return true
            case .retryWait: return delivery.reason == .ambiguous
            case .ready, .cancelled, .expired, .dead, .blocked: return false
            }
        }
        return Set(used.map(\.channel)).union([.inApp]).sorted()
    }
}
