extension Event {
    /// The event as CloudEvents JSON, built from what `Event` holds and nothing else: what no later stage needs cannot be in it.
    /// `EventReader` reads it back to an equal event. A contact that was given but cannot be used is written as an empty text.
    ///
    /// The contacts are in it: it is sealed before it is stored.
    public func json(typePrefix: String) -> JSON {
        let subject: String
        let data: JSON
        switch body {
        case .anomaly(let anomaly): (subject, data) = (anomaly.order.description, anomaly.json)
        case .incident(let news): (subject, data) = (news.id, news.json)
        }
        return .members([
            ("specversion", "1.0"), ("id", .string(id)), ("source", .string(source)), ("type", .string(typePrefix + type)),
            ("subject", .string(subject)), ("time", time.json), ("receivedat", receivedAt?.json), ("test", isTest ? true : nil),
            ("data", data),
        ])
    }
}

extension JSON {
    /// An object without the members that have no value.
    static func members(_ members: [(String, JSON?)]) -> JSON {
        .object(members.compactMap { name, value in value.map { (name, $0) } })
    }
}

extension Timestamp {
    fileprivate var json: JSON { .string(description) }
}

extension Anomaly {
    fileprivate var json: JSON {
        .members([
            ("schema", 1), ("payout_id", .string(order.description)), ("seq", .integer(seq)), ("anomaly_id", .string(id)),
            ("kind", kind.map { .string($0.rawValue) }), ("stage", .string(stage.rawValue)),
            ("reason", reason.map { .object([("source", .string($0.source)), ("code", .string($0.code))]) }),
            ("outcome", resolution.map { .string($0.rawValue) }), ("step", step.map(JSON.string)),
            ("funds_state", funds.map { .string($0.rawValue) }), ("occurred_at", occurredAt?.json), ("expected_at", expectedAt?.json),
            ("submitted_at", submittedAt?.json), ("rail", .string(rail)), ("bank", bank.json),
            ("account", .members([("type", isWallet ? "wallet" : nil), ("last4", tail4.map { .string($0.digits) })])),
            ("amount", amount?.json), ("details", details.json), ("customer", customer.json),
        ])
    }
}

extension Bank {
    fileprivate var json: JSON { .members([("code", .string(code)), ("name", name.map { .string($0.description) })]) }
}

extension Money {
    fileprivate var members: [(String, JSON?)] { [("minor", .integer(minor)), ("currency", .string(currency.code))] }
    fileprivate var json: JSON { .members(members) }
}

extension Details {
    fileprivate var json: JSON {
        .members([
            ("field", field.map(JSON.string)), ("materials", materials.isEmpty ? nil : .array(materials.map(JSON.string))),
            ("deadline", deadline?.json), ("variant", variant.map(JSON.string)), ("limit", limit?.json), ("amount_rule", amountRule?.json),
            ("trace_ref", traceRef.map(JSON.string)), ("plain_reason", plainReason.map(JSON.string)), ("fee", fee.map(JSON.string)),
            ("wallet", wallet.map(JSON.string)), ("first_payout_id", firstOrder.map { .string($0.description) }),
            ("window", hasWindow ? .members([("until", windowUntil?.json)]) : nil),
        ])
    }
}

extension Details.Limit {
    fileprivate var json: JSON {
        .members((amount?.members ?? []) + [("count", count.map { .integer($0) }), ("period", .string(period)), ("owner", .string(owner))])
    }
}

extension Details.AmountRule {
    fileprivate var json: JSON { .members((amount?.members ?? []) + [("rule", .string(rule))]) }
}

extension CustomerRef {
    fileprivate var json: JSON {
        .members([
            ("id", .string(id)), ("locale", .string(locale)), ("time_zone", timeZone.map(JSON.string)), ("phone", phone.json),
            ("mail", mail.json),
            ("push_token", device.json), ("private_preview", .bool(privatePreview)),
        ])
    }
}

extension CustomerRef.Contact {
    fileprivate var json: JSON? {
        switch self {
        case .none: nil
        case .usable(let address): .string(address.reveal(for: .sealing).text)
        case .unusable: ""
        }
    }
}

extension IncidentNews {
    fileprivate var json: JSON {
        .members([
            ("schema", 1), ("incident_id", .string(id)), ("bank", .members([("code", .string(bank))])), ("rail", .string(rail)),
            ("since", since.json), ("until", until?.json),
        ])
    }
}
