import Core
import StrictYAML

extension SettingsReader {
    func listen() -> Settings.Listen? {
        let proxy = layers.value("behind_proxy")?.node.bool()
        guard let node = layers.value("listen")?.node, let text = node.text() else { return nil }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            node.fail("expected host:port", hint: "127.0.0.1:8080 or [::1]:8080")
            return nil
        }
        var host = String(text[..<colon])
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, isBracketed == host.contains(":"), host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }) else {
            node.fail("expected host:port", hint: "127.0.0.1:8080 or [::1]:8080")
            return nil
        }
        guard let proxy else { return nil }
        let listen = Settings.Listen(host: host, port: Int(port), isBehindProxy: proxy)
        if !listen.isLoopback, !proxy {
            node.fail(
                "would serve without TLS on a network",
                hint: "listen on 127.0.0.1, or put a proxy with TLS in front and set behind_proxy: true")
        }
        return listen
    }

    /// Without `/` at its end: it is part of what providers sign.
    func receiptsURL() -> String? {
        guard let node = layers.value("receipts.url")?.node, var text = node.text() else { return nil }
        if text.hasSuffix("/") { text.removeLast() }
        let host = text.firstRange(of: "://").map { text[$0.upperBound...].prefix { $0 != "/" && $0 != ":" } } ?? ""
        let isOwn = host == "localhost" || host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == 0x2E || ($0 >= 0x30 && $0 <= 0x39) }
        guard text.hasPrefix("https://") || text.hasPrefix("http://") && isOwn, !host.isEmpty, text.utf8.count <= 256,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}#?@%".utf8.contains($0) })
        else {
            node.fail("expected an https URL without user, query and fragment", hint: "https://notices.pay.example")
            return nil
        }
        return text
    }

    func cataloguePaths() -> Settings.CataloguePaths? {
        let kinds = path("catalogue.kinds")
        let baselines = path("catalogue.baselines")
        let rails = path("catalogue.rails")
        let holidays = path("catalogue.holidays")
        let codes = layers.value("catalogue.codes").map { value in value.node.texts().map { resolve($0, value) } }
        guard let kinds, let baselines, let rails, let holidays, let codes else { return nil }
        return Settings.CataloguePaths(kinds: kinds, codes: codes, baselines: baselines, rails: rails, holidays: holidays)
    }

    func brand() -> Settings.Brand? {
        var names: [TextLocale: String] = [:]
        for locale in TextLocale.allCases where locale.isReviewed || layers.value("brand.name.\(locale.rawValue)") != nil {
            let key = "brand.name.\(locale.rawValue)"
            names[locale] = harmless(key, limit: BrandRule.mostCharacters)
            guard let name = names[locale], let letter = BrandRule.stranger(in: name, isGSM: locale.isGSM) else { continue }
            layers.value(key)?.node.fail(
                "\(letter) is not in the GSM alphabet, and the name begins every SMS",
                hint: (GSMAlphabet.replacement(for: letter).map { "write \($0): " } ?? "")
                    + "one such letter leaves 70 instead of 160 characters for the text")
        }
        let support = harmless("brand.support", limit: BrandRule.mostDigits)
        let base = linkBase()
        guard TextLocale.reviewed.allSatisfy({ names[$0] != nil }), let support, let base else { return nil }
        return Settings.Brand(names: names, support: support, linkBase: base)
    }

    /// A text that goes into every notice: no markup, no control character, short enough for an SMS.
    private func harmless(_ key: String, limit: Int) -> String? {
        guard let node = layers.value(key)?.node else {
            layers.missing(key)
            return nil
        }
        guard let text = node.text() else { return nil }
        guard PlainText(text, limit: limit).description == text else {
            node.fail("is longer than \(limit) characters or holds markup, doubled blanks or control characters")
            return nil
        }
        return text
    }

    private func linkBase() -> String? {
        guard let node = layers.value("brand.link_base")?.node else {
            layers.missing("brand.link_base")
            return nil
        }
        guard let text = node.text() else { return nil }
        let rest = text.dropFirst("https://".count)
        guard text.hasPrefix("https://"), rest.count > 1, rest.first != "/", text.hasSuffix("/"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}#?@".utf8.contains($0) })
        else {
            node.fail("expected a URL that begins with https:// and ends with /", hint: "https://pay.example/w/")
            return nil
        }
        return text
    }

    func zone() -> String? {
        guard let node = layers.value("defaults.zone")?.node, let text = node.text() else { return nil }
        guard ZoneName.isKnown(text) else {
            ZoneName.fail(node, text)
            return nil
        }
        return text
    }

    func country() -> String? {
        guard let node = layers.value("defaults.country")?.node, let text = node.text() else { return nil }
        guard HolidayReader.isCountry(text) else {
            node.fail("expected a country", hint: HolidayReader.hint)
            return nil
        }
        return text
    }

    func typePrefix() -> String? {
        guard let node = layers.value("events.type_prefix")?.node, let text = node.text() else { return nil }
        guard Identifier.isValid(text, limit: 128), text.hasSuffix(".") else {
            node.fail("expected a reversed domain name with a point at its end", hint: "com.example.payout.")
            return nil
        }
        return text
    }

    func limits() -> Settings.Limits? {
        let event = size("events.max_size", in: 1024...(1 << 20))
        let batch = size("events.max_batch_size", in: 1024...(64 << 20))
        let pending = layers.value("events.max_pending")?.node.int(in: 1000...100_000_000)
        let free = size("store.min_free", in: 0...(1 << 40))
        guard let event, let batch, let pending, let free else { return nil }
        if batch < event { layers.fail("events.max_batch_size", "is smaller than one event may be") }
        return Settings.Limits(event: event, batch: batch, pending: pending, free: free)
    }

    func mailAddress(_ key: String) -> MailAddress? {
        guard let node = layers.value(key)?.node, let text = node.text() else { return nil }
        guard let address = MailAddress(text) else {
            node.fail("expected one mail address", hint: "payments-ops@pay.example")
            return nil
        }
        return address
    }
}
