import Core
import Providers
import Testing

@testable import Config

/// Flag > environment > file > default, for every form of value, and said so.
@Suite struct OriginTests {
    private func read(_ text: String, environment: [String: String] = [:], overrides: [String: String] = [:]) throws -> (Folder, Settings) {
        let folder = Folder()
        let file = try folder.write(smallest + text, to: "clarion.yaml")
        return (folder, try Settings.read(file: file, environment: environment, overrides: overrides, providers: [Sample.self]).settings)
    }

    private func origin(_ key: String, _ settings: Settings) -> String? {
        settings.shown.first { $0.key == key }.map { "\($0.value) from \($0.origin)" }
    }

    @Test func theFirstThatSpeaksWins() throws {
        let file = "listen: 127.0.0.1:1\n"
        let environment = ["CLARION_LISTEN": "127.0.0.1:2"]
        let (folder, a) = try read(file, environment: environment, overrides: ["listen": "127.0.0.1:3"])
        #expect(a.listen.port == 3)
        #expect(origin("listen", a) == "127.0.0.1:3 from flag")
        let (_, b) = try read(file, environment: environment)
        #expect(b.listen.port == 2)
        #expect(origin("listen", b) == "127.0.0.1:2 from environment CLARION_LISTEN")
        let (other, c) = try read(file, environment: ["CLARION_LISTEN": ""])
        #expect(c.listen.port == 1)
        #expect(origin("listen", c) == "127.0.0.1:1 from \(other.path)/clarion.yaml:5")
        let (_, d) = try read("")
        #expect(d.listen.port == 8080)
        #expect(origin("listen", d) == "127.0.0.1:8080 from default")
        #expect(folder.path != other.path)
    }

    @Test func everyFormCanBeSpoken() throws {
        let (_, settings) = try read(
            "accounts: [{ name: sms-a, provider: sample, user: u }]",
            environment: [
                "CLARION_BEHIND_PROXY": "true", "CLARION_EVENTS_MAX_SIZE": "2KiB", "CLARION_RETENTION_EVENTS": "7d",
                "CLARION_SANDBOX_HTTPS_PORT": "0",
                "CLARION_BRAND_NAME_ZH_HANS": "云: \"付\" \\", "CLARION_ALLOWLIST": "+4930123456, @pay.example",
                "CLARION_STAFF_MAIL": "a@b.example",
                "CLARION_DEFAULTS_ZONE": "Europe/Berlin", "CLARION_ACCOUNTS_SMS_A_WEIGHT": "7", "CLARION_ACCOUNTS_SMS_A_SENDERS": "a,b",
            ], overrides: ["accounts.sms-a.speed": "9", "staff.locale": "zh-Hant"])
        #expect(settings.listen.isBehindProxy)
        #expect(settings.limits.event == 2048)
        #expect(settings.retention.events == .days(7))
        #expect(settings.sandbox.httpsPort == 0)
        #expect(settings.brand.names[.zhHans] == "云: \"付\" \\")
        #expect(settings.allowlist.count == 2)
        #expect(settings.staffMail?.text == "a@b.example")
        #expect(settings.staffLocale == .zhHant)
        #expect(settings.defaultZone == "Europe/Berlin")
        let account = try #require(settings.accounts.first)
        #expect(account.weight == 7)
        #expect(account.settings.number("speed") == 9)
        #expect(account.settings.list("senders") == ["a", "b"])
        #expect(origin("accounts.sms-a.weight", settings) == "7 from environment CLARION_ACCOUNTS_SMS_A_WEIGHT")
        #expect(origin("accounts.sms-a.timeout", settings) == "10s from default")
    }

    @Test func pathsAreSeenFromWhoWroteThem() throws {
        let (folder, a) = try read("store: { directory: db/../state }\npolicy: /etc/clarion/policy.yaml")
        #expect(a.storeDirectory == folder.path + "/state")
        #expect(a.policyFile == "/etc/clarion/policy.yaml")
        #expect(a.templatesDirectory == Path.resolve("../templates", from: folder.path))
        #expect(a.keys.master.path == folder.path + "/state/master.key")
        #expect(a.sandbox.directory == folder.path + "/state/sandbox")
        #expect(a.cataloguePaths.codes == [folder.path + "/reason-codes.csv", folder.path + "/internal-codes.csv"])
        let (_, b) = try read("", environment: ["CLARION_STORE_DIRECTORY": "state", "CLARION_CATALOGUE_CODES": "a.csv, ../b.csv"])
        #expect(b.storeDirectory == "state")
        #expect(b.cataloguePaths.codes == ["a.csv", "../b.csv"])
    }

    @Test(arguments: [
        ("config", "../data", "data"), ("config", "a/./b", "config/a/b"), (".", "x", "x"), ("config", "/a/../b", "/b"),
        ("a", "../../b", "../b"),
        ("/", "../x", "/x"), ("a", "..", "."),
    ])
    func foldsPaths(_ base: String, _ path: String, _ result: String) {
        #expect(Path.resolve(path, from: base) == result)
    }

    @Test func everyKeyIsShownOnce() throws {
        let (_, settings) = try read("accounts: [{ name: a, provider: sample, user: u }]")
        let keys = settings.shown.map(\.key)
        #expect(Set(keys).count == keys.count)
        #expect(keys.prefix(4) == ["mode", "listen", "behind_proxy", "store.directory"])
        let names = TextLocale.allCases.filter { !$0.isReviewed }.map { "brand.name.\($0.rawValue)" }
        let unset = Set(["receipts.url", "staff.mail", "staff.compliance_mail", "allowlist", "accounts"] + names)
        #expect(
            Set(SettingsKey.all.map(\.path)).subtracting(unset).isSubset(of: keys), "\(Set(SettingsKey.all.map(\.path)).subtracting(keys))")
    }

    @Test func findsTheFile() {
        #expect(Settings.locate(flag: "a.yaml", environment: ["CLARION_CONFIG": "b.yaml"]) == "a.yaml")
        #expect(Settings.locate(environment: ["CLARION_CONFIG": "b.yaml"]) == "b.yaml")
        #expect(Settings.locate(environment: ["CLARION_CONFIG": ""]) == "config/clarion.yaml")
    }

    @Test func theAllowlistComparesEveryForm() throws {
        let (_, settings) = try read(
            "mode: allowlist\nallowlist: [\"+4930123456\", Ann@Pay.example, \"@staff.example\", \"customer:C-1\", \"device:tok-1\"]")
        func allows(_ channel: Channel, _ text: String, customer: String = "C-2") -> Bool {
            guard let address = Address(channel: channel, text: text) else { return false }
            return settings.allowlist.allows(Sensitive(address), customer: customer)
        }
        #expect(allows(.sms, "+4930123456"))
        #expect(!allows(.sms, "+4930123457"))
        #expect(allows(.sms, "+4930123457", customer: "C-1"))
        #expect(allows(.mail, "ann@pay.example"))
        #expect(!allows(.mail, "bob@pay.example"))
        #expect(allows(.mail, "Bob@Staff.example"))
        #expect(allows(.push, "tok-1"))
        #expect(!allows(.push, "tok-2"))
        #expect(allows(.inApp, ""))
    }
}
