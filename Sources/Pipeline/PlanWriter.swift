import Core
import Store
import Templates

/// Carries out a plan inside the transaction it was made in. All of it or nothing.
struct PlanWriter: Sendable {
    let planner: Planner
    let renderer: NoticeRenderer
    let mode: Mode
    let staff: StaffDesk

    /// What a plan is about.
    struct Cause {
        var event: EventSeq?
        var order: OrderNumber?
        var customer: String
        var timer: StoredTimer.Step?
        var marks: [DedupeMark]
    }

    /// Returns the notice and its deliveries, if one was made.
    ///
    /// - Parameter atOnce: what leaves in this transaction; nil where nothing may.
    @discardableResult
    func carryOut(_ plan: Plan, cause: Cause, atOnce: AtOnce? = nil, now: Timestamp, _ writer: any StoreWriter) throws -> Filed? {
        if let order = plan.order { try writer.save(order) }
        var episode = plan.episode
        if let subject = episode {
            let isToldNext = plan.notice.map { $0.extends == nil && $0.facts.lasting == subject.facts } ?? false
            episode?.id = try writer.save(subject, isToldNext: isToldNext)
        }
        for other in plan.others { _ = try writer.save(other) }
        for cancel in plan.cancels { try EpisodeEnd.carryOut(cancel.episode, reason: cancel.reason, now: now, writer) }
        for old in plan.withdraws { try EpisodeEnd.withdraw(old.episode, reason: old.reason, now: now, writer) }
        switch plan.burst {
        case .told(let kind): try writer.raise(counter: Counters.told(kind), bucket: Counters.minute(of: now), by: 1)
        case .held(let kind): try writer.raise(counter: Counters.held(kind), bucket: Counters.hour(of: now), by: 1)
        case nil: break
        }
        if let incident = plan.incident { try file(incident, now: now, writer) }
        if let member = plan.member { try writer.save(member) }
        var record = plan.record
        var filed: Filed?
        var intents: [Dispatch.Intent] = []
        if let notice = plan.notice, let episode {
            let notice = try file(notice, episode: episode, cause: cause, atOnce: atOnce, intents: &intents, now: now, writer)
            record.append(("notice", notice.record))
            filed = notice
        }
        for timer in plan.timers {
            var timer = timer
            if timer.incident.isEmpty { timer.episode = episode?.id ?? 0 }
            _ = try writer.arm(timer)
        }
        for item in plan.reviews {
            var item = item
            item.episode = episode?.id
            try file(item, now: now, writer)
        }
        if !plan.moves.isEmpty, let episode { try move(plan.moves, of: episode.id, writer) }
        if let task = plan.task { try file(task, now: now, writer) }
        for finding in plan.findings { try staff.tell(finding, mode: mode, now: now, writer) }
        for decided in plan.decided { try writer.finish(decided.event, as: decided.disposition) }
        if let event = cause.event, let disposition = plan.disposition { try writer.finish(event, as: disposition) }
        try log(record, plan: plan, cause: cause, notice: filed?.notice.id, now: now, writer)
        for intent in intents { try atOnce?.start(intent, now: now, writer) }
        return filed
    }

    private func log(_ record: [(String, JSON)], plan: Plan, cause: Cause, notice: NoticeID?, now: Timestamp, _ writer: any StoreWriter)
        throws
    {
        var body = record
        if let timer = cause.timer { body.insert(("timer", .string(timer.rawValue)), at: 0) }
        if let disposition = plan.disposition ?? plan.decided.first?.disposition {
            body.append(("disposition", .string(disposition.word)))
            if let reason = disposition.reason { body.append(("disposition_reason", .string(reason.rawValue))) }
        }
        try writer.append(LogEntry(.decision, at: now, order: cause.order, event: cause.event, notice: notice, body: .object(body)))
    }

    private func file(_ incident: Incident, now: Timestamp, _ writer: any StoreWriter) throws {
        try writer.save(incident)
        var body: [(String, JSON)] = [("id", .string(incident.id)), ("bank", .string(incident.bank)), ("rail", .string(incident.rail))]
        if let announced = incident.announced { body.append(("announced", .string(announced))) }
        body.append(("since", .string(incident.since.description)))
        if let closed = incident.closedAt { body.append(("closed_at", .string(closed.description))) }
        try writer.append(LogEntry(.incident, at: now, body: .object(body)))
    }

    private func file(_ item: ReviewItem, now: Timestamp, _ writer: any StoreWriter) throws {
        let id = try writer.insert(item)
        try writer.append(
            LogEntry(
                .review, at: now, order: item.order,
                body: ["cause": .string(item.cause.rawValue), "detail": .string(item.detail), "id": .integer(id)]))
    }

    // MARK: Notices

    /// In-app exists even if every provider is down: it is written with the decision.
    private func file(
        _ plan: NoticePlan, episode: Episode, cause: Cause, atOnce: AtOnce?, intents: inout [Dispatch.Intent], now: Timestamp,
        _ writer: any StoreWriter
    ) throws -> Filed {
        let chosen = renderer.texts.choose(for: episode.customer)
        let old = plan.repeats
        let wording = chosen.wording(kind: plan.kind, stage: plan.stage, variant: plan.variant, locale: plan.locale) {
            Share.draw(episode.customer, "wording \(plan.kind.rawValue)")
        }
        var notice = Notice(
            episode: episode.id, episodeVersion: episode.version, order: episode.order, anomaly: episode.anomaly, audience: .customer,
            customer: episode.customer, kind: plan.kind, stage: plan.stage, variant: plan.variant, priority: plan.priority,
            reason: plan.reason, locale: plan.locale, timeZone: plan.timeZone, privatePreview: plan.privatePreview,
            templateRevision: old?.templateRevision ?? chosen.revision, facts: plan.facts, plannedAt: now, event: cause.event,
            told: old?.told ?? told(plan, episode: episode, cause: cause), isCounted: plan.isCounted,
            wording: old == nil ? wording : old?.wording)
        var deliveries = plan.channels.map { delivery($0, plan: plan, episode: episode, now: now) }
        if let id = plan.extends {
            notice.id = id
            deliveries = try deliveries.compactMap { delivery in
                var delivery = delivery
                delivery.notice = id
                // One that the notice has on this channel already stays as it is.
                return try writer.insert(delivery)
            }
        } else {
            let isInApp = deliveries.contains { $0.channel == .inApp && $0.state == .delivered }
            let inApp = isInApp ? try renderer.inApp(notice, kept: writer) : nil
            try writer.name(&notice, &deliveries)
            if let atOnce {
                for index in deliveries.indices {
                    guard let intent = try atOnce.intent(for: deliveries[index], of: notice, now: now, writer) else { continue }
                    deliveries[index] = intent.delivery
                    intents.append(intent)
                }
            }
            try writer.insert(
                notice, deliveries: deliveries, inApp: inApp, sent: intents.map { ($0.attempt.delivery, $0.attempt.bytes) })
        }
        for step in plan.fallbacks {
            _ = try writer.arm(
                StoredTimer(step: .fallback, episode: episode.id, notice: notice.id, argument: step.index, due: step.due))
        }
        if let due = planner.callDue(plan, now: now), !PlantedBug.forgetsSupport.isActive {
            _ = try writer.arm(StoredTimer(step: .call, episode: episode.id, notice: notice.id, due: due))
        }
        return Filed(notice: notice, deliveries: deliveries)
    }

    private func delivery(_ decision: ChannelDecision, plan: NoticePlan, episode: Episode, now: Timestamp) -> Delivery {
        let budget = planner.policy.budgets[plan.priority] ?? .hours(24)
        var delivery = Delivery(
            episode: episode.id, order: episode.order, customer: episode.customer, channel: decision.channel, priority: plan.priority,
            state: .blocked, reason: decision.reason, mode: mode, address: Sensitive(.inbox), nextAt: nil, expires: now + budget,
            plannedAt: now)
        guard case .send(let address, let leaves, _) = decision.fate else { return delivery }
        delivery.expires = leaves + budget
        guard decision.channel != .inApp else {
            delivery.state = .delivered
            return delivery
        }
        (delivery.state, delivery.nextAt) = (.ready, leaves)
        (delivery.address, delivery.maskedAddress) = (address, MaskedAddress(address))
        return delivery
    }

    /// What the next notice of the episode is compared with. A reminder and an apology do not tell the step: what was told last stays the last.
    private func told(_ plan: NoticePlan, episode: Episode, cause: Cause) -> ToldState {
        let live = cause.marks.filter { $0.status != .released }
        let repeats = live.map(\.told.repeats).max() ?? 0
        let before = plan.stage == .stillWaiting || plan.stage == .materialsReminder ? live.max { $0.toldAt < $1.toldAt }?.told : nil
        return ToldState(
            funds: before.map(\.funds) ?? episode.funds, step: before.map(\.step) ?? episode.step, etaBucket: episode.etaBucket,
            repeats: plan.reason == .repeatDue ? repeats + 1 : 0)
    }
}

extension Filed {
    /// What the decision says of it, in the order of the names.
    fileprivate var record: JSON {
        var members: [(String, JSON)] = [
            ("channels", .object(deliveries.map { ($0.channel.rawValue, Self.record(of: $0)) })), ("id", .integer(notice.id)),
            ("kind", .string(notice.kind.rawValue)), ("locale", .string(notice.locale.rawValue)),
            ("reason", .string(notice.reason.rawValue)), ("stage", .string(notice.stage.rawValue)),
            ("template_revision", .string(notice.templateRevision)),
        ]
        if let wording = notice.wording { members.append(("wording", .string(wording))) }
        members.append(("zone", .string(notice.timeZone)))
        return .object(members)
    }

    private static func record(of delivery: Delivery) -> JSON {
        guard delivery.state != .blocked else {
            return ["delivery": .string(delivery.publicID), "fate": "drop", "reason": .string(delivery.reason?.rawValue ?? "")]
        }
        var body: [(String, JSON)] = [
            ("at", .string((delivery.nextAt ?? delivery.plannedAt).description)), ("delivery", .string(delivery.publicID)),
            ("fate", "send"),
        ]
        if let reason = delivery.reason { body.append(("reason", .string(reason.rawValue))) }
        body.append(("to", .string(delivery.maskedAddress.description)))
        return .object(body)
    }
}
