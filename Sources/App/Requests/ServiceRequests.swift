public import Core

/// `run`: worker and HTTP in one process.
public struct RunRequest: Sendable {
    /// `host:port`, instead of the settings'.
    public var listen: String?
    /// Instead of the settings'.
    public var mode: Mode?
    public init(listen: String? = nil, mode: Mode? = nil) { (self.listen, self.mode) = (listen, mode) }
}

/// `worker`: the worker alone.
public struct WorkerRequest: Sendable {
    public var mode: Mode?
    /// End when nothing waits any more.
    public var untilQuiet: Bool
    public init(mode: Mode? = nil, untilQuiet: Bool = false) { (self.mode, self.untilQuiet) = (mode, untilQuiet) }
}

/// `replay`: files of events through the whole pipeline in a store of its own, on the events' own clock; prints the accounting.
public struct ReplayRequest: Sendable {
    /// One JSON object a line; `-` is stdin.
    public var files: [String]
    /// Where the store is kept; nil: a temporary one.
    public var store: String?
    /// The same seed gives the same ids.
    public var seed: UInt64
    public init(files: [String], store: String? = nil, seed: UInt64 = 1) { (self.files, self.store, self.seed) = (files, store, seed) }
}

/// `sandbox`: stand-in providers with a page that shows what arrived.
public struct SandboxRequest: Sendable {
    public var httpsPort, smtpPort: Int?
    public init(httpsPort: Int? = nil, smtpPort: Int? = nil) { (self.httpsPort, self.smtpPort) = (httpsPort, smtpPort) }
}

/// `demo`: everything in one process, with sample events, on loopback.
public struct DemoRequest: Sendable {
    public var port: Int?
    /// Events a second.
    public var rate: Int
    /// Kept after the end, to look at.
    public var directory: String?
    public init(port: Int? = nil, rate: Int = 2, directory: String? = nil) {
        (self.port, self.rate, self.directory) = (port, rate, directory)
    }
}
