import Glibc

/// A file or a pipe with one JSON object a line. A last line without its end counts; an empty line is an event too, and refused as one.
///
/// `acknowledge` does nothing: a file can be sent again from its start, since events that are known already count as duplicates.
public struct LineSource: EventSource, ~Copyable {
    public let name: String
    private let file: Int32
    private var buffer: [UInt8] = []
    /// Where in `buffer` the next line begins, and how far it was searched for an end.
    private var start = 0, searched = 0
    private var isAtEnd = false
    private var line = 0
    private static let batchBytes = 400_000

    /// - Parameter path: a file, or `-` for standard input.
    public init(_ path: String) throws(SourceProblem) {
        let opened = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw SourceProblem(path, String(cString: strerror(errno))) }
        (name, file) = (path == "-" ? "stdin" : path, opened)
    }

    deinit { if file > 0 { close(file) } }

    public mutating func next(_ limit: Int) throws(SourceProblem) -> [RawEvent] {
        var out: [RawEvent] = []
        var size = 0
        while out.count < limit, size < Self.batchBytes {
            if let event = nextLine() {
                out.append(event)
                size += event.bytes.count
            } else if isAtEnd || !out.isEmpty {
                break
            } else {
                try fill()
            }
        }
        return out
    }

    /// All that is left. For tools that need the whole file.
    public mutating func rest() throws(SourceProblem) -> [RawEvent] {
        var out: [RawEvent] = []
        while true {
            let more = try next(.max)
            guard !more.isEmpty else { return out }
            out += more
        }
    }

    public mutating func acknowledge() {}

    private mutating func nextLine() -> RawEvent? {
        if let end = buffer[searched...].firstIndex(of: 0x0A) { return take(until: end, skipping: 1) }
        searched = buffer.count
        return isAtEnd && start < buffer.count ? take(until: buffer.count, skipping: 0) : nil
    }

    private mutating func take(until end: Int, skipping separator: Int) -> RawEvent {
        line += 1
        let isWindows = end > start && buffer[end - 1] == 0x0D
        let event = RawEvent(Array(buffer[start..<(isWindows ? end - 1 : end)]), at: line)
        start = end + separator
        searched = start
        return event
    }

    /// Reads what is there, at most 64 KiB, and waits only when there is nothing.
    private mutating func fill() throws(SourceProblem) {
        buffer.removeSubrange(..<start)
        searched -= start
        start = 0
        let room = 1 << 16
        var chunk = [UInt8](repeating: 0, count: room)
        while true {
            let count = read(file, &chunk, room)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SourceProblem(name, String(cString: strerror(errno))) }
            isAtEnd = count == 0
            return buffer.append(contentsOf: chunk[..<count])
        }
    }
}
