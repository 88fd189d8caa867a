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
    private var lastFailure = ""
    private let salt: UInt64

    /// What is left to an account that fails: somebody has to notice that it is well again.
    static let leastTrust = 0.05
    /// A pause that a provider asks for is believed in these bounds.
    static let retryAfter: ClosedRange<Duration> = .seconds(1) ... .hours(1)
    /// How long a message waits for an account that a person has paused before it looks again.
    static let look = Duration.seconds(5)

    init(most: Int, rate: Int?, salt: UInt64) {
        (window, bucket, self.salt) = (Window(most: most), rate.map { TokenBucket(rate: $0) }, salt)
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
        switch outcome {
        case .accepted, .badRecipient, .badRequest:
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

    /// A receipt that took longer than it should, or never came, or one in time.
    mutating func note(receiptInTime: Bool) { trust = receiptInTime ? min(1, trust + 0.02) : max(Self.leastTrust, trust * 0.9) }

    mutating func set(_ pause: AccountStanding.Pause?) {
        self.pause = pause
        // Whoever says that it is well again is believed.
        if pause == nil { (breaker, heldUntil) = (Breaker(), nil) }
    }

    mutating func postpone(by step: Duration) {
        heldUntil = heldUntil.map { $0 + step }
        breaker.postpone(by: step)
        bucket?.postpone(by: step)
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
        return standing
    }

    /// As it was before a restart.
    mutating func restore(_ standing: AccountStanding) {
        (heldUntil, pause, lastFailure) = (standing.heldUntil, standing.pause, standing.lastFailure)
        if let opening = standing.opening { breaker = Breaker(openings: opening.count, since: opening.since, until: opening.until) }
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
