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
        for claim in Claim.allCases where mention(of: claim, in: text.source, key.locale) != nil {
            var facts = set.sampleFacts(kind: key.kind ?? .bankDelay, stage: key.stage, variant: key.variant, locale: key.locale)
            var wrong: [(state: FundsState, phrase: String)] = []
            for state in FundsState.allCases where !claim.states.contains(state) {
                // A state whose own words say it is reported once, where those words stand.
                guard let own = words.funds[state.rawValue],
                    mention(of: claim, in: (isShort ? own.short : own.long).words, key.locale) == nil
                else { continue }
                facts.set(.funds, state)
                let renderer = Renderer(
                    locale: key.locale, words: words, facts: facts, brand: .sample, offset: { _ in 8 * 3600 }, isShort: isShort)
                guard let said = said(text.compiled, renderer), let phrase = mention(of: claim, in: said, key.locale)?.written else {
                    continue
                }
                wrong.append((state, phrase))
            }
            guard let first = wrong.first else { continue }
            facts.set(.funds, first.state)
            let renderer = Renderer(
                locale: key.locale, words: words, facts: facts, brand: .sample, offset: { _ in 8 * 3600 }, isShort: isShort)
            let place = guilty(first.phrase, claim, in: text, key.locale, renderer)
            fail(text.node, claim, place, in: wrong.map(\.state))
        }
    }

    /// The words of the money states themselves.
    func checkClaims(_ draft: Drafts.WordsDraft, _ locale: TextLocale) {
        for form in ["funds.sms", "funds.long"] {
            for state in FundsState.allCases {
                guard let node = draft.places[form]?[state.rawValue], let text = node.scalar else { continue }
                for claim in Claim.allCases where !claim.states.contains(state) {
                    if let phrase = mention(of: claim, in: text, locale) { fail(node, claim, phrase, in: [state]) }
                }
            }
        }
    }

    /// Of several mentions the one without which the text no longer says it: others may stand in a choice where they are true.
    private func guilty(_ phrase: String, _ claim: Claim, in text: Drafts.Text, _ locale: TextLocale, _ renderer: Renderer) -> Mention {
        for (n, range) in text.source.ranges(of: phrase).enumerated() {
            var source = text.source
            source.replaceSubrange(range, with: "x")
            let rest = CompiledText(source, file: text.compiled.file, line: text.compiled.line) { _ in }
            if let said = said(rest, renderer), mention(of: claim, in: said, locale) == nil { return Mention(written: phrase, earlier: n) }
        }
        // What a value says stands nowhere in the file.
        return mention(of: claim, in: text.source, locale) ?? Mention(written: phrase, earlier: 0)
    }

    private func said(_ text: CompiledText, _ renderer: Renderer) -> String? {
        do {
            return try renderer.plain(text)
        } catch {
            // Every field a text may use has a sample; one that has none is reported by its own rule.
            return nil
        }
    }

    /// The first that is not part of something harmless.
    private func mention(of claim: Claim, in text: String, _ locale: TextLocale) -> Mention? {
        guard let wording = drafts.wording[locale], let phrases = wording.claims[claim] else { return nil }
        return Self.mentions(of: phrases, besides: wording.allowed, in: text).first
    }

    private func fail(_ node: YAML, _ claim: Claim, _ mention: Mention, in states: [FundsState]) {
        let only = claim.states.map(\.rawValue)
        node.fail(
            "\"\(mention.written)\" is also said when the money is \(states.map(\.rawValue).joined(separator: ", "))", at: mention,
            hint: "true of \(only.joined(separator: " and ")) only: {funds, select, \(only[0]) {…} other {{funds}}}")
    }
}
