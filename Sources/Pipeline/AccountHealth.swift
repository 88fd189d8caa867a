import Core

/// How an account is: what it may have open, whether it is tried at all, and how far it is trusted beside others of its channel. Pure.
struct AccountHealth: Sendable {
    private(set) var open = 0
    /// Of these what is low, and what is high.
    private var (low, high) = (0, 0)
    private(set) var window: Window
    private(set) var breaker = Breaker()
    private var heldUntil: Timestamp?
    private(set) var pause: AccountStanding.Pause?
    private var bucket: TokenBucket?
    /// Share of its configured weight that it gets: down with failures and slow receipts, back with what goes well.
    private(set) var trust = 1.0
    /// Nil: it brings no receipts.
    private var silence: Silence?
    private var lastFailure = ""
    /// What the store has of its measure, and since when.
    private var kept = AccountStanding.Measure()
    private var keptAt: Timestamp?
    private let salt: UInt64

    /// What is left to an account that fails: somebody has to notice that it is well again.
    static let leastTrust = 0.05
    /// A pause that a provider asks for is believed in these bounds.
    static let retryAfter: ClosedRange<Duration> = .seconds(1) ... .hours(1)
    /// How long a message waits for an account that a person has paused before it looks again.
    static let look = Duration.seconds(5)
    /// The store is behind with what moves all the time by this much at most, as long as anything is sent.
    static let lag = Duration.seconds(1)

    init(most: Int, rate: Int?, salt: UInt64, bringsReceipts: Bool = false) {
        (window, bucket, self.salt) = (Window(most: most), rate.map { TokenBucket(rate: $0) }, salt)
        silence = bringsReceipts ? Silence() : nil
    }

    enum Admission: Equatable {
        case free
        /// Until something comes back.
        case full
        case closed(until: Timestamp, ReasonCode)
    }

    /// - Parameter isLast: no other account can take it. What is high then tries in spite of an open breaker, one attempt at a time, however much
    ///   of other lanes still hangs.
    func admission(_ priority: Priority, isLast: Bool, now: Timestamp) -> Admission {
        if pause != nil { return .closed(until: now + Self.look, .providerPaused) }
        if let heldUntil, heldUntil > now { return .closed(until: heldUntil, .providerPaused) }
        if case .open(_, let until) = breaker.state {
            if priority == .high, isLast { return high == 0 ? .free : .full }
            if now < until { return .closed(until: until, .providerUnreachable) }
            return open == 0 ? .free : .full
        }
        return window.admits(priority, open: open, low: low, high: high) ? .free : .full
    }

    /// Counts an attempt as open; nil, or when its rate allows one.
    mutating func take(_ priority: Priority, now: Timestamp) -> Timestamp? {
        if let wait = bucket?.take(isHigh: priority == .high, now: now) { return wait }
        count(priority, 1)
        return nil
    }
    /// One that was not used.
    mutating func putBack(_ priority: Priority) {
        count(priority, -1)
        bucket?.putBack()
    }

    private mutating func count(_ priority: Priority, _ more: Int) {
        open += more
        switch priority {
        case .high: high += more
        case .normal: break
        case .low: low += more
        }
    }

    /// What came of an attempt. Returns whether something changed that is kept over a restart.
    mutating func note(_ outcome: Outcome, _ priority: Priority, started: Timestamp, now: Timestamp) -> Bool {
        count(priority, -1)
        noteSilence(now)
        switch outcome {
        case .accepted, .badRecipient, .badRequest:
            if case .accepted = outcome { silence?.taken(at: now) }
            trust = min(1, trust + 0.02)
            window.grow()
            guard breaker.note(isWell: true, started: started, now: now, salt: salt) else { return false }
            window.startAgain()
            return true
        case .throttled(let detail, let notBefore, let scope):
            guard scope == .account else { return false }
            window.shrink()
            lastFailure = Self.words(outcome, detail)
            let notBefore = PlantedBug.ignoresRetryAfter.isActive ? nil : notBefore
            let wait = min(max(notBefore ?? Self.retryAfter.lowerBound, Self.retryAfter.lowerBound), Self.retryAfter.upperBound)
            guard heldUntil.map({ $0 + .seconds(1) < now + wait }) ?? true else { return false }
            heldUntil = now + wait
            return true
        case .notSent(let detail), .transient(let detail, _), .authConfig(let detail), .ambiguous(let detail):
            guard !outcome.isOurOwn else { return false }
            trust = max(Self.leastTrust, trust * 0.8)
            window.shrink()
            lastFailure = Self.words(outcome, detail)
            return breaker.note(isWell: false, started: started, now: now, salt: salt)
        }
    }

    /// A receipt that took longer than it should, or says that the message did not arrive, or one in time.
    ///
    /// - Parameter sent: when its message was taken.
    mutating func note(receiptInTime: Bool, of sent: Timestamp, now: Timestamp) {
        noteSilence(now)
        guard silence?.heard(of: sent) ?? true else { return }
        trust = receiptInTime ? min(1, trust + 0.02) : max(Self.leastTrust, trust * 0.9)
    }

    /// Receipts that did not come.
    private mutating func noteSilence(_ now: Timestamp) {
        guard !PlantedBug.forgivesSilence.isActive, let count = silence?.overdue(at: now, after: Receipts.inTime) else { return }
        for _ in 0..<min(count, 30) { trust = max(Self.leastTrust, trust * 0.9) }
    }

    mutating func set(_ pause: AccountStanding.Pause?) {
        self.pause = pause
        // Whoever says that it is well again is believed.
        if pause == nil { (breaker, heldUntil) = (Breaker(), nil) }
    }

    mutating func postpone(by step: Duration) {
        heldUntil = heldUntil.map { $0 + step }
        breaker.postpone(by: step)
        bucket?.postpone(by: step)
        silence?.postpone(by: step)
        keptAt = keptAt.map { $0 + step }
    }

    private static func words(_ outcome: Outcome, _ detail: OutcomeDetail) -> String {
        let words = detail.description
        return outcome.class.rawValue + (words.isEmpty ? "" : ": " + words)
    }

    func standing(_ name: String, at now: Timestamp) -> AccountStanding {
        var standing = AccountStanding(account: name, changedAt: now)
        if case .open(let since, let until) = breaker.state {
            standing.opening = AccountStanding.Opening(since: since, until: until, count: breaker.openings)
        }
        (standing.heldUntil, standing.pause, standing.lastFailure) = (heldUntil.flatMap { $0 > now ? $0 : nil }, pause, lastFailure)
        standing.measure = measure(at: now)
        return standing
    }

    func measure(at now: Timestamp) -> AccountStanding.Measure {
        var measure = AccountStanding.Measure()
        (measure.window, measure.bucket, measure.trust) = (window.kept, bucket?.left(at: now), trust)
        return measure
    }

    /// What the store should know of it by now, nil when it does.
    ///
    /// - Parameter isLast: nothing more will be sent.
    func drift(at now: Timestamp, isLast: Bool) -> AccountStanding.Measure? {
        let measure = measure(at: now)
        return measure != kept && (isLast || keptAt.map { now >= $0 + Self.lag } ?? true) ? measure : nil
    }
    mutating func wasKept(_ measure: AccountStanding.Measure, at now: Timestamp) { (kept, keptAt) = (measure, now) }

    /// As it was before a restart. Of a rate all that may have been used counts as used, so that two processes together keep it.
    ///
    /// - Parameters:
    ///   - standing: nil when nothing was ever kept of it.
    ///   - lastRow: when the store's log was last written to. Every request has a row there before it leaves: with none since the bucket was
    ///     written that still holds, in all other cases it begins empty now. Nil: the store is new.
    mutating func restore(_ standing: AccountStanding?, lastRow: Timestamp?, at now: Timestamp) {
        if let standing {
            (heldUntil, pause, lastFailure) = (standing.heldUntil, standing.pause, standing.lastFailure)
            if let opening = standing.opening { breaker = Breaker(openings: opening.count, since: opening.since, until: opening.until) }
            if !PlantedBug.forgetsMeasures.isActive {
                (window.kept, trust) = (standing.measure.window, max(Self.leastTrust, min(1, standing.measure.trust)))
            }
            kept = standing.measure
        }
        guard let rate = bucket?.rate, let lastRow, !PlantedBug.forgetsBucket.isActive else { return }
        let left = standing?.measure.bucket.flatMap { lastRow < $0.at ? $0 : nil }
        bucket = TokenBucket(rate: rate, left: left ?? AccountStanding.Measure.Bucket(tokens: 0, at: now))
    }
}

extension Outcome {
    /// Never reached libcurl: no room, or we ended. Nothing is said of the provider.
    var isOurOwn: Bool { if case .notSent(let detail) = self { detail.code == "curl-0" } else { false } }
}

extension AccountStanding {
    /// What the log says when it changes.
    var logEntry: LogEntry {
        var body: [(String, JSON)] = [("account", .string(account)), ("state", .string(state.rawValue))]
        if let opening, pause == nil {
            body.append(("until", .string(opening.until.description)))
        } else if let heldUntil, pause == nil {
            body.append(("until", .string(heldUntil.description)))
        }
        if !lastFailure.isEmpty, state != .closed { body.append(("detail", .string(lastFailure))) }
        return LogEntry(.account, at: changedAt, body: .object(body))
    }
}
