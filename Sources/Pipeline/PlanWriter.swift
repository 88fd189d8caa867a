import Core
import Store

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

    /// Returns the notice, if one was made.
    @discardableResult
    func carryOut(_ plan: Plan, cause: Cause, now: Timestamp, _ writer: any StoreWriter) throws -> NoticeID? {
        if let order = plan.order { try writer.save(order) }
        var episode = plan.episode
        if let subject = episode { episode?.id = try writer.save(subject) }
        for other in plan.others { _ = try writer.save(other) }
        for cancel in plan.cancels { try end(cancel.episode, reason: cancel.reason, now: now, writer) }
        for old in plan.withdraws { try withdraw(old.episode, reason: old.reason, now: now, writer) }
        switch plan.burst {
        case .told(let kind): try writer.raise(counter: Counters.told(kind), bucket: Counters.minute(of: now), by: 1)
        case .held(let kind): try writer.raise(counter: Counters.held(kind), bucket: Counters.hour(of: now), by: 1)
        case nil: break
        }
        if let incident = plan.incident { try file(incident, now: now, writer) }
        if let member = plan.member { try writer.save(member) }
        for mark in plan.suppressedMarks {
            var mark = mark
            mark.suppressed += 1
            try writer.save(mark)
        }
        var record = plan.record
        var noticeID: NoticeID?
        if let notice = plan.notice, let episode {
            let filed = try file(notice, episode: episode, cause: cause, now: now, writer)
            noticeID = filed.id
            record.append(("notice", filed.record))
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
        for finding in plan.findings { try staff.tell(finding, mode: mode, now: now, writer) }
        for decided in plan.decided { try writer.finish(decided.event, as: decided.disposition) }
        if let event = cause.event, let disposition = plan.disposition { try writer.finish(event, as: disposition) }
        try log(record, plan: plan, cause: cause, notice: noticeID, now: now, writer)
        return noticeID
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

    /// Waiting deliveries and timers of an episode end. What an update would have told some time later is decided now.
    private func end(_ episode: EpisodeID, reason: ReasonCode, now: Timestamp, _ writer: any StoreWriter) throws {
        try withdraw(episode, reason: reason, now: now, writer)
        for timer in try writer.timers(ofEpisode: episode) where timer.step == .update && timer.state == .armed {
            try writer.finish(EventSeq(timer.argument), as: .suppressed(reason))
        }
        try writer.cancelTimers(ofEpisode: episode)
    }

    /// Waiting deliveries of an episode end; marks and counts of what never left are given back.
    private func withdraw(_ episode: EpisodeID, reason: ReasonCode, now: Timestamp, _ writer: any StoreWriter) throws {
        // What may be on its way already is not cancelled: that would say that nothing left.
        for delivery in try writer.deliveries(ofEpisode: episode) { _ = try Outcomes.leaveOpen(delivery, now: now, writer) }
        for delivery in try writer.cancelWaiting(ofEpisode: episode, reason: reason, at: now) {
            try Marks.set(.released, for: delivery, writer)
            try Counters.giveBack(delivery, planner, writer)
            try writer.append(
                LogEntry(
                    .cancelled, at: now, order: delivery.order, notice: delivery.notice, delivery: delivery.id,
                    body: [
                        "delivery": .string(delivery.publicID), "channel": .string(delivery.channel.rawValue),
                        "reason": .string(reason.rawValue),
                    ]))
        }
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

    private func file(
        _ plan: NoticePlan, episode: Episode, cause: Cause, now: Timestamp, _ writer: any StoreWriter
    ) throws -> (id: NoticeID, record: JSON) {
        var notice = Notice(
            episode: episode.id, episodeVersion: episode.version, order: episode.order, anomaly: episode.anomaly, audience: .customer,
            customer: episode.customer, kind: plan.kind, stage: plan.stage, variant: plan.variant, priority: plan.priority,
            reason: plan.reason,
            locale: plan.locale, timeZone: plan.timeZone, privatePreview: plan.privatePreview, templateRevision: renderer.revision,
            facts: plan.facts, plannedAt: now, event: cause.event)
        notice.id = try plan.extends ?? writer.insert(notice)
        var channels: [(String, JSON)] = []
        let day = Counters.day(of: now, zone: plan.timeZone, planner)
        for decision in plan.channels {
            let filed = try file(decision, of: notice, episode: episode, plan: plan, cause: cause, day: day, now: now, writer)
            guard let delivery = filed else {
                continue
            }
            channels.append((decision.channel.rawValue, Self.record(of: decision, delivery: delivery)))
        }
        for step in plan.fallbacks {
            _ = try writer.arm(StoredTimer(step: .fallback, episode: episode.id, notice: notice.id, argument: step.index, due: step.due))
        }
        let record: JSON = [
            "id": .integer(notice.id), "stage": .string(plan.stage.rawValue), "kind": .string(plan.kind.rawValue),
            "reason": .string(plan.reason.rawValue), "locale": .string(plan.locale.rawValue), "zone": .string(plan.timeZone),
            "template_revision": .string(renderer.revision), "channels": .object(channels),
        ]
        return (notice.id, record)
    }

    private static func record(of decision: ChannelDecision, delivery: Delivery) -> JSON {
        var body: [(String, JSON)] = []
        switch decision.fate {
        case .send(_, let at, let reason):
            body = [("fate", "send"), ("at", .string(at.description)), ("to", .string(delivery.maskedAddress.description))]
            if let reason { body.append(("reason", .string(reason.rawValue))) }
        case .drop(let reason):
            body = [("fate", "drop"), ("reason", .string(reason.rawValue))]
        }
        body.append(("delivery", .string(delivery.publicID)))
        return .object(body)
    }

    /// Nil when the notice has a delivery on this channel already.
    private func file(
        _ decision: ChannelDecision, of notice: Notice, episode: Episode, plan: NoticePlan, cause: Cause, day: String, now: Timestamp,
        _ writer: any StoreWriter
    ) throws -> Delivery? {
        let address: Sensitive<Address>
        let leaves: Timestamp
        switch decision.fate {
        case .send(let to, let at, _): (address, leaves) = (to, at)
        case .drop: (address, leaves) = (Sensitive(.inbox), now)
        }
        var delivery = Delivery(
            publicID: writer.newPublicID("dlv_"), notice: notice.id, episode: episode.id, order: episode.order, customer: episode.customer,
            channel: decision.channel, priority: plan.priority, state: .ready, reason: decision.reason, mode: mode, address: address,
            nextAt: leaves, expires: leaves + (planner.policy.budgets[plan.priority] ?? .hours(24)), plannedAt: now)
        if !decision.isSending {
            delivery.state = .blocked
            delivery.nextAt = nil
        } else if decision.channel == .inApp {
            delivery.state = .delivered
            delivery.nextAt = nil
        }
        guard let id = try writer.insert(delivery) else { return nil }
        delivery.id = id
        guard decision.isSending else { return delivery }
        if decision.channel == .inApp { try fileInbox(delivery, of: notice, now: now, writer) }
        try mark(delivery, plan: plan, episode: episode, cause: cause, now: now, writer)
        if decision.channel != .inApp {
            try Counters.raise(by: 1, delivery, anomaly: episode.anomaly, isCounted: plan.isCounted, day: day, writer)
        }
        return delivery
    }

    /// In-app exists even if every provider is down: it is written with the decision.
    private func fileInbox(_ delivery: Delivery, of notice: Notice, now: Timestamp, _ writer: any StoreWriter) throws {
        let (title, body) = try renderer.inApp(notice)
        try writer.insert(
            InboxItem(
                publicID: writer.newPublicID("msg_"), delivery: delivery.id, customer: notice.customer, order: notice.order,
                kind: notice.kind,
                stage: notice.stage, locale: notice.locale, title: title, body: body, createdAt: now))
    }

    private func mark(_ delivery: Delivery, plan: NoticePlan, episode: Episode, cause: Cause, now: Timestamp, _ writer: any StoreWriter)
        throws
    {
        let live = cause.marks.filter { $0.status != .released }
        let repeats = live.map(\.repeats).max() ?? 0
        // A reminder and an apology do not tell the step: what was told last stays the last.
        let told = plan.stage == .stillWaiting || plan.stage == .materialsReminder ? live.max { $0.toldAt < $1.toldAt } : nil
        try writer.save(
            DedupeMark(
                order: episode.order, anomaly: episode.anomaly, audience: .customer, recipient: episode.customer, channel: delivery.channel,
                status: delivery.channel == .inApp ? .committed : .reserved, stage: plan.stage, funds: told.map(\.funds) ?? episode.funds,
                step: told.map(\.step) ?? episode.step, etaBucket: episode.etaBucket, priority: plan.priority, toldAt: now,
                repeats: plan.reason == .repeatDue ? repeats + 1 : 0))
    }
}
