public import Core
public import Terminal

/// `event validate`: every bad field of every event.
public struct ValidateReport: Document {
    public static let schema = "clarion.event.validate/1"
    public struct Finding: Sendable, Equatable {
        public var file: String
        /// From 1.
        public var line: Int
        /// Empty for the event as a whole.
        public var field: String
        public var problem: String
        public init(file: String, line: Int, field: String, problem: String) {
            (self.file, self.line, self.field, self.problem) = (file, line, field, problem)
        }
    }
    public var read, good: Int
    public var findings: [Finding]
    /// Codes that are in no list, or mean another kind than the event names: taken in, but they become review items.
    public var doubts: [Finding]
    public init(read: Int, good: Int, findings: [Finding], doubts: [Finding]) {
        (self.read, self.good, self.findings, self.doubts) = (read, good, findings, doubts)
    }

    public var status: ExitStatus { findings.isEmpty ? .success : .findings }

    public var members: [(String, JSON)] {
        [
            ("read", .integer(read)), ("good", .integer(good)), ("bad", .integer(read - good)), ("findings", .array(findings.map(\.json))),
            ("doubts", .array(doubts.map(\.json))),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["severity", "file", "line", "field", "problem"])
        for (word, rows) in [("warning", doubts), ("error", findings)] {
            for row in rows { sheet.add([.string(word), .string(row.file), .integer(row.line), .string(row.field), .string(row.problem)]) }
        }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        func lines(_ rows: [Finding], _ word: String) -> [String] {
            rows.map {
                "\(Safe.text($0.file)):\($0.line): \(word): \($0.field.isEmpty ? "" : Safe.text($0.field) + ": ")\(Safe.text($0.problem))"
            }
        }
        let words =
            "\(counted(read, "event")), \(grouped(good)) good, \(grouped(read - good)) bad"
            + (doubts.isEmpty ? "" : ", \(counted(doubts.count, "doubt"))")
        let mark: Look.Mark = !findings.isEmpty ? .bad : doubts.isEmpty ? .good : .warning
        return lines(doubts, "warning") + lines(findings, "error") + [look.mark(mark, words)]
    }
}

extension ValidateReport.Finding {
    var json: JSON { ["file": .string(file), "line": .integer(line), "field": .string(field), "problem": .string(problem)] }
}
