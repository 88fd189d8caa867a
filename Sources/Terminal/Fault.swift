public import Core

/// Why a command did not do what it was asked: one line for people, a problem object (RFC 9457) for machines. Never quotes a secret.
public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
    public var status: ExitStatus
    public var detail: String
    /// The argument or setting it is about.
    public var field: String?
    /// What to do next.
    public var hint: String?
    /// Several mistakes of one reading.
    public var problems: [Problem]
    /// What the person typed, with the place of the mistake.
    public var quoted: Quoted?

    public struct Quoted: Sendable, Equatable {
        public var text: String
        /// In characters, from 1.
        public var column, count: Int
        public init(_ text: String, column: Int, count: Int = 1) { (self.text, self.column, self.count) = (text, column, count) }

        /// The line, and `^` under the place.
        func lines(_ look: Look) -> [String] {
            let before = Safe.text(String(text.prefix(column - 1)))
            return [
                "  " + Safe.text(text),
                "  " + String(repeating: " ", count: before.cells) + look.bold(String(repeating: "^", count: count)),
            ]
        }
    }

    public init(_ status: ExitStatus, _ detail: String, field: String? = nil, hint: String? = nil, problems: [Problem] = []) {
        (self.status, self.detail, self.field, self.hint, self.problems) = (status, detail, field, hint, problems)
    }

    public var description: String { (field.map { "\($0): " } ?? "") + detail + (hint.map { " (\($0))" } ?? "") }

    /// `{"type":"urn:clarion:problem:not_found","title":"not found","detail":"…","exit":5}`
    public var json: JSON {
        var members: [(String, JSON)] = [
            ("type", .string("urn:clarion:problem:\(status.word)")), ("title", .string(status.meaning)), ("detail", .string(detail)),
        ]
        if let field { members.append(("field", .string(field))) }
        if let hint { members.append(("hint", .string(hint))) }
        if let quoted { members.append(("place", ["text": .string(quoted.text), "column": .integer(quoted.column)])) }
        if !problems.isEmpty { members.append(("problems", .array(problems.map(\.json)))) }
        members.append(("exit", .integer(status.rawValue)))
        return .object(members)
    }

    /// What goes to stderr.
    public func text(as form: OutputForm, _ look: Look) -> String {
        guard !form.isJSON else { return json.text + "\n" }
        let lines = problems.map { Safe.text($0.description) } + [look.mark(.bad, (field.map { "\($0): " } ?? "") + detail)]
        return (lines + (quoted?.lines(look) ?? []) + (hint.map { ["  \(look.arrow) \(Safe.text($0))"] } ?? [])).map { $0 + "\n" }.joined()
    }
}

extension Problem {
    public var json: JSON {
        var members: [(String, JSON)] = [("severity", .string(severity.rawValue)), ("file", .string(file))]
        if line > 0 { members.append(("line", .integer(line))) }
        if column > 0 { members.append(("column", .integer(column))) }
        if !key.isEmpty { members.append(("key", .string(key))) }
        members.append(("problem", .string(problem)))
        if let hint { members.append(("hint", .string(hint))) }
        return .object(members)
    }
}
