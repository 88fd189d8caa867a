/// The parts of an anomaly, each an object of its own.
extension EventReader {
    func reason(_ fields: EventFields) -> ReasonRef? {
        guard let fields = fields.optionalInside("reason") else { return nil }
        guard let source = fields.reference("source", limit: 64), let code = fields.string("code") else { return nil }
        guard !code.isEmpty, code.utf8.count <= 128, !PlainText.hasHidden(code) else {
            fields.refuse("code", "expected 1 to 128 visible characters")
            return nil
        }
        guard CardRule.isClean(code) else {
            fields.refuse("code", "looks like a card number")
            return nil
        }
        return ReasonRef(source: source, code: code)
    }

    func money(_ fields: EventFields) -> Money? {
        let minor = fields.integer("minor")
        if let minor, minor < 0 { fields.refuse("minor", "is negative") }
        guard let code = fields.string("currency") else { return nil }
        guard let currency = Currency(code) else {
            fields.refuse("currency", "not an ISO 4217 code")
            return nil
        }
        return minor.map { Money(minor: $0, currency: currency) }
    }

    func details(_ fields: EventFields) -> Details {
        var details = Details()
        guard let object = fields.optionalInside("details") else { return details }
        guard object.isThere else {
            fields.refuse("details", "expected an object")
            return details
        }
        let fields = object
        fields.limitTexts()
        details.field = fields.optionalReference("field", limit: 64)
        details.materials = fields.optionalReferences("materials", limit: 64)
        details.deadline = fields.optionalTime("deadline")
        details.variant = fields.optionalReference("variant", limit: 64)
        details.traceRef = fields.optionalReference("trace_ref", limit: 64)
        details.plainReason = fields.optionalReference("plain_reason", limit: 64)
        details.fee = fields.optionalReference("fee", limit: 64)
        details.wallet = fields.optionalReference("wallet", limit: 64)
        details.firstOrder = fields.optionalReference("first_payout_id", limit: 64).flatMap { OrderNumber($0) }
        if let limit = fields.optionalInside("limit") {
            let amount = limit.has("minor") ? money(limit) : nil
            let count = limit.has("count") ? limit.integer("count") : nil
            if let period = limit.reference("period", limit: 32), let owner = limit.reference("owner", limit: 32) {
                details.limit = Details.Limit(amount: amount, count: count.map { Int(clamping: $0) }, period: period, owner: owner)
            }
        }
        if let given = fields.optionalInside("amount_rule") {
            if let rule = given.reference("rule", limit: 32) {
                details.amountRule = Details.AmountRule(rule: rule, amount: given.has("minor") ? money(given) : nil)
            }
        }
        if let window = fields.optionalInside("window") {
            details.hasWindow = true
            details.windowUntil = window.optionalTime("until")
        }
        return details
    }

    func customer(_ fields: EventFields) -> CustomerRef? {
        let fields = fields.inside("customer")
        let id = fields.reference("id", limit: 64)
        let locale = fields.optionalText("locale").map { PlainText(fromOutside: $0).description } ?? "en"
        let zone = fields.optionalText("time_zone").map { PlainText(fromOutside: $0).description }
        func contact(_ name: StaticString, _ channel: Channel) -> CustomerRef.Contact {
            guard let text = fields.optionalText(name) else { return .none }
            return Address(channel: channel, text: text).map { .usable(Sensitive($0)) } ?? .unusable
        }
        let phone = contact("phone", .sms), mail = contact("mail", .mail), device = contact("push_token", .push)
        let platform = fields.optionalText("push_platform")
        let preview = fields.optionalBool("private_preview") ?? false
        return id.map {
            CustomerRef(
                id: $0, locale: locale, timeZone: zone, phone: phone, mail: mail, device: device.on(platform), privatePreview: preview)
        }
    }
}
