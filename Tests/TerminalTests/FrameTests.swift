import Core
import Terminal
import Testing

@Suite struct FrameTests {
    private struct NoZones: ZoneTable { func offset(of zone: String, at moment: Timestamp) -> Int? { nil } }
    private func look(ascii: Bool = false, color: Bool = false) -> Look {
        Look(screen: Screen(isTerminal: true, columns: 100, hasColor: color, isASCII: ascii), times: TimeFormat(.utc, zones: NoZones()))
    }

    @Test func threeBesideTwoColumns() {
        func frame(_ title: String, _ lines: [Frame.Line], _ foot: String) -> (Int) -> Frame {
            { _ in Frame(title: title, lines: lines, foot: [foot]) }
        }
        let lines = Frame.beside(
            [
                frame("SMS", [.init("提现"), .init("b")], "1 part"), frame("Push", [.init("سحب", isRightAligned: true)], "x"),
                frame("Mail", [.init("")], "y"),
            ], perRow: 2, columns: 24, look())
        #expect(
            lines == [
                "┌─ SMS ───┐  ┌─ Push ──┐",
                "│ 提现    │  │     \u{2068}سحب\u{2069} │",
                "│ b       │  └─────────┘",
                "└─────────┘    x        ",
                "  1 part                ",
                "                        ",
                "┌─ Mail ───────────────┐",
                "│                      │",
                "└──────────────────────┘",
                "  y                     ",
            ])
    }

    @Test func signsOfOursAreASCIIWhereTheyHaveToBe() {
        let lines = Frame.beside([{ _ in Frame(title: "A", lines: [.init("b")], foot: []) }], perRow: 2, columns: 12, look(ascii: true))
        #expect(lines == ["+- A ------+", "| b        |", "+----------+"])
    }

    /// Colour is laid on what is filled up already.
    @Test func colourTakesNoCells() {
        let frame = { (_: Int) in Frame(title: "A", lines: [.init("提", .bold)], foot: ["f"]) }
        func bare(_ line: String) -> String { line.replacing(/\u{1B}\[[0-9]+m/, with: "") }
        let plain = Frame.beside([frame, frame], perRow: 2, columns: 31, look())
        #expect(Frame.beside([frame, frame], perRow: 2, columns: 31, look(color: true)).map(bare) == plain)
        #expect(plain.allSatisfy { $0.cells == 31 })
    }

    @Test(arguments: [(4, 99, nil), (4, 100, 2), (4, 159, 2), (4, 160, 4), (3, 160, 3), (1, 200, nil)] as [(Int, Int, Int?)])
    func roomDecides(_ count: Int, _ columns: Int, _ expected: Int?) {
        #expect(Frame.perRow(of: count, in: columns) == expected)
    }
}
