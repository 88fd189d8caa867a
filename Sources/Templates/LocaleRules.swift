public import Core

/// How a language writes dates, money, lists and punctuation, and what its messages may cost. Data, so that no machine's locale files change what
/// a customer reads; compared with ICU in the tests. Sources: CLDR 42 (`MMMdHm`, currency patterns, months); docs/templates.md has the differences.
struct LocaleRules: Sendable {
    enum DatePart: Sendable {
        case day, month, monthName
        /// With two digits, or as many as it has.
        case hour2, hour, minute
        case words(StaticString)
    }
    struct MoneyStyle: Sendable {
        enum Place: Sendable {
            /// A code in front of a number has a space behind it, a sign has none.
            case front
            case frontSpaced, behindSpaced
        }
        var place: Place = .front
        var group: StaticString = ","
        var decimal: StaticString = "."
        static let plain = MoneyStyle()
        static let continental = MoneyStyle(place: .behindSpaced, group: ".", decimal: ",")
    }

    var months: [StaticString] = []
    /// In the GSM alphabet, where one letter of a month would be the only one outside of it.
    var monthsOfSMS: [StaticString]?
    /// Day, month, hour and minute.
    var date: [DatePart]
    var money = MoneyStyle.plain
    /// The sign of a currency that is unmistakable among readers of this language only.
    var home: (code: String, sign: StaticString)?
    let list: List
    let zone: Zone
    let duration: Lengths
    /// Between a label and what it labels, at the end of a line.
    var colon: StaticString = ":"
    /// Between two sentences.
    var gap: StaticString = " "
    /// Behind a number of times.
    var times: StaticString = ""
    /// Around the sender's name in front of an SMS.
    var signature: (before: String, after: String) = ("", ": ")
    var isRightToLeft = false
    /// What its letters allow: an SMS in the GSM alphabet has 153 characters a part, any other 67.
    let isGSM: Bool
    /// Parts of an SMS with usual values.
    var parts = 3
    /// Beyond these the names of banks are cut.
    var mostParts: Int { isGSM || parts < 3 ? 4 : 6 }
    /// More than these are a mistake, not a message, whatever the values. A language of the GSM alphabet may meet a name that is not.
    var utmostParts: Int { isGSM ? 6 : mostParts }
    /// Characters of a push that a lock screen shows; Han characters are twice as wide.
    var pushTitle = 50, pushBody = 150

    private init(_ locale: TextLocale, _ date: [DatePart], _ months: [StaticString] = [], _ change: (inout LocaleRules) -> Void = { _ in })
    {
        isGSM = locale.isGSM
        (self.date, self.months, list, zone, duration) = (date, months, List(locale), Zone(locale), Lengths(locale))
        change(&self)
    }

    static func of(_ locale: TextLocale) -> LocaleRules { all[Int(locale.ordinal)] }
    private static let all = TextLocale.allCases.map(make)

    private static func make(_ locale: TextLocale) -> LocaleRules {
        switch locale {
        case .zhHans, .zhHant:
            LocaleRules(locale, [.month, .words("月"), .day, .words("日"), .hour2, .words(":"), .minute]) {
                chinese(&$0)
                if locale == .zhHans { $0.home = ("CNY", "¥") }
            }
        case .en:
            LocaleRules(
                locale, [.day, .words(" "), .monthName, .words(" "), .hour2, .words(":"), .minute],
                ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            ) {
                $0.parts = 1
                ($0.pushTitle, $0.pushBody) = (40, 120)
            }
        case .ja:
            LocaleRules(locale, [.month, .words("月"), .day, .words("日 "), .hour, .words(":"), .minute]) {
                ($0.colon, $0.gap, $0.times) = ("：", "", "回")
                $0.home = ("JPY", "¥")
            }
        case .ko: LocaleRules(locale, [.month, .words("월 "), .day, .words("일 "), .hour2, .words(":"), .minute]) { $0.times = "회" }
        case .ar:
            LocaleRules(
                locale, [.day, .words(" "), .monthName, .words("، "), .hour2, .words(":"), .minute],
                ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"]
            ) {
                $0.money.place = .behindSpaced
                $0.isRightToLeft = true
            }
        case .es:
            LocaleRules(
                locale, [.day, .words(" "), .monthName, .words(", "), .hour, .words(":"), .minute],
                ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"]
            ) { $0.money = .continental }
        case .ptBR:
            LocaleRules(
                locale, [.day, .words(" de "), .monthName, .words(", "), .hour2, .words(":"), .minute],
                ["jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.", "dez."]
            ) { $0.money = MoneyStyle(place: .frontSpaced, group: ".", decimal: ",") }
        case .fr:
            LocaleRules(
                locale, [.day, .words(" "), .monthName, .words(", "), .hour2, .words(":"), .minute],
                ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
            ) {
                $0.money = MoneyStyle(place: .behindSpaced, group: "\u{202F}", decimal: ",")
                $0.colon = " :"
                $0.monthsOfSMS = $0.months
                $0.monthsOfSMS?[7] = "aout"
            }
        case .de:
            LocaleRules(
                locale, [.day, .words(". "), .monthName, .words(", "), .hour2, .words(":"), .minute],
                ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."]
            ) {
                $0.money = .continental
                $0.parts = 2
            }
        case .id:
            LocaleRules(
                locale, [.day, .words(" "), .monthName, .words(", "), .hour2, .words("."), .minute],
                ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"]
            ) {
                $0.money = MoneyStyle(group: ".", decimal: ",")
                $0.parts = 2
            }
        case .vi:
            LocaleRules(locale, [.hour, .words(":"), .minute, .words(" "), .day, .words(" thg "), .month]) { $0.money = .continental }
        case .th:
            LocaleRules(
                locale, [.day, .words(" "), .monthName, .words(" "), .hour2, .words(":"), .minute],
                ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."])
        }
    }

    private static func chinese(_ rules: inout LocaleRules) {
        (rules.colon, rules.gap, rules.times) = ("：", "", "次")
        rules.signature = ("【", "】")
        (rules.parts, rules.pushTitle, rules.pushBody) = (2, 40, 120)
    }
}

extension TextLocale {
    public var isRightToLeft: Bool { LocaleRules.of(self).isRightToLeft }
}
