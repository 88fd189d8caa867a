import Core
import StrictYAML

/// What may be said of the money only while it is so. The phrases of each language stand under `claims` in `_shared/vague`.
enum Claim: String, CaseIterable {
    /// "The money is safe."
    case safe
    /// "The money is back in your balance": after the posting, not when it is announced.
    case posted

    var states: [FundsState] {
        switch self {
        case .safe: [.held, .inTransit]
        case .posted: [.inBalance]
        }
    }
}

/// Texts are read in every money state: an event may bring any of them with any kind.
extension Contract {
    func checkClaims(_ draft: Drafts.NoticeDraft, _ key: TemplateSet.Key) {
        for text in [draft.sms, draft.pushTitle, draft.pushBody] { checkClaims(text, key, isShort: true) }
        for text in [draft.inAppTitle, draft.inAppBody] + draft.mailTexts { checkClaims(text, key, isShort: false) }
    }

    private func checkClaims(_ text: Drafts.Text, _ key: TemplateSet.Key, isShort: Bool) {
        guard let words = set.words[key.locale] else { return }
        for claim in Claim.allCases where phrase(of: claim, in: text.source, key.locale) != nil {
            var facts = set.sampleFacts(kind: key.kind ?? .bankDelay, stage: key.stage, variant: key.variant, locale: key.locale)
            var wrong: [(state: FundsState, phrase: String)] = []
            for state in FundsState.allCases where !claim.states.contains(state) {
                // A state whose own words say it is reported once, where those words stand.
                guard let own = words.funds[state.rawValue],
                    phrase(of: claim, in: (isShort ? own.short : own.long).words, key.locale) == nil
                else { continue }
                facts.set(.funds, state)
                let renderer = Renderer(
                    locale: key.locale, words: words, facts: facts, brand: .sample, offset: { _ in 8 * 3600 }, isShort: isShort)
                guard let said = said(text, renderer), let phrase = phrase(of: claim, in: said, key.locale) else { continue }
                wrong.append((state, phrase))
            }
            if let first = wrong.first { fail(text.node, claim, first.phrase, in: wrong.map(\.state)) }
        }
    }

    /// The words of the money states themselves.
    func checkClaims(_ draft: Drafts.WordsDraft, _ locale: TextLocale) {
        for form in ["funds.sms", "funds.long"] {
            for state in FundsState.allCases {
                guard let node = draft.places[form]?[state.rawValue], let text = node.scalar else { continue }
                for claim in Claim.allCases where !claim.states.contains(state) {
                    if let phrase = phrase(of: claim, in: text, locale) { fail(node, claim, phrase, in: [state]) }
                }
            }
        }
    }

    private func said(_ text: Drafts.Text, _ renderer: Renderer) -> String? {
        do {
            return try renderer.plain(text.compiled)
        } catch {
            // Every field a text may use has a sample; one that has none is reported by its own rule.
            return nil
        }
    }

    /// As it is written there.
    private func phrase(of claim: Claim, in text: String, _ locale: TextLocale) -> String? {
        guard let wording = drafts.wording[locale], let phrases = wording.claims[claim] else { return nil }
        var masked = Haystack(text)
        guard phrases.contains(where: { masked.holds($0) }) else { return nil }
        for phrase in wording.allowed { masked.mask(phrase) }
        return phrases.lazy.compactMap { masked.written($0, in: text) }.first
    }

    private func fail(_ node: YAML, _ claim: Claim, _ phrase: String, in states: [FundsState]) {
        let only = claim.states.map(\.rawValue)
        node.fail(
            "\"\(phrase)\" is also said when the money is \(states.map(\.rawValue).joined(separator: ", "))", at: phrase,
            hint: "true of \(only.joined(separator: " and ")) only: {funds, select, \(only[0]) {…} other {{funds}}}")
    }
}
