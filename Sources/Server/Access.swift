public import Core
import HTTPTypes

/// Who may do what. Keys are bearer tokens, one set for each role.
public struct Access: Sendable {
    public enum Role: String, Sendable, CaseIterable, Comparable {
        case ingest, viewer, `operator`, admin
        public static func < (a: Role, b: Role) -> Bool { allCases.firstIndex(of: a)! < allCases.firstIndex(of: b)! }
    }
    /// Nil: the listener is only reachable from this machine's loopback or through a socket that only its owner may open.
    var keys: [Role: [Sensitive<String>]]?

    public static let open = Access(keys: nil)
    public static func keys(_ keys: [Role: [Sensitive<String>]]) -> Access { Access(keys: keys) }

    enum Verdict: Equatable {
        /// Nil: no key was needed.
        case allowed(Role?)
        case unauthorized
        case forbidden
    }

    /// `ingest` keys may put events in and nothing else, and nobody else but `admin` may; the other roles rise.
    func verdict(_ headers: HTTPFields, needs role: Role) -> Verdict {
        guard keys != nil else { return .allowed(nil) }
        guard let given = Access.bearer(headers), let holder = holder(of: given) else { return .unauthorized }
        let isAllowed = role == .ingest ? holder == .ingest || holder == .admin : holder != .ingest && holder >= role
        return isAllowed ? .allowed(holder) : .forbidden
    }

    /// The highest role that has this key. Every key is compared, whichever fits.
    private func holder(of given: String) -> Role? {
        var found: Role?
        for (role, secrets) in keys ?? [:] {
            for secret in secrets where constantTimeEqual(secret.reveal(for: .comparing), given) { found = max(found ?? role, role) }
        }
        return found
    }

    /// The token of `Authorization: Bearer …`; nil for another scheme or an empty one.
    static func bearer(_ headers: HTTPFields) -> String? {
        guard let value = headers[.authorization], value.lowercased().hasPrefix("bearer ") else { return nil }
        let token = value.dropFirst(7).drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }
}

/// Takes the same time wherever the first difference is.
func constantTimeEqual(_ a: String, _ b: String) -> Bool {
    let a = Array(a.utf8), b = Array(b.utf8)
    var difference = UInt8(truncatingIfNeeded: a.count ^ b.count) | UInt8(truncatingIfNeeded: (a.count ^ b.count) >> 8)
    for (n, byte) in a.enumerated() { difference |= byte ^ (b.isEmpty ? 0xFF : b[n % b.count]) }
    return difference == 0 && a.count == b.count
}
