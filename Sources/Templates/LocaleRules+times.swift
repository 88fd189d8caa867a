import Core

extension LocaleRules {
    /// How a zone is named behind a time, by its distance from Greenwich. Source: CLDR 42, `gmtFormat`, `gmtZeroFormat` and `hourFormat`, in their short form.
    struct Zone: Sendable {
        var name: StaticString = "GMT"
        var before: StaticString = " "
        var after: StaticString = ""
        var minus: StaticString = "-"
        /// Between hours and minutes, which few zones have.
        var colon: StaticString = ":"

        init(_ locale: TextLocale) {
            switch locale {
            // No space, as in the date itself; and in brackets that may stand in others.
            case .zhHans, .zhHant: (before, after) = ("(", ")")
            case .ar: name = "غرينتش"
            case .fr: (name, minus) = ("UTC", "\u{2212}")
            case .id: colon = "."
            default: break
            }
        }
    }

    /// How long something took. Source: CLDR 42, `unitPattern` of `duration-day`, `-hour` and `-minute`, long, and the list pattern `unit`.
    struct Lengths: Sendable {
        enum Unit: Int, CaseIterable {
            case day, hour, minute
            var seconds: Int64 {
                switch self {
                case .day: 86_400
                case .hour: 3600
                case .minute: 60
                }
            }
        }
        /// By category; `#` is the number, and `other` says what has no pattern of its own.
        typealias Patterns = [PluralCategory: StaticString]
        private var patterns: [Patterns]
        /// Between two units.
        let separator: StaticString

        func pattern(_ unit: Unit, _ category: PluralCategory) -> StaticString {
            let own = patterns[unit.rawValue]
            return own[category] ?? own[.other] ?? "#"
        }

        /// Days and hours from a day on, hours and minutes below; a unit of which there are none is left out.
        static func parts(of span: Duration, isRoundedUp: Bool) -> [(unit: Unit, count: Int)] {
            let exact = max(0, span.milliseconds)
            func whole(_ unit: Unit) -> Int64 { (exact + (isRoundedUp ? unit.seconds * 1000 - 1 : 0)) / (unit.seconds * 1000) }
            // 23 hours and 59.5 minutes, rounded up, are a day.
            let minutes = whole(.minute)
            let units: (Unit, Unit) = minutes >= 24 * 60 ? (.day, .hour) : (.hour, .minute)
            let small = units.1 == .minute ? minutes : whole(.hour)
            let ratio = units.0.seconds / units.1.seconds
            let all = [(unit: units.0, count: Int(small / ratio)), (unit: units.1, count: Int(small % ratio))]
            let some = all.filter { $0.count > 0 }
            return some.isEmpty ? [all[1]] : some
        }

        init(_ locale: TextLocale) {
            func same(_ day: StaticString, _ hour: StaticString, _ minute: StaticString) -> [Patterns] {
                [day, hour, minute].map { [.other: $0] }
            }
            func two(_ all: (StaticString, StaticString)...) -> [Patterns] { all.map { [.one: $0.0, .other: $0.1] } }
            switch locale {
            case .zhHans: (patterns, separator) = (same("#天", "#小时", "#分钟"), "")
            case .zhHant: (patterns, separator) = (same("# 天", "# 小時", "# 分鐘"), " ")
            case .en: (patterns, separator) = (two(("# day", "# days"), ("# hour", "# hours"), ("# minute", "# minutes")), ", ")
            case .ja: (patterns, separator) = (same("# 日", "# 時間", "# 分"), " ")
            case .ko: (patterns, separator) = (same("#일", "#시간", "#분"), " ")
            case .ar:
                (patterns, separator) = (
                    [
                        [.one: "يوم", .two: "يومان", .few: "# أيام", .many: "# يومًا", .other: "# يوم"],
                        [.one: "ساعة", .two: "ساعتان", .few: "# ساعات", .other: "# ساعة"],
                        [.one: "دقيقة", .two: "دقيقتان", .few: "# دقائق", .other: "# دقيقة"],
                    ], " و"
                )
            case .es: (patterns, separator) = (two(("# día", "# días"), ("# hora", "# horas"), ("# minuto", "# minutos")), " y ")
            case .ptBR: (patterns, separator) = (two(("# dia", "# dias"), ("# hora", "# horas"), ("# minuto", "# minutos")), " e ")
            case .fr:
                (patterns, separator) = (
                    two(("#\u{A0}jour", "#\u{A0}jours"), ("#\u{A0}heure", "#\u{A0}heures"), ("# minute", "# minutes")), " et "
                )
            case .de:
                (patterns, separator) = (two(("# Tag", "# Tage"), ("# Stunde", "# Stunden"), ("# Minute", "# Minuten")), ", ")
            case .id: (patterns, separator) = (same("# hari", "# jam", "# menit"), ", ")
            case .vi: (patterns, separator) = (same("# ngày", "# giờ", "# phút"), ", ")
            case .th: (patterns, separator) = (same("# วัน", "# ชั่วโมง", "# นาที"), " และ ")
            }
        }
    }
}
