extension Planner {
    /// The plan of channels by priority, or the kind's own.
    func channelPlan(_ episode: Episode) -> ChannelPlan {
        policy.kinds[episode.kind]?.plan ?? policy.plans[episode.priority] ?? ChannelPlan(now: [.inApp])
    }

    /// Tells an episode for the first time: at once, or when its hold-off ends.
    func tell(_ episode: inout Episode, contact: CustomerRef, snapshot: Snapshot, plan: inout Plan, now: Timestamp) -> Disposition {
        episode.status = .open
        episode.holdUntil = nil
        let rule = catalogue[episode.kind]
        if let incident = incident(for: episode, snapshot: snapshot) {
            return tellChild(of: incident, &episode, contact: contact, snapshot: snapshot, plan: &plan, now: now)
        }
        if holdBurst(&episode, snapshot: snapshot, plan: &plan, now: now) { return .pending }
        let route = channelPlan(episode)
        var told = notice(.opened, reason: .first, for: &episode, on: route.now, contact: contact, snapshot: snapshot, now: now)
        let quiet = quietRule(episode.kind)
        if quiet != .breakThrough, let elsewhere = snapshot.toldElsewhere, elsewhere >= episode.priority {
            told.channels = told.channels.map {
                $0.channel == .inApp ? $0 : ChannelDecision(channel: $0.channel, fate: .drop(.digestMerged))
            }
            plan.note("merged_within", .string("\(policy.mergeWithin.milliseconds / 1000) s"))
        } else {
            told.fallbacks = fallbacks(of: episode, from: now)
        }
        if episode.priority == .high, snapshot.toldElsewhere == nil,
            !told.channels.contains(where: { $0.isSending && $0.channel != .inApp })
        {
            let detail = told.channels.filter { !$0.isSending }.map { "\($0.channel.rawValue): \($0.reason?.rawValue ?? "")" }.joined(
                separator: ", ")
            // Whoever tries to reach a customer need not know which of the two it is.
            let kind = episode.kind.isDiscreet ? nil : episode.kind
            plan.reviews.append(ReviewItem(cause: .unreachable, order: episode.order, kind: kind, detail: detail, openedAt: now))
            var facts = Facts()
            facts.set(.order, episode.order)
            facts.set(.reason, PlainText((kind.map { "\($0.rawValue): " } ?? "") + detail, limit: 200))
            plan.findings.append(Finding(.unreachable, subject: episode.order.description, facts: facts))
        }
        openReview(episode, rule: rule, snapshot: snapshot, plan: &plan, now: now)
        plan.notice = told
        armFollowUps(episode, plan: &plan, now: now)
        armEscalation(episode, snapshot: snapshot, plan: &plan)
        return .planned
    }

    func fallbacks(of episode: Episode, from now: Timestamp) -> [(index: Int, due: Timestamp)] {
        channelPlan(episode).then.enumerated().map { ($0.offset, now + $0.element.after) }
    }

    func openReview(_ episode: Episode, rule: KindRule, snapshot: Snapshot, plan: inout Plan, now: Timestamp) {
        let wanted =
            switch rule.review {
            case .yes: true
            case .mismatch: episode.variant == "our_side"
            case .no, .materials, .incident: false
            }
        guard wanted, !snapshot.hasReview, !plan.reviews.contains(where: { $0.cause == .unmappedCode || $0.cause == .kindMismatch }) else {
            return
        }
        plan.reviews.append(
            ReviewItem(
                cause: .kind, order: episode.order, kind: episode.kind, detail: "a person decides on \(episode.kind.toOthers.rawValue)",
                openedAt: now))
    }

    /// Promised times and deadlines are watched by timers.
    func armFollowUps(_ episode: Episode, plan: inout Plan, now: Timestamp) {
        armPromise(episode, plan: &plan, now: now)
        guard let deadline = episode.deadline, deadline > now, episode.kind == .identityRequired || episode.variant == "materials" else {
            return
        }
        let half = now + .milliseconds((deadline.milliseconds - now.milliseconds) / 2)
        plan.timers.append(StoredTimer(step: .reminder, argument: 1, due: half))
        if deadline - .hours(24) > half { plan.timers.append(StoredTimer(step: .reminder, argument: 2, due: deadline - .hours(24))) }
    }

    func armPromise(_ episode: Episode, plan: inout Plan, now: Timestamp) {
        guard let eta = episode.eta, eta > now, ["wait", "check_account"].contains(catalogue[episode.kind].action) else { return }
        plan.timers.append(StoredTimer(step: .promise, argument: Int(eta.seconds / 3600), due: eta))
    }

    /// A notice with the fate of every wanted channel. Marks the episode as told.
    func notice(
        _ stage: NoticeStage, reason: ReasonCode, for episode: inout Episode, as kind: Kind? = nil, on channels: [Channel],
        contact: CustomerRef,
        snapshot: Snapshot, now: Timestamp
    ) -> NoticePlan {
        let record = snapshot.record
        let known = knownZone(contact.timeZone, record: record)
        let zone = known ?? defaultZone
        let isCounted = isCounted(stage, of: episode.kind)
        let wanted = Channel.allCases.filter { $0 == .inApp || channels.contains($0) }
        let decisions = wanted.map { channel in
            decide(
                channel, stage: stage, episode: episode, contact: contact, zone: zone, isCounted: isCounted, snapshot: snapshot, now: now)
        }
        episode.told = true
        // Of this notice alone: the next one has its own, and what grows by itself is no news of the episode.
        var facts = episode.facts
        facts.isZoneAssumed = known == nil
        if case .instant(let submitted)? = facts[.submittedAt], now - submitted >= .seconds(60) { facts.set(.waited, now - submitted) }
        return NoticePlan(
            kind: kind ?? episode.kind, stage: stage, variant: stage == .opened ? episode.variant : nil, priority: episode.priority,
            reason: reason,
            locale: TextLocale(matching: record?.locale ?? contact.locale), timeZone: zone,
            privatePreview: record?.privatePreview ?? contact.privatePreview, facts: facts, channels: decisions, fallbacks: [],
            isCounted: isCounted)
    }

    /// One channel: a reason to drop out, or a time to leave.
    func decide(
        _ channel: Channel, stage: NoticeStage, episode: Episode, contact: CustomerRef, zone: String, isCounted: Bool, snapshot: Snapshot,
        now: Timestamp
    ) -> ChannelDecision {
        func drop(_ reason: ReasonCode) -> ChannelDecision { ChannelDecision(channel: channel, fate: .drop(reason)) }
        guard channel != .inApp else { return ChannelDecision(channel: .inApp, fate: .send(Sensitive(.inbox), at: now, reason: nil)) }
        guard configured.contains(channel) else { return drop(.channelNotConfigured) }
        let address: Sensitive<Address>
        switch reach(channel, contact: contact, snapshot: snapshot) {
        case .success(let found): address = found
        case .failure(let missing): return drop(missing.reason)
        }
        if let platform = address.platform, !platforms.contains(platform) { return drop(.channelNotConfigured) }
        if let allowed, !allowed(address, contact.id), !PlantedBug.ignoresAllowlist.isActive { return drop(.notAllowlisted) }
        if let record = snapshot.record, record.optedOut.contains(channel), !channelPlan(episode).locked.contains(channel),
            !PlantedBug.ignoresOptOut.isActive
        {
            return drop(.optedOut)
        }
        if !PlantedBug.ignoresCaps.isActive, let capped = cap(channel, stage: stage, isCounted: isCounted, snapshot: snapshot) {
            return drop(capped)
        }
        let time = PlantedBug.ignoresQuietHours.isActive ? now : departure(channel, episode: episode, zone: zone, now: now)
        return ChannelDecision(channel: channel, fate: .send(address, at: time, reason: time > now ? .quietHoursDeferred : nil))
    }

    private struct Unreachable: Error { var reason: ReasonCode }

    private func reach(_ channel: Channel, contact: CustomerRef, snapshot: Snapshot) -> Result<Sensitive<Address>, Unreachable> {
        func mark(_ address: Sensitive<Address>) -> Unreachable? { snapshot.unusable[channel]?[address].map(Unreachable.init) }
        let known = snapshot.record?.contacts[channel]
        // One that a provider gave up no longer hides another in the event.
        let lost = known?.address.flatMap(mark)
        if let known, lost == nil {
            switch known.standing {
            case .dead: return .failure(Unreachable(reason: .addressDead))
            case .unverified: return .failure(Unreachable(reason: .addressUnverified))
            case .verified: if let address = known.address { return .success(address) }
            }
        }
        switch contact.contact(channel) {
        case .usable(let address): return mark(address).map { .failure($0) } ?? .success(address)
        case .unusable: return .failure(lost ?? Unreachable(reason: .noContact))
        case .none: return .failure(lost ?? Unreachable(reason: channel == .push ? .noDevice : .noAddress))
        }
    }

    private func cap(_ channel: Channel, stage: NoticeStage, isCounted: Bool, snapshot: Snapshot) -> ReasonCode? {
        guard isCounted else { return snapshot.uncountedToday[channel, default: 0] >= policy.caps.uncountedPerDay ? .dailyCap : nil }
        if let most = policy.caps.perDay[channel], snapshot.usedToday[channel, default: 0] >= most { return .dailyCap }
        if let most = policy.caps.perAnomaly[channel], snapshot.usedForAnomaly[channel, default: 0] >= most { return .rateLimitedCustomer }
        if let most = policy.caps.perStage[channel] {
            let used = snapshot.marks.filter { $0.channel == channel && $0.stage == stage && $0.status != .released }.count
            if used >= most { return .rateLimitedCustomer }
        }
        return nil
    }

    /// Whether a notice counts against the caps of a day and an anomaly.
    public func isCounted(_ stage: NoticeStage, of kind: Kind) -> Bool { !stage.isClosing && quietRule(kind) != .breakThrough }

    func quietRule(_ kind: Kind) -> KindRule.QuietHours { policy.kinds[kind]?.quietHours ?? catalogue[kind].quietHours }

    /// Now, or when the customer's night is over, spread so that mornings are not a burst.
    public func departure(_ channel: Channel, episode: Episode, zone: String, now: Timestamp) -> Timestamp {
        guard policy.quietHours.holds.contains(channel), let end = quietEnd(zone: zone, now: now) else { return now }
        switch quietRule(episode.kind) {
        case .breakThrough: return now
        case .deferSMS where channel == .push: return now
        case .deferUnlessDeadline:
            if let deadline = episode.deadline, deadline < end + .hours(4) { return now }
        case .defer, .deferSMS: break
        }
        let spread = max(1, policy.quietHours.spread.milliseconds / 1000)
        return end + .seconds(Int64(episode.order.description.utf8.reduce(UInt64(7)) { ($0 &* 31) &+ UInt64($1) } % UInt64(spread)))
    }

    /// The end of the quiet hours that run now in this zone; nil outside of them.
    func quietEnd(zone: String, now: Timestamp) -> Timestamp? {
        let window = policy.quietHours
        guard window.from != window.to else { return nil }
        var local = CivilTime(now, offset: zoneOffset(zone, at: now))
        let minute = local.hour * 60 + local.minute
        let inside = window.from > window.to ? (minute >= window.from || minute < window.to) : (minute >= window.from && minute < window.to)
        guard inside else { return nil }
        if minute >= window.to { local.day += 1 }
        (local.hour, local.minute, local.second) = (window.to / 60, window.to % 60, 0)
        return moment(local, in: zone)
    }
}
