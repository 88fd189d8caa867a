import Core
import Templates
import Testing

/// Fixtures are read strictly, change no revision, and lie over the samples.
@Suite struct FixtureTests {
    static func isZone(_ name: String) -> Bool {
        ["Asia/Shanghai", "Asia/Hong_Kong", "Asia/Dubai", "Asia/Tokyo", "Europe/Berlin", "America/New_York"].contains(name)
    }

    static func read(_ text: String, _ path: String = "templates/risk_hold/fixtures.yaml") throws -> (fixtures: Fixtures, problems: String)
    {
        let set = try #require(Shipped.set)
        let read = Fixtures.read([(path, text)], templates: set, isZone: isZone)
        return (read.fixtures, read.problems.map(\.description).joined(separator: "\n"))
    }

    @Test func theShippedOnesAreRead() throws {
        let set = try #require(Shipped.set)
        let (fixtures, problems) = Fixtures.read(Shipped.files, templates: set, isZone: Self.isZone)
        #expect(problems.isEmpty)
        for kind in Kind.allCases {
            let names = Set(fixtures[kind].map(\.name))
            #expect(names.isSuperset(of: ["usual", "longest", "kwd", "yuan", "dirham", "yen"]), "\(kind)")
        }
    }

    @Test func theyAreNoTexts() throws {
        let bare = Shipped.files.filter { !$0.path.hasSuffix("/fixtures.yaml") }
        #expect(bare.count < Shipped.files.count)
        #expect(try TemplateSet.compile(files: bare, digest: Shipped.fnv).revision == Shipped.set?.revision)
        let broken = Shipped.files.map { $0.path.hasSuffix("/fixtures.yaml") ? ($0.path, "no fixture") : $0 }
        #expect(try TemplateSet.compile(files: broken, digest: Shipped.fnv).revision == Shipped.set?.revision)
    }

    @Test func valuesLieOverTheSamples() throws {
        let (fixtures, problems) = try Self.read(
            """
            all:
              title: "All of it"
              locale: zh-Hans
              zone: Asia/Shanghai
              variant: materials
              values:
                order: WD251110001241
                bank: "华夏银行"
                tail4: "0042"
                amount: { value: "1280.500", currency: KWD }
                limit: 5
                eta: 2025-11-10T09:00:00Z
                materials: [id_document, address_proof]
                reason: account_closed
                funds: returning
                amount_rule: { rule: minimum, amount: { minor: 1000, currency: JPY } }
                window: { until: 2025-11-10T09:00:00+08:00 }
                trace_ref: null
                more_orders: 2
            """)
        #expect(problems == "")
        let fixture = try #require(fixtures[.riskHold].first)
        #expect(fixture.locale == .zhHans && fixture.zone == "Asia/Shanghai" && fixture.variant == "materials" && fixture.stage == nil)
        #expect(
            fixture.fits(.opened, "materials", .zhHans) && !fixture.fits(.opened, nil, .zhHans) && !fixture.fits(.opened, "materials", .en))
        let samples = try #require(Shipped.set).sampleFacts(kind: .riskHold, locale: .zhHans)
        let facts = fixture.values.applied(to: samples)
        let yen = try #require(Currency("JPY")), dinar = try #require(Currency("KWD"))
        #expect(facts[.order] == OrderNumber("WD251110001241").map { .order($0) })
        #expect(facts[.amount] == .money(Money(minor: 1_280_500, currency: dinar)) && facts[.limit] == .count(5))
        #expect(
            facts[.materials] == .terms(.materials, ["id_document", "address_proof"]) && facts[.funds] == FundsState.returning.templateValue
        )
        #expect(facts[.amountRule] == .phrase(.amountRules, "minimum", [.ruleAmount: .money(Money(minor: 1000, currency: yen))]))
        #expect(facts[.window] == Timestamp(rfc3339: "2025-11-10T01:00:00Z").map { .phrase(.windows, "until", [.until: .instant($0)]) })
        #expect(facts[.traceRef] == nil && samples[.traceRef] != nil && facts[.deadline] == samples[.deadline])
        #expect(fixture.values.moreOrders == 2 && facts[.moreOrders] == nil)
    }

    /// One mistake each: what is written, and what is said of it.
    static let mistakes: [(String, String)] = [
        ("a: { title: t, values: { ordr: WD1 } }", "1:26: error: a.values.ordr: unknown key (did you mean \"order\"?)"),
        ("a: { title: t, values: { brand: X } }", "1:26: error: a.values.brand: unknown key (did you mean \"bank\"?)"),
        ("a: { title: t, values: { order: \"no order!\" } }", "1:33: error: a.values.order: expected an order number"),
        ("a: { title: t, values: { tail4: 42 } }", "1:33: error: a.values.tail4: expected exactly four digits"),
        ("a: { title: t, values: { eta: soon } }", "1:31: error: a.values.eta: expected an RFC 3339 time"),
        (
            "a: { title: t, values: { field: holdername } }",
            "1:33: error: a.values.field: expected a word of account_fields (did you mean \"holder_name\"?)"
        ),
        ("a: { title: t, values: { funds: gone } }", "1:33: error: a.values.funds: unknown word \"gone\" (known: "),
        ("a: { title: t, values: { materials: id_document } }", "1:37: error: a.values.materials: expected a list, found a single value"),
        ("a: { title: t, values: { amount: 5 } }", "1:34: error: a.values.amount: expected a mapping"),
        (
            "a: { title: t, values: { amount: { value: \"1.5\", currency: USD } } }",
            "1:43: error: a.values.amount.value: expected digits with 2 decimals"
        ),
        (
            "a: { title: t, values: { amount: { value: \"1.50\", currency: XXX } } }",
            "1:61: error: a.values.amount.currency: expected an ISO 4217 code"
        ),
        ("a: { title: t, values: { amount: { value: \"1\", curency: JPY } } }", "1:34: error: a.values.amount: missing key \"currency\""),
        (
            "a: { title: t, values: { amount_rule: { rule: minimun } } }",
            "1:47: error: a.values.amount_rule.rule: expected a word of amount_rules (did you mean \"minimum\"?)"
        ),
        ("a: { title: t, values: { window: closed } }", "1:34: error: a.values.window: expected open, or until: a time"),
        ("a: { title: t, values: { more_orders: many } }", "1:39: error: a.values.more_orders: expected a whole number"),
        ("a: { values: {} }", "1:4: error: a: missing key \"title\""),
        ("a: { title: t }", "1:4: error: a: missing key \"values\""),
        ("a: { title: t, values: {}, local: en }", "1:28: error: a.local: unknown key (did you mean \"locale\"?)"),
        ("a: { title: t, values: {}, locale: zh }", "1:36: error: a.locale: unknown word \"zh\""),
        ("a: { title: t, values: {}, stage: open }", "1:35: error: a.stage: unknown word \"open\""),
        (
            "a: { title: t, values: {}, zone: Shanghai }",
            "1:34: error: a.zone: there is no zone \"Shanghai\" (a name such as Asia/Shanghai)"
        ),
        ("a: { title: t, values: {}, variant: material }", "1:37: error: a.variant: there is no variant \"material\" (known: materials)"),
        ("a: { title: t, values: {}, variant: materials, stage: progress }", "1:37: error: a.variant: only the first notice has variants"),
        ("A b: { title: t, values: {} }", "1:6: error: A b: \"A b\" is no name (small letters, digits and _, at most 40)"),
    ]

    @Test(arguments: mistakes) func everyMistakeHasItsPlace(_ text: String, _ expected: String) throws {
        let problems = try Self.read(text).problems
        #expect(problems.hasPrefix("templates/risk_hold/fixtures.yaml:" + expected), "\(problems)")
    }

    @Test func theyStandBesideTheTextsOfAKind() throws {
        #expect(
            try Self.read("a: { title: t, values: {} }", "templates/_shared/fixtures.yaml").problems
                == "templates/_shared/fixtures.yaml: error: fixtures stand beside the texts of a kind")
    }
}

/// Made-up numbers in the place of real ones.
@Suite struct DisguiseTests {
    private static func facts(_ order: String, _ trace: String, _ tail: String, _ minor: Int64, _ currency: String) throws -> Facts {
        var facts = Facts()
        facts.set(.order, OrderNumber(order))
        facts.set(.firstOrder, OrderNumber(order + "7"))
        facts.set(.traceRef, PlainText(trace, limit: 64))
        facts.set(.tail4, Tail4(tail))
        let money = Money(minor: minor, currency: try #require(Currency(currency)))
        facts.set(.amount, money)
        facts.set(.amountRule, phrase: "maximum", of: .amountRules, with: [.ruleAmount: .money(money)])
        facts.set(.bank, PlainText("招商银行"))
        facts.set(.reason, term: "account_closed", of: .plainReasons)
        facts.set(.eta, Timestamp(rfc3339: "2025-11-10T09:00:00Z"))
        return facts
    }

    private static func text(_ value: TemplateValue?) -> String {
        switch value {
        case .order(let order): order.description
        case .text(let text): text.description
        case .tail4(let tail): tail.digits
        case .money(let money): String(money.minor)
        case .phrase(_, _, let inner): text(inner[.ruleAmount])
        default: ""
        }
    }

    @Test(
        arguments: [
            ("WD251110001236", "TR19234147", "8542", 144_656, "CNY"), ("WD111111111111", "1234567890", "0000", 100, "JPY"),
            ("2025-1110/0042", "HSBCHK20251110TRACE0000000000000042", "1110", 1, "KWD"),
            ("WD251110001236", "WD251110001236", "1236", 999_999_999, "BTC"),
        ] as [(String, String, String, Int64, String)])
    func noDigitsSurvive(_ order: String, _ trace: String, _ tail: String, _ minor: Int64, _ currency: String) throws {
        let real = try Self.facts(order, trace, tail, minor, currency)
        let made = real.disguised()
        let fields: [Field] = [.order, .firstOrder, .traceRef, .tail4, .amount, .amountRule]
        var windows: Set<Substring> = []
        for run in fields.flatMap({ Self.text(real[$0]).split { !$0.isNumber } }) where run.count >= 3 {
            for start in run.indices.dropLast(2) { windows.insert(run[start...].prefix(3)) }
        }
        for field in fields {
            let (old, new) = (Self.text(real[field]), Self.text(made[field]))
            #expect(old != new && old.count == new.count, "\(field): \(new)")
            #expect(
                zip(old, new).allSatisfy { $0.isNumber == $1.isNumber && $0.isLetter == $1.isLetter && $0.isUppercase == $1.isUppercase })
            #expect(!windows.contains { new.contains($0) }, "\(field): \(new)")
        }
        for field in [Field.bank, .reason, .eta] { #expect(made[field] == real[field]) }
        if trace == order { #expect(Self.text(made[.traceRef]) == Self.text(made[.order])) }
    }
}
