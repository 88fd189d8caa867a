public import Core

extension TemplateSet {
    /// Built-in values for previews and for counting.
    public enum SampleSize: String, Sendable, CaseIterable {
        case usual
        /// The longest that really occur: long bank names, the longest word of each list.
        case long
        /// The longest our types let through.
        case extreme
    }

    /// Facts with every field a text of this kind may print, for previews, checks and tests.
    public func sampleFacts(kind: Kind, stage: NoticeStage = .opened, variant: String? = nil, locale: TextLocale, size: SampleSize = .usual)
        -> Facts
    {
        var facts = Facts()
        let isUsual = size == .usual
        facts.set(.order, Samples.order(size))
        facts.set(.firstOrder, Samples.order(size, "WD261120000871"))
        facts.set(.bank, PlainText(Samples.bank(locale, size)))
        facts.set(.wallet, PlainText(isUsual ? Samples.wallet(locale) : Samples.bank(locale, size)))
        facts.set(.tail4, Tail4("4242"))
        let currency = Currency(Samples.currency(locale))
        func money(_ minor: Int64) -> Money? { currency.map { Money(minor: isUsual ? minor : 123_456_789_000, currency: $0) } }
        facts.set(.amount, money(128000))
        facts.set(.limit, money(5_000_000))
        facts.set(.eta, Samples.moment)
        facts.set(.refundETA, Samples.moment)
        facts.set(.deadline, Samples.moment + .days(3))
        facts.set(.receivedAt, Samples.moment - .hours(2))
        facts.set(.submittedAt, Samples.moment - .hours(27))
        facts.set(.waited, isUsual ? Duration.hours(27) : .minutes(23 * 60 + 48))
        facts.set(.usualWait, isUsual ? Duration.hours(2) : .minutes(23 * 60 + 48))
        // Whoever's zone is unknown is told which one it is, in an SMS too.
        facts.isZoneAssumed = !isUsual
        facts.set(.traceRef, PlainText(isUsual ? "TR20261121000042" : "BANKTRACE0000000000000000000000042"))
        let wanted = Samples.materials[kind] ?? ["id_document", "address_proof"]
        facts.set(
            .materials, terms: isUsual ? Array(wanted.prefix(1)) : longest(size == .long ? 1 : 2, of: .materials, locale), of: .materials)
        func term(_ field: Field, _ list: Vocabulary, _ usual: String) {
            facts.set(field, term: isUsual ? usual : longest(1, of: list, locale).first ?? usual, of: list)
        }
        term(.field, .accountFields, "holder_name")
        term(.limitName, .limitNames, variant == "single" ? "single" : "day")
        term(.limitOwner, .limitOwners, "platform")
        term(.method, .rails, "cn_instant")
        term(.reason, .plainReasons, kind == .payoutCancelled ? "customer_request" : "account_closed")
        term(.feeNote, .feeNotes, "refunded")
        term(.progress, .progressSteps, Samples.steps[kind] ?? "bank_processing")
        facts.set(.amountRule, phrase: "minimum", of: .amountRules, with: money(1000).map { [.ruleAmount: .money($0)] } ?? [:])
        facts.set(.window, phrase: "until", of: .windows, with: [.until: .instant(Samples.moment)])
        facts.set(.funds, isUsual ? Samples.funds(kind, stage) : .returning)
        return facts
    }

    /// The names of the longest words of a list.
    private func longest(_ count: Int, of list: Vocabulary, _ locale: TextLocale) -> [String] {
        let words = words[locale]?.terms[list] ?? [:]
        return words.sorted { ($0.value.words.utf8.count, $0.key) > ($1.value.words.utf8.count, $1.key) }.prefix(count).map(\.key)
    }
}

extension Brand {
    /// An invented platform, for previews and checks.
    public static let sample = Brand(
        names: [.zhHans: PlainText("示例支付"), .zhHant: PlainText("示例支付"), .en: PlainText("ExamplePay")], support: PlainText("400-000-0000"),
        linkBase: "https://pay.example.com/app")

    /// The longest that settings may name, in the coding that the language allows.
    static let longest = Brand(
        names: Dictionary(
            uniqueKeysWithValues: TextLocale.allCases.map {
                ($0, PlainText(String(repeating: $0.isGSM ? "W" : "银", count: BrandRule.mostCharacters)))
            }),
        support: PlainText(String(repeating: "0", count: BrandRule.mostDigits)), linkBase: sample.linkBase)
}

enum Samples {
    /// 2026-11-21 18:00 in Shanghai.
    static let moment = Timestamp(seconds: 1_795_255_200)
    static func currency(_ locale: TextLocale) -> String {
        switch locale {
        case .zhHans: "CNY"
        case .zhHant: "HKD"
        case .ja: "JPY"
        case .ko: "KRW"
        case .ar: "AED"
        case .ptBR: "BRL"
        case .id: "IDR"
        case .vi: "VND"
        case .th: "THB"
        case .en, .es, .fr, .de: "EUR"
        }
    }
    static func wallet(_ locale: TextLocale) -> String {
        switch locale {
        case .zhHans: "支付宝"
        case .zhHant: "微信支付"
        case .th: "TrueMoney"
        case .id: "GoPay"
        case .vi: "MoMo"
        default: "PayPal"
        }
    }
    static let materials: [Kind: [String]] = [
        .identityRequired: ["address_proof"], .riskHold: ["source_of_funds"], .notArrived: ["statement_excerpt"],
    ]
    static let steps: [Kind: String] = [
        .riskHold: "under_review", .complianceRestricted: "under_review", .channelOutage: "channel_restored",
    ]

    static func order(_ size: TemplateSet.SampleSize, _ usual: String = "WD261121000042") -> OrderNumber? {
        OrderNumber(size == .extreme ? String(repeating: "W", count: 64) : size == .long ? usual + "42" : usual)
    }

    static func bank(_ locale: TextLocale, _ size: TemplateSet.SampleSize) -> String {
        switch (locale, size) {
        case (.zhHans, .usual): "招商银行"
        case (.zhHans, .long): "中国邮政储蓄银行股份有限公司"
        case (.zhHant, .usual): "恒生銀行"
        case (.zhHant, .long): "香港上海滙豐銀行有限公司"
        case (.ja, .usual): "三井住友銀行"
        case (.ja, .long): "三菱UFJ信託銀行株式会社"
        case (.ko, .usual): "신한은행"
        case (.ko, .long): "한국스탠다드차타드은행"
        case (.ar, .usual): "مصرف الراجحي"
        case (.ar, .long): "البنك الأهلي السعودي"
        case (.th, .usual): "ธนาคารกสิกรไทย"
        case (.th, .long): "ธนาคารกรุงศรีอยุธยา"
        case (_, .usual): "Commerzbank"
        case (_, .long): "Standard Chartered"
        // What an event may hold in any language, in the costlier coding.
        case (_, .extreme): String(repeating: "银", count: 60)
        }
    }

    /// A money state as the kind's own history has it.
    static func funds(_ kind: Kind, _ stage: NoticeStage) -> FundsState {
        switch stage {
        case .resolvedArrived: return .paid
        case .resolvedRefunded, .reviewDeclined: return .inBalance
        case .opened, .progress, .reviewApproved, .materialsReminder, .incidentOver, .stillWaiting, .correction: break
        }
        switch kind {
        case .bankDelay, .networkProblem, .recipientActionRequired: return .inTransit
        case .accountInfoError, .accountUnavailable, .limitExceeded, .routeUnsupported: return .returning
        case .identityRequired, .riskHold, .complianceRestricted, .platformError, .channelOutage: return .held
        case .insufficientBalance, .amountError, .duplicateRequest: return .notDebited
        case .notArrived, .statusUnknown: return .unknown
        case .payoutReturned, .payoutCancelled: return .inBalance
        }
    }
}
