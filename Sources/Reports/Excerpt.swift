public import Core
public import Terminal

/// A line of a file that people edit, with `^` under the place of a mistake in it.
public struct Excerpt: Sendable, Equatable {
    /// The line as it stands in its file.
    public var line: String
    /// From 1, in Unicode scalars, as a `Problem` counts.
    public var column: Int
    public init(line: String, column: Int) { (self.line, self.column) = (line, column) }

    /// Of a mistake with a place, from the text of its file; nil when there is no such place in it.
    public init?(of problem: Problem, in text: String) {
        guard problem.line > 0, problem.column > 0 else { return nil }
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        guard lines.indices.contains(problem.line - 1) else { return nil }
        self.init(line: String(lines[problem.line - 1]), column: problem.column)
    }

    /// Two lines: the text, cut to the width of the screen around the place, and the mark under it. A wide character has two cells, a tab four.
    public func lines(_ look: Look) -> [String] {
        let scalars = line.unicodeScalars
        let place = scalars.index(scalars.startIndex, offsetBy: column - 1, limitedBy: scalars.endIndex) ?? scalars.endIndex
        func shown(_ part: Substring.UnicodeScalarView) -> String {
            Safe.text(String(part).replacing("\t", with: String(repeating: " ", count: Self.tab)))
        }
        var (before, after) = (shown(scalars[..<place]), shown(scalars[place...]))
        if let columns = look.screen.columns {
            // Enough of what comes before to know the place again; the rest of the line behind it.
            before = Self.cut(before, to: max(4, columns * 2 / 3 - Self.margin.count), from: .start, look)
            after = Self.cut(after, to: max(2, columns - Self.margin.count - before.cells), from: .end, look)
        }
        return [Self.margin + before + after, Self.margin + String(repeating: " ", count: before.cells) + look.bold("^")]
    }

    private static let tab = 4
    private static let margin = "  "
    private enum Side { case start, end }

    private static func cut(_ text: String, to room: Int, from side: Side, _ look: Look) -> String {
        guard text.cells > room else { return text }
        var (kept, used) = ([Character](), look.ellipsis.cells)
        for character in side == .end ? Array(text) : text.reversed() {
            used += character.cells
            guard used <= room else { break }
            kept.append(character)
        }
        return side == .end ? String(kept) + look.ellipsis : look.ellipsis + String(kept.reversed())
    }
}
