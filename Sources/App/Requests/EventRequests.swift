public import Core

/// `event send`: put events on the queue.
public struct EventSendRequest: Sendable {
    /// One JSON object a line; `-` is stdin.
    public var files: [String]
    /// Wait until each event has its disposition.
    public var waits: Bool
    public init(files: [String], waits: Bool = false) { (self.files, self.waits) = (files, waits) }
}

/// `event sample`: print events to start from.
public struct EventSampleRequest: Sendable {
    public var kind: Kind?
    public var count: Int
    /// Nil: other events every time, so that they are no repeats of those sent before.
    public var seed: UInt64?
    public init(kind: Kind? = nil, count: Int = 1, seed: UInt64? = nil) { (self.kind, self.count, self.seed) = (kind, count, seed) }
}

/// `event validate`: name every bad field of every event; findings end with status 3.
public struct EventValidateRequest: Sendable {
    public var files: [String]
    public init(files: [String]) { self.files = files }
}

/// `event show`: what became of one event.
public struct EventShowRequest: Sendable {
    public var id: String
    public init(id: String) { self.id = id }
}
