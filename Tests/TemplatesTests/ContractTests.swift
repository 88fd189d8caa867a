import Core
import Templates
import Testing

/// Each rule of the contract is broken once in a shipped file; the mistake must be found where it stands, with nothing else reported.
@Suite struct ContractTests {
    struct Break: Sendable, CustomTestStringConvertible {
        var file, old, new: String
        /// The problems, one a line.
        var expected: String
        var testDescription: String { "\(file): \(new.prefix(40))" }
        init(_ file: String, _ old: String, _ new: String, _ expected: String) {
            (self.file, self.old, self.new, self.expected) = ("templates/" + file, old, new, expected)
        }
    }

    static func edited(_ file: String, _ old: String, _ new: String) -> [(path: String, text: String)] {
        Shipped.files.map { entry in
            guard entry.path == file else { return entry }
            precondition(entry.text.contains(old), "\(file) does not hold \(old)")
            return (entry.path, entry.text.replacing(old, with: new, maxReplacements: 1))
        }
    }

    static func problems(_ files: [(path: String, text: String)]) -> String {
        switch Shipped.compile(files) {
        case .success: ""
        case .failure(let problems): problems.description
        }
    }

    @Test(arguments: breaks) func finds(_ broken: Break) {
        #expect(Self.problems(Self.edited(broken.file, broken.old, broken.new)) == broken.expected)
    }

    /// What is said of the languages that come after Chinese.
    private static let lines: [TextLocale: Int] = [.ar: 6, .fr: 6, .de: 6, .id: 6, .vi: 6, .th: 6]
    static func others(_ variant: String) -> String {
        TextLocale.allCases.dropFirst(2).map {
            "templates/risk_hold/\($0.rawValue).yaml:\(lines[$0] ?? 5):3: error: opened: the variant \"\(variant)\" is missing (another language of risk_hold has it)"
        }.joined(separator: "\n")
    }

    static let breaks = [
        // The text itself.
        Break(
            "bank_delay/en.yaml", "expect it by {eta}. Do", "expect it by {etaa}. Do",
            "templates/bank_delay/en.yaml:5:82: error: opened.sms: unknown field {etaa} (did you mean {eta}?)"),
        Break(
            "bank_delay/en.yaml", "{order} was sent", "{order was sent",
            "templates/bank_delay/en.yaml:5:51: error: opened.sms: a brace without its partner (values are written {order})"),
        Break(
            "bank_delay/en.yaml", "Do not resubmit.", "Do not resubmit until {until}.",
            "templates/bank_delay/en.yaml:5:111: error: opened.sms: {until} stands only inside phrases (use {window})"),
        Break(
            "bank_delay/en.yaml", "Do not resubmit.", "And {more_orders} more.",
            "templates/bank_delay/en.yaml:5:93: error: opened.sms: {more_orders} stands only inside phrases (it is added by itself where messages become one)"
        ),
        Break(
            "bank_delay/zh-Hans.yaml", "提现到账时间延后", " ", "templates/bank_delay/zh-Hans.yaml:7:12: error: opened.push.title: an empty text"),
        // Who, which, until when.
        Break(
            "bank_delay/en.yaml", "Withdrawal {order} is expected by {eta}. The money", "It is expected by {eta}. The money",
            "templates/bank_delay/en.yaml:17:11: error: opened.in_app.body: {order} is missing (the in-app text of this notice must say it)"
        ),
        Break(
            "account_info_error/en.yaml", "details of the account ending {tail4} do", "details of your account do",
            "templates/account_info_error/en.yaml:8:11: error: opened.push.body: {tail4} is missing (the push of this notice must say it)"),
        Break(
            "_shared/stages/zh-Hant.yaml", "：{progress}，預計{eta}前完成。詳見APP。\"\n  push", "，預計{eta}前完成。詳見APP。\"\n  push",
            "templates/_shared/stages/zh-Hant.yaml:7:8: error: progress.sms: {progress} is missing (the SMS of this notice must say it)"),
        Break(
            "compliance_restricted/en.yaml", "needs more time", "needs more time, {reason},",
            "templates/compliance_restricted/en.yaml:11:59: error: opened.mail.what: {reason} may not be told (this kind gives no reasons)"),
        Break(
            "compliance_restricted/en.yaml", "stages:\n  # something changed inside, of which nothing may be told\n  progress:",
            "stages:\n  still_waiting:",
            "templates/compliance_restricted/en.yaml:5:3: error: opened: stages.progress is missing (the shared text says {progress}, which may not be told of this kind)"
        ),
        Break(
            "_shared/stages/en.yaml", "Withdrawal {order} has still not arrived. We", "Withdrawal {order} is under investigation. We",
            "templates/_shared/stages/en.yaml:98:46: error: still_waiting.sms: \"investigation\" may not be told (this kind gives no reasons)"
        ),
        // Money and next.
        Break(
            "risk_hold/en.yaml", "    money: \"The money is still in your account. The review started at {received_at}.\"\n", "",
            "templates/risk_hold/en.yaml:10:14: error: opened.mail.subject: mail.money is missing (a first notice has the blocks what, money, next and you)"
        ),
        Break(
            "risk_hold/en.yaml", "The money is still in your account. The review", "The review",
            "templates/risk_hold/en.yaml:12:12: error: opened.mail.money: does not say where the money is ({funds}, or one of the words under \"money\" in _shared/vague)"
        ),
        Break(
            "account_info_error/zh-Hans.yaml", "{funds}。请在APP“银行卡管理”核对后重新提交。\"\n  push", "请在APP核对后重新提交。\"\n  push",
            "templates/account_info_error/zh-Hans.yaml:5:8: error: opened.sms: does not say where the money is ({funds}, or one of the words under \"money\" in _shared/vague)"
        ),
        Break(
            "account_info_error/en.yaml", "{funds}. Fix: app > Bank cards.", "{funds}.",
            "templates/account_info_error/en.yaml:5:8: error: opened.sms: does not say what comes next (a time, or one of the words under \"next\" in _shared/vague)\ntemplates/account_info_error/en.yaml:5:8: error: opened.sms: names no way to support or to the app ({support}, or one of the words under \"ways\" in _shared/vague; a link may not stand in an SMS)"
        ),
        // Words.
        Break(
            "platform_error/en.yaml", "Expected by {eta}. Nothing to do.", "Expected by {eta}, or Soon after.",
            "templates/platform_error/en.yaml:8:85: error: opened.push.body: vague wording \"Soon\" (say who, what or until when)"),
        Break(
            "platform_error/zh-Hans.yaml", "无需重复提交。", "请稍后。",
            "templates/platform_error/zh-Hans.yaml:5:107: error: opened.sms: vague wording \"稍后\" (say who, what or until when)"),
        Break("payout_returned/en.yaml", "You can withdraw again once", "You can withdraw again as soon as you like once", ""),
        Break(
            "payout_returned/zh-Hant.yaml", "請核對賬戶後重新提款。詳見", "請核對••賬戶後重新提款。詳見",
            "templates/payout_returned/zh-Hant.yaml:5:62: error: opened.sms: • may not stand here (mask with * or words: it doubles an SMS and suppliers refuse it)"
        ),
        Break(
            "payout_returned/en.yaml", "Your withdrawal was returned", "Your \u{200B}withdrawal was returned",
            "templates/payout_returned/en.yaml:7:18: error: opened.push.title: an invisible character (U+200B)"),
        // What may be said of the money.
        Break(
            "platform_error/en.yaml", "{funds, select, held {The money is safe} other {{funds}}} and our", "The money is Safe and our",
            "templates/platform_error/en.yaml:12:26: error: opened.mail.money: \"Safe\" is also said when the money is not_debited, returning, in_balance, unknown, paid (true of held and in_transit only: {funds, select, held {…} other {{funds}}})"
        ),
        Break(
            "_shared/stages/zh-Hans.yaml", "in_balance {款项已退回余额}", "returning {款项已退回余额}",
            "templates/_shared/stages/zh-Hans.yaml:35:42: error: resolved_refunded.push.title: \"已退回余额\" is also said when the money is returning (true of in_balance only: {funds, select, in_balance {…} other {{funds}}})"
        ),
        Break(
            "_shared/terms/ar.yaml", "المبلغ قيد التحويل", "عاد المبلغ إلى رصيدك",
            "templates/_shared/terms/ar.yaml:139:18: error: funds.sms.in_transit: \"عاد المبلغ إلى رصيدك\" is also said when the money is in_transit (true of in_balance only: {funds, select, in_balance {…} other {{funds}}})"
        ),
        Break("status_unknown/en.yaml", "arrived, or back in your balance", "it arrived, or back in your balance", ""),
        // SMS and push.
        Break(
            "platform_error/en.yaml", "We expect to finish", "{amount}: we expect to finish",
            "templates/platform_error/en.yaml:5:74: error: opened.sms: {amount} may not stand here (lock screens are read by others; amounts belong in mail and in-app)"
        ),
        Break(
            "platform_error/en.yaml", "Order {order} is held", "Order {order} ({amount}) is held",
            "templates/platform_error/en.yaml:8:27: error: opened.push.body: {amount} may not stand here (lock screens are read by others; amounts belong in mail and in-app)"
        ),
        Break(
            "platform_error/en.yaml", "Do not resubmit.", "See https://pay.example.com",
            "templates/platform_error/en.yaml:5:108: error: opened.sms: a link may not stand here (name the way inside the app instead: links in messages train people for phishing)"
        ),
        Break(
            "platform_error/en.yaml", "{brand}: Withdrawal", "From {brand}: Withdrawal",
            "templates/platform_error/en.yaml:5:8: error: opened.sms: an SMS begins with {brand}:  (who speaks comes first)"),
        Break(
            "platform_error/zh-Hans.yaml", "提现{order}因我方", "【提现】{order}因我方",
            "templates/platform_error/zh-Hans.yaml:5:18: error: opened.sms: 【 stands only around the sender's name"),
        Break(
            "platform_error/en.yaml", "We expect", "We – expect",
            "templates/platform_error/en.yaml:5:77: error: opened.sms: – is not in the GSM alphabet (write -: one such character leaves 70 instead of 160 for the text)"
        ),
        Break(
            "platform_error/en.yaml", "See app.\"", "See app then, on the same way and in the same words.\"",
            "templates/platform_error/en.yaml:5:8: error: opened.sms: 2 SMS parts with usual values, 1 allowed (181 of 160 GSM-7 units, 21 too many)"
        ),
        Break(
            "platform_error/zh-Hans.yaml", "{funds, select, held {款项安全} other {{funds}}}，我们正在处理",
            String(repeating: "款项仍在，我们正在处理。", count: 8),
            "templates/platform_error/zh-Hans.yaml:5:8: error: opened.sms: 3 SMS parts with usual values, 2 allowed (165 of 134 UCS-2 units, 31 too many)"
        ),
        Break(
            "platform_error/en.yaml", "We are fixing a delay on our side", "We are fixing a delay that happened on our side",
            "templates/platform_error/en.yaml:7:12: error: opened.push.title: 47 characters with usual values, 40 are shown (7 too many)"),
        Break(
            "network_problem/en.yaml",
            "  sms: \"{brand}: The link to {bank} broke. Withdrawal {order} is being retried, result by {eta}. Never charged twice. See app.\"",
            "  sms:\n    text: \"{brand}: The link to {bank} broke. Withdrawal {order} is being retried, result by {eta}. Never charged twice. See app.\"\n    supplier: { code: SMS_1, parameters: [bank, order, deadline] }",
            "templates/network_problem/en.yaml:7:15: error: opened.sms.supplier: the registered template lacks {eta} (list every value of the text except {brand}, in the registered order)\ntemplates/network_problem/en.yaml:7:15: error: opened.sms.supplier: {deadline} is not in the text"
        ),
        // Shared texts.
        Break(
            "_shared/generic/en.yaml", "There is news about withdrawal {order}. See",
            "There is news by {eta} about withdrawal {order}. See",
            "templates/_shared/generic/en.yaml:4:33: error: sms: {eta} may not stand in the generic text (it is used when values are missing)"
        ),
        Break(
            "_shared/generic/en.yaml", "Order {order}: there", "There",
            "templates/_shared/generic/en.yaml:7:9: error: push.body: {order} is missing (the push of the generic text must say it)"),
        Break(
            "_shared/terms/en.yaml", "or call {support}. We", "or call us. We",
            "templates/_shared/terms/en.yaml:180:11: error: mail.footer: {support} is missing (every mail says how to reach support and what to quote)"
        ),
        Break(
            "_shared/terms/en.yaml", "You have a notice about a withdrawal.", "You have a notice about {order}.",
            "templates/_shared/terms/en.yaml:185:34: error: private_preview.body: no value may stand in the neutral push"),
        Break(
            "_shared/terms/en.yaml", "    paid: \"Money has been paid out\"\n", "",
            "templates/_shared/terms/en.yaml:136:5: error: funds.sms: \"paid\" is missing (every money state needs its words)"),
        Break(
            "_shared/terms/zh-Hant.yaml", "  selfie_check:", "  selfie_chek:",
            "templates/_shared/terms/zh-Hant.yaml:48:16: error: materials.selfie_chek: no other language has this word (did you mean \"selfie_check\"?)\ntemplates/_shared/terms/zh-Hant.yaml:47:3: error: materials: \"selfie_check\" is missing (the other languages have it)"
        ),
        Break(
            "risk_hold/zh-Hant.yaml", "variants:\n  materials:", "variants:\n  material:",
            "templates/risk_hold/zh-Hant.yaml:21:10: error: variants.material.sms: {eta} is missing (the SMS of this notice must say it)\ntemplates/risk_hold/zh-Hant.yaml:24:13: error: variants.material.push.body: {eta} is missing (the push of this notice must say it)\ntemplates/risk_hold/zh-Hant.yaml:33:13: error: variants.material.in_app.body: {eta} is missing (the in-app text of this notice must say it)\ntemplates/risk_hold/zh-Hans.yaml:5:3: error: opened: the variant \"material\" is missing (another language of risk_hold has it)\ntemplates/risk_hold/zh-Hant.yaml:5:3: error: opened: the variant \"materials\" is missing (another language of risk_hold has it)\n"
                + others("material")
        ),
        // The files.
        Break(
            "risk_hold/en.yaml", "  in_app:\n    title: \"Your", "  inapp:\n    title: \"Your",
            "templates/risk_hold/en.yaml:5:3: error: opened: missing key \"in_app\"\ntemplates/risk_hold/en.yaml:15:3: error: opened.inapp: unknown key (did you mean \"in_app\"?)"
        ),
        Break(
            "risk_hold/en.yaml", "  mail:\n    subject", "  mail:\n    subject: \"Twice {order}\"\n    subject",
            "templates/risk_hold/en.yaml:11:5: error: subject: the key stands here twice (first on line 10)"),
        Break(
            "risk_hold/en.yaml", "variants:", "stages:\n  progres: {}\nvariants:",
            "templates/risk_hold/en.yaml:20:3: error: stages.progres: unknown key (did you mean \"progress\"?)"),
        Break(
            "_shared/mail.html", "{{heading}}", "{{headin}}",
            "templates/_shared/mail.html:34:128: error: unknown place {{headin}} (did you mean {{heading}}?)\ntemplates/_shared/mail.html: error: {{heading}} is missing"
        ),
        Break(
            "_shared/mail.html", "<!-- end button -->", "<img src=\"x\">",
            "templates/_shared/mail.html:42:1: error: <img is not allowed in a mail (nothing is loaded, nothing runs)\ntemplates/_shared/mail.html:51:1: error: a begin without its end: button\ntemplates/_shared/mail.html: error: the section button is missing (<!-- begin button --> … <!-- end button -->)"
        ),
        Break(
            "_shared/mail.html", "<!-- begin heading -->", "<!-- begin headings -->",
            "templates/_shared/mail.html:34:1: error: unknown section (known: block, heading, button)\ntemplates/_shared/mail.html:34:145: error: an end without its begin: heading\ntemplates/_shared/mail.html: error: the section heading is missing (<!-- begin heading --> … <!-- end heading -->)"
        ),
    ]

    @Test func missingFilesAreNamed() {
        #expect(
            Self.problems(
                Shipped.files.filter { $0.path != "templates/risk_hold/zh-Hant.yaml" && $0.path != "templates/_shared/vague/en.yaml" })
                == "templates/risk_hold/zh-Hant.yaml: error: missing: no text for risk_hold in zh-Hant, and no declared fallback\n"
                + "templates/_shared/vague/en.yaml: error: missing: no such texts in en")
    }

    @Test func unknownFilesAreNamed() {
        let files =
            Shipped.files + [
                ("templates/risk_hld/en.yaml", "a: 1"), ("templates/risk_hold/nl.yaml", "a: 1"), ("templates/_shared/term/en.yaml", "a: 1"),
            ]
        #expect(
            Self.problems(files) == "templates/_shared/term/en.yaml: error: unknown folder \"term\" (did you mean \"terms\"?)\n"
                + "templates/risk_hld/en.yaml: error: unknown kind \"risk_hld\" (did you mean \"risk_hold\"?)\n"
                + "templates/risk_hold/nl.yaml: error: unknown locale \"nl\" (known: \(TextLocale.allCases.map(\.rawValue).joined(separator: ", ")))"
        )
    }

    @Test(arguments: [("zh-Hant", "zh-Hans"), ("zh-Hans", "zh-Hant"), ("en", "en")]) func neverFallsBackAcrossScripts(
        from locale: String, to other: String
    ) {
        let path = "templates/risk_hold/\(locale).yaml"
        let files = Shipped.files.map { $0.path == path ? (path, "fallback: \(other)\n") : $0 }
        #expect(
            Self.problems(files).contains("\(path):1:11: error: fallback: \(locale) cannot fall back to this (en is the only fallback)"))
    }

    @Test func declaredFallbackUsesEnglish() throws {
        let path = "templates/risk_hold/zh-Hant.yaml"
        let set = try Shipped.compile(Shipped.files.map { $0.path == path ? (path, "fallback: en\n") : $0 }).get()
        let content = try set.render(Requests.request(set, .riskHold, .sms, .zhHant))
        guard case .sms(let text) = content else { return #expect(Bool(false), "no SMS") }
        #expect(text.contains("is in security review"))
    }

    @Test func allMistakesComeAtOnce() {
        var files = Self.edited("templates/bank_delay/en.yaml", "{eta}. Do", "{etaa}. Do")
        files = files.map {
            $0.path == "templates/risk_hold/en.yaml"
                ? ($0.path, $0.text.replacing("{deadline}", with: "{dedline}", maxReplacements: 1)) : $0
        }
        #expect(Self.problems(files).split(separator: "\n").count == 2)
    }

    @Test func longValuesWarnOnly() throws {
        let set = try Shipped.compile(
            Self.edited("templates/payout_returned/en.yaml", "by {bank}: {reason}. {funds}.", "by {bank}: {reason}. {funds}, says {bank}.")
        ).get()
        #expect(set.warnings.contains { $0.description.contains("payout_returned/en.yaml:8:11: warning: opened.push.body") })
    }
}
