import Terminal
import Testing

struct WidthTests {
    @Test(arguments: [
        ("提现失败", 8), ("👍🏽", 2), ("ｶﾅ", 2), ("ｶﾞ", 2), ("abc", 3), ("", 0), ("é", 1), ("e\u{301}", 1), ("👨‍👩‍👧‍👦", 2), ("🇨🇳", 2),
        ("1\u{FE0F}\u{20E3}", 2),
        ("한국어", 6), ("\u{1112}\u{1161}\u{11AB}", 2), ("Ｆ", 2), ("…", 1), ("❤\u{FE0F}", 2), ("❤", 1), ("#", 1), ("中文 abc", 8),
        ("\u{200B}", 0),
        ("𠀋", 2), ("سلام", 4), ("⌚", 2), ("〿", 1),
    ])
    func cells(_ text: String, are expected: Int) {
        #expect(text.cells == expected)
    }

    @Test(arguments: [
        ("\u{1B}[31mred", "\\u{1B}[31mred"), ("a\u{7}b", "a\\u{7}b"), ("x\u{202E}y", "x\\u{202E}y"), ("x\u{2066}y", "x\\u{2066}y"),
        ("a\nb", "a\\u{A}b"),
        ("\u{9B}31m", "\\u{9B}31m"), ("\u{200B}", "\\u{200B}"), ("plain 提现", "plain 提现"), ("👨‍👩‍👧", "👨‍👩‍👧"), ("\u{FEFF}a", "\\u{FEFF}a"),
        ("a\r\nb", "a\\u{D}\\u{A}b"),
    ])
    func escapes(_ text: String, to expected: String) {
        #expect(Safe.text(text) == expected)
    }

    @Test func cutsInCells() {
        #expect("dlv_01KQ8Z9XABCDEFGH7Q".cutMiddle(to: 12) == "dlv_01KQ…H7Q")
        #expect("提现失败原因".cutEnd(to: 7) == "提现失…")
        #expect("提现失败原因".cutEnd(to: 12) == "提现失败原因")
        #expect("short".cutMiddle(to: 8) == "short")
        #expect("提现".padded(to: 6) == "提现  ")
        #expect("7".padded(to: 3, rightAligned: true) == "  7")
        #expect("dlv_0123456789".cutMiddle(to: 9, mark: "..") == "dlv_0..89")
    }
}
