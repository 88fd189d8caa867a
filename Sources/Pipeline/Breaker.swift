import Core

/// Whether an account may be tried. Opens when 5 attempts in a row brought nothing, or half of at least 20 within 30 s; after a pause that
/// doubles from 30 s to 10 min one attempt at a time finds out whether it is well again. Pure: time is an argument.
struct Breaker: Sendable, Equatable {
    enum State: Sendable, Equatable {
        case closed
        /// From `until` on one attempt at a time may try.
        case open(since: Timestamp, until: Timestamp)
    }
    private(set) var state = State.closed
    /// Openings since it was closed last.
    private(set) var openings = 0
    private var inRow = 0
    private var recent = Recent()

    static let mostInRow = 5
    /// Of fewer no share is taken.
    static let fewest = 20

    init() {}
    /// As it was stored.
    init(openings: Int, since: Timestamp, until: Timestamp) { (state, self.openings) = (.open(since: since, until: until), openings) }

    var isClosed: Bool { state == .closed }

    /// What came of an attempt. An attempt from before the opening says nothing about now.
    ///
    /// - Parameters:
    ///   - isWell: the provider answered, be it that it refused this one message.
    ///   - salt: spreads the pauses of several accounts.
    /// - Returns: whether the state changed.
    mutating func note(isWell: Bool, started: Timestamp, now: Timestamp, salt: UInt64) -> Bool {
        if case .open(let since, let until) = state {
            guard started >= since, isWell || started >= until else { return false }
            if isWell { self = Breaker() } else { open(now, salt) }
            return true
        }
        recent.add(isWell: isWell, now)
        inRow = isWell ? 0 : inRow + 1
        guard !isWell, !PlantedBug.neverOpensBreaker.isActive,
            inRow >= Self.mostInRow || (recent.count >= Self.fewest && 2 * recent.failed >= recent.count)
        else { return false }
        open(now, salt)
        return true
    }

    /// The time goes on later: a pause lasts as long as before.
    mutating func postpone(by step: Duration) {
        if case .open(let since, let until) = state { state = .open(since: since + step, until: until + step) }
        recent = Recent()
    }

    private mutating func open(_ now: Timestamp, _ salt: UInt64) {
        let doubled: Int64 = 30_000 << Int64(min(openings, 5))
        let pause = min(600_000, doubled)
        openings += 1
        // Up to a tenth less or more.
        let spread = Int64(Spread.mix(salt, UInt64(openings)) % UInt64(pause / 5))
        state = .open(since: now, until: now + .milliseconds(pause - pause / 10 + spread))
        (inRow, recent) = (0, Recent())
    }

    /// The last 30 s, in steps of ten.
    private struct Recent: Sendable, Equatable {
        private var step: Int64 = 0
        private var cells = [Cell](repeating: Cell(), count: 3)
        private struct Cell: Equatable { var count = 0, failed = 0 }

        mutating func add(isWell: Bool, _ now: Timestamp) {
            let current = max(0, now.milliseconds / 10_000)
            // A clock that was set back goes on in the newest cell.
            while step < current {
                step = max(step + 1, current - 2)
                cells[Int(step % 3)] = Cell()
            }
            cells[Int(step % 3)].count += 1
            if !isWell { cells[Int(step % 3)].failed += 1 }
        }
        var count: Int { cells.reduce(0) { $0 + $1.count } }
        var failed: Int { cells.reduce(0) { $0 + $1.failed } }
    }
}
