/// When a gradual publication ends by itself: what its notices lead to is compared with what those of the texts before lead to.
///
/// A look every minute for days would find a difference of chance sooner or later, so the bar is high: four standard deviations
/// (one look in 30,000), and five cases at least.
public enum RolloutGuard {
    /// What one side's notices led to. Complaints and contacts are counted by order, once each.
    public struct Arm: Sendable, Equatable {
        public var notices, orders, failed, broken, complaints, contacts: Int
        public init(notices: Int = 0, orders: Int = 0, failed: Int = 0, broken: Int = 0, complaints: Int = 0, contacts: Int = 0) {
            (self.notices, self.orders, self.failed) = (notices, orders, failed)
            (self.broken, self.complaints, self.contacts) = (broken, complaints, contacts)
        }

        /// - Parameter voices: complaints and contacts, of whichever orders.
        public init(_ told: [ToldOutcome], _ voices: [Voice]) {
            self.init(notices: told.count, failed: told.count(where: \.isFailed), broken: told.count(where: \.isBroken))
            var first: [OrderNumber: Timestamp] = [:]
            for notice in told { first[notice.order] = min(first[notice.order] ?? notice.plannedAt, notice.plannedAt) }
            orders = first.count
            func count(_ sort: Voice.Sort) -> Int {
                Set(voices.lazy.filter { voice in voice.sort == sort && first[voice.order].map { $0 <= voice.at } ?? false }.map(\.order))
                    .count
            }
            (complaints, contacts) = (count(.complaint), count(.contact))
        }
    }

    static let deviations = 4.0
    static let cases = 5
    /// Texts that cannot be made are the texts' own fault: so many end it at once.
    static let brokenCases = 3

    /// Why it has to stop; nil: nothing speaks against it.
    public static func verdict(trial: Arm, base: Arm) -> String? {
        if trial.broken >= brokenCases, isWorse(trial.broken, trial.notices, base.broken, base.notices, cases: brokenCases, deviations: 2) {
            return "\(trial.broken) of \(trial.notices) notices could not be made, \(base.broken) of \(base.notices) before"
        }
        let measures = [
            ("failed", trial.failed, trial.notices, base.failed, base.notices),
            ("led to a complaint", trial.complaints, trial.orders, base.complaints, base.orders),
            ("led to a contact with support", trial.contacts, trial.orders, base.contacts, base.orders),
        ]
        for (words, bad, all, badBefore, allBefore) in measures
        where isWorse(bad, all, badBefore, allBefore, cases: cases, deviations: deviations) {
            return "\(bad) of \(all) \(words), \(badBefore) of \(allBefore) with the texts before"
        }
        return nil
    }

    /// Two shares compared by their pooled deviation. Without anything to compare with, nothing is worse.
    private static func isWorse(_ bad: Int, _ all: Int, _ badBefore: Int, _ allBefore: Int, cases: Int, deviations: Double) -> Bool {
        guard bad >= cases, all > 0, allBefore > 0 else { return false }
        let (n, m) = (Double(all), Double(allBefore))
        let difference = Double(bad) / n - Double(badBefore) / m
        let pooled = Double(bad + badBefore) / (n + m)
        let deviation = (pooled * (1 - pooled) * (1 / n + 1 / m)).squareRoot()
        return difference > deviations * deviation
    }
}
