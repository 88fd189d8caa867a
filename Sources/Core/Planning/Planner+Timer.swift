extension Planner {
    /// The hold-off of an episode ended and nothing happened meanwhile: tell it.
    public func holdEnded(_ episode: Episode, contact: CustomerRef, snapshot: Snapshot, now: Timestamp) -> Plan {
        var plan = Plan()
        plan.note("anomaly", episode.anomaly)
        plan.note("kind", episode.kind.rawValue)
        guard episode.status == .holding else {
            plan.note("status", episode.status.rawValue)
            return plan
        }
        var episode = episode
        episode.version += 1
        let disposition = tell(&episode, contact: contact, snapshot: snapshot, plan: &plan, now: now)
        plan.decided.append(EventDecision(episode.openedBy, disposition))
        plan.episode = episode
        return plan
    }

    /// A `then` step of the policy: more channels for the same notice, unless something better is known by now.
    public func fallback(
        _ index: Int, of notice: Notice, episode: Episode, contact: CustomerRef, confirmed: Bool, seen: Bool, snapshot: Snapshot,
        now: Timestamp
    ) -> Plan {
        var plan = Plan()
        plan.note("step", .integer(index))
        let steps = channelPlan(episode).then
        guard steps.indices.contains(index), episode.status == .open else {
            plan.note("status", episode.status.rawValue)
            return plan
        }
        let step = steps[index]
        let met =
            switch step.unless {
            case .delivered: confirmed
            case .seen: seen
            }
        plan.note("unless", step.unless.rawValue)
        plan.note("met", .bool(met))
        guard !met else {
            if step.unless == .seen { plan.note("reason", ReasonCode.alreadyReadElsewhere.rawValue) }
            return plan
        }
        var told = episode
        let own = snapshot.deliveries.filter { $0.notice == notice.id }
        let outside = own.filter { $0.channel != .inApp && $0.state != .blocked }
        // A newer notice took its place before it was heard, with steps of its own.
        guard outside.isEmpty || !outside.allSatisfy({ $0.state == .cancelled && $0.reason == .superseded }) else {
            plan.note("reason", ReasonCode.superseded.rawValue)
            return plan
        }
        let present = Set(own.map(\.channel))
        let channels = step.use.filter { !present.contains($0) }
        guard !channels.isEmpty else { return plan }
        var more = self.notice(
            notice.stage, reason: .fallbackDue, for: &told, as: notice.kind, on: channels, contact: contact, snapshot: snapshot, now: now)
        more.channels.removeAll { $0.channel == .inApp }
        more.extends = notice.id
        more.facts = notice.facts
        plan.notice = more
        plan.episode = episode
        return plan
    }

    /// The promised time passed and the money is not there: say so once more, with a new time, at most as often as the policy repeats.
    public func promiseBroken(_ timer: StoredTimer, episode: Episode, contact: CustomerRef, snapshot: Snapshot, now: Timestamp) -> Plan {
        var plan = Plan()
        plan.note("kind", episode.kind.rawValue)
        let said = Set(snapshot.deliveries.filter { $0.channel == .inApp && $0.episode == episode.id }.map(\.notice)).count
        guard episode.status == .open, episode.told, episode.incident == nil, episode.etaBucket == Int64(timer.argument),
            said <= policy.repeats.count
        else {
            plan.note("status", episode.status.rawValue)
            return plan
        }
        var episode = episode
        let eta = Planner.hour(after: now + catalogue[episode.kind].promise)
        episode.eta = eta
        episode.version += 1
        episode.facts.set(.eta, eta)
        var snapshot = snapshot
        let channels = takeOver(from: episode, contact: contact, snapshot: &snapshot, plan: &plan, now: now)
        plan.notice = notice(
            .stillWaiting, reason: .etaBroken, for: &episode, on: channels,
            contact: contact,
            snapshot: snapshot, now: now)
        plan.timers.append(StoredTimer(step: .promise, argument: Int(eta.seconds / 3600), due: eta))
        plan.episode = episode
        return plan
    }

    /// An update that came too soon after another one is due. The newest of them speaks for all; what was told meanwhile is not told again.
    public func updateDue(_ timer: StoredTimer, isNewest: Bool, episode: Episode, contact: CustomerRef, snapshot: Snapshot, now: Timestamp)
        -> Plan
    {
        var plan = Plan()
        let event = EventSeq(timer.argument)
        plan.note("kind", episode.kind.rawValue)
        let answer = dedupe(episode, marks: snapshot.marks, now: now)
        guard isNewest, episode.status == .open, episode.told, answer.isTold, answer != .repeatDue else {
            plan.decided.append(EventDecision(event, .suppressed(.rateLimitedCustomer)))
            return plan
        }
        var episode = episode
        plan.note("dedupe", answer.rawValue)
        var snapshot = snapshot
        let channels = takeOver(from: episode, contact: contact, snapshot: &snapshot, plan: &plan, now: now)
        plan.notice = notice(
            .progress, reason: answer, for: &episode, on: channels, contact: contact,
            snapshot: snapshot, now: now)
        plan.decided.append(EventDecision(event, .planned))
        plan.episode = episode
        return plan
    }

    /// Half time, or 24 hours before a deadline of the customer's.
    public func remind(episode: Episode, contact: CustomerRef, snapshot: Snapshot, now: Timestamp) -> Plan {
        var plan = Plan()
        plan.note("kind", episode.kind.rawValue)
        let isMissing = !(episode.step?.hasSuffix("_received") ?? false)
        guard episode.status == .open, episode.told, episode.deadline.map({ $0 > now }) ?? false, episode.facts[.materials] != nil,
            isMissing
        else {
            plan.note("status", episode.status.rawValue)
            return plan
        }
        var episode = episode
        var snapshot = snapshot
        let channels = takeOver(from: episode, contact: contact, snapshot: &snapshot, plan: &plan, now: now)
        plan.notice = notice(
            .materialsReminder, reason: .repeatDue, for: &episode, on: channels,
            contact: contact, snapshot: snapshot, now: now)
        plan.episode = episode
        return plan
    }

    /// "Payouts are back", in the app, to one member whose payout is still open.
    public func incidentOver(episode: Episode, contact: CustomerRef, snapshot: Snapshot, now: Timestamp) -> Plan {
        var plan = Plan()
        plan.note("kind", episode.kind.rawValue)
        guard episode.status == .open, episode.told else {
            plan.note("status", episode.status.rawValue)
            return plan
        }
        var episode = episode
        let eta = Planner.hour(after: now + catalogue[episode.kind].promise)
        episode.eta = eta
        episode.facts.set(.eta, eta)
        plan.notice = notice(.incidentOver, reason: .resolved, for: &episode, on: [.inApp], contact: contact, snapshot: snapshot, now: now)
        plan.episode = episode
        return plan
    }
}
