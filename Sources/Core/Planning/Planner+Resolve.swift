extension Planner {
    func resolve(_ known: Episode, with news: News, plan: inout Plan) {
        var episode = known
        let end = news.anomaly.resolution ?? .closed
        plan.note("kind", episode.kind.rawValue)
        plan.note("outcome", end.rawValue)
        guard known.status != .resolved, known.status != .tombstone else {
            plan.note("reason", ReasonCode.alreadyResolved.rawValue)
            plan.disposition = .recorded
            return
        }
        // An end of this payout was told before, and took this episode with it: once is enough.
        guard known.status != .superseded || !endsPayout(end) || !news.snapshot.episodes.contains(where: hasEndedPayout) else {
            plan.note("reason", ReasonCode.alreadyResolved.rawValue)
            plan.disposition = .recorded
            return
        }
        let open = news.snapshot.episodes.filter { $0.id != known.id && ($0.status == .open || $0.status == .holding) }
        if endsPayout(end) {
            for old in open where catalogue[old.kind].rank <= 3 { supersede(old, plan: &plan) }
        }
        if known.status == .holding { plan.decided.append(EventDecision(known.openedBy, .suppressed(.resolvedInHold))) }
        if !PlantedBug.cancelsNothing.isActive { plan.cancels.append((known.id, .superseded)) }
        episode.version += 1
        episode.status = .resolved
        episode.resolution = end
        episode.funds = news.anomaly.funds ?? funds(after: end) ?? episode.funds
        episode.facts.merge(
            facts(
                of: news.anomaly, kind: episode.kind, episode: episode, isFirst: false, record: news.snapshot.record,
                at: news.time, now: news.now))
        close(&episode, as: end, told: told(in: news.snapshot), wasHeld: known.status == .holding, news: news, plan: &plan)
        plan.episode = episode
    }

    /// An end before its beginning: a tombstone. After `arrived` nothing is ever told; after any other end one closing notice goes out.
    func bury(_ news: News, plan: inout Plan) {
        let end = news.anomaly.resolution ?? .closed
        var episode = newEpisode(news, plan: &plan)
        plan.note("outcome", end.rawValue)
        if told(in: news.snapshot).isEmpty, let why = silence(news, priority: episode.priority, plan: &plan) {
            plan.disposition = .suppressed(why)
            return
        }
        episode.status = .tombstone
        episode.resolution = end
        if endsPayout(end) {
            for old in news.snapshot.episodes where (old.status == .open || old.status == .holding) && catalogue[old.kind].rank <= 3 {
                supersede(old, plan: &plan)
            }
        }
        close(&episode, as: end, told: told(in: news.snapshot), wasHeld: false, news: news, plan: &plan)
        plan.episode = episode
    }

    /// Episodes the customer knows of and has not been told the end of: what was superseded before an end went with it.
    private func told(in snapshot: Snapshot) -> [Episode] {
        let ended = snapshot.episodes.contains(where: hasEndedPayout)
        return snapshot.episodes.filter { $0.told && ($0.status == .open || $0.status == .holding || ($0.status == .superseded && !ended)) }
    }

    private func hasEndedPayout(_ episode: Episode) -> Bool {
        (episode.status == .resolved || episode.status == .tombstone) && episode.resolution.map(endsPayout) ?? false
    }

    private func endsPayout(_ end: Resolution) -> Bool {
        switch end {
        case .arrived, .refunded, .returned, .declined, .cancelled, .expired: true
        case .corrected, .closed, .falseAlarm: false
        }
    }

    /// Where the money is after an end that does not say it: an earlier state would contradict the end.
    func funds(after end: Resolution) -> FundsState? {
        switch end {
        case .arrived: .paid
        case .refunded, .returned, .declined, .cancelled, .expired: .inBalance
        case .corrected, .closed, .falseAlarm: nil
        }
    }

    /// The one closing notice, or none.
    private func close(_ episode: inout Episode, as end: Resolution, told: [Episode], wasHeld: Bool, news: News, plan: inout Plan) {
        guard let stage = closingStage(end, kind: episode.kind, wasTold: !told.isEmpty, wasHeld: wasHeld) else {
            plan.disposition = .recorded
            return
        }
        // No tipping off: while a restriction is open, no other kind says anything.
        if episode.kind != .complianceRestricted,
            news.snapshot.episodes.contains(where: { $0.kind == .complianceRestricted && $0.status == .open })
        {
            plan.note("sharper", Kind.complianceRestricted.rawValue)
            plan.disposition = .suppressed(.inhibited)
            return
        }
        let isChild = incident(for: episode, snapshot: news.snapshot) != nil || told.contains { $0.incident != nil }
        var channels: [Channel]
        if isChild {
            channels = [.inApp]
        } else if told.isEmpty {
            channels = channelPlan(episode).now
        } else {
            channels = channelsUsed(by: told, in: news.snapshot)
        }
        if episode.kind == .payoutCancelled, told.isEmpty { channels = [.inApp] }
        plan.notice = notice(
            stage, reason: end == .falseAlarm ? .correction : .resolved, for: &episode, on: channels, contact: news.anomaly.customer,
            snapshot: news.snapshot, now: news.now)
        plan.disposition = .planned
    }

    /// Which text an end is told with; nil when nobody is told.
    private func closingStage(_ end: Resolution, kind: Kind, wasTold: Bool, wasHeld: Bool) -> NoticeStage? {
        switch end {
        case .arrived, .corrected:
            return wasTold ? .resolvedArrived : nil
        case .falseAlarm:
            // A restriction ends neutrally: "our notice was wrong" would be a hint.
            return wasTold ? (kind == .complianceRestricted ? .resolvedArrived : .correction) : nil
        case .closed:
            return nil
        case .declined:
            return kind == .complianceRestricted ? .resolvedRefunded : .reviewDeclined
        case .refunded, .returned, .cancelled, .expired:
            // A return that healed before it was told is told in its own words, with the money already back.
            return kind == .payoutReturned && wasHeld && !wasTold ? .opened : .resolvedRefunded
        }
    }
}
