import Core

/// The addresses of one name. Another object is another answer: who has one that is the same has nothing to do.
final class Addresses: Sendable {
    let all: [SocketAddress]
    init(_ all: [SocketAddress]) { self.all = all }
}

/// Why a name has no answer.
enum NameFailure: Sendable, Equatable {
    case noSuchName
    case unanswered(Int32)
    /// Its own look-up hangs.
    case hangs
    /// Look-ups of other names hang on every thread that it could have, or too many wait already.
    case noThread

    /// Names no host.
    var words: String {
        switch self {
        case .noSuchName: "there is no such host"
        case .unanswered(let code): "the resolver failed, getaddrinfo \(code)"
        case .hangs: "the resolver does not answer"
        case .noThread: "the resolver does not answer, and every thread waits for it"
        }
    }
}

/// What is known of one name. Pure. Times are milliseconds; each thread reads them before it has the lock, so one may lie before
/// another that is already written.
///
/// | age of the answer | what becomes of a question |
/// |---|---|
/// | below 30 s | answered |
/// | below 10 min | answered, and the name is looked up beside it; a look-up that fails changes nothing, one that says "no such name" does (RFC 8767) |
/// | above, or none | the name is looked up first; after a failure it stays at that for 2 s, after "no such name" for 5 s |
struct KnownName {
    /// getaddrinfo(3) does not say how long an answer holds.
    static let fresh: UInt64 = 30_000
    /// As long as a connection lives that was made with it (`MAXLIFETIME_CONN`).
    static let usable: UInt64 = 600_000
    /// Until a name is looked up again.
    static let afterFailure: UInt64 = 2_000
    static let afterNoSuchName: UInt64 = 5_000
    /// An old answer is used so long before the new one is asked for.
    static let peek: UInt64 = 1_000

    private(set) var addresses: Addresses?
    private var foundAt: UInt64 = 0
    private(set) var failure: NameFailure?
    private var quietUntil: UInt64 = 0
    /// Since when it waits for a thread or has one.
    var soughtSince: UInt64?
    var askedAt: UInt64 = 0
    /// Who is told when it is settled.
    var waiting: [Inbox] = []

    /// The answer that may be used, and until when nobody needs to ask again.
    func answer(at now: UInt64) -> (addresses: Addresses, until: UInt64)? {
        guard let addresses else { return nil }
        if now < foundAt + Self.fresh { return (addresses, foundAt + Self.fresh) }
        if now < foundAt + Self.usable { return (addresses, min(now + Self.peek, foundAt + Self.usable)) }
        return PlantedBug.keepsStaleForever.isActive ? (addresses, now + Self.peek) : nil
    }

    /// The failure that still stands.
    func failure(at now: UInt64) -> NameFailure? { now < quietUntil ? failure : nil }

    func mustBeSought(at now: UInt64) -> Bool {
        soughtSince == nil && now >= quietUntil && (addresses == nil || now >= foundAt + Self.fresh)
    }

    mutating func take(_ finding: NameFinding, at now: UInt64) {
        soughtSince = nil
        switch finding {
        case .addresses(let found):
            // Servers shuffle their answers.
            if addresses.map({ Set($0.all) != Set(found) }) ?? true { addresses = Addresses(found) }
            (foundAt, failure, quietUntil) = (now, nil, 0)
        case .noSuchName: (addresses, failure, quietUntil) = (nil, .noSuchName, now + Self.afterNoSuchName)
        case .unanswered(let code): (failure, quietUntil) = (.unanswered(code), now + Self.afterFailure)
        }
    }
}
