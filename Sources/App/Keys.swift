import Config
import Core
import Store
import Terminal

/// The keys beside the database. Those that are missing are made at the first start, mode 0600.
enum Keys {
    static func load(_ settings: Settings, random: any RandomSource) throws -> StoreKeys {
        try refuseLoss(settings)
        _ = try bytes(of: settings.keys.master, random: random)
        _ = try bytes(of: settings.keys.lookup, random: random)
        _ = try bytes(of: settings.keys.audit, random: random)
        return try existing(settings)
    }

    /// The keys that are there. A reader makes none: a new key opens nothing.
    static func existing(_ settings: Settings) throws -> StoreKeys {
        for key in [settings.keys.master, settings.keys.lookup] where key.secret == nil && Host.size(of: key.path) == 0 {
            throw Fault(
                .unavailable, "the key of the store is missing: \(key.path)",
                hint: "without it the store cannot be read; bring it back from your backup")
        }
        let masters = try all(of: settings.keys.master).map { Sensitive($0) }
        return StoreKeys(
            master: masters[0], formerMasters: Array(masters.dropFirst()), lookup: Sensitive(try bytes(of: settings.keys.lookup)),
            audit: try audit(settings).map { Sensitive($0) })
    }

    /// What signs the log, the one of now first. None beside a store that no worker of this version has had yet: then nothing is signed.
    private static func audit(_ settings: Settings) throws -> [[UInt8]] {
        let file = settings.keys.audit
        return file.secret == nil && Host.size(of: file.path) == 0 ? [] : try all(of: file)
    }

    /// A new master key before those that are there: it wraps from now on, the others still open what they wrapped. Returns the file's keys.
    static func addMaster(_ settings: Settings, random: any RandomSource) throws -> StoreKeys {
        try add(to: settings.keys.master, random: random)
        return try existing(settings)
    }

    /// A new key that signs the log before those that are there: the one before announces it. Returns the file's keys.
    static func addAudit(_ settings: Settings, random: any RandomSource) throws -> StoreKeys {
        guard try !audit(settings).isEmpty else {
            throw Fault(.unavailable, "there is no audit key yet", field: "keys.audit_key_file", hint: "clarion run makes one")
        }
        try add(to: settings.keys.audit, random: random)
        return try existing(settings)
    }

    private static func add(to file: KeyFile, random: any RandomSource) throws {
        let lines = [Base64.encode(random.bytes(32))] + (try all(of: file)).map { Base64.encode($0) }
        try Host.replaceSecret(file.path, lines.joined(separator: "\n") + "\n")
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

    /// Of a key that exists, by now at least: the one of now.
    static func bytes(of key: KeyFile) throws -> [UInt8] { try all(of: key)[0] }

    /// The one of now first, then those before it.
    ///
    /// As the file is now, since a running worker takes new ones from it.
    private static func all(of key: KeyFile) throws -> [[UInt8]] {
        guard let keys = KeyFile(path: key.path, secret: Sensitive(try Host.text(at: key.path))).keys else {
            throw Problems([Problem("expected 32 bytes as base64", file: key.path, hint: "openssl rand -base64 32")])
        }
        return keys.map { $0.reveal(for: .sealing) }
    }
}

extension Keys {
    /// An API key that did not exist yet: 32 random bytes in a new file of mode 0600.
    static func apiKey(_ file: KeyFile) throws -> Sensitive<String> {
        try Host.createSecret(file.path, Base64.encodeURL(SystemRandom().bytes(32)) + "\n")
        return Sensitive(try Host.text(at: file.path).split(whereSeparator: \.isNewline).first.map(String.init) ?? "")
    }
}
