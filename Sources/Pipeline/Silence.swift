import Core

/// What an account has taken and brought no receipt of yet, counted in steps of ten seconds. What stays silent for too long is as bad as what arrives
/// too late, and worse to wait for. Of an account that has brought no receipt yet nothing is expected: perhaps it was not asked. Pure: time is an
/// argument.
struct Silence: Sendable, Equatable {
    /// From this step on, how many of each are awaited.
    private var first: Int64 = 0
    private var awaited: [Int] = []
    private var hasSpoken = false
    private static let step: Int64 = 10_000

    mutating func taken(at moment: Timestamp) {
        let step = moment.milliseconds / Self.step
        if awaited.isEmpty { first = max(first, step) }
        // A clock that was set back counts on in the oldest.
        let place = max(0, Int(step - first))
        while awaited.count <= place { awaited.append(0) }
        awaited[place] += 1
    }

    /// A receipt about a message that was taken at a moment. False: it was overdue, and is counted.
    mutating func heard(of moment: Timestamp) -> Bool {
        hasSpoken = true
        let place = Int(moment.milliseconds / Self.step - first)
        guard place >= 0 else { return false }
        // It may have been counted a little before it was written down.
        for place in [place, place - 1] where awaited.indices.contains(place) && awaited[place] > 0 {
            awaited[place] -= 1
            break
        }
        return true
    }

    /// How many have been silent for longer, each counted once.
    mutating func overdue(at now: Timestamp, after limit: Duration) -> Int {
        let last = (now - limit).milliseconds / Self.step
        guard last > first, !awaited.isEmpty else { return 0 }
        let old = min(awaited.count, Int(last - first))
        let count = awaited[..<old].reduce(0, +)
        awaited.removeFirst(old)
        first = last
        return hasSpoken ? count : 0
    }

    mutating func postpone(by step: Duration) { first += step.milliseconds / Self.step }
}
