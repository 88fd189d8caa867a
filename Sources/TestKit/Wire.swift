public import Core
import Glibc
import Synchronization

/// A connection on which a test writes exactly the bytes it wants and reads what comes back. Reads block a thread of their own, never one
/// of the tasks', and give up after `patience`.
public final class Wire: Sendable {
    public struct Reply: Sendable {
        public var status: Int
        /// Names in lower case.
        public var headers: [String: String]
        public var body: [UInt8]
        public var text: String { String(decoding: body, as: UTF8.self) }
        public var json: JSON { get throws { try JSON(parsing: body) } }
    }

    public struct Silence: Error, CustomStringConvertible {
        public let heard: String
        public var description: String { "the connection ended or kept silent after: \(heard)" }
    }

    private let socket: Int32
    private let heard = Mutex<[UInt8]>([])

    public convenience init(port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        try self.init(AF_INET, &address, MemoryLayout<sockaddr_in>.size)
    }

    public convenience init(path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try self.init(AF_UNIX, &address, MemoryLayout<sockaddr_un>.size)
    }

    private init(_ family: Int32, _ address: UnsafeRawPointer, _ size: Int, patience: Int = 20) throws {
        socket = Glibc.socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw SystemError("socket") }
        var time = timeval(tv_sec: patience, tv_usec: 0)
        let pointer = address.assumingMemoryBound(to: sockaddr.self)
        guard setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size)) == 0,
            connect(socket, pointer, socklen_t(size)) == 0
        else { throw SystemError("connect") }
    }

    deinit { close(socket) }

    public func send(_ bytes: some Collection<UInt8>) throws {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw SystemError("send") }
            rest = rest.dropFirst(count)
        }
    }
    public func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Ends our half.
    public func finish() { shutdown(socket, Int32(SHUT_WR)) }

    /// All up to and with `end`, which is taken from the connection; throws when it does not come.
    public func read(to end: String) async throws -> String {
        while true {
            let found = heard.withLock { heard -> String? in
                guard let range = heard.firstRange(of: Array(end.utf8)) else { return nil }
                defer { heard.removeSubrange(..<range.upperBound) }
                return String(decoding: heard[..<range.upperBound], as: UTF8.self)
            }
            if let found { return found }
            guard await more() else { throw Silence(heard: heard.withLock { String(decoding: $0, as: UTF8.self) }) }
        }
    }

    /// All until the other side ends.
    public func readToEnd() async -> String {
        while await more() {}
        return heard.withLock { heard in
            defer { heard = [] }
            return String(decoding: heard, as: UTF8.self)
        }
    }

    /// Whether the other side ends without another byte.
    public func isEnded() async -> Bool { await readToEnd().isEmpty }

    /// One answer with its body, by `Content-Length`; an answer without one has no body.
    public func reply(toHead: Bool = false) async throws -> Reply {
        let (status, headers) = Self.head(try await read(to: "\r\n\r\n"))
        let count = toHead ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
        while heard.withLock({ $0.count }) < count {
            guard await more() else { throw Silence(heard: "an answer of \(status) without its body") }
        }
        let body = heard.withLock { heard in
            defer { heard.removeFirst(count) }
            return Array(heard.prefix(count))
        }
        return Reply(status: status, headers: headers, body: body)
    }

    private static func head(_ text: String) -> (Int, [String: String]) {
        let lines = text.split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " }) }
        }
        return (lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, headers)
    }

    /// False at the end of the stream, an error, or after too long a silence.
    private func more() async -> Bool {
        let fresh = await withCheckedContinuation { done in
            startThread { [socket] in done.resume(returning: Socket.read(socket, atMost: 65_536)) }
        }
        guard let fresh else { return false }
        heard.withLock { $0 += fresh }
        return true
    }
}
