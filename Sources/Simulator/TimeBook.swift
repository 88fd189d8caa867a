import Core
import Store

/// Clarion's time beside the time that truly passes, and what was promised by it.
///
/// | Clarion's time | may |
/// |---|---|
/// | in one life | go on as time does, and a hundredth of what has passed since it began faster or slower; never back |
/// | that follows a step | be later by that step, in the commit that moves what waits |
/// | of a start on the same boot | be what it would be without the end, but for a hundredth of the age of its mark; and behind by what a last look led it back |
/// | of a start on another boot | be the wall clock's, or the last stored moment, whichever is later |
///
/// So a promise is kept: of what was to be done in so much time, at least a hundred of a hundred and one parts have truly passed when it is done. Two
/// things make it shorter, and are counted: a start on another boot that found the wall clock ahead, and for what hangs on the calendar a step
/// that was followed.
struct TimeBook {
    /// Something is to be done at `due`, in `span` from the true moment `made`.
    private struct Promise {
        var made, due: Timestamp
        var span: Duration
        /// By how much starts had put the time forward by then.
        var gained: Duration
        /// The commit that it was made in.
        var commit: Int
    }
    private struct TimerName: Hashable {
        var step: StoredTimer.Step
        var episode, notice: Int64
        var incident: String
        var argument: Int
        init(_ timer: StoredTimer) {
            (step, episode, notice) = (timer.step, timer.episode, timer.notice)
            (incident, argument) = (timer.incident, timer.argument)
        }
    }

    /// When this life began, or followed a step last, by both.
    private var anchor: (now: Timestamp, time: Timestamp)?
    /// What was seen last of both.
    private var last: (now: Timestamp, time: Timestamp)?
    private var bootID = ""
    /// What passed at most between two looks of this life: a machine may stand still.
    private var longest = TimeBook.look
    private var gained = Duration.zero
    /// Moments before this are from before a step that was followed in this life.
    private(set) var floor: Timestamp?
    private var commit = 0
    private var timers: [TimerName: Promise] = [:]
    private var starts: [DeliveryID: Promise] = [:]
    private var ends: [DeliveryID: Promise] = [:]

    private static let hundredth = 100
    /// What is this near is led to, and may be within one look.
    private static let reach = Duration.seconds(2)
    /// Who has nothing to do and leads the time back looks as rarely.
    static let look = Duration.minutes(10)
    /// Times are whole milliseconds.
    private static let grain = Duration.milliseconds(2)

    // MARK: The time

    /// What it should be about.
    func expected(at now: Timestamp) -> Timestamp { last.map { $0.time + (now - $0.now) } ?? now }

    var hasBegun: Bool { anchor != nil }
    mutating func end() { (anchor, floor) = (nil, nil) }

    /// What a start finds.
    struct Found {
        var bootID: String
        var wall: Timestamp
        /// The last stored moment; and of the mark its age, when it is of this boot.
        var stored: Timestamp?
        var markAge: Duration?
    }

    /// A process has begun. Returns what does not hold.
    mutating func begin(_ time: Timestamp, at now: Timestamp, _ found: Found) -> String? {
        defer { (anchor, last, bootID, longest) = ((now, time), (now, time), found.bootID, Self.look) }
        if let stored = found.stored, time < stored { return "the time went back to \(time), and \(stored) is stored" }
        guard let last else { return nil }
        let gain = time - (last.time + (now - last.now))
        gained += max(.zero, gain)
        if let age = found.markAge, bootID == found.bootID {
            let most = age / Self.hundredth + Self.grain
            return gain <= most && .zero - gain <= most + longest / Self.hundredth
                ? nil : "a start on the same boot moved the time by \(gain)"
        }
        return time <= max(found.wall, last.time) ? nil : "a start made the time \(time), and no clock showed it"
    }

    /// As it is seen between two commits.
    mutating func note(_ time: Timestamp, at now: Timestamp) -> String? {
        guard let anchor, let last else { return nil }
        self.last = (now, time)
        longest = max(longest, now - last.now)
        if time < last.time { return "the time went back from \(last.time) to \(time)" }
        let passed = now - anchor.now
        let lead = time - anchor.time - passed
        return Self.size(lead) <= passed / Self.hundredth + Self.grain ? nil : "in \(passed) the time was led by \(lead)"
    }

    /// A step was followed; what waits is checked by `moved`.
    mutating func follow(_ step: Duration, to time: Timestamp, at now: Timestamp) -> String? {
        let before = last?.time ?? time
        (anchor, last, floor) = ((now, time), (now, time), time)
        return Self.size(time - before - step) <= Self.grain ? nil : "what waits was moved by \(step), and the time by \(time - before)"
    }

    private static func size(_ span: Duration) -> Duration { span < .zero ? .zero - span : span }

    // MARK: Promises

    mutating func nextCommit() { commit += 1 }

    private func promise(_ due: Timestamp, _ time: Timestamp, _ now: Timestamp) -> Promise {
        Promise(made: now, due: due, span: due - time, gained: gained, commit: commit)
    }
    private func isEarly(_ promise: Promise?, _ now: Timestamp) -> Bool {
        guard let promise else { return false }
        let passed = now - promise.made
        return passed + passed / Self.hundredth + (gained - promise.gained) + Self.reach < promise.span
    }

    mutating func arm(_ timer: StoredTimer, _ time: Timestamp, at now: Timestamp) {
        timers[TimerName(timer)] = promise(timer.due, time, now)
    }
    mutating func forget(_ timer: StoredTimer) { timers[TimerName(timer)] = nil }
    /// False: its time had not passed.
    mutating func fire(_ timer: StoredTimer, at now: Timestamp) -> Bool { !isEarly(timers.removeValue(forKey: TimerName(timer)), now) }

    /// How a delivery stands after a commit that has touched it.
    mutating func take(_ delivery: Delivery, _ time: Timestamp, at now: Timestamp) {
        switch delivery.state {
        case .ready, .retryWait: starts[delivery.id] = promise(delivery.nextAt ?? time, time, now)
        case .inflight, .ambiguous: starts[delivery.id] = nil
        case .sent, .delivered, .undelivered, .unknown, .cancelled, .expired, .dead, .blocked:
            (starts[delivery.id], ends[delivery.id]) = (nil, nil)
            return
        }
        if ends[delivery.id]?.due != delivery.expires { ends[delivery.id] = promise(delivery.expires, time, now) }
    }
    func mayStart(_ delivery: DeliveryID, at now: Timestamp) -> Bool { !isEarly(starts[delivery], now) }
    func mayExpire(_ delivery: DeliveryID, at now: Timestamp) -> Bool { !isEarly(ends[delivery], now) }

    // MARK: Steps that are followed

    /// What waits has moved as it should: spans of time last as long as before; what hangs on the calendar keeps its moment, unless it lies inside the step.
    struct Step {
        var from: Timestamp
        var by: Duration
        func moves(_ due: Timestamp, isOnCalendar: Bool) -> Bool { due > from && (due <= from + by || !isOnCalendar) }
    }

    /// False when it stands elsewhere than it has to.
    mutating func moved(_ timer: StoredTimer, _ step: Step, _ time: Timestamp, at now: Timestamp) -> Bool {
        let isOnCalendar = timer.step.isOnCalendar
        return moved(&timers[TimerName(timer)], to: timer.due, moves: { step.moves($0, isOnCalendar: isOnCalendar) }, step, time, now)
    }
    mutating func moved(_ delivery: Delivery, _ step: Step, _ time: Timestamp, at now: Timestamp) -> Bool {
        let isOnCalendar = delivery.reason == .quietHoursDeferred
        let start =
            delivery.state == .inflight
            || moved(
                &starts[delivery.id], to: delivery.nextAt ?? time, moves: { step.moves($0, isOnCalendar: isOnCalendar) }, step, time, now)
        return moved(&ends[delivery.id], to: delivery.expires, moves: { $0 >= step.from }, step, time, now) && start
    }

    private func moved(
        _ known: inout Promise?, to due: Timestamp, moves: (Timestamp) -> Bool, _ step: Step, _ time: Timestamp, _ now: Timestamp
    ) -> Bool {
        // What the same commit has changed otherwise is believed.
        guard var promise = known, promise.commit != commit else {
            known = self.promise(due, time, now)
            return true
        }
        let moves = moves(promise.due)
        let expected = moves ? promise.due + step.by : promise.due
        // What keeps its moment comes sooner by that much.
        if !moves { promise.span -= step.by }
        promise.due = due
        known = promise
        return due == expected
    }
}
