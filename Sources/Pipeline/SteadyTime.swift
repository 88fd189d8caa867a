import Core

/// What is stored of the clock now and then: the same moment by all three clocks.
struct ClockMark: Sendable, Equatable {
    var bootID: String
    var boot: Duration
    /// Clarion's.
    var time: Timestamp
    var wall: Timestamp
    /// Since when, by boot time, the wall clock has been as far off as it is.
    var since: Duration?
}

/// What a start finds of the clock.
struct StoredTime: Sendable, Equatable {
    var mark: ClockMark?
    /// The latest moment that was stored with anything.
    var newest: Timestamp?
}

/// Clarion's time. Pure: what the machine's clocks show is an argument.
///
/// It goes on as boot time does and is led towards the wall clock by at most a hundredth of the time that passes: so it follows what keeps a
/// clock right, and hardly what makes it wrong. From 2 s on the wall clock has stepped, or runs wrong, and is not followed, whichever way it
/// went. Once it has stood for 10 minutes it counts as right:
///
/// | the wall clock is | what follows |
/// |---|---|
/// | ahead, by a day at most | `follow`: the time goes on that much later, and what waits for a span of time is moved by as much |
/// | ahead by more | the same at the next start, since time that has passed cannot be taken back |
/// | behind | the time goes a hundredth slower until both meet: it never goes back |
///
/// After a start on the same boot it goes on where boot time says, as if there had been no end. After another boot the wall clock is believed,
/// but for what lies before the last stored time: then that is gone on from.
struct SteadyTime: Sendable {
    enum News: Sendable, Equatable {
        /// Nothing has happened; what it stands on should be stored.
        case mark
        /// The wall clock went by so much more (or less) than the time that passed, and is ahead (or behind) by `ahead` now.
        case step(by: Duration, ahead: Duration)
        case follow(Duration)
    }

    private var base: Timestamp
    private var baseBoot: Duration
    private var last: Timestamp
    private var ticked: ClockReading
    private var marked: Duration
    /// The wall clock is not followed: how far it is ahead, and since when by boot time.
    private var standing: Standing?
    private struct Standing: Sendable {
        var ahead: Duration
        var since: Duration
    }

    static let reach = Duration.seconds(2)
    static let proof = Duration.minutes(10)
    static let mostFollowed = Duration.days(1)
    private static let slowness = 100

    private init(_ base: Timestamp, _ reading: ClockReading) {
        (self.base, baseBoot, last, ticked, marked) = (base, reading.boot, base, reading, reading.boot)
    }

    // MARK: Beginning

    static func beginning(at reading: ClockReading, bootID: String?, _ stored: StoredTime) -> (SteadyTime, News?) {
        guard !PlantedBug.forgetsStoredTime.isActive else { return (SteadyTime(reading.wall, reading), nil) }
        let least = [stored.newest, stored.mark?.time].compactMap(\.self).max()
        let mark = stored.mark.flatMap { $0.bootID == bootID && $0.boot <= reading.boot ? $0 : nil }
        let likely = mark.map { $0.time + (reading.boot - $0.boot) } ?? reading.wall
        var time = SteadyTime(max(likely, least ?? likely), reading)
        let news = time.takeUp(reading, after: mark)
        return (time, news)
    }

    /// - Parameter mark: of the same boot.
    private mutating func takeUp(_ reading: ClockReading, after mark: ClockMark?) -> News? {
        let ahead = ahead(reading)
        let before = mark.map { $0.wall - $0.time } ?? .zero
        let isNew = (ahead - before).magnitude > Self.reach
        if ahead.magnitude > Self.reach { standing = Standing(ahead: ahead, since: isNew ? reading.boot : mark?.since ?? reading.boot) }
        if isNew { return .step(by: ahead - before, ahead: ahead) }
        return isProven(at: reading.boot) && ahead > .zero ? .follow(ahead) : .mark
    }

    // MARK: Going on

    private func time(at boot: Duration) -> Timestamp { base + (boot - baseBoot) }
    func ahead(_ reading: ClockReading) -> Duration { reading.wall - time(at: reading.boot) }

    mutating func now(at boot: Duration) -> Timestamp {
        last = max(last, time(at: boot))
        return last
    }

    func isTickDue(at boot: Duration) -> Bool { boot - ticked.boot >= .seconds(1) }

    mutating func tick(_ reading: ClockReading) -> News? {
        let passed = reading.boot - ticked.boot
        let jump = reading.wall - ticked.wall - passed
        let ahead = ahead(reading)
        ticked = reading
        let wasFollowed = standing == nil
        stand(ahead, at: reading.boot)
        if jump.magnitude > Self.reach { return .step(by: jump, ahead: ahead) }
        if wasFollowed, standing != nil { return .step(by: ahead, ahead: ahead) }
        if standing == nil || (isProven(at: reading.boot) && ahead < .zero) { lead(by: ahead, within: passed / Self.slowness) }
        if isProven(at: reading.boot), ahead > .zero, ahead <= Self.mostFollowed { return .follow(ahead) }
        return isMarkDue(at: reading.boot) ? .mark : nil
    }

    /// Notes how far the wall clock is off; when that has changed, its time begins anew.
    private mutating func stand(_ ahead: Duration, at boot: Duration) {
        guard ahead.magnitude > Self.reach else {
            standing = nil
            return
        }
        guard let known = standing, (ahead - known.ahead).magnitude <= Self.reach else {
            standing = Standing(ahead: ahead, since: boot)
            return
        }
    }
    private func isProven(at boot: Duration) -> Bool { standing.map { boot - $0.since >= Self.proof } ?? false }

    private mutating func lead(by ahead: Duration, within most: Duration) {
        let change = Duration.milliseconds(min(max(ahead, .zero - most), most).milliseconds)
        base = base + change
        standing?.ahead -= change
    }

    mutating func follow(_ step: Duration) {
        base = base + step
        // Back again when it could not be written down: nobody was told what was said meanwhile.
        last = time(at: ticked.boot)
        standing = nil
    }

    /// Once a minute: a start after a kill knows the time to a few hundredths of that.
    private mutating func isMarkDue(at boot: Duration) -> Bool {
        guard boot - marked >= .minutes(1) else { return false }
        marked = boot
        return true
    }

    func mark(at reading: ClockReading, bootID: String) -> ClockMark {
        ClockMark(bootID: bootID, boot: reading.boot, time: time(at: reading.boot), wall: reading.wall, since: standing?.since)
    }
}

extension Duration {
    var magnitude: Duration { self < .zero ? .zero - self : self }
}
