/// An absolute URL without user info and fragment, cut into what is checked and what is replaced.
struct Endpoint: Sendable, Hashable {
    var scheme: String
    /// As written, in lower case; an IPv6 address keeps its brackets.
    var host: String
    var port: Int
    /// Path and query, empty or with a leading `/`.
    var path: String
    private var showsPort: Bool

    /// Mail goes to the submission port (RFC 6409), not to libcurl's default of 25.
    private static let ports = ["https": 443, "http": 80, "smtps": 465, "smtp": 587]

    init?(_ text: String) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.refused.contains($0) }),
            let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://")
        else { return nil }
        let scheme = text[..<colon].lowercased()
        guard let standardPort = Self.ports[scheme] else { return nil }
        let rest = text[text.index(colon, offsetBy: 3)...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let (host, port) = Self.split(rest[..<end]) else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port ?? standardPort
        showsPort = port != nil || scheme == "smtp"
        path = rest[end...].hasPrefix("?") ? "/" + rest[end...] : String(rest[end...])
    }

    private static let refused: Set<UInt8> = Set("\"<>\\^`{|}#".utf8)

    /// `host`, `host:port`, `[v6]`, `[v6]:port`.
    private static func split(_ authority: Substring) -> (String, Int?)? {
        var host = authority, port: Int?
        let afterHost =
            authority.lastIndex(of: "]").map { authority.index(after: $0) } ?? authority.firstIndex(of: ":") ?? authority.endIndex
        if afterHost < authority.endIndex {
            let digits = authority[afterHost...].dropFirst()
            guard authority[afterHost] == ":", digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let n = Int(digits),
                (1...65535).contains(n)
            else { return nil }
            host = authority[..<afterHost]
            port = n
        }
        let name = host.lowercased()
        let inner = name.hasPrefix("[") && name.hasSuffix("]") ? name.dropFirst().dropLast() : nil
        let fits =
            inner.map { $0.utf8.allSatisfy { "0123456789abcdef:.".utf8.contains($0) } && $0.contains(":") }
            ?? name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-._".utf8.contains($0) }
        return name.isEmpty || !fits ? nil : (name, port)
    }

    var authority: String { showsPort ? "\(host):\(port)" : host }
    var url: String { "\(scheme)://\(authority)\(path)" }
    var hostPort: String { "\(host):\(port)" }
    var isPlain: Bool { scheme == "http" || scheme == "smtp" }
    var isLoopback: Bool { host == "localhost" || host.hasPrefix("127.") || host == "[::1]" }

    /// The same path below the sandbox: scheme and authority are the sandbox's.
    func moved(to base: Endpoint) -> Endpoint {
        var moved = base
        moved.path = base.path.hasSuffix("/") ? String(base.path.dropLast()) : base.path
        moved.path += path
        return moved
    }

    /// - Parameter more: begins with `/`.
    func appending(_ more: String) -> Endpoint {
        var longer = self
        longer.path = (path.hasSuffix("/") ? String(path.dropLast()) : path) + more
        return longer
    }
}
