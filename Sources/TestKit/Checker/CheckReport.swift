public import Core

/// What the checker found in one run.
public struct CheckReport: Sendable {
    public private(set) var breaches: [Finding] = []
    /// What could not be checked, and why.
    public private(set) var unchecked: [Finding] = []
    /// Measured, e.g. `high_p99_ms`.
    public private(set) var figures: [(name: String, value: Int)] = []
    /// How many events, deliveries or the like break each.
    public private(set) var offenders: [Invariant: Int] = [:]

    mutating func broken(_ invariant: Invariant, _ words: String, count: Int = 1) {
        breaches.append(Finding(invariant: invariant, words: words))
        offenders[invariant, default: 0] += count
    }
    mutating func skipped(_ invariant: Invariant, _ words: String) { unchecked.append(Finding(invariant: invariant, words: words)) }
    mutating func measured(_ name: String, _ value: Int) { figures.append((name, value)) }

    /// One breach for all that break a rule in the same way: the first few are named.
    mutating func broken(_ invariant: Invariant, _ rule: String, _ offenders: some Collection<String>) {
        guard !offenders.isEmpty else { return }
        let named = offenders.sorted()
        let more = named.count > 5 ? " and \(named.count - 5) more" : ""
        broken(invariant, "\(rule): \(named.prefix(5).joined(separator: ", "))\(more)", count: named.count)
    }

    /// Of a figure; 0 when it was not measured.
    public func value(of figure: String) -> Int { figures.first { $0.name == figure }?.value ?? 0 }

    /// One object for each line: `{"invariant","breach"}`, `{"invariant","unchecked"}`, `{"invariant","offenders"}`,
    /// `{"figure","value"}`; breaches first.
    public var lines: [JSON] {
        breaches.map { ["invariant": .string($0.invariant.rawValue), "breach": .string($0.words)] }
            + unchecked.map { ["invariant": .string($0.invariant.rawValue), "unchecked": .string($0.words)] }
            + Invariant.allCases.map { ["invariant": .string($0.rawValue), "offenders": .integer(offenders[$0] ?? 0)] }
            + figures.map { ["figure": .string($0.name), "value": .integer($0.value)] }
    }
}
