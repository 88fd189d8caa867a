/// Where raw events come from: a file, standard input, later a broker. One caller at a time.
///
/// A source hands out bytes as they came and decides nothing about them. What was handed out counts as taken with `acknowledge`, which is called
/// once the events, or the dead letters that stand for them, are on the disk: after a crash a source that can gives out again what was not.
public protocol EventSource: ~Copyable {
    /// For dead letters and messages: the path, or `stdin`.
    var name: String { get }

    /// The next events, at least one and at most `limit`, or fewer once they are 400 kB; none when there are no more. Waits for the first only:
    /// what is there already comes at once, so that a live pipe is not held back until a batch is full.
    mutating func next(_ limit: Int) throws(SourceProblem) -> [RawEvent]

    /// All that was handed out so far is on the disk.
    mutating func acknowledge() throws(SourceProblem)
}

/// One event as it came.
public struct RawEvent: Sendable, Equatable {
    public var bytes: [UInt8]
    /// Where in its source: the line, counted from 1.
    public var position: Int

    public init(_ bytes: [UInt8], at position: Int) {
        (self.bytes, self.position) = (bytes, position)
    }
}

/// Why a source cannot be read on.
public struct SourceProblem: Error, Equatable, CustomStringConvertible {
    public var source: String
    public var words: String
    public init(_ source: String, _ words: String) { (self.source, self.words) = (source, words) }
    public var description: String { "\(source): \(words)" }
}
