@testable import Core
import Testing

@Suite("what must not be printed")
struct SensitiveTests {
    private static let secret = "+8613800004417"

    private struct Holder { var inner: Sensitive<String>? = Sensitive(SensitiveTests.secret) }

    @Test func nothingShows() throws {
        let value = Sensitive(Self.secret)
        var dumped = ""
        dump(value, to: &dumped)
        dump([value], to: &dumped)
        dump(Holder(), to: &dumped)
        dump(["key": Optional(value)], to: &dumped)
        print(value, Optional(value) as Any, [value], Holder(), Set([value]), to: &dumped)
        debugPrint(value, [value], Holder(), to: &dumped)
        dumped += "\(value) \(String(describing: value)) \(String(reflecting: value)) \(value.debugDescription) \(Holder())"
        #expect(!dumped.contains("4417"))
        #expect(dumped.contains("<sensitive>"))
        #expect(Mirror(reflecting: value).children.isEmpty)
    }

    @Test func addressesInRecordsDoNotShow() throws {
        let phone = Sensitive(Address.phone(try #require(PhoneNumber(Self.secret))))
        let mail = Sensitive(Address.mail(try #require(MailAddress("mei.lin@example.com"))))
        let token = Sensitive(Address.device(try #require(PushToken("token-0123456789abcdef"))))
        let order = try #require(OrderNumber("WD1"))
        let delivery = Delivery(
            publicID: "dlv_1", notice: 1, episode: 1, order: order, customer: "CU1", channel: .sms, priority: .high, state: .ready,
            reason: nil,
            mode: .capture, address: phone, nextAt: nil, expires: Timestamp(seconds: 1), plannedAt: Timestamp(seconds: 0))
        let customer = CustomerRef(
            id: "CU1", locale: "en", timeZone: nil, phone: .usable(phone), mail: .usable(mail), device: .usable(token),
            privatePreview: false)
        let record = CustomerRecord(id: "CU1", contacts: [.sms: .init(address: phone, standing: .verified)])
        let login = SMTPLogin(user: "u", password: Sensitive("hunter2-secret"))
        var shown =
            "\(delivery) \(customer) \(record) \(login) \(ChannelDecision(channel: .sms, fate: .send(phone, at: Timestamp(seconds: 0), reason: nil)))"
        for value in [delivery, customer, record, login] as [Any] { dump(value, to: &shown) }
        for secret in ["13800004417", "mei.lin", "0123456789ab", "hunter2"] { #expect(!shown.contains(secret), "\(secret)") }
    }

    @Test func opensForAPurpose() {
        #expect(Sensitive("x").reveal(for: .wire) == "x")
        #expect(Sensitive(1) == Sensitive(1) && Sensitive(1) != Sensitive(2) && Set([Sensitive(1), Sensitive(1)]).count == 1)
    }

    @Test(
        arguments: [
            (Channel.sms, "+8613800004417", "+86****17"), (.mail, "mei.lin@example.com", "m***@example.com"),
            (.push, "token-0123456789abcdef", "device ****cdef"), (.push, "abcd", "device ****"), (.inApp, "", "inbox"),
            (.voice, "+49301234567", "+49****67"),
        ] as [(Channel, String, String)])
    func masks(_ channel: Channel, _ text: String, _ shadow: String) throws {
        let address = try #require(Address(channel: channel, text: text))
        #expect(address.text == text)
        #expect(MaskedAddress(Sensitive(address)).description == shadow)
        #expect(MaskedAddress(stored: shadow) == MaskedAddress(Sensitive(address)))
    }
}

@Suite("addresses and references")
struct AddressTests {
    @Test(arguments: ["+12345678", "+8613800004417", "+123456789012345"])
    func phone(_ text: String) { #expect(PhoneNumber(text)?.e164 == text) }

    @Test(arguments: [
        "", "+", "8613800004417", "+0123456789", "+1234567", "+1234567890123456", "+86 138 0000 4417", "+86-13800004417", "+86138000044a7",
        "+8613800004417\r\n", "+8613800004417\u{85}", "＋8613800004417", "+８６１３８００００４４１７", "+8613800004417;ext=1", "00861380000441",
    ])
    func notAPhone(_ text: String) { #expect(PhoneNumber(text) == nil) }

    @Test(arguments: ["a@b.cd", "a.b+c_d-e'f@sub.example.com", "A1@EXAMPLE.COM", String(repeating: "a", count: 64) + "@example.com"])
    func mail(_ text: String) { #expect(MailAddress(text)?.text == text) }

    @Test(arguments: [
        "", "@", "a@", "@b.cd", "ab.cd", "a@b@c.de", "a b@c.de", "a@b .de", ".a@b.cd", "a.@b.cd", "a..b@c.de", "a@.b.cd", "a@b.cd.",
        "a@b..cd",
        "a@b.cd\r\nBcc: x@y.zz", "a@b.cd\n", "a\r@b.cd", "a@b.cd\u{85}", "a@b.cd\u{2028}", "a@b\u{202E}.cd", "<a@b.cd>", "a@b.cd,c@d.ef",
        "a@b.cd;c", "\"a\"@b.cd",
        "a(b)@c.de", "a:b@c.de", "a\\b@c.de", "a@[127.0.0.1]", "ä@b.cd", "a@bücher.de", "a@b_c.de", "a@b.cd\u{0}",
        String(repeating: "a", count: 65) + "@b.cd",
        "a@" + String(repeating: "b", count: 253),
    ])
    func notAMail(_ text: String) { #expect(MailAddress(text) == nil) }

    @Test func tokens() {
        #expect(PushToken(String(repeating: "x", count: 4096))?.text.count == 4096)
        for text in ["", "a b", "a\r\nb", "a\u{7F}", "ä", "a\u{202E}b", String(repeating: "x", count: 4097)] {
            #expect(PushToken(text) == nil)
        }
    }

    @Test func tails() {
        #expect(Tail4("0042")?.digits == "0042")
        for text in ["", "123", "12345", "12a4", "４２４２", "4242424242424242", "12\n4", " 123"] { #expect(Tail4(text) == nil) }
    }

    @Test func orders() {
        for text in ["W", "WD251112002023", "a-b_c.d/e", String(repeating: "9", count: 64)] {
            #expect(OrderNumber(text)?.description == text)
        }
        for text in [
            "", " WD1", "WD1 ", "WD1\nX: y", "WD1\r", "WD\u{85}1", "WD\u{2028}1", "WD\u{202E}1", "WD<b>", "WD\"1", "WD'1", "WD;1", "WD%0A",
            "ＷＤ１", "WD\u{0}",
            String(repeating: "9", count: 65),
        ] { #expect(OrderNumber(text) == nil) }
    }

    @Test func addressesOfAChannel() {
        #expect(Address(channel: .sms, text: "a@b.cd") == nil && Address(channel: .mail, text: "+8613800004417") == nil)
        #expect(Address(channel: .push, text: "") == nil && Address(channel: .inApp, text: "anything") == .inbox)
    }
}

@Suite("text from outside")
struct TextTests {
    @Test(arguments: [
        ("华夏银行", "华夏银行"), ("<b>Bank</b> of <script>alert(1)</script>X", "Bank of alert(1)X"),
        ("Ba\u{202E}nk\u{2066}\u{200B}\u{FEFF}", "Bank"),
        ("a\r\nb\tc\u{85}d\u{2028}e\u{2029}f", "a b c d e f"), ("  a   b  ", "a b"), ("a\u{0}b\u{7F}c\u{9B}d", "abcd"),
        ("a <unclosed", "a"),
        ("\u{1B}[31mred", "[31mred"), ("a\u{E000}b", "ab"), ("a > b & c", "a > b & c"), ("", ""), ("\u{3000}全\u{3000}角\u{3000}", "全 角"),
    ])
    func isHarmless(_ text: String, _ clean: String) { #expect(PlainText(text).description == clean) }

    @Test func isBounded() {
        #expect(PlainText(String(repeating: "x", count: 100)).description.count == 60)
        #expect(PlainText(String(repeating: "x", count: 59) + " y z").description == String(repeating: "x", count: 59))
        #expect(PlainText("e" + String(repeating: "\u{301}", count: 5000)).description.unicodeScalars.count == 60)
    }

    @Test("what was made harmless stays as it is", arguments: [21, 22] as [UInt64])
    func isStable(seed: UInt64) {
        var rng = SplitMix64(seed: seed)
        let pieces = [
            "<", ">", " ", "\u{301}", "\u{202E}", "\u{200D}", "a", "银", "👩", "\n", "4111 1111 ", "1111-1111", "4111111111111111", "&", "1",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0...90, using: &rng)).map { _ in pieces.randomElement(using: &rng)! }.joined()
            let once = PlainText(text)
            #expect(PlainText(once.description) == once, "seed \(seed)")
            let outside = PlainText(fromOutside: text)
            #expect(PlainText(fromOutside: outside.description) == outside && CardRule.isClean(outside.description), "seed \(seed)")
            #expect(!outside.description.unicodeScalars.contains { $0 == "<" || PlainText.isHidden($0) }, "seed \(seed)")
        }
    }

    @Test("a card at the edge of the limit is not left with 15 of its digits")
    func cutsBeforeTheLimit() {
        for fill in 40...60 {
            let text = String(repeating: "x", count: fill) + " 4111111111111111"
            #expect(!PlainText(fromOutside: text).description.contains("41111"))
        }
        #expect(PlainText(fromOutside: "4111\u{200B}1111\u{202E}1111 1111").description == "****1111")
    }

    @Test func headerValues() {
        for text in ["", "application/json", "Bearer abc.def", "Grüße 你好", "a\u{A0}b"] { #expect(HeaderValue(text)?.description == text) }
        for scalar in [
            "\r", "\n", "\r\n", "\t", "\u{0}", "\u{1B}", "\u{7F}", "\u{85}", "\u{9B}", "\u{2028}", "\u{2029}", "\u{202E}", "\u{200F}",
            "\u{2066}", "\u{61C}",
        ] {
            #expect(HeaderValue("a\(scalar)X-Evil: b") == nil, "\(scalar.unicodeScalars.map(\.value))")
        }
    }

    @Test("what is hidden or breaks a header is read off the bytes as the character's properties have it")
    func agreesWithTheProperties() {
        let breaks: Set<Unicode.GeneralCategory> = [.control, .lineSeparator, .paragraphSeparator]
        let hides = breaks.union([.format, .privateUse, .surrogate, .unassigned])
        for scalar in (0...0x10FFFF as ClosedRange<UInt32>).lazy.compactMap(Unicode.Scalar.init) {
            let properties = scalar.properties, category = properties.generalCategory
            let mayStand = !properties.isBidiControl && !breaks.contains(category)
            if (HeaderValue("a\(scalar)") != nil) != mayStand { Issue.record("U+\(String(scalar.value, radix: 16)) in a header") }
            if PlainText.isSpace(scalar) != properties.isWhitespace { Issue.record("U+\(String(scalar.value, radix: 16)) a space") }
            if PlainText.isHidden(scalar) != hides.contains(category) { Issue.record("U+\(String(scalar.value, radix: 16)) hidden") }
        }
    }

    @Test(arguments: [
        ("zh-Hans", TextLocale.zhHans), ("zh-Hant", .zhHant), ("en", .en), ("zh-HK", .zhHant), ("zh-TW", .zhHant), ("zh-MO", .zhHant),
        ("zh", .zhHans),
        ("zh-CN", .zhHans), ("zh-SG", .zhHans), ("zh_Hant_TW", .zhHant), ("zh-Hant-CN", .zhHant), ("zh-Hans-HK", .zhHans),
        ("ZH-hk", .zhHant), ("en-GB", .en), ("ja-JP", .ja), ("pt", .ptBR), ("pt-PT", .ptBR), ("in-ID", .id), ("ar_AE", .ar), ("de-CH", .de),
        ("fr", .fr), ("", .en), ("nl-BE", .en), ("zhx", .en),
    ])
    func locales(_ tag: String, _ locale: TextLocale) { #expect(TextLocale(matching: tag) == locale) }

    @Test func suggestsTheNearestWord() {
        let kinds = Kind.allCases.map(\.rawValue)
        #expect(nearest(to: "bank_dely", among: kinds) == "bank_delay")
        #expect(nearest(to: "risk-hold", among: kinds) == "risk_hold")
        #expect(
            nearest(to: "something_else", among: kinds) == nil && nearest(to: "", among: ["a", "ab"]) == nil
                && nearest(to: "x", among: [String]()) == nil)
    }

    @Test func problemsNameTheirPlace() {
        let problem = Problem(
            "unknown key", file: "config/policy.yaml", line: 14, column: 5, key: "routes[2].chanel", hint: "did you mean \"channel\"?")
        #expect(problem.description == #"config/policy.yaml:14:5: error: routes[2].chanel: unknown key (did you mean "channel"?)"#)
        #expect(Problem("gone", severity: .warning, file: "f").description == "f: warning: gone")
        #expect(Problems([problem, Problem("x", file: "g", line: 2)]).description.hasSuffix("\ng:2: error: x"))
    }
}
