public import Core
public import Terminal

/// `doctor`: one line for each part that was looked at, with what to do where something is wrong.
public struct DoctorReport: Document {
    public static let schema = "clarion.doctor/1"
    public struct Finding: Sendable, Equatable {
        public enum State: String, Sendable { case good, warning, bad }
        public var part: String
        public var state: State
        public var words: String
        /// What to do.
        public var remedy: String?
        public init(_ part: String, _ state: State, _ words: String, remedy: String? = nil) {
            (self.part, self.state, self.words, self.remedy) = (part, state, words, remedy)
        }
    }
    public var findings: [Finding]
    public init(_ findings: [Finding] = []) { self.findings = findings }

    public var failures: Int { findings.count { $0.state == .bad } }
    public var warnings: Int { findings.count { $0.state == .warning } }
    public var status: ExitStatus { failures > 0 ? .findings : .success }

    public var members: [(String, JSON)] {
        [
            ("failures", .integer(failures)), ("warnings", .integer(warnings)),
            ("checks", .array(sheet.rows.map { .object(Array(zip(sheet.fields, $0))) })),
        ]
    }
    public var sheet: Sheet {
        var sheet = Sheet(["part", "state", "words", "remedy"])
        for item in findings { sheet.add([.string(item.part), .code(item.state), .string(item.words), .text(item.remedy)]) }
        return sheet
    }
    public func human(_ look: Look) -> [String] {
        let width = findings.map { $0.part.cells }.max() ?? 0
        var lines: [String] = []
        for item in findings {
            let mark: Look.Mark =
                switch item.state {
                case .good: .good
                case .warning: .warning
                case .bad: .bad
                }
            lines.append("\(item.part.padded(to: width))  \(look.mark(mark, item.words))")
            if let remedy = item.remedy, item.state != .good {
                lines.append(String(repeating: " ", count: width + 4) + "\(look.arrow) \(Safe.text(remedy))")
            }
        }
        let found = [failures > 0 ? counted(failures, "failure") : "", warnings > 0 ? counted(warnings, "warning") : ""].filter {
            !$0.isEmpty
        }
        return lines + ["", found.isEmpty ? "Everything is well." : found.joined(separator: ", ")]
    }
}
