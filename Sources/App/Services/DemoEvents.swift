import Core

/// The events of the demo: six invented people whose phones, mailboxes and inboxes its page shows. The same seed and moment give the same events.
///
/// Telephone numbers are not in service, mail ends in example.com, order numbers begin with WD.
struct DemoEvents: Sendable {
    private var chance: Chance
    private let now: Timestamp
    private var serial: Int

    init(seed: UInt64 = 1, now: Timestamp) {
        chance = Chance(state: seed)
        self.now = now
        serial = 1000 + Int(chance.next() % 8000)
    }

    struct Person: Sendable {
        var id, locale, zone: String
        var phone, mail, device: String?
        var privatePreview = false
    }

    static let people = [
        Person(
            id: "CU900001", locale: "zh-Hans", zone: "Asia/Shanghai", phone: "+8610000000011", mail: "li.lei@example.com",
            device: "test-device-li-lei"),
        Person(
            id: "CU900002", locale: "zh-Hant", zone: "Asia/Hong_Kong", phone: "+85200000012", mail: "chan.tm@example.com",
            device: "test-device-chan"),
        Person(
            id: "CU900003", locale: "en", zone: "Europe/London", phone: "+447700900013", mail: "amelia@example.com",
            device: "test-device-amelia"),
        Person(
            id: "CU900004", locale: "en", zone: "America/New_York", phone: "+12025550114", mail: "noah@example.com",
            device: "test-device-noah",
            privatePreview: true),
        Person(id: "CU900005", locale: "zh-Hans", zone: "Asia/Shanghai", phone: nil, mail: "wang.fang@example.com", device: nil),
        Person(id: "CU900006", locale: "en", zone: "Europe/Berlin", phone: "+490000000016", mail: nil, device: nil),
    ]

    /// One payout, from which its events are made.
    struct Payout: Sendable {
        var order, anomaly: String
        var person: Person
        var bank: (code: String, name: String)
        var rail: String
        var minor: Int64
        var currency: String
        var tail: String
        var submitted: Timestamp
        var seq = 0
    }

    // MARK: Making

    mutating func payout(of person: Person? = nil, bank: String? = nil, submitted ago: Duration = .minutes(3)) -> Payout {
        serial += 1 + Int(chance.next() % 7)
        let person = person ?? Self.people[Int(chance.next() % UInt64(Self.people.count))]
        let home = Self.home(of: person, bank: bank)
        let day = String(now.description.prefix(10)).split(separator: "-").joined().dropFirst(2)
        return Payout(
            order: "WD\(day)\(String(serial + 100_000).suffix(6))", anomaly: "an-\(chance.hex(12))", person: person, bank: home.bank,
            rail: home.rail,
            minor: Int64(10_00 + chance.next() % 250_000), currency: home.currency,
            tail: String(String(chance.next() % 10_000 + 10_000).suffix(4)),
            submitted: now - ago)
    }

    private static func home(of person: Person, bank: String?) -> (bank: (code: String, name: String), rail: String, currency: String) {
        if bank == "ICBC" { return (("ICBC", person.locale == "en" ? "ICBC" : "工商银行"), "cn_instant", "CNY") }
        return switch person.zone {
        case "Asia/Shanghai": (("CMB", "招商银行"), "cn_instant", "CNY")
        case "Asia/Hong_Kong": (("HSBCHK", "滙豐銀行"), "hk_fps", "HKD")
        case "Europe/London": (("BARCGB22", "Barclays"), "uk_fps", "GBP")
        case "America/New_York": (("CHASUS33", "JPMorgan Chase"), "us_rtp", "USD")
        default: (("COBADEFF", "Commerzbank"), "sepa_inst", "EUR")
        }
    }

    /// `anomaly.detected`, with details that the texts of the kind need.
    mutating func detected(_ payout: inout Payout, _ kind: Kind, code: String? = nil, at ago: Duration = .zero) -> JSON {
        var data: [(String, JSON)] = [("kind", .string(kind.rawValue)), ("stage", "detected")]
        if let code = code ?? Self.code(for: kind) { data.append(("reason", ["source": "internal", "code": .string(code)])) }
        data.append(("funds_state", .string(Self.funds(for: kind).rawValue)))
        data.append(("expected_at", Self.isPromised(kind) ? .string(Planner.hour(after: now + .hours(2)).description) : .null))
        let details = details(for: kind, payout)
        if !details.isEmpty { data.append(("details", .object(details))) }
        return event("detected", &payout, data, at: now - ago)
    }

    mutating func updated(_ payout: inout Payout, _ kind: Kind, step: String, at ago: Duration = .zero) -> JSON {
        event(
            "updated", &payout,
            [
                ("kind", .string(kind.rawValue)), ("stage", "updated"), ("step", .string(step)),
                ("funds_state", .string(Self.funds(for: kind).rawValue)),
                ("expected_at", .string(Planner.hour(after: now + .hours(3)).description)),
            ], at: now - ago)
    }

    mutating func resolved(_ payout: inout Payout, _ kind: Kind, _ outcome: Resolution, at ago: Duration = .zero) -> JSON {
        event(
            "resolved", &payout,
            [
                ("kind", .string(kind.rawValue)), ("stage", "resolved"), ("outcome", .string(outcome.rawValue)),
                ("funds_state", .string(outcome == .arrived ? "paid" : "in_balance")),
            ], at: now - ago)
    }

    private mutating func event(_ word: String, _ payout: inout Payout, _ parts: [(String, JSON)], at time: Timestamp) -> JSON {
        payout.seq += 1
        let person = payout.person
        func text(_ value: String?) -> JSON { value.map(JSON.string) ?? .null }
        let data: [(String, JSON)] =
            [("schema", 1), ("payout_id", .string(payout.order)), ("seq", .integer(payout.seq)), ("anomaly_id", .string(payout.anomaly))]
            + parts + [
                ("occurred_at", .string(time.description)), ("channel", "sample"), ("rail", .string(payout.rail)),
                ("bank", ["code": .string(payout.bank.code), "name": .string(payout.bank.name)]),
                ("account", ["type": "card", "last4": .string(payout.tail)]),
                ("amount", ["minor": .integer(payout.minor), "currency": .string(payout.currency)]),
                ("submitted_at", .string(payout.submitted.description)),
                (
                    "customer",
                    [
                        "id": .string(person.id), "locale": .string(person.locale), "time_zone": .string(person.zone),
                        "phone": text(person.phone),
                        "mail": text(person.mail), "push_token": text(person.device), "private_preview": .bool(person.privatePreview),
                    ]
                ),
            ]
        return [
            "specversion": "1.0", "id": .string("ev-\(chance.hex(16))"), "source": "/channels/sample",
            "type": .string("com.example.payout.anomaly.\(word)"), "subject": .string(payout.order), "time": .string(time.description),
            "datacontenttype": "application/json", "receivedat": .string(max(now, time).description), "data": .object(data),
        ]
    }

    // MARK: What a kind brings

    private static func code(for kind: Kind) -> String? {
        switch kind {
        case .bankDelay: "PENDING_OVER_THRESHOLD"
        case .identityRequired: "KYC_LEVEL_TOO_LOW"
        case .riskHold: "RISK_RULE_HIT"
        case .complianceRestricted: "SCREENING_HIT"
        case .insufficientBalance: "LEDGER_BALANCE_SHORT"
        case .limitExceeded: "DAILY_LIMIT_HIT"
        case .amountError: "AMOUNT_BELOW_MINIMUM"
        case .platformError: "QUEUE_BACKLOG"
        case .networkProblem: "CONNECT_FAILED"
        case .channelOutage: "CHANNEL_ERROR_RATE_HIGH"
        case .routeUnsupported: "BANK_NOT_SUPPORTED"
        case .notArrived: "CUSTOMER_SAYS_NOT_ARRIVED"
        case .statusUnknown: "READ_TIMEOUT"
        case .payoutReturned: "RETURN_POSTED"
        case .recipientActionRequired: "CLAIM_PENDING"
        case .duplicateRequest: "DUPLICATE_CLIENT_REQUEST"
        case .payoutCancelled: "CUSTOMER_CANCELLED"
        case .accountInfoError, .accountUnavailable: nil
        }
    }

    private static func funds(for kind: Kind) -> FundsState {
        switch kind {
        case .bankDelay, .networkProblem, .recipientActionRequired: .inTransit
        case .accountInfoError, .accountUnavailable, .limitExceeded, .routeUnsupported: .returning
        case .identityRequired, .riskHold, .complianceRestricted, .platformError, .channelOutage: .held
        case .insufficientBalance, .amountError, .duplicateRequest: .notDebited
        case .notArrived, .statusUnknown: .unknown
        case .payoutReturned, .payoutCancelled: .inBalance
        }
    }

    private static func isPromised(_ kind: Kind) -> Bool {
        switch kind {
        case .bankDelay, .identityRequired, .riskHold, .complianceRestricted, .platformError, .networkProblem, .channelOutage, .notArrived,
            .statusUnknown:
            true
        default: false
        }
    }

    private mutating func details(for kind: Kind, _ payout: Payout) -> [(String, JSON)] {
        let deadline = JSON.string(Planner.hour(after: now + .hours(72)).description)
        switch kind {
        case .accountInfoError: return [("field", "holder_name")]
        case .identityRequired: return [("materials", ["id_document", "selfie_check"]), ("deadline", deadline)]
        case .limitExceeded:
            return [
                ("limit", ["minor": .integer(payout.minor / 2), "currency": .string(payout.currency), "period": "day", "owner": "bank"])
            ]
        case .amountError: return [("amount_rule", ["rule": "minimum", "minor": 1000, "currency": .string(payout.currency)])]
        case .notArrived: return [("trace_ref", .string("TR\(chance.hex(8).uppercased())"))]
        case .payoutReturned: return [("plain_reason", "account_closed"), ("fee", "refunded")]
        case .recipientActionRequired: return [("deadline", deadline), ("wallet", .string(payout.bank.code))]
        case .duplicateRequest: return [("first_payout_id", .string(payout.order + "1"))]
        case .payoutCancelled: return [("plain_reason", "customer_request")]
        default: return []
        }
    }
}

/// splitmix64: small, seeded, the same on every machine.
struct Chance: Sendable {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
    mutating func hex(_ digits: Int) -> String {
        var out = ""
        while out.count < digits { out += String(next() | 1 << 63, radix: 16) }
        return String(out.suffix(digits))
    }
}
