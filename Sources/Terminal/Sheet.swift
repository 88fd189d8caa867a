public import Core

/// Rows for machines: the same fields as tab-separated text, CSV or one JSON object a line. Values are codes, RFC 3339 times in UTC and
/// amounts as text; nothing is cut or coloured.
public struct Sheet: Sendable, Equatable {
    public var fields: [String]
    public private(set) var rows: [[JSON]] = []
    public init(_ fields: [String]) { self.fields = fields }

    public mutating func add(_ row: [JSON]) {
        precondition(row.count == fields.count, "one value a field")
        rows.append(row)
    }

    /// Only these fields, in this order. Throws a usage fault that names an unknown one.
    public func keeping(_ names: [String]) throws(Fault) -> Sheet {
        var indices: [Int] = []
        for name in names {
            guard let index = fields.firstIndex(of: name) else {
                throw Fault(
                    .usage, "there is no field \"\(name)\"", field: "fields",
                    hint: nearest(to: name, among: fields).map { "did you mean \"\($0)\"?" } ?? "fields: \(fields.joined(separator: ", "))")
            }
            indices.append(index)
        }
        var kept = Sheet(names)
        for row in rows { kept.add(indices.map { row[$0] }) }
        return kept
    }

    /// Tab-separated with a heading; tabs and line breaks in a value are escaped.
    public var plain: String { lines([fields] + rows.map { $0.map(Sheet.text) }, separator: "\t", end: "\n") { Safe.text($0) } }

    /// RFC 4180, with cells that a spreadsheet would take for a formula made text.
    public var csv: String { lines([fields] + rows.map { $0.map(Sheet.text) }, separator: ",", end: "\r\n", Sheet.csvCell) }

    /// A table of GitHub's Markdown. Nothing in a value can end its cell, or be taken for markup or a link.
    public var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
        let rows = rows.map { $0.map { Sheet.markdownCell(Sheet.text($0)) } }
        return line(fields.map(Sheet.markdownCell)) + line(fields.map { _ in "---" }) + rows.map(line).joined()
    }

    public var ndjson: String { rows.map { JSON.object(Array(zip(fields, $0))).text + "\n" }.joined() }

    private func lines(_ rows: [[String]], separator: String, end: String, _ cell: (String) -> String) -> String {
        rows.map { $0.map(cell).joined(separator: separator) + end }.joined()
    }

    private static func text(_ value: JSON) -> String {
        switch value {
        case .null: ""
        case .bool(let flag): flag ? "true" : "false"
        case .number(let text), .string(let text): text
        case .array, .object: value.text
        }
    }

    static func markdownCell(_ text: String) -> String {
        Safe.text(text).map { "\\`*[]<>|&".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    /// A leading `= + - @ TAB CR` would be run as a formula: an apostrophe in front makes it text.
    static func csvCell(_ text: String) -> String {
        var cell = text
        if let first = cell.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) { cell = "'" + cell }
        guard cell.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return cell }
        return "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
