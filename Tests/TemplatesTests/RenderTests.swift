import Core
import Templates
import Testing

@Suite struct RenderTests {
    let set: TemplateSet
    init() throws { set = try #require(Shipped.set) }

    private func text(_ content: Content) -> [String] {
        switch content {
        case .sms(let text): [text]
        case .push(let title, let body), .inApp(let title, let body): [title, body]
        case .mail(let subject, let text, let html): [subject, text, html]
        }
    }

    private func sms(_ request: RenderRequest) throws -> String { text(try set.render(request))[0] }

    /// Later stages are shared: one kind shows them all.
    private func everyRequest() -> [RenderRequest] {
        Kind.allCases.flatMap { kind in
            TextLocale.allCases.flatMap { locale in
                TemplateSet.channels.flatMap { channel in
                    NoticeStage.allCases.filter { $0 == .opened || kind == .riskHold }.map {
                        Requests.request(set, kind, channel, locale, stage: $0)
                    }
                        + set.variants(of: kind).map { Requests.request(set, kind, channel, locale, variant: $0) }
                }
            }
        }
    }

    @Test(
        "one message for several orders says so, on the channels that wait",
        arguments: [
            (TextLocale.en, "And 1 more order: see the app.", "And 3 more orders: see the app."),
            (.zhHans, "另有1笔提现也有消息，详见APP。", "另有3笔提现也有消息，详见APP。"), (.zhHant, "另有1筆提款也有消息，詳見APP。", "另有3筆提款也有消息，詳見APP。"),
        ])
    func moreOrders(_ locale: TextLocale, _ one: String, _ three: String) throws {
        for channel in [Channel.sms, .push] {
            var request = Requests.request(set, .limitExceeded, channel, locale)
            let alone = try #require(text(try set.render(request)).last)
            for (n, words) in [(1, one), (3, three)] {
                request.moreOrders = n
                #expect(text(try set.render(request)).last == alone + (locale == .en ? " " : "") + words)
            }
            guard channel == .push else { continue }
            request.privatePreview = true
            #expect(try #require(text(try set.render(request)).last).contains("3") == false, "the neutral push stays neutral")
        }
    }

    // MARK: No holes

    @Test func noBraceIsEverLeft() throws {
        for request in everyRequest() {
            for text in text(try set.render(request)) {
                // The layout's style sheet holds braces of its own.
                let body = text.firstRange(of: "</head>").map { String(text[$0.upperBound...]) } ?? text
                if body.contains("{") || body.contains("}") {
                    Issue.record("\(request.kind) \(request.stage) \(request.channel) \(request.locale): \(body)")
                }
            }
        }
    }

    @Test func everyMissingValueStopsTheDelivery() throws {
        for request in everyRequest() {
            for field in set.fieldsNeeded(
                kind: request.kind, stage: request.stage, variant: request.variant, channel: request.channel, locale: request.locale)
            {
                // Where the money has not left, the branch that names the bank is not taken.
                if request.stage == .stillWaiting, [.bank, .traceRef].contains(field),
                    request.facts.json["funds"]?.text.contains("held") ?? false
                {
                    continue
                }
                var poorer = request
                poorer.facts = Facts(json: .object(request.facts.json.object!.filter { $0.0 != field.rawValue }))!
                let error = #expect(throws: RenderProblem.self) { try set.render(poorer) }
                if error?.reason != .fieldMissing || error?.field != field || error?.file.isEmpty != false || error?.line == 0 {
                    Issue.record("\(request.kind) \(field): \(String(describing: error))")
                }
                if !set.fieldsMissing(poorer).contains(field) { Issue.record("fieldsMissing does not name \(field) of \(request.kind)") }
            }
            if !set.fieldsMissing(request).isEmpty { Issue.record("\(request.kind): \(set.fieldsMissing(request))") }
        }
    }

    @Test func aValueInsideAPhraseIsMissedToo() throws {
        var request = Requests.request(set, .accountInfoError, .sms, .zhHans)
        request.facts = Facts(json: .object(request.facts.json.object!.filter { $0.0 != "refund_eta" }))!
        #expect(set.fieldsMissing(request) == [.refundETA])
        let error = #expect(throws: RenderProblem.self) { try set.render(request) }
        #expect(error?.field == .refundETA)
        #expect(error?.file == "templates/_shared/terms/zh-Hans.yaml")
    }

    @Test func unknownWordsAndVariantsStopTheDelivery() throws {
        var request = Requests.request(set, .payoutReturned, .sms, .en)
        request.facts.set(.reason, term: "because", of: .plainReasons)
        #expect(#expect(throws: RenderProblem.self) { try set.render(request) }?.reason == .renderError)
        request = Requests.request(set, .payoutReturned, .sms, .en, variant: "no_such")
        #expect(#expect(throws: RenderProblem.self) { try set.render(request) }?.reason == .templateMissing)
        #expect(
            #expect(throws: RenderProblem.self) { try set.render(Requests.request(set, .riskHold, .voice, .en)) }?.reason
                == .templateMissing)
        request = Requests.request(set, .riskHold, .mail, .en)
        request.link = "no_such"
        #expect(#expect(throws: RenderProblem.self) { try set.render(request) }?.reason == .renderError)
    }

    @Test func genericNeedsTheOrderNumberOnly() throws {
        for locale in TextLocale.allCases {
            for channel in TemplateSet.channels {
                var request = Requests.request(set, .payoutReturned, channel, locale)
                request.facts = Facts()
                request.facts.set(.order, OrderNumber("WD7"))
                #expect(text(try set.generic(request)).joined().contains("WD7"))
                request.facts = Facts()
                #expect(throws: RenderProblem.self) { try set.generic(request) }
            }
        }
    }

    // MARK: Formats

    @Test(arguments: [
        (TextLocale.zhHans, 1_795_255_200, 8 * 3600, "11月21日18:00"), (.zhHant, 1_795_255_200, 8 * 3600, "11月21日18:00"),
        (.en, 1_795_255_200, 8 * 3600, "21 Nov 18:00"), (.en, 1_795_255_200, -5 * 3600, "21 Nov 05:00"),
        (.zhHans, 1_767_225_540, 3600, "1月1日00:59"), (.en, 1_767_225_540, 0, "31 Dec 23:59"), (.zhHans, 1_782_864_060, 20700, "7月1日05:46"),
    ])
    func instants(_ locale: TextLocale, _ seconds: Int, _ offset: Int, _ expected: String) throws {
        var request = Requests.request(set, .riskHold, .sms, locale)
        request.facts.set(.eta, Timestamp(seconds: Int64(seconds)))
        request.offset = { _ in offset }
        #expect(try sms(request).contains(expected))
    }

    @Test(arguments: [
        ("CNY", Int64(128000), "CNY\u{A0}1,280.00"), ("HKD", 128000, "HK$1,280.00"), ("EUR", 128000, "€1,280.00"),
        ("JPY", 1280, "JPY\u{A0}1,280"), ("JPY", 7, "JPY\u{A0}7"), ("KWD", 1280, "KWD\u{A0}1.280"), ("KWD", 5, "KWD\u{A0}0.005"),
        ("USD", 0, "US$0.00"), ("USD", 99, "US$0.99"), ("USD", 100, "US$1.00"), ("USD", 99999, "US$999.99"),
        ("USD", 123_456_789_012, "US$1,234,567,890.12"), ("GBP", -150, "-£1.50"), ("INR", Int64.max, "₹92,233,720,368,547,758.07"),
    ])
    func money(_ code: String, _ minor: Int64, _ expected: String) throws {
        var request = Requests.request(set, .insufficientBalance, .mail, .en)
        request.facts.set(.amount, Money(minor: minor, currency: try #require(Currency(code))))
        #expect(text(try set.render(request))[1].contains("needs \(expected) (fee"))
    }

    @Test(arguments: [
        (TextLocale.zhHans, "资金来源说明和人脸核验"), (.zhHant, "資金來源說明和人臉核對"),
        (.en, "short statement of where the money comes from and face check in the app"),
    ])
    func lists(_ locale: TextLocale, _ expected: String) throws {
        var request = Requests.request(set, .riskHold, .sms, locale, variant: "materials")
        request.facts.set(.materials, terms: ["source_of_funds", "selfie_check"], of: .materials)
        #expect(try sms(request).contains(expected))
    }

    @Test(arguments: [(TextLocale.zhHans, "（5次）"), (.zhHant, "（5次）"), (.en, "daily number of withdrawals (5)")])
    func counts(_ locale: TextLocale, _ expected: String) throws {
        var request = Requests.request(set, .limitExceeded, .sms, locale)
        request.facts.set(.limitName, term: "day_count", of: .limitNames)
        request.facts.set(.limit, count: 5)
        #expect(try sms(request).contains(expected))
    }

    @Test func moneyStatesAreShortInMessagesAndLongElsewhere() throws {
        var request = Requests.request(set, .payoutReturned, .sms, .zhHans)
        request.facts.set(.funds, FundsState.held)
        #expect(try sms(request).contains("款项仍在您的账户。"))
        request.channel = .inApp
        #expect(text(try set.render(request))[1].contains("款项仍在您的账户，尚未付出。"))
    }

    // MARK: Languages

    @Test func traditionalNeverShowsSimplified() throws {
        // Written in simplified script only.
        let simplified = Set("现钱账户银单审请认证见为处关闭边让时间发应额历还资补级无询预计点结过进")
        for request in everyRequest() where request.locale == .zhHant {
            let all = text(try set.render(request)).joined()
            if let found = all.first(where: simplified.contains) { Issue.record("\(request.kind) \(request.stage): \(found)") }
        }
    }

    @Test func brandFallsBackToEnglishNeverToTheOtherScript() throws {
        var request = Requests.request(set, .riskHold, .sms, .zhHant)
        request.brand.names[.zhHant] = nil
        #expect(try sms(request).hasPrefix("【ExamplePay】"))
        request.brand.names[.en] = nil
        #expect(#expect(throws: RenderProblem.self) { try set.render(request) }?.field == .brand)
    }

    @Test func signatureCanBeLeftToTheProvider() throws {
        for locale in TextLocale.allCases {
            var request = Requests.request(set, .riskHold, .sms, locale)
            let signed = try sms(request)
            request.omitSignature = true
            let unsigned = try sms(request)
            #expect(signed == ([.zhHans, .zhHant].contains(locale) ? "【示例支付】" : "ExamplePay: ") + unsigned)
        }
    }

    @Test func privatePreviewShowsNothing() throws {
        for request in everyRequest() where request.channel == .push {
            var hidden = request
            hidden.privatePreview = true
            hidden.facts = Facts()
            let all = text(try set.render(hidden)).joined()
            if all.contains(where: { $0.isASCII && $0.isNumber }) { Issue.record("\(request.kind): \(all)") }
        }
    }

    // MARK: Harmless values

    static let hostile = "\u{202E}<b onclick=\"x\">Bank</b> & 'Söhne' \u{2066}【假】\u{A0}\u{200B}<script>alert(1)</script>\r\nBcc: x"

    @Test func hostileNamesStayText() throws {
        for request in everyRequest() {
            var request = request
            request.facts.set(.bank, PlainText(Self.hostile))
            request.facts.set(.wallet, PlainText(Self.hostile))
            request.facts.set(.traceRef, PlainText("</p><img src=x onerror=alert(1)>\" onload=\"1"))
            let parts = text(try set.render(request))
            for hidden in ["\u{202E}", "\u{2066}", "\u{200B}", "\r", "<script"] where parts.joined().contains(hidden) {
                Issue.record("\(request.kind) \(request.channel): \(hidden)")
            }
            if parts.count == 3 {
                let html = parts[2].lowercased()
                for refused in ["<b>", "<b ", "<img", "onclick=\"", "onerror", "onload=\""] where html.contains(refused) {
                    Issue.record("\(request.kind) \(request.channel): \(refused)")
                }
            }
            if request.channel == .sms {
                let text = try sms(request)
                #expect(!text.dropFirst(request.locale == .en ? 0 : 1).contains("【"))
                #expect(!text.contains("\n") && !text.contains("\u{A0}"))
            }
        }
    }

    @Test func htmlEscapesEveryValue() throws {
        var request = Requests.request(set, .riskHold, .mail, .en)
        request.brand.names[.en] = PlainText("A&B \"Pay\"")
        request.facts.set(.bank, PlainText("O'Neil & Co > x"))
        let parts = text(try set.render(request))
        #expect(parts[2].contains("O&#39;Neil &amp; Co &gt; x"))
        #expect(parts[2].contains("A&amp;B &quot;Pay&quot;"))
        #expect(parts[1].contains("O'Neil & Co > x"))
    }

    @Test func englishSMSFoldsWhatWouldDoubleIt() throws {
        var request = Requests.request(set, .bankDelay, .sms, .en)
        request.facts.set(.bank, PlainText("Lloyd’s–“Bank”\u{202F}of…X"))
        let text = try sms(request)
        #expect(text.contains("Lloyd's-\"Bank\" of...X"))
        #expect(SMSMeasure(text).encoding == .gsm7)
    }

    @Test func rawValuesAreNotRenderable() {
        #expect(("text" as Any) as? any TemplateRenderable == nil)
        #expect((PhoneNumber("+8613800000000") as Any) as? any TemplateRenderable == nil)
        #expect((MailAddress("a@example.com") as Any) as? any TemplateRenderable == nil)
        #expect((Sensitive("text") as Any) as? any TemplateRenderable == nil)
        #expect((Sensitive(PlainText("text")) as Any) as? any TemplateRenderable == nil)
    }

    @Test func aTextThatCouldGrowTooLongIsRefusedAtLoad() {
        let files = ContractTests.edited(
            "templates/bank_delay/zh-Hans.yaml", "处理较慢，预计{eta}前到账，请勿重复提交。进度", String(repeating: "{order}", count: 5) + "预计{eta}到账。进度")
        let problems = ContractTests.problems(files)
        #expect(problems.contains("templates/bank_delay/zh-Hans.yaml:5:8: error: opened.sms: "))
        #expect(problems.contains("SMS parts with extreme values, 4 allowed"))
    }

    @Test func aLongSMSIsRefused() throws {
        var request = Requests.request(set, .channelOutage, .sms, .en)
        request.facts.set(.order, OrderNumber(String(repeating: "W", count: 64)))
        request.facts.set(.bank, PlainText(String(repeating: "银", count: 60)))
        #expect(SMSMeasure(try sms(request)).parts == 4)
        // Names are cut before a message is given up.
        request.brand.names[.en] = PlainText(String(repeating: "B", count: 60))
        let cut = try sms(request)
        #expect(SMSMeasure(cut).parts == 4 && cut.contains("银银银银银银银银银...") && !cut.contains("银银银银银银银银银银"))
        request.brand.names[.en] = PlainText(String(repeating: "B", count: 400), limit: 400)
        #expect(#expect(throws: RenderProblem.self) { try set.render(request) }?.reason == .tooLong)
    }

    // MARK: Mail

    @Test func mailPartsSayTheSame() throws {
        for request in everyRequest() where request.channel == .mail {
            let parts = text(try set.render(request))
            // Set apart among letters from right to left; the text part has its digits alone.
            let page = parts[2].replacing("<bdi dir=\"ltr\" style=\"white-space:nowrap\">400-000-0000</bdi>", with: "4000000000")
            let body = page[page.firstRange(of: "</head>")!.upperBound...]
            var words = body.split(separator: "<").map { piece in String(piece.drop { $0 != ">" }.dropFirst()) }.joined(separator: "\n")
            for (escape, character) in [("&#39;", "'"), ("&quot;", "\""), ("&gt;", ">"), ("&amp;", "&")] {
                words = words.replacing(escape, with: character)
            }
            for line in parts[1].split(separator: "\n") where !line.hasPrefix("https://") {
                let line = line.hasSuffix(" :") ? line.dropLast(2) : line.last == ":" || line.last == "：" ? line.dropLast() : line
                if !words.contains(line) { Issue.record("\(request.kind) \(request.stage): \(line)") }
            }
        }
    }

    @Test func mailIsWellFormedAndSmall() throws {
        for request in everyRequest() where request.channel == .mail {
            let html = text(try set.render(request))[2]
            #expect(html.utf8.count < 20000)
            #expect(html.contains("<html lang=\"\(request.locale.rawValue)\""))
            #expect(html.contains("name=\"color-scheme\""))
            #expect(!html.contains("<!--"))
            for tag in ["table", "tr", "td", "p", "h1", "h2", "a", "div"] {
                let opened = html.ranges(of: "<\(tag) ").count + html.ranges(of: "<\(tag)>").count
                #expect(opened == html.ranges(of: "</\(tag)>").count, "\(tag)")
            }
        }
    }

    @Test func aButtonIsLeftOutWhenThereIsNone() throws {
        var request = Requests.request(set, .riskHold, .mail, .en)
        request.link = nil
        let parts = text(try set.render(request))
        #expect(!parts[2].contains("<a ") && !parts[1].contains("https://"))
    }

    @Test(arguments: [
        ("https://pay.example.com/app", true), ("examplepay://open", true), ("http://pay.example.com", false), ("javascript://x", false),
        ("https://a b", false), ("https://x\"onload", false), ("//pay.example.com", false), ("", false), ("https://", false),
        ("data://x", false),
    ])
    func linkBases(_ base: String, _ isFine: Bool) { #expect(Brand.accepts(linkBase: base) == isFine) }

    @Test func sameRequestSameBytes() throws {
        for request in everyRequest() { #expect(try set.render(request) == set.render(request)) }
    }

    @Test func revisionFollowsEveryFile() throws {
        let first = try Shipped.compile(Shipped.files).get().revision
        #expect(try Shipped.compile(Shipped.files.reversed()).get().revision == first)
        #expect(try Shipped.compile(ContractTests.edited("templates/risk_hold/en.yaml", "# Risk", "# A risk")).get().revision != first)
    }
}
