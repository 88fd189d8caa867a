import Core
import Foundation
import Testing

@testable import Templates

/// Amounts, moments, zones, spans of time, lists and counts as customers read them, against ICU's own output (Tests/Locales/cases.py).
@Suite struct LocaleTests {
    struct Line: Sendable {
        var locale: TextLocale
        var form, input, expected: String
    }

    static func lines() throws -> [Line] {
        let named = ProcessInfo.processInfo.environment["CLARION_ICU_CASES"].map { URL(filePath: $0) }
        let text = try String(contentsOf: named ?? Shipped.root.appending(path: "Tests/Fixtures/icu.tsv"), encoding: .utf8)
        return try text.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t").map(String.init)
            guard parts.count == 4, let locale = TextLocale(rawValue: parts[0]) else { throw Strange(line: String(line)) }
            return Line(locale: locale, form: parts[1], input: parts[2], expected: parts[3])
        }
    }
    struct Strange: Error { var line: String }

    static func answer(to line: Line) throws -> String {
        let parts = line.input.split(separator: " ").map(String.init)
        switch line.form {
        case "money":
            guard let minor = Int64(parts[0]), let currency = Currency(parts[1]) else { throw Strange(line: line.input) }
            var facts = Facts()
            facts.set(.amount, Money(minor: minor, currency: currency))
            return try said("{amount}", line.locale, facts)
        case "instant":
            guard let seconds = Int64(parts[0]), let zone = Int(parts[1]) else { throw Strange(line: line.input) }
            var facts = Facts()
            facts.set(.eta, Timestamp(seconds: seconds))
            return try said("{eta}", line.locale, facts, offset: zone * 60, title: true)
        case "zoned":
            guard let seconds = Int64(parts[0]), let zone = Int(parts[1]) else { throw Strange(line: line.input) }
            var facts = Facts()
            facts.set(.eta, Timestamp(seconds: seconds))
            return try said("{eta}", line.locale, facts, offset: zone * 60)
        case "span":
            guard let seconds = Int64(parts[0]) else { throw Strange(line: line.input) }
            let field: Field = parts[1] == "up" ? .usualWait : .waited
            var facts = Facts()
            facts.set(field, Duration.seconds(seconds))
            return try said("{\(field.rawValue)}", line.locale, facts)
        case "list":
            let list = LocaleRules.of(line.locale).list
            return parts.indices.map { place in
                (place == 0 ? "" : list.separator(before: parts[place], at: place, of: parts.count).description) + parts[place]
            }.joined()
        default:
            guard let count = Int(parts[0]) else { throw Strange(line: line.input) }
            return PluralCategory(count, in: line.locale).rawValue
        }
    }

    static func said(_ source: String, _ locale: TextLocale, _ facts: Facts, offset: Int = 0, sms: Bool = false, title: Bool = false) throws
        -> String
    {
        let set = try #require(Shipped.set)
        let words = try #require(set.words[locale])
        let text = CompiledText(source, file: "test.yaml", line: 1) { Issue.record("\($0)") }
        let renderer = Renderer(locale: locale, words: words, facts: facts, brand: .sample, offset: { _ in offset }, isShort: sms)
        return sms ? try renderer.sms(text) : title ? try renderer.title(text) : try renderer.plain(text)
    }

    @Test(arguments: TextLocale.allCases) func asICU(_ locale: TextLocale) throws {
        let lines = try Self.lines().filter { $0.locale == locale }
        #expect(lines.count >= 600)
        for line in lines {
            let answer = try Self.answer(to: line)
            if answer != line.expected {
                Issue.record("\(locale.rawValue) \(line.form) \(line.input): ICU \"\(line.expected)\", here \"\(answer)\"")
            }
        }
    }

    @Test(arguments: [
        ("BTC", Int64(123_456_789), "1.23456789"), ("BTC", 150_000_000, "1.50"), ("BTC", 1, "0.00000001"), ("BTC", 0, "0.00"),
        ("USDT", 1_280_000_000, "1,280.00"), ("USDT", 1_280_500_100, "1,280.5001"), ("KWD", 1280, "1.280"), ("JPY", 1280, "1,280"),
    ])
    func digits(_ code: String, _ minor: Int64, _ number: String) throws {
        var facts = Facts()
        facts.set(.amount, Money(minor: minor, currency: try #require(Currency(code))))
        #expect(try Self.said("{amount}", .en, facts) == "\(code)\u{A0}\(number)")
    }

    @Test("an SMS has no other space than the common one, and no letter that doubles it") func sms() throws {
        var facts = Facts()
        facts.set(.amount, Money(minor: 123_456_789, currency: try #require(Currency("EUR"))))
        facts.set(.eta, Timestamp(seconds: 1_786_708_800))
        #expect(try Self.said("{amount}, {eta}", .fr, facts, sms: true) == "1 234 567,89 €, 14 aout, 12:00")
        #expect(try Self.said("{amount}, {eta}", .fr, facts) == "1\u{202F}234\u{202F}567,89\u{A0}€, 14 août, 12:00 UTC")
        facts.set(.waited, Duration.hours(25))
        facts.isZoneAssumed = true
        #expect(try Self.said("{waited}, {eta}", .fr, facts, offset: -3 * 3600, sms: true) == "1 jour et 1 heure, 14 aout, 09:00 UTC-3")
        #expect(try Self.said("{eta}", .fr, facts, offset: -3 * 3600) == "14 août, 09:00 UTC\u{2212}3")
    }

    @Test("the zone is named once in a text, in its title never, and again when the clocks changed between two times") func zones() throws {
        var facts = Facts()
        facts.set(.eta, Timestamp(seconds: 1_795_255_200))
        facts.set(.deadline, Timestamp(seconds: 1_795_255_200) + .hours(2))
        facts.set(.window, phrase: "until", of: .windows, with: [.until: .instant(Timestamp(seconds: 1_795_255_200))])
        func said(_ text: String, sms: Bool = false, title: Bool = false) throws -> String {
            try Self.said(text, .en, facts, offset: 8 * 3600, sms: sms, title: title)
        }
        #expect(try said("{eta} to {deadline}") == "21 Nov 18:00 GMT+8 to 21 Nov 20:00")
        #expect(try said("({window}) {eta}") == "(until 21 Nov 18:00 GMT+8) 21 Nov 18:00")
        #expect(try said("{eta}", title: true) == "21 Nov 18:00")
        #expect(try said("{eta}", sms: true) == "21 Nov 18:00")
        facts.isZoneAssumed = true
        #expect(try said("{eta} to {deadline}", sms: true) == "21 Nov 18:00 GMT+8 to 21 Nov 20:00")
        let words = try #require(Shipped.set?.words[.en])
        let changing = Renderer(
            locale: .en, words: words, facts: facts, brand: .sample,
            offset: { $0 > Timestamp(seconds: 1_795_255_200) ? 3600 : 7200 }, isShort: true)
        let text = CompiledText("{eta} to {deadline}", file: "test.yaml", line: 1) { Issue.record("\($0)") }
        #expect(try changing.plain(text) == "21 Nov 12:00 GMT+2 to 21 Nov 13:00 GMT+1")
    }

    @Test("each block of a mail names the zone, its subject does not, and a push does so when nobody knows the customer's") func blocks()
        throws
    {
        let set = try #require(Shipped.set)
        guard case .mail(let subject, let text, let html) = try set.render(Requests.request(set, .riskHold, .mail, .en)) else {
            throw Strange(line: "no mail")
        }
        #expect(subject.hasSuffix("21 Nov 18:00"))
        #expect(
            text.ranges(of: " GMT+8").count == 2 && html.ranges(of: " GMT+8").count == 3,
            "what and next; and the line that a list of mails shows")
        var request = Requests.request(set, .riskHold, .push, .en)
        guard case .push(_, let known) = try set.render(request) else { throw Strange(line: "no push") }
        request.facts.isZoneAssumed = true
        guard case .push(_, let assumed) = try set.render(request) else { throw Strange(line: "no push") }
        #expect(!known.contains("GMT") && assumed.contains("21 Nov 18:00 GMT+8"))
    }

    @Test("a telephone number among Arabic letters is not shown in reverse") func phone() throws {
        let set = try #require(Shipped.set)
        var request = Requests.request(set, .bankDelay, .mail, .ar)
        request.brand.support = PlainText("+86 400-000 0000")
        guard case .mail(_, let text, let html) = try set.render(request) else { throw Strange(line: "no mail") }
        #expect(text.contains("00864000000000") && !text.contains("+86"))
        #expect(
            html.contains("<bdi dir=\"ltr\" style=\"white-space:nowrap\">+86 400-000 0000</bdi>")
                && html.contains("<html lang=\"ar\" dir=\"rtl\">"))
    }

    @Test(arguments: [(0, "zero"), (1, "one"), (2, "two"), (3, "few"), (11, "many"), (100, "other"), (103, "few"), (111, "many")])
    func arabicForms(_ count: Int, _ category: String) { #expect(PluralCategory(count, in: .ar).rawValue == category) }
}
