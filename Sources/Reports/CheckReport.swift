public import Core
public import Terminal

/// `check`: every mistake and every doubt of settings, policy, catalogue, texts and accounts, together, with what was looked at.
public struct CheckReport: Document {
    public static let schema = "clarion.check/1"
    /// How much of what was read: `19 kinds`. Several of it end with an s.
    public struct Count: Sendable, Equatable {
        public var what: String
        public var number: Int
        public init(_ number: Int, _ what: String) { (self.number, self.what) = (number, what) }
    }
    public var problems: [Problem]
    public var counts: [Count]
    public var elapsed: Duration
    /// Warnings are findings too.
    public var isStrict: Bool
    /// The lines of the texts in which errors stand. None of the settings: a line of theirs may hold a secret.
    public var excerpts: [Problem: Excerpt]

    public init(problems: [Problem], counts: [Count], elapsed: Duration, isStrict: Bool, excerpts: [Problem: Excerpt] = [:]) {
        // Errors last: they stand next to the verdict, where one looks first.
        self.problems = problems.filter { $0.severity == .warning } + problems.filter { $0.severity == .error }
        (self.counts, self.elapsed, self.isStrict, self.excerpts) = (counts, elapsed, isStrict, excerpts)
    }

    public var errors: Int { problems.count { $0.severity == .error } }
    public var warnings: Int { problems.count - errors }
    public var status: ExitStatus { errors > 0 || isStrict && warnings > 0 ? .findings : .success }

    public var members: [(String, JSON)] {
        [
            ("valid", .bool(status == .success)), ("errors", .integer(errors)), ("warnings", .integer(warnings)),
            ("read", .object(counts.map { ($0.what, .integer($0.number)) })), ("seconds", .number(decimalSeconds(elapsed))),
            ("problems", .array(problems.map(\.json))),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["severity", "file", "line", "column", "key", "problem", "hint"])
        for item in problems {
            sheet.add([
                .code(item.severity), .string(item.file), item.line > 0 ? .integer(item.line) : .null,
                item.column > 0 ? .integer(item.column) : .null, .string(item.key), .string(item.problem), .text(item.hint),
            ])
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        let found = [
            errors > 0 ? counted(errors, "error") : "", warnings > 0 ? counted(warnings, "warning") : "",
        ].filter { !$0.isEmpty }
        let verdict = found.isEmpty ? "nothing wrong" : found.joined(separator: ", ")
        let mark = look.mark(status == .findings ? .bad : warnings > 0 ? .warning : .good, verdict)
        let read = counts.map { counted($0.number, String($0.what.dropLast()), $0.what) }.joined(separator: ", ")
        return problems.flatMap { [Safe.text($0.description)] + (excerpts[$0]?.lines(look) ?? []) } + (problems.isEmpty ? [] : [""])
            + ["\(mark)   \(look.dim("\(read.isEmpty ? "nothing" : read) in \(spoken(elapsed))"))"]
    }
}
