import Core
import Providers
import StrictYAML

/// Reads the list of accounts. What a provider takes is asked from the provider.
struct AccountListReader {
    let layers: Layers
    let mode: Mode
    let sandbox: Settings.Sandbox
    let receiptsURL: String?
    let providers: [any Provider.Type]
    let channels: Set<Channel>

    /// The accounts of the wanted channels, and what an SMS costs at any that says so.
    func read() -> (accounts: [Account], prices: [SMSPrice]) {
        guard let value = layers.value("accounts") else { return ([], []) }
        var accounts: [Account] = []
        var prices: [SMSPrice] = []
        var names: [String: Int] = [:]
        for (order, node) in value.node.list().enumerated() {
            guard let fields = node.mapping() else { continue }
            if let name = fields["name"]?.scalar, let first = names.updateValue(node.line, forKey: name) {
                fields.fail("another account is called \"\(name)\"", atKey: "name", hint: "line \(first)")
            }
            if let account = account(fields, order: order, prices: &prices) { accounts.append(account) }
        }
        return (accounts, prices)
    }

    private func account(_ fields: YAMLMapping, order: Int, prices: inout [SMSPrice]) -> Account? {
        let name = fields.required("name")?.text()
        let word = fields.required("provider")
        if let name, !Self.isName(name) { fields.fail("expected small letters, digits and -, at most 32", atKey: "name") }
        guard let id = word?.text(), let name else { return nil }
        guard let type = providers.first(where: { $0.id == id }) else {
            word?.fail("unknown provider \"\(id)\"", hint: hint(id))
            return nil
        }
        var reader = AccountFields(layers: layers, mode: mode, name: name, fields: fields, type: type)
        if let node = reader.common("price"), let price = price(node, of: type) { prices.append(SMSPrice(account: name, price: price)) }
        guard channels.contains(type.channel) else { return nil }
        let weight = reader.common("weight")?.int(in: 0...100)
        let rate = reader.common("rate")?.int(in: 1...100_000)
        let timeout = reader.common("timeout")?.duration(in: .milliseconds(100) ... .seconds(type.channel == .mail ? 60 : 15))
        let maxInFlight = reader.common("max_in_flight")?.int(in: 1...1024)
        let allowsPlain = reader.common("allow_plain")?.bool()
        let platforms = reader.common("platforms").map { servedPlatforms($0, of: type) } ?? Set(type.platforms)
        let places = reader.common("addresses").map { $0.list().compactMap(place) }
        let networks = reader.common("receipt_addresses").map { receiptNetworks($0, of: type) }
        let caFile = reader.caFile()
        let values = reader.providerValues()
        reader.reportUnknown()
        var settings = AccountSettings(name: name, file: layers.file, line: fields.node.line, values: values)
        settings.receiptsURL = receiptsURL.map { "\($0)/v1/receipts/\(name)" }
        if mode == .capture { settings.endpointOverride = .init(https: sandbox.https, smtp: sandbox.smtp) }
        guard let provider = make(type, settings, ignoring: reader.broken) else { return nil }
        guard let weight, let timeout, let maxInFlight, let allowsPlain else { return nil }
        // With no url of its own an account goes to its provider, on the internet.
        let reach = places.map { Account.Reach.only($0) } ?? (values["url"] == nil ? .publicOnly : .any)
        let real = Account.TransportOptions(
            caFile: caFile, allowsPlain: allowsPlain, maxInFlight: maxInFlight, timeout: timeout, reach: reach)
        return Account(
            name: name, providerID: id, channel: type.channel, platforms: platforms, weight: weight, rate: rate, order: order,
            settings: settings,
            provider: provider,
            transport: mode == .capture ? captured(real) : real,
            // The sandbox calls from this machine.
            receiptNetworks: mode == .capture ? nil : networks)
    }

    /// In capture mode the one place an account reaches is the sandbox on this machine, whose authority is the only one it trusts.
    private func captured(_ options: Account.TransportOptions) -> Account.TransportOptions {
        var options = options
        options.caFile = sandbox.authorityFile
        options.allowsPlain = false
        options.reach = .loopback
        return options
    }

    private func make(_ type: any Provider.Type, _ settings: AccountSettings, ignoring broken: Set<String>) -> (any Provider)? {
        // A value that could not be read is reported already; that it is missing now is no second mistake.
        let mistakes = settings.mistakes(against: type.settings).filter { problem in !broken.contains { problem.key.hasSuffix("." + $0) } }
        mistakes.forEach(layers.findings.add)
        guard mistakes.isEmpty, broken.isEmpty else { return nil }
        do {
            return try type.init(settings)
        } catch {
            error.all.forEach(layers.findings.add)
            return nil
        }
    }

    private func hint(_ id: String) -> String {
        let ids = providers.map { $0.id }
        return nearest(to: id, among: ids).map { "did you mean \"\($0)\"?" } ?? "known: " + ids.joined(separator: ", ")
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 32
            && text.utf8.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
    }

    private func servedPlatforms(_ node: YAML, of type: any Provider.Type) -> Set<Platform> {
        let known = Platform.allCases.map(\.rawValue)
        if type.channel != .push { node.fail("only for push accounts") }
        return Set(
            node.list().compactMap { item in
                guard let text = item.text() else { return nil }
                let platform = Platform(rawValue: text)
                if platform == nil {
                    item.fail(
                        "unknown platform \"\(text)\"",
                        hint: nearest(to: text, among: known).map { "did you mean \"\($0)\"?" } ?? "known: " + known.joined(separator: ", ")
                    )
                }
                return platform
            })
    }

    private func price(_ node: YAML, of type: any Provider.Type) -> UnitPrice? {
        if type.channel != .sms { node.fail("only for SMS accounts") }
        guard let text = node.text() else { return nil }
        let price = UnitPrice(text)
        if price == nil { node.fail("expected a price", hint: "0.045 USD: at most six digits behind the point, and a currency") }
        return price
    }

    private func receiptNetworks(_ node: YAML, of type: any Provider.Type) -> [Network] {
        if !type.hasReceipts { node.fail("\(type.id) sends no receipts") }
        return node.list().compactMap { item in
            guard let text = item.text() else { return nil }
            let network = Network(text)
            if network == nil { item.fail("expected a network", hint: "203.0.113.0/24, 2001:db8::/32, or one address") }
            return network
        }
    }

    private func place(_ node: YAML) -> Account.Place? {
        guard let text = node.text() else { return nil }
        guard let place = Account.Place(text) else {
            node.fail("expected an IP address and a port", hint: "10.1.2.3:587 or [fd00::1]:443")
            return nil
        }
        return place
    }
}

/// The fields of one account: common ones, and those its provider declares.
struct AccountFields {
    let layers: Layers
    let mode: Mode
    let name: String
    let fields: YAMLMapping
    let type: any Provider.Type
    /// Provider keys whose value could not be read; the mistake is reported.
    private(set) var broken: Set<String> = []
    private var known: Set<String> = ["name", "provider"]

    init(layers: Layers, mode: Mode, name: String, fields: YAMLMapping, type: any Provider.Type) {
        (self.layers, self.mode, self.name, self.fields, self.type) = (layers, mode, name, fields, type)
    }

    private mutating func value(_ key: SettingsKey) -> Layers.Value? {
        known.insert(key.path)
        return layers.value(key, path: "accounts.\(name).\(key.path)", written: fields[key.path], standard: key.standard)
    }

    private static func commonKey(_ name: String) -> SettingsKey {
        guard let key = SettingsKey.ofAccounts.first(where: { $0.path == name }) else {
            preconditionFailure("\(name) is no key of accounts")
        }
        return key
    }

    mutating func common(_ name: String) -> YAML? { value(Self.commonKey(name))?.node }

    /// PEM file of authorities; it must exist unless nothing real is reached.
    mutating func caFile() -> String? {
        guard let value = value(Self.commonKey("ca_file")), let text = value.node.text() else { return nil }
        let path = Path.resolve(text, from: value.isFromFile ? layers.directory : ".")
        if mode != .capture, !Files.exists(path) { value.node.fail("no such file", hint: path) }
        return path
    }

    /// What goes to the provider, secrets loaded.
    mutating func providerValues() -> [String: AccountSettings.Value] {
        var values: [String: AccountSettings.Value] = [:]
        for key in type.settings {
            guard let found = value(Self.settingsKey(key)) else {
                if key.form == .secretFile, key.isRequired, mode == .capture { values[key.name] = throwAway(key, line: 0, column: 0) }
                continue
            }
            if let kind = kind(of: found, key) {
                values[key.name] = AccountSettings.Value(
                    kind, line: found.isFromFile ? found.node.line : 0, column: found.isFromFile ? found.node.column : 0)
            } else {
                broken.insert(key.name)
            }
        }
        return values
    }

    /// The key as the file spells it: what names a secret's file ends in `_file`.
    private static func settingsKey(_ key: SettingKey) -> SettingsKey {
        let form: SettingsKey.Form =
            switch key.form {
            case .text, .url, .map: .text
            case .number: .number
            case .flag: .flag
            case .secretFile: .secretFile
            case .list: .list
            }
        return SettingsKey(spelling(key), form, key.meaning)
    }

    static func spelling(_ key: SettingKey) -> String {
        key.form == .secretFile && !key.name.hasSuffix("_file") ? key.name + "_file" : key.name
    }

    private func kind(of found: Layers.Value, _ key: SettingKey) -> AccountSettings.Value.Kind? {
        switch key.form {
        case .text, .url: return found.node.text().map { .text($0) }
        case .number: return found.node.int().map { .number($0) }
        case .flag: return found.node.bool().map { .flag($0) }
        case .list:
            guard found.node.isList else { break }
            let items = found.node.list()
            let texts = items.compactMap { $0.text() }
            return texts.count == items.count ? .list(texts) : nil
        case .map:
            guard let pairs = found.node.mapping()?.all.map({ ($0.name, $0.value.text()) }), !pairs.contains(where: { $0.1 == nil }) else {
                return nil
            }
            return .map(pairs.map { ($0.0, $0.1 ?? "") })
        case .secretFile: return secret(found, key)
        }
        found.node.fail("expected \(key.form.rawValue)")
        return nil
    }

    private func secret(_ found: Layers.Value, _ key: SettingKey) -> AccountSettings.Value.Kind? {
        guard let (_, content) = SecretFile(layers: layers, mode: mode).read(found, isCreated: false) else { return nil }
        switch content {
        case .secret(let secret): return .secret(secret)
        case .refused: return nil
        case .missing:
            guard mode == .capture else { return nil }
            return throwAway(key, line: found.node.line, column: found.node.column).kind
        }
    }

    /// In capture mode nothing real is reached, so a secret that is not there yet is made up; the real modes will ask for it.
    private func throwAway(_ key: SettingKey, line: Int, column: Int) -> AccountSettings.Value {
        layers.findings.add(
            Problem(
                "no such file; capture mode makes a secret up, the other modes will refuse to start", severity: .warning, file: layers.file,
                line: line == 0 ? fields.node.line : line, column: column, key: "accounts.\(name).\(Self.spelling(key))"))
        let secret =
            type.captureSecret(for: key.name)
            ?? Sensitive((0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined())
        return AccountSettings.Value(.secret(secret), line: line, column: column)
    }

    func reportUnknown() {
        let common = SettingsKey.ofAccounts.map(\.path)
        let names = known.union(common)
        for (name, _) in fields.all where !names.contains(name) {
            if names.contains(name + "_file") {
                fields.fail(Layers.literalSecret, atKey: name, hint: "use \(name)_file")
            } else {
                fields.fail("unknown key", atKey: name, hint: nearest(to: name, among: names.sorted()).map { "did you mean \"\($0)\"?" })
            }
        }
    }
}
