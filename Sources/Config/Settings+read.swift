public import Core
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
    /// - Parameters:
    ///   - overrides: key → text, from flags; they win over the environment, which wins over the file.
    ///   - channels: accounts of other channels are left out, unread: a text that is only looked at needs no signing key.
    /// - Returns: the settings and the warnings.
    public static func read(
        file: String, environment: [String: String] = [:], overrides: [String: String] = [:],
        providers: [any Provider.Type] = Providers.providers, channels: Set<Channel> = Set(Channel.allCases)
    ) throws(Problems) -> (settings: Settings, warnings: [Problem]) {
        let findings = Findings()
        let settings = read(
            file: file, environment: environment, overrides: overrides, providers: providers, channels: channels, findings)
        try findings.throwErrors()
        guard let settings else { throw Problems([Problem("cannot be read", file: file)]) }
        return (settings, findings.warnings)
    }

    static func read(
        file: String, environment: [String: String], overrides: [String: String], providers: [any Provider.Type],
        channels: Set<Channel>, _ findings: Findings
    ) -> Settings? {
        let layers = Layers(file: file, environment: environment, overrides: overrides, findings)
        do {
            guard let root = StrictYAML.parse(try Files.text(at: file), file: file, findings) else { return nil }
            layers.read(root)
        } catch {
            let hint = "name it with --config or CLARION_CONFIG; config/clarion.yaml of the sources is one to start from"
            findings.add(Problem(error.words, file: file, hint: error.isMissing ? hint : error.hint))
            return nil
        }
        let reader = SettingsReader(layers: layers)
        let settings = reader.read(providers: providers, channels: channels)
        layers.finish()
        return settings
    }
}
