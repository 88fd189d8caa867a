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
        print("@@\(Self.breaks.firstIndex { $0.file == broken.file && $0.new == broken.new }!)@=\(Self.problems(Self.edited(broken.file, broken.old, broken.new)))@@")
    }

    static let breaks = [
        // The text itself.
        Break("bank_delay/en.yaml", "expect it by {eta}. Do", "expect it by {etaa}. Do", ""),
        Break("bank_delay/en.yaml", "{order} was sent", "{order was sent", ""),
        Break("bank_delay/en.yaml", "Do not resubmit.", "Do not resubmit until {until}.", ""),
        Break("bank_delay/zh-Hans.yaml", "提现到账时间延后", " ", ""),
        // Who, which, until when.
        Break("bank_delay/en.yaml", "Withdrawal {order} is expected by {eta}. The money", "It is expected by {eta}. The money", ""),
        Break("account_info_error/en.yaml", "details of the account ending {tail4} do", "details of your account do", ""),
        Break("_shared/stages/zh-Hant.yaml", "：{progress}，預計{eta}前完成。\"\n  push", "，預計{eta}前完成。\"\n  push", ""),
        Break("compliance_restricted/en.yaml", "needs more time", "needs more time, {reason},", ""),
        // Money and next.
        Break("risk_hold/en.yaml", "    money: \"The money is still in your account. The review started at {received_at}.\"\n", "", ""),
        Break("risk_hold/en.yaml", "The money is still in your account. The review", "The review", ""),
        Break("account_info_error/zh-Hans.yaml", "{funds}。请在APP“银行卡管理”核对后重新提交。\"\n  push", "请核对后重新提交。\"\n  push", ""),
        Break("account_info_error/en.yaml", "{funds}. Fix: app > Bank cards.", "{funds}.", ""),
        // Words.
        Break("platform_error/en.yaml", "Expected by {eta}. Nothing to do.", "Expected by {eta}, or Soon after.", ""),
        Break("platform_error/zh-Hans.yaml", "无需重复提交。", "请稍后。", ""),
        Break("payout_returned/en.yaml", "You can withdraw again once", "You can withdraw again as soon as you like once", ""),
        Break("payout_returned/zh-Hant.yaml", "請核對賬戶後重新提款。\"\n  push", "請核對••賬戶後重新提款。\"\n  push", ""),
        Break("payout_returned/en.yaml", "Your withdrawal was returned", "Your \u{200B}withdrawal was returned", ""),
        // SMS and push.
        Break("platform_error/en.yaml", "We expect to finish", "{amount}: we expect to finish", ""),
        Break("platform_error/en.yaml", "Order {order} is held", "Order {order} ({amount}) is held", ""),
        Break("platform_error/en.yaml", "Do not resubmit.", "See https://pay.example.com", ""),
        Break("platform_error/en.yaml", "{brand}: Withdrawal", "From {brand}: Withdrawal", ""),
        Break("platform_error/zh-Hans.yaml", "提现{order}因我方", "【提现】{order}因我方", ""),
        Break("platform_error/en.yaml", "We expect", "We – expect", ""),
        Break("platform_error/en.yaml", "and will tell you.", "and will tell you then, on the same way and in the same words.", ""),
        Break("platform_error/zh-Hans.yaml", "款项安全，我们正在处理", String(repeating: "款项安全，我们正在处理。", count: 8), ""),
        Break("platform_error/en.yaml", "We are fixing a delay on our side", "We are fixing a delay that happened on our side", ""),
        Break(
            "network_problem/en.yaml", "  sms: \"{brand}: The link to {bank} broke. Withdrawal {order} is being retried, result by {eta}. You are never charged twice.\"",
            "  sms:\n    text: \"{brand}: The link to {bank} broke. Withdrawal {order} is being retried, result by {eta}. You are never charged twice.\"\n    supplier: { code: SMS_1, parameters: [bank, order, deadline] }",
            ""),
        // Shared texts.
        Break("_shared/generic/en.yaml", "There is news about withdrawal {order}. See", "There is news by {eta} about withdrawal {order}. See", ""),
        Break("_shared/generic/en.yaml", "Order {order}: there", "There", ""),
        Break("_shared/terms/en.yaml", "or call {support}. We", "or call us. We", ""),
        Break("_shared/terms/en.yaml", "You have a notice about a withdrawal.", "You have a notice about {order}.", ""),
        Break("_shared/terms/en.yaml", "    paid: \"Money has been paid out\"\n", "", ""),
        Break("_shared/terms/zh-Hant.yaml", "  selfie_check:", "  selfie_chek:", ""),
        Break("risk_hold/zh-Hant.yaml", "variants:\n  materials:", "variants:\n  material:", ""),
        // The files.
        Break("risk_hold/en.yaml", "  in_app:\n    title: \"Your", "  inapp:\n    title: \"Your", ""),
        Break("risk_hold/en.yaml", "  mail:\n    subject", "  mail:\n    subject: \"Twice {order}\"\n    subject", ""),
        Break("risk_hold/en.yaml", "variants:", "stages:\n  progres: {}\nvariants:", ""),
        Break("_shared/mail.html", "{{heading}}", "{{headin}}", ""),
        Break("_shared/mail.html", "<!-- end button -->", "<img src=\"x\">", ""),
        Break("_shared/mail.html", "<!-- begin heading -->", "<!-- begin headings -->", ""),
    ]

    @Test func missingFilesAreNamed() {
        #expect(
            Self.problems(Shipped.files.filter { $0.path != "templates/risk_hold/zh-Hant.yaml" && $0.path != "templates/_shared/vague/en.yaml" })
                == "templates/risk_hold/zh-Hant.yaml: error: missing: no text for risk_hold in zh-Hant, and no declared fallback\n"
                + "templates/_shared/vague/en.yaml: error: missing: no such texts in en")
    }

    @Test func unknownFilesAreNamed() {
        let files = Shipped.files + [("templates/risk_hld/en.yaml", "a: 1"), ("templates/risk_hold/fr.yaml", "a: 1"), ("templates/_shared/term/en.yaml", "a: 1")]
        #expect(
            Self.problems(files) == "templates/_shared/term/en.yaml: error: unknown folder \"term\" (did you mean \"terms\"?)\n"
                + "templates/risk_hld/en.yaml: error: unknown kind \"risk_hld\" (did you mean \"risk_hold\"?)\n"
                + "templates/risk_hold/fr.yaml: error: unknown locale \"fr\" (known: zh-Hans, zh-Hant, en)")
    }

    @Test(arguments: [("zh-Hant", "zh-Hans"), ("zh-Hans", "zh-Hant"), ("en", "en")]) func neverFallsBackAcrossScripts(from locale: String, to other: String) {
        let path = "templates/risk_hold/\(locale).yaml"
        let files = Shipped.files.map { $0.path == path ? (path, "fallback: \(other)\n") : $0 }
        #expect(Self.problems(files).contains("\(path):1:11: error: fallback: \(locale) cannot fall back to this (en is the only fallback)"))
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
        files = files.map { $0.path == "templates/risk_hold/en.yaml" ? ($0.path, $0.text.replacing("{deadline}", with: "{dedline}", maxReplacements: 1)) : $0 }
        #expect(Self.problems(files).split(separator: "\n").count == 2)
    }

    @Test func longValuesWarnOnly() throws {
        let set = try Shipped.compile(Self.edited("templates/platform_error/en.yaml", "Expected by {eta}. Nothing", "Expected by {eta} at {bank}. Nothing")).get()
        #expect(set.warnings.contains { $0.description.contains("platform_error/en.yaml:8:11: warning: opened.push.body") })
    }
}
