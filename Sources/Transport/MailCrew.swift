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
    private struct Post {
        var account: TransportAccount
        var threads: [LoopThread] = []
        var idle: [Int] = []
        var queue = Queue<Order>()

        var limit: Int { min(account.maxInFlight, mostThreads) }
        var hasPlace: Bool { threads.count - idle.count < limit }
        /// As one thread knows the account.
        var share: TransportAccount {
            var share = account
            (share.maxInFlight, share.maxQueued) = (1, 1)
            return share
        }
    }

    private let state = Mutex(State())
    private let capacity: Int
    init(capacity: Int) { self.capacity = capacity }

    // MARK: callers, on any thread

    func register(_ account: TransportAccount) {
        state.withLock { state in
            var post = state.posts[account.name] ?? Post(account: account)
            post.account = account
            for thread in post.threads { thread.inbox.register(post.share) }
            start(&post, state.handler)
            state.posts[account.name] = post
        }
    }

    func onCompletions(_ handler: @escaping Inbox.Handler) {
        state.withLock { state in
            state.handler = handler
            for post in state.posts.values { for thread in post.threads { thread.inbox.onCompletions(handler) } }
        }
    }

    func knows(_ account: String) -> Bool { state.withLock { $0.posts[account] != nil } }

    /// The orders that found no place: none of them reaches a loop.
    func submit(_ orders: [Order]) -> [Order] {
        state.withLock { state in
            orders.filter { order in
                guard !state.isStopping, state.outstanding < capacity, var post = state.posts[order.account],
                    post.hasPlace || post.queue.count < post.account.maxQueued
                else { return true }
                state.outstanding += 1
                post.queue.append(order)
                start(&post, state.handler)
                state.posts[order.account] = post
                return false
            }
        }
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

    /// Gives what waits to threads that are idle or new, as far as the account may have more on the wire.
    private func start(_ post: inout Post, _ handler: Inbox.Handler?) {
        while post.hasPlace, let order = post.queue.popFirst() {
            let number = post.idle.popLast() ?? hire(&post, handler)
            let refused = post.threads[number].inbox.submit([order])
            precondition(refused.isEmpty, "an idle thread has room for one")
        }
    }

    private func hire(_ post: inout Post, _ handler: Inbox.Handler?) -> Int {
        let (name, number) = (post.account.name, post.threads.count)
        // Two: the one before is counted until the loop's next turn.
        let thread = LoopThread(capacity: 2) { [weak self] in self?.isFree(number, of: name) }
        thread.inbox.register(post.share)
        if let handler { thread.inbox.onCompletions(handler) }
        post.threads.append(thread)
        return number
    }

    // MARK: the loop threads

    private func isFree(_ number: Int, of account: String) {
        state.withLock { state in
            guard var post = state.posts[account] else { return }
            state.outstanding -= 1
            post.idle.append(number)
            if !state.isStopping { start(&post, state.handler) }
            state.posts[account] = post
        }
    }
}
