import Core

/// What a long job says on stderr. It reads no clock: the time since the start comes with each call, and what to print comes back.
///
/// On a terminal one bar, rewritten in place, once the job has lasted half a second; elsewhere one plain line every ten seconds. Both end
/// with one closing line.
public struct Progress: Sendable {
    private let total: Int?
    private let screen: Screen
    private var lastShown: Duration?
    private var isBarOpen = false
    private static let barAfter = Duration.milliseconds(500)
    private static let barEvery = Duration.milliseconds(100)
    private static let lineEvery = Duration.seconds(10)

    /// - Parameters:
    ///   - total: nil when nobody knows how many there are.
    ///   - screen: of stderr.
    public init(total: Int?, screen: Screen) { (self.total, self.screen) = (total, screen) }

    /// What to print now; nil for nothing.
    public mutating func advance(to done: Int, elapsed: Duration) -> String? {
        guard screen.isTerminal else {
            guard elapsed - (lastShown ?? .zero) >= Progress.lineEvery else { return nil }
            lastShown = elapsed
            return line(done, elapsed) + "\n"
        }
        guard elapsed >= Progress.barAfter, lastShown.map({ elapsed - $0 >= Progress.barEvery }) ?? true else { return nil }
        lastShown = elapsed
        isBarOpen = true
        return "\r\u{1B}[K" + bar(done, elapsed)
    }

    /// The closing line; it replaces the bar.
    public mutating func close(_ words: String, elapsed: Duration) -> String {
        defer { isBarOpen = false }
        return (isBarOpen ? "\r\u{1B}[K" : "") + "\(Safe.text(words)) in \(spoken(elapsed))\n"
    }

    private func bar(_ done: Int, _ elapsed: Duration) -> String {
        guard let total, total > 0 else { return line(done, elapsed) }
        let cells = 40
        let full = min(cells, done * cells / total)
        let gauge = "[" + String(repeating: "#", count: full) + String(repeating: "-", count: cells - full) + "]"
        return "\(gauge) \(line(done, elapsed))".cutEnd(to: (screen.columns ?? 80) - 1, mark: "..")
    }

    /// `74 %  950,392  41,300/s  ETA 8 s`
    private func line(_ done: Int, _ elapsed: Duration) -> String {
        var parts: [String] = []
        if let total, total > 0 { parts.append("\(min(100, done * 100 / total)) %") }
        parts.append(grouped(done))
        let ms = max(1, elapsed.milliseconds)
        parts.append("\(grouped(Int64(done) * 1000 / ms))/s")
        if let total, done > 0, total > done {
            parts.append("ETA \(spoken(.seconds(Int64(total - done) * ms / Int64(done) / 1000)).replacingTenths)")
        }
        return parts.joined(separator: "  ")
    }
}

extension String {
    /// `8.0 s` → `8 s`: a guess needs no tenths.
    fileprivate var replacingTenths: String {
        guard hasSuffix(" s"), let dot = firstIndex(of: ".") else { return hasSuffix(" ms") ? "1 s" : self }
        return self[..<dot] + " s"
    }
}
