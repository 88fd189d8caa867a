import Core
import StrictYAML

/// What every text must keep to, checked when templates are loaded: a mistake is found at a desk and not in a customer's hand.
///
/// | rule | texts |
/// |---|---|
/// | order number | SMS, push body, mail, in-app body of every notice |
/// | values of "must tell" | each channel of a first notice and of later stages (`MustTell`) |
/// | blocks what, money, next, you | mails of first notices |
/// | where the money is; what comes next | SMS of first notices; in-app body, or where to see it |
/// | support or link | SMS: the number of support or the app, by name; the footer of every mail, with the order number; `OutputContract` |
/// | no amount, no link | SMS and push, and the words that come into them |
/// | sender first | SMS: `【{brand}】` or `{brand}: ` |
/// | "safe", "back in your balance" while it is so | every text of a notice, in every money state (`Contract+Claims`) |
/// | GSM alphabet, parts, lengths | SMS, push (`Contract+Lengths`) |
/// | nothing vague, nobody asked for a secret, no `•`, no `【` elsewhere | every text |
/// | no reason, in values or words | `compliance_restricted` |
struct Contract {
    let set: TemplateSet
    let drafts: Drafts
    let findings: Findings

    /// - Parameter languages: whether the languages are compared with each other.
    func check(comparing languages: Bool = true) {
        for (key, draft) in drafts.notices.sorted(by: { Self.order($0.key) < Self.order($1.key) }) {
            check(draft, key.locale, key)
            checkLengths(draft, key)
            checkClaims(draft, key)
        }
        for locale in TextLocale.allCases {
            if let draft = drafts.generic[locale] {
                checkGeneric(draft, locale)
                checkClaims(draft, TemplateSet.Key(kind: nil, stage: .opened, variant: nil, locale: locale))
            }
            if let words = drafts.words[locale] {
                checkWords(words, locale)
                checkClaims(words, locale)
            }
        }
        checkRestriction()
        guard languages else { return }
        checkVocabularies()
        checkVariants()
        checkWordings()
    }

    private static func order(_ key: TemplateSet.Key) -> String {
        "\(key.kind?.rawValue ?? "")/\(key.locale.rawValue)/\(key.stage.rawValue)/\(key.variant ?? "")/\(key.wording ?? "")"
    }

    // MARK: One notice

    private func check(_ draft: Drafts.NoticeDraft, _ locale: TextLocale, _ key: TemplateSet.Key) {
        let required = [Field.order] + MustTell.fields(key.kind, key.stage, variant: key.variant)
        let forbidden = MustTell.forbidden(key.kind)
        for (name, texts) in Self.channels(draft) {
            let fields = texts.flatMap(\.compiled.surely)
            for field in required where !fields.contains(field) {
                texts[texts.count - 1].node.fail("{\(field.rawValue)} is missing", hint: "\(name) of this notice must say it")
            }
            for text in texts {
                for field in forbidden where text.compiled.fields.contains(field) {
                    text.node.fail("{\(field.rawValue)} may not be told", at: text.place(of: field), hint: "this kind gives no reasons")
                }
            }
        }
        if mayBeOfRestriction(key) { for (_, texts) in Self.channels(draft) { texts.forEach { checkDiscreet($0, locale) } } }
        if key.stage == .opened { checkOpened(draft, locale, key.kind) }
        checkCommon(draft, locale)
    }

    /// Title and body of a push count together, as do the parts of a mail; the last text is where something missing is reported.
    static func channels(_ draft: Drafts.NoticeDraft) -> [(String, [Drafts.Text])] {
        [
            ("the SMS", [draft.sms]), ("the push", [draft.pushTitle, draft.pushBody]), ("the mail", draft.mailTexts),
            ("the in-app text", [draft.inAppTitle, draft.inAppBody]),
        ]
    }

    private func checkOpened(_ draft: Drafts.NoticeDraft, _ locale: TextLocale, _ kind: Kind?) {
        for (name, text) in [("money", draft.money), ("next", draft.next), ("you", draft.you)] where text == nil {
            draft.subject.node.fail("mail.\(name) is missing", hint: "a first notice has the blocks what, money, next and you")
        }
        guard let wording = drafts.wording[locale] else { return }
        if let money = draft.money, !Haystack(money.source).mentions(wording.money) {
            money.node.fail("does not say where the money is", hint: "{funds}, or one of the words under \"money\" in _shared/vague")
        }
        if !Haystack(draft.sms.source).mentions(wording.money) {
            draft.sms.node.fail("does not say where the money is", hint: "{funds}, or one of the words under \"money\" in _shared/vague")
        }
        if !Haystack(draft.inAppBody.source).mentions(wording.money + wording.ways) {
            draft.inAppBody.node.fail(
                "says neither where the money is nor where to see it",
                hint: "{funds}, or one of the words under \"money\" or \"ways\" in _shared/vague")
        }
        // Inside the app the order page shows the rest; where nothing is to be done, its text may end with the money.
        let mustGuide = kind.map(MustTell.asksNothing) == true ? [draft.sms] : [draft.sms, draft.inAppBody]
        for text in mustGuide where !Haystack(text.source).mentions(wording.next) {
            text.node.fail("does not say what comes next", hint: "a time, or one of the words under \"next\" in _shared/vague")
        }
    }

    private func checkCommon(_ draft: Drafts.NoticeDraft, _ locale: TextLocale) {
        for text in [draft.sms, draft.pushTitle, draft.pushBody] {
            if text.compiled.fields.contains(.amount) {
                text.node.fail("{amount} may not stand here", at: text.place(of: .amount), hint: Self.noAmount)
            }
            checkPublic(text)
        }
        checkSMS(draft, locale)
        for text in [draft.sms, draft.pushTitle, draft.pushBody, draft.inAppTitle, draft.inAppBody] + draft.mailTexts {
            checkWording(text, locale)
            checkFields(text)
            checkChoices(text, locale)
        }
    }

    private func checkSMS(_ draft: Drafts.NoticeDraft, _ locale: TextLocale) {
        let sms = draft.sms
        let rules = LocaleRules.of(locale)
        let signature = rules.signature.before + "{brand}" + rules.signature.after
        if !sms.source.hasPrefix(signature) { sms.node.fail("an SMS begins with \(signature)", hint: "who speaks comes first") }
        if let bracket = sms.source.dropFirst(signature.count).first(where: { "【】".contains($0) }) {
            sms.node.fail(
                "\(bracket) stands only around the sender's name", at: String(bracket),
                skipping: bracket == "】" ? 1 : sms.source.hasPrefix("【") ? 1 : 0)
        }
        if sms.source.contains(where: \.isNewline) { sms.node.fail("an SMS is one line") }
        if let ways = drafts.wording[locale]?.ways, !Haystack(sms.source).mentions(ways) {
            sms.node.fail("names no way to support or to the app", hint: Self.noWay)
        }
        guard let supplier = draft.supplier, let node = draft.supplierNode else { return }
        let wanted = sms.compiled.fields.filter { $0 != .brand }
        for field in wanted where !supplier.parameters.contains(field) {
            node.fail(
                "the registered template lacks {\(field.rawValue)}",
                hint: "list every value of the text except {brand}, in the registered order")
        }
        for field in supplier.parameters where !wanted.contains(field) { node.fail("{\(field.rawValue)} is not in the text") }
    }

    static let noWay = "{support}, or one of the words under \"ways\" in _shared/vague; a link may not stand in an SMS"

    /// `{rule_amount}`, `{until}` and `{more_orders}` exist inside phrases only; in a text they would always be missing.
    private func checkFields(_ text: Drafts.Text) {
        for (field, hint) in [
            (Field.ruleAmount, "use {amount_rule}"), (.until, "use {window}"),
            (.moreOrders, "it is added by itself where messages become one"),
        ] where text.compiled.fields.contains(field) {
            text.node.fail("{\(field.rawValue)} stands only inside phrases", at: "{\(field.rawValue)}", hint: hint)
        }
    }

    /// The plural forms of the language, no more and no less; and of our own words those that there are.
    private func checkChoices(_ text: Drafts.Text, _ locale: TextLocale) {
        for choice in text.compiled.choices {
            let place = "{" + choice.field.rawValue
            let keys = choice.branches.map(\.key)
            switch choice.form {
            case .presence: break
            case .plural:
                for category in PluralCategory.needed(in: locale) where !keys.contains(category.rawValue) {
                    text.node.fail("\"\(category.rawValue)\" is missing", at: place, hint: "\(locale.rawValue) has this plural form")
                }
                let known = PluralCategory.known(in: locale)
                for key in keys where PluralCategory(rawValue: key).map({ !known.contains($0) }) ?? false {
                    text.node.fail("\"\(key)\" is never said", at: place, hint: "no count takes this form in \(locale.rawValue)")
                }
            case .select:
                guard case .words(let list) = choice.field.form else { continue }
                let known = set.terms(of: list, in: locale)
                for key in keys where key != "other" && !known.contains(key) {
                    let near = nearest(to: key, among: known.sorted())
                    text.node.fail(
                        "\(list.rawValue) has no \"\(key)\"", at: place, hint: near.map { "did you mean \"\($0)\"?" })
                }
            }
        }
    }

    // MARK: Shared texts

    private func checkGeneric(_ draft: Drafts.NoticeDraft, _ locale: TextLocale) {
        for (name, texts) in Self.channels(draft) {
            if !texts.flatMap(\.compiled.surely).contains(.order) {
                texts[texts.count - 1].node.fail("{order} is missing", hint: "\(name) of the generic text must say it")
            }
            for text in texts {
                for field in text.compiled.fields where ![.order, .brand, .support].contains(field) {
                    text.node.fail(
                        "{\(field.rawValue)} may not stand in the generic text", at: "{\(field.rawValue)}",
                        hint: "it is used when values are missing")
                }
            }
        }
        checkCommon(draft, locale)
    }

    private func checkWords(_ draft: Drafts.WordsDraft, _ locale: TextLocale) {
        for text in draft.texts {
            checkWording(text, locale)
            checkChoices(text, locale)
        }
        for (list, words) in draft.vocabulary {
            for text in words {
                checkPublic(text)
                // Such a word comes into any text, and brings along what it names.
                for field in text.compiled.fields where !list.inner.contains(field) {
                    text.node.fail(
                        "{\(field.rawValue)} may not stand here", at: text.place(of: field),
                        hint: list.inner.isEmpty ? "these words have no values" : "known: {\(list.inner[0].rawValue)}")
                }
            }
        }
        for text in draft.privatePreview + [draft.moreOrders] { checkPublic(text) }
        for field in [Field.support, .order] where !draft.footer.compiled.surely.contains(field) {
            draft.footer.node.fail("{\(field.rawValue)} is missing", hint: "every mail says how to reach support and what to quote")
        }
        if draft.moreOrders.compiled.fields != [.moreOrders] { draft.moreOrders.node.fail("expected {more_orders}, and nothing else") }
        for text in draft.privatePreview {
            for field in text.compiled.fields { text.node.fail("no value may stand in the neutral push", at: "{\(field.rawValue)}") }
        }
        for form in ["funds.sms", "funds.long"] {
            for state in FundsState.allCases where draft.places[form]?[state.rawValue] == nil {
                (draft.sections[form] ?? draft.node).fail("\"\(state.rawValue)\" is missing", hint: "every money state needs its words")
            }
            for (name, node) in draft.places[form] ?? [:] where FundsState(rawValue: name) == nil {
                node.fail("there is no such money state")
            }
        }
    }

    /// The languages know the same words: one that stands in a single language is a slip of that file, or news for the others.
    private func checkVocabularies() {
        for list in Vocabulary.allCases.filter({ $0 != .funds }).map(\.rawValue) + ["links"] {
            var known: [String: Int] = [:]
            for words in drafts.words.values { for name in words.places[list]?.keys.map({ $0 }) ?? [] { known[name, default: 0] += 1 } }
            let shared = known.keys.filter { known[$0]! > 1 }.sorted()
            for locale in TextLocale.allCases {
                guard let draft = drafts.words[locale] else { continue }
                let own = draft.places[list] ?? [:]
                for name in own.keys.sorted() where known[name] == 1 {
                    let near = nearest(to: name, among: shared)
                    own[name]!.fail(
                        "no other language has this word", hint: near.map { "did you mean \"\($0)\"?" } ?? "add it to the others")
                }
                for name in shared where own[name] == nil {
                    (draft.sections[list] ?? draft.node).fail("\"\(name)\" is missing", hint: "the other languages have it")
                }
            }
        }
    }

    /// A variant that one language has, all languages have.
    private func checkVariants() {
        for kind in Kind.allCases {
            let variants = Set(drafts.notices.keys.compactMap { $0.kind == kind ? $0.variant : nil }).sorted()
            for locale in TextLocale.allCases {
                guard let opened = drafts.notices[.init(kind: kind, stage: .opened, variant: nil, locale: locale)] else { continue }
                for variant in variants where drafts.notices[.init(kind: kind, stage: .opened, variant: variant, locale: locale)] == nil {
                    opened.node.fail("the variant \"\(variant)\" is missing", hint: "another language of \(kind.rawValue) has it")
                }
            }
        }
    }
}
