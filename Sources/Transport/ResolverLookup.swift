import Glibc

/// The seam in front of the machine's resolver.
protocol NameLookup: Sendable {
    /// Blocks, for as long as it takes: a resolver that does not answer holds the thread for half a minute (resolv.conf(5)).
    func find(_ name: String) -> NameFinding
}

enum NameFinding: Sendable, Equatable {
    /// At least one, in the order in which they are to be tried; the port is 0.
    case addresses([SocketAddress])
    /// A definite answer: there is no such name, or it has no address.
    case noSuchName
    /// No answer, or one that says nothing: getaddrinfo(3)'s code.
    case unanswered(Int32)
}

/// What the machine says: `/etc/hosts`, `resolv.conf`, whatever `nsswitch.conf` names.
struct SystemLookup: NameLookup {
    /// Of one answer. A message of DNS over TCP could hold some 4,000.
    private static let most = 256

    func find(_ name: String) -> NameFinding {
        var hints = addrinfo()
        hints.ai_socktype = Self.stream
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard code == 0 else { return code == EAI_NONAME || code == Self.noData ? .noSuchName : .unanswered(code) }
        var found: [SocketAddress] = []
        var next = list
        while let one = next, found.count < Self.most {
            if let start = one.pointee.ai_addr, let address = SocketAddress(start), !found.contains(address) { found.append(address) }
            next = one.pointee.ai_next
        }
        return found.isEmpty ? .noSuchName : .addresses(found)
    }

    /// `SOCK_STREAM`, which not every build of Glibc's module shows.
    private static let stream: Int32 = 1
    /// `EAI_NODATA`, a GNU extension: the name is there and has no address.
    private static let noData: Int32 = -5
}
