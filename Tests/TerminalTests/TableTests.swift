import Terminal
import Testing

struct TableTests {
    static func sample() -> Table {
        var table = Table([
            .init("ID", cut: .middle), .init("AMOUNT", isRightAligned: true), .init("NOTE", cut: .end), .init("WHERE", priority: 1),
            .init("WHO", priority: 2),
        ])
        table.add([.init("dlv_01KQ8Z9XABCDEFGH7Q", .bold), "1,250.00 USD", "提现失败", "sms", "customer"])
        table.add(["dlv_01KQ8Z9XABCDEFGH7R", "9.00 USD", .init("ok", .good), "mail"])
        return table
    }

    @Test func padsByCells() {
        #expect(
            Self.sample().lines(.sample()) == [
                "ID                            AMOUNT  NOTE      WHERE  WHO",
                "dlv_01KQ8Z9XABCDEFGH7Q  1,250.00 USD  提现失败  sms    customer",
                "dlv_01KQ8Z9XABCDEFGH7R      9.00 USD  ✓ ok      mail",
            ])
    }

    @Test func dropsByPriorityThenCutsIdsNeverAmounts() {
        #expect(
            Self.sample().lines(.sample(width: 56)).first == "ID                            AMOUNT  NOTE      WHERE")
        #expect(
            Self.sample().lines(.sample(width: 40)) == [
                "ID                      AMOUNT  NOTE", "dlv_01KQ8Z…FGH7Q  1,250.00 USD  提现失败", "dlv_01KQ8Z…FGH7R      9.00 USD  ✓ ok",
            ])
        for width in 1...80 {
            #expect(Self.sample().lines(.sample(width: width)).contains { $0.contains("1,250.00 USD") })
        }
    }

    @Test(arguments: 36...90)
    func neverWiderThanTheTerminal(_ width: Int) {
        for line in Self.sample().lines(.sample(width: width)) { #expect(line.cells <= width) }
    }

    @Test func nothingInACellReachesTheTerminalRaw() {
        var table = Table([.init("A"), .init("B")])
        table.add(["\u{1B}[2Jx", "مرحبا"])
        let lines = table.lines(.sample())
        #expect(lines[1] == "\\u{1B}[2Jx  \u{2068}مرحبا\u{2069}")
    }

    @Test func asciiHasNoOtherSign() {
        var table = Table([.init("ID", cut: .middle), .init("STATE")])
        table.add(["dlv_01KQ8Z9XABCDEFGH7Q", .init("sent", .good)])
        #expect(table.lines(.sample(ascii: true, width: 20), hasHeading: false) == ["dlv_01..H7Q  ok sent"])
    }

    @Test func coloursFollowTheStyle() {
        var table = Table([.init("ID")])
        table.add([.init("a", .bold)])
        table.add([.init("b", .bad)])
        #expect(table.lines(.sample(color: true)) == ["\u{1B}[2mID\u{1B}[0m", "\u{1B}[1ma\u{1B}[0m", "\u{1B}[31m✗ b\u{1B}[0m"])
    }
}
