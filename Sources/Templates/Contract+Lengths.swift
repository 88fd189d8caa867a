import Core
import StrictYAML

/// Lengths, counted on filled-in texts: what a customer's phone gets, not what the file holds.
extension Contract {
    /// Parts that an SMS may take with usual values; a list of materials is worth one more.
    static func allowedParts(_ locale: TextLocale, _ text: CompiledText) -> Int {
        LocaleRules.of(locale).parts + (text.fields.contains(.materials) ? 1 : 0)
    }

    /// A long name costs a part more, which is no fault of the text.
    static let spareParts = 1

    /// Characters of a push: usual values are to fit the smallest lock screen, long ones those that people have; a tap shows the rest.
    static func shown(_ limit: Int, with size: TemplateSet.SampleSize) -> Int { size == .usual ? limit : limit * 5 / 4 }

    /// Usual values must fit; long ones should, with some room more; no value may lead beyond what a provider takes.
    func checkLengths(_ draft: Drafts.NoticeDraft, _ key: TemplateSet.Key) {
        guard let words = set.words[key.locale] else { return }
        let kind = key.kind ?? .bankDelay
        for size in TemplateSet.SampleSize.allCases {
            let facts = set.sampleFacts(kind: kind, stage: key.stage, variant: key.variant, locale: key.locale, size: size)
            let renderer = Renderer(
                locale: key.locale, words: words, facts: facts, brand: size == .extreme ? .longest : .sample,
                offset: { _ in 8 * 3600 }, isShort: true)
            checkSMS(draft.sms, renderer, size, key.locale)
            guard size != .extreme else { continue }
            // More is cut off on lock screens.
            check(draft.pushTitle, renderer, limit: Self.shown(LocaleRules.of(key.locale).pushTitle, with: size), size)
            check(draft.pushBody, renderer, limit: Self.shown(LocaleRules.of(key.locale).pushBody, with: size), size)
        }
    }

    private func checkSMS(_ text: Drafts.Text, _ renderer: Renderer, _ size: TemplateSet.SampleSize, _ locale: TextLocale) {
        let rendered: String
        do {
            rendered = size == .extreme ? try renderer.shortestSMS(text.compiled) : try renderer.sms(text.compiled)
        } catch {
            // Every field a text may use has a sample; one that has none is reported by its own rule.
            return
        }
        let measure = SMSMeasure(rendered)
        let allowed = size == .extreme ? LocaleRules.of(locale).utmostParts : Self.allowedParts(locale, text.compiled)
        if size == .usual, LocaleRules.of(locale).isGSM, let outside = measure.firstOutsideGSM {
            text.node.fail(
                "\(outside) is not in the GSM alphabet", at: String(Character(outside)),
                hint: (GSMAlphabet.replacement(for: outside).map { "write \($0): " } ?? "")
                    + "one such character leaves 70 instead of 160 for the text")
            return
        }
        guard measure.parts > allowed + (size == .long ? Self.spareParts : 0) else { return }
        let over = measure.units - measure.capacity(parts: allowed)
        text.node.fail(
            "\(measure.parts) SMS parts with \(size.rawValue) values, \(allowed) allowed", severity: size == .long ? .warning : .error,
            hint: "\(measure.units) of \(measure.capacity(parts: allowed)) \(measure.encoding.rawValue) units, \(over) too many")
    }

    private func check(_ text: Drafts.Text, _ renderer: Renderer, limit: Int, _ size: TemplateSet.SampleSize) {
        let count: Int
        do {
            count = try renderer.plain(text.compiled).count
        } catch {
            // Every field a text may use has a sample; one that has none is reported by its own rule.
            return
        }
        guard count > limit else { return }
        text.node.fail(
            "\(count) characters with \(size.rawValue) values, \(limit) are shown", severity: size == .usual ? .error : .warning,
            hint: "\(count - limit) too many")
    }
}
