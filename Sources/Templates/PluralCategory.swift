public import Core

/// The CLDR's plural categories of whole numbers: which form of a sentence goes with a count. Source: CLDR 42, `plurals.xml`, cardinal rules for
/// operands without visible fraction digits.
public enum PluralCategory: String, Sendable, Hashable, CaseIterable {
    case zero, one, two, few, many, other

    /// - Parameter count: not negative.
    public init(_ count: Int, in locale: TextLocale) {
        switch locale {
        case .zhHans, .zhHant, .ja, .ko, .id, .vi, .th: self = .other
        case .en, .de: self = count == 1 ? .one : .other
        case .es: self = count == 1 ? .one : Self.isMillions(count) ? .many : .other
        case .fr, .ptBR: self = count <= 1 ? .one : Self.isMillions(count) ? .many : .other
        case .ar: self = Self.arabic(count)
        }
    }

    /// "1 million de retraits": a preposition of its own.
    private static func isMillions(_ count: Int) -> Bool { count != 0 && count % 1_000_000 == 0 }

    private static func arabic(_ count: Int) -> Self {
        switch count {
        case 0: return .zero
        case 1: return .one
        case 2: return .two
        default: break
        }
        switch count % 100 {
        case 3...10: return .few
        case 11...99: return .many
        default: return .other
        }
    }

    /// The categories that a text in this language has to have; the rest fall to `other`.
    static func needed(in locale: TextLocale) -> [PluralCategory] {
        switch locale {
        case .zhHans, .zhHant, .ja, .ko, .id, .vi, .th: [.other]
        case .en, .de, .es, .fr, .ptBR: [.one, .other]
        case .ar: [.one, .two, .few, .many, .other]
        }
    }
    /// Those that it may have.
    static func known(in locale: TextLocale) -> [PluralCategory] {
        switch locale {
        case .es, .fr, .ptBR: [.one, .many, .other]
        case .ar: allCases
        default: needed(in: locale)
        }
    }
}
