import Core
import Terminal
import Testing

struct LookTests {
    static let utf8 = ["LANG": "en_US.UTF-8"]

    @Test(
        arguments: [
            ([:], true, Screen.Color.auto, true), ([:], false, .auto, false), (["NO_COLOR": "1"], true, .auto, false),
            (["NO_COLOR": ""], true, .auto, true),
            (["TERM": "dumb"], true, .auto, false), (["FORCE_COLOR": "1"], false, .auto, true), (["FORCE_COLOR": "0"], true, .auto, false),
            ([:], true, .never, false), (["NO_COLOR": "1"], false, .always, true),
            (["FORCE_COLOR": "1", "NO_COLOR": "1"], true, .auto, false),
        ] as [([String: String], Bool, Screen.Color, Bool)])
    func color(_ environment: [String: String], _ isTerminal: Bool, _ choice: Screen.Color, _ expected: Bool) {
        #expect(Screen(isTerminal: isTerminal, columns: 80, environment: environment, color: choice).hasColor == expected)
    }

    @Test(
        arguments: [
            (["LANG": "en_US.UTF-8"], false), (["LANG": "C.utf8"], false), (["LANG": "C"], true), ([:], true),
            (["LANG": "en_US.UTF-8", "LC_ALL": "C"], true),
            (["LANG": "C", "LC_CTYPE": "zh_CN.UTF-8"], false), (["LC_ALL": "", "LANG": "de_DE.UTF-8"], false),
        ] as [([String: String], Bool)])
    func ascii(_ environment: [String: String], _ expected: Bool) {
        #expect(Screen(isTerminal: true, columns: 80, environment: environment).isASCII == expected)
    }

    @Test func widthIsTheFlagThenTheTerminalAndNothingInAPipe() {
        #expect(Screen(isTerminal: true, columns: 120, environment: [:]).columns == 120)
        #expect(Screen(isTerminal: true, columns: nil, environment: ["COLUMNS": "66"]).columns == 66)
        #expect(Screen(isTerminal: true, columns: nil, environment: [:]).columns == 80)
        #expect(Screen(isTerminal: false, columns: nil, environment: ["COLUMNS": "66"]).columns == nil)
        #expect(Screen(isTerminal: false, columns: nil, environment: [:], width: 40).columns == 40)
    }

    @Test func colourNeverStandsAlone() {
        let colored = Look.sample(color: true)
        #expect(colored.mark(.good, "sent") == "\u{1B}[32m✓ sent\u{1B}[0m")
        #expect(colored.mark(.warning) == "\u{1B}[33m!\u{1B}[0m")
        #expect(colored.mark(.bad, "refused") == "\u{1B}[31m✗ refused\u{1B}[0m")
        #expect(colored.bold("WD1") == "\u{1B}[1mWD1\u{1B}[0m")
        let bare = Look.sample(ascii: true)
        #expect([bare.mark(.good, "a"), bare.mark(.warning, "b"), bare.mark(.bad, "c")] == ["ok a", "! b", "x c"])
        #expect(bare.mark(.bad, "\u{1B}]0;title\u{7}") == "x \\u{1B}]0;title\\u{7}")
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-12345, "-12,345")])
    func groups(_ number: Int, _ expected: String) {
        #expect(grouped(number) == expected)
    }

    @Test(
        arguments: [
            (125_000, "USD", "1250.00", "1,250.00 USD"), (5, "USD", "0.05", "0.05 USD"), (1250, "JPY", "1250", "1,250 JPY"),
            (1250, "KWD", "1.250", "1.250 KWD"),
            (-125_000, "CNY", "-1250.00", "-1,250.00 CNY"), (0, "EUR", "0.00", "0.00 EUR"),
        ] as [(Int64, String, String, String)])
    func money(_ minor: Int64, _ code: String, _ decimal: String, _ shown: String) throws {
        let money = Money(minor: minor, currency: try #require(Currency(code)))
        #expect(money.decimal == decimal)
        #expect(money.shown == shown)
        #expect(money.json.text == #"{"value":"\#(decimal)","currency":"\#(code)"}"#)
    }
}

struct FixedZones: ZoneTable {
    func offset(of zone: String, at moment: Timestamp) -> Int? {
        switch zone {
        case "Asia/Shanghai": 28800
        case "America/St_Johns": -12600
        default: nil
        }
    }
}

extension Look {
    static func sample(color: Bool = false, ascii: Bool = false, width: Int? = nil) -> Look {
        Look(
            screen: Screen(isTerminal: false, columns: width, hasColor: color, isASCII: ascii),
            times: TimeFormat(.utc, zones: FixedZones(), localOffset: { _ in 3600 }))
    }
}
