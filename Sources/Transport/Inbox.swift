import CCurl
import Core
import Glibc
import Synchronization

/// What tasks and threads hand to the loop thread: bounded, under one lock, with one wake-up at most per sleep of the loop.
final class Inbox: Sendable {
    typealias Handler = @Sendable ([Completion]) -> Void

    /// What the loop takes at once.
    struct Batch {
        var accounts: [TransportAccount] = []
        var orders: [Order] = []
        var cancelled: [UInt64] = []
        /// Names that somebody here waited for.
        var settled: [String] = []
        var stopWithin: Duration?
        var handler: Handler?
        var isEmpty: Bool { accounts.isEmpty && orders.isEmpty && cancelled.isEmpty && settled.isEmpty }
    }

    fileprivate struct State {
        var batch = Batch()
        /// Submitted and not completed: here, queued or on the wire.
        var outstanding = 0
        var isSleeping = false
        var hasExited = false
        var exitWaiters: [CheckedContinuation<Void, Never>] = []
        var lastTask: UInt64 = 0
    }

    private let state = Mutex(State())
    /// Milliseconds. Written by the loop thread.
    private let longest = Atomic<UInt64>(0)
    /// Each turn that was longer than all before it. Who listens late hears the longest.
    let records: AsyncStream<Duration>
    private let record: AsyncStream<Duration>.Continuation
    private let capacity: Int
    /// Readable when the loop must wake up.
    let wakeSocket: Int32

    init(capacity: Int) {
        self.capacity = capacity
        (records, record) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        wakeSocket = ccurl_eventfd()
        precondition(wakeSocket >= 0, "a process that cannot open one descriptor cannot send")
    }
    deinit { close(wakeSocket) }

    // MARK: callers, on any thread

    func register(_ account: TransportAccount) { post { $0.accounts.append(account) } }
    func cancel(task id: UInt64) { post { $0.cancelled.append(id) } }
    func settled(_ name: String) { post { $0.settled.append(name) } }
    func stop(within limit: Duration) { post { $0.stopWithin = min($0.stopWithin ?? limit, limit) } }
    func onCompletions(_ handler: @escaping Handler) { post { $0.handler = handler } }
    func nextTask() -> UInt64 {
        state.withLock {
            $0.lastTask += 1
            return $0.lastTask
        }
    }

    /// The orders that found no place: none of them reaches the loop.
    func submit(_ orders: [Order]) -> ArraySlice<Order> {
        let (refused, mustWake) = state.withLock { state -> (ArraySlice<Order>, Bool) in
            let room = state.hasExited || state.batch.stopWithin != nil ? 0 : max(0, capacity - state.outstanding)
            let taken = orders.prefix(room)
            state.batch.orders += taken
            state.outstanding += taken.count
            return (orders.dropFirst(taken.count), !taken.isEmpty && state.endSleep())
        }
        if mustWake { wake() }
        return refused
    }

    private func post(_ change: (inout sending Batch) -> Void) {
        let mustWake = state.withLock { state -> Bool in
            change(&state.batch)
            return state.endSleep()
        }
        if mustWake { wake() }
    }

    private func wake() { eventfd_write(wakeSocket, 1) }

    /// Returns when the loop thread has given back everything it held.
    func waitForExit() async {
        await withCheckedContinuation { waiter in
            let hasExited = state.withLock { state -> Bool in
                if !state.hasExited { state.exitWaiters.append(waiter) }
                return state.hasExited
            }
            if hasExited { waiter.resume() }
        }
    }

    // MARK: the loop thread

    /// Moves what gathered into `batch`, whose arrays come back empty with their storage.
    func take(_ batch: inout Batch, completed: Int) {
        batch.accounts.removeAll(keepingCapacity: true)
        batch.orders.removeAll(keepingCapacity: true)
        batch.cancelled.removeAll(keepingCapacity: true)
        batch.settled.removeAll(keepingCapacity: true)
        state.withLock { state in
            state.isSleeping = false
            state.outstanding -= completed
            swap(&state.batch.accounts, &batch.accounts)
            swap(&state.batch.orders, &batch.orders)
            swap(&state.batch.cancelled, &batch.cancelled)
            swap(&state.batch.settled, &batch.settled)
            (batch.handler, batch.stopWithin) = (state.batch.handler, state.batch.stopWithin)
        }
    }

    /// False when something has arrived since `take`: the loop must not sleep.
    func beginSleep(knowsOfStop: Bool) -> Bool {
        state.withLock { state in
            state.isSleeping = state.batch.isEmpty && (knowsOfStop || state.batch.stopWithin == nil)
            return state.isSleeping
        }
    }

    /// How long the loop has worked between two waits.
    func note(turn milliseconds: UInt64) {
        guard milliseconds > longest.load(ordering: .relaxed) else { return }
        longest.store(milliseconds, ordering: .relaxed)
        // What is dropped was shorter.
        _ = record.yield(.milliseconds(milliseconds))
    }

    func clearWake() {
        var count: eventfd_t = 0
        eventfd_read(wakeSocket, &count)
    }

    /// The last act of the loop thread. Nothing can be left behind: `submit` refuses everything from the moment the stop is asked for.
    func exit() {
        let waiters = state.withLock { state in
            state.hasExited = true
            defer { state.exitWaiters = [] }
            return state.exitWaiters
        }
        record.finish()
        for waiter in waiters { waiter.resume() }
    }
}

extension Inbox.State {
    /// True when the loop slept: the caller must wake it.
    fileprivate mutating func endSleep() -> Bool {
        defer { isSleeping = false }
        return isSleeping
    }
}
