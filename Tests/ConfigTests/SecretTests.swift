import Core
import Glibc
import Providers
import Testing

@testable import Config

@Suite struct SecretTests {
    static let planted = "planted-5ecret-7f3a91c2"

    private func account(_ more: String) -> String { smallest + "accounts: [{ name: a, provider: sample, user: u, \(more) }]\n" }

    @Test func comesFromTheNamedFile() throws {
        let folder = Folder()
        try folder.write(Self.planted + "\n", to: "secrets/token")
        let file = try folder.write("mode: live\n" + account("token_file: secrets/token"), to: "clarion.yaml")
        let settings = try Settings.read(file: file, providers: [Sample.self]).settings
        #expect(settings.accounts.first?.settings.secret("token")?.reveal(for: .comparing) == Self.planted)
    }

    @Test func comesFromTheFileTheEnvironmentNames() throws {
        let folder = Folder()
        let token = try folder.write(Self.planted, to: "token")
        let file = try folder.write("mode: live\n" + smallest + "accounts: [{ name: a, provider: sample, user: u }]", to: "clarion.yaml")
        let settings = try Settings.read(file: file, environment: ["CLARION_ACCOUNTS_A_TOKEN_FILE": token], providers: [Sample.self])
            .settings
        #expect(settings.accounts.first?.settings.secret("token")?.reveal(for: .comparing) == Self.planted)
        #expect(
            settings.shown.first { $0.key == "accounts.a.token_file" }
                == ShownSetting(key: "accounts.a.token_file", value: "(hidden)", origin: .environment("CLARION_ACCOUNTS_A_TOKEN_FILE")))
    }

    @Test(arguments: [(mode_t(0o644), "0644"), (0o640, "0640"), (0o604, "0604"), (0o620, "0620")])
    func isRefusedWhenOthersMayReadIt(_ mode: mode_t, _ words: String) throws {
        let folder = Folder()
        try folder.write(Self.planted, to: "token", mode: mode)
        for how in ["live", "capture"] {
            let file = try folder.write("mode: \(how)\n" + account("token_file: token"), to: "clarion.yaml")
            let found = folder.problems { _ = try Settings.read(file: file, providers: [Sample.self]) }
            #expect(
                found == ["clarion.yaml:6:62: error: accounts[0].token_file: the file can be read by others (mode \(words)) (chmod 600)"])
        }
    }

    @Test func isRefusedWhenItBelongsToAnother() throws {
        // Only root can give a file away; for everybody else there is nothing to try.
        guard geteuid() == 0 else { return }
        let folder = Folder()
        let token = try folder.write(Self.planted, to: "token")
        #expect(chown(token, 12345, 12345) == 0)
        let file = try folder.write("mode: live\n" + account("token_file: token"), to: "clarion.yaml")
        let found = folder.problems { _ = try Settings.read(file: file, providers: [Sample.self]) }
        #expect(found.first?.contains("belongs to another user (id 12345)") == true, "\(found)")
    }

    @Test(arguments: [
        ("", "the file is empty"), ("\n", "the file is empty"),
        (String(repeating: "x", count: 70000), "the file is larger than 65536 bytes"),
    ])
    func isRefusedWhenItIsNone(_ content: String, _ words: String) throws {
        let folder = Folder()
        try folder.write(content, to: "token")
        let file = try folder.write("mode: live\n" + account("token_file: token"), to: "clarion.yaml")
        let found = folder.problems { _ = try Settings.read(file: file, providers: [Sample.self]) }
        #expect(found == ["clarion.yaml:6:62: error: accounts[0].token_file: \(words)"])
    }

    @Test func isMadeUpInCaptureMode() throws {
        let folder = Folder()
        let file = try folder.write(account("token_file: nowhere"), to: "clarion.yaml")
        let (settings, warnings) = try Settings.read(file: file, providers: [Sample.self])
        #expect(settings.accounts.first?.settings.secret("token")?.reveal(for: .comparing).isEmpty == false)
        #expect(warnings.map(\.key) == ["accounts.a.token_file"])
        #expect(warnings.map(\.line) == [5])
    }

    @Test(arguments: Providers.providers.map { $0.id })
    func madeUpSecretsSuitTheirProvider(_ id: String) throws {
        let type = try #require(Providers.providers.first { $0.id == id })
        for key in type.settings where key.form == .secretFile {
            let secret = type.captureSecret(for: key.name)?.reveal(for: .signing) ?? "any text"
            #expect(!secret.isEmpty)
        }
    }

    @Test func keysAreMadeLaterOrReadAndChecked() throws {
        let folder = Folder()
        let file = try folder.write(smallest + "store: { directory: . }\nmode: live\n", to: "clarion.yaml")
        let before = try Settings.read(file: file, providers: []).settings
        #expect(before.keys.all.allSatisfy { $0.secret == nil })
        #expect(before.apiKeys.count == 4)

        try folder.write("c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI=\n", to: "master.key")
        try folder.write("new-key-of-twenty-and-more\nold-key-of-twenty-and-more\n", to: "api-ingest.key")
        let after = try Settings.read(file: file, providers: []).settings
        #expect(after.keys.master.keys?.map { $0.reveal(for: .comparing).count } == [32])
        #expect(
            after.apiKeys[.ingest]?.secrets.map { $0.reveal(for: .comparing) } == [
                "new-key-of-twenty-and-more", "old-key-of-twenty-and-more",
            ])

        try folder.write("too short", to: "lookup.key")
        try folder.write("short", to: "api-admin.key")
        try folder.write("c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI=\n", to: "audit.key", mode: 0o644)
        let found = folder.problems { _ = try Settings.read(file: file, providers: []) }
        #expect(
            Set(found) == [
                "clarion.yaml: error: keys.lookup_key_file: expected 32 bytes in base64 (openssl rand -base64 32)",
                "clarion.yaml: error: api_keys.admin_file: holds a key of less than 20 characters",
                "audit.key: error: keys.audit_key_file: the file can be read by others (mode 0644) (chmod 600)",
            ])
    }

    /// A secret in every place one can be in, and then everything that can be printed.
    @Test func isNeverShown() throws {
        let folder = Folder()
        let secret = Self.planted
        try folder.write(secret, to: "token")
        for name in ["api-ingest", "api-viewer", "api-operator", "api-admin"] { try folder.write(secret, to: "\(name).key") }
        let file = try folder.write(
            "mode: live\n" + account("token_file: token") + "store: { directory: . }\nallowlist: [\"device:\(secret)\"]\n",
            to: "clarion.yaml")
        let settings = try Settings.read(file: file, providers: [Sample.self]).settings
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(dumped.contains("storeDirectory"))
        for text in [
            dumped, "\(settings)", String(reflecting: settings), "\(settings.accounts)", "\(settings.apiKeys)", "\(settings.allowlist)",
        ] {
            #expect(!text.contains(secret))
        }
        // The allow-list is people's addresses.
        #expect(settings.shown.allSatisfy { !$0.value.contains(secret) })
    }

    @Test func isNeverQuotedInAMistake() throws {
        let folder = Folder()
        let secret = Self.planted
        let lines = [
            "keys: { master_key_file: \(secret) }", "keys: { master_key: \(secret) }",
            "keys: { master_key_file: \"-----BEGIN KEY \(secret)\" }",
            "api_keys: { admin: \(secret) }", "api_keys: { admin_file: [\(secret)] }", "allowlist: [\(secret)]",
            "accounts: [{ name: a, provider: sample, user: u, token: \(secret) }]",
            "accounts: [{ name: a, provider: sample, user: u, token_file: \(secret) }]",
            "accounts: [{ name: a, provider: sample, user: u, tokn: \(secret) }]",
        ]
        for line in lines {
            let file = try folder.write("mode: live\n" + smallest + line, to: "clarion.yaml")
            let found = folder.problems {
                _ = try Settings.read(file: file, environment: ["CLARION_API_KEYS_VIEWER": secret], providers: [Sample.self])
            }
            #expect(found.count >= 2, "\(line)")
            #expect(found.allSatisfy { !$0.contains(secret) }, "\(line)")
        }
    }
}
