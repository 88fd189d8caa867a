import Core
@testable import Reports
import Templates
import Terminal
import Testing

struct PreviewReportTests {
    private func look(_ columns: Int? = nil) -> Look {
        Look(screen: Screen(isTerminal: columns != nil, columns: columns), times: TimeFormat(.utc, zones: NoZones()))
    }
    private struct NoZones: ZoneTable { func offset(of zone: String, at moment: Timestamp) -> Int? { nil } }

    private func text(_ content: Content?, _ locale: TextLocale = .en, problem: String? = nil) -> PreviewReport.Text {
        PreviewReport.Text(
            kind: .bankDelay, stage: .opened, variant: nil, channel: content?.channel ?? .sms, locale: locale, content: content,
            problem: problem)
    }

    @Test func aListOfSMSSaysPartsAndCoding() {
        let report = PreviewReport(
            source: "sample values", revision: "r1",
            texts: [text(.sms(text: String(repeating: "a", count: 161))), text(.sms(text: "提现延后"), .zhHans)])
        let lines = report.human(look())
        #expect(lines[2] == "LOCALE   PARTS     USED  CODE   TEXT")
        #expect(lines[3].hasPrefix("en           2  161/306  GSM-7  aaa"))
        #expect(lines[4] == "zh-Hans      1     4/70  UCS-2  提现延后")
        #expect(lines.contains("! en  sms: 1 unit over one part"))
        #expect(report.status == .success)
    }

    @Test func aThousandOfAnSMSCostWhatTheAccountSays() throws {
        let long = text(.sms(text: String(repeating: "a", count: 161)))
        func report(_ prices: [(String, String)]) throws -> PreviewReport {
            PreviewReport(
                source: "s", revision: "r", texts: [long, text(.sms(text: "提现延后"), .zhHans)],
                prices: try prices.map { SMSPrice(account: $0.0, price: try #require(UnitPrice($0.1))) })
        }
        let one = try report([("sms-main", "0.045 USD")])
        #expect(one.human(look())[2] == "LOCALE   PARTS     USED  CODE   PER 1,000  TEXT")
        #expect(one.human(look())[3].hasPrefix("en           2  161/306  GSM-7  90.00 USD  aaa"))
        let cost = try #require(one.json["texts"]?.array?.first?["per_thousand"])
        #expect(String(decoding: cost.bytes, as: UTF8.self) == #"[{"account":"sms-main","amount":"90.00","currency":"USD"}]"#)
        var single = one
        single.texts = [long]
        #expect(single.human(look()).contains { $0.hasSuffix("2 parts, 161 of 306 units, GSM-7, 90.00 USD per thousand") })
        single.prices.append(SMSPrice(account: "sms-two", price: try #require(UnitPrice("6.5 JPY"))))
        #expect(single.human(look()).contains { $0.hasSuffix("GSM-7, sms-main 90.00 USD, sms-two 13000 JPY per thousand") })
        #expect(try report([]).json["texts"]?.array?.first?["per_thousand"] == nil)
    }

    @Test func oneLetterOutsideTheAlphabetIsNamed() {
        let report = PreviewReport(source: "s", revision: "r", texts: [text(.sms(text: "Hello • there"))])
        #expect(report.human(look()).contains { $0.contains("\"•\" is not in the GSM alphabet") && $0.hasSuffix("; \"*\" is") })
    }

    @Test func whatNobodyHasReadIsSaid() {
        let report = PreviewReport(
            source: "s", revision: "r", texts: [text(.sms(text: "a"), .ja), text(.sms(text: "b"), .en), text(.sms(text: "c"), .ar)])
        #expect(report.human(look()).last == "! ja, ar: not yet reviewed by a native speaker")
        #expect(report.json["texts"]?.array?.compactMap { $0["reviewed"]?.bool } == [false, true, false])
    }

    @Test func aTextThatCannotBeMadeIsAFinding() {
        let report = PreviewReport(source: "s", revision: "r", texts: [text(nil, problem: "field_missing {eta}")])
        #expect(report.status == .findings)
        #expect(report.human(look()).last == "✗ 1 text cannot be made")
        #expect(report.json["texts"]?.array?.first?["problem"]?.string == "field_missing {eta}")
    }

    @Test(arguments: [24, 40, 80]) func bodiesFitTheTerminal(_ columns: Int) {
        let words = "Commerzbank is slower than usual. 提现到账时间延后提现到账时间延后提现到账时间延后 done"
        let report = PreviewReport(source: "s", revision: "r", texts: [text(.push(title: "T", body: words))])
        let body = report.human(look(columns)).drop { $0 != "  T" }.dropFirst()
        #expect(body.allSatisfy { $0.cells <= columns })
        #expect(body.joined().filter { $0 != " " } == words.filter { $0 != " " })
    }

    /// One scenario on every channel, in scripts of one cell, two, none, and from right to left.
    private static let scripts: [(TextLocale, String)] = [
        (.en, "Commerzbank is slow today. Withdrawal WD261121000042 was sent, expect it by 21 Nov 18:00."),
        (.zhHans, "提现WD261121000042已提交，招商银行处理较慢，预计11月21日18:00前到账，请勿重复提交（进度见APP“提现记录”）。"),
        (.ja, "出金（WD261121000042）の着金が遅れています。ｶﾞ 着金予定：11月21日 18:00"), (.ko, "출금 WD261121000042이 늦어지고 있습니다. 11월 21일 18:00까지 입금 예정입니다."),
        (
            .ar,
            "Example Pay: المعالجة لدى مصرف الراجحي بطيئة اليوم. أُرسلت عملية السحب WD261121000042، ووصول المبلغ متوقع بحلول 21 نوفمبر، 18:00."
        ),
        (.th, "วันนี้ธนาคารกสิกรไทยดำเนินการช้า เราส่งรายการถอนเงิน WD261121000042 แล้ว คาดว่าเงินจะเข้าภายใน 21 พ.ย. 18:00"),
        (.vi, "Ngân hàng đang xử lý chậm. Lệnh rút WD261121000042 👨‍👩‍👧 dự kiến đến trước 18:00"),
    ]

    private func scenario(_ locale: TextLocale, _ words: String) -> [PreviewReport.Text] {
        let contents: [Content] = [
            .sms(text: words), .push(title: words, body: words),
            .mail(
                subject: words, text: "\(words)\n\n\(words)\nhttps://pay.example/w/withdrawal_detail?order=WD261121000042\n", html: words),
            .inApp(title: words, body: words),
        ]
        return contents.map { text($0, locale) }
    }

    @Test(arguments: [100, 101, 113, 159, 160, 161, 203]) func framesAreAligned(_ columns: Int) {
        for (locale, words) in Self.scripts {
            let texts = scenario(locale, words)
            let lines = PreviewReport(source: "s", revision: "r", texts: texts).human(look(columns))
            let framed = lines.drop { !$0.hasPrefix("┌") }.prefix { $0.cells > 0 && !$0.hasPrefix("!") }
            #expect(framed.count > 10 && framed.allSatisfy { $0.cells == columns }, "\(locale)")
            // Every word is there, and every mark of direction is closed on its own line.
            let shown = framed.joined(separator: "\n")
            #expect(shown.contains("WD261121000042") && shown.contains("┌─ In-app "))
            #expect(framed.allSatisfy { line in line.count { $0 == "\u{2068}" } == line.count { $0 == "\u{2069}" } })
            if locale == .ar { #expect(framed.contains { $0.contains("│  ") && $0.hasSuffix("\u{2069} │") }) }
        }
    }

    @Test func narrowScreensFilesAndStackedKeepOneUnderTheOther() {
        let texts = scenario(.en, "words")
        let report = PreviewReport(source: "s", revision: "r", texts: texts)
        var stacked = report
        stacked.isStacked = true
        for lines in [report.human(look(99)), report.human(look()), stacked.human(look(200))] {
            #expect(!lines.contains { $0.contains("┌") } && lines.contains("Push      title 5 characters, text 5"))
        }
    }

    @Test func eachFixtureHasItsHeading() {
        var texts = scenario(.en, "words")
        for n in texts.indices {
            texts[n].fixture = .init(name: n < 2 ? "usual" : "kwd", title: n < 2 ? "As it mostly is" : "Three decimals")
        }
        let report = PreviewReport(source: "all fixtures", revision: "r", texts: texts, fixtures: ["usual", "kwd"])
        let lines = report.human(look(120))
        #expect(lines.filter { $0.hasPrefix("––") } == ["–– opened · en · usual: As it mostly is", "–– opened · en · kwd: Three decimals"])
        #expect(lines.last == "Fixtures  usual, kwd")
        #expect(report.json["texts"]?.array?.map { $0["fixture"]?.string } == ["usual", "usual", "kwd", "kwd"])
        #expect(report.sheet.fields.contains("fixture"))
    }

    @Test(
        arguments: [
            ("预计11月21日18:00前到账，请勿重复", 12, ["预计11月21日", "18:00前到", "账，请勿重复"]), ("a （b）提现提现", 6, ["a", "（b）", "提现提", "现"]),
            ("one two three", 8, ["one two", "three"]), ("https://pay.example", 10, ["https://pa", "y.example"]),
        ] as [(String, Int, [String])])
    func linesBreakWhereTheyMay(_ text: String, _ room: Int, _ expected: [String]) {
        #expect(text.wrapped(to: room) == expected)
    }

    @Test func theVerdictOfACheckFollowsItsProblems() {
        let warning = Problem("long", severity: .warning, file: "a.yaml", line: 1)
        func report(_ problems: [Problem], strict: Bool = false) -> CheckReport {
            CheckReport(problems: problems, counts: [.init(19, "kinds")], elapsed: .milliseconds(120), isStrict: strict)
        }
        #expect(report([]).status == .success && report([warning]).status == .success)
        #expect(report([warning], strict: true).status == .findings)
        let both = report([Problem("wrong", file: "b.yaml", line: 2), warning])
        #expect(both.status == .findings)
        #expect(
            both.human(look()) == ["a.yaml:1: warning: long", "b.yaml:2: error: wrong", "", "✗ 1 error, 1 warning   19 kinds in 120 ms"])
    }

    @Test(
        "a mistake in a text is shown where it stands",
        arguments: [
            ("  sms: \"soon\"", 9, nil, ["    sms: \"soon\"", "          ^"]),
            ("提现\t稍后", 4, nil, ["  提现    稍后", "          ^"]),
            ("abc", 9, nil, ["  abc", "     ^"]),
            ("x\u{1B}[0m y", 7, nil, ["  x\\u{1B}[0m y", "             ^"]),
            ("0123456789012345678901234567890123456789", 31, 30, []),
        ] as [(String, Int, Int?, [String])])
    func excerpts(_ line: String, _ column: Int, _ columns: Int?, _ expected: [String]) throws {
        let lines = Excerpt(line: line, column: column).lines(look(columns))
        if columns == nil { #expect(lines == expected) }
        #expect(lines.allSatisfy { $0.cells <= columns ?? .max })
        // The mark stands under the character that it means.
        let scalars = Array(line.unicodeScalars)
        if let mark = lines[1].firstIndex(of: "^"), column <= scalars.count {
            let cells = lines[1][..<mark].cells
            var at = 0
            let under = lines[0].first { character in
                at += character.cells
                return at > cells
            }
            #expect(under.map(String.init) == String(Character(scalars[column - 1])))
        }
    }

    @Test("a check shows the lines of texts under its errors, and in JSON as before") func checkedLines() {
        let problem = Problem("vague wording \"soon\"", file: "templates/a/en.yaml", line: 2, column: 9)
        let report = CheckReport(
            problems: [problem, Problem("wrong", file: "clarion.yaml", line: 1, column: 1)], counts: [], elapsed: .zero, isStrict: false,
            excerpts: [problem: Excerpt(of: problem, in: "opened:\n  sms: \"soon\"\n")!])
        #expect(
            report.human(look()).prefix(4) == [problem.description, "    sms: \"soon\"", "          ^", "clarion.yaml:1:1: error: wrong"])
        let without = CheckReport(problems: report.problems, counts: [], elapsed: .zero, isStrict: false)
        #expect(report.json.bytes == without.json.bytes)
        #expect(Excerpt(of: problem, in: "one line") == nil)
    }

    @Test func adviceStandsUnderWhatIsWrong() {
        let report = DoctorReport([
            .init("store", .good, "well", remedy: "nothing"), .init("worker", .bad, "silent", remedy: "clarion run"),
        ])
        #expect(report.human(look()) == ["store   ✓ well", "worker  ✗ silent", "          → clarion run", "", "1 failure"])
        #expect(report.status == .findings)
    }
}
