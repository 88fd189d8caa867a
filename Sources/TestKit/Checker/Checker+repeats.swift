import Core

extension Checker {
    /// I2: after what a provider itself does with a repeat, one message is left of each delivery; each event was decided once; a repeat
    /// is the same bytes under the same key.
    static func checkRepeats(_ taken: [Taken]?, _ store: StoreFacts, _ report: inout CheckReport) {
        checkDecisions(store, &report)
        var mixed: [String] = []
        for delivery in store.deliveries {
            for attempts in Dictionary(grouping: delivery.attempts, by: \.account).values
            where Set(attempts.map(\.digest)).count > 1 || Set(attempts.map(\.key)).count > 1 {
                mixed.append(delivery.publicID)
            }
        }
        report.broken(.noRepeat, "repeated with other bytes or another key", mixed)
        guard let taken else { return report.skipped(.noRepeat, "no provider's ledger: whether anything was taken twice") }
        let matches = Matches(taken, store)
        var twice: [Taken.Repeats?: [String]] = [:]
        for delivery in store.deliveries {
            let left = (matches.byDelivery[delivery.id] ?? []).filter { !$0.isCovered }
            let kinds = Set(left.map(\.repeats))
            if left.count > 1 {
                twice[kinds.count == 1 ? kinds.first : nil, default: []].append("\(delivery.publicID) \(delivery.channel.rawValue)")
            }
        }
        for repeats in [Taken.Repeats.keyed, .collapsing, .blind] {
            report.measured("doubled_\(repeats.rawValue)", twice[repeats]?.count ?? 0)
            report.broken(.noRepeat, "taken twice, \(repeats.rawValue)", twice[repeats] ?? [])
        }
        report.broken(.noRepeat, "taken by two providers", twice[nil] ?? [])
        checkBlind(matches, store, &report)
    }

    /// What may have left is never repeated where nothing recognises a repeat. What a provider does with one is as its ledger shows.
    private static func checkBlind(_ matches: Matches, _ store: StoreFacts, _ report: inout CheckReport) {
        let blind = matches.accounts(of: store) { $0 == .blind }
        let repeated = store.deliveries.filter { delivery in
            delivery.attempts.count { blind.contains($0.account) && $0.mayHaveBeenTaken } > 1
        }
        report.broken(.noRepeat, "repeated blindly", repeated.map(\.publicID))
    }

    private static func checkDecisions(_ store: StoreFacts, _ report: inout CheckReport) {
        let decisions = store.log.filter { $0.act == .decision && $0.notice != nil && $0.event != nil }
        let twice = Dictionary(grouping: decisions) { $0.event ?? 0 }.filter { Set($0.value.map(\.notice)).count > 1 }
        report.broken(.noRepeat, "decided twice", twice.keys.map { "event \($0)" })
    }
}

extension StoreFacts.Try {
    /// As far as the database knows.
    var mayHaveBeenTaken: Bool {
        switch state {
        case .intent, .accepted, .ambiguous, .settled: true
        case .rejected, .notSent: false
        }
    }
}
