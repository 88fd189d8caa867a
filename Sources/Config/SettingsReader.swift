import Core
import Providers
import StrictYAML

/// Turns laid-over values into settings. Everything is read before anything is given up, so that every mistake is found.
struct SettingsReader {
    let layers: Layers

    func read(providers: [any Provider.Type], channels: Set<Channel>) -> Settings? {
        let mode = word("mode", Mode.self)
        let listen = self.listen()
        let receiptsURL = self.receiptsURL()
        let store = path("store.directory")
        let fence = path("store.fence_file")
        if fence == nil, let store { layers.show("store.fence_file", store + "/clarion.fence", .standard) }
        let checkpoints = path("store.checkpoints")
        if checkpoints == nil, let store { layers.show("store.checkpoints", store + "/checkpoints", .standard) }
        let templates = path("templates.directory")
        let approval = word("templates.approval", Settings.Approval.self)
        let catalogue = cataloguePaths()
        let policy = path("policy")
        let brand = self.brand()
        let zone = self.zone()
        let country = self.country()
        let fee = word("defaults.fee_note", Settings.FeeNote.self)
        let prefix = typePrefix()
        let limits = self.limits()
        let mail = mailAddress("staff.mail")
        let complianceMail = mailAddress("staff.compliance_mail")
        let locale = word("staff.locale", TextLocale.self, among: TextLocale.reviewed)
        // Without a known mode, secrets are judged as strictly as when everything is real.
        let secrets = SecretFile(layers: layers, mode: mode ?? .live)
        let keys = self.keys(secrets, store: store ?? ".")
        let apiKeys = self.apiKeys(secrets, store: store ?? ".")
        let retention = self.retention()
        let sandbox = self.sandbox(store: store ?? ".")
        let allowlist = self.allowlist(mode)
        let (accounts, prices) = AccountListReader(
            layers: layers, mode: mode ?? .live, sandbox: sandbox ?? .init(directory: ".", httpsPort: 0, pagePort: 0, smtpPort: 0),
            receiptsURL: receiptsURL, providers: providers, channels: channels
        ).read()
        guard let mode, let listen, let store, let templates, let approval, let catalogue, let policy, let brand, let zone, let country,
            let fee,
            let prefix,
            let limits,
            let locale, let keys, let retention, let sandbox
        else { return nil }
        return Settings(
            file: layers.file, mode: mode, listen: listen, receiptsURL: receiptsURL, storeDirectory: store, fenceFile: fence,
            checkpointDirectory: checkpoints,
            templatesDirectory: templates, approval: approval, cataloguePaths: catalogue,
            policyFile: policy, brand: brand, defaultZone: zone, country: country, feeNote: fee, eventTypePrefix: prefix, limits: limits,
            staffMail: mail,
            complianceMail: complianceMail, staffLocale: locale, keys: keys, apiKeys: apiKeys, retention: retention, sandbox: sandbox,
            allowlist: allowlist,
            accounts: accounts, smsPrices: prices,
            shown: inOrder(layers.shown))
    }

    /// In the order of the table of keys; accounts in the order of the file.
    private func inOrder(_ shown: [ShownSetting]) -> [ShownSetting] {
        let order = Dictionary(uniqueKeysWithValues: SettingsKey.all.enumerated().map { ($1.path, $0) })
        let sorted = shown.enumerated().sorted { (order[$0.element.key] ?? .max, $0.offset) < (order[$1.element.key] ?? .max, $1.offset) }
        return sorted.map(\.element)
    }

    // MARK: forms

    func word<Word: RawRepresentable<String> & CaseIterable>(_ key: String, _ type: Word.Type, among words: [Word]? = nil) -> Word? {
        layers.value(key)?.node.word(type, among: words)
    }

    func path(_ key: String) -> String? {
        guard let value = layers.value(key), let text = value.node.text() else { return nil }
        return resolve(text, value)
    }

    /// Paths of the file and of defaults are seen from the file's directory, spoken ones from the current directory.
    func resolve(_ text: String, _ value: Layers.Value) -> String {
        switch value.origin {
        case .file, .standard: Path.resolve(text, from: layers.directory)
        case .flag, .environment: Path.resolve(text, from: ".")
        }
    }

    func duration(_ key: String) -> Duration? { layers.value(key)?.node.duration(in: .seconds(1) ... .days(3650)) }

    /// `65536`, `64KiB`, `1MiB`.
    func size(_ key: String, in range: ClosedRange<Int>) -> Int? {
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
}
