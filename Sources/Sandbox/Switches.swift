import Synchronization

/// What a stand-in does to requests instead of its usual work.
public struct Fault: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case none
        /// Refuses with this HTTP status in the provider's own error shape. SMTP: the reply code; a code it cannot mean becomes 451.
        case status(Int)
        /// Refuses with 429 and this many seconds in `Retry-After`. SMTP: 421 4.7.0.
        case throttle(retryAfter: Int)
        /// Reads the request to its end, accepts nothing, closes without an answer.
        case drop
        /// Reads the request to its end, **accepts** it, closes without an answer.
        case dropAfterAccept
        /// Accepts, and says in its receipt that the message could not be delivered; where there are no receipts, accepts.
        case undelivered
    }
    public var kind: Kind
    /// Of 100 requests this many are hit, evenly spread by counting: with 25 it is every fourth.
    public var percent: Int
    /// Milliseconds between the end of the request and what happens next. A request that is hit by no `kind` is stalled all the same,
    /// and is accepted after the stall even if the client has left: that is what makes a time-out ambiguous.
    public var stall: Int
    /// After so many hits the switch goes back to normal by itself; nil is never.
    public var times: Int?

    public static let none = Fault(.none)

    public init(_ kind: Kind, percent: Int = 100, stall: Int = 0, times: Int? = nil) {
        self.kind = kind
        self.percent = min(max(percent, 0), 100)
        self.stall = min(max(stall, 0), 600_000)
        self.times = times
    }
}

/// The faults in force, one per stand-in, and the addresses that are dead. Deterministic: what happens to a request depends only on
/// how many came before it.
public final class Switches: Sendable {
    private struct State {
        var faults: [StandIn: Fault] = [:]
        var seen: [StandIn: Int] = [:]
        var hits: [StandIn: Int] = [:]
        var requests: [StandIn: Int] = [:]
        var retired: Set<String> = []
        var stalls: [Int: Task<Void, any Error>] = [:]
        var nextStall = 0
    }
    private let state = Mutex(State())

    init() {}

    /// Takes effect with the next request; counting starts again.
    public func set(_ fault: Fault, for standIn: StandIn) {
        state.withLock {
            $0.faults[standIn] = fault == .none ? nil : fault
            $0.seen[standIn] = nil
            $0.hits[standIn] = nil
        }
    }
    public func fault(for standIn: StandIn) -> Fault { state.withLock { $0.faults[standIn] ?? .none } }
    /// Requests that reached the stand-in since start, whatever became of them.
    public func requests(to standIn: StandIn) -> Int { state.withLock { $0.requests[standIn] ?? 0 } }
    /// All faults off; retired addresses stay.
    public func reset() { StandIn.allCases.forEach { set(.none, for: $0) } }

    /// From now on this number, device or mailbox does not exist any more: every provider says so in its own words.
    public func retire(_ recipient: String) { _ = state.withLock { $0.retired.insert(recipient) } }
    public func restore(_ recipient: String) { _ = state.withLock { $0.retired.remove(recipient) } }
    public func isRetired(_ recipient: String) -> Bool { state.withLock { $0.retired.contains(recipient) } }

    /// Waits, whether the client stays or leaves: a stream that its client reset cancels the task that serves it, not this.
    /// - Throws: `CancellationError` when the sandbox stops meanwhile.
    func stall(_ milliseconds: Int) async throws {
        let wait = Task { try await Task.sleep(for: .milliseconds(milliseconds)) }
        let id = state.withLock { state in
            state.nextStall += 1
            state.stalls[state.nextStall] = wait
            return state.nextStall
        }
        defer { state.withLock { $0.stalls[id] = nil } }
        try await wait.value
    }
    func endStalls() { state.withLock { Array($0.stalls.values) }.forEach { $0.cancel() } }

    /// What to do with the request that has just been read.
    func next(_ standIn: StandIn) -> Fault {
        state.withLock { state in
            state.requests[standIn, default: 0] += 1
            guard let fault = state.faults[standIn] else { return .none }
            let before = state.seen[standIn] ?? 0
            state.seen[standIn] = before + 1
            // The n-th request is hit when n × percent passes a multiple of 100.
            guard (before + 1) * fault.percent / 100 > before * fault.percent / 100 else { return .none }
            state.hits[standIn, default: 0] += 1
            if let times = fault.times, state.hits[standIn]! >= times { state.faults[standIn] = nil }
            return fault
        }
    }
}
