/// Rows under headings that fit a terminal. Too wide: columns go by priority, then ids lose their middle and free text its end. A column
/// that may not be cut (amounts, states, times) is never cut.
public struct Table: Sendable {
    public struct Column: Sendable {
        public enum Cut: Sendable { case never, middle, end }
        public var title: String
        public var cut: Cut
        /// 0 always stays; of the others the highest goes first.
        public var priority: Int
        public var isRightAligned: Bool
        public init(_ title: String, cut: Cut = .never, priority: Int = 0, isRightAligned: Bool = false) {
            (self.title, self.cut, self.priority, self.isRightAligned) = (title, cut, priority, isRightAligned)
        }
    }
    public struct Cell: Sendable, ExpressibleByStringInterpolation {
        public enum Style: Sendable { case plain, bold, dim, good, warning, bad }
        public var text: String
        public var style: Style
        public init(_ text: some CustomStringConvertible, _ style: Style = .plain) { (self.text, self.style) = (text.description, style) }
        public init(stringLiteral value: String) { (text, style) = (value, .plain) }
    }
    public var columns: [Column]
    public private(set) var rows: [[Cell]] = []
    /// Shown between columns.
    private static let gap = 2
    /// Nothing is cut below this many cells.
    private static let least = 8

    public init(_ columns: [Column]) { self.columns = columns }

    /// Missing cells at the end are empty.
    public mutating func add(_ cells: [Cell]) {
        precondition(cells.count <= columns.count, "more cells than columns")
        rows.append(cells + Array(repeating: "", count: columns.count - cells.count))
    }

    /// The heading and one line a row. With `width` nil nothing is dropped or cut.
    public func lines(_ look: Look, hasHeading: Bool = true) -> [String] {
        let texts = rows.map { $0.map { Table.shown($0, look) } }
        var kept = Array(columns.indices)
        var widths = kept.map { column in texts.reduce(hasHeading ? columns[column].title.cells : 0) { max($0, $1[column].cells) } }
        if let limit = look.screen.columns { fit(&kept, &widths, into: limit) }
        var out: [String] = []
        if hasHeading {
            out.append(
                line(kept, widths) { column, width in
                    (columns[column].title.cutEnd(to: width, mark: look.ellipsis), .dim)
                } paint: {
                    look.painted($0, $1)
                })
        }
        for (row, cells) in zip(texts, rows) {
            out.append(
                line(kept, widths) { column, width in
                    (cut(row[column], column, width, look), cells[column].style)
                } paint: {
                    look.painted($0, $1)
                })
        }
        return out
    }

    private static func shown(_ cell: Cell, _ look: Look) -> String {
        let text = Safe.text(cell.text)
        switch cell.style {
        case .plain, .bold, .dim: return text
        case .good: return (look.screen.isASCII ? "ok " : "✓ ") + text
        case .warning: return "! " + text
        case .bad: return (look.screen.isASCII ? "x " : "✗ ") + text
        }
    }

    private func line(_ kept: [Int], _ widths: [Int], cell: (Int, Int) -> (String, Cell.Style), paint: (String, Cell.Style) -> String)
        -> String
    {
        var out = ""
        for (n, column) in kept.enumerated() {
            let (text, style) = cell(column, widths[column])
            let isLast = n == kept.count - 1
            let width = widths[column]
            let fill = String(repeating: " ", count: max(0, width - text.cells))
            let painted = text.isEmpty ? "" : paint(Safe.isolated(text), style)
            if columns[column].isRightAligned {
                out += fill + painted
            } else {
                out += isLast ? painted : painted + fill
            }
            if !isLast { out += String(repeating: " ", count: Table.gap) }
        }
        while out.last == " " { out.removeLast() }
        return out
    }

    private func fit(_ kept: inout [Int], _ widths: inout [Int], into limit: Int) {
        func total() -> Int { kept.reduce(0) { $0 + widths[$1] } + Table.gap * max(0, kept.count - 1) }
        while total() > limit, let column = kept.max(by: { columns[$0].priority < columns[$1].priority }), columns[column].priority > 0 {
            kept.removeAll { $0 == column }
        }
        while total() > limit,
            let widest = kept.filter({ columns[$0].cut != .never && widths[$0] > Table.least }).max(by: { widths[$0] < widths[$1] })
        {
            widths[widest] = max(Table.least, widths[widest] - (total() - limit))
        }
    }

    private func cut(_ text: String, _ column: Int, _ width: Int, _ look: Look) -> String {
        switch columns[column].cut {
        case .never: text
        case .middle: text.cutMiddle(to: width, mark: look.ellipsis)
        case .end: text.cutEnd(to: width, mark: look.ellipsis)
        }
    }
}

extension Look {
    public func painted(_ text: String, _ style: Table.Cell.Style) -> String {
        guard screen.hasColor else { return text }
        let code =
            switch style {
            case .plain: 0
            case .bold: 1
            case .dim: 2
            case .good: 32
            case .warning: 33
            case .bad: 31
            }
        return code == 0 ? text : "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
