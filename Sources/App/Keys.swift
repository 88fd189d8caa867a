import Config
import Core
import Store

/// The keys beside the database. Those that are missing are made at the first start, mode 0600.
enum Keys {
    static func load(_ settings: Settings, random: any RandomSource) throws -> StoreKeys {
        try refuseLoss(settings)
        return StoreKeys(
            master: Sensitive(try bytes(of: settings.keys.master, random: random)),
            lookup: Sensitive(try bytes(of: settings.keys.lookup, random: random)))
    }

    /// A store opens with the keys it was made with and no others: a new one beside it would only stand in the way of the right one.
    private static func refuseLoss(_ settings: Settings) throws {
        let database = settings.storeDirectory + "/clarion.db"
        guard Host.size(of: database) > 0 else { return }
        let missing = [settings.keys.master, settings.keys.lookup].filter { $0.secret == nil && Host.size(of: $0.path) == 0 }
        guard !missing.isEmpty else { return }
        throw Problems(
            missing.map {
                Problem(
                    "is missing, and \(database) can only be opened with it", file: $0.path,
                    hint: "put the key back from its backup; for an empty store move the database away")
            })
    }

    /// 32 bytes, as base64 text in the file.
    static func bytes(of key: KeyFile, random: any RandomSource) throws -> [UInt8] {
        if key.secret == nil { try Host.createSecret(key.path, Base64.encode(random.bytes(32)) + "\n") }
        return try bytes(of: key)
    }

    /// Of a key that exists, by now at least.
    static func bytes(of key: KeyFile) throws -> [UInt8] {
        let text = try key.secrets.first?.reveal(for: .sealing) ?? Host.text(at: key.path)
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard let bytes = Base64.decode(line), bytes.count == 32 else {
            throw Problems([Problem("expected 32 bytes as base64", file: key.path, hint: "openssl rand -base64 32")])
        }
        return bytes
    }
}

extension Keys {
    /// An API key that did not exist yet: 32 random bytes in a new file of mode 0600.
    static func apiKey(_ file: KeyFile) throws -> Sensitive<String> {
        try Host.createSecret(file.path, Base64.encodeURL(SystemRandom().bytes(32)) + "\n")
        return Sensitive(try Host.text(at: file.path).split(whereSeparator: \.isNewline).first.map(String.init) ?? "")
    }
}
