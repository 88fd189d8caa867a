public import Core
import StrictYAML

/// Values for the fields of a text, as a person wrote them in a fixture or in the file behind `--data`. JSON is YAML.
///
/// | | written |
/// |---|---|
/// | text, order, last four, time | `bank: Commerzbank`, `eta: 2026-11-21T10:00:00Z` |
/// | money | `amount: { value: "1250.00", currency: USD }`, or `minor: 125000` in the currency's own unit |
/// | one of our own words | `reason: account_closed`, `funds: returning`, `materials: [id_document]` |
/// | a phrase with a value | `amount_rule: { rule: minimum, amount: … }`, `window: { until: … }`, `window: open` |
/// | nothing | `trace_ref: null`: what a text says without it |
public struct GivenValues: Hashable, Sendable {
    public private(set) var facts = Facts()
    public private(set) var absent: Set<Field> = []
    /// How many more orders an SMS or push speaks for.
    public private(set) var moreOrders = 0

    /// Nothing is given.
    public static let none = GivenValues(Facts())

    /// The brand is the settings'; two others stand inside other values.
    static let fields = Field.allCases.filter { ![.brand, .support, .ruleAmount, .until].contains($0) }

    /// What somebody was told.
    ///
    /// - Parameter absent: what it was told without.
    public init(_ facts: Facts, without absent: Set<Field> = []) {
        (self.facts, self.absent) = (facts, absent)
    }

    /// Every mistake is left in the findings, with its place.
    init(_ map: YAMLMapping, of templates: TemplateSet) {
        for field in Self.fields {
            guard let node = map[field.rawValue] else { continue }
            if node.isNull { absent.insert(field) } else { read(field, node, templates) }
        }
        map.close()
    }

    /// What is not given stays as it is.
    public func applied(to samples: Facts) -> Facts {
        var all = samples
        all.merge(facts)
        for field in absent { all.set(field, nil) }
        return all
    }

    private mutating func read(_ field: Field, _ node: YAML, _ templates: TemplateSet) {
        func one<Value: TemplateRenderable>(_ expected: String, _ read: (String) -> Value?) {
            guard let value = node.scalar.flatMap(read) else { return node.fail("expected \(expected)") }
            facts.set(field, value)
        }
        switch field.form {
        case .order: one("an order number") { OrderNumber($0) }
        case .tail4: one("exactly four digits") { Tail4($0) }
        case .text: one("a text") { PlainText($0, limit: 64) }
        case .instant: one("an RFC 3339 time") { Timestamp(rfc3339: $0) }
        case .duration: if let span = node.duration() { facts.set(field, span) }
        case .count: moreOrders = node.int(in: 0...9999) ?? 0
        case .money where field == .limit && !node.isMapping:
            if let count = node.int(in: 0...9_999_999) { facts.set(field, count: count) }
        case .money: if let money = Self.money(node) { facts.set(field, money) }
        case .words(.materials):
            facts.set(field, terms: node.list().compactMap { Self.word($0, .materials, templates) }, of: .materials)
        case .words(.funds): if let state = node.word(FundsState.self) { facts.set(field, state) }
        case .words(.amountRules): readRule(node, templates)
        case .words(.windows): readWindow(node)
        case .words(let list): if let word = Self.word(node, list, templates) { facts.set(field, term: word, of: list) }
        }
    }

    private mutating func readRule(_ node: YAML, _ templates: TemplateSet) {
        guard let map = node.mapping() else { return }
        let rule = map.required("rule").flatMap { Self.word($0, .amountRules, templates) }
        let amount = map["amount"].flatMap(Self.money)
        map.close()
        guard let rule else { return }
        facts.set(.amountRule, phrase: rule, of: .amountRules, with: amount.map { [.ruleAmount: .money($0)] } ?? [:])
    }

    private mutating func readWindow(_ node: YAML) {
        guard node.isMapping, let map = node.mapping() else {
            guard node.scalar == "open" else { return node.fail("expected open, or until: a time") }
            return facts.set(.window, phrase: "open", of: .windows)
        }
        let until = map.required("until")
        map.close()
        guard let until else { return }
        guard let moment = until.scalar.flatMap({ Timestamp(rfc3339: $0) }) else { return until.fail("expected an RFC 3339 time") }
        facts.set(.window, phrase: "until", of: .windows, with: [.until: .instant(moment)])
    }

    private static func word(_ node: YAML, _ list: Vocabulary, _ templates: TemplateSet) -> String? {
        let known = templates.terms(of: list).sorted()
        guard let word = node.text() else { return nil }
        guard known.contains(word) else {
            let near = nearest(to: word, among: known)
            node.fail(
                "expected a word of \(list.rawValue)",
                hint: near.map { "did you mean \"\($0)\"?" } ?? "known: \(known.joined(separator: ", "))"
            )
            return nil
        }
        return word
    }

    private static func money(_ node: YAML) -> Money? {
        guard let map = node.mapping() else { return nil }
        defer { map.close() }
        let (value, minor) = (map["value"], map["minor"])
        guard let code = map.required("currency") else { return nil }
        guard let currency = code.scalar.flatMap({ Currency($0) }) else {
            code.fail("expected an ISO 4217 code")
            return nil
        }
        if let minor { return minor.int(in: 0...Int.max).map { Money(minor: Int64($0), currency: currency) } }
        guard let value else {
            node.fail("missing key \"value\"", hint: "digits with \(currency.digits) decimals; or minor, a whole number")
            return nil
        }
        guard let minor = value.scalar.flatMap({ Self.minor($0, digits: currency.digits) }) else {
            value.fail("expected digits with \(currency.digits) decimals", hint: "or minor, a whole number")
            return nil
        }
        return Money(minor: minor, currency: currency)
    }

    private static func minor(_ text: String, digits: Int) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let decimals = parts.count == 1 ? String(repeating: "0", count: digits) : parts.count == 2 ? String(parts[1]) : ""
        guard let whole = parts.first, !whole.isEmpty, decimals.utf8.count == digits,
            (whole.utf8 + Array(decimals.utf8)).allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(whole + decimals)
    }
}

extension TemplateSet {
    /// Values from a file of a person's own, one mapping. Throws every mistake in it.
    public func values(_ text: String, file: String) throws(Problems) -> GivenValues {
        let findings = Findings()
        let values = StrictYAML.parse(text, file: file, findings)?.mapping().map { GivenValues($0, of: self) }
        // Fields are read by their own order.
        guard findings.errors.isEmpty else { throw Problems(findings.errors.byPlace) }
        guard let values else { throw Problems([Problem("expected a mapping", file: file)]) }
        return values
    }
}
