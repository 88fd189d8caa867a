/// `db backup`
public struct BackupRequest: Sendable {
    /// Where it is written.
    public var file: String
    /// Also over one that is there.
    public var replaces: Bool
    public init(file: String, replaces: Bool = false) { (self.file, self.replaces) = (file, replaces) }
}

/// `db restore`
public struct RestoreRequest: Sendable {
    public var file: String
    public init(file: String) { self.file = file }
}
