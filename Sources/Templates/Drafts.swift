import Core
import StrictYAML

/// What the files say, with the places of every text, before the contract is checked.
final class Drafts {
    /// A text and where it stands.
    struct Text {
        var compiled: CompiledText
        var source: String
        var node: YAML

        /// A field as it is written here, as a value or at the beginning of a choice.
        func place(of field: Field) -> String {
            let value = "{\(field.rawValue)}"
            return source.contains(value) ? value : "{\(field.rawValue),"
        }
    }
    struct NoticeDraft {
        /// Where the notice begins, for what is missing from it.
        var node: YAML
        var sms, pushTitle, pushBody, subject, what, inAppTitle, inAppBody: Text
        var money, next, you: Text?
        var supplier: SupplierTemplate?
        var supplierNode: YAML?

        var mailTexts: [Text] { [subject, what] + [money, next, you].compactMap { $0 } }
        var notice: Notice {
            Notice(
                sms: .init(text: sms.compiled, unsigned: sms.compiled.withoutSignature, supplier: supplier),
                push: .init(title: pushTitle.compiled, body: pushBody.compiled),
                mail: .init(
                    subject: subject.compiled, what: what.compiled, money: money?.compiled, next: next?.compiled, you: you?.compiled),
                inApp: .init(title: inAppTitle.compiled, body: inAppBody.compiled))
        }
    }
    struct WordsDraft {
        var node: YAML
        var words: Words
        /// Every text of the file, for the checks that hold for all texts.
        var texts: [Text]
        var footer, moreOrders: Text
        var privatePreview: [Text]
        /// The words that texts print where they name a field of ours, by list; money states in both forms.
        var vocabulary: [(list: Vocabulary, words: [Text])]
        /// Vocabulary and word to their places; `funds.sms/held` for money states.
        var places: [String: [String: YAML]]
        var sections: [String: YAML]
    }
    /// `_shared/vague`: what is refused, what is a harmless longer phrase, what a first notice must mention, and what may be said
    /// of the money only while it is so.
    struct Wording {
        var refused, allowed, money, ways, next: [Needle]
        /// What nobody is asked for, and the sentences that say so.
        var secrets, denials: [Needle]
        /// What would tell why a withdrawal is restricted.
        var discreet: [Needle]
        var claims: [Claim: [Needle]]
    }

    /// One entry of a kind's `wordings` in one language.
    struct WordingDraft {
        var wording: TemplateSet.Wording
        var locale: TextLocale
        var node: YAML
    }

    private let findings: Findings
    private let scope: TemplateSet.Scope
    private(set) var root = "templates"
    private(set) var notices: [TemplateSet.Key: NoticeDraft] = [:]
    /// A kind's locale that is declared to use the English file.
    private(set) var fallbacks: [(kind: Kind, locale: TextLocale)] = []
    private(set) var words: [TextLocale: WordsDraft] = [:]
    private(set) var wordings: [Kind: [WordingDraft]] = [:]
    private(set) var generic: [TextLocale: NoticeDraft] = [:]
    private(set) var wording: [TextLocale: Wording] = [:]
    private(set) var layout: MailLayout?

    init(_ files: [(path: String, text: String)], _ scope: TemplateSet.Scope, _ findings: Findings) {
        (self.scope, self.findings) = (scope, findings)
        for file in files { read(file.path, file.text) }
        reportMissingFiles()
    }

    // MARK: Which file is what

    private static let shared = ["stages", "terms", "generic", "vague"]

    private func read(_ path: String, _ text: String) {
        let parts = path.split(separator: "/").map(String.init)
        guard let name = parts.last else { return }
        if name == "mail.html", parts.dropLast().last == "_shared" {
            root = parts.dropLast(2).joined(separator: "/")
            layout = MailLayout(text, file: path) { findings.add($0) }
            return
        }
        guard name.hasSuffix(".yaml"), parts.count >= 2 else { return }
        let folder = parts[parts.count - 2]
        guard let locale = TextLocale(rawValue: String(name.dropLast(5))) else {
            findings.add(
                Problem(
                    "unknown locale \"\(name.dropLast(5))\"", file: path,
                    hint: "known: " + TextLocale.allCases.map(\.rawValue).joined(separator: ", ")))
            return
        }
        if parts.count >= 3, parts[parts.count - 3] == "_shared" {
            guard Self.shared.contains(folder) else {
                findings.add(Problem("unknown folder \"\(folder)\"", file: path, hint: hint(folder, Self.shared)))
                return
            }
            guard scope.locales.contains(locale), scope.judges || folder != "vague",
                let node = StrictYAML.parse(text, file: path, findings), let map = node.mapping()
            else { return }
            readShared(folder, locale, node, map)
        } else if let kind = Kind(rawValue: folder) {
            guard scope.locales.contains(locale), scope.kinds.contains(kind),
                let node = StrictYAML.parse(text, file: path, findings), let map = node.mapping()
            else { return }
            readKind(kind, locale, map)
        } else {
            findings.add(Problem("unknown kind \"\(folder)\"", file: path, hint: hint(folder, Kind.allCases.map(\.rawValue))))
        }
    }

    private func hint(_ word: String, _ known: [String]) -> String? { nearest(to: word, among: known).map { "did you mean \"\($0)\"?" } }

    private func reportMissingFiles() {
        func missing(_ path: String, _ what: String) {
            findings.add(Problem("missing: \(what)", file: (root.isEmpty ? "" : root + "/") + path))
        }
        if layout == nil { missing("_shared/mail.html", "the layout of mails") }
        let broken = Set(findings.errors.map(\.file))
        for locale in TextLocale.allCases where scope.locales.contains(locale) {
            for (folder, isThere) in [
                ("stages", notices.keys.contains { $0.kind == nil && $0.locale == locale }), ("terms", words[locale] != nil),
                ("generic", generic[locale] != nil), ("vague", wording[locale] != nil || !scope.judges),
            ] where !isThere && !broken.contains(where: { $0.hasSuffix("_shared/\(folder)/\(locale.rawValue).yaml") }) {
                missing("_shared/\(folder)/\(locale.rawValue).yaml", "no such texts in \(locale.rawValue)")
            }
            for kind in Kind.allCases
            where scope.kinds.contains(kind) && !notices.keys.contains(where: { $0.kind == kind && $0.locale == locale })
                && !fallbacks.contains(where: { $0 == (kind, locale) })
                && !broken.contains(where: { $0.hasSuffix("\(kind.rawValue)/\(locale.rawValue).yaml") })
            {
                missing(
                    "\(kind.rawValue)/\(locale.rawValue).yaml",
                    "no text for \(kind.rawValue) in \(locale.rawValue), and no declared fallback")
            }
        }
    }

    // MARK: Files

    private func readKind(_ kind: Kind, _ locale: TextLocale, _ map: YAMLMapping) {
        if let fallback = map["fallback"] {
            // By script: a reader of traditional characters is never shown simplified ones, nor the other way round.
            if fallback.text() == TextLocale.en.rawValue, locale != .en {
                fallbacks.append((kind, locale))
            } else {
                fallback.fail("\(locale.rawValue) cannot fall back to this", hint: "en is the only fallback")
            }
            map.close()
            return
        }
        readNotices(kind, locale, map.required("opened"), map)
        for (name, node) in map["wordings"]?.mapping()?.all ?? [] {
            guard let map = node.mapping() else { continue }
            let weight = map.required("weight")?.int(in: 1...99)
            readNotices(kind, locale, map["opened"], map, wording: name)
            map.close()
            guard let weight else { continue }
            wordings[kind, default: []].append(
                WordingDraft(wording: TemplateSet.Wording(name: name, weight: weight), locale: locale, node: node))
        }
        map.close()
    }

    private func readNotices(_ kind: Kind, _ locale: TextLocale, _ opened: YAML?, _ map: YAMLMapping, wording: String? = nil) {
        func keep(_ stage: NoticeStage, _ variant: String?, _ node: YAML) {
            guard let draft = notice(node) else { return }
            notices[.init(kind: kind, stage: stage, variant: variant, locale: locale, wording: wording)] = draft
        }
        if let opened { keep(.opened, nil, opened) }
        for (name, node) in map["variants"]?.mapping()?.all ?? [] { keep(.opened, name, node) }
        for (stage, node) in map["stages"]?.mapping()?.all(keyedBy: NoticeStage.self) ?? [] {
            if stage == .opened {
                node.fail("the first notice stands under \"opened\"")
            } else {
                keep(stage, nil, node)
            }
        }
    }

    private func readShared(_ folder: String, _ locale: TextLocale, _ node: YAML, _ map: YAMLMapping) {
        switch folder {
        case "stages":
            for stage in NoticeStage.allCases where stage != .opened {
                guard let draft = map.required(stage.rawValue).flatMap(notice) else { continue }
                notices[.init(kind: nil, stage: stage, variant: nil, locale: locale)] = draft
            }
        case "generic":
            generic[locale] = notice(node)
            return
        case "vague":
            func needles(_ node: YAML?) -> [Needle] { node?.texts().map { Needle($0) } ?? [] }
            var claims: [Claim: [Needle]] = [:]
            if let all = map.required("claims")?.mapping() {
                for claim in Claim.allCases { claims[claim] = needles(all.required(claim.rawValue)) }
                all.close()
            }
            let secrets = map.required("secrets")?.mapping()
            let (asked, denials) = (needles(secrets?.required("words")), needles(secrets?.required("allowed")))
            secrets?.close()
            wording[locale] = Wording(
                refused: needles(map.required("refused")), allowed: needles(map["allowed"]), money: needles(map.required("money")),
                ways: needles(map.required("ways")), next: needles(map.required("next")), secrets: asked, denials: denials,
                discreet: needles(map.required("discreet")), claims: claims)
        default:
            words[locale] = readWords(node, map)
        }
        map.close()
    }

    // MARK: Parts

    func text(_ node: YAML) -> Text? {
        guard let source = node.text() else { return nil }
        guard source.contains(where: { !$0.isWhitespace }) else {
            node.fail("an empty text")
            return nil
        }
        var seen: [String: Int] = [:]
        let compiled = CompiledText(source, file: node.file, line: node.line, column: node.column) { mistake in
            node.fail(mistake.problem, at: mistake.needle, skipping: seen[mistake.needle, default: 0], hint: mistake.hint)
            seen[mistake.needle, default: 0] += 1
        }
        return Text(compiled: compiled, source: source, node: node)
    }

    private func notice(_ node: YAML) -> NoticeDraft? {
        guard let map = node.mapping() else { return nil }
        let (sms, supplier, supplierNode) = map.required("sms").map(readSMS) ?? (nil, nil, nil)
        let push = map.required("push").flatMap(headed)
        let mail = map.required("mail")?.mapping()
        let subject = mail?.required("subject").flatMap(text)
        let what = mail?.required("what").flatMap(text)
        let money = mail?["money"].flatMap(text)
        let next = mail?["next"].flatMap(text)
        let you = mail?["you"].flatMap(text)
        let inApp = map.required("in_app").flatMap(headed)
        mail?.close()
        map.close()
        guard let sms, let push, let subject, let what, let inApp else { return nil }
        return NoticeDraft(
            node: node, sms: sms, pushTitle: push.title, pushBody: push.body, subject: subject, what: what, inAppTitle: inApp.title,
            inAppBody: inApp.body, money: money, next: next, you: you, supplier: supplier, supplierNode: supplierNode)
    }

    private func headed(_ node: YAML) -> (title: Text, body: Text)? {
        guard let map = node.mapping() else { return nil }
        let title = map.required("title").flatMap(text)
        let body = map.required("body").flatMap(text)
        map.close()
        guard let title, let body else { return nil }
        return (title, body)
    }

    /// A text, or `{text, supplier: {code, parameters}}`.
    private func readSMS(_ node: YAML) -> (Text?, SupplierTemplate?, YAML?) {
        guard node.isMapping, let map = node.mapping() else { return (text(node), nil, nil) }
        let sms = map.required("text").flatMap(text)
        var template: SupplierTemplate?
        let supplier = map["supplier"]
        if let inner = supplier?.mapping() {
            if let code = inner.required("code")?.text(), let parameters = inner.required("parameters")?.words(Field.self) {
                template = SupplierTemplate(code: code, parameters: parameters)
            }
            inner.close()
        }
        map.close()
        return (sms, template, supplier)
    }

    private func readWords(_ node: YAML, _ map: YAMLMapping) -> WordsDraft? {
        var texts: [Text] = []
        var vocabulary: [(list: Vocabulary, words: [Text])] = []
        var places: [String: [String: YAML]] = [:]
        var sections: [String: YAML] = [:]
        func section(_ name: String, _ node: YAML?) -> [String: CompiledText] {
            var found: [String: CompiledText] = [:]
            sections[name] = node
            for (id, node) in node?.mapping()?.all ?? [] {
                guard let text = text(node) else { continue }
                texts.append(text)
                found[id] = text.compiled
                places[name, default: [:]][id] = node
            }
            return found
        }
        var terms: [Vocabulary: [String: CompiledText]] = [:]
        func words(of list: Vocabulary, _ name: String, _ node: YAML?) -> [String: CompiledText] {
            let first = texts.count
            let found = section(name, node)
            vocabulary.append((list, Array(texts[first...])))
            return found
        }
        for list in Vocabulary.allCases where list != .funds { terms[list] = words(of: list, list.rawValue, map.required(list.rawValue)) }
        let fundsMap = map.required("funds")?.mapping()
        let short = words(of: .funds, "funds.sms", fundsMap?.required("sms"))
        let long = words(of: .funds, "funds.long", fundsMap?.required("long"))
        fundsMap?.close()
        let links = section("links", map.required("links"))
        let mail = map.required("mail")?.mapping()
        let greeting = mail?.required("greeting").flatMap(text)
        let footer = mail?.required("footer").flatMap(text)
        let headingsMap = mail?.required("headings")?.mapping()
        let headings = ["what", "money", "next", "you"].compactMap { headingsMap?.required($0).flatMap(text) }
        headingsMap?.close()
        mail?.close()
        let preview = map.required("private_preview").flatMap(headed)
        let moreOrders = map.required("more_orders").flatMap(text)
        map.close()
        guard let greeting, let footer, headings.count == 4, let preview, let moreOrders else { return nil }
        texts += [greeting, footer, moreOrders, preview.title, preview.body] + headings
        var funds: [String: Words.Funds] = [:]
        for (id, text) in short { funds[id] = .init(short: text, long: long[id] ?? text) }
        let words = Words(
            terms: terms, funds: funds, links: links, greeting: greeting.compiled,
            headings: .init(
                what: headings[0].compiled, money: headings[1].compiled, next: headings[2].compiled, you: headings[3].compiled),
            footer: footer.compiled,
            privatePreview: .init(title: preview.title.compiled, body: preview.body.compiled),
            moreOrders: moreOrders.compiled)
        return WordsDraft(
            node: node, words: words, texts: texts, footer: footer, moreOrders: moreOrders, privatePreview: [preview.title, preview.body],
            vocabulary: vocabulary, places: places,
            sections: sections)
    }
}
