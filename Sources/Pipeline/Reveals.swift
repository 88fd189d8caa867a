public import Core
public import Store
import Synchronization

/// Who may see unmasked addresses of one customer or order over HTTP for some minutes: asked for with a reason, written down when it is given and at each use,
/// over when its time is, and when the worker ends. Kept in memory on purpose: what is lost with the process opens nothing.
public final class Reveals: Sendable {
    public struct Grant: Sendable, Equatable {
        /// `rvl_…`: random, and no secret; whoever uses it needs a key of the role as well.
        public var id: String
        public var what: Desk.Disclosed
        public var who: String
        public var until: Timestamp
    }
    public enum Use: Sendable, Equatable {
        /// Written down: now it may be shown.
        case allowed(Grant)
        case over
        case notFound
    }
    public static let longest = 60
    public static let usual = 15
    /// So many at once, over all.
    private static let most = 1000

    private let grants = Mutex<[String: Grant]>([:])
    private let desk: Desk
    private let random: any RandomSource
    public init(_ desk: Desk, random: any RandomSource = SystemRandom()) { (self.desk, self.random) = (desk, random) }

    /// Nil when there is no such order or customer, or too many grants are open.
    public func grant(_ what: Desk.Disclosed, minutes: Int, who: String, reason: String) async throws -> Grant? {
        precondition((1...Self.longest).contains(minutes), "the caller checks")
        let now = desk.clock.now()
        let grant = Grant(
            id: "rvl_" + random.bytes(16).map { Self.alphabet[Int($0 & 31)] }.joined(), what: what, who: who,
            until: now + .minutes(minutes))
        // In memory before it is written down: a use needs both, and nobody knows its name yet.
        guard grants.withLock({ Self.keep(grant, in: &$0, now: now) }) else { return nil }
        do {
            let more: [(String, JSON)] = [("reveal", .string(grant.id)), ("until", .string(grant.until.description))]
            if case .done = try await desk.disclose(what, as: "reveal grant", saying: more, who: who, reason: reason) { return grant }
        } catch {
            forget(grant.id)
            throw error
        }
        forget(grant.id)
        return nil
    }

    /// Asked for before each look, which is a row of its own.
    public func use(_ id: String, who: String) async throws -> Use {
        guard let grant = grants.withLock({ $0[id] }) else { return .notFound }
        guard desk.clock.now() < grant.until else {
            forget(id)
            return .over
        }
        let answer = try await desk.disclose(
            grant.what, as: "reveal use", saying: [("reveal", .string(id))], who: who, reason: "granted to \(grant.who)")
        guard case .done = answer else { return .notFound }
        return .allowed(grant)
    }

    private static func keep(_ grant: Grant, in grants: inout [String: Grant], now: Timestamp) -> Bool {
        grants = grants.filter { now < $0.value.until }
        guard grants.count < most else { return false }
        grants[grant.id] = grant
        return true
    }
    private func forget(_ id: String) { grants.withLock { $0[id] = nil } }
    private static let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".map { String($0) }
}
