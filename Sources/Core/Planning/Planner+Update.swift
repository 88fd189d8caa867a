extension Planner {
    func update(_ known: Episode, with news: News, plan: inout Plan) {
        var episode = known
        let anomaly = news.anomaly
        let rule = catalogue[episode.kind]
        plan.note("kind", episode.kind.rawValue)
        guard known.status == .open || known.status == .holding else {
            plan.note("reason", (known.status == .superseded ? ReasonCode.inhibited : .alreadyResolved).rawValue)
            plan.disposition = .recorded
            return
        }
        episode.version += 1
        episode.funds = anomaly.funds ?? episode.funds
        episode.step = anomaly.step ?? episode.step
        episode.deadline = anomaly.details.deadline ?? episode.deadline
        episode.variant = anomaly.details.variant ?? episode.variant
        if let expected = anomaly.expectedAt, expected > news.now { episode.eta = expected }
        if known.status == .open { moveEscalation(from: known, to: episode, plan: &plan) }
        // The new time is watched like the old one was.
        if known.told, known.status == .open, known.isPromisedLater(in: episode) { armPromise(episode, plan: &plan, now: news.now) }
        raise(&episode, by: anomaly, plan: &plan, now: news.now)
        episode.facts.merge(
            facts(
                of: anomaly, kind: episode.kind, episode: episode, isFirst: false, record: news.snapshot.record, at: news.time,
                now: news.now))
        if rule.review == .materials, let step = anomaly.step, step.hasSuffix("_received") {
            plan.reviews.append(
                ReviewItem(cause: .kind, order: episode.order, kind: episode.kind, detail: "material received: \(step)", openedAt: news.now)
            )
        }
        guard known.status == .open, known.told else {
            plan.episode = episode
            if known.incident != nil, known.status == .open {
                plan.disposition = .suppressed(.stormAbsorbed)
            } else {
                plan.note("reason", ReasonCode.holdRunning.rawValue)
                plan.disposition = .recorded
            }
            return
        }
        let answer = dedupe(episode, marks: news.snapshot.marks, now: news.now)
        plan.note("dedupe", answer.rawValue)
        guard answer.isTold else {
            plan.episode = episode
            plan.disposition = .suppressed(answer)
            return
        }
        var stage: NoticeStage = isApproval(anomaly.step, kind: episode.kind) ? .reviewApproved : answer == .repeatDue ? .opened : .progress
        let isFirstOutside = isUnheard(known, in: news.snapshot)
        if stage == .progress, isFirstOutside { stage = .opened }
        if stage == .progress, answer != .priorityRaised, !asksForAction(anomaly, of: known),
            let due = nextUpdate(after: news.snapshot.marks), due > news.now
        {
            plan.note("reason", ReasonCode.rateLimitedCustomer.rawValue)
            plan.note("next_update", due)
            // Pending until the timer decides; its argument says which event.
            plan.timers.append(StoredTimer(step: .update, argument: Int(news.seq), due: due))
            plan.episode = episode
            plan.disposition = .pending
            return
        }
        var snapshot = news.snapshot
        var channels = takeOver(from: known, contact: anomaly.customer, snapshot: &snapshot, plan: &plan, now: news.now)
        // More urgent than before: also where the higher priority goes.
        if answer == .priorityRaised { channels = Set(channels).union(channelPlan(episode).now).sorted() }
        var told = notice(
            stage, reason: answer, for: &episode, on: channels, contact: anomaly.customer, snapshot: snapshot, now: news.now)
        if isFirstOutside { told.fallbacks = fallbacks(of: episode, from: news.now) }
        plan.notice = told
        plan.episode = episode
        plan.disposition = .planned
    }

    /// Steps that ask the customer for something, and new deadlines, wait for nothing.
    private func asksForAction(_ anomaly: Anomaly, of known: Episode) -> Bool {
        if let step = anomaly.step, step != known.step, step.hasSuffix("_requested") { return true }
        if let deadline = anomaly.details.deadline, deadline != known.deadline { return true }
        return !anomaly.details.materials.isEmpty
    }

    /// When the next update may be told; nil when there was none yet.
    private func nextUpdate(after marks: [DedupeMark]) -> Timestamp? {
        let told = marks.filter { $0.status != .released && ($0.stage == .progress || $0.stage == .stillWaiting) }.map(\.toldAt)
        return told.max().map { $0 + policy.updatesEvery }
    }

    func isApproval(_ step: String?, kind: Kind) -> Bool {
        kind == .riskHold && (step == "review_approved_or_declined" || step == "sent_to_bank_or_refunded" || step == "sent_to_bank")
    }

    /// Compares what would be told now with what was told last.
    func dedupe(_ episode: Episode, marks: [DedupeMark], now: Timestamp) -> ReasonCode {
        let live = marks.filter { $0.status != .released }
        guard let last = live.max(by: { $0.toldAt < $1.toldAt }), !PlantedBug.ignoresWhatWasTold.isActive else { return .first }
        if episode.priority > last.priority { return .priorityRaised }
        if episode.funds != last.told.funds || episode.step != last.told.step { return .stateChanged }
        if let eta = episode.etaBucket, let told = last.told.etaBucket, eta > told { return .etaBroken }
        let waits = policy.kinds[episode.kind]?.repeats ?? policy.repeats
        guard last.told.repeats < waits.count else { return .sameState }
        return now >= last.toldAt + waits[last.told.repeats] ? .repeatDue : .repeatNotDue
    }
}

extension Episode {
    /// Whole hours since 1970: a promise that moves inside the hour is the same promise.
    public var etaBucket: Int64? { eta.map { $0.seconds / 3600 } }
    /// What was promised stays the promise when an earlier time is expected.
    func isPromisedLater(in newer: Episode) -> Bool {
        guard let eta, let later = newer.eta else { return eta == nil && newer.eta != nil }
        return later > eta
    }
}
