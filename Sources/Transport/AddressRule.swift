import CCurl
import Glibc

/// Which addresses an account's sockets may be opened to. Checked for every answer to a name, of which only what is allowed is handed on, and once
/// more at the socket, where addresses arrive that never were a name.
public enum AddressRule: Sendable, Hashable {
    case any
    /// No address of a private, local or special network: what is on the internet and nothing else.
    case publicOnly
    case loopbackOnly
    case only([SocketAddress])

    /// - Parameter isPlain: the connection starts without TLS.
    func allows(_ address: SocketAddress, isPlain: Bool) -> Bool {
        switch self {
        case .any: !isPlain || address.isLoopback
        case .publicOnly: !isPlain && address.isPublic
        case .loopbackOnly: address.isLoopback
        case .only(let listed): listed.contains(address)
        }
    }

    /// What it says of an address that it does not allow.
    func words(isPlain: Bool) -> String {
        switch self {
        case .any: "without TLS only this machine"
        case .publicOnly: isPlain ? "nothing without TLS" : "only public addresses"
        case .loopbackOnly: "only this machine"
        case .only: "only those that the account lists"
        }
    }
}

/// An IP address and port. IPv4 inside IPv6 (`::ffff:a.b.c.d`) is the IPv4 address it stands for.
public struct SocketAddress: Sendable, Hashable {
    /// 4 or 16 bytes.
    let ip: [UInt8]
    private(set) var port: UInt16

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

    init(four ip: [UInt8], port: UInt16) { (self.ip, self.port) = (ip, port) }

    func at(_ port: UInt16) -> SocketAddress {
        var other = self
        other.port = port
        return other
    }

    /// Without the port, as `init(ip:port:)` takes it.
    var text: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return ip.withUnsafeBytes { bytes in
            inet_ntop(ip.count == 4 ? AF_INET : AF_INET6, bytes.baseAddress, &text, socklen_t(text.count)).map { String(cString: $0) } ?? ""
        }
    }

    var isLoopback: Bool { ip.count == 4 ? ip[0] == 127 : ip.dropLast().allSatisfy { $0 == 0 } && ip.last == 1 }
}
