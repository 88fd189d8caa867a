import Core
import MemoryStore
import Store

/// What has to hold: after each commit, at quiet points, and at the end.
extension World {
    // MARK: After each commit

    func check(_ changes: [Change]) {
        let time = time
        times.nextCommit()
        for change in changes {
            switch change {
            case .event(let seq, let before, let after):
                mix("event", seq)
                mix(after.word)
                if !Self.mayBecome(after, before) { fail("event \(seq) went from \(before?.word ?? "nothing") to \(after.word)") }
            case .notice(let id): mix("notice", id)
            case .delivery(let id, let before, let after):
                mix(after.rawValue, id)
                tell("delivery \(id): \(before?.rawValue ?? "new") → \(after.rawValue)")
                noteTimes(of: id, after, time)
                if let before, !Self.follows(after, before) { fail("delivery \(id) went from \(before.rawValue) to \(after.rawValue)") }
            case .attempt(let id, let before, let after):
                mix(after.rawValue, id)
                tell("attempt \(id): \(before?.rawValue ?? "new") → \(after.rawValue)")
                check(id, before, after)
            case .intent(let id, let stage, let isOfThisVersion, let status):
                // P4: once the end is committed, nothing of what it ended begins.
                if let status, status != .open, !stage.isClosing, !isOfThisVersion {
                    fail("P4: attempt \(id) tells \(stage.rawValue) of an episode that is \(status.rawValue)")
                }
                checkTime(of: id, time)
            case .timer(let timer, let before): check(timer, before, time)
            case .moved(let id): noteTimes(of: id, nil, time)
            case .postponed(let from, let span): checkStep(from: from, by: span)
            case .log(let act, let moment):
                mix(act.rawValue, moment.milliseconds)
                checkMoment(act, moment, time)
            }
        }
    }

    private func checkTime(of attempt: AttemptID, _ time: Timestamp) {
        do {
            guard let delivery = try tables.delivery(attempt >> 10) else { return }
            if delivery.expires < time { fail("attempt \(attempt) begins after the time of its delivery") }
            if delivery.episode != 0, !delivery.customer.hasPrefix("CU") { fail("T9: attempt \(attempt) tells somebody who was erased") }
        } catch { fail("the tables cannot be read: \(error)") }
    }

    private static func mayBecome(_ after: Disposition, _ before: Disposition?) -> Bool {
        switch before {
        case nil: after == .received
        case .received, .pending: after != .received
        case .suppressed(.renderError): after == .received
        case .planned, .suppressed, .stale, .recorded: false
        }
    }

    /// The arrows of docs/architecture.md.
    private static func follows(_ after: DeliveryState, _ before: DeliveryState) -> Bool {
        switch before {
        case .ready: [.inflight, .retryWait, .cancelled, .expired, .dead, .blocked].contains(after)
        case .inflight: [.sent, .retryWait, .ambiguous, .unknown, .cancelled, .dead].contains(after)
        case .retryWait:
            [.inflight, .sent, .delivered, .undelivered, .ambiguous, .cancelled, .expired, .dead, .blocked].contains(after)
        case .ambiguous: [.sent, .delivered, .undelivered, .retryWait, .unknown, .cancelled, .dead].contains(after)
        case .unknown: [.sent, .delivered, .undelivered, .retryWait, .cancelled, .dead].contains(after)
        case .sent: [.delivered, .undelivered, .retryWait].contains(after)
        case .dead: after == .ready
        case .delivered, .undelivered, .cancelled, .expired, .blocked: false
        }
    }

    private func check(_ id: AttemptID, _ before: AttemptState?, _ after: AttemptState) {
        switch (before, after) {
        case (nil, .intent), (.intent, .accepted), (.intent, .rejected), (.intent, .notSent), (.intent, .ambiguous): break
        case (.ambiguous, .accepted), (.ambiguous, .settled), (.ambiguous, .notSent): break
        default: fail("attempt \(id) went from \(before?.rawValue ?? "nothing") to \(after.rawValue)")
        }
        guard let truth = truths[id], before == .intent else { return }
        switch after {
        case .accepted where !truth.isTaken && !mayBeOfAnother(id): fail("attempt \(id) is called accepted, and nobody took it")
        case .notSent where truth.isTaken, .rejected where truth.isTaken:
            fail("P2: attempt \(id) was taken and is called \(after.rawValue)")
        case .ambiguous where !truth.isInDoubt && !truth.isOrphan: fail("P3: attempt \(id) is called ambiguous without a doubt")
        case .ambiguous where truth.isWitnessed && !truth.hasDeparted:
            fail("attempt \(id) never left, the recorder shows it, and it is in doubt")
        default: break
        }
    }

    /// A receipt that names the delivery's first attempt proves an acceptance of any.
    private func mayBeOfAnother(_ id: AttemptID) -> Bool { (1...(id & 1023)).contains { truths[(id >> 10) << 10 | $0]?.isTaken ?? false } }

    private func check(_ timer: StoredTimer, _ before: StoredTimer.State?, _ time: Timestamp) {
        mix(timer.step.rawValue, timer.episode, timer.notice, Int64(timer.argument))
        mix(timer.state.rawValue, timer.due.milliseconds)
        switch (before, timer.state) {
        case (nil, .armed), (.armed, .armed): times.arm(timer, time, at: now)
        case (.armed, .cancelled): times.forget(timer)
        case (.armed, .fired):
            if timer.due > time { fail("T6: a timer of episode \(timer.episode) fired before its time") }
            if !times.fire(timer, at: now) {
                fail("the clock: \(timer.step.rawValue) of episode \(timer.episode) fired before its time had passed")
            }
        default: fail("T6: a timer of episode \(timer.episode) went from \(before?.rawValue ?? "nothing") to \(timer.state.rawValue)")
        }
    }

    // MARK: At quiet points

    func checkQuiet() {
        guard broken == nil else { return }
        do {
            try checkDeliveries()
            try checkEvents()
        } catch { fail("the tables cannot be read: \(error)") }
    }

    /// What the providers' book says against what the store says.
    private func checkDeliveries() throws {
        var worst: (id: DeliveryID, words: String)?
        func note(_ delivery: Delivery, _ words: String) {
            if worst.map({ delivery.id < $0.id }) ?? true {
                worst = (delivery.id, "\(words) (\(delivery.publicID) is \(delivery.state.rawValue))")
            }
        }
        let letters = Set(try tables.deadLetters(onlyOpen: false, limit: .max).compactMap(\.delivery))
        try tables.forEachDelivery { delivery in
            guard delivery.channel != .inApp else { return }
            let seen = ledger.seen[delivery.publicID] ?? 0
            // The rest is what a provider itself said it could not deliver.
            let kept = seen - (ledger.failed[delivery.publicID] ?? 0)
            let attempts = try tables.attempts(ofDelivery: delivery.id)
            let isOpen = attempts.contains { $0.state == .ambiguous }
            switch delivery.state {
            case .sent, .delivered, .undelivered:
                if seen == 0 { note(delivery, "nobody took what is called sent") }
                if delivery.state == .sent, try tables.receipts(ofDelivery: delivery.id).contains(where: { $0.status == .delivered }) {
                    note(delivery, "T5: a receipt that it arrived is forgotten")
                }
            case .ambiguous, .unknown:
                if !isOpen { note(delivery, "P3: in doubt without an attempt in doubt") }
                if try tables.openQuestions(ofDelivery: delivery).isEmpty { note(delivery, "P3: in doubt, and nobody is asked") }
            case .retryWait: if kept > 0, !isOpen { note(delivery, "P3: it was taken, and waits to be sent again") }
            case .ready, .inflight, .cancelled, .expired, .dead, .blocked:
                if kept > 0 { note(delivery, "P3: it was taken, and nothing shows it") }
                if delivery.state == .dead, !letters.contains(delivery.id) { note(delivery, "P1: it was given up without a letter") }
            }
            for attempt in attempts where truths[attempt.id]?.isTaken ?? false {
                guard attempt.state == .rejected || attempt.state == .notSent else { continue }
                note(delivery, "P3: attempt \(attempt.id) was taken and is \(attempt.state.rawValue)")
            }
        }
        if let worst { fail(worst.words) }
        if let name = tables.unmatchedThoughKnown { fail("T5: receipts of \(name) wait for a message that is known") }
    }

    private func checkEvents() throws {
        let sums = try tables.accounting()
        let known = sums.planned + sums.stale + sums.recorded + sums.pending + sums.suppressed.values.reduce(0, +)
        if sums.accepted != known || sums.accepted != tables.eventCount { fail("P1: \(sums.accepted) accepted and \(known) accounted for") }
        var lost: [String] = []
        for id in acknowledged where try tables.event(id: id) == nil { lost.append(id) }
        if let first = lost.min() { fail("P1: \(lost.count) acknowledged events are lost, the first is \(first)") }
    }

    // MARK: At the end

    func checkEnd() {
        guard broken == nil else { return }
        if tables.deliveriesLeft > 0 { fail("\(tables.deliveriesLeft) deliveries still wait") }
        if tables.timersLeft > 0 { fail("\(tables.timersLeft) timers are still armed") }
        if let event = tables.eventsLeft.first { fail("P1: event \(event) waits for nothing") }
        if !conflicted.subtracting(acknowledged).isEmpty { fail("P1: an event is refused as a conflict with none that was acknowledged") }
    }
}
