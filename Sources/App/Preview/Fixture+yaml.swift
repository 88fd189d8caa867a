import Core
public import Templates
import Terminal

extension Fixture {
    /// As it stands in `fixtures.yaml`. The reader makes the same fixture of it.
    public var yaml: String {
        var lines = ["\(name):", "  title: \(Self.quoted(title))"]
        if let locale { lines.append("  locale: \(locale.rawValue)") }
        if let zone { lines.append("  zone: \(Self.quoted(zone))") }
        if let stage { lines.append("  stage: \(stage.rawValue)") }
        if let variant { lines.append("  variant: \(Self.quoted(variant))") }
        lines.append("  values:")
        for field in Field.allCases {
            if let value = values.facts[field] {
                lines.append("    \(field.rawValue): \(Self.yaml(value))")
            } else if values.absent.contains(field) {
                lines.append("    \(field.rawValue): null")
            }
        }
        if values.moreOrders > 0 { lines.append("    \(Field.moreOrders.rawValue): \(values.moreOrders)") }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func yaml(_ value: TemplateValue) -> String {
        switch value {
        case .money(let money): "{ value: \(quoted(money.decimal)), currency: \(money.currency.code) }"
        case .instant(let moment): moment.description
        case .duration(let span): "\(span.components.seconds)s"
        case .tail4(let tail): quoted(tail.digits)
        case .order(let order): quoted(order.description)
        case .text(let text): quoted(text.description)
        case .term(_, let id): id
        case .terms(_, let ids): "[\(ids.joined(separator: ", "))]"
        case .phrase(.amountRules, let id, let inner):
            "{ rule: \(id)" + (inner[.ruleAmount].map { ", amount: \(yaml($0))" } ?? "") + " }"
        case .phrase(.windows, let id, let inner): inner[.until].map { "{ until: \(yaml($0)) }" } ?? id
        case .phrase(_, let id, _): id
        case .count(let n): String(n)
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    /// What a real order was told, with made-up values where real ones would name it.
    init(name: String, of notice: Notice, templates: TemplateSet) {
        let variant = notice.stage == .opened ? notice.variant : nil
        let facts = notice.facts.disguised()
        // A text that chooses by whether a value is there goes the same way again.
        let mentioned = templates.fieldsMentioned(kind: notice.kind, stage: notice.stage, variant: variant, locale: notice.locale)
        self.init(
            name: name, title: "As an order was told on \(notice.plannedAt.description.prefix(10)), with made-up numbers",
            locale: notice.locale,
            zone: notice.timeZone, stage: notice.stage, variant: variant,
            values: GivenValues(facts, without: mentioned.filter { facts[$0] == nil }))
    }
}
