/// `check`: settings, policy, catalogue, templates and accounts as one graph, offline.
public struct CheckRequest: Sendable {
    /// Warnings are findings too.
    public var isStrict: Bool
    public init(isStrict: Bool = false) { self.isStrict = isStrict }
}

/// `config show`: every setting; secrets hidden.
public struct ConfigShowRequest: Sendable {
    /// Where each value came from.
    public var showsOrigin: Bool
    public init(showsOrigin: Bool = false) { self.showsOrigin = showsOrigin }
}

/// `doctor`: the running system, online.
public struct DoctorRequest: Sendable {
    public init() {}
}

/// `reasons list` and `reasons show`
public struct ReasonsRequest: Sendable {
    /// Nil: all of them.
    public var code: String?
    public init(code: String? = nil) { self.code = code }
}

/// `states list`
public struct StatesRequest: Sendable {
    public init() {}
}

/// `version`
public struct VersionRequest: Sendable {
    public init() {}
}

/// `bench compare`: two files of `make bench`.
public struct BenchCompareRequest: Sendable {
    /// Paths.
    public var old, new: String
    public init(old: String, new: String) { (self.old, self.new) = (old, new) }
}
