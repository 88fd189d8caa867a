extension Planner {
    func open(_ news: News, plan: inout Plan) {
        let rule = catalogue[news.kind]
        var episode = newEpisode(news, plan: &plan)
        if let why = silence(news, priority: episode.priority, plan: &plan) {
            plan.disposition = .suppressed(why)
            return
        }
        let open = news.snapshot.episodes.filter { $0.status == .open || $0.status == .holding }
        if let sharper = open.first(where: { catalogue[$0.kind].rank > rule.rank }) {
            episode.status = .superseded
            plan.episode = episode
            plan.note("sharper", sharper.kind.rawValue)
            plan.disposition = .suppressed(.inhibited)
            return
        }
        if rule.rank > 0 {
            for old in open { supersede(old, plan: &plan) }
        }
        countStorm(news, episode: &episode, plan: &plan)
        let hold = holdEnd(news.anomaly, kind: news.kind, time: news.time)
        if let hold, hold > news.now, !PlantedBug.ignoresHoldOff.isActive {
            episode.status = .holding
            episode.holdUntil = hold
            plan.episode = episode
            plan.timers.append(StoredTimer(step: .holdEnd, due: hold))
            plan.note("hold_until", hold)
            plan.note("reason", ReasonCode.holdRunning.rawValue)
            plan.disposition = .pending
            return
        }
        plan.disposition = tell(&episode, contact: news.anomaly.customer, snapshot: news.snapshot, plan: &plan, now: news.now)
        plan.episode = episode
    }

    func newEpisode(_ news: News, plan: inout Plan) -> Episode {
        let anomaly = news.anomaly
        let rule = catalogue[news.kind]
        var episode = Episode(
            anomaly: anomaly.id, order: anomaly.order, customer: anomaly.customer.id, kind: news.kind, priority: rule.priority,
            status: .open,
            bank: anomaly.bank.code, rail: anomaly.rail, detectedAt: news.time, openedBy: news.seq)
        episode.funds = anomaly.funds ?? anomaly.resolution.flatMap(funds(after:)) ?? rule.funds
        episode.step = anomaly.step
        episode.variant = anomaly.details.variant
        episode.deadline = anomaly.details.deadline
        episode.eta = promise(anomaly.expectedAt, rule: rule, now: news.now)
        raise(&episode, by: anomaly, plan: &plan, now: news.now)
        episode.facts = facts(
            of: anomaly, kind: news.kind, episode: episode, isFirst: true, record: news.snapshot.record, at: news.time, now: news.now)
        plan.note("kind", news.kind.rawValue)
        plan.note("priority", episode.priority.rawValue)
        return episode
    }

    /// Rules may only raise; the name of each that does is recorded. Asked again with every update: a deadline comes nearer.
    func raise(_ episode: inout Episode, by anomaly: Anomaly, plan: inout Plan, now: Timestamp) {
        for rule in policy.raises where rule.to > episode.priority && applies(rule, to: anomaly, episode: episode, now: now) {
            episode.priority = rule.to
            plan.note("raised_by", rule.name)
        }
    }

    private func applies(_ rule: RaiseRule, to anomaly: Anomaly, episode: Episode, now: Timestamp) -> Bool {
        guard rule.kinds.isEmpty || rule.kinds.contains(episode.kind) else { return false }
        if let within = rule.deadlineWithin {
            guard let deadline = episode.deadline, deadline > now, deadline - now < within else { return false }
        }
        if !rule.amountAtLeast.isEmpty {
            guard let amount = anomaly.amount, let least = rule.amountAtLeast[amount.currency.code], amount.minor >= least else {
                return false
            }
        }
        return rule.deadlineWithin != nil || !rule.amountAtLeast.isEmpty
    }

    /// A sharper kind, or the end of the payout, takes the place of an older episode.
    func supersede(_ old: Episode, plan: inout Plan) {
        var old = old
        if old.status == .holding { plan.decided.append(EventDecision(old.openedBy, .suppressed(.superseded))) }
        old.status = .superseded
        old.version += 1
        plan.others.append(old)
        plan.cancels.append((old.id, .superseded))
        plan.note("supersedes", old.anomaly)
    }

    /// When the hold-off ends; nil when the kind is told at once.
    func holdEnd(_ anomaly: Anomaly, kind: Kind, time: Timestamp) -> Timestamp? {
        switch catalogue[kind].holdOff {
        case .fixed(let wait):
            return wait == .zero ? nil : time + wait
        case .baseline:
            let wait = catalogue.baselines[anomaly.bank.code]?[anomaly.rail]?.holdOff ?? catalogue.rails[anomaly.rail] ?? .zero
            return (anomaly.submittedAt ?? time) + wait
        }
    }
}
