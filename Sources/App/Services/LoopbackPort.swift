import Glibc
import Terminal

/// Ports of this machine, looked at before a server is started: "address already in use" names none.
enum LoopbackPort {
    /// Whether loopback has nobody there at this moment, and this user may listen on it.
    static func isFree(_ port: Int) -> Bool {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var yes: Int32 = 1
        // As our servers do: a port in TIME_WAIT counts as free.
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = UInt16(port).bigEndian
        place.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
    }

    /// One that nobody has at this moment; nil when there is none.
    static func free() -> Int? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) == 0 && getsockname(socket, $0, &size) == 0 }
        }
        return isBound ? Int(UInt16(bigEndian: place.sin_port)) : nil
    }

    /// Throws a fault that names the port and its setting. 0 is always free.
    static func check(_ port: Int, setting: String) throws(Fault) {
        guard port != 0, !isFree(port) else { return }
        let variable = "CLARION_" + setting.uppercased().replacing(".", with: "_")
        let free = setting == "listen" ? "127.0.0.1:0" : "0"
        throw Fault(
            .unavailable, "127.0.0.1:\(port) is taken by another process", field: setting,
            hint: "another one, or \(variable)=\(free) for a free one")
    }
}
