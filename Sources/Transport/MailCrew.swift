import Core
import Synchronization

/// Threads for mail: one mail on each at a time, up to `mostThreads` for each account.
///
/// libcurl 7.88 sends the final dot and waits for the answer inside one step of its multi interface (`smtp_done`, `smtp_block_statemach`):
/// on one thread every other mail would wait while one server thinks, and eight mails to a server that takes half a second took four.
/// Threads are started when they are needed, and the last one used is the first one used again, so that few connections stay warm.
final class MailCrew: Sendable {
    static let mostThreads = 8

    private struct State {
        var posts: [String: Post] = [:]
        /// Submitted and not completed.
        var outstanding = 0
        var handler: Inbox.Handler?
        var isStopping = false
    }

    /// One account's threads and queue.
    ///
    /// `@unchecked Sendable`: written and read by who submits a mail and by the account's threads, under the crew's lock only.
    private final class Post: @unchecked Sendable {
        var account: TransportAccount
        var threads: [LoopThread] = []
        var idle: [Int] = []
        var queue = Lanes()
        init(account: TransportAccount) { self.account = account }

        var limit: Int { min(account.maxInFlight, mostThreads) }
        /// Of each thread, whether what it is at is not urgent.
        var isOther: [Bool] = []
        /// - Parameter ended: threads that have just ended theirs.
        func hasPlace(for order: Order, ended: Int = 0) -> Bool {
            Lanes.admits(order, running: threads.count - idle.count - ended, others: isOther.count { $0 }, places: limit)
        }
        /// As one thread knows the account.
        var share: TransportAccount {
            var share = account
            (share.maxInFlight, share.maxQueued) = (1, 1)
            return share
        }
    }

    /// What goes to a thread that slept. Handed over after the lock, since it wakes the thread, which wants the lock soon.
    private struct Start {
        var thread: LoopThread
        var order: Order
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let resolver: Resolver
    init(capacity: Int, resolver: Resolver) { (self.capacity, self.resolver) = (capacity, resolver) }

    // MARK: callers, on any thread

    func register(_ account: TransportAccount) {
        let (starts, handler) = state.withLock { state in
            let post = state.posts[account.name] ?? Post(account: account)
            state.posts[account.name] = post
            post.account = account
            for thread in post.threads { thread.inbox.register(post.share) }
            return (start(post, state.handler), state.handler)
        }
        // A stop came in between, and gave back what it found in the queue.
        let done = hand(starts).compactMap { $0.end(.failure(.neverStarted)) }
        if !done.isEmpty { handler?(done) }
    }

    func onCompletions(_ handler: @escaping Inbox.Handler) {
        state.withLock { state in
            state.handler = handler
            for post in state.posts.values { for thread in post.threads { thread.inbox.onCompletions(handler) } }
        }
    }

    /// The orders that found no place, none of which reaches a loop, and those of accounts that nobody registered.
    func submit(_ orders: [Order]) -> (refused: [Order], strangers: [Order]) {
        var (refused, strangers): ([Order], [Order]) = ([], [])
        let starts = state.withLock { state -> [Start] in
            var starts: [Start] = []
            for order in orders {
                guard let post = state.posts[order.account] else {
                    strangers.append(order)
                    continue
                }
                guard !state.isStopping, state.outstanding < capacity, post.queue.append(order, post.account) else {
                    refused.append(order)
                    continue
                }
                state.outstanding += 1
                starts += start(post, state.handler)
            }
            return starts
        }
        refused += hand(starts)
        return (refused, strangers)
    }

    /// Returns what a thread does not take any more: it was told to stop in between.
    private func hand(_ starts: [Start]) -> [Order] {
        var refused: [Order] = []
        for start in starts { refused += start.thread.inbox.submit([start.order]) }
        if !refused.isEmpty { state.withLock { $0.outstanding -= refused.count } }
        return refused
    }

    /// A mail whose final dot has left keeps its thread until the answer, or its time, is there.
    func cancel(task id: UInt64) {
        let waiting = state.withLock { state -> Order? in
            for name in state.posts.keys {
                if let order = state.posts[name]?.queue.removeFirst(where: { $0.isTask(id) }) {
                    state.outstanding -= 1
                    return order
                }
                for thread in state.posts[name]?.threads ?? [] { thread.inbox.cancel(task: id) }
            }
            return nil
        }
        if let waiting, let done = waiting.end(.failure(.neverStarted)) { state.withLock { $0.handler }?([done]) }
    }

    /// Returns when every order has its result. What waits is given back on the caller's thread; what is on the wire may go on for `limit`.
    func stop(within limit: Duration) async {
        let (threads, waiting, handler) = state.withLock { state in
            state.isStopping = true
            var waiting: [Order] = []
            for name in state.posts.keys { while let order = state.posts[name]?.queue.popFirst() { waiting.append(order) } }
            return (state.posts.values.flatMap(\.threads), waiting, state.handler)
        }
        let done = waiting.compactMap { $0.end(.failure(.neverStarted)) }
        if !done.isEmpty { handler?(done) }
        for thread in threads { thread.inbox.stop(within: limit) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await Task.sleep(for: limit) } catch { return }
                for thread in threads { thread.endWaits() }
            }
            for thread in threads { await thread.join() }
            group.cancelAll()
        }
    }

    // MARK: under the lock

    /// What threads that are idle or new are to get of what waits, as far as the account may have more on the wire.
    private func start(_ post: Post, _ handler: Inbox.Handler?) -> [Start] {
        var starts: [Start] = []
        while let order = post.queue.popFirst(where: { post.hasPlace(for: $0) }) {
            let number = post.idle.popLast() ?? hire(post, handler)
            post.isOther[number] = !order.isUrgent
            starts.append(Start(thread: post.threads[number], order: order))
        }
        return starts
    }

    private func hire(_ post: Post, _ handler: Inbox.Handler?) -> Int {
        let number = post.threads.count
        // Two: the one before is counted until the loop's next turn.
        let thread = LoopThread(capacity: 2, resolver: resolver) { [weak self, weak post] ended in
            if let self, let post { self.next(after: ended, number, of: post) } else { nil }
        }
        thread.inbox.register(post.share)
        if let handler { thread.inbox.onCompletions(handler) }
        post.threads.append(thread)
        post.isOther.append(false)
        return number
    }

    // MARK: the loop threads

    /// The next mail for a thread that has ended one, without a detour over its inbox. None: the thread is idle.
    private func next(after ended: Int, _ number: Int, of post: Post) -> Order? {
        state.withLock { state in
            state.outstanding -= ended
            // An account that may have fewer threads by now lets them rest.
            post.isOther[number] = false
            if !state.isStopping, let order = post.queue.popFirst(where: { post.hasPlace(for: $0, ended: 1) }) {
                post.isOther[number] = !order.isUrgent
                return order
            }
            post.idle.append(number)
            return nil
        }
    }
}
