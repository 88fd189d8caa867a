import Core

/// Compares what went in, what providers truly took and what the database says. Pure: whatever a run left is in its argument.
public enum Checker {
    /// - Parameter isDrained: the last worker worked until nothing waited. If not, what waits or is on its way is no breach.
    public static func check(_ facts: RunFacts, isDrained: Bool = true) -> CheckReport {
        var report = CheckReport()
        for finding in facts.unreadable { report.broken(finding.invariant, finding.words) }
        if let store = facts.store {
            checkStore(store, &report)
            checkKept(facts.input, store, isDrained: isDrained, &report)
            checkTold(facts.taken, store, isDrained: isDrained, &report)
            checkRepeats(facts.taken, store, &report)
            checkDoubt(facts.taken, facts.leftOpen, store, facts.limits, isDrained: isDrained, &report)
            checkOrder(store, &report)
            checkReasons(store, &report)
            measureLanes(store, facts.limits, &report)
        } else {
            for invariant: Invariant in [.conservation, .noRepeat, .doubtIsListed, .orderHolds, .lanes, .reasons, .chain, .integrity] {
                report.skipped(invariant, "no database was read")
            }
        }
        checkLeaks(facts.leaks, &report)
        checkProcesses(facts.processes, facts.limits, &report)
        checkSamples(facts.samples, facts.limits, &report)
        if let turn = facts.longestTurn { report.measured("longest_turn_ms", turn) }
        return report
    }

    /// I8, I9.
    private static func checkStore(_ store: StoreFacts, _ report: inout CheckReport) {
        report.measured("events", store.accounting.accepted)
        report.measured("deliveries", store.deliveries.count)
        if let words = store.chainBreak { report.broken(.chain, words) }
        for words in store.integrity { report.broken(.integrity, words) }
    }

    /// I10.
    private static func checkLeaks(_ leaks: [RunFacts.Leak]?, _ report: inout CheckReport) {
        guard let leaks else { return report.skipped(.noLeak, "no planted.txt") }
        report.broken(.noLeak, "a planted value stands in", leaks.map { "\($0.file) at \($0.offset) (value \($0.value))" })
    }
}
