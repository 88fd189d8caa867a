import Core

/// Puts values into compiled texts for one notice in one language. Formats of dates, money and lists: docs/templates.md.
struct Renderer {
    let locale: TextLocale
    let words: Words
    let facts: Facts
    let brand: Brand
    let offset: @Sendable (Timestamp) -> Int
    /// SMS and push have room for the short money states only.
    let isShort: Bool

    func append(_ text: CompiledText, to out: inout Writer, inside phrase: [Field: TemplateValue]? = nil) throws(RenderProblem) {
        try text.write(to: &out) { field, out throws(RenderProblem) in try append(field, of: text, to: &out, inside: phrase) }
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
            out.value(brand.support.description)
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
            if locale != .en { out.ours("次") }
        case .term(let list, let id): try append(try term(id, of: list, field, text), to: &out, inside: [:])
        case .terms(let list, let ids):
            guard !ids.isEmpty else { throw missing(field, text) }
            for (n, id) in ids.enumerated() {
                if n > 0 { out.ours(locale == .en ? ", " : "、") }
                try append(try term(id, of: list, field, text), to: &out, inside: [:])
            }
        case .phrase(let list, let id, let inner): try append(try term(id, of: list, field, text), to: &out, inside: inner)
        }
    }

    private func term(_ id: String, of list: Vocabulary, _ field: Field, _ text: CompiledText) throws(RenderProblem) -> CompiledText {
        let found = list == .funds ? words.funds[id].map { isShort ? $0.short : $0.long } : words.terms[list]?[id]
        guard let found else {
            throw RenderProblem(
                .renderError, field: field, file: text.file, line: text.line,
                detail: "\(list.rawValue) has no \"\(PlainText(id))\" in \(locale.rawValue)")
        }
        return found
    }

    /// 11月21日18:00, 21 Nov 18:00, in the customer's zone. Seconds are cut off; a promise was rounded up when it was planned.
    private func append(_ moment: Timestamp, to out: inout Writer) {
        let civil = CivilTime(moment, offset: offset(moment))
        if locale == .en {
            out.number(civil.day)
            out.ascii(0x20)
            out.ours(Self.months[civil.month - 1])
            out.ascii(0x20)
        } else {
            out.number(civil.month)
            out.ours("月")
            out.number(civil.day)
            out.ours("日")
        }
        out.number(civil.hour, width: 2)
        out.ascii(0x3A)
        out.number(civil.minute, width: 2)
    }

    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// ¥1,280.00, HK$1,280.00, JP¥1,280, KWD 1.280: symbol, groups of three, the currency's own digits. From integers only.
    private func append(_ money: Money, to out: inout Writer) {
        if money.minor < 0 { out.ascii(0x2D) }
        out.value(money.currency.symbol)
        let decimals = money.currency.digits
        // The highest digit first; zeros stand in front of an amount below one.
        var divisor: UInt64 = 1, place = 0
        while money.minor.magnitude / divisor >= 10 || place < decimals {
            divisor *= 10
            place += 1
        }
        while place >= 0 {
            out.ascii(0x30 + UInt8(money.minor.magnitude / divisor % 10))
            divisor /= 10
            if place == decimals, decimals > 0 { out.ascii(0x2E) } else if place > decimals, (place - decimals) % 3 == 0 { out.ascii(0x2C) }
            place -= 1
        }
    }
}
