import Core
import Templates
import Testing

/// What only a filled-in text shows: each mistake is planted in a shipped file, and found with the fixture that shows it.
@Suite struct OutputContractTests {
    static let surroundings = Surroundings(brand: .sample, links: Requests.links) { zone, _ in
        zone.map(FixtureTests.isZone) ?? true ? 8 * 3600 : nil
    }

    static func check(_ files: [(path: String, text: String)] = Shipped.files, kinds: [Kind] = Kind.allCases) throws -> TemplateCheck {
        try TemplateCheck(files, kinds: kinds, in: surroundings, digest: Shipped.fnv)
    }

    @Test func theShippedTextsHoldWithEveryFixture() throws {
        let check = try Self.check()
        #expect(check.problems.filter { $0.severity == .error }.isEmpty)
        #expect(check.texts == 10_036)
        // The samples, and what each fixture fits.
        var fitting = 0
        for kind in Kind.allCases {
            for form in check.templates.forms(of: kind) {
                for locale in TextLocale.allCases { fitting += check.fixtures[kind].count { $0.fits(form.stage, form.variant, locale) } }
            }
        }
        #expect(check.renders == check.texts + fitting * TemplateSet.channels.count)
    }

    struct Plant: Sendable, CustomTestStringConvertible {
        var file, old, new: String
        var fixture: String
        var expected: String
        var testDescription: String { expected }
        init(_ file: String, _ old: String, _ new: String, with fixture: String, _ expected: String) {
            (self.file, self.old, self.new, self.fixture, self.expected) = ("templates/" + file, old, new, fixture, "templates/" + expected)
        }
    }

    static let plants = [
        Plant(
            "bank_delay/en.yaml", "The money is on its way; please do not submit it again.\"",
            "{trace_ref, if {The money is on its way; please do not submit it again.} else {Progress is on the order page.}}\"",
            with: "{ title: t, stage: opened, values: { trace_ref: null } }",
            "bank_delay/en.yaml:17:11: error: opened.in_app: says neither where the money is nor where to see it with fixture bank_delay/planted"
        ),
        Plant(
            "amount_error/en.yaml", "  push:", "  push:", with: "{ title: t, locale: en, values: { bank: Soon Bank } }",
            "_shared/stages/en.yaml:26:11: error: resolved_arrived.mail: vague wording \"Soon\" with fixture amount_error/planted (say who, what or until when)"
        ),
        Plant(
            "limit_exceeded/en.yaml", "    money: \"", "    money: \"{limit_owner, select, bank {The money is safe.} other {}} ",
            with: "{ title: t, locale: en, stage: opened, values: { limit_owner: bank, funds: returning } }",
            "limit_exceeded/en.yaml:12:12: error: opened.mail: \"safe\" is said of money that is returning, with fixture limit_exceeded/bank_month (true of held and in_transit only; so with 1 more fixture)"
        ),
        Plant(
            "bank_delay/en.yaml", "  push:", "  push:",
            with: "{ title: t, locale: en, stage: opened, values: { bank: \"€1,280.00 Bank\" } }",
            "bank_delay/en.yaml:5:8: error: opened.sms: says the amount with fixture bank_delay/planted (lock screens are read by others"),
        Plant(
            "bank_delay/en.yaml", "  push:", "  push:", with: "{ title: t, locale: en, stage: opened, values: { eta: null } }",
            "bank_delay/en.yaml:17:11: error: opened.in_app: cannot be made with fixture bank_delay/planted: {eta} is missing"),
        Plant(
            "status_unknown/en.yaml", "  push:", "  push:",
            with: "{ title: t, locale: en, stage: opened, values: { bank: The Hongkong and Shanghai Banking Corporation Limited } }",
            "status_unknown/en.yaml:8:11: warning: opened.push.body: 153 characters with fixture status_unknown/planted, 120 are shown (33 too many; {bank} takes 53, 42 more than usual)"
        ),
        Plant(
            "bank_delay/de.yaml", "  push:", "  push:", with: "{ title: t, locale: de, stage: opened, values: { bank: \"招商银行\" } }",
            "bank_delay/de.yaml:6:8: warning: opened.sms: 3 SMS parts with fixture bank_delay/planted, 2 allowed ("),
        Plant(
            "amount_error/en.yaml", "Please change the amount in the app.\"",
            "{window, if {Please change it in the app.} else {Please change it.}}\"",
            with: "{ title: t, locale: en, stage: opened, values: { window: null } }",
            "amount_error/en.yaml:5:8: error: opened.sms: names no way to support or to the app with fixture amount_error/planted"),
        Plant(
            "bank_delay/en.yaml", "  push:", "  push:", with: "{ title: t, values: { bnk: x } }",
            "bank_delay/fixtures.yaml"),
    ]

    @Test(arguments: plants) func finds(_ plant: Plant) throws {
        let kind = try #require(Kind.allCases.first { plant.expected.contains("\($0.rawValue)/") })
        let files = ContractTests.edited(plant.file, plant.old, plant.new).map { file in
            file.path == "templates/\(kind.rawValue)/fixtures.yaml" ? (file.path, file.text + "\nplanted: \(plant.fixture)\n") : file
        }
        let problems = try Self.check(files, kinds: [kind]).problems.map(\.description)
        #expect(problems.contains { $0.hasPrefix(plant.expected) }, "\(problems.filter { $0.contains("planted") || $0.contains("says") })")
    }

    @Test func aCharacterOutsideTheAlphabetIsNamedWithItsValue() throws {
        let files = Shipped.files.map { file in
            file.path == "templates/bank_delay/fixtures.yaml"
                ? (file.path, "planted: { title: t, locale: en, stage: opened, values: { bank: \"招商银行\" } }") : file
        }
        let found = try Self.check(files, kinds: [.bankDelay]).problems.filter { $0.problem.contains("fixture") }
        #expect(found.map(\.key) == ["opened.sms"])
        #expect(found.first?.hint?.contains("招 of {bank} is not in the GSM alphabet") == true)
    }
}

/// Which words nobody ever looks at.
@Suite struct CoverageTests {
    @Test func everyShippedBranchIsTaken() throws {
        let check = try OutputContractTests.check()
        let coverage = check.templates.coverage(check.fixtures, in: OutputContractTests.surroundings)
        #expect(coverage.untaken.isEmpty)
        #expect(coverage.cells.count == Kind.allCases.count * TextLocale.allCases.count && coverage.cells.allSatisfy(\.isOwn))
        #expect(coverage.cells.contains { $0.branches > 0 } && coverage.cells.allSatisfy { $0.branches == $0.taken })
    }

    @Test func aBranchThatNothingTakesIsNamed() throws {
        let files = ContractTests.edited(
            "templates/bank_delay/en.yaml", "Nothing. Please do not submit the withdrawal again.",
            "Nothing. {trace_ref, if {Please do not submit it again.} else {The bank gave no reference.}}")
        let check = try OutputContractTests.check(files, kinds: [.bankDelay])
        func coverage(_ fixtures: Fixtures) -> Coverage {
            check.templates.coverage(of: [.bankDelay], fixtures, in: OutputContractTests.surroundings)
        }
        let own = coverage(check.fixtures).untaken.filter { $0.file.contains("bank_delay") }
        #expect(own.map { "\($0.file):\($0.line): \($0.choice) \($0.key)" } == ["templates/bank_delay/en.yaml:14: {trace_ref, if} else"])
        let (fixtures, _) = Fixtures.read(
            [("templates/bank_delay/fixtures.yaml", "no_trace: { title: t, values: { trace_ref: null, usual_wait: null, waited: null } }")],
            templates: check.templates,
            isZone: FixtureTests.isZone)
        #expect(!coverage(fixtures).untaken.contains { $0.file.contains("bank_delay") })
    }

    @Test func aDeclaredFallbackIsNoTextOfItsOwn() throws {
        let files = Shipped.files.map { $0.path == "templates/bank_delay/th.yaml" ? ($0.path, "fallback: en\n") : $0 }
        let check = try OutputContractTests.check(files, kinds: [.bankDelay])
        let cells = check.templates.coverage(of: [.bankDelay], check.fixtures, in: OutputContractTests.surroundings).cells
        #expect(cells.filter { !$0.isOwn }.map(\.locale) == [.th])
    }
}
