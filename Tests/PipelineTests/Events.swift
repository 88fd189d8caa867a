import Core

/// One event as a producer sends it. Risk holds are told at once, urgently, and through the night.
struct Sample {
    var order = "WD1"
    var anomaly = "an-1"
    var seq = 1
    var kind = "risk_hold"
    var code: (source: String, code: String)? = ("internal", "RISK_RULE_HIT")
    var at = World.noon
    var customer = "CU1"
    var phone: JSON = "+8610000000001"
    var mail: JSON = "customer@example.com"
    var device: JSON = "device-token-0001"
    var platform: JSON?
    var account: JSON = ["type": "card", "last4": "8542"]
    var amount: JSON = ["minor": 144_656, "currency": "CNY"]
    var details: JSON?
    var locale = "en"
    var rail = "cn_instant"
    var expectedAt: Timestamp?

    func detected(id: String? = nil) -> JSON { event("detected", id: id, more: []) }
    func updated(step: String, id: String? = nil) -> JSON { event("updated", id: id, more: [("step", .string(step))]) }
    func resolved(_ outcome: String, id: String? = nil) -> JSON { event("resolved", id: id, more: [("outcome", .string(outcome))]) }

    func with(_ change: (inout Sample) -> Void) -> Sample {
        var other = self
        change(&other)
        return other
    }

    private func event(_ stage: String, id: String?, more: [(String, JSON)]) -> JSON {
        var data: [(String, JSON)] = [
            ("schema", 1), ("payout_id", .string(order)), ("seq", .integer(seq)), ("anomaly_id", .string(anomaly)), ("kind", .string(kind)),
            ("stage", .string(stage)), ("occurred_at", .string(at.description)), ("channel", "unionpay"), ("rail", .string(rail)),
            ("bank", ["code": "HXB", "name": "Hua Xia Bank"]), ("account", account), ("amount", amount),
            ("submitted_at", .string((at - .minutes(1)).description)),
            (
                "customer",
                [
                    "id": .string(customer), "locale": .string(locale), "time_zone": "Asia/Shanghai", "phone": phone, "mail": mail,
                    "push_token": device, "push_platform": platform ?? .null, "private_preview": false,
                ]
            ),
        ]
        if stage == "detected", let code { data.append(("reason", ["source": .string(code.source), "code": .string(code.code)])) }
        if let expectedAt { data.append(("expected_at", .string(expectedAt.description))) }
        if let details { data.append(("details", details)) }
        return [
            "specversion": "1.0", "id": .string(id ?? "ev-\(anomaly)-\(seq)"), "source": "/channels/unionpay",
            "type": .string("com.example.payout.anomaly.\(stage)"), "subject": .string(order), "time": .string(at.description),
            "datacontenttype": "application/json", "data": .object(data + more),
        ]
    }

    /// A limit was hit: told at once, but no push in the night.
    static let limit = Sample(
        kind: "limit_exceeded", code: ("internal", "DAILY_LIMIT_HIT"),
        details: ["limit": ["minor": 100_000, "currency": "CNY", "period": "day", "owner": "platform"]])
    /// Wrong account details: urgent, told after 30 seconds; in the night without SMS.
    static let details = Sample(kind: "account_info_error", code: ("iso20022_status_reason", "AC01"))
}
