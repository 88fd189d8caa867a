import Core
import Templates
import Testing

@Suite("wordings: other texts for a share of the customers") struct WordingTests {
    private static let first = """
          sms: "{brand}: Withdrawal {order} was sent to {bank}, which is slow. Expect it by {eta}. No need to submit again. See app."
          push: { title: "Your withdrawal is on its way", body: "Order {order}: {bank} is slow. Expected by {eta}." }
          mail:
            subject: "Withdrawal {order} is delayed"
            what: "{bank} is slow with withdrawal {order}."
            money: "{funds}."
            next: "We expect it by {eta}."
            you: "Nothing to do."
          in_app: { title: "Your withdrawal is on its way", body: "Withdrawal {order} to {bank}: {funds}. Expected by {eta}." }
        """
    /// In every language, so that the languages agree: all of these say it in English, which the alphabet rules of en only allow.
    private static func files(_ wording: (TextLocale) -> String, kind: String = "bank_delay") -> [(path: String, text: String)] {
        Shipped.files.map { file in
            let parts = file.path.split(separator: "/")
            guard parts.count == 3, parts[1] == kind, let locale = TextLocale(rawValue: String(parts[2].dropLast(5))) else { return file }
            return (file.path, file.text + "\n" + wording(locale))
        }
    }
    private static func problems(_ files: [(path: String, text: String)]) -> [String] {
        switch Shipped.compile(files) {
        case .success: []
        case .failure(let problems): problems.all.map(\.description)
        }
    }
    private static func block(weight: Int, name: String = "plain", _ body: String? = nil) -> String {
        let text = (body ?? first).split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(separator: "\n")
        return "wordings:\n  \(name):\n    weight: \(weight)\n    opened:\n\(text)\n"
    }

    @Test("a wording keeps to the contract like the text itself, at its own place") func contract() {
        let found = Self.problems(
            Self.files { locale in
                locale == .en ? Self.block(weight: 20, nil).replacing("Expect it by {eta}. ", with: "") : ""
            }
        ).filter { $0.hasPrefix("templates/bank_delay/en.yaml") && $0.contains("wordings.plain.opened.sms") }
        #expect(found.contains { $0.contains("{eta} is missing (the SMS of this notice must say it)") })
    }

    @Test("what a wording says with a fixture is checked too, and named by its place") func output() throws {
        // The other languages use the English text, so that the files agree.
        let files = Self.files { $0 == .en ? Self.block(weight: 20) : "" }.map { file -> (path: String, text: String) in
            guard file.path.hasPrefix("templates/bank_delay/"), !file.path.hasSuffix("/en.yaml") else { return file }
            let planted = "planted: { title: t, locale: en, stage: opened, values: { bank: Soon Bank } }"
            return (file.path, file.path.hasSuffix("fixtures.yaml") ? planted : "fallback: en\n")
        }
        let check = try TemplateCheck(files, kinds: [.bankDelay], in: OutputContractTests.surroundings, digest: Shipped.fnv)
        #expect(check.problems.contains { $0.key.hasPrefix("wordings.plain.opened.") && $0.problem.contains("vague wording") })
    }

    @Test("languages have the same wordings with the same weights, and something is left for the text itself") func weights() {
        let onlyEnglish = Self.problems(Self.files { $0 == .en ? Self.block(weight: 20) : "" })
        #expect(onlyEnglish.count { $0.contains("the wording \"plain\" is missing") } == TextLocale.allCases.count - 1)
        let uneven = Self.problems(Self.files { Self.block(weight: $0 == .fr ? 30 : 20) })
        #expect(uneven.contains { $0.hasPrefix("templates/bank_delay/fr.yaml") && $0.contains("another weight") })
        let all = Self.problems(Self.files { _ in Self.block(weight: 60) + Self.block(weight: 40, name: "other").dropFirst(10) })
        #expect(all.contains { $0.contains("nothing is left for the text itself") })
        let none = Self.problems(Self.files { _ in "wordings:\n  plain:\n    weight: 20\n" })
        #expect(none.contains { $0.contains("a wording without a text") })
        let weightless = Self.problems(Self.files { $0 == .en ? "wordings:\n  plain: {}\n" : "" })
        #expect(weightless.contains { $0.hasPrefix("templates/bank_delay/en.yaml") && $0.contains("missing key \"weight\"") })
    }

    @Test("a restriction and a security review have one wording each", arguments: ["risk_hold", "compliance_restricted"])
    func alike(_ kind: String) {
        let found = Self.problems(Self.files({ _ in "wordings:\n  plain:\n    weight: 20\n" }, kind: kind))
        #expect(found.count { $0.contains("this kind has one wording") } == TextLocale.allCases.count)
    }

    @Test("differences are told text by text; a change of comments is one too") func changes() {
        func file(_ path: String, _ text: String) -> TemplateFile { TemplateFile(path: path, text: text) }
        let old = [file("a.yaml", "opened:\n  sms: x\n  push: { title: y }\n"), file("b.yaml", "# one\na: 1\n"), file("m.html", "1\n2")]
        let new = [file("a.yaml", "opened:\n  sms: z\n  mail: w\n"), file("b.yaml", "# two\na: 1\n"), file("m.html", "1\n3")]
        #expect(
            TextChange.between(old, new) == [
                TextChange(file: "a.yaml", key: "opened.sms", old: "x", new: "z"),
                TextChange(file: "a.yaml", key: "opened.mail", old: nil, new: "w"),
                TextChange(file: "a.yaml", key: "opened.push.title", old: "y", new: nil),
                TextChange(file: "b.yaml", key: "", old: "", new: ""), TextChange(file: "m.html", key: "line 2", old: "2", new: "3"),
            ])
        #expect(TextChange.between(old, old).isEmpty)
        #expect(TextChange.between([], [old[1]]) == [TextChange(file: "b.yaml", key: "a", old: nil, new: "1")])
    }
}
