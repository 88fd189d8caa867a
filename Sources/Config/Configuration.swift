public import Core
public import Providers
import StrictYAML

/// Settings, catalogue and policy together: all that a running Clarion knows before the first event.
public struct Configuration: Sendable {
    public var settings: Settings
    public var catalogue: Catalogue
    public var policy: Policy
    /// What people read about each kind.
    public var notes: [Kind: KindNotes]
    /// Nothing that stops a start, but worth a line in `clarion check`.
    public var warnings: [Problem]

    /// Reads every file and reports all mistakes together.
    ///
    /// - Parameters:
    ///   - settingsFile: nil looks at `CLARION_CONFIG`, then at `config/clarion.yaml`.
    ///   - overrides: key → text, from flags.
    ///   - channels: accounts of other channels are left out, unread; then nothing is said of channels without one.
    public static func load(
        settingsFile: String? = nil, environment: [String: String] = [:], overrides: [String: String] = [:],
        providers: [any Provider.Type] = Providers.providers, channels: Set<Channel> = Set(Channel.allCases)
    ) throws(Problems) -> Configuration {
        let findings = Findings()
        let file = Settings.locate(flag: settingsFile, environment: environment)
        let settings = Settings.read(
            file: file, environment: environment, overrides: overrides, providers: providers, channels: channels, findings)
        // The other files are found even when the settings hold a mistake: beside them, where they are by default.
        let directory = Path.directory(of: file)
        func beside(_ name: String) -> String { Path.resolve(name, from: directory) }
        let paths =
            settings?.cataloguePaths
            ?? .init(
                kinds: beside("kinds.yaml"), codes: [beside("reason-codes.csv"), beside("internal-codes.csv")],
                baselines: beside("bank-baselines.csv"), rails: beside("rails.yaml"), holidays: beside("holidays.yaml"))
        if settings == nil, !Files.exists(paths.kinds) { try findings.throwErrors() }
        let (catalogue, notes) = catalogue(paths, findings)
        let policy = yaml(settings?.policyFile ?? beside("policy.yaml"), findings).flatMap(PolicyReader.read)
        if let settings, let policy, channels.count == Channel.allCases.count {
            warn(settings, policy, findings)
            warnOfReceipts(settings, findings)
            warnOfCompliance(settings, catalogue, findings)
        }
        try findings.throwErrors()
        guard let settings, let policy else { throw Problems([Problem("cannot be read", file: file)]) }
        return Configuration(settings: settings, catalogue: catalogue, policy: policy, notes: notes, warnings: findings.warnings)
    }

    /// The kinds alone, for whoever shows texts and decides nothing.
    public static func kinds(_ paths: Settings.CataloguePaths) throws(Problems) -> (rules: [Kind: KindRule], notes: [Kind: KindNotes]) {
        let findings = Findings()
        let found = yaml(paths.kinds, findings).map(KindReader.read) ?? ([:], [:])
        try findings.throwErrors()
        return found
    }

    private static func catalogue(_ paths: Settings.CataloguePaths, _ findings: Findings) -> (Catalogue, [Kind: KindNotes]) {
        let (kinds, notes) = yaml(paths.kinds, findings).map(KindReader.read) ?? ([:], [:])
        let railsFile = yaml(paths.rails, findings)
        let rails = railsFile.map(BaselineReader.rails)
        let zones = railsFile.map { BaselineReader.zones($0, rails: Set(rails?.keys.map(\.self) ?? [])) }
        let amounts = railsFile.map { BaselineReader.amounts($0, rails: Set(rails?.keys.map(\.self) ?? [])) }
        let known = rails.map { Set($0.keys) }
        let baselines = text(paths.baselines, findings).map {
            BaselineReader.baselines($0, file: paths.baselines, rails: known, findings)
        }
        let fields = railsFile?.mapping()
        let countries = HolidayReader.countries(fields?["countries"], of: "rail", known: known)
        let banks = HolidayReader.countries(fields?["banks"], of: "bank", known: baselines.map { Set($0.keys) })
        let holidays = yaml(paths.holidays, findings).map(HolidayReader.read) ?? [:]
        var codes = CodeReader(findings)
        for file in paths.codes {
            if let text = text(file, findings) { codes.read(text, file: file) }
        }
        let catalogue = Catalogue(
            kinds: kinds, codes: codes.codes, baselines: baselines ?? [:], rails: rails ?? [:], zones: zones ?? [:], countries: countries,
            bankCountries: banks, holidays: holidays, amounts: amounts ?? [:])
        return (catalogue, notes)
    }

    private static func text(_ file: String, _ findings: Findings) -> String? {
        do {
            return try Files.text(at: file)
        } catch {
            findings.add(Problem(error.words, file: file, hint: error.hint))
            return nil
        }
    }

    private static func yaml(_ file: String, _ findings: Findings) -> YAML? {
        text(file, findings).flatMap { StrictYAML.parse($0, file: file, findings) }
    }

    /// Channels that the policy uses and nobody carries.
    private static func warn(_ settings: Settings, _ policy: Policy, _ findings: Findings) {
        let plans = Array(policy.plans.values) + policy.kinds.values.compactMap(\.plan)
        let used = Set(plans.flatMap { $0.now + $0.then.flatMap(\.use) })
        let carried = Set(settings.accounts.map(\.channel)).union([.inApp])
        for channel in used.subtracting(carried).sorted() {
            findings.add(
                Problem(
                    "\(channel.rawValue) has no account: its deliveries end as channel_not_configured", severity: .warning,
                    file: settings.policyFile, key: "priorities"))
        }
    }

    /// What is for the compliance officer goes to nobody else.
    private static func warnOfCompliance(_ settings: Settings, _ catalogue: Catalogue, _ findings: Findings) {
        guard settings.staffMail != nil, settings.complianceMail == nil,
            catalogue.kinds.values.contains(where: { $0.escalation.contains { $0.role == .complianceOfficer } })
        else { return }
        findings.add(
            Problem(
                "the compliance officer has no address: restrictions are only on the list of clarion review list --restricted",
                severity: .warning, file: settings.file, key: "staff", hint: "set staff.compliance_mail"))
    }

    /// Accounts that could say what became of a message, and whose receipts have no way in. The sandbox finds one by itself.
    private static func warnOfReceipts(_ settings: Settings, _ findings: Findings) {
        guard settings.mode != .capture else { return }
        for account in settings.accounts where type(of: account.provider).hasReceipts && account.provider.receipts == nil {
            findings.add(
                Problem(
                    "no receipts: whether a message arrived is never known, and `unless: delivered` holds nothing back",
                    severity: .warning, file: settings.file, line: account.settings.line, key: "accounts.\(account.name)",
                    hint: settings.receiptsURL == nil ? "set receipts.url" : "set the account's keys that begin with receipt_"))
        }
        if let url = settings.receiptsURL, url.hasPrefix("https://"), settings.listen.isLoopback, !settings.listen.isBehindProxy {
            findings.add(
                Problem(
                    "nobody outside is let in: the proxy that ends TLS has to be named", severity: .warning, file: settings.file,
                    key: "receipts.url", hint: "behind_proxy: true"))
        }
    }
}
