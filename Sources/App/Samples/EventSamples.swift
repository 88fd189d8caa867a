public import Core
import Terminal

/// Events to start from: true to the contract, with times now, made-up people and a reason code that the catalogue maps to the kind.
///
/// The same seed, moment and order of calls give the same bytes. Telephone numbers are of ranges that nobody is reached by (Ofcom's and
/// the NANPA's numbers for drama, unused prefixes elsewhere), mailboxes are of example.com.
public struct EventSamples: Sendable {
    private var random: Seeded
    private let typePrefix: String
    private let catalogue: Catalogue
    private var serial: Int

    /// One payout and the anomaly on it, to be told from the beginning to the end.
    public struct Story: Sendable {
        public let kind: Kind
        public let order: OrderNumber
        public let customer: String
        fileprivate var anomaly: String
        fileprivate var seq = 0
        fileprivate var payout: [(String, JSON)]
        fileprivate var channel: String
    }

    /// - Parameter catalogue: a code that it does not map to the kind is left out of the event.
    public init(seed: UInt64, typePrefix: String, catalogue: Catalogue) {
        (random, self.typePrefix, self.catalogue) = (Seeded(seed), typePrefix, catalogue)
        serial = Int.random(in: 1000..<900_000, using: &random)
    }

    // MARK: One event each

    /// The beginning of a new story. Without a kind, any.
    public mutating func detected(_ kind: Kind? = nil, at now: Timestamp) -> (story: Story, event: JSON) {
        detected(kind ?? Kind.allCases.randomElement(using: &random) ?? .bankDelay, of: nil, at: now)
    }

    /// The same with parts of the story given.
    /// - Parameters:
    ///   - person: nil: somebody who is a customer of the bank.
    ///   - name: a bank's code; nil: any of the person's country.
    ///   - wanted: a reason code, also one that no catalogue knows; nil: one of the kind.
    ///   - waited: since the payout was submitted.
    mutating func detected(
        _ kind: Kind, of person: SamplePerson?, bank name: String? = nil, code wanted: String? = nil, after waited: Duration? = nil,
        at now: Timestamp
    ) -> (story: Story, event: JSON) {
        let banks = SampleBank.all.filter {
            $0.fits(kind) && (person == nil || $0.market == person?.market) && (name == nil || $0.code == name)
        }
        let bank = banks.randomElement(using: &random) ?? SampleBank.all[0]
        let person = person ?? SamplePerson(bank.market, Int.random(in: 0..<100, using: &random))
        serial += Int.random(in: 1...7, using: &random)
        let order = OrderNumber("WD\(Self.day(now))\(Self.padded(serial, 6))") ?? OrderNumber("WD1")!
        let amount = Int64.random(in: 20...4800, using: &random) * 100
        // A delay is told once the bank had its time: this payout has waited long enough.
        let submitted = now - (waited ?? (kind == .bankDelay ? .hours(30) : .seconds(Int64.random(in: 20...600, using: &random))))
        let payout: [(String, JSON)] = [
            ("channel", .string(bank.channel)), ("rail", .string(bank.rail)),
            ("bank", ["code": .string(bank.code), "name": .string(bank.name(person.locale))]),
            (
                "account",
                [
                    "type": .string(bank.isWallet ? "wallet" : "account"),
                    "last4": .string(Self.padded(Int.random(in: 0..<10_000, using: &random), 4)),
                ]
            ),
            ("amount", ["minor": .integer(amount), "currency": .string(bank.currency)]), ("submitted_at", .text(submitted)),
            ("customer", person.json),
        ]
        var story = Story(
            kind: kind, order: order, customer: person.id, anomaly: "an-" + hex(6), payout: payout, channel: bank.channel)
        var data: [(String, JSON)] = [("kind", .code(kind)), ("stage", "detected")]
        let (code, details) = SampleDetails.of(kind, bank: bank, amount: amount, now: now, wanted: wanted, random: &random)
        if let code, wanted != nil || catalogue.code(source: code.source, code: code.code)?.kind == kind {
            data.append(("reason", ["source": .string(code.source), "code": .string(code.code)]))
        }
        data.append(("funds_state", .code(catalogue.kinds[kind]?.funds ?? .unknown)))
        data.append(("occurred_at", .text(now)))
        if let promise = catalogue.kinds[kind]?.promise { data.append(("expected_at", .text((now + promise).roundedUpToHour))) }
        if !details.isEmpty { data.append(("details", .object(details))) }
        let event = envelope("anomaly.detected", &story, data, at: now)
        return (story, event)
    }

    /// The end of a story.
    public mutating func resolved(_ story: inout Story, as outcome: Resolution? = nil, at now: Timestamp) -> JSON {
        let outcome = outcome ?? SampleDetails.end(of: story.kind)
        let funds: FundsState =
            switch outcome {
            case .arrived, .corrected, .falseAlarm: .paid
            case .refunded, .returned, .expired, .declined, .cancelled: .inBalance
            case .closed: .notDebited
            }
        return envelope(
            "anomaly.resolved", &story,
            [
                ("kind", .code(story.kind)), ("stage", "resolved"), ("outcome", .code(outcome)), ("funds_state", .code(funds)),
                ("occurred_at", .text(now)),
            ],
            at: now)
    }

    private mutating func envelope(_ type: String, _ story: inout Story, _ data: [(String, JSON)], at now: Timestamp) -> JSON {
        story.seq += 1
        let head: [(String, JSON)] = [
            ("schema", 1), ("payout_id", .text(story.order)), ("seq", .integer(story.seq)), ("anomaly_id", .string(story.anomaly)),
        ]
        return [
            "specversion": "1.0", "id": .string("ev-" + hex(8)), "source": .string("/channels/" + story.channel),
            "type": .string(typePrefix + type),
            "subject": .text(story.order), "time": .text(now), "datacontenttype": "application/json",
            "data": .object(head + data + story.payout),
        ]
    }

    private mutating func hex(_ bytes: Int) -> String {
        (0..<bytes).map { _ in
            let byte = UInt8.random(in: .min ... .max, using: &random)
            return String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }

    /// `261121`, in UTC.
    private static func day(_ moment: Timestamp) -> String {
        let civil = CivilTime(moment, offset: 0)
        return [civil.year % 100, civil.month, civil.day].map { padded($0, 2) }.joined()
    }

    fileprivate static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

/// A person nobody is.
struct SamplePerson: Sendable {
    var id, locale: String
    var market: SampleBank.Market
    var zone: String
    var phone, mail, device: String?
    var privatePreview = false

    init(
        id: String, locale: String, _ market: SampleBank.Market, phone: String?, mail: String?, device: String?,
        privatePreview: Bool = false
    ) {
        (self.id, self.locale, self.market, zone) = (id, locale, market, market.zone)
        (self.phone, self.mail, self.device, self.privatePreview) = (phone, mail, device, privatePreview)
    }

    /// One of a hundred in each country.
    init(_ market: SampleBank.Market, _ number: Int) {
        func digits(_ count: Int, _ value: Int) -> String { EventSamples.padded(value, count) }
        let (locale, phone) =
            switch market {
            case .cn: ("zh-Hans", "+861000\(digits(7, number))")
            case .hk: ("zh-Hant", "+8520000\(digits(4, number))")
            case .eu: ("en", "+490000\(digits(7, number))")
            case .gb: ("en", "+447700900\(digits(3, number))")
            case .us: ("en", "+12025550\(digits(3, 100 + number))")
            }
        let serial = 100_001 + market.offset + number
        self.init(
            id: "CU\(serial)", locale: locale, market, phone: phone, mail: "customer\(serial)@example.com",
            device: "test-" + String(repeating: digits(2, number), count: 12), privatePreview: number % 5 == 0)
    }

    var json: JSON {
        [
            "id": .string(id), "locale": .string(locale), "time_zone": .string(zone), "phone": .text(phone), "mail": .text(mail),
            "push_token": .text(device), "private_preview": .bool(privatePreview),
        ]
    }
}

/// A real bank on a rail it uses.
struct SampleBank: Sendable {
    enum Market: Int, Sendable {
        case cn, hk, eu, gb, us
        var offset: Int { rawValue * 1000 }
        var zone: String {
            switch self {
            case .cn: "Asia/Shanghai"
            case .hk: "Asia/Hong_Kong"
            case .eu: "Europe/Berlin"
            case .gb: "Europe/London"
            case .us: "America/New_York"
            }
        }
    }
    let code, hans, hant, en: String
    let market: Market
    let rail, channel, currency: String
    var isWallet: Bool { rail.hasPrefix("wallet_") }

    func name(_ locale: String) -> String { locale == "zh-Hans" ? hans : locale == "zh-Hant" ? hant : en }

    /// Only a wallet's recipient has to confirm.
    func fits(_ kind: Kind) -> Bool { kind == .recipientActionRequired ? isWallet : !isWallet }

    private init(
        _ code: String, _ hans: String, _ hant: String, _ en: String, _ market: Market, _ rail: String, _ channel: String,
        _ currency: String
    ) {
        (self.code, self.hans, self.hant, self.en, self.market) = (code, hans, hant, en, market)
        (self.rail, self.channel, self.currency) = (rail, channel, currency)
    }

    static let all = [
        SampleBank("CMB", "招商银行", "招商銀行", "China Merchants Bank", .cn, "cn_instant", "unionpay", "CNY"),
        SampleBank("ICBC", "工商银行", "工商銀行", "ICBC", .cn, "cn_instant", "unionpay", "CNY"),
        SampleBank("PSBC", "邮储银行", "郵儲銀行", "Postal Savings Bank", .cn, "cn_instant", "unionpay", "CNY"),
        SampleBank("ALIPAY", "支付宝", "支付寶", "Alipay", .cn, "wallet_alipay", "alipay", "CNY"),
        SampleBank("HASE", "恒生银行", "恒生銀行", "Hang Seng Bank", .hk, "hk_fps", "bank_direct", "HKD"),
        SampleBank("COBADEFF", "德国商业银行", "德國商業銀行", "Commerzbank", .eu, "sepa_inst", "adyen", "EUR"),
        SampleBank("MONZGB2L", "Monzo", "Monzo", "Monzo", .gb, "uk_fps", "modulr", "GBP"),
        SampleBank("CHASUS33", "摩根大通银行", "摩根大通銀行", "JPMorgan Chase", .us, "us_rtp", "bank_direct", "USD"),
        SampleBank("PAYPAL", "PayPal", "PayPal", "PayPal", .us, "wallet_paypal", "paypal", "USD"),
    ]
}

/// The same numbers for the same seed (SplitMix64). Never for keys.
struct Seeded: RandomNumberGenerator, Sendable {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
