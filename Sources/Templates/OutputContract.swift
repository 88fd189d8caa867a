import Core

/// What every text must keep to once it is filled in. `Contract` reads the files; a choice that takes a wrong branch, a value that says too
/// much and one that is too long show only here.
///
/// | rule | texts |
/// |---|---|
/// | it can be made | all |
/// | order number, values of "must tell" | each channel |
/// | where the money is; what comes next | SMS and money block of first notices; in-app body, or where to see it |
/// | support or link | SMS: the number of support or the app, by name; mails: both; push and in-app: what a tap opens |
/// | no amount | SMS and push |
/// | nothing vague, no claim that the money state forbids | all |
/// | parts and lengths | SMS and push; a warning |
struct OutputContract {
    let set: TemplateSet
    let wording: [TextLocale: Drafts.Wording]
    let surroundings: Surroundings
    private(set) var renders = 0
    private var found: [Mistake: Case] = [:]
    /// Outputs whose words were looked at already: many fixtures change nothing in most texts.
    private var seen: Set<Int> = []

    init(set: TemplateSet, wording: [TextLocale: Drafts.Wording], surroundings: Surroundings) {
        (self.set, self.wording, self.surroundings) = (set, wording, surroundings)
    }

    /// One text with the values that it is filled in with.
    struct Filling {
        var kind: Kind
        var stage: NoticeStage
        var variant: String?
        /// Nil: the text that most customers get.
        var wording: String?
        var locale: TextLocale
        /// Nil: the samples.
        var fixture: Fixture?
        var facts: Facts

        var name: String { fixture.map { "fixture \(kind.rawValue)/\($0.name)" } ?? "sample values" }
    }

    /// What is wrong where; several fixtures may show it.
    private struct Mistake: Hashable {
        var file: String
        var line, column: Int
        var rule: String
    }
    private struct Case {
        var problem: Problem
        /// The worst is told.
        var excess: Int
        var names: [String]
    }

    /// By their place; what more than one fixture shows once.
    var problems: [Problem] {
        let sorted = found.sorted {
            ($0.key.file, $0.key.line, $0.key.column, $0.key.rule) < ($1.key.file, $1.key.line, $1.key.column, $1.key.rule)
        }
        return sorted.map { _, item in
            var problem = item.problem
            let more = item.names.count - 1
            if more > 0 {
                let words = "so with \(more) more \(more == 1 ? "fixture" : "fixtures")"
                problem.hint = problem.hint.map { $0 + "; " + words } ?? words
            }
            return problem
        }
    }

    mutating func check(_ kind: Kind, _ fixtures: [Fixture]) {
        for locale in TextLocale.allCases {
            for (stage, variant) in set.forms(of: kind) {
                let samples = set.sampleFacts(kind: kind, stage: stage, variant: variant, locale: locale)
                let wordings = set.wordings(of: kind).map(\.name).filter { name in
                    set.notices[.init(kind: kind, stage: stage, variant: variant, locale: locale, wording: name)] != nil
                }
                let fitting = [nil] + fixtures.filter { $0.fits(stage, variant, locale) }
                for wording in [nil] + wordings {
                    for fixture in fitting {
                        check(
                            Filling(
                                kind: kind, stage: stage, variant: variant, wording: wording, locale: locale, fixture: fixture,
                                facts: fixture?.values.applied(to: samples) ?? samples))
                    }
                }
            }
        }
    }

    // MARK: One filling

    private mutating func check(_ filling: Filling) {
        guard let words = set.words[filling.locale],
            let notice = set.notice(filling.kind, filling.stage, filling.variant, filling.locale, wording: filling.wording)
        else { return }
        for channel in TemplateSet.channels {
            var request = surroundings.request(
                filling.kind, filling.stage, filling.variant, channel, filling.locale, facts: filling.facts, filling.fixture)
            request.wording = filling.wording
            renders += 1
            do throws(RenderProblem) {
                look(at: try set.render(request), Said(request, words), notice, filling)
            } catch {
                let text = notice.texts(channel).last { $0.line == error.line } ?? notice.texts(channel)[0]
                report(
                    "made", text, filling, channel,
                    "cannot be made with \(filling.name): \(error.field.map { "{\($0.rawValue)} is missing" } ?? error.detail)")
            }
        }
    }

    private mutating func look(at content: Content, _ said: Said, _ notice: Notice, _ filling: Filling) {
        switch content {
        case .sms(let text):
            let whole = Haystack(text)
            checkTold(whole, notice.sms.text, .sms, said, filling)
            checkGuiding([(whole, notice.sms.text)], .sms, said, filling)
            if let ways = wording[filling.locale]?.ways, !said.mentions(ways, whole) {
                report(
                    "way", notice.sms.text, filling, .sms, "names no way to support or to the app with \(filling.name)",
                    hint: Contract.noWay)
            }
            checkAmount(whole, notice.sms.text, .sms, said, filling)
            checkParts(text, notice.sms.text, said, filling)
            checkWords(text, [notice.sms.text], .sms, said, filling)
        case .push(let title, let body):
            let text = title + "\n" + body
            let whole = Haystack(text)
            checkTold(whole, notice.push.body, .push, said, filling)
            checkLink(notice.push.body, .push, said, filling)
            checkAmount(whole, notice.push.body, .push, said, filling)
            let rules = LocaleRules.of(filling.locale)
            checkLength(title, notice.push.title, "title", rules.pushTitle, said, filling)
            if said.request.moreOrders == 0 { checkLength(body, notice.push.body, "body", rules.pushBody, said, filling) }
            checkWords(text, [notice.push.title, notice.push.body], .push, said, filling)
        case .inApp(let title, let body):
            let whole = Haystack(title + "\n" + body)
            checkTold(whole, notice.inApp.body, .inApp, said, filling)
            checkLink(notice.inApp.body, .inApp, said, filling)
            checkGuiding([(Haystack(body), notice.inApp.body)], .inApp, said, filling)
            checkWords(title + "\n" + body, [notice.inApp.title, notice.inApp.body], .inApp, said, filling)
        case .mail(let subject, let text, _):
            let whole = Haystack(subject + "\n" + text)
            checkTold(whole, notice.mail.what, .mail, said, filling)
            if let money = notice.mail.money, let block = said.plain(money) {
                checkGuiding([(Haystack(block), money)], .mail, said, filling)
            }
            if let support = said[.support], !whole.holds(Needle(support)) {
                report("support", notice.mail.what, filling, .mail, "says no way to support with \(filling.name)")
            }
            checkLink(notice.mail.what, .mail, said, filling)
            if let link = said.request.link, let order = said[.order].flatMap({ OrderNumber($0) }),
                !whole.holds(Needle(said.request.brand.link(link, order: order)))
            {
                report("link", notice.mail.what, filling, .mail, "does not say its link with \(filling.name)")
            }
            checkWords(subject + "\n" + text, notice.mail.texts, .mail, said, filling)
        }
    }

    private mutating func checkTold(
        _ whole: Haystack, _ text: CompiledText, _ channel: Channel, _ said: Said, _ filling: Filling
    ) {
        for field in [.order] + MustTell.fields(filling.kind, filling.stage, variant: filling.variant) {
            guard let value = said[field], !said.stands(field, in: whole) else { continue }
            report(
                "tell \(field.rawValue)", text, filling, channel, "{\(field.rawValue)} is not said with \(filling.name)",
                hint: "\"\(value)\" does not stand in what the customer reads")
        }
    }

    /// A tap on a push or on an item of the inbox opens the first link of the kind, which its mail has as its button.
    private mutating func checkLink(_ text: CompiledText, _ channel: Channel, _ said: Said, _ filling: Filling) {
        guard said.request.link == nil else { return }
        report(
            "link", text, filling, channel, "leads nowhere: \(filling.kind.rawValue) has no link",
            hint: "the first of its links in the catalogue is what a push opens, and a mail's button")
    }

    /// First notices: where the money is, and what comes next.
    private mutating func checkGuiding(
        _ texts: [(words: Haystack, text: CompiledText)], _ channel: Channel, _ said: Said, _ filling: Filling
    ) {
        guard filling.stage == .opened, let wording = wording[filling.locale] else { return }
        for (words, text) in texts {
            let money = channel == .inApp ? wording.money + wording.ways : wording.money
            if !said.mentions(money, words) {
                report(
                    "money", text, filling, channel,
                    channel == .inApp
                        ? "says neither where the money is nor where to see it with \(filling.name)"
                        : "does not say where the money is with \(filling.name)")
            }
            // As in the files: inside the app the order page shows the rest.
            if channel == .mail || channel == .inApp && MustTell.asksNothing(filling.kind) { continue }
            if !said.mentions(wording.next, words) {
                report("next", text, filling, channel, "does not say what comes next with \(filling.name)")
            }
        }
    }

    private mutating func checkAmount(
        _ whole: Haystack, _ text: CompiledText, _ channel: Channel, _ said: Said, _ filling: Filling
    ) {
        guard let amount = said[.amount], whole.holds(Needle(amount)) else { return }
        // A limit, or the rule that an amount breaks, may be the same number.
        var others = [filling.facts[.limit]]
        if case .phrase(_, _, let inner)? = filling.facts[.amountRule] { others.append(inner[.ruleAmount]) }
        guard !others.contains(filling.facts[.amount]) else { return }
        report("amount", text, filling, channel, "says the amount with \(filling.name)", hint: "lock screens are read by others")
    }

    // MARK: Words

    /// What is vague, and what may not be claimed of this money.
    private mutating func checkWords(
        _ output: String, _ texts: [CompiledText], _ channel: Channel, _ said: Said, _ filling: Filling
    ) {
        let state: FundsState? =
            if case .phrase(_, let id, _)? = filling.facts[.funds] { FundsState(rawValue: id) } else { nil }
        var hasher = Hasher()
        hasher.combine(output)
        hasher.combine(state)
        hasher.combine(filling.locale)
        hasher.combine(texts[0].file)
        hasher.combine(texts[0].line)
        guard seen.insert(hasher.finalize()).inserted, let wording = wording[filling.locale] else { return }
        var words = Haystack(output)
        for phrase in wording.allowed { words.mask(phrase) }
        for word in wording.refused {
            guard let written = words.written(word, in: output) else { continue }
            report(
                "vague", said.place(of: written, texts), filling, channel, "vague wording \"\(written)\" with \(filling.name)",
                hint: "say who, what or until when")
        }
        guard let state else { return }
        // What a producer reports as a step is no claim of ours.
        if let step = said[.progress] { words.mask(Needle(step)) }
        for claim in Claim.allCases where !claim.states.contains(state) {
            for phrase in wording.claims[claim] ?? [] {
                guard let written = words.written(phrase, in: output) else { continue }
                report(
                    "claim", said.place(of: written, texts), filling, channel,
                    "\"\(written)\" is said of money that is \(state.rawValue), with \(filling.name)",
                    hint: "true of \(claim.states.map(\.rawValue).joined(separator: " and ")) only")
            }
        }
    }

    // MARK: Lengths

    private mutating func checkParts(_ output: String, _ text: CompiledText, _ said: Said, _ filling: Filling) {
        let measure = SMSMeasure(output)
        let allowed = Contract.allowedParts(filling.locale, text) + (said.request.moreOrders > 0 ? 1 : 0)
        guard measure.parts > allowed else { return }
        let over = measure.units - measure.capacity(parts: allowed)
        let isOutside = LocaleRules.of(filling.locale).isGSM && measure.encoding == .ucs2
        // A letter outside of the alphabet is worth a word, a long name is not.
        guard filling.fixture == nil || isOutside || measure.parts > allowed + Contract.spareParts else { return }
        let why =
            isOutside
            ? measure.firstOutsideGSM.flatMap { scalar in
                text.fields.first { said[$0]?.unicodeScalars.contains(scalar) ?? false }.map {
                    "\(Character(scalar)) of {\($0.rawValue)} is not in the GSM alphabet"
                }
            } : guilty(text, said, filling) { measure.encoding == .ucs2 ? $0.utf16.count : SMSMeasure($0).units }
        report(
            "parts", text, filling, .sms, "\(measure.parts) SMS parts with \(filling.name), \(allowed) allowed", severity: .warning,
            hint: "\(measure.units) of \(measure.capacity(parts: allowed)) \(measure.encoding.rawValue) units, \(over) too many"
                + (why.map { "; " + $0 } ?? ""), excess: over)
    }

    private mutating func checkLength(
        _ output: String, _ text: CompiledText, _ part: String, _ limit: Int, _ said: Said, _ filling: Filling
    ) {
        guard output.count > (filling.fixture == nil ? limit : Contract.shown(limit, with: .long)) else { return }
        report(
            "length", text, filling, .push, "\(output.count) characters with \(filling.name), \(limit) are shown", severity: .warning,
            hint: "\(output.count - limit) too many" + (guilty(text, said, filling, \.count).map { "; " + $0 } ?? ""),
            excess: output.count - limit, part: part)
    }

    /// The value that takes most beyond what it usually does.
    private func guilty(_ text: CompiledText, _ said: Said, _ filling: Filling, _ size: (String) -> Int) -> String? {
        var request = said.request
        request.facts = set.sampleFacts(kind: filling.kind, stage: filling.stage, variant: filling.variant, locale: filling.locale)
        let usual = Said(request, said.words)
        let sizes = text.fields.map { field in
            (field: field, size: said[field].map(size) ?? 0, more: (said[field].map(size) ?? 0) - (usual[field].map(size) ?? 0))
        }
        guard let most = sizes.max(by: { $0.more < $1.more }), most.more > 0 else { return nil }
        return "{\(most.field.rawValue)} takes \(most.size), \(most.more) more than usual"
    }

    // MARK: What was found

    private mutating func report(
        _ rule: String, _ text: CompiledText, _ filling: Filling, _ channel: Channel, _ words: String, severity: Problem.Severity = .error,
        hint: String? = nil, excess: Int = 0, part: String? = nil
    ) {
        let key = Mistake(file: text.file, line: text.line, column: text.column, rule: rule)
        let old = found[key]
        let names = (old?.names ?? []) + (old?.names.contains(filling.name) == true ? [] : [filling.name])
        if let old, old.excess >= excess {
            found[key]?.names = names
            return
        }
        let problem = Problem(
            words, severity: severity, file: text.file, line: text.line, column: text.column,
            key: path(filling, channel) + (part.map { "." + $0 } ?? ""), hint: hint)
        found[key] = Case(problem: problem, excess: excess, names: names)
    }

    /// As it is in the file: `opened.sms`, `variants.materials.push`, `stages.progress.mail`.
    private func path(_ filling: Filling, _ channel: Channel) -> String {
        let key = TemplateSet.Key(
            kind: filling.kind, stage: filling.stage, variant: filling.variant, locale: filling.locale, wording: filling.wording)
        let isOwn = set.notices[key] != nil
        let stage =
            filling.variant.map { "variants." + $0 } ?? (isOwn && filling.stage != .opened ? "stages." : "") + filling.stage.rawValue
        return (filling.wording.map { "wordings.\($0)." } ?? "") + stage + "." + channel.rawValue
    }
}

/// What the values of one rendering are in words, each made once.
final class Said {
    let request: RenderRequest
    let words: Words
    private var values: [Field: String?] = [:]

    init(_ request: RenderRequest, _ words: Words) { (self.request, self.words) = (request, words) }

    private static let alone = Dictionary(
        uniqueKeysWithValues: Field.allCases.map { ($0, CompiledText(field: $0, file: "", line: 0)) })

    /// Nil when there is no such value.
    subscript(_ field: Field) -> String? {
        if let known = values[field] { return known }
        let value = Said.alone[field].flatMap(plain)
        values[field] = value
        return value
    }

    /// A time that stands behind another of the same zone is said without it.
    func stands(_ field: Field, in text: Haystack) -> Bool {
        let written = [self[field], field.form == .instant ? Said.alone[field].flatMap(withoutZone) : nil]
        return written.contains { $0.map { text.holds(Needle($0)) } ?? false }
    }

    private func withoutZone(_ text: CompiledText) -> String? {
        var out = Writer(request.channel == .sms ? .sms(foldsMarks: LocaleRules.of(request.locale).isGSM) : .plain)
        out.isTitle = true
        do throws(RenderProblem) {
            try Renderer(request, words).append(text, to: &out)
            return out.text
        } catch {
            return nil
        }
    }

    func plain(_ text: CompiledText) -> String? {
        let renderer = Renderer(request, words)
        do throws(RenderProblem) {
            return request.channel == .sms ? try renderer.sms(text) : try renderer.plain(text)
        } catch {
            // Whatever cannot be made is told where the whole text is.
            return nil
        }
    }

    /// Whether one of these words, or of these values in words, stands in a text.
    func mentions(_ needles: [Needle], _ text: Haystack) -> Bool {
        needles.contains { needle in
            guard needle.word.first == "{" else { return text.range(of: needle) != nil }
            guard let field = Field(rawValue: String(needle.word.dropFirst().dropLast())), self[field] != nil else { return false }
            return stands(field, in: text)
        }
    }

    /// Which of the texts says it; the first, when it comes from what is around them.
    func place(of phrase: String, _ texts: [CompiledText]) -> CompiledText {
        texts.first { plain($0).map { Haystack($0).holds(Needle(phrase)) } ?? false } ?? texts[0]
    }
}
