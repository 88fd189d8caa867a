import Core

extension Checker {
    /// I1: what was acknowledged is there, nothing else is, and each event has one fate.
    static func checkKept(_ input: [RunFacts.Input]?, _ store: StoreFacts, isDrained: Bool, _ report: inout CheckReport) {
        let sums = store.accounting
        let suppressed = sums.suppressed.values.reduce(0, +)
        let known = sums.planned + suppressed + sums.stale + sums.recorded + sums.pending
        if sums.accepted != known { report.broken(.conservation, "\(sums.accepted) events were accepted, \(known) have a fate") }
        if isDrained {
            report.broken(.conservation, "left undecided", store.events.filter { $0.value.contains(.received) }.keys)
        }
        guard let input else { return report.skipped(.conservation, "no input.jsonl: whether what was acknowledged is there") }
        let there = Set(store.events.filter { !$0.value.isEmpty }.keys)
        report.broken(.conservation, "acknowledged and lost", Set(input.filter(\.isAcknowledged).map(\.id)).subtracting(there))
        report.broken(.conservation, "refused and stored", Set(input.filter(\.isRefused).map(\.id)).intersection(there))
        let foreign = sums.accepted - store.events.values.reduce(0) { $0 + $1.count }
        if foreign != 0 { report.broken(.conservation, "\(foreign) events that nobody sent") }
    }

    /// I1: what is recorded as taken was taken, and nothing is half done.
    static func checkTold(_ taken: [Taken]?, _ store: StoreFacts, isDrained: Bool, _ report: inout CheckReport) {
        if isDrained {
            report.broken(.conservation, "attempts left open", store.openIntents)
            let end = store.lastLogged ?? Timestamp(milliseconds: 0)
            report.broken(
                .conservation, "left on its way",
                store.deliveries.filter { $0.isHalfDone(at: end) }.map { "\($0.publicID) \($0.state.rawValue)" })
        }
        guard let taken else { return report.skipped(.conservation, "no provider's ledger: whether what is recorded as sent was taken") }
        let told = Set(Matches(taken, store).byDelivery.keys)
        let recorded = store.deliveries.filter { delivery in delivery.attempts.contains { $0.state == .accepted } }
        report.broken(
            .conservation, "recorded as taken, and no provider took it", recorded.filter { !told.contains($0.id) }.map(\.publicID))
        report.broken(
            .conservation, "sent without an accepted attempt",
            store.deliveries.filter { $0.state == .sent && $0.attempts.last?.state != .accepted && !$0.hasSettled }.map(\.publicID))
    }
}

extension StoreFacts.Sent {
    /// A later time than `end`, the last word of the log, is nothing that was forgotten.
    fileprivate func isHalfDone(at end: Timestamp) -> Bool {
        switch state {
        case .inflight: true
        case .ready, .retryWait: nextAt.map { $0 < end } ?? true
        default: false
        }
    }
    /// A receipt told what no answer did.
    fileprivate var hasSettled: Bool { attempts.contains { $0.state == .settled } }
}

/// Which delivery each message of a provider belongs to.
struct Matches {
    private(set) var byDelivery: [DeliveryID: [Taken]] = [:]
    private(set) var strangers: [Taken] = []

    init(_ taken: [Taken], _ store: StoreFacts) {
        var owner: [String: DeliveryID] = [:]
        for delivery in store.deliveries {
            for name in delivery.names { owner[name] = delivery.id }
        }
        for message in taken {
            if let delivery = message.names.lazy.compactMap({ owner[$0] }).first {
                byDelivery[delivery, default: []].append(message)
            } else {
                strangers.append(message)
            }
        }
    }

    /// Accounts by what their providers do with a repeat, as the ledger shows it: those whose messages are all of it.
    func accounts(of store: StoreFacts, where fits: (Taken.Repeats) -> Bool) -> Set<String> {
        var yes: Set<String> = [], no: Set<String> = []
        for delivery in store.deliveries {
            guard let messages = byDelivery[delivery.id], let account = delivery.attempts.last(where: \.mayHaveBeenTaken)?.account else {
                continue
            }
            if messages.allSatisfy({ fits($0.repeats) }) { yes.insert(account) } else { no.insert(account) }
        }
        return yes.subtracting(no)
    }
}
