import Core

/// Puts values into compiled texts for one notice in one language. Formats of dates, money and lists: docs/templates.md.
struct Renderer {
    let locale: TextLocale
    let words: Words
    var facts: Facts
    let brand: Brand
    let offset: @Sendable (Timestamp) -> Int
    /// SMS and push have room for the short money states only.
    let isShort: Bool

    private var rules: LocaleRules { .of(locale) }
    /// A mail and the app are read later and elsewhere. On the phone in their hand customers read their own clock, unless we do not know it.
    private var namesZones: Bool { !isShort || facts.isZoneAssumed }

    func append(_ text: CompiledText, to out: inout Writer, inside phrase: [Field: TemplateValue]? = nil) throws(RenderProblem) {
        if phrase == nil { out.namedOffset = nil }
        try text.write(
            to: &out, value: { field, out throws(RenderProblem) in try append(field, of: text, to: &out, inside: phrase) },
            branch: { choice throws(RenderProblem) in try branch(of: choice, text, inside: phrase) })
    }

    /// Which of its branches a choice takes. The last one is for everything that has none.
    func branch(of choice: CompiledText.Choice, _ text: CompiledText, inside phrase: [Field: TemplateValue]?) throws(RenderProblem)
        -> Int
    {
        let value = phrase?[choice.field] ?? facts[choice.field]
        if choice.form == .presence { return value == nil ? 1 : 0 }
        guard let value else { throw missing(choice.field, text) }
        let last = choice.branches.count - 1
        switch value {
        case .count(let n):
            let category = PluralCategory(max(0, n), in: locale).rawValue
            return choice.branches.firstIndex { $0.key == "=\(n)" } ?? choice.branches.firstIndex { $0.key == category } ?? last
        case .term(_, let id), .phrase(_, let id, _): return choice.branches.firstIndex { $0.key == id } ?? last
        default: return last
        }
    }

    private func append(_ field: Field, of text: CompiledText, to out: inout Writer, inside phrase: [Field: TemplateValue]?)
        throws(RenderProblem)
    {
        switch field {
        case .brand:
            guard let name = brand.name(in: locale), !name.description.isEmpty else { throw missing(field, text) }
            out.value(name.description)
        case .support:
            guard !brand.support.description.isEmpty else { throw missing(field, text) }
            out.phone(brand.support.description, isAmongRightToLeft: rules.isRightToLeft)
        default:
            guard let value = phrase?[field] ?? facts[field] else { throw missing(field, text) }
            try append(value, field, of: text, to: &out)
        }
    }

    private func missing(_ field: Field, _ text: CompiledText) -> RenderProblem {
        RenderProblem(.fieldMissing, field: field, file: text.file, line: text.line)
    }

    private func append(_ value: TemplateValue, _ field: Field, of text: CompiledText, to out: inout Writer) throws(RenderProblem) {
        switch value {
        case .money(let money): append(money, to: &out)
        case .instant(let moment): append(moment, to: &out)
        case .tail4(let tail): out.value(tail.digits)
        case .order(let order): out.value(order.description)
        case .text(let plain):
            guard !plain.description.isEmpty else { throw missing(field, text) }
            out.value(plain.description)
        case .count(let n):
            guard n >= 0 else {
                throw RenderProblem(.renderError, field: field, file: text.file, line: text.line, detail: "a negative count")
            }
            out.number(n)
            if field == .limit { out.ours(rules.times) }
        case .term(let list, let id): try append(try term(id, of: list, field, text), to: &out, inside: [:])
        case .terms(let list, let ids):
            guard !ids.isEmpty else { throw missing(field, text) }
            for (n, id) in ids.enumerated() {
                let word = try term(id, of: list, field, text)
                if n > 0 { out.ours(rules.list.separator(before: word.words, at: n, of: ids.count)) }
                try append(word, to: &out, inside: [:])
            }
        case .duration(let span): append(span, isRoundedUp: field.isRoundedUp, to: &out)
        case .phrase(let list, let id, let inner): try append(try term(id, of: list, field, text), to: &out, inside: inner)
        }
    }

    func term(_ id: String, of list: Vocabulary, _ field: Field, _ text: CompiledText) throws(RenderProblem) -> CompiledText {
        let found = list == .funds ? words.funds[id].map { isShort ? $0.short : $0.long } : words.terms[list]?[id]
        guard let found else {
            throw RenderProblem(
                .renderError, field: field, file: text.file, line: text.line,
                detail: "\(list.rawValue) has no \"\(PlainText(id))\" in \(locale.rawValue)")
        }
        return found
    }

    /// 11月21日18:00, 21 Nov 18:00 GMT+8, in the customer's zone. Seconds are cut off; a promise was rounded up when it was planned.
    private func append(_ moment: Timestamp, to out: inout Writer) {
        let offset = offset(moment)
        let civil = CivilTime(moment, offset: offset)
        let rules = rules
        for part in rules.date {
            switch part {
            case .day: out.number(civil.day)
            case .month: out.number(civil.month)
            case .monthName: out.ours((out.isSMS ? rules.monthsOfSMS ?? rules.months : rules.months)[civil.month - 1])
            case .hour2: out.number(civil.hour, width: 2)
            case .hour: out.number(civil.hour)
            case .minute:
                out.number(civil.minute, width: 2)
                if namesZones, !out.isTitle, out.namedOffset != offset {
                    append(zone: offset, to: &out)
                    out.namedOffset = offset
                }
            case .words(let words): out.ours(words)
            }
        }
    }

    /// GMT+8, UTC−3, GMT+5:30.
    private func append(zone offset: Int, to out: inout Writer) {
        let zone = rules.zone
        out.ours(zone.before)
        out.ours(zone.name)
        let minutes = abs(offset) / 60
        if minutes > 0 {
            if offset > 0 || out.isSMS { out.ascii(offset > 0 ? 0x2B : 0x2D) } else { out.ours(zone.minus) }
            out.number(minutes / 60)
            if minutes % 60 > 0 {
                out.ours(zone.colon)
                out.number(minutes % 60, width: 2)
            }
        }
        out.ours(zone.after)
    }

    /// 3 days, 2 hours; 2 hours, 5 minutes; 12 minutes: two units at most.
    private func append(_ span: Duration, isRoundedUp: Bool, to out: inout Writer) {
        let length = rules.duration
        let parts = LocaleRules.Lengths.parts(of: span, isRoundedUp: isRoundedUp)
        for (n, part) in parts.enumerated() {
            if n > 0 { out.ours(length.separator) }
            out.pattern(length.pattern(part.unit, PluralCategory(part.count, in: locale)), part.count)
        }
    }

    /// ¥1,280.00, HK$1,280.00, KWD 1.280, 1.280,00 €: groups of three, the currency's own digits. From integers only.
    private func append(_ money: Money, to out: inout Writer) {
        let style = rules.money
        if money.minor < 0 { out.ascii(0x2D) }
        if style.place == .behindSpaced {
            appendNumber(money, style, to: &out)
            out.space()
            _ = appendSign(money.currency, to: &out)
        } else {
            let isCode = appendSign(money.currency, to: &out)
            if isCode || style.place == .frontSpaced { out.space() }
            appendNumber(money, style, to: &out)
        }
    }

    /// True for a code.
    private func appendSign(_ currency: Currency, to out: inout Writer) -> Bool {
        if let home = rules.home, home.code == currency.code {
            out.ours(home.sign)
            return false
        }
        out.value(currency.sign ?? currency.code)
        return currency.sign == nil
    }

    private func appendNumber(_ money: Money, _ style: LocaleRules.MoneyStyle, to out: inout Writer) {
        var (left, decimals) = (money.minor.magnitude, money.currency.digits)
        // Of the many digits of a digital asset those that say something.
        while decimals > money.currency.leastDigits, left % 10 == 0 {
            left /= 10
            decimals -= 1
        }
        // The highest digit first; zeros stand in front of an amount below one.
        var divisor: UInt64 = 1, place = 0
        while left / divisor >= 10 || place < decimals {
            divisor *= 10
            place += 1
        }
        while place >= 0 {
            out.ascii(0x30 + UInt8(left / divisor % 10))
            divisor /= 10
            if place == decimals, decimals > 0 {
                out.ours(style.decimal)
            } else if place > decimals, (place - decimals) % 3 == 0 {
                out.mark(style.group)
            }
            place -= 1
        }
    }
}
