import Core

extension LocaleRules {
    /// How several words become one list. Source: CLDR 42, the list pattern `standard`; English as in Britain, without a comma before "and".
    struct List: Sendable {
        /// Between two members that are all, between members with more to come, before the last of more than two.
        var pair, middle, last: StaticString
        /// "y" becomes "e" before the sound of i.
        private var isSpanish = false

        /// - Parameters:
        ///   - next: the member that the separator stands before.
        ///   - place: its place, from 1 on.
        func separator(before next: String, at place: Int, of count: Int) -> StaticString {
            guard place == count - 1 else { return middle }
            if isSpanish, Self.soundsLikeI(next) { return " e " }
            return count == 2 ? pair : last
        }

        private static func soundsLikeI(_ word: String) -> Bool {
            let start = word.prefix(3).lowercased()
            return start.hasPrefix("i") || start.hasPrefix("hi") && !start.hasSuffix("a") && !start.hasSuffix("e")
        }

        private init(_ and: StaticString, middle: StaticString = ", ") { (pair, self.middle, last) = (and, middle, and) }

        init(_ locale: TextLocale) {
            switch locale {
            case .zhHans, .zhHant: self.init("和", middle: "、")
            case .en: self.init(" and ")
            case .ja: self.init("、", middle: "、")
            case .ko: self.init(" 및 ")
            case .ar: self.init(" و", middle: " و")
            case .es:
                self.init(" y ")
                isSpanish = true
            case .ptBR: self.init(" e ")
            case .fr: self.init(" et ")
            case .de: self.init(" und ")
            case .id:
                self.init(" dan ")
                last = ", dan "
            case .vi: self.init(" và ")
            case .th:
                self.init("และ", middle: " ")
                last = " และ"
            }
        }
    }
}
