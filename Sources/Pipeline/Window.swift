import Core

/// How many attempts of an account may be open: all it is allowed while it is well, fewer after failures, and after a pause again from two on.
///
/// Each failure takes 1/√n, each success gives 1/n, or 1 until half of what is allowed is reached (Postfix's destination concurrency feedback
/// and TCP's slow start).
struct Window: Sendable, Equatable {
    let most: Int
    private var size: Double
    /// Up to here it grows fast.
    private var threshold: Double

    init(most: Int) { (self.most, size, threshold) = (most, Double(most), Double(most)) }

    /// As it was before a restart; nil while all may be open.
    var kept: AccountStanding.Measure.Window? {
        get { size < Double(most) ? .init(size: size, threshold: threshold) : nil }
        set {
            let all = Double(most)
            (size, threshold) = newValue.map { (max(1, min(all, $0.size)), max(1, min(all, $0.threshold))) } ?? (all, all)
        }
    }

    /// Attempts that may be open.
    var limit: Int { max(1, Int(size)) }

    /// Whether one more may be opened: a quarter is kept for what is high, and what is low gets a twentieth whatever else is open. When it has
    /// shrunk and more is open than it allows, what is high still has its quarter.
    func admits(_ priority: Priority, open: Int, low: Int, high: Int) -> Bool {
        let share = limit / 20
        switch priority {
        case .high: return open < limit - max(0, share - low) || (high < max(1, reserve) && !PlantedBug.waitsBehindBulk.isActive)
        case .normal: return open < limit - reserve - max(0, share - low)
        case .low: return open < limit - reserve || (low < share && open < limit)
        }
    }
    private var reserve: Int { limit >= 8 ? limit / 4 : limit > 1 ? 1 : 0 }

    mutating func grow() {
        guard size < Double(most) else { return }
        size = min(Double(most), size + (size < threshold ? 1 : 1 / size))
    }
    mutating func shrink() {
        size = max(1, size - 1 / size.squareRoot())
        threshold = max(1, size)
    }
    /// After a pause: everybody who waited comes at once.
    mutating func startAgain() { (size, threshold) = (min(2, Double(most)), max(1, Double(most) / 2)) }
}
