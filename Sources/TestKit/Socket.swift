import Glibc

/// An error of the operating system in a test's own servers.
public struct SystemError: Error, CustomStringConvertible {
    public let description: String
    init(_ call: String) { description = "\(call): errno \(errno)" }
}

/// The few socket calls the scripted servers need.
enum Socket {
    static func listen() throws -> (socket: Int32, port: UInt16) {
        let socket = try open(AF_INET)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            guard bind(socket, pointer, length) == 0, Glibc.listen(socket, 128) == 0, getsockname(socket, pointer, &length) == 0 else {
                throw SystemError("listen")
            }
        }
        return (socket, UInt16(bigEndian: address.sin_port))
    }

    static func listen(path: String) throws -> Int32 {
        let socket = try open(AF_UNIX)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try withUnsafeBytes(of: &address) { bytes in
            let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            guard bind(socket, pointer, socklen_t(bytes.count)) == 0, Glibc.listen(socket, 128) == 0 else { throw SystemError("listen") }
        }
        return socket
    }

    static func connect(_ port: UInt16) throws -> Int32 {
        let socket = try open(AF_INET)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let done = withUnsafeBytes(of: &address) { bytes in
            Glibc.connect(socket, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        guard done == 0 else {
            close(socket)
            throw SystemError("connect")
        }
        return socket
    }

    /// Closed until it is opened, then open for ever.
    struct Gate: Sendable {
        let reading, writing: Int32
        func open() { _ = write(writing, "x", 1) }
        func wait() -> Bool {
            var ready = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            return poll(&ready, 1, -1) == 1
        }
        func close() {
            Glibc.close(reading)
            Glibc.close(writing)
        }
    }

    static func pipe() -> Gate {
        var ends: [Int32] = [0, 0]
        precondition(Glibc.pipe(&ends) == 0, "no pipe for a test's server")
        return Gate(reading: ends[0], writing: ends[1])
    }

    private static func open(_ family: Int32) throws -> Int32 {
        let socket = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw SystemError("socket") }
        return socket
    }

    /// Nil when the peer is gone.
    static func read(_ socket: Int32, atMost count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            filled = max(0, recv(socket, room.baseAddress, count, 0))
        }
        return bytes.isEmpty ? nil : bytes
    }

    static func send(_ socket: Int32, _ text: String) -> Bool { send(socket, Array(text.utf8)) }
    static func send(_ socket: Int32, _ bytes: [UInt8]) -> Bool {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }

    static func resetOnClose(_ socket: Int32) -> Bool {
        var option = linger(l_onoff: 1, l_linger: 0)
        return setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size)) == 0
    }
}

/// A detached thread that runs `body` once.
func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var id = pthread_t()
    let failed = pthread_create(
        &id, nil,
        { context in
            Unmanaged<Box>.fromOpaque(context!).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    precondition(failed == 0, "no thread for a test's server")
    pthread_detach(id)
}
