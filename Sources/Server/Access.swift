public import Core
import HTTPTypes

/// Who may do what. Keys are bearer tokens, one set for each role; a higher role may do what a lower one may.
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
        case allowed
        case unauthorized
        case forbidden
    }

    /// `ingest` keys may put events in and nothing else; the other roles rise.
    func verdict(_ headers: HTTPFields, needs role: Role) -> Verdict {
        guard let keys else { return .allowed }
        guard let given = Access.bearer(headers) else { return .unauthorized }
        var found: Role?
        for (holder, secrets) in keys {
            for secret in secrets where constantTimeEqual(secret.reveal(for: .comparing), given) { found = max(found ?? holder, holder) }
        }
        guard let found else { return .unauthorized }
        if role == .ingest { return found == .ingest || found == .admin ? .allowed : .forbidden }
        return found >= role && found != .ingest ? .allowed : .forbidden
    }

    static func bearer(_ headers: HTTPFields) -> String? {
        guard let value = headers[.authorization], value.lowercased().hasPrefix("bearer ") else { return nil }
        return String(value.dropFirst(7))
    }
}

/// Takes the same time wherever the first difference is.
func constantTimeEqual(_ a: String, _ b: String) -> Bool {
    let a = Array(a.utf8), b = Array(b.utf8)
    var difference = UInt8(truncatingIfNeeded: a.count ^ b.count) | UInt8(truncatingIfNeeded: (a.count ^ b.count) >> 8)
    for (n, byte) in a.enumerated() { difference |= byte ^ (b.isEmpty ? 0xFF : b[n % b.count]) }
    return difference == 0 && a.count == b.count
}
