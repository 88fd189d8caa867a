import Core

extension Checker {
    /// I3: what a provider took and nobody recorded is on the list; what is on the list may have been taken; and each item is asked about.
    static func checkDoubt(
        _ taken: [Taken]?, _ leftOpen: [RunFacts.LeftOpen]?, _ store: StoreFacts, _ limits: [String: Int], isDrained: Bool,
        _ report: inout CheckReport
    ) {
        let listed = store.deliveries.filter(\.state.isInDoubt)
        checkQuestions(listed, store, &report)
        report.broken(
            .doubtIsListed, "an attempt in doubt whose delivery is on no list",
            store.deliveries.filter { $0.hidesDoubt }.map { "\($0.publicID) \($0.state.rawValue)" })
        report.broken(
            .doubtIsListed, "listed, and no attempt is in doubt",
            listed.filter { delivery in !delivery.attempts.contains { $0.state == .ambiguous } }.map(\.publicID))
        report.measured("ambiguous", listed.count)
        checkTaken(taken, store, limits, isDrained: isDrained, &report)
        if let limit = limits["left_open_unknown"], let unknown = leftOpen?.count(where: { $0.known == .nothing }), unknown > limit {
            report.broken(.doubtIsListed, "\(unknown) attempts were open and the recorder knew nothing of them, allowed are \(limit)")
        }
        checkLeftOpen(leftOpen, store, isDrained: isDrained, &report)
    }

    private static func checkQuestions(_ listed: [StoreFacts.Sent], _ store: StoreFacts, _ report: inout CheckReport) {
        let asked = Set(store.questions.flatMap { Taken.names(in: $0) })
        report.broken(.doubtIsListed, "in doubt, and nobody is asked", listed.filter { !asked.contains($0.publicID) }.map(\.publicID))
        let inDoubt = Set(listed.map(\.publicID))
        let others = store.deliveries.filter { asked.contains($0.publicID) && !inDoubt.contains($0.publicID) }
        report.broken(.doubtIsListed, "asked about, and not in doubt", others.map(\.publicID))
    }

    private static func checkTaken(
        _ taken: [Taken]?, _ store: StoreFacts, _ limits: [String: Int], isDrained: Bool, _ report: inout CheckReport
    ) {
        guard let taken else { return report.skipped(.doubtIsListed, "no provider's ledger: whether all that was taken is known") }
        let matches = Matches(taken, store)
        report.broken(.doubtIsListed, "taken, and the store knows nothing of it", matches.strangers.map(\.place))
        let hidden = store.deliveries.filter { matches.byDelivery[$0.id] != nil && !$0.admitsTaking(isDrained: isDrained) }
        report.broken(
            .doubtIsListed, "taken, but neither recorded nor listed",
            hidden.map { "\($0.publicID) \($0.channel.rawValue) \($0.state.rawValue)" })
        if let limit = limits["listed_repeatable"] {
            let repeatable = matches.accounts(of: store) { $0 != .blind }
            let open = Set(store.episodes.values.joined().filter { $0.status == .open }.map(\.id))
            let needless = store.deliveries.filter { delivery in
                delivery.state.isInDoubt && open.contains(delivery.episode) && delivery.attempts.count < mostAttempts
                    && delivery.attempts.last.map { repeatable.contains($0.account) } ?? false
            }
            if needless.count > limit { report.broken(.doubtIsListed, "listed, where a repeat cannot be seen", needless.map(\.publicID)) }
        }
        report.measured("ambiguous_taken", store.deliveries.count { $0.state.isInDoubt && matches.byDelivery[$0.id] != nil })
    }

    /// Where the recorder was read after each end: each open attempt was settled as what was known of it, and of no other it was said that
    /// its process ended too early to know.
    private static func checkLeftOpen(
        _ leftOpen: [RunFacts.LeftOpen]?, _ store: StoreFacts, isDrained: Bool, _ report: inout CheckReport
    ) {
        guard let leftOpen else {
            return report.skipped(.doubtIsListed, "no open.jsonl: whether nothing is listed that could be known")
        }
        let known = Dictionary(leftOpen.map { ($0.attempt, $0.known) }) { _, last in last }
        var wrong: [String] = []
        for attempt in store.deliveries.flatMap(\.attempts) where isDrained || attempt.state != .intent {
            let fits: Bool =
                switch known[attempt.publicID] {
                case .notStarted: attempt.state == .notSent
                case .inDoubt, .nothing: attempt.state == .ambiguous || attempt.state == .settled
                case .taken: attempt.state == .accepted
                case .notTaken: attempt.state == .rejected
                case nil: !attempt.detail.hasPrefix("the process ended")
                }
            if !fits { wrong.append("\(attempt.publicID) \(attempt.state.rawValue), known: \(known[attempt.publicID]?.rawValue ?? "-")") }
        }
        report.broken(.doubtIsListed, "settled as something else than was known", wrong)
    }
}

/// Of a delivery, our own ends among them: `RetryPolicy` gives up then, and what is in doubt is listed.
private let mostAttempts = 8

extension StoreFacts.Sent {
    /// It has ended, or says that it waits for nothing, with an attempt that may have been taken.
    fileprivate var hidesDoubt: Bool {
        guard attempts.contains(where: { $0.state == .ambiguous }) else { return false }
        switch state {
        case .ambiguous, .unknown, .ready, .retryWait, .inflight: return false
        case .sent, .delivered, .undelivered, .cancelled, .expired, .dead, .blocked: return true
        }
    }

    fileprivate func admitsTaking(isDrained: Bool) -> Bool {
        switch state {
        case .sent, .delivered, .undelivered, .ambiguous, .unknown: true
        case .ready, .retryWait, .inflight: !isDrained || attempts.contains { $0.state == .ambiguous }
        case .cancelled, .expired, .dead, .blocked: false
        }
    }
}
