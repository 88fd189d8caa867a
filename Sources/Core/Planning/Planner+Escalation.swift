extension Planner {
    /// All steps of the episode's kind, with the episode's first decision that is no wait. Those that are over by then are due at once. One for the third failure is
    /// armed by the third only: whichever comes in last of them counts those before it.
    func armEscalation(_ episode: Episode, snapshot: Snapshot, plan: inout Plan) {
        let mayBeThird = snapshot.failuresAtBank >= 3 || PlantedBug.offersAtOnce.isActive
        let steps = catalogue[episode.kind].escalation
        plan.timers += escalation(of: episode).map(\.timer).filter { steps[$0.argument].when != .thirdFailure || mayBeThird }
    }

    /// An announced or counted incident is escalated as one matter, by the steps of an outage.
    func armEscalation(_ incident: Incident, plan: inout Plan) {
        plan.timers += steps(of: .channelOutage, since: incident.since, bank: incident.bank, rail: incident.rail).map { step in
            var timer = step.timer
            timer.incident = incident.id
            return timer
        }
    }

    /// A promise or a deadline was moved before it passed: the steps that count from it move with it.
    func moveEscalation(from known: Episode, to episode: Episode, plan: inout Plan) {
        let moved = Set(
            [
                known.isPromisedLater(in: episode) ? EscalationStep.Origin.promised : nil,
                known.deadline != episode.deadline ? .deadline : nil,
            ].compactMap(\.self))
        guard !moved.isEmpty else { return }
        plan.moves = escalation(of: episode).filter { moved.contains($0.root) }.map(\.timer)
    }

    private struct Due {
        var timer: StoredTimer
        /// What it counts from in the end, by way of the steps before it.
        var root: EscalationStep.Origin
    }

    private func escalation(of episode: Episode) -> [Due] {
        steps(
            of: episode.kind, since: episode.detectedAt, bank: episode.bank, rail: episode.rail, promised: episode.eta,
            deadline: episode.deadline)
    }

    /// A step whose moment is not known is left out, and with it those that count from it.
    private func steps(
        of kind: Kind, since: Timestamp, bank: String, rail: String, promised: Timestamp? = nil, deadline: Timestamp? = nil
    ) -> [Due] {
        var due: [Due] = []
        var last: Due?
        let bank = Workplace(
            zone: catalogue.zones[rail] ?? defaultZone, country: catalogue.country(ofBank: bank, rail: rail) ?? country)
        for (index, step) in catalogue[kind].escalation.enumerated() {
            let origin: Timestamp? =
                switch step.origin {
                case .detected: since
                case .promised: promised
                case .deadline: deadline
                case .bankOpens: nextWorkingDay(after: since, in: bank)
                case .last: last?.timer.due
                }
            last = origin.map { origin in
                Due(
                    timer: StoredTimer(step: .escalation, argument: index, due: end(of: step.wait, from: origin, bank: bank)),
                    root: step.origin == .last ? last?.root ?? .detected : step.origin)
            }
            if let last { due.append(last) }
        }
        return due
    }

    var office: Workplace { Workplace(zone: defaultZone, country: country) }

    private func end(of wait: EscalationStep.Wait, from origin: Timestamp, bank: Workplace) -> Timestamp {
        switch wait {
        case .time(let time): origin + time
        case .workingHours(let count): moment(origin, plusWorkingHours: count, in: office)
        case .workingDays(let count): moment(origin, plusWorkingDays: count, in: office)
        case .bankDays(let count): moment(origin, plusWorkingDays: count, in: bank)
        }
    }

    // MARK: When one is due

    /// - Parameters:
    ///   - incident: the one the episode is a child of.
    ///   - failures: how many payouts to the account failed, this one counted; asked for only where the step depends on it.
    public func escalate(
        _ index: Int, _ episode: Episode, incident: Incident?, now: Timestamp, failures: () throws -> Int
    ) rethrows -> Plan {
        var plan = Plan()
        plan.note("step", .integer(index + 1))
        guard catalogue[episode.kind].escalation.indices.contains(index), episode.status == .open else {
            plan.note("status", episode.status.rawValue)
            return plan
        }
        let step = catalogue[episode.kind].escalation[index]
        // The incident has people of its own. What is still open after it goes on with the next step.
        if let incident, incident.closedAt == nil {
            plan.note("reason", ReasonCode.stormAbsorbed.rawValue)
            return plan
        }
        if let unless = step.unless {
            plan.note("unless", unless.rawValue)
            let met = isMet(unless, episode)
            plan.note("met", .bool(met))
            if met { return plan }
        }
        switch step.when {
        case .thirdFailure:
            let count = try failures()
            plan.note("failures", .integer(count))
            guard count >= 3 || PlantedBug.offersAtOnce.isActive else { return plan }
        case nil: break
        }
        if !episode.kind.isDiscreet { plan.note("to", step.role.rawValue) }
        plan.task = StaffTask(
            .escalation, for: step.role,
            item: ReviewItem(
                cause: .escalation, order: episode.order, episode: episode.id, kind: episode.kind, detail: words(step, index, episode.kind),
                openedAt: now),
            subject: episode.kind.isDiscreet ? "escalation" : "\(episode.kind.rawValue)-\(index + 1)", isDiscreet: episode.kind.isDiscreet)
        return plan
    }

    public func escalate(_ index: Int, _ incident: Incident, now: Timestamp) -> Plan {
        var plan = Plan()
        let name = incident.announced ?? incident.id
        plan.note("incident", name)
        plan.note("step", .integer(index + 1))
        let steps = catalogue[.channelOutage].escalation
        guard steps.indices.contains(index), incident.closedAt == nil else {
            plan.note("status", incident.closedAt == nil ? "open" : "closed")
            return plan
        }
        plan.note("to", steps[index].role.rawValue)
        let detail = "incident \(name), \(incident.bank) on \(incident.rail): " + words(steps[index], index, .channelOutage)
        plan.task = StaffTask(
            .escalation, for: steps[index].role,
            item: ReviewItem(cause: .escalation, order: nil, kind: .channelOutage, detail: detail, openedAt: now),
            subject: "\(name.prefix(40))-\(index + 1)")
        return plan
    }

    private func words(_ step: EscalationStep, _ index: Int, _ kind: Kind) -> String {
        "step \(index + 1) of \(catalogue[kind].escalation.count), \(step.role.rawValue): \(step.task)"
    }

    private func isMet(_ unless: EscalationStep.Unless, _ episode: Episode) -> Bool {
        switch unless {
        case .posted: [.inBalance, .notDebited, .paid].contains(episode.funds)
        case .decided: isApproval(episode.step, kind: episode.kind)
        case .received: hasReached("_received", episode)
        case .notOurs: episode.variant != "our_side"
        }
    }

    /// Whether the episode is at a step with this ending, or past it.
    private func hasReached(_ ending: String, _ episode: Episode) -> Bool {
        let steps = catalogue[episode.kind].steps
        guard let step = episode.step else { return false }
        if step.hasSuffix(ending) { return true }
        guard let place = steps.firstIndex(of: step), let wanted = steps.firstIndex(where: { $0.hasSuffix(ending) }) else { return false }
        return place >= wanted
    }

    // MARK: The same account again

    /// Since when failures with an account count, for one that was detected then.
    public func failuresSince(_ detectedAt: Timestamp) -> Timestamp { detectedAt - policy.failuresWithin }

    /// Whether anything of the kind depends on how often the customer's account failed.
    public func countsFailures(_ kind: Kind) -> Bool { catalogue[kind].escalation.contains { $0.when == .thirdFailure } }

    /// How many failures with the episode's account there are, this one counted: anomalies that the customer was told of, of the kinds that have a step
    /// for the third. One that a sharper kind took the place of is counted there. 0 when the account is not known.
    ///
    /// - Parameter others: the customer's episodes at the same bank.
    public func failures(with episode: Episode, among others: [Episode]) -> Int {
        guard let account = episode.facts[.tail4] else { return 0 }
        let same = others.filter { other in
            other.told && other.status != .superseded && other.facts[.tail4] == account
                && countsFailures(other.kind)
        }
        guard !PlantedBug.countsEpisodes.isActive else { return same.count }
        return Set(same.map(\.anomaly)).union([episode.anomaly]).count
    }

    // MARK: Nobody was reached

    /// When support looks whether a notice has reached the customer; nil when there is nothing to look at.
    ///
    /// Counted from when the last of its messages was to leave: what waits for the morning is not undelivered in the night. A notice that is in
    /// the app only, on purpose, reaches nobody else on purpose.
    public func callDue(_ told: NoticePlan, now: Timestamp) -> Timestamp? {
        let outside = told.channels.filter { $0.channel != .inApp }
        guard told.priority == .high, told.extends == nil, !outside.isEmpty else { return nil }
        let leaves = outside.compactMap { decision -> Timestamp? in
            guard case .send(_, let moment, _) = decision.fate else { return nil }
            return moment
        }
        let isEnough = outside.contains { decision in
            switch decision.reason {
            case .digestMerged, .dailyCap, .rateLimitedCustomer, .notAllowlisted: true
            default: false
            }
        }
        if leaves.isEmpty, isEnough { return nil }
        return (leaves.max() ?? now) + policy.callAfter
    }

    /// Nobody who carries messages has taken this one, and it was not seen in the app: a person calls.
    ///
    /// - Parameter deliveries: the notice's, of all channels.
    public func call(about notice: Notice, episode: Episode, deliveries: [Delivery], seen: Bool, now: Timestamp) -> Plan {
        var plan = Plan()
        plan.note("notice_id", .integer(notice.id))
        guard episode.status == .open || notice.stage.isClosing else {
            plan.note("status", episode.status.rawValue)
            return plan
        }
        let outside = deliveries.filter { $0.channel != .inApp }
        let taken = outside.first { $0.state == .sent || $0.state == .delivered }
        // Taken back on purpose: mostly because a newer notice took its place, which is looked after by itself.
        let withdrawn = outside.first { $0.state == .cancelled && !isUnusable($0.reason) }
        guard taken == nil, !seen, withdrawn == nil else {
            if let taken { plan.note("reached", taken.channel.rawValue) }
            let reason = seen ? ReasonCode.alreadyReadElsewhere : withdrawn?.reason
            if taken == nil, let reason { plan.note("reason", reason.rawValue) }
            return plan
        }
        let states = outside.map { "\($0.channel.rawValue) \($0.state.rawValue)\($0.reason.map { " (\($0.rawValue))" } ?? "")" }
        plan.note("to", StaffRole.support.rawValue)
        // Without the kind: support says what the notice says, and nothing else.
        plan.task = StaffTask(
            .call, for: .support,
            item: ReviewItem(
                cause: .unheard, order: episode.order, episode: episode.id, kind: nil,
                detail: "call the customer from the published number: \(states.joined(separator: ", "))", openedAt: now),
            subject: "call")
        return plan
    }

    /// The channel dropped out when its message was to leave.
    private func isUnusable(_ reason: ReasonCode?) -> Bool {
        switch reason {
        case .addressDead, .addressUnverified, .optedOut: true
        default: false
        }
    }
}
