import Core
import StrictYAML

extension SettingsReader {
    func keys(_ secrets: SecretFile, store: String) -> Settings.Keys? {
        func key(_ name: String) -> KeyFile? { keyFile("keys.\(name)_key_file", secrets, standard: "\(store)/\(name).key") }
        let (master, lookup, audit, inbox) = (key("master"), key("lookup"), key("audit"), key("inbox"))
        guard let master, let lookup, let audit, let inbox else { return nil }
        for (name, file) in [("master", master), ("lookup", lookup), ("audit", audit), ("inbox", inbox)]
        where file.secret != nil && file.keys == nil {
            layers.fail("keys.\(name)_key_file", "expected 32 bytes in base64", hint: "openssl rand -base64 32")
        }
        return Settings.Keys(master: master, lookup: lookup, audit: audit, inbox: inbox)
    }

    func apiKeys(_ secrets: SecretFile, store: String) -> [Settings.Role: KeyFile] {
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

    func retention() -> Settings.Retention? {
        let events = duration("retention.events")
        let contents = duration("retention.contents")
        let contacts = duration("retention.contacts")
        let inbox = duration("retention.inbox")
        let deadLetters = duration("retention.dead_letters")
        guard let events, let contents, let contacts, let inbox, let deadLetters else { return nil }
        return Settings.Retention(events: events, contents: contents, contacts: contacts, inbox: inbox, deadLetters: deadLetters)
    }

    func sandbox(store: String) -> Settings.Sandbox? {
        let https = layers.value("sandbox.https_port")?.node.int(in: 0...65535)
        let page = layers.value("sandbox.page_port")?.node.int(in: 0...65535)
        let smtp = layers.value("sandbox.smtp_port")?.node.int(in: 0...65535)
        var directory = path("sandbox.directory")
        if directory == nil {
            directory = Path.resolve("sandbox", from: store)
            layers.show("sandbox.directory", directory ?? "", .standard)
        }
        guard let https, let page, let smtp, let directory else { return nil }
        return Settings.Sandbox(directory: directory, httpsPort: https, pagePort: page, smtpPort: smtp)
    }

    func allowlist(_ mode: Mode?) -> Allowlist {
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
