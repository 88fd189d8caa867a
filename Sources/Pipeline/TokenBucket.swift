import Core

/// A rate: so many a second, at most a second's worth at once. A fifth is kept for what is high. Pure: time is an argument.
struct TokenBucket: Sendable, Equatable {
    let rate: Int
    private var tokens: Double
    private var at: Timestamp?

    init(rate: Int) { (self.rate, tokens) = (rate, Double(rate)) }

    /// As it was left, and no more than a second's worth.
    init(rate: Int, left: AccountStanding.Measure.Bucket) {
        (self.rate, tokens, at) = (rate, max(0, min(Double(rate), left.tokens)), left.at)
    }

    /// What is left of it.
    func left(at now: Timestamp) -> AccountStanding.Measure.Bucket {
        var bucket = self
        return AccountStanding.Measure.Bucket(tokens: bucket.refill(now), at: bucket.at ?? now)
    }

    @discardableResult
    private mutating func refill(_ now: Timestamp) -> Double {
        // A clock that was set back brings nothing until it is where it was, but never waits longer than a bucketful takes.
        let passed = at.map { max(0, now.milliseconds - $0.milliseconds) } ?? 0
        if let last = at, now < last - .seconds(1) { at = now } else { at = max(at ?? now, now) }
        tokens = min(Double(rate), tokens + Double(passed) * Double(rate) / 1000)
        return tokens
    }

    /// Takes one; nil, or when to ask again.
    mutating func take(isHigh: Bool, now: Timestamp) -> Timestamp? {
        refill(now)
        let needed = isHigh ? 1 : 1 + Double(rate / 5)
        guard tokens < needed else {
            tokens -= 1
            return nil
        }
        return now + .milliseconds(max(1, Int64((needed - tokens) * 1000 / Double(rate)) + 1))
    }
    mutating func postpone(by step: Duration) { at = at.map { $0 + step } }
    /// Gives one back that was not used.
    mutating func putBack() { tokens = min(Double(rate), tokens + 1) }
}
