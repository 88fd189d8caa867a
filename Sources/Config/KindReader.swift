public import Core
import StrictYAML

/// What people read about a kind: for the console, previews and those who write templates. The pipeline never looks at it.
public struct KindNotes: Sendable, Hashable {
    public var names: [TextLocale: String]
    public var why: String
    public var etaRule: String
    public var mustTell: [String]
}

/// What a customer can be asked to do; the words of `action` in kinds.yaml and of `customer_action` in the code lists.
public enum CustomerAction: String, Sendable, Hashable, CaseIterable {
    case wait
    case fixAccountDetails = "fix_account_details"
    case useOtherAccount = "use_other_account"
    case contactBank = "contact_bank"
    case completeVerification = "complete_verification"
    case submitDocuments = "submit_documents"
    case changeAmount = "change_amount"
    case retryLater = "retry_later"
    case topUpBalance = "top_up_balance"
    case changeMethod = "change_method"
    case confirmReceipt = "confirm_receipt"
    case contactSupport = "contact_support"
    case checkAccount = "check_account"
    case none
}

/// `kinds.yaml`: one entry for every kind, no more and no less.
enum KindReader {
    static func read(_ root: YAML) -> (rules: [Kind: KindRule], notes: [Kind: KindNotes]) {
        var rules: [Kind: KindRule] = [:]
        var notes: [Kind: KindNotes] = [:]
        guard let top = root.mapping(), let node = top.required("kinds"), let kinds = node.mapping() else { return (rules, notes) }
        top.close()
        let entries = kinds.all(keyedBy: Kind.self)
        for (kind, entry) in entries {
            guard let fields = entry.mapping() else { continue }
            rules[kind] = rule(kind, fields)
            notes[kind] = self.notes(fields)
            fields.close()
        }
        let present = Set(entries.map(\.word))
        for kind in Kind.allCases where !present.contains(kind) { node.fail("missing kind \"\(kind.rawValue)\"") }
        if let hold = rules[.riskHold], let restriction = rules[.complianceRestricted],
            let fields = entries.first(where: { $0.word == .complianceRestricted })?.value.mapping()
        {
            for key in differences(restriction, hold) {
                fields.fail("is not as for risk_hold", atKey: key, hint: "when and where somebody is told would tell one from the other")
            }
        }
        return (rules, notes)
    }

    /// The keys that decide when and where the customer is told, and differ.
    private static func differences(_ a: KindRule, _ b: KindRule) -> [String] {
        [
            ("priority", a.priority == b.priority), ("hold_off", a.holdOff == b.holdOff), ("quiet_hours", a.quietHours == b.quietHours),
            ("funds", a.funds == b.funds), ("action", a.action == b.action), ("promise", a.promise == b.promise),
            ("merges_into_incident", a.mergesIntoIncident == b.mergesIntoIncident),
        ].filter { !$0.1 }.map(\.0)
    }

    private static func rule(_ kind: Kind, _ fields: YAMLMapping) -> KindRule? {
        // All are read before any is missed, so that every mistake is found at once.
        let priority = fields.required("priority")?.word(Priority.self)
        let rank = fields.required("rank")?.int(in: 0...9)
        let holdOff = fields.required("hold_off").flatMap(holdOff)
        let quietHours = fields.required("quiet_hours")?.word(KindRule.QuietHours.self)
        let review = fields.required("review")?.word(KindRule.Review.self)
        let funds = fields.required("funds")?.word(FundsState.self)
        let action = fields.required("action")?.word(CustomerAction.self)
        let links = fields.required("links").map(names)
        let steps = fields.required("steps").map(names)
        let materials = fields.required("materials").map(names)
        let merges = fields.required("merges_into_incident")?.bool()
        let promise = fields.required("promise")?.duration(in: .minutes(1) ... .days(90))
        let escalation = fields["escalation"].map(EscalationReader.read) ?? []
        guard let priority, let rank, let holdOff, let quietHours, let review, let funds, let action, let links, let steps, let materials,
            let merges, let promise
        else { return nil }
        return KindRule(
            kind: kind, priority: priority, rank: rank, holdOff: holdOff, quietHours: quietHours, review: review, funds: funds,
            action: action.rawValue, links: links, steps: steps, materials: materials, mergesIntoIncident: merges, promise: promise,
            escalation: escalation)
    }

    private static func holdOff(_ node: YAML) -> KindRule.HoldOff? {
        if node.scalar == "baseline" { return .baseline }
        return node.duration(in: .zero ... .days(30)).map(KindRule.HoldOff.fixed)
    }

    /// Names of ours, which the vocabulary of the templates spells out.
    private static func names(_ node: YAML) -> [String] {
        var seen: Set<String> = []
        return node.list().compactMap { item in
            guard let name = item.text() else { return nil }
            guard isName(name) else {
                item.fail("expected a name of small letters and _")
                return nil
            }
            guard seen.insert(name).inserted else {
                item.fail("\"\(name)\" stands here twice")
                return nil
            }
            return name
        }
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F }
    }

    private static func notes(_ fields: YAMLMapping) -> KindNotes? {
        let names = fields.required("name")?.mapping()
        var byLocale: [TextLocale: String] = [:]
        for locale in TextLocale.reviewed {
            if let text = names?.required(locale.rawValue)?.text() { byLocale[locale] = text }
        }
        names?.close()
        let why = fields.required("why")?.text()
        let etaRule = fields.required("eta_rule")?.text()
        let mustTell = fields.required("must_tell")?.texts()
        guard let why, let etaRule, let mustTell else { return nil }
        return KindNotes(names: byLocale, why: why, etaRule: etaRule, mustTell: mustTell)
    }
}
