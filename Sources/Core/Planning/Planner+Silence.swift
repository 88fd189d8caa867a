extension Planner {
    /// Whether nobody is to be told of a new matter, and why; nil when it is to be told. Such a matter leaves no episode: its next event is
    /// asked again.
    func silence(_ news: News, priority: Priority, plan: inout Plan) -> ReasonCode? {
        if let limit = policy.tooOldAfter, news.time + limit < news.now { return .tooOld }
        if let own = policy.kinds[news.kind]?.plan, own.now.isEmpty { return .noRule }
        guard priority < .high, let rule = policy.excludes.first(where: { applies($0, to: news) }) else { return nil }
        plan.note("excluded_by", rule.name)
        return rule.amountBelow.isEmpty ? .ruleExcluded : .belowThreshold
    }

    private func applies(_ rule: ExcludeRule, to news: News) -> Bool {
        guard rule.kinds.isEmpty || rule.kinds.contains(news.kind) else { return false }
        guard rule.banks.isEmpty || rule.banks.contains(news.anomaly.bank.code) else { return false }
        guard !rule.amountBelow.isEmpty else { return true }
        return news.anomaly.amount.flatMap { amount in rule.amountBelow[amount.currency.code].map { amount.minor < $0 } } ?? false
    }

    /// The brake on bursts, outside incidents: more first notices of one kind in a minute than the policy allows look like a broken rule or
    /// code list. The episode goes on holding, and is decided again later. True when it was held.
    func holdBurst(_ episode: inout Episode, snapshot: Snapshot, plan: inout Plan, now: Timestamp) -> Bool {
        // A restriction leaves when a review of risk would.
        if episode.priority == .high, catalogue[episode.kind].rank == 2 || episode.kind.isDiscreet { return false }
        guard snapshot.toldThisMinute >= policy.caps.burstPerMinute else {
            plan.burst = .told(episode.kind)
            return false
        }
        // A person had the time to look; from then on they leave minute by minute.
        let due = snapshot.waitedForBurst ? Timestamp(seconds: (now.seconds / 60 + 1) * 60) : now + policy.caps.burstHold
        episode.status = .holding
        episode.holdUntil = due
        // The argument tells it from the hold-off of the kind.
        plan.timers.append(StoredTimer(step: .holdEnd, argument: Int(due.seconds), due: due))
        plan.burst = .held(episode.kind)
        plan.note("burst_until", due)
        plan.note("reason", ReasonCode.burstCap.rawValue)
        if snapshot.heldThisHour == 0 { alarm(episode, plan: &plan, now: now) }
        return true
    }

    private func alarm(_ episode: Episode, plan: inout Plan, now: Timestamp) {
        let words = "\(episode.kind.rawValue): more than \(policy.caps.burstPerMinute) first notices in a minute, the others wait"
        plan.reviews.append(ReviewItem(cause: .burst, order: episode.order, kind: episode.kind, detail: words, openedAt: now))
        var facts = Facts()
        facts.set(.reason, PlainText(words, limit: 200))
        facts.set(.receivedAt, now)
        plan.findings.append(Finding(.burst, subject: "\(episode.kind.rawValue)-\(now.description.prefix(13))", facts: facts))
    }
}
