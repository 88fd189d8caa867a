public import Core
import Glibc
public import Providers
import StrictYAML

extension Settings {
    /// Which settings file is meant: the flag's, else `CLARION_CONFIG`, else `config/clarion.yaml` below the current directory.
    public static func locate(flag: String? = nil, environment: [String: String]) -> String {
        if let flag { return flag }
        if let named = environment["CLARION_CONFIG"], !named.isEmpty { return named }
        return "config/clarion.yaml"
    }

    /// Reads the settings alone, with everything that is not in order at once.
    ///
    /// - Parameter overrides: key → text, from flags; they win over the environment, which wins over the file.
    /// - Returns: the settings and the warnings.
    public static func read(
        file: String, environment: [String: String] = [:], overrides: [String: String] = [:], providers: [any Provider.Type] = Providers.providers
    ) throws(Problems) -> (settings: Settings, warnings: [Problem]) {
        let findings = Findings()
        let settings = read(file: file, environment: environment, overrides: overrides, providers: providers, findings)
        try findings.throwErrors()
        guard let settings else { throw Problems([Problem("cannot be read", file: file)]) }
        return (settings, findings.warnings)
    }

    static func read(
        file: String, environment: [String: String], overrides: [String: String], providers: [any Provider.Type], _ findings: Findings
    ) -> Settings? {
        let layers = Layers(file: file, environment: environment, overrides: overrides, findings)
        do {
            guard let root = StrictYAML.parse(try Files.text(at: file), file: file, findings) else { return nil }
            layers.read(root)
        } catch {
            let hint = "name it with --config or CLARION_CONFIG; `clarion init` writes one"
            findings.add(Problem(error.words, file: file, hint: error.isMissing ? hint : error.hint))
            return nil
        }
        let reader = SettingsReader(layers: layers)
        let settings = reader.read(providers: providers)
        layers.finish()
        return settings
    }
}

/// Turns laid-over values into settings. Everything is read before anything is given up, so that every mistake is found.
struct SettingsReader {
    let layers: Layers

    func read(providers: [any Provider.Type]) -> Settings? {
        let mode = word("mode", Mode.self)
        let listen = self.listen()
        let store = path("store.directory")
        let templates = path("templates.directory")
        let catalogue = cataloguePaths()
        let policy = path("policy")
        let brand = self.brand()
        let zone = self.zone()
        let fee = word("defaults.fee_note", Settings.FeeNote.self)
        let prefix = typePrefix()
        let limits = self.limits()
        let mail = staffMail()
        let locale = word("staff.locale", TextLocale.self)
        // Without a known mode, secrets are judged as strictly as when everything is real.
        let secrets = SecretFile(layers: layers, mode: mode ?? .live)
        let keys = self.keys(secrets, store: store ?? ".")
        let apiKeys = self.apiKeys(secrets, store: store ?? ".")
        let retention = self.retention()
        let sandbox = self.sandbox(store: store ?? ".")
        let allowlist = self.allowlist(mode)
        let accounts = AccountListReader(
            layers: layers, mode: mode ?? .live, sandbox: sandbox ?? .init(directory: ".", httpsPort: 0, smtpPort: 0), providers: providers
        ).read()
        guard let mode, let listen, let store, let templates, let catalogue, let policy, let brand, let zone, let fee, let prefix, let limits,
            let locale, let keys, let retention, let sandbox
        else { return nil }
        return Settings(
            file: layers.file, mode: mode, listen: listen, storeDirectory: store, templatesDirectory: templates, cataloguePaths: catalogue,
            policyFile: policy, brand: brand, defaultZone: zone, feeNote: fee, eventTypePrefix: prefix, limits: limits, staffMail: mail,
            staffLocale: locale, keys: keys, apiKeys: apiKeys, retention: retention, sandbox: sandbox, allowlist: allowlist, accounts: accounts,
            shown: layers.shown)
    }

    // MARK: forms

    private func word<Word: RawRepresentable<String> & CaseIterable>(_ key: String, _ type: Word.Type) -> Word? {
        layers.value(key)?.node.word(type)
    }

    private func path(_ key: String) -> String? {
        guard let value = layers.value(key), let text = value.node.text() else { return nil }
        return resolve(text, value)
    }

    /// Paths of the file and of defaults are seen from the file's directory, spoken ones from the current directory.
    private func resolve(_ text: String, _ value: Layers.Value) -> String {
        switch value.origin {
        case .file, .standard: Path.resolve(text, from: layers.directory)
        case .flag, .environment: Path.resolve(text, from: ".")
        }
    }

    private func duration(_ key: String) -> Duration? { layers.value(key)?.node.duration(in: .hours(1) ... .days(3650)) }

    /// `65536`, `64KiB`, `1MiB`.
    private func size(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = layers.value(key)?.node, let text = node.text() else { return nil }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units = ["": 1, "KiB": 1024, "MiB": 1 << 20]
        guard !digits.isEmpty, digits.count <= 9, let n = Int(digits), let unit = units[String(text.dropFirst(digits.count))] else {
            node.fail("expected a size", hint: "bytes, or a number and KiB or MiB")
            return nil
        }
        guard range.contains(n * unit) else {
            node.fail("\(text) is out of range", hint: "\(range.lowerBound) to \(range.upperBound) bytes")
            return nil
        }
        return n * unit
    }

    // MARK: sections

    private func listen() -> Settings.Listen? {
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

    private func cataloguePaths() -> Settings.CataloguePaths? {
        let kinds = path("catalogue.kinds")
        let baselines = path("catalogue.baselines")
        let rails = path("catalogue.rails")
        let codes = layers.value("catalogue.codes").map { value in value.node.texts().map { resolve($0, value) } }
        guard let kinds, let baselines, let rails, let codes else { return nil }
        return Settings.CataloguePaths(kinds: kinds, codes: codes, baselines: baselines, rails: rails)
    }

    private func brand() -> Settings.Brand? {
        var names: [TextLocale: String] = [:]
        for locale in TextLocale.allCases { names[locale] = harmless("brand.name.\(locale.rawValue)", limit: 30) }
        let support = harmless("brand.support", limit: 30)
        let base = linkBase()
        guard names.count == TextLocale.allCases.count, let support, let base else { return nil }
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

    private func zone() -> String? {
        guard let node = layers.value("defaults.zone")?.node, let text = node.text() else { return nil }
        let table = "/usr/share/zoneinfo"
        let isName = text.first?.isLetter == true && !text.contains("..") && text.utf8.allSatisfy { $0 == 0x2B || Identifier.isValid(String(UnicodeScalar($0)), limit: 1) }
        // A machine without the table cannot say; the offset is looked up elsewhere.
        guard isName, !Files.isDirectory(table) || (Files.exists("\(table)/\(text)") && !Files.isDirectory("\(table)/\(text)")) else {
            node.fail("unknown time zone \"\(text)\"", hint: "a name of the IANA table: Asia/Shanghai")
            return nil
        }
        return text
    }

    private func typePrefix() -> String? {
        guard let node = layers.value("events.type_prefix")?.node, let text = node.text() else { return nil }
        guard Identifier.isValid(text, limit: 128), text.hasSuffix(".") else {
            node.fail("expected a reversed domain name with a point at its end", hint: "com.example.payout.")
            return nil
        }
        return text
    }

    private func limits() -> Settings.Limits? {
        let event = size("events.max_size", in: 1024...(1 << 20))
        let batch = size("events.max_batch_size", in: 1024...(64 << 20))
        guard let event, let batch else { return nil }
        if batch < event { layers.fail("events.max_batch_size", "is smaller than one event may be") }
        return Settings.Limits(event: event, batch: batch)
    }

    private func staffMail() -> MailAddress? {
        guard let node = layers.value("staff.mail")?.node, let text = node.text() else { return nil }
        guard let address = MailAddress(text) else {
            node.fail("expected one mail address", hint: "payments-ops@pay.example")
            return nil
        }
        return address
    }

    private func keys(_ secrets: SecretFile, store: String) -> Settings.Keys? {
        func key(_ name: String) -> KeyFile? { keyFile("keys.\(name)_key_file", secrets, standard: "\(store)/\(name).key") }
        let (master, lookup, audit, inbox) = (key("master"), key("lookup"), key("audit"), key("inbox"))
        guard let master, let lookup, let audit, let inbox else { return nil }
        return Settings.Keys(master: master, lookup: lookup, audit: audit, inbox: inbox)
    }

    private func apiKeys(_ secrets: SecretFile, store: String) -> [Settings.Role: KeyFile] {
        var keys: [Settings.Role: KeyFile] = [:]
        for role in Settings.Role.allCases {
            let name = "api_keys.\(role.rawValue)_file"
            keys[role] = keyFile(name, secrets, standard: "\(store)/api-\(role.rawValue).key")
            // 20 characters of base64 are 120 bits: nobody tries them all.
            if keys[role]?.secrets.contains(where: { $0.reveal(for: .comparing).utf8.count < 20 }) == true {
                layers.fail(name, "holds a key of less than 20 characters")
            }
        }
        return keys
    }

    /// A file named in the settings must exist, unless the mode is capture; the default one is made at the first start.
    private func keyFile(_ name: String, _ secrets: SecretFile, standard: String) -> KeyFile? {
        if let value = layers.value(name) {
            guard let (path, content) = secrets.read(value, isCreated: false) else { return nil }
            if case .secret(let secret) = content { return KeyFile(path: path, secret: secret) }
            return KeyFile(path: path, secret: nil)
        }
        layers.show(name, "(hidden)", .standard)
        let path = Path.resolve(standard, from: ".")
        do {
            return KeyFile(path: path, secret: try SecretFile.load(path))
        } catch {
            if !error.isMissing { layers.findings.add(Problem("the file \(error.words)", file: path, key: name, hint: error.hint)) }
            return KeyFile(path: path, secret: nil)
        }
    }

    private func retention() -> Settings.Retention? {
        let events = duration("retention.events")
        let contents = duration("retention.contents")
        let contacts = duration("retention.contacts")
        let inbox = duration("retention.inbox")
        let deadLetters = duration("retention.dead_letters")
        guard let events, let contents, let contacts, let inbox, let deadLetters else { return nil }
        if events < .days(3) {
            layers.fail("retention.events", "is shorter than the 3 days for which providers repeat", severity: .warning)
        }
        return Settings.Retention(events: events, contents: contents, contacts: contacts, inbox: inbox, deadLetters: deadLetters)
    }

    private func sandbox(store: String) -> Settings.Sandbox? {
        let https = layers.value("sandbox.https_port")?.node.int(in: 0...65535)
        let smtp = layers.value("sandbox.smtp_port")?.node.int(in: 0...65535)
        var directory = path("sandbox.directory")
        if directory == nil {
            directory = Path.resolve("sandbox", from: store)
            layers.show("sandbox.directory", directory ?? "", .standard)
        }
        guard let https, let smtp, let directory else { return nil }
        return Settings.Sandbox(directory: directory, httpsPort: https, smtpPort: smtp)
    }

    private func allowlist(_ mode: Mode?) -> Allowlist {
        var entries: Set<String> = []
        for item in layers.value("allowlist")?.node.list() ?? [] {
            guard let text = item.text() else { continue }
            if let entry = Allowlist.entry(text) {
                entries.insert(entry)
            } else {
                // What was meant may be somebody's address: it is not repeated.
                item.fail("is no recipient", hint: "+phone, mail@address, @domain, customer:ID or device:TOKEN")
            }
        }
        if mode == .allowlist, entries.isEmpty { layers.fail("allowlist", "is empty: nobody will be reached", severity: .warning) }
        return Allowlist(entries)
    }
}
