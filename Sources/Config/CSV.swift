import Core
import StrictYAML

/// Strict RFC 4180: fields quoted or bare, quotes doubled inside quotes, every row as wide as the header. Lines may end in LF or CRLF.
///
/// What other readers guess about is a mistake here: a quote inside a bare field, text after a closing quote, an open quote at the end,
/// an empty line, a byte order mark.
struct CSV {
    struct Row: Equatable {
        /// Where the row begins, counted from 1: a quoted field may span lines.
        var line: Int
        var fields: [String]
    }

    /// The rows under a header that must name exactly these columns; faulty rows are left out and reported.
    static func rows(_ text: String, file: String, columns: [String], _ findings: Findings) -> [Row] {
        var reader = CSV(text, file: file, findings)
        guard let header = reader.next() else {
            if reader.isAtEnd { findings.add(Problem("the file is empty", file: file)) }
            return []
        }
        guard header.fields == columns else {
            findings.add(Problem("the header is not \(columns.joined(separator: ","))", file: file, line: 1))
            return []
        }
        var rows: [Row] = []
        while !reader.isAtEnd {
            guard let row = reader.next() else { continue }
            guard row.fields.count == columns.count else {
                let words = row.fields == [""] ? "an empty line" : "\(row.fields.count) fields instead of \(columns.count)"
                let hint = row.fields.count > columns.count ? "put quotes around a field with a comma" : nil
                findings.add(Problem(words, file: file, line: row.line, hint: hint))
                continue
            }
            rows.append(row)
        }
        return rows
    }

    private let bytes: [UInt8]
    private let file: String
    private let findings: Findings
    private var at = 0
    private var line = 1

    private init(_ text: String, file: String, _ findings: Findings) {
        (bytes, self.file, self.findings) = (Array(text.utf8), file, findings)
    }

    private static let quote: UInt8 = 0x22, comma: UInt8 = 0x2C, lineFeed: UInt8 = 0x0A, carriageReturn: UInt8 = 0x0D

    private var isAtEnd: Bool { at == bytes.count }
    private func byte(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

    /// The next row, or nil at the end and after a mistake; then the rest of its line is skipped.
    private mutating func next() -> Row? {
        guard !isAtEnd else { return nil }
        let start = line
        var fields: [String] = []
        while true {
            guard let field = byte(at) == Self.quote ? quoted() : bare() else {
                skipLine()
                return nil
            }
            fields.append(field)
            if byte(at) == Self.comma {
                at += 1
            } else {
                endLine()
                return Row(line: start, fields: fields)
            }
        }
    }

    private mutating func bare() -> String? {
        let start = at
        while let next = byte(at), next != Self.comma, !isLineEnd(at) {
            if next == Self.quote {
                return fail("a quote inside a field that does not begin with one", hint: "quote the field, double the quote")
            }
            if next == Self.carriageReturn { return fail("a carriage return without a line feed") }
            at += 1
        }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private mutating func quoted() -> String? {
        let opened = line
        var out: [UInt8] = []
        at += 1
        while let next = byte(at) {
            at += 1
            if next != Self.quote {
                if next == Self.lineFeed { line += 1 }
                out.append(next)
            } else if byte(at) == Self.quote {
                out.append(next)
                at += 1
            } else {
                guard isAtEnd || byte(at) == Self.comma || isLineEnd(at) else { return fail("text after the closing quote") }
                return String(decoding: out, as: UTF8.self)
            }
        }
        findings.add(Problem("a quote is opened here and never closed", file: file, line: opened))
        return nil
    }

    private func isLineEnd(_ index: Int) -> Bool {
        byte(index) == Self.lineFeed || (byte(index) == Self.carriageReturn && byte(index + 1) == Self.lineFeed)
    }

    private mutating func endLine() {
        guard !isAtEnd else { return }
        at += byte(at) == Self.carriageReturn ? 2 : 1
        line += 1
    }

    private mutating func skipLine() {
        while !isAtEnd, byte(at) != Self.lineFeed { at += 1 }
        endLine()
    }

    private func fail(_ words: String, hint: String? = nil) -> String? {
        findings.add(Problem(words, file: file, line: line, hint: hint))
        return nil
    }
}
