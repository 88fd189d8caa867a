public import Core

/// Who speaks: from the settings, never from an event.
public struct Brand: Hashable, Sendable {
    /// The platform's name as customers know it; a locale without its own uses the English one.
    public var names: [TextLocale: PlainText]
    /// The support telephone number as it is printed.
    public var support: PlainText
    /// `https://pay.example/app` or the app's own scheme, `examplepay://open`; links are built under it.
    public var linkBase: String
    public init(names: [TextLocale: PlainText], support: PlainText, linkBase: String) {
        (self.names, self.support, self.linkBase) = (names, support, linkBase)
    }

    public func name(in locale: TextLocale) -> PlainText? { names[locale] ?? names[.en] }

    /// `https://pay.example/app/bank_card_edit?order=WD1`: the platform's own address and the order number, nothing secret.
    public func link(_ name: String, order: OrderNumber) -> String {
        linkBase + (linkBase.hasSuffix("/") ? "" : "/") + name + "?order=" + order.description
    }

    /// Whether a link base may stand in a mail's button: HTTPS or an app's own scheme, without spaces and quotes.
    public static func accepts(linkBase: String) -> Bool {
        guard let colon = linkBase.firstIndex(of: ":"), linkBase[colon...].hasPrefix("://"), linkBase[colon...].utf8.count > 3 else {
            return false
        }
        let scheme = linkBase[..<colon].lowercased()
        let isName = scheme.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || [0x2B, 0x2D, 0x2E].contains($0) }
        let refused = ["http", "javascript", "data", "file", "vbscript", "ftp"]
        return isName && scheme.first?.isLetter == true && !refused.contains(scheme)
            && linkBase.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Set("\"'<>`{}?#".utf8).contains($0) }
    }
}
