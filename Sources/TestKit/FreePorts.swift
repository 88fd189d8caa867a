import Glibc

/// Ports of 127.0.0.1 that were free a moment ago, all different: for servers that cannot choose one themselves.
public func freePorts(_ count: Int) throws -> [UInt16] {
    let bound = try (0..<count).map { _ in try Socket.listen() }
    defer { for (socket, _) in bound { close(socket) } }
    return bound.map(\.port)
}
