extension Event {
    /// The event as CloudEvents JSON, built from what `Event` holds and nothing else: what no later stage needs cannot be in it.
    /// `EventReader` reads it back to an equal event. A contact that was given but cannot be used is written as an empty text.
    ///
    /// The contacts are in it: it is sealed before it is stored.
    func bytes(typePrefix: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 1536)
        writer.open()
        switch body {
        case .anomaly(let anomaly):
            writer.members(self, typePrefix: typePrefix, subject: anomaly.order.description)
            writer.write(anomaly)
        case .incident(let news):
            writer.members(self, typePrefix: typePrefix, subject: news.id)
            writer.write(news)
        }
        writer.close()
        return writer.bytes
    }
}

extension JSONWriter {
    /// All before the data, whose value follows.
    fileprivate mutating func members(_ event: Event, typePrefix: String, subject: String) {
        member("specversion", "1.0")
        member("id", event.id)
        member("source", event.source)
        member("type", typePrefix, event.type)
        member("subject", subject)
        member("time", event.time)
        member("receivedat", event.receivedAt)
        if event.isTest { member("test", true) }
        name("data")
    }

    fileprivate mutating func write(_ anomaly: Anomaly) {
        open()
        member("schema", 1)
        member("payout_id", anomaly.order.description)
        member("seq", anomaly.seq)
        member("anomaly_id", anomaly.id)
        member("kind", anomaly.kind?.rawValue)
        member("stage", anomaly.stage.rawValue)
        if let reason = anomaly.reason {
            name("reason")
            open()
            member("source", reason.source)
            member("code", reason.code)
            close()
        }
        member("outcome", anomaly.resolution?.rawValue)
        member("step", anomaly.step)
        member("funds_state", anomaly.funds?.rawValue)
        member("occurred_at", anomaly.occurredAt)
        member("expected_at", anomaly.expectedAt)
        member("submitted_at", anomaly.submittedAt)
        member("rail", anomaly.rail)
        bank(anomaly.bank.code, anomaly.bank.name)
        name("account")
        open()
        if anomaly.isWallet { member("type", "wallet") }
        member("last4", anomaly.tail4?.digits)
        close()
        if let amount = anomaly.amount {
            name("amount")
            open()
            members(amount)
            close()
        }
        name("details")
        write(anomaly.details)
        name("customer")
        write(anomaly.customer)
        close()
    }

    private mutating func bank(_ code: String, _ known: PlainText?) {
        name("bank")
        open()
        member("code", code)
        member("name", known?.description)
        close()
    }

    private mutating func members(_ money: Money?) {
        guard let money else { return }
        member("minor", money.minor)
        member("currency", money.currency.code)
    }

    private mutating func write(_ details: Details) {
        open()
        member("field", details.field)
        if !details.materials.isEmpty { member("materials", details.materials) }
        member("deadline", details.deadline)
        member("variant", details.variant)
        if let limit = details.limit {
            name("limit")
            open()
            members(limit.amount)
            if let count = limit.count { member("count", Int64(count)) }
            member("period", limit.period)
            member("owner", limit.owner)
            close()
        }
        if let rule = details.amountRule {
            name("amount_rule")
            open()
            members(rule.amount)
            member("rule", rule.rule)
            close()
        }
        member("trace_ref", details.traceRef)
        member("plain_reason", details.plainReason)
        member("fee", details.fee)
        member("wallet", details.wallet)
        member("first_payout_id", details.firstOrder?.description)
        if details.hasWindow {
            name("window")
            open()
            member("until", details.windowUntil)
            close()
        }
        close()
    }

    private mutating func write(_ customer: CustomerRef) {
        open()
        member("id", customer.id)
        member("locale", customer.locale)
        member("time_zone", customer.timeZone)
        member("phone", customer.phone)
        member("mail", customer.mail)
        member("push_token", customer.device)
        member("private_preview", customer.privatePreview)
        close()
    }

    private mutating func member(_ name: StaticString, _ contact: CustomerRef.Contact) {
        switch contact {
        case .none: return
        case .usable(let address): member(name, address.reveal(for: .sealing).text)
        case .unusable: member(name, "")
        }
    }

    fileprivate mutating func write(_ news: IncidentNews) {
        open()
        member("schema", 1)
        member("incident_id", news.id)
        bank(news.bank, nil)
        member("rail", news.rail)
        member("since", news.since)
        member("until", news.until)
        close()
    }
}
