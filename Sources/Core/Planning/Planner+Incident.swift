extension Planner {
    /// The incident an episode is a child of: one of its bank and rail that covers its time, when the kind merges into incidents or the
    /// storm is of this very kind.
    func incident(for episode: Episode, snapshot: Snapshot) -> Incident? {
        guard let incident = snapshot.incidents.first(where: { $0.covers(episode.detectedAt) }) else { return nil }
        if catalogue[episode.kind].mergesIntoIncident { return incident }
        return snapshot.stormCountOfKind >= policy.storm.count && quietRule(episode.kind) != .breakThrough ? incident : nil
    }

    /// One message per customer and incident; every further child of that customer is absorbed.
    func tellChild(
        of incident: Incident, _ episode: inout Episode, contact: CustomerRef, snapshot: Snapshot, plan: inout Plan, now: Timestamp
    ) -> Disposition {
        episode.incident = incident.id
        plan.note("incident", incident.announced ?? incident.id)
        armEscalation(episode, snapshot: snapshot, plan: &plan)
        if let member = snapshot.member, member.incident == incident.id, !PlantedBug.tellsEveryChild.isActive {
            plan.note("told_with", member.order.description)
            return .suppressed(.stormAbsorbed)
        }
        let merges = catalogue[episode.kind].mergesIntoIncident
        var kind = episode.kind
        if merges, incident.closedAt == nil {
            kind = .channelOutage
            episode.facts.set(
                .window, phrase: incident.until == nil ? "open" : "until", of: .windows,
                with: incident.until.map { [.until: $0.templateValue] } ?? [:])
        }
        let candidates: [Channel] = merges ? [.push, .mail] : channelPlan(episode).now.filter { $0 != .inApp } + [.mail]
        var told = notice(.opened, reason: .first, for: &episode, as: kind, on: candidates, contact: contact, snapshot: snapshot, now: now)
        // In-app and the first channel that works: never two messages for one incident.
        let chosen = candidates.first { wanted in told.channels.contains { $0.channel == wanted && $0.isSending } }
        told.channels = told.channels.filter { $0.channel == .inApp || $0.channel == chosen || (chosen == nil && !$0.isSending) }
        plan.notice = told
        plan.member = IncidentMember(incident: incident.id, customer: episode.customer, order: episode.order, toldAt: now)
        openReview(episode, rule: catalogue[episode.kind], snapshot: snapshot, plan: &plan, now: now)
        return .planned
    }

    /// Counts towards a storm; the one that goes over the mark opens the incident.
    func countStorm(_ news: News, episode: inout Episode, plan: inout Plan) {
        guard catalogue[news.kind].rank > 0, news.snapshot.stormCount + 1 > policy.storm.count,
            !news.snapshot.incidents.contains(where: { $0.covers(news.time) })
        else { return }
        let incident = Incident(
            id: "storm-\(episode.bank)-\(episode.rail)-\(news.time.seconds)", bank: episode.bank, rail: episode.rail,
            since: news.time - policy.storm.within)
        plan.incident = incident
        plan.note("opens_incident", incident.id)
        announce(incident, plan: &plan, now: news.now)
        plan.timers.append(StoredTimer(step: .storm, incident: incident.id, due: news.now + Planner.stormQuiet))
    }

    /// A storm that nobody announced is over when nothing new came for this long.
    public static let stormQuiet: Duration = .minutes(30)
    /// After an incident closed, payouts that arrive by themselves within this time need no "payouts are back".
    public static let incidentGrace: Duration = .minutes(15)

    private func announce(_ incident: Incident, plan: inout Plan, now: Timestamp) {
        let name = incident.announced ?? incident.id
        plan.reviews.append(
            ReviewItem(
                cause: .incident, order: nil, kind: .channelOutage, detail: "\(name): \(incident.bank) on \(incident.rail)", openedAt: now))
        plan.findings.append(finding(.incidentOpened, incident, at: incident.since))
        armEscalation(incident, plan: &plan)
    }

    /// The plan for an `incident.*` event. `incidents` of its bank and rail, newest first.
    public func plan(_ news: IncidentNews, of event: Event, seq: EventSeq, incidents: [Incident], now: Timestamp) -> Plan {
        var plan = Plan()
        plan.note("event", .string(event.id))
        plan.note("incident", news.id)
        guard !event.isTest else {
            plan.disposition = .suppressed(.testEvent)
            return plan
        }
        let known =
            incidents.first { $0.announced == news.id || $0.id == news.id } ?? incidents.first { $0.announced == nil && $0.closedAt == nil }
        switch news.stage {
        case .opened, .updated:
            if var incident = known {
                guard incident.closedAt == nil else {
                    plan.disposition = .stale
                    return plan
                }
                // A storm that was counted before is this incident.
                if incident.announced == nil { incident.announced = news.id }
                incident.since = min(incident.since, news.since)
                incident.until = news.until ?? incident.until
                plan.incident = incident
                plan.disposition = .recorded
            } else {
                let incident = Incident(
                    id: news.id, bank: news.bank, rail: news.rail, since: news.since, until: news.until, announced: news.id)
                plan.incident = incident
                announce(incident, plan: &plan, now: now)
                plan.disposition = .recorded
            }
        case .closed:
            guard var incident = known else {
                // The end overtook the beginning: nobody was told, and the beginning will be stale.
                plan.incident = Incident(
                    id: news.id, bank: news.bank, rail: news.rail, since: news.since, until: news.until, closedAt: now, announced: news.id)
                plan.disposition = .recorded
                return plan
            }
            guard incident.closedAt == nil else {
                plan.disposition = .stale
                return plan
            }
            if incident.announced == nil { incident.announced = news.id }
            incident.until = news.until ?? incident.until
            incident.closedAt = now
            plan.incident = incident
            // The event stays pending until the timer knows whether anyone was told; its argument says which event.
            plan.timers.append(
                StoredTimer(step: .incidentOver, incident: incident.id, argument: Int(seq), due: now + Planner.incidentGrace))
            plan.findings.append(finding(.incidentClosed, incident, at: now))
            plan.disposition = .pending
        }
        return plan
    }

    private func finding(_ topic: Finding.Topic, _ incident: Incident, at moment: Timestamp) -> Finding {
        var facts = Facts()
        facts.set(.bank, PlainText(incident.bank))
        facts.set(.method, term: incident.rail, of: .rails)
        facts.set(.receivedAt, moment)
        return Finding(topic, subject: incident.announced ?? incident.id, facts: facts)
    }
}
