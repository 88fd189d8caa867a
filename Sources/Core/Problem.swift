/// One mistake in a file that a person edits, worded for that person. Never quotes a secret.
public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Severity: String, Sendable { case error, warning }

    public var severity: Severity
    public var file: String
    /// Line and column count from 1; 0 when the mistake has no place.
    public var line, column: Int
    /// Dotted path of the key, or empty.
    public var key: String
    public var problem: String
    public var hint: String?

    public init(
        _ problem: String, severity: Severity = .error, file: String, line: Int = 0, column: Int = 0, key: String = "", hint: String? = nil
    ) {
        (self.severity, self.file, self.line, self.column, self.key, self.problem, self.hint) =
            (severity, file, line, column, key, problem, hint)
    }

    /// `config/policy.yaml:14:5: error: routes[2].chanel: unknown key (did you mean "channel"?)`
    public var description: String {
        let place = line == 0 ? "" : column == 0 ? ":\(line)" : ":\(line):\(column)"
        return "\(file)\(place): \(severity.rawValue): \(key.isEmpty ? "" : key + ": ")\(problem)" + (hint.map { " (\($0))" } ?? "")
    }
}

/// All mistakes of one reading, together: nobody wants to meet them one at a time.
public struct Problems: Error, Sendable, CustomStringConvertible {
    public var all: [Problem]
    public init(_ all: [Problem]) { self.all = all }
    public var description: String { all.map(\.description).joined(separator: "\n") }
}

/// The nearest of `candidates` within two edits, for "did you mean".
public func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    var best: (String, Int)?
    for candidate in candidates {
        let distance = editDistance(word, candidate)
        if distance <= 2, distance < candidate.count, distance < best?.1 ?? .max { best = (candidate, distance) }
    }
    return best?.0
}

private func editDistance(_ a: String, _ b: String) -> Int {
    let a = Array(a.utf8), b = Array(b.utf8)
    if abs(a.count - b.count) > 2 { return 3 }
    var row = Array(0...b.count)
    for i in 0..<a.count {
        var diagonal = row[0]
        row[0] = i + 1
        for j in 0..<b.count {
            let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
            diagonal = row[j + 1]
            row[j + 1] = next
        }
    }
    return row[b.count]
}
