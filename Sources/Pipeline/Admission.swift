import Core
public import Store
import Synchronization

/// Overload makes intake say no, with a time, instead of falling over: too many events that nobody has planned yet, too little room on the disk,
/// a write-ahead log that is not copied back. What is urgent is taken a while longer.
///
/// The marks are looked at once a second at most: what comes in meanwhile goes over them by a second's worth.
public final class Admission: Sendable {
    public struct Marks: Sendable, Hashable {
        /// Events that are accepted and not planned.
        public var pending: Int
        /// Bytes that stay free on the store's disk.
        public var free: Int
        /// Bytes of the write-ahead log.
        public var log: Int
        public init(pending: Int, free: Int, log: Int = 1 << 30) { (self.pending, self.free, self.log) = (pending, free, log) }
    }

    /// Of the store's disk, in bytes. Nil: not known, and nobody is refused for it.
    public struct Space: Sendable, Hashable {
        public var free: Int
        public var log: Int
        public init(free: Int, log: Int) { (self.free, self.log) = (free, log) }
    }

    /// Nothing of the request was stored: the producer keeps it, and comes again.
    public struct Refusal: Error, Sendable, Hashable {
        public var words: String
        public var retryAfter: Duration
        /// Only what is urgent is taken still.
        var takesUrgent: Bool
    }

    private let marks: Marks
    private let store: any Store
    private let space: @Sendable () -> Space?
    private struct State {
        var looked: ContinuousClock.Instant?
        var isLooking = false
        var refusal: Refusal?
    }
    private let state = Mutex(State())

    public init(_ marks: Marks, store: any Store, space: @escaping @Sendable () -> Space?) {
        (self.marks, self.store, self.space) = (marks, store, space)
    }

    /// Throws `Refusal`, or what the store throws.
    func check(isUrgent: @autoclosure () -> Bool) async throws {
        let mustLook = state.withLock { state in
            guard !state.isLooking, state.looked.map({ .now - $0 >= .seconds(1) }) ?? true else { return false }
            state.isLooking = true
            return true
        }
        if mustLook { try await look() }
        guard let refusal = state.withLock({ $0.refusal }), !refusal.takesUrgent || !isUrgent() else { return }
        throw refusal
    }

    private func look() async throws {
        do {
            let (marks, space) = (marks, space())
            let pending = try await store.read { try $0.receivedCount(atMost: marks.pending + 1) }
            state.withLock { $0 = State(looked: .now, refusal: Self.refusal(marks, pending: pending, space)) }
        } catch {
            state.withLock { $0.isLooking = false }
            throw error
        }
    }

    /// The next check does, whenever the last was.
    func lookAgain() { state.withLock { $0.looked = nil } }

    /// From nine tenths of the events, or where the disk gets short, only what is urgent.
    static func refusal(_ marks: Marks, pending: Int, _ space: Space?) -> Refusal? {
        if let space, space.free < marks.free {
            return Refusal(words: "the disk is almost full", retryAfter: .seconds(30), takesUrgent: space.free >= marks.free / 4)
        }
        if let space, space.log > marks.log {
            return Refusal(words: "the disk does not keep up", retryAfter: .seconds(5), takesUrgent: space.log <= 2 * marks.log)
        }
        guard pending > marks.pending / 10 * 9 else { return nil }
        return Refusal(words: "too many events wait to be planned", retryAfter: .seconds(5), takesUrgent: pending <= marks.pending)
    }
}

extension Catalogue {
    /// What an event says of itself, before anything is decided about it.
    func isUrgent(_ event: Event) -> Bool {
        guard case .anomaly(let anomaly) = event.body else { return false }
        let kind = anomaly.reason.flatMap { code(source: $0.source, code: $0.code)?.kind } ?? anomaly.kind
        return kind.map { self[$0].priority == .high } ?? false
    }
}
