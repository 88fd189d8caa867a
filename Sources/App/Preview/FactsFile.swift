import Core
import Templates
import Terminal

/// Values for the fields of a text, from a person's JSON file: laid over the samples, checked as strictly as an event.
///
/// `{"order":"WD1","amount":{"value":"1250.00","currency":"USD"},"eta":"2026-11-21T10:00:00Z","waited":"27h","materials":["id_document"],"funds":"returning"}`;
/// `null` takes a value away, to see what a text does without it.
struct FactsFile {
    private var values: [(Field, JSON)] = []
    private var problems: [Problem] = []
    private let file: String
    private let templates: TemplateSet

    /// Throws a usage fault that lists every mistake.
    init(path: String, templates: TemplateSet) throws {
        (file, self.templates) = (path, templates)
        let bytes = try path == "-" ? Host.bytes(of: 0, path: "standard input") : Host.bytes(at: path)
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw Fault(.usage, "\(path): \(error)", field: "data")
        }
        guard let members = json.object else { throw Fault(.usage, "\(path): expected one JSON object", field: "data") }
        for (name, value) in members {
            // The brand is the settings'; the other two stand inside other values.
            let known = Field.allCases.filter { ![.brand, .support, .ruleAmount, .until, .moreOrders].contains($0) }
            if let field = Field(rawValue: name), known.contains(field) {
                values.append((field, value))
            } else {
                let near = nearest(to: name, among: known.map(\.rawValue))
                fail(
                    PlainText(name).description, "unknown field",
                    hint: near.map { "did you mean \"\($0)\"?" } ?? "known: \(known.map(\.rawValue).joined(separator: ", "))")
            }
        }
        var scratch = Facts()
        lay(over: &scratch)
        guard problems.isEmpty else {
            throw Fault(.usage, counted(problems.count, "mistake") + " in \(path)", field: "data", problems: problems)
        }
    }

    private mutating func fail(_ key: String, _ words: String, hint: String? = nil) {
        problems.append(Problem(words, file: file, key: key, hint: hint))
    }

    /// The samples with these values in their place.
    func applied(to samples: Facts) -> Facts {
        var (facts, copy) = (samples, self)
        copy.lay(over: &facts)
        return facts
    }

    private mutating func lay(over facts: inout Facts) {
        for (field, value) in values {
            if value.isNull { facts.set(field, nil) } else { set(field, value, &facts) }
        }
    }

    private mutating func set(_ field: Field, _ value: JSON, _ facts: inout Facts) {
        switch field {
        case .order, .firstOrder: facts.set(field, text(field, value, "an order number") { OrderNumber($0) })
        case .tail4: facts.set(field, text(field, value, "exactly four digits") { Tail4($0) })
        case .bank, .wallet, .traceRef: facts.set(field, text(field, value, "a text") { PlainText($0) })
        case .eta, .refundETA, .deadline, .receivedAt, .submittedAt:
            facts.set(field, text(field, value, "an RFC 3339 time") { Timestamp(rfc3339: $0) })
        case .waited, .usualWait: facts.set(field, text(field, value, "a span of time, like 27h or 90m") { TimeArgument.span($0) })
        case .amount: facts.set(field, money(field.rawValue, value))
        case .limit:
            if let count = value.integer {
                facts.set(field, count: Int(clamping: count))
            } else {
                facts.set(field, money(field.rawValue, value))
            }
        case .field: term(field, value, .accountFields, &facts)
        case .limitName: term(field, value, .limitNames, &facts)
        case .limitOwner: term(field, value, .limitOwners, &facts)
        case .method: term(field, value, .rails, &facts)
        case .reason: term(field, value, .plainReasons, &facts)
        case .feeNote: term(field, value, .feeNotes, &facts)
        case .progress: term(field, value, .progressSteps, &facts)
        case .materials:
            let names = value.array?.compactMap(\.string) ?? value.string.map { [$0] } ?? []
            if names.isEmpty { fail(field.rawValue, "expected a list of names") }
            facts.set(field, terms: names.compactMap { word(field.rawValue, .string($0), .materials) }, of: .materials)
        case .funds:
            guard
                let state = text(
                    field, value, "one of \(FundsState.allCases.map(\.rawValue).joined(separator: ", "))", { FundsState(rawValue: $0) })
            else { return }
            facts.set(field, state)
        case .amountRule: rule(value, &facts)
        case .window:
            guard let until = value["until"] else { return facts.set(field, phrase: "open", of: .windows) }
            if let moment = text(field, until, "an RFC 3339 time", { Timestamp(rfc3339: $0) }) {
                facts.set(field, phrase: "until", of: .windows, with: [.until: .instant(moment)])
            }
        case .brand, .support, .ruleAmount, .until, .moreOrders: return
        }
    }

    private mutating func text<Value>(_ field: Field, _ value: JSON, _ expected: String, _ read: (String) -> Value?) -> Value? {
        guard let found = value.string.flatMap(read) else {
            fail(field.rawValue, "expected \(expected)")
            return nil
        }
        return found
    }

    private mutating func rule(_ value: JSON, _ facts: inout Facts) {
        guard let name = word("amount_rule.rule", value["rule"] ?? value, .amountRules) else { return }
        let amount = value["amount"].flatMap { money("amount_rule.amount", $0) }
        facts.set(.amountRule, phrase: name, of: .amountRules, with: amount.map { [.ruleAmount: .money($0)] } ?? [:])
    }

    private mutating func term(_ field: Field, _ value: JSON, _ list: Vocabulary, _ facts: inout Facts) {
        if let name = word(field.rawValue, value, list) { facts.set(field, term: name, of: list) }
    }

    private mutating func word(_ key: String, _ value: JSON, _ list: Vocabulary) -> String? {
        let known = templates.terms(of: list).sorted()
        guard let name = value.string, known.contains(name) else {
            let near = value.string.flatMap { nearest(to: $0, among: known) }
            fail(
                key, "expected a word of \(list.rawValue)",
                hint: near.map { "did you mean \"\($0)\"?" } ?? "known: \(known.joined(separator: ", "))")
            return nil
        }
        return name
    }

    /// `{"value":"1250.00","currency":"USD"}` or `{"minor":125000,"currency":"USD"}`
    private mutating func money(_ key: String, _ value: JSON) -> Money? {
        guard let currency = value["currency"]?.string.flatMap({ Currency($0) }) else {
            fail(key + ".currency", "expected an ISO 4217 code")
            return nil
        }
        if let minor = value["minor"]?.integer { return Money(minor: minor, currency: currency) }
        let parts = (value["value"]?.string ?? "").split(separator: ".", omittingEmptySubsequences: false)
        let digits = parts.count == 1 ? String(repeating: "0", count: currency.digits) : parts.count == 2 ? String(parts[1]) : ""
        guard let whole = parts.first, !whole.isEmpty, digits.count == currency.digits, let minor = Int64(whole + digits), minor >= 0 else {
            fail(key + ".value", "expected digits with \(currency.digits) decimals", hint: "or minor, a whole number")
            return nil
        }
        return Money(minor: minor, currency: currency)
    }
}
