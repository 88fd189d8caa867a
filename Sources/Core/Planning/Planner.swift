/// Decides who is told what, when and why, or why not. Pure: no clock, store, socket or chance; the same arguments give the same plan.
///
/// The order of questions (docs/planning.md): news, order, kind, dedupe, hold-off, storm, route.
public struct Planner: Sendable {
    public var catalogue: Catalogue
    public var policy: Policy
    public var zones: any ZoneTable
    /// Where a customer's zone is unknown.
    public var defaultZone: String
    /// Channels that have at least one account; in-app always has.
    public var configured: Set<Channel>
    /// Devices that some account serves; one that does not name its platform is served by any.
    public var platforms = Set(Platform.allCases)
    /// Nil: everyone may be reached. In mode `allowlist`: whether this address of this customer may.
    public var allowed: (@Sendable (_ address: Sensitive<Address>, _ customer: String) -> Bool)?
    /// What is said about the fee when no event says it, a word of the fee notes.
    public var feeNote: String

    public init(
        catalogue: Catalogue, policy: Policy, zones: any ZoneTable, defaultZone: String, configured: Set<Channel>,
        allowed: (@Sendable (_ address: Sensitive<Address>, _ customer: String) -> Bool)? = nil,
        feeNote: String
    ) {
        (self.catalogue, self.policy, self.zones, self.defaultZone) = (catalogue, policy, zones, defaultZone)
        (self.configured, self.allowed, self.feeNote) = (configured, allowed, feeNote)
    }

    /// The plan for one anomaly event.
    public func plan(_ anomaly: Anomaly, of event: Event, seq: EventSeq, snapshot: Snapshot, now: Timestamp) -> Plan {
        var plan = Plan()
        plan.note("event", .string(event.id))
        plan.note("type", event.type)
        plan.note("seq", .integer(anomaly.seq))
        guard snapshot.isNews else {
            plan.disposition = .suppressed(.sameNews)
            return plan
        }
        guard !event.isTest else {
            plan.disposition = .suppressed(.testEvent)
            return plan
        }
        if let order = snapshot.order, isStale(anomaly, of: event, against: order) {
            plan.note("applied_seq", .integer(order.lastSeq))
            plan.disposition = .stale
            return plan
        }
        plan.order = OrderState(
            order: anomaly.order, customer: anomaly.customer.id, lastSeq: anomaly.seq, lastTime: event.time, lastEvent: event.id,
            version: (snapshot.order?.version ?? 0) + 1)
        let verdict = classify(anomaly, known: snapshot.episodes.first { $0.anomaly == anomaly.id }, now: now, plan: &plan)
        guard let kind = verdict.kind else {
            plan.note("reason", ReasonCode.noAnomaly.rawValue)
            plan.disposition = .recorded
            return plan
        }
        let news = News(anomaly: anomaly, event: event, seq: seq, kind: kind, snapshot: snapshot, now: now)
        if let known = snapshot.episodes.first(where: { $0.anomaly == anomaly.id }) {
            switch anomaly.stage {
            case .detected, .updated: update(known, with: news, plan: &plan)
            case .resolved: resolve(known, with: news, plan: &plan)
            }
        } else {
            switch anomaly.stage {
            case .detected, .updated: open(news, plan: &plan)
            case .resolved: bury(news, plan: &plan)
            }
        }
        return plan
    }

    /// Everything one question needs to look at.
    struct News {
        var anomaly: Anomaly
        var event: Event
        var seq: EventSeq
        var kind: Kind
        var snapshot: Snapshot
        var now: Timestamp
    }

    /// Lower `seq` than applied is old; at the same `seq` the later time wins, then the greater id.
    private func isStale(_ anomaly: Anomaly, of event: Event, against order: OrderState) -> Bool {
        if anomaly.seq != order.lastSeq { return anomaly.seq < order.lastSeq }
        if event.time != order.lastTime { return event.time < order.lastTime }
        return event.id <= order.lastEvent
    }

    // MARK: Opening

    private func open(_ news: News, plan: inout Plan) {
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
        let hold = holdEnd(news.anomaly, kind: news.kind, time: news.event.time)
        if let hold, hold > news.now {
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

    private func newEpisode(_ news: News, plan: inout Plan) -> Episode {
        let anomaly = news.anomaly
        let rule = catalogue[news.kind]
        var episode = Episode(
            anomaly: anomaly.id, order: anomaly.order, customer: anomaly.customer.id, kind: news.kind, priority: rule.priority,
            status: .open,
            bank: anomaly.bank.code, rail: anomaly.rail, detectedAt: news.event.time, openedBy: news.seq)
        episode.funds = anomaly.funds ?? rule.funds
        episode.step = anomaly.step
        episode.variant = anomaly.details.variant
        episode.deadline = anomaly.details.deadline
        episode.eta = promise(anomaly.expectedAt, rule: rule, now: news.now)
        raise(&episode, by: anomaly, plan: &plan, now: news.now)
        episode.facts = facts(
            of: anomaly, kind: news.kind, episode: episode, isFirst: true, record: news.snapshot.record, at: news.event.time, now: news.now)
        plan.note("kind", news.kind.rawValue)
        plan.note("priority", episode.priority.rawValue)
        return episode
    }

    /// Rules may only raise; the name of each that does is recorded. Asked again with every update: a deadline comes nearer.
    private func raise(_ episode: inout Episode, by anomaly: Anomaly, plan: inout Plan, now: Timestamp) {
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

    // MARK: Updating

    private func update(_ known: Episode, with news: News, plan: inout Plan) {
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
        raise(&episode, by: anomaly, plan: &plan, now: news.now)
        episode.facts.merge(
            facts(
                of: anomaly, kind: episode.kind, episode: episode, isFirst: false, record: news.snapshot.record, at: news.event.time,
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
        // Neutral for the customer, whatever happens inside.
        guard episode.kind != .complianceRestricted else {
            plan.episode = episode
            plan.disposition = .recorded
            return
        }
        let answer = dedupe(episode, marks: news.snapshot.marks, now: news.now)
        plan.note("dedupe", answer.rawValue)
        guard answer.isTold else {
            plan.suppressedMarks = news.snapshot.marks
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

    private func isApproval(_ step: String?, kind: Kind) -> Bool {
        kind == .riskHold && (step == "review_approved_or_declined" || step == "sent_to_bank_or_refunded" || step == "sent_to_bank")
    }

    /// Compares what would be told now with what was told last.
    func dedupe(_ episode: Episode, marks: [DedupeMark], now: Timestamp) -> ReasonCode {
        let live = marks.filter { $0.status != .released }
        guard let last = live.max(by: { $0.toldAt < $1.toldAt }) else { return .first }
        if episode.priority > last.priority { return .priorityRaised }
        if episode.funds != last.funds || episode.step != last.step { return .stateChanged }
        if let eta = episode.etaBucket, let told = last.etaBucket, eta > told { return .etaBroken }
        let waits = policy.kinds[episode.kind]?.repeats ?? policy.repeats
        guard last.repeats < waits.count else { return .sameState }
        return now >= last.toldAt + waits[last.repeats] ? .repeatDue : .repeatNotDue
    }

    // MARK: Ending

    private func resolve(_ known: Episode, with news: News, plan: inout Plan) {
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
        plan.cancels.append((known.id, .superseded))
        episode.version += 1
        episode.status = .resolved
        episode.resolution = end
        episode.funds = news.anomaly.funds ?? episode.funds
        episode.facts.merge(
            facts(
                of: news.anomaly, kind: episode.kind, episode: episode, isFirst: false, record: news.snapshot.record,
                at: news.event.time, now: news.now))
        close(&episode, as: end, told: told(in: news.snapshot), wasHeld: known.status == .holding, news: news, plan: &plan)
        plan.episode = episode
    }

    /// An end before its beginning: a tombstone. After `arrived` nothing is ever told; after any other end one closing notice goes out.
    private func bury(_ news: News, plan: inout Plan) {
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

extension Episode {
    /// Whole hours since 1970: a promise that moves inside the hour is the same promise.
    public var etaBucket: Int64? { eta.map { $0.seconds / 3600 } }
}
