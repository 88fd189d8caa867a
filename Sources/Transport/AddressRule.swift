import CCurl
import Glibc

/// Which addresses an account's sockets may be opened to. Checked at the socket, after the name was resolved: checking the name before the
/// call is not enough, since it may resolve differently the next time (DNS rebinding).
public enum AddressRule: Sendable, Hashable {
    case any
    case loopbackOnly
    case only([SocketAddress])

    /// - Parameter isPlain: the connection starts without TLS.
    func allows(_ address: SocketAddress, isPlain: Bool) -> Bool {
        switch self {
        case .any: !isPlain || address.isLoopback
        case .loopbackOnly: address.isLoopback
        case .only(let listed): listed.contains(address)
        }
    }
}

/// An IP address and port. IPv4 inside IPv6 (`::ffff:a.b.c.d`) is the IPv4 address it stands for.
public struct SocketAddress: Sendable, Hashable {
    /// 4 or 16 bytes.
    let ip: [UInt8]
    let port: UInt16

    /// Nil when `ip` is not an address in the usual notation, `127.0.0.1` or `::1`: no names, no octal, no single number.
    public init?(ip text: String, port: UInt16) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self.init(bytes: withUnsafeBytes(of: &four) { Array($0) }, port: port)
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self.init(bytes: withUnsafeBytes(of: &six) { Array($0) }, port: port)
        } else {
            return nil
        }
    }

    /// Nil for families other than IPv4 and IPv6.
    init?(_ address: UnsafePointer<sockaddr>) {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            var four = raw.loadUnaligned(as: sockaddr_in.self)
            self.init(bytes: withUnsafeBytes(of: &four.sin_addr) { Array($0) }, port: UInt16(bigEndian: four.sin_port))
        case AF_INET6:
            var six = raw.loadUnaligned(as: sockaddr_in6.self)
            self.init(bytes: withUnsafeBytes(of: &six.sin6_addr) { Array($0) }, port: UInt16(bigEndian: six.sin6_port))
        default: return nil
        }
    }

    /// This side of a connected socket.
    init?(local socket: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let address: SocketAddress? = withUnsafeMutablePointer(to: &storage) { start in
            UnsafeMutableRawPointer(start).withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(socket, $0, &length) == 0 ? SocketAddress($0) : nil
            }
        }
        guard let address else { return nil }
        self = address
    }

    private init(bytes: [UInt8], port: UInt16) {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        ip = bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes
        self.port = port
    }

    var isLoopback: Bool { ip.count == 4 ? ip[0] == 127 : ip.dropLast().allSatisfy { $0 == 0 } && ip.last == 1 }
}
