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
        let afterHost = authority.lastIndex(of: "]").map { authority.index(after: $0) } ?? authority.firstIndex(of: ":") ?? authority.endIndex
        if afterHost < authority.endIndex {
            let digits = authority[afterHost...].dropFirst()
            guard authority[afterHost] == ":", digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let n = Int(digits), (1...65535).contains(n)
            else { return nil }
            host = authority[..<afterHost]
            port = n
        }
        let name = host.lowercased()
        let inner = name.hasPrefix("[") && name.hasSuffix("]") ? name.dropFirst().dropLast() : nil
        let fits = inner.map { $0.utf8.allSatisfy { "0123456789abcdef:.".utf8.contains($0) } && $0.contains(":") }
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

/// Escaping for URLs and forms.
enum PercentEncoding {
    private static let hex = Array("0123456789ABCDEF".utf8)

    /// Everything but the unreserved characters of RFC 3986 as `%XX` of its UTF-8 bytes.
    static func component(_ text: String) -> String {
        String(decoding: encode(text, keeping: "-._~", space: nil), as: UTF8.self)
    }

    /// `a=1&b=2` for a URL's query.
    static func query(_ pairs: [(String, String)]) -> String {
        pairs.map { component($0) + "=" + component($1) }.joined(separator: "&")
    }

    /// `application/x-www-form-urlencoded` as the WHATWG URL standard writes it: a space is `+`.
    static func form(_ pairs: [(String, String)]) -> [UInt8] {
        Array(pairs.map { encode($0, keeping: "*-._", space: 0x2B) + [0x3D] + encode($1, keeping: "*-._", space: 0x2B) }.joined(separator: [0x26]))
    }

    private static func encode(_ text: String, keeping: String, space: UInt8?) -> [UInt8] {
        let kept = Array(keeping.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: out.append(byte)
            case 0x20 where space != nil: out.append(space!)
            case _ where kept.contains(byte): out.append(byte)
            default: out += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return out
    }
}
