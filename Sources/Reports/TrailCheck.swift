import Core

/// The rules over one payout's rows. Pure: what is not in the trail is not looked at.
struct TrailCheck {
    let trail: Trail
    private(set) var breaches: [Violation] = []
    /// How many rows each rule looked at.
    private(set) var checked: [Invariant: Int] = [:]

    init(_ trail: Trail) {
        self.trail = trail
        for event in trail.events { check(event) }
        for notice in trail.notices { check(notice) }
        checkRepeats()
        checkEnds()
    }

    private var order: String? { trail.order?.description }

    /// Counts the row, and notes the breach where `holds` is false.
    private mutating func expect(
        _ invariant: Invariant, _ row: String, _ holds: Bool, order: String? = nil, _ words: @autoclosure () -> String
    ) {
        checked[invariant, default: 0] += 1
        if !holds { breaches.append(Violation(invariant, row, order: order ?? self.order, words())) }
    }

    private mutating func expectWord<Word: RawRepresentable<String>>(_ word: String?, _: Word.Type, _ name: String, of row: String) {
        guard let word else { return }
        expect(.words, row, Word(rawValue: word) != nil, "its \(name) is \"\(word)\"")
    }

    // MARK: Events

    private mutating func check(_ event: EventMark) {
        expectWord(event.reason, ReasonCode.self, "reason", of: event.id)
        let isSuppressed = event.disposition == "suppressed"
        let isKnown = ["received", "pending", "planned", "suppressed", "stale", "recorded"].contains(event.disposition)
        expect(
            .disposition, event.id, isKnown && isSuppressed == (event.reason != nil),
            "it is \"\(event.disposition)\"" + (event.reason.map { " with reason \($0)" } ?? " without a reason"))
        guard trail.order != nil else { return }
        let rows = trail.log.count { $0.act == "event_accepted" && $0.event == event.seq }
        expect(.eventLogged, event.id, rows == 1, rows == 0 ? "the log does not know it" : "the log has it \(rows) times")
        let own = trail.notices.filter { $0.event == event.seq && $0.audience == "customer" }
        switch event.disposition {
        case "planned":
            let isTold = trail.notices.contains { $0.event == event.seq || $0.event == nil }
            expect(.plannedTold, event.id, isTold, "no notice came of it")
        case "suppressed", "stale", "recorded":
            expect(.silentUntold, event.id, own.isEmpty, "notice \(own.first?.id ?? 0) came of it")
        case "pending":
            let isHeld = trail.episodes.contains { $0.status == "holding" || trail.armed.contains($0.id) }
            expect(.pendingWaits, event.id, isHeld, "nothing will decide it")
        default: break
        }
    }

    // MARK: Notices

    private mutating func check(_ notice: NoticeMark) {
        let row = "notice \(notice.id)"
        expectWord(notice.kind, Kind.self, "kind", of: row)
        expectWord(notice.stage, NoticeStage.self, "stage", of: row)
        expectWord(notice.audience, Audience.self, "audience", of: row)
        expectWord(notice.priority, Priority.self, "priority", of: row)
        expectWord(notice.reason, ReasonCode.self, "reason", of: row)
        expect(.noticeDelivers, row, !notice.deliveries.isEmpty, order: notice.order, "nobody was to get it")
        if notice.audience == "customer" {
            let episode = trail.episodes.first { $0.id == notice.episode }
            let fits = episode.map { $0.kind == notice.kind || notice.kind == Kind.channelOutage.rawValue } ?? false
            expect(.noticeEpisode, row, fits && notice.order == order, "its episode is of another order or kind")
            let isRepeat = notice.reason == ReasonCode.resent.rawValue
            let isDecided = trail.log.contains { $0.act == "decision" && $0.notice == notice.id }
            expect(.noticeDecided, row, isDecided, "the log holds no decision that names it")
            if !isRepeat {
                let isThere = notice.deliveries.contains { $0.channel == "in_app" && $0.state == "delivered" }
                expect(.inAppFirst, row, isThere, "\(notice.priority) \(notice.kind), and nothing in the app")
            }
        }
        for delivery in notice.deliveries { check(delivery, of: notice) }
    }

    private mutating func check(_ delivery: DeliveryMark, of notice: NoticeMark) {
        let row = delivery.publicID
        expectWord(delivery.channel, Channel.self, "channel", of: row)
        expectWord(delivery.state, DeliveryState.self, "state", of: row)
        expectWord(delivery.mode, Mode.self, "mode", of: row)
        expectWord(delivery.reason, ReasonCode.self, "reason", of: row)
        if let priority = Priority(rawValue: notice.priority) {
            expect(.lane, row, delivery.lane == priority.lane, "it is filed in lane \(delivery.lane), its notice is \(notice.priority)")
        }
        let isInApp = delivery.channel == "in_app"
        let isReadUnseen = delivery.readAt != nil && delivery.seenAt == nil
        expect(
            .seenInOrder, row, !isReadUnseen && (isInApp || delivery.seenAt == nil),
            isInApp ? "it was read before it was seen" : "it was seen, and is not in the app")
        guard let state = DeliveryState(rawValue: delivery.state) else { return }
        let waits = state == .ready || state == .retryWait
        expect(
            .waits, row, waits == (delivery.nextAt != nil),
            waits ? "it waits, and nothing says until when" : "it is \(state.rawValue), and waits for a moment")
        if [.blocked, .cancelled, .dead].contains(state) {
            expect(.reasonGiven, row, delivery.reason != nil, "it is \(state.rawValue) without a reason")
        }
        checkEvidence(delivery, state, isInApp: isInApp)
        checkAttempts(delivery, state)
        if state == .dead, trail.order != nil {
            let isFiled = trail.log.contains { $0.act == "dead_letter" && $0.delivery == delivery.id }
            expect(.givenUpFiled, row, isFiled, "it is dead, and the log holds no dead letter of it")
        }
    }

    private mutating func checkEvidence(_ delivery: DeliveryMark, _ state: DeliveryState, isInApp: Bool) {
        let said = Set(delivery.receipts)
        let wasTaken = delivery.attempts.contains { $0.state == "accepted" || $0.state == "settled" }
        switch state {
        case .sent: expect(.evidence, delivery.publicID, wasTaken || !said.isEmpty, "it is sent, and nobody took it")
        case .delivered where !isInApp:
            expect(.evidence, delivery.publicID, !said.isDisjoint(with: ["delivered", "read"]), "it is delivered, and no receipt says so")
        case .undelivered:
            expect(.evidence, delivery.publicID, said.contains("undelivered"), "it is undelivered, and no receipt says so")
        case .blocked:
            expect(.evidence, delivery.publicID, delivery.attempts.isEmpty, "it was not to be sent, and was tried")
        default: break
        }
    }

    // MARK: Attempts

    private mutating func checkAttempts(_ delivery: DeliveryMark, _ state: DeliveryState) {
        let (row, attempts) = (delivery.publicID, delivery.attempts)
        expect(
            .attemptCount, row, delivery.tries == attempts.count && attempts.map(\.number) == Array(0..<attempts.count).map { $0 + 1 },
            "it counts \(delivery.tries) tries, there are \(attempts.count) attempts")
        let open = attempts.filter { $0.state == "intent" }
        let isOnWire = state == .inflight
        expect(
            .oneOpen, row, isOnWire ? open.count == 1 && attempts.last?.state == "intent" : open.isEmpty,
            isOnWire
                ? "it is on the wire, and no attempt is open" : "it is \(state.rawValue), and attempt \(open.first?.number ?? 0) is open")
        let accepted = attempts.count { $0.state == "accepted" }
        expect(
            .acceptedOnce, row, accepted <= 1 + delivery.receipts.count { $0 == "undelivered" }, "\(accepted) attempts of it were accepted")
        checkDoubt(delivery, state)
        for attempt in attempts { check(attempt, of: delivery) }
    }

    private mutating func checkDoubt(_ delivery: DeliveryMark, _ state: DeliveryState) {
        let row = delivery.publicID
        let isOpen = delivery.attempts.contains { $0.state == "ambiguous" }
        guard isOpen || delivery.isInDoubt else { return }
        let isListed: Bool =
            switch state {
            case .ambiguous, .unknown: isOpen
            case .ready, .retryWait, .inflight: true
            case .sent, .delivered, .undelivered, .cancelled, .expired, .dead, .blocked: false
            }
        expect(
            .doubtListed, row, isListed,
            isOpen ? "an attempt is in doubt, and it is \(state.rawValue)" : "it is \(state.rawValue), and no attempt is in doubt")
        if delivery.isInDoubt, isListed, trail.order != nil {
            expect(.doubtListed, row, trail.questions.contains { $0.hasPrefix(row) }, "nobody was asked about it")
        }
    }

    private mutating func check(_ attempt: AttemptMark, of delivery: DeliveryMark) {
        let row = attempt.publicID
        expectWord(attempt.state, AttemptState.self, "state", of: row)
        expectWord(attempt.outcome, Outcome.Class.self, "outcome", of: row)
        let intent = attempt.intent
        let isFirst = intent.map { intent in attempt.result.map { intent.seq < $0.seq } ?? true } ?? false
        expect(
            .intentFirst, row, intent?.act == "intent" && intent?.attempt == attempt.id && isFirst,
            intent == nil ? "the log does not hold its intent" : "row \(intent?.seq ?? 0) of the log is not its intent, or comes too late")
        expect(.inTime, row, attempt.startedAt <= delivery.expires, "it began after the time of \(delivery.publicID) was over")
        guard attempt.state != "intent" else { return }
        let isLogged = attempt.result.map { $0.act == "outcome" && $0.attempt == attempt.id } ?? false
        let hasEnded = attempt.finishedAt.map { $0 >= attempt.startedAt } ?? false
        expect(
            .outcomeLogged, row, isLogged && hasEnded,
            isLogged ? "it ended before it began, or at no time" : "it is \(attempt.state), and the log does not hold its outcome")
    }

    // MARK: Between notices

    private mutating func checkRepeats() {
        struct Told: Hashable {
            var episode: EpisodeID
            var version: Int64
            var stage, audience, channel: String
            /// The event, or the moment of the timer.
            var cause: Int64
        }
        var first: [Told: NoticeID] = [:]
        for notice in trail.notices where notice.episode > 0 && notice.reason != ReasonCode.resent.rawValue {
            for delivery in notice.deliveries where ["sent", "delivered"].contains(delivery.state) {
                let told = Told(
                    episode: notice.episode, version: notice.episodeVersion, stage: notice.stage, audience: notice.audience,
                    channel: delivery.channel, cause: notice.event ?? -notice.plannedAt.milliseconds)
                let other = first.updateValue(notice.id, forKey: told)
                expect(.oncePerState, delivery.publicID, other == nil, "notice \(other ?? 0) told the same on \(delivery.channel)")
            }
        }
    }

    /// From the order of the log: after an end nothing of what it ended is begun.
    private mutating func checkEnds() {
        let deliveries = trail.notices.flatMap(\.deliveries)
        let cancelled = Dictionary(
            trail.log.filter { $0.act == "cancelled" }.compactMap { row in row.delivery.map { ($0, row.seq) } }, uniquingKeysWith: min)
        for delivery in deliveries {
            guard let end = cancelled[delivery.id] else { continue }
            let late = delivery.attempts.first { ($0.intent?.seq ?? 0) > end }
            expect(.endsStay, delivery.publicID, late == nil, "attempt \(late?.number ?? 0) began after row \(end) cancelled it")
        }
        func isClosing(_ notice: NoticeMark) -> Bool { NoticeStage(rawValue: notice.stage)?.isClosing ?? false }
        for episode in trail.episodes {
            let own = trail.notices.filter { $0.episode == episode.id }
            let isOver = ["resolved", "superseded", "tombstone"].contains(episode.status)
            let closing = own.first { isClosing($0) && $0.stage != NoticeStage.correction.rawValue }
            let end = closing.flatMap { closing in trail.log.first { $0.act == "decision" && $0.notice == closing.id }?.seq }
            for notice in own where !isClosing(notice) {
                for delivery in notice.deliveries {
                    if isOver {
                        let isWaiting = delivery.state == "ready" || delivery.state == "retry_wait"
                        expect(.nothingLeft, delivery.publicID, !isWaiting, "it waits, and its episode is \(episode.status)")
                    }
                    if let end {
                        let late = delivery.attempts.first { ($0.intent?.seq ?? 0) > end }
                        expect(.overIsOver, delivery.publicID, late == nil, "attempt \(late?.number ?? 0) began after row \(end) closed it")
                    }
                }
            }
        }
    }
}
