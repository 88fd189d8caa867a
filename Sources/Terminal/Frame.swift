/// A box with a title above and notes below it. Several stand beside each other, and every line of the whole is equally wide.
public struct Frame: Sendable {
    public struct Line: Sendable {
        /// At most as many cells as the frame has room for.
        public var text: String
        public var style: Table.Cell.Style
        /// As a script that runs from right to left is read.
        public var isRightAligned: Bool
        public init(_ text: String, _ style: Table.Cell.Style = .plain, isRightAligned: Bool = false) {
            (self.text, self.style, self.isRightAligned) = (text, style, isRightAligned)
        }
    }
    public var title: String
    public var lines: [Line]
    public var foot: [String]
    public init(title: String, lines: [Line], foot: [String]) { (self.title, self.lines, self.foot) = (title, lines, foot) }

    /// Between two frames.
    private static let gap = 2
    /// Left and right of the words: a border and a blank each.
    private static let border = 4

    /// How many stand beside each other on a screen: two from 100 cells, four from 160. Nil where one is to stand under the other.
    public static func perRow(of count: Int, in columns: Int) -> Int? {
        let most = columns >= 160 ? 4 : columns >= 100 ? 2 : 1
        return min(most, count) > 1 ? min(most, count) : nil
    }

    /// - Parameter frames: each for the cells that it has room for.
    public static func beside(_ frames: [(_ room: Int) -> Frame], perRow: Int, columns: Int, _ look: Look) -> [String] {
        var lines: [String] = []
        for start in stride(from: 0, to: frames.count, by: perRow) {
            if start > 0 { lines.append(blank(columns)) }
            lines += row(Array(frames[start..<min(start + perRow, frames.count)]), columns, look)
        }
        return lines
    }

    private static func row(_ frames: [(_ room: Int) -> Frame], _ columns: Int, _ look: Look) -> [String] {
        let free = columns - gap * (frames.count - 1)
        // What does not go up in whole cells is the first ones'.
        let widths = frames.indices.map { free / frames.count + ($0 < free % frames.count ? 1 : 0) }
        let blocks = zip(frames, widths).map { frame, width in frame(width - border).drawn(width, look) }
        let height = blocks.map(\.count).max() ?? 0
        return (0..<height).map { line in
            let parts = zip(blocks, widths).map { block, width in line < block.count ? block[line] : blank(width) }
            return parts.joined(separator: blank(gap))
        }
    }

    private static func blank(_ cells: Int) -> String { String(repeating: " ", count: max(0, cells)) }

    private func drawn(_ width: Int, _ look: Look) -> [String] {
        let (across, down) = look.screen.isASCII ? ("-", "|") : ("─", "│")
        let corners = look.screen.isASCII ? ["+", "+", "+", "+"] : ["┌", "┐", "└", "┘"]
        let room = width - Frame.border
        func rule(_ cells: Int) -> String { String(repeating: across, count: max(0, cells)) }
        let title = title.cutEnd(to: room, mark: look.ellipsis)
        let (left, right) = (corners[0] + across + " ", " " + rule(room - title.cells - 1) + corners[1])
        let side = look.dim(down)
        var out = [look.dim(left) + look.bold(title) + look.dim(right)]
        for line in lines { out.append("\(side) \(Frame.filled(line, room, look)) \(side)") }
        out.append(look.dim(corners[2] + rule(width - 2) + corners[3]))
        for note in foot { out.append("  " + look.dim(note.padded(to: width - 2))) }
        return out
    }

    private static func filled(_ line: Line, _ room: Int, _ look: Look) -> String {
        let fill = blank(room - line.text.cells)
        let text = line.text.isEmpty ? "" : look.painted(Safe.isolated(line.text), line.style)
        return line.isRightAligned ? fill + text : text + fill
    }
}
