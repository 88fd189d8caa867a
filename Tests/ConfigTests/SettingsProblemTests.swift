import Core
import Testing

@testable import Config

/// One mistake in `clarion.yaml` → its place and its words.
@Suite struct SettingsProblemTests {
    private func problems(_ text: String, environment: [String: String] = [:], overrides: [String: String] = [:]) throws -> [String] {
        let folder = Folder()
        let file = try folder.write(text, to: "clarion.yaml")
        return folder.problems {
            _ = try Settings.read(file: file, environment: environment, overrides: overrides, providers: [Sample.self])
        }
    }

    @Test("what an SMS costs is known without the accounts' secrets, and of SMS only") func prices() throws {
        let folder = Folder()
        let file = try folder.write(
            smallest + """
                mode: live
                accounts:
                  - { name: a, provider: twilio, account_sid: AC00000000000000000000000000000000, auth_token_file: none, from: "+15005550006", price: 0.0075 USD }
                  - { name: b, provider: twilio, account_sid: AC00000000000000000000000000000000, auth_token_file: none, from: "+15005550006" }

                """, to: "clarion.yaml")
        let settings = try Settings.read(file: file, environment: ["CLARION_ACCOUNTS_B_PRICE": "0.04 EUR"], channels: []).settings
        #expect(settings.accounts.isEmpty && settings.smsPrices.map(\.account) == ["a", "b"])
        #expect(settings.smsPrices.map(\.price.description) == ["0.0075 USD", "0.04 EUR"])
        let mail = try folder.write(
            smallest + "accounts: [{ name: m, provider: smtp, url: \"smtp://mail.example:25\", from: a@b.example, price: 1 USD }]\n",
            to: "mail.yaml")
        let found = folder.problems { _ = try Settings.read(file: mail, environment: [:], channels: []) }
        #expect(found == ["mail.yaml:5:96: error: accounts[0].price: only for SMS accounts"])
    }

    @Test func theSmallestIsEnough() throws {
        #expect(try problems(smallest) == [])
    }

    @Test(arguments: [
        ("mode: lives", "5:7: error: mode: unknown word \"lives\" (did you mean \"live\"?)"),
        ("mod: live", "5:1: error: mod: unknown key (did you mean \"mode\"?)"),
        ("store: { folder: x }", "5:10: error: store.folder: unknown key"),
        ("store: x", "5:8: error: store: expected a mapping, found a single value (keys, each on its own line)"),
        ("listen: 8080", "5:9: error: listen: expected host:port (127.0.0.1:8080 or [::1]:8080)"),
        ("listen: 127.0.0.1:70000", "5:9: error: listen: expected host:port (127.0.0.1:8080 or [::1]:8080)"),
        ("listen: ::1:8080", "5:9: error: listen: expected host:port (127.0.0.1:8080 or [::1]:8080)"),
        (
            "listen: 0.0.0.0:8080",
            "5:9: error: listen: would serve without TLS on a network (listen on 127.0.0.1, or put a proxy with TLS in front and set behind_proxy: true)"
        ),
        (
            "receipts: { url: http://notices.pay.example }",
            "5:18: error: receipts.url: expected an https URL without user, query and fragment (https://notices.pay.example)"
        ),
        (
            "receipts: { url: \"https://a@pay.example\" }",
            "5:18: error: receipts.url: expected an https URL without user, query and fragment (https://notices.pay.example)"
        ),
        (
            "receipts: { url: \"https://pay.example/?x=1\" }",
            "5:18: error: receipts.url: expected an https URL without user, query and fragment (https://notices.pay.example)"
        ),
        (
            "receipts: { url: \"http://127.0.0.1.evil.example/\" }",
            "5:18: error: receipts.url: expected an https URL without user, query and fragment (https://notices.pay.example)"
        ),
        ("receipts: https://pay.example", "5:11: error: receipts: expected a mapping, found a single value (keys, each on its own line)"),
        ("behind_proxy: yes", "5:15: error: behind_proxy: expected true or false"),
        (
            "defaults: { zone: Europe/Atlantis }",
            "5:19: error: defaults.zone: unknown time zone \"Europe/Atlantis\" (a name of the IANA table: Asia/Shanghai)"
        ),
        (
            "defaults: { zone: ../passwd }",
            "5:19: error: defaults.zone: unknown time zone \"../passwd\" (a name of the IANA table: Asia/Shanghai)"
        ),
        ("defaults: { fee_note: free }", "5:23: error: defaults.fee_note: unknown word \"free\" (known: refunded, kept, none)"),
        (
            "events: { type_prefix: com.example }",
            "5:24: error: events.type_prefix: expected a reversed domain name with a point at its end (com.example.payout.)"
        ),
        ("events: { max_size: 64kb }", "5:21: error: events.max_size: expected a size (bytes, or a number and KiB or MiB)"),
        ("events: { max_size: 64 }", "5:21: error: events.max_size: 64 is out of range (1024 to 1048576 bytes)"),
        ("events: { max_batch_size: 32KiB }", "5:27: error: events.max_batch_size: is smaller than one event may be"),
        ("staff: { mail: a@b@c }", "5:16: error: staff.mail: expected one mail address (payments-ops@pay.example)"),
        ("staff: { locale: de }", "5:18: error: staff.locale: unknown word \"de\" (known: zh-Hans, zh-Hant, en)"),
        (
            "retention: { contents: -1d }",
            "5:24: error: retention.contents: expected a duration (a number and ms, s, m, h or d: 30s, 10m, 2h)"
        ),
        ("retention: { contents: 0s }", "5:24: error: retention.contents: 0s is out of range (1s to 3650d)"),
        ("sandbox: { https_port: -1 }", "5:24: error: sandbox.https_port: -1 is out of range (at least 0, at most 65535)"),
        (
            "allowlist: [\"@pay.example\", +49]",
            "5:29: error: allowlist[1]: is no recipient (+phone, mail@address, @domain, customer:ID or device:TOKEN)"
        ),
        ("keys: { master_key: x }", "5:9: error: keys.master_key: expected a file path, found a literal secret (use master_key_file)"),
        (
            "keys: { master_key_file: c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI= }",
            "5:26: error: keys.master_key_file: expected a file path, found a literal secret (write the secret into a file of mode 0600 and name it here)"
        ),
        ("mode: live\nkeys: { master_key_file: nowhere }", "6:26: error: keys.master_key_file: no such file"),
        ("accounts: {}", "5:11: error: accounts: expected a list, found a mapping ([a, b] or one \"- a\" a line)"),
        ("accounts: [{ provider: sample }]", "5:12: error: accounts[0]: missing key \"name\""),
        ("accounts: [{ name: a }]", "5:12: error: accounts[0]: missing key \"provider\""),
        (
            "accounts: [{ name: a, provider: sampel }]",
            "5:33: error: accounts[0].provider: unknown provider \"sampel\" (did you mean \"sample\"?)"
        ),
        ("accounts: [{ name: a, provider: sample }]", "5: error: accounts.a.user: missing: who"),
        ("accounts: [{ name: a, provider: sample, user: nobody }]", "5:47: error: accounts.a.user: is nobody"),
        (
            "accounts: [{ name: A b, provider: sample, user: u }]",
            "5:14: error: accounts[0].name: expected small letters, digits and -, at most 32"
        ),
        (
            "accounts: [{ name: a, provider: sample, user: u, weigth: 1 }]",
            "5:50: error: accounts[0].weigth: unknown key (did you mean \"weight\"?)"
        ),
        (
            "accounts: [{ name: a, provider: sample, user: u, weight: -1 }]",
            "5:58: error: accounts[0].weight: -1 is out of range (at least 0, at most 100)"
        ),
        (
            "accounts: [{ name: a, provider: sample, user: u, platforms: [ios] }]",
            "5:61: error: accounts[0].platforms: only for push accounts"
        ),
        (
            "accounts: [{ name: a, provider: sample, user: u, timeout: 20s }]",
            "5:59: error: accounts[0].timeout: 20s is out of range (100ms to 15s)"
        ),
        (
            "accounts: [{ name: a, provider: sample, user: u, max_in_flight: 0 }]",
            "5:65: error: accounts[0].max_in_flight: 0 is out of range (at least 1, at most 1024)"
        ),
        (
            "accounts: [{ name: a, provider: sample, user: u, speed: fast }]",
            "5:57: error: accounts[0].speed: expected a whole number (\"fast\" is none)"
        ),
        ("accounts: [{ name: a, provider: sample, user: u, senders: b }]", "5:59: error: accounts[0].senders: expected list"),
        (
            "accounts: [{ name: a, provider: sample, user: u, price: 0.045 }]",
            "5:57: error: accounts[0].price: expected a price (0.045 USD: at most six digits behind the point, and a currency)"
        ),
        (
            "accounts: [{ name: a, provider: sample, user: u, receipt_addresses: [203.0.113.0/24] }]",
            "5:69: error: accounts[0].receipt_addresses: sample sends no receipts"
        ),
        (
            "accounts: [{ name: a, provider: sample, user: u, addresses: [mail.example:25] }]",
            "5:62: error: accounts[0].addresses[0]: expected an IP address and a port (10.1.2.3:587 or [fd00::1]:443)"
        ),
        (
            "accounts: [{ name: a, provider: sample, user: u, token: abc }]",
            "5:50: error: accounts[0].token: expected a file path, found a literal secret (use token_file)"
        ),
        (
            "mode: live\naccounts: [{ name: a, provider: sample, user: u, token_file: nowhere }]",
            "6:62: error: accounts[0].token_file: no such file"
        ),
        ("mode: live\naccounts: [{ name: a, provider: sample, user: u }]", "6: error: accounts.a.token: missing: the token"),
        (
            "accounts: [{ name: a, provider: sample, user: u }, { name: a, provider: sample, user: v }]",
            "5:54: error: accounts[1].name: another account is called \"a\" (line 5)"
        ),
        (
            "mode: live\naccounts: [{ name: a, provider: sample, user: u, token_file: clarion.yaml, ca_file: ca.pem }]",
            "6:85: error: accounts[0].ca_file: no such file (ca.pem)"
        ),
        ("mode: live\nmode: capture", "6:1: error: mode: the key stands here twice (first on line 5)"),
    ])
    func namesThePlace(_ line: String, _ problem: String) throws {
        let found = try problems(smallest + line)
        #expect(found == ["clarion.yaml:" + problem])
    }

    @Test(arguments: [
        (
            "  support: \"+49 30 123456\"\n", "",
            "clarion.yaml: error: brand.support: missing: the telephone number of support, as customers should dial it"
        ),
        (
            "en: Example }", "en: \"<b>Example\" }",
            "clarion.yaml:2:41: error: brand.name.en: is longer than 30 characters or holds markup, doubled blanks or control characters"
        ),
        (
            "en: Example }", "en: Șample }",
            "clarion.yaml:2:41: error: brand.name.en: Ș is not in the GSM alphabet, and the name begins every SMS (write S: one such letter leaves 70 instead of 160 characters for the text)"
        ),
        (
            "https://pay.example/", "http://pay.example/",
            "clarion.yaml:4:14: error: brand.link_base: expected a URL that begins with https:// and ends with / (https://pay.example/w/)"
        ),
    ])
    func namesWhatABrandNeeds(_ from: String, _ to: String, _ problem: String) throws {
        let found = try problems(smallest.replacing(from, with: to))
        #expect(found == [problem])
    }

    @Test func aProxyAllowsANetworkAddress() throws {
        #expect(try problems(smallest + "listen: 0.0.0.0:8080\nbehind_proxy: true") == [])
        #expect(try problems(smallest + "listen: \"[::1]:0\"") == [])
    }

    @Test func noFileAtAll() throws {
        let folder = Folder()
        let found = folder.problems { _ = try Settings.read(file: folder.path + "/clarion.yaml", providers: []) }
        let hint = "name it with --config or CLARION_CONFIG; config/clarion.yaml of the sources is one to start from"
        #expect(found == ["clarion.yaml: error: no such file (\(hint))"])
        #expect(
            folder.problems { _ = try Settings.read(file: folder.path, providers: []) } == ["\(folder.path): error: is not a regular file"])
    }

    @Test func flagsAndVariablesAreNamedAsTheirPlace() throws {
        let found = try problems(
            smallest,
            environment: [
                "CLARION_MODE": "lives", "CLARION_STORE_DIR": "x", "CLARION_STORE_DIRECTRY": "x", "CLARION_KEYS_MASTER_KEY": "planted",
                "CLARION_ACCOUNTS": "[]", "PATH": "x",
            ], overrides: ["behind_proxy": "maybe", "lisen": "x"])
        #expect(
            Set(found) == [
                "environment CLARION_MODE: error: mode: unknown word \"lives\" (did you mean \"live\"?)",
                "flag: error: behind_proxy: expected true or false", "flag: error: lisen: unknown key (did you mean \"listen\"?)",
                "environment CLARION_KEYS_MASTER_KEY: error: expected a file path, found a literal secret (use CLARION_KEYS_MASTER_KEY_FILE)",
                "environment CLARION_ACCOUNTS: error: accounts: can only be set in the file",
            ])
    }

    @Test func anUnknownVariableIsAWarning() throws {
        let folder = Folder()
        let file = try folder.write(smallest, to: "clarion.yaml")
        let warnings = try Settings.read(file: file, environment: ["CLARION_STORE_DIRECTRY": "x"], providers: []).warnings
        #expect(
            warnings.map(\.description) == [
                "environment CLARION_STORE_DIRECTRY: warning: sets nothing (did you mean CLARION_STORE_DIRECTORY?)"
            ])
    }

    @Test func anEmptyAllowlistReachesNobody() throws {
        let folder = Folder()
        let file = try folder.write(smallest + "mode: allowlist\nallowlist: []", to: "clarion.yaml")
        let warnings = try Settings.read(file: file, providers: []).warnings
        #expect(warnings.map(\.problem) == ["is empty: nobody will be reached"])
        #expect(warnings.map(\.line) == [6])
    }
}
