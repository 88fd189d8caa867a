import Core
import StrictYAML

/// The four places a setting can come from, laid over each other: flag, environment, file, default. Every one of them ends as a YAML node,
/// so one way of reading and one wording of mistakes serves them all. Used by one thread.
final class Layers {
    let file: String
    /// Paths in the file are seen from here; paths in flags and the environment from the current directory.
    let directory: String
    let findings: Findings
    private let environment: [String: String]
    private let overrides: [String: String]
    private var written: [String: YAML] = [:]
    private(set) var shown: [ShownSetting] = []
    private var knownVariables: Set<String> = [
        "CLARION_CONFIG", "CLARION_SERVER", "CLARION_KEY_FILE", "CLARION_PROFILE", "CLARION_PAGER",
    ]
    private var knownOverrides: Set<String> = []
    /// Mistakes of values that stand in no file; their place is put right in `finish`.
    private var spoken: [(findings: Findings, place: String)] = []

    init(file: String, environment: [String: String], overrides: [String: String], _ findings: Findings) {
        (self.file, self.environment, self.overrides, self.findings) = (file, environment, overrides, findings)
        directory = Path.directory(of: file)
    }

    struct Value {
        var node: YAML
        var origin: Origin

        var isFromFile: Bool { if case .file = origin { true } else { false } }
    }

    // MARK: the file

    func read(_ root: YAML) {
        if let mapping = root.mapping() { walk(mapping, prefix: "") }
    }

    private func walk(_ mapping: YAMLMapping, prefix: String) {
        let keys = SettingsKey.all.map(\.path).filter { $0.hasPrefix(prefix) }
        for (name, node) in mapping.all {
            let path = prefix + name
            if keys.contains(path) {
                written[path] = node
            } else if keys.contains(where: { $0.hasPrefix(path + ".") }) {
                if let section = node.mapping() { walk(section, prefix: path + ".") }
            } else if keys.contains(path + "_file") {
                mapping.fail(Self.literalSecret, atKey: name, hint: "use \(name)_file")
            } else {
                let siblings = Set(keys.map { String($0.dropFirst(prefix.count).prefix { $0 != "." }) })
                mapping.fail(
                    "unknown key", atKey: name, hint: nearest(to: name, among: siblings.sorted()).map { "did you mean \"\($0)\"?" })
            }
        }
    }

    static let literalSecret = "expected a file path, found a literal secret"

    // MARK: one value

    /// The value of a key of `SettingsKey.all`; nil after a mistake or when nothing sets it.
    func value(_ path: String) -> Value? {
        guard let key = SettingsKey.all.first(where: { $0.path == path }) else { preconditionFailure("\(path) is no setting") }
        return value(key, path: path, written: written[path], standard: key.isDescribedDefault ? nil : key.standard)
    }

    /// - Parameter written: what the file says.
    func value(_ key: SettingsKey, path: String, written: YAML?, standard: String?) -> Value? {
        let variable = SettingsKey.environment(for: path)
        knownVariables.insert(variable)
        knownOverrides.insert(path)
        var found: Value?
        if let text = overrides[path] {
            found = node(text, key, path: path, place: "flag").map { Value(node: $0, origin: .flag) }
        } else if let text = environment[variable], !text.isEmpty {
            found = node(text, key, path: path, place: "environment \(variable)").map { Value(node: $0, origin: .environment(variable)) }
        } else if let written {
            found = Value(node: written, origin: .file(file, line: written.line))
        } else if let standard {
            found = node(standard, key, path: path, place: "default").map { Value(node: $0, origin: .standard) }
        }
        if let found, key.form != .accounts { show(path, key.isHidden ? "(hidden)" : Self.text(of: found.node), found.origin) }
        return found
    }

    func show(_ key: String, _ value: String, _ origin: Origin) {
        // A key that an account and its provider share is read twice.
        if !shown.contains(where: { $0.key == key }) { shown.append(ShownSetting(key: key, value: value, origin: origin)) }
    }

    func fail(_ key: String, _ words: String, severity: Problem.Severity = .error, hint: String? = nil) {
        let node = written[key]
        findings.add(Problem(words, severity: severity, file: file, line: node?.line ?? 0, column: node?.column ?? 0, key: key, hint: hint))
    }

    func missing(_ path: String) {
        guard let key = SettingsKey.all.first(where: { $0.path == path }) else { return }
        findings.add(Problem("missing: \(key.meaning)", file: file, key: path))
    }

    private static func text(of node: YAML) -> String {
        if let scalar = node.scalar { return scalar }
        return node.isList ? node.list().compactMap(\.scalar).joined(separator: ", ") : "…"
    }

    /// Words from outside the file as a node of their own. Lists are separated by commas.
    private func node(_ text: String, _ key: SettingsKey, path: String, place: String) -> YAML? {
        let own = Findings()
        spoken.append((own, place))
        let value: String
        switch key.form {
        case .list, .paths:
            let items = text.split(separator: ",").map { Self.quoted($0.trimmingSpaces) }
            value = "[" + items.joined(separator: ", ") + "]"
        case .number, .flag, .duration, .size:
            value = Identifier.isValid(text, limit: 64) ? text : Self.quoted(text)
        case .accounts:
            own.add(Problem("can only be set in the file", file: file, key: path))
            return nil
        case .text, .path, .word, .address, .mail, .secretFile:
            value = Self.quoted(text)
        }
        return StrictYAML.parse("\(Self.quoted(path)): \(value)\n", file: file, own)?.mapping()?[path]
    }

    private static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                out += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    // MARK: the end

    /// Reports flags and variables that set nothing, and moves the mistakes of spoken values to where they were spoken.
    func finish() {
        for (own, place) in spoken {
            for problem in own.problems {
                findings.add(Problem(problem.problem, severity: problem.severity, file: place, key: problem.key, hint: problem.hint))
            }
        }
        for path in overrides.keys.sorted() where !knownOverrides.contains(path) {
            let near = nearest(to: path, among: knownOverrides.sorted())
            findings.add(Problem("unknown key", file: "flag", key: path, hint: near.map { "did you mean \"\($0)\"?" }))
        }
        for name in environment.keys.sorted() where name.hasPrefix("CLARION_") && !knownVariables.contains(name) {
            if knownVariables.contains(name + "_FILE") {
                findings.add(Problem(Self.literalSecret, file: "environment \(name)", hint: "use \(name)_FILE"))
            } else {
                // Only a warning: the variable may be another program's.
                let near = nearest(to: name, among: knownVariables.sorted())
                findings.add(
                    Problem("sets nothing", severity: .warning, file: "environment \(name)", hint: near.map { "did you mean \($0)?" }))
            }
        }
    }
}

extension SettingsKey {
    /// Leads to a secret, or is a list of people's addresses.
    var isHidden: Bool { form == .secretFile || path == "allowlist" }

    /// The default is not a text but a place that depends on another setting.
    var isDescribedDefault: Bool { standard?.hasSuffix("in the store's directory") == true }
}
