/// Where a value came from; the first one that speaks wins.
public enum Origin: Sendable, Hashable, CustomStringConvertible {
    case flag
    /// The variable's name.
    case environment(String)
    case file(String, line: Int)
    case standard

    public var description: String {
        switch self {
        case .flag: "flag"
        case .environment(let name): "environment \(name)"
        case .file(let file, let line): "\(file):\(line)"
        case .standard: "default"
        }
    }
}

/// A line of `clarion config show --origin`.
public struct ShownSetting: Sendable, Hashable {
    /// `store.directory`, `accounts.sms-main.weight`.
    public var key: String
    /// As it was written; `(hidden)` for everything that leads to a secret.
    public var value: String
    public var origin: Origin
}
