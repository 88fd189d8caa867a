import Core
import StrictYAML
public import Terminal

/// What a person sets once for a server they work with: `NAME.yaml` in the `clarion` folder of `$XDG_CONFIG_HOME`, else of `~/.config`.
///
/// ```yaml
/// server: https://clarion.example.com
/// key_file: prod.key        # seen from this file; mode 0600
/// ca_file: company-ca.pem   # instead of the system's authorities
/// output: json
/// tz: Asia/Shanghai
/// ```
public struct Profile: Sendable, Equatable {
    public var file: String
    public var server, keyFile, authorityFile, zone: String?
    public var output: OutputForm?

    static let keys = ["server", "key_file", "ca_file", "output", "tz"]

    /// Where a profile is looked for.
    public static func path(of name: String, environment: [String: String]) throws(Fault) -> String {
        guard Identifier.isValid(name, limit: 64), !name.contains("/"), !name.hasPrefix(".") else {
            throw Fault(.usage, "\"\(PlainText(name))\" is not a profile's name", field: "profile", hint: "letters, digits and - _ . only")
        }
        let folder = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? (environment["HOME"] ?? "") + "/.config"
        return "\(folder)/clarion/\(name).yaml"
    }

    /// Throws a fault for a profile that is not there, `Problems` with every mistake in it.
    public static func read(_ name: String, environment: [String: String]) throws -> Profile {
        let path = try path(of: name, environment: environment)
        let text: String
        do { text = try Host.text(at: path) } catch {
            throw Fault(.configuration, error.description, field: "profile", hint: "make it: server, key_file, ca_file, output, tz")
        }
        let findings = Findings()
        var profile = Profile(file: path)
        if let mapping = StrictYAML.parse(text, file: path, findings)?.mapping() {
            profile.server = mapping["server"]?.text()
            profile.keyFile = mapping["key_file"]?.text().map { Self.resolve($0, beside: path) }
            profile.authorityFile = mapping["ca_file"]?.text().map { Self.resolve($0, beside: path) }
            profile.zone = mapping["tz"]?.text()
            profile.output = mapping["output"]?.word(OutputForm.self)
            mapping.close()
        }
        try findings.throwErrors()
        return profile
    }

    private static func resolve(_ path: String, beside file: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        return (file.lastIndex(of: "/").map { String(file[...$0]) } ?? "") + path
    }
}
