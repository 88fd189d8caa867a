public import Core

extension TemplateSet {
    /// Mail programs cut a message near 102 kB; slow lines and small phones want less.
    static let maxMailBytes = 60_000

    /// Renders one notice for one channel. A value that is missing throws: nothing is ever sent with a hole.
    public func render(_ request: RenderRequest) throws(RenderProblem) -> Content {
        guard let words = words[request.locale] else {
            throw RenderProblem(.templateMissing, detail: "no words in \(request.locale.rawValue)")
        }
        if request.channel == .push, request.privatePreview {
            return try content(nil, push: words.privatePreview, request, words)
        }
        guard let notice = notice(request.kind, request.stage, request.variant, request.locale, wording: request.wording) else {
            let variant = request.variant.map { ", variant \(PlainText($0))" } ?? ""
            throw RenderProblem(
                .templateMissing, detail: "\(request.kind.rawValue), \(request.stage.rawValue)\(variant), \(request.locale.rawValue)")
        }
        return try content(notice, push: notice.push, request, words)
    }

    /// What a mailbox shows of a mail behind its subject, in its list. Nil where there is no such text or it cannot be made.
    public func preheader(_ request: RenderRequest) -> String? {
        guard let words = words[request.locale],
            let notice = notice(request.kind, request.stage, request.variant, request.locale, wording: request.wording)
        else { return nil }
        do throws(RenderProblem) {
            return try Renderer(request, words).plain(notice.mail.preheader)
        } catch {
            // The mail itself says why.
            return nil
        }
    }

    /// The safe text for an urgent notice whose own text lacks a value: the order number and where to look, nothing else.
    public func generic(_ request: RenderRequest) throws(RenderProblem) -> Content {
        guard let words = words[request.locale], let notice = generic[request.locale] else {
            throw RenderProblem(.templateMissing, detail: "no generic text in \(request.locale.rawValue)")
        }
        return try content(notice, push: request.privatePreview ? words.privatePreview : notice.push, request, words)
    }

    private func content(_ notice: Notice?, push: Notice.Headed, _ request: RenderRequest, _ words: Words) throws(RenderProblem) -> Content
    {
        let renderer = Renderer(request, words)
        let isNeutral = request.privatePreview
        guard let notice else { return .push(title: try renderer.title(push.title), body: try renderer.plain(push.body)) }
        switch request.channel {
        case .sms:
            let text = request.omitSignature ? notice.sms.unsigned : notice.sms.text
            let rendered = try renderer.sms(text, moreOrders: request.moreOrders)
            if renderer.isSendable(rendered) { return .sms(text: rendered) }
            // What was checked when the texts were loaded.
            let shorter = try renderer.shortestSMS(text, moreOrders: request.moreOrders)
            let most = LocaleRules.of(request.locale).utmostParts
            guard SMSMeasure(shorter).parts <= most else {
                throw RenderProblem(.tooLong, file: text.file, line: text.line, detail: "more than \(most) SMS parts")
            }
            return .sms(text: shorter)
        case .push:
            return .push(
                title: try renderer.title(push.title), body: try renderer.plain(push.body, moreOrders: isNeutral ? 0 : request.moreOrders))
        case .inApp:
            return .inApp(title: try renderer.title(notice.inApp.title), body: try renderer.plain(notice.inApp.body))
        case .mail:
            return try renderer.mail(notice.mail, layout: layout, link: request.link)
        case .voice:
            throw RenderProblem(.templateMissing, detail: "there are no texts for voice")
        }
    }

    /// The fields a text prints, brand and support left out: they come from the settings.
    public func fieldsNeeded(
        kind: Kind, stage: NoticeStage, variant: String? = nil, channel: Channel, locale: TextLocale, wording: String? = nil
    ) -> [Field] {
        guard let notice = notice(kind, stage, variant, locale, wording: wording) else { return [] }
        var texts = notice.texts(channel)
        if channel == .mail, let words = words[locale] { texts.append(words.footer) }
        var found: [Field] = []
        for field in texts.flatMap(\.needed) where field != .brand && field != .support && !found.contains(field) { found.append(field) }
        return found
    }

    /// The fields that its texts know of on any channel, also those that only a choice asks for.
    public func fieldsMentioned(kind: Kind, stage: NoticeStage, variant: String? = nil, locale: TextLocale) -> Set<Field> {
        guard let notice = notice(kind, stage, variant, locale) else { return [] }
        return Set(Self.channels.flatMap { notice.texts($0).flatMap(\.fields) }).subtracting([.brand, .support])
    }

    /// Which of the needed values these facts lack, those inside money states and phrases included: what a planner asks before it promises.
    public func fieldsMissing(_ request: RenderRequest) -> [Field] {
        var missing: [Field] = []
        for field in fieldsNeeded(
            kind: request.kind, stage: request.stage, variant: request.variant, channel: request.channel, locale: request.locale,
            wording: request.wording)
        {
            guard let value = request.facts[field] else {
                missing.append(field)
                continue
            }
            guard case .phrase(let list, let id, let inner) = value, let words = words[request.locale] else { continue }
            let phrase = list == .funds ? words.funds[id]?.long : words.terms[list]?[id]
            for field in phrase?.needed ?? [] where inner[field] == nil && request.facts[field] == nil && !missing.contains(field) {
                missing.append(field)
            }
        }
        return missing
    }
}

extension Renderer {
    init(_ request: RenderRequest, _ words: Words) {
        self.init(
            locale: request.locale, words: words, facts: request.facts, brand: request.brand, offset: request.offset,
            isShort: request.channel == .sms || request.channel == .push)
    }

    func plain(_ text: CompiledText, moreOrders: Int = 0) throws(RenderProblem) -> String {
        var out = Writer(.plain)
        try append(text, to: &out)
        try append(moreOrders: moreOrders, to: &out)
        return out.text
    }

    /// Of a push, a mail or an inbox item.
    func title(_ text: CompiledText) throws(RenderProblem) -> String {
        var out = Writer(.plain)
        out.isTitle = true
        try append(text, to: &out)
        return out.text
    }

    /// Whether a gateway takes it. Counting is left out where even the costliest coding fits.
    func isSendable(_ sms: String) -> Bool {
        let most = LocaleRules.of(locale).mostParts
        return sms.utf8.count <= 67 * most || SMSMeasure(sms).parts <= most
    }

    /// With the names of banks and wallets cut: the customer knows theirs by its beginning, and a message that no gateway takes tells nobody anything.
    func shortestSMS(_ text: CompiledText, moreOrders: Int = 0) throws(RenderProblem) -> String {
        var renderer = self
        for field in [Field.bank, .wallet] {
            guard case .text(let name)? = facts[field], name.description.count > Self.shortName else { continue }
            renderer.facts.set(field, PlainText(name.description.prefix(Self.shortName - 3) + "..."))
        }
        return try renderer.sms(text, moreOrders: moreOrders)
    }
    private static var shortName: Int { 12 }

    func sms(_ text: CompiledText, moreOrders: Int = 0) throws(RenderProblem) -> String {
        var out = Writer(.sms(foldsMarks: LocaleRules.of(locale).isGSM))
        try append(text, to: &out)
        try append(moreOrders: moreOrders, to: &out)
        return out.text
    }

    /// "And 2 more orders", behind the text of the one that speaks for them.
    private func append(moreOrders: Int, to out: inout Writer) throws(RenderProblem) {
        guard moreOrders > 0 else { return }
        out.ours(LocaleRules.of(locale).gap)
        try append(words.moreOrders, to: &out, inside: [.moreOrders: .count(moreOrders)])
    }

    func html(_ text: CompiledText) throws(RenderProblem) -> [UInt8] {
        var out = Writer(.html, capacity: 512)
        try append(text, to: &out)
        return out.bytes
    }

    private static func escaped(_ text: String) -> [UInt8] {
        var out = Writer(.html, capacity: text.utf8.count + 16)
        out.value(text)
        return out.bytes
    }

    /// Text part and HTML part from the same texts, in the same order.
    func mail(_ mail: Notice.Mail, layout: MailLayout, link: String?) throws(RenderProblem) -> Content {
        let all: [(CompiledText, CompiledText?)] = [
            (words.headings.what, mail.what), (words.headings.money, mail.money), (words.headings.next, mail.next),
            (words.headings.you, mail.you),
        ]
        var parts: [(heading: CompiledText, text: CompiledText)] = []
        for (heading, text) in all { if let text { parts.append((heading, text)) } }
        let hasHeadings = parts.count > 1
        let subject = try title(mail.subject)
        var text = Writer(.plain, capacity: 1024)
        var page = MailLayout.Values()
        try append(words.greeting, to: &text)
        text.ours("\n\n")
        for part in parts {
            if hasHeadings {
                try append(part.heading, to: &text)
                text.ours("\n")
            }
            try append(part.text, to: &text)
            text.ours("\n\n")
            page.blocks.append((hasHeadings ? try html(part.heading) : nil, try html(part.text)))
        }
        page[.lang] = Array(locale.rawValue.utf8)
        page[.dir] = Array((LocaleRules.of(locale).isRightToLeft ? "rtl" : "ltr").utf8)
        page[.subject] = Self.escaped(subject)
        page[.preheader] = try html(mail.preheader)
        page[.brand] = Self.escaped(brand.name(in: locale)?.description ?? "")
        page[.greeting] = try html(words.greeting)
        page[.footer] = try html(words.footer)
        if let link {
            guard let label = words.links[link] else {
                throw RenderProblem(
                    .renderError, file: words.footer.file, detail: "links has no \"\(PlainText(link))\" in \(locale.rawValue)")
            }
            guard case .order(let order)? = facts[.order] else {
                throw RenderProblem(.fieldMissing, field: .order, file: label.file, line: label.line)
            }
            let url = brand.link(link, order: order)
            page[.buttonURL] = Self.escaped(url)
            page[.buttonLabel] = try html(label)
            try append(label, to: &text)
            text.ours(LocaleRules.of(locale).colon)
            text.ours("\n")
            text.value(url)
            text.ours("\n\n")
        }
        try append(words.footer, to: &text)
        text.ours("\n")
        page.hasButton = link != nil
        let written = layout.render(page)
        guard written.utf8.count <= TemplateSet.maxMailBytes else {
            throw RenderProblem(
                .tooLong, file: mail.what.file, line: mail.what.line, detail: "a mail of more than \(TemplateSet.maxMailBytes) bytes")
        }
        return .mail(subject: subject, text: text.text, html: written)
    }
}
