/// Waits between attempts: doubling from 2 s, never above 10 min, then shortened by up to half so that retries spread out.
///
/// | attempts so far | 1 | 2 | 5 | 9 | 10 and more |
/// |---|---|---|---|---|---|
/// | longest wait | 2 s | 4 s | 32 s | 512 s | 600 s |
public struct RetryPolicy: Sendable {
    /// Then the delivery is given up, even inside its time budget.
    public var maxAttempts: Int
    public init(maxAttempts: Int = 8) { self.maxAttempts = maxAttempts }

    /// - Parameters:
    ///   - attempts: so far, at least 1.
    ///   - salt: spreads deliveries; the same delivery waits the same in a replay.
    public func delay(after attempts: Int, salt: UInt64) -> Duration {
        precondition(attempts >= 1, "no attempt, no wait")
        let doubled: Int64 = 2000 << Int64(min(attempts - 1, 20))
        let longest = min(600_000, doubled)
        let mixed = Spread.mix(salt, UInt64(attempts))
        let half = longest / 2
        return .milliseconds(half + Int64(mixed % UInt64(half + 1)))
    }
}
