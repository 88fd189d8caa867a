/// The fields a text may name, exactly as they are written in `templates/`: `{order}`, `{eta}`, …
public enum Field: String, ClosedWord {
    case brand, order, bank, tail4, amount, eta
    case refundETA = "refund_eta"
    case deadline
    case receivedAt = "received_at"
    case support, field, materials
    case limitName = "limit_name"
    case limit
    case limitOwner = "limit_owner"
    case amountRule = "amount_rule"
    case window, method
    case traceRef = "trace_ref"
    case reason
    case feeNote = "fee_note"
    case wallet
    case firstOrder = "first_order"
    case progress, funds
    case ruleAmount = "rule_amount"
    case until
    /// How many more orders of the customer one message stands for.
    case moreOrders = "more_orders"
    case submittedAt = "submitted_at"
    /// Since the withdrawal was made, when the notice was planned.
    case waited
    /// In which most withdrawals to this bank arrive.
    case usualWait = "usual_wait"

    /// All of them by name, as `Facts.json` writes them.
    fileprivate static let sorted = allCases.sorted { $0.rawValue < $1.rawValue }
    /// The place of each in `sorted`, by its ordinal.
    private static let ranks = allCases.map { field in UInt8(sorted.firstIndex(of: field)!) }
    fileprivate var rank: UInt8 { Field.ranks[Int(ordinal)] }

    fileprivate init?(named name: String) {
        guard let field = Field.names[name] else { return nil }
        self = field
    }
    private static let names = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
}

/// What a template may print. `String`, `PhoneNumber`, `MailAddress` and `Sensitive` do not conform, so they do not compile.
public protocol TemplateRenderable: Sendable {
    var templateValue: TemplateValue { get }
}

/// A typed value, formatted by locale and the customer's zone when it is rendered.
public enum TemplateValue: Hashable, Sendable {
    case money(Money)
    case instant(Timestamp)
    case tail4(Tail4)
    case order(OrderNumber)
    /// Public, already harmless text: a bank's short name, a trace reference.
    case text(PlainText)
    /// One of our own words, looked up in the locale's vocabulary: `account_fields/holder_name`.
    case term(Vocabulary, String)
    /// Several of our own words, joined as a list.
    case terms(Vocabulary, [String])
    /// A phrase of ours with values of its own: amount rules, windows, money states.
    case phrase(Vocabulary, String, [Field: TemplateValue])
    case count(Int)
    /// In whole seconds. Whether it is rounded up or down is the field's.
    case duration(Duration)
}

/// Our own word lists, one section each of `templates/_shared/terms/<locale>.yaml`.
public enum Vocabulary: String, ClosedWord {
    case progressSteps = "progress_steps"
    case materials
    case accountFields = "account_fields"
    case plainReasons = "plain_reasons"
    case feeNotes = "fee_notes"
    case amountRules = "amount_rules"
    case limitNames = "limit_names"
    case limitOwners = "limit_owners"
    case windows
    case rails
    /// Money states, in a short form for SMS and a long one elsewhere; the renderer picks by channel.
    case funds
}

extension Tail4: TemplateRenderable { public var templateValue: TemplateValue { .tail4(self) } }
extension OrderNumber: TemplateRenderable { public var templateValue: TemplateValue { .order(self) } }
extension Money: TemplateRenderable { public var templateValue: TemplateValue { .money(self) } }
extension Timestamp: TemplateRenderable { public var templateValue: TemplateValue { .instant(self) } }
extension Duration: TemplateRenderable { public var templateValue: TemplateValue { .duration(self) } }
extension PlainText: TemplateRenderable { public var templateValue: TemplateValue { .text(self) } }
extension FundsState: TemplateRenderable { public var templateValue: TemplateValue { .phrase(.funds, rawValue, [:]) } }

/// The facts a notice is told with, pinned when it is planned: a retry or an audit years later renders the same words.
///
/// `brand` and `support` are not in here: they come from the settings when the text is rendered.
public struct Facts: Hashable, Sendable {
    private struct Fact: Hashable {
        var value: TemplateValue
        var rank: UInt8
        var field: Field { Field.sorted[Int(rank)] }
    }
    /// Sorted by name: a dozen facts are found sooner by looking at each than by a hash, and are written as they stand.
    private var facts: [Fact] = []
    /// Nobody said which zone the customer's clock runs in: the times are in the platform's own.
    public var isZoneAssumed = false

    public var values: [Field: TemplateValue] { Dictionary(uniqueKeysWithValues: facts.map { ($0.field, $0.value) }) }

    public init() {}
    /// Room for the facts of one event.
    init(minimumCapacity count: Int) { facts.reserveCapacity(count) }

    public subscript(_ field: Field) -> TemplateValue? {
        let rank = field.rank
        return facts.first { $0.rank == rank }?.value
    }

    private mutating func put(_ value: TemplateValue, at rank: UInt8) {
        var place = facts.count
        while place > 0, facts[place - 1].rank > rank { place -= 1 }
        if place > 0, facts[place - 1].rank == rank {
            facts[place - 1].value = value
            return
        }
        facts.append(Fact(value: value, rank: rank))
        facts.withUnsafeMutableBufferPointer { facts in
            let (first, last) = (facts.baseAddress! + place, facts.count - 1)
            let new = (facts.baseAddress! + last).move()
            (first + 1).moveInitialize(from: first, count: last - place)
            first.initialize(to: new)
        }
    }

    public mutating func set(_ field: Field, _ value: some TemplateRenderable) { put(value.templateValue, at: field.rank) }
    public mutating func set(_ field: Field, _ value: (any TemplateRenderable)?) {
        let rank = field.rank
        if let value { put(value.templateValue, at: rank) } else { facts.removeAll { $0.rank == rank } }
    }
    public mutating func set(_ field: Field, term: String, of list: Vocabulary) { put(.term(list, term), at: field.rank) }
    public mutating func set(_ field: Field, terms: [String], of list: Vocabulary) { put(.terms(list, terms), at: field.rank) }
    public mutating func set(_ field: Field, phrase: String, of list: Vocabulary, with inner: [Field: TemplateValue] = [:]) {
        put(.phrase(list, phrase, inner), at: field.rank)
    }
    public mutating func set(_ field: Field, count: Int) { put(.count(count), at: field.rank) }
    /// What the next notice of the episode goes by: without what was true of the one that told them, and of that alone.
    public var lasting: Facts {
        var facts = self
        facts.isZoneAssumed = false
        facts.facts.removeAll { $0.rank == Field.waited.rank }
        return facts
    }
    /// Newer facts win; what they do not mention stays.
    public mutating func merge(_ newer: Facts) { for fact in newer.facts { put(fact.value, at: fact.rank) } }

    /// `{"order":{"order":"WD1"},"eta":{"instant":1700000000000},…}`: what the store pins.
    public var json: JSON {
        .object(facts.map { ($0.field.rawValue, $0.value.json) } + (isZoneAssumed ? [(Facts.zoneAssumed, .bool(true))] : []))
    }
    /// Beside the fields, and none of them: behind the last one, `waited`.
    private static let zoneAssumed = "zone_assumed"
    /// The bytes of `json`.
    public var bytes: [UInt8] {
        var writer = JSONWriter(capacity: 768)
        writer.open()
        for fact in facts {
            writer.name(of: fact.field)
            writer.write(fact.value)
        }
        if isZoneAssumed { writer.member("zone_assumed", true) }
        writer.close()
        return writer.bytes
    }
    /// Nil when the JSON is not what `json` writes.
    public init?(json: JSON) {
        guard case .object(let members) = json else { return nil }
        facts.reserveCapacity(members.count)
        for (name, value) in members {
            if name == Facts.zoneAssumed, let isAssumed = value.bool {
                isZoneAssumed = isAssumed
                continue
            }
            guard let field = Field(named: name), let value = TemplateValue(json: value) else { return nil }
            put(value, at: field.rank)
        }
    }
}

extension [Field: TemplateValue] {
    fileprivate var json: JSON {
        .object(sorted { $0.key.rank < $1.key.rank }.map { ($0.key.rawValue, $0.value.json) })
    }
}

extension JSONWriter {
    /// What `TemplateValue.json` builds, without building it.
    fileprivate mutating func write(_ value: TemplateValue) {
        open()
        switch value {
        case .money(let money):
            member("money", money.currency.code)
            member("minor", money.minor)
        case .instant(let moment): member("instant", moment.milliseconds)
        case .tail4(let tail): member("tail4", tail.digits)
        case .order(let order): member("order", order.description)
        case .text(let text): member("text", text.description)
        case .term(let list, let id):
            member("term", id)
            member("of", list.rawValue)
        case .terms(let list, let ids):
            member("terms", ids)
            member("of", list.rawValue)
        case .phrase(let list, let id, let inner):
            member("phrase", id)
            member("of", list.rawValue)
            name("with")
            open()
            for (field, value) in inner.sorted(by: { $0.key.rank < $1.key.rank }) {
                name(of: field)
                write(value)
            }
            close()
        case .count(let n): member("count", Int64(n))
        case .duration(let span): member("seconds", span.milliseconds / 1000)
        }
        close()
    }
}

extension TemplateValue {
    var json: JSON {
        switch self {
        case .money(let money): .object([("money", .string(money.currency.code)), ("minor", .integer(money.minor))])
        case .instant(let moment): .object([("instant", .integer(moment.milliseconds))])
        case .tail4(let tail): .object([("tail4", .string(tail.digits))])
        case .order(let order): .object([("order", .string(order.description))])
        case .text(let text): .object([("text", .string(text.description))])
        case .term(let list, let id): .object([("term", .string(id)), ("of", .string(list.rawValue))])
        case .terms(let list, let ids): .object([("terms", .array(ids.map(JSON.string))), ("of", .string(list.rawValue))])
        case .phrase(let list, let id, let inner):
            .object([
                ("phrase", .string(id)), ("of", .string(list.rawValue)), ("with", inner.json),
            ])
        case .count(let n): .object([("count", .integer(Int64(n)))])
        case .duration(let span): .object([("seconds", .integer(span.milliseconds / 1000))])
        }
    }

    init?(json: JSON) {
        func list() -> Vocabulary? { json["of"]?.string.flatMap(Vocabulary.init) }
        if let code = json["money"]?.string, let currency = Currency(code), let minor = json["minor"]?.integer {
            self = .money(Money(minor: minor, currency: currency))
        } else if let ms = json["instant"]?.integer {
            self = .instant(Timestamp(milliseconds: ms))
        } else if let tail = json["tail4"]?.string.flatMap(Tail4.init) {
            self = .tail4(tail)
        } else if let order = json["order"]?.string.flatMap({ OrderNumber($0) }) {
            self = .order(order)
        } else if let text = json["text"]?.string {
            self = .text(PlainText(text, limit: .max))
        } else if let id = json["term"]?.string, let list = list() {
            self = .term(list, id)
        } else if let ids = json["terms"]?.array, let list = list() {
            let words = ids.compactMap(\.string)
            guard words.count == ids.count else { return nil }
            self = .terms(list, words)
        } else if let id = json["phrase"]?.string, let list = list() {
            var inner: [Field: TemplateValue] = [:]
            for (name, value) in json["with"]?.object ?? [] {
                guard let field = Field(named: name), let value = TemplateValue(json: value) else { return nil }
                inner[field] = value
            }
            self = .phrase(list, id, inner)
        } else if let n = json["count"]?.integer {
            self = .count(Int(n))
        } else if let seconds = json["seconds"]?.integer {
            self = .duration(.seconds(seconds))
        } else {
            return nil
        }
    }
}
