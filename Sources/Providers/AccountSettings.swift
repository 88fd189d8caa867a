public import Core

/// One key of an account's settings.
public struct SettingKey: Sendable, Hashable {
    public enum Form: String, Sendable { case text, number, flag, url, secretFile = "secret file", list, map }
    public var name: String
    public var form: Form
    public var isRequired: Bool
    public var meaning: String
    public init(_ name: String, _ form: Form, required: Bool = false, _ meaning: String) {
        (self.name, self.form, self.isRequired, self.meaning) = (name, form, required, meaning)
    }
}

/// The settings of one account as `Config` read them: values with their line, secrets already loaded from their files.
public struct AccountSettings: Sendable {
    public struct Value: Sendable {
        public enum Kind: Sendable {
            case text(String), number(Int), flag(Bool), list([String]), map([(String, String)])
            case secret(Sensitive<String>)
        }
        public var kind: Kind
        public var line, column: Int
        public init(_ kind: Kind, line: Int, column: Int) { (self.kind, self.line, self.column) = (kind, line, column) }
    }

    public var name: String
    public var file: String
    public var line: Int
    public var values: [String: Value]
    /// In `capture` mode the sandbox's base URLs replace the real ones.
    public var endpointOverride: EndpointOverride?
    /// Where the provider reaches this account's receipts from outside, `https://…/v1/receipts/NAME`; nil: nowhere, and calls ask for none.
    public var receiptsURL: String?

    public init(
        name: String, file: String, line: Int, values: [String: Value], endpointOverride: EndpointOverride? = nil,
        receiptsURL: String? = nil
    ) {
        (self.name, self.file, self.line, self.values, self.endpointOverride) = (name, file, line, values, endpointOverride)
        self.receiptsURL = receiptsURL
    }

    /// Base URLs of the sandbox: `https` for HTTP providers, `smtp` for mail.
    public struct EndpointOverride: Sendable, Hashable {
        public var https: String
        public var smtp: String
        public init(https: String, smtp: String) { (self.https, self.smtp) = (https, smtp) }
    }

    public func text(_ key: String) -> String? { if case .text(let text) = values[key]?.kind { text } else { nil } }
    public func number(_ key: String) -> Int? { if case .number(let n) = values[key]?.kind { n } else { nil } }
    public func flag(_ key: String) -> Bool? { if case .flag(let b) = values[key]?.kind { b } else { nil } }
    public func list(_ key: String) -> [String]? { if case .list(let l) = values[key]?.kind { l } else { nil } }
    public func map(_ key: String) -> [(String, String)]? { if case .map(let m) = values[key]?.kind { m } else { nil } }
    public func secret(_ key: String) -> Sensitive<String>? { if case .secret(let s) = values[key]?.kind { s } else { nil } }

    /// A mistake at a key's place, or at the account's when the key is missing.
    public func problem(_ key: String, _ words: String, hint: String? = nil) -> Problem {
        let value = values[key]
        return Problem(words, file: file, line: value?.line ?? line, column: value?.column ?? 0, key: "accounts.\(name).\(key)", hint: hint)
    }

    /// Unknown keys, missing keys and values of the wrong form, all at once.
    public func mistakes(against keys: [SettingKey]) -> [Problem] {
        var found: [Problem] = []
        let known = Dictionary(uniqueKeysWithValues: keys.map { ($0.name, $0) })
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let key = known[name] else {
                found.append(problem(name, "unknown key", hint: nearest(to: name, among: known.keys).map { "did you mean \"\($0)\"?" }))
                continue
            }
            let fits =
                switch (key.form, value.kind) {
                case (.text, .text), (.number, .number), (.flag, .flag), (.url, .text), (.secretFile, .secret), (.list, .list),
                    (.map, .map):
                    true
                default: false
                }
            if !fits { found.append(problem(name, "expected \(key.form.rawValue)")) }
        }
        for key in keys where key.isRequired && values[key.name] == nil {
            found.append(problem(key.name, "missing: \(key.meaning)"))
        }
        return found
    }
}
