extension Planner {
    /// The time promised: the producer's if it is still to come, else the kind's own, rounded up to the full hour.
    func promise(_ expected: Timestamp?, rule: KindRule, now: Timestamp) -> Timestamp {
        if let expected, expected > now { return expected }
        return Planner.hour(after: now + rule.promise)
    }

    /// The next full hour: times are promised in whole hours.
    public static func hour(after moment: Timestamp) -> Timestamp {
        Timestamp(seconds: (moment.milliseconds + 3_599_999).floorDivided(by: 3_600_000) * 3600)
    }

    /// What the texts of this kind may say, from the event and the catalogue. Nothing is guessed: what is not known stays out, and a text that
    /// needs it is replaced by the safe generic one.
    /// - Parameter isFirst: the first event of its episode also sets what stays true unless a later one says otherwise.
    func facts(
        of anomaly: Anomaly, kind: Kind, episode: Episode, isFirst: Bool, record: CustomerRecord?, at time: Timestamp, now: Timestamp
    )
        -> Facts
    {
        let rule = catalogue[kind]
        let details = anomaly.details
        var facts = Facts(minimumCapacity: 16)
        facts.set(.order, anomaly.order)
        facts.set(.bank, anomaly.bank.name ?? PlainText(anomaly.bank.code))
        if let tail = anomaly.tail4 { facts.set(.tail4, tail) }
        if let amount = anomaly.amount { facts.set(.amount, catalogue.shown(amount, on: anomaly.rail)) }
        facts.set(.receivedAt, time)
        if let submitted = anomaly.submittedAt { facts.set(.submittedAt, submitted) }
        if kind == .bankDelay, let usual = catalogue.baselines[anomaly.bank.code]?[anomaly.rail] {
            facts.set(.usualWait, Duration.seconds(usual.p95))
        }
        facts.set(.method, term: anomaly.rail, of: .rails)
        if let eta = episode.eta {
            facts.set(
                .eta, kind == .limitExceeded ? limitReset(details, in: zone(anomaly.customer.timeZone, record: record), now: now) : eta)
        }
        let refund = Planner.hour(after: max(now, time) + .hours(2))
        facts.set(.refundETA, refund)
        if let funds = episode.funds { facts.set(.funds, phrase: funds.rawValue, of: .funds, with: [.refundETA: refund.templateValue]) }
        if let deadline = details.deadline ?? episode.deadline { facts.set(.deadline, deadline) }
        if kind == .accountInfoError, isFirst || details.field != nil {
            facts.set(.field, term: details.field ?? "unknown", of: .accountFields)
        }
        let materials = details.materials.isEmpty && isFirst ? rule.materials : details.materials
        if !materials.isEmpty { facts.set(.materials, terms: materials, of: .materials) }
        if let limit = details.limit {
            facts.set(.limitName, term: limit.period, of: .limitNames)
            facts.set(.limitOwner, term: limit.owner, of: .limitOwners)
            if let amount = limit.amount { facts.set(.limit, amount) } else if let count = limit.count { facts.set(.limit, count: count) }
        }
        if let amountRule = details.amountRule {
            facts.set(
                .amountRule, phrase: amountRule.rule, of: .amountRules,
                with: amountRule.amount.map { [.ruleAmount: $0.templateValue] } ?? [:])
        }
        if details.hasWindow || kind == .channelOutage {
            facts.set(
                .window, phrase: details.windowUntil == nil ? "open" : "until", of: .windows,
                with: details.windowUntil.map { [.until: $0.templateValue] } ?? [:])
        }
        facts.set(.traceRef, PlainText(details.traceRef ?? anomaly.order.description, limit: 64))
        if let reason = details.plainReason {
            facts.set(.reason, term: reason, of: .plainReasons)
        } else if anomaly.stage != .updated {
            facts.set(.reason, term: anomaly.resolution == .expired ? "deadline_passed" : "no_reason_given", of: .plainReasons)
        }
        if isFirst || details.fee != nil { facts.set(.feeNote, term: details.fee ?? feeNote, of: .feeNotes) }
        if kind == .recipientActionRequired { facts.set(.wallet, anomaly.bank.name ?? PlainText(details.wallet ?? anomaly.bank.code)) }
        if let first = details.firstOrder { facts.set(.firstOrder, first) }
        if let step = anomaly.step { facts.set(.progress, term: step, of: .progressSteps) }
        // No tipping off: no reason, no list of documents, no hint in the steps, whatever the event holds.
        if kind == .complianceRestricted {
            for field in Kind.untold { facts.set(field, nil) }
        }
        return facts
    }

    /// When a limit starts anew, in the customer's zone. Single-payout limits never do; their text does not ask.
    private func limitReset(_ details: Details, in zone: String, now: Timestamp) -> Timestamp {
        var local = CivilTime(now, offset: zoneOffset(zone, at: now))
        (local.hour, local.minute, local.second) = (0, 0, 0)
        if details.limit?.period == "month" {
            local.day = 1
            (local.year, local.month) = local.month == 12 ? (local.year + 1, 1) : (local.year, local.month + 1)
        } else {
            local.day += 1
        }
        return moment(local, in: zone)
    }

    /// The moment a wall clock of the zone shows this time. The offset is the one of that moment, not of now: the night between may be one in
    /// which the clocks change. A day may go over its month by one.
    func moment(_ local: CivilTime, in zone: String) -> Timestamp {
        let guess = local.moment(offset: zoneOffset(zone, at: local.moment(offset: 0)))
        return local.moment(offset: zoneOffset(zone, at: guess))
    }

    /// The first zone that is known: the record's, the event's, the default.
    func zone(_ event: String?, record: CustomerRecord?) -> String { knownZone(event, record: record) ?? defaultZone }

    /// The customer's own, if the record or the event names one that exists.
    func knownZone(_ event: String?, record: CustomerRecord?) -> String? {
        for name in [record?.timeZone, event] {
            if let name, zones.offset(of: name, at: Timestamp(milliseconds: 0)) != nil { return name }
        }
        return nil
    }

    /// Whether both moments fall on one day of this zone's clock.
    func isSameDay(_ a: Timestamp, _ b: Timestamp, in zone: String) -> Bool {
        func day(_ moment: Timestamp) -> Int64 { (moment.seconds + Int64(zoneOffset(zone, at: moment))).floorDivided(by: 86_400) }
        return day(a) == day(b)
    }

    func zoneOffset(_ zone: String, at moment: Timestamp) -> Int { zones.offset(of: zone, at: moment) ?? 0 }
}

extension Planner {
    /// The zone a customer's clock runs in.
    public func zone(of customer: CustomerRef, record: CustomerRecord?) -> String { zone(customer.timeZone, record: record) }
}
