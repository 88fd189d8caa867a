import CCurl
import Core
import Glibc

/// The loop of one thread and the libcurl handles it alone touches. Made, used and ended on that thread.
///
/// ```
/// take inbox ─► start what has a place ─► new transfers, timeouts ─► read results, start the next ─► push ─► hand over ─► wait, read
/// ```
/// Multis of its own for each account, so that no connection can serve two of them. One `epoll_wait` waits for the sockets of all and the
/// inbox's descriptor, no longer than the nearest timeout of any, and only what is ready is looked at. With nothing on the wire it waits for
/// the inbox alone, without a time limit.
final class Loop {
    /// Called on the thread when so many transfers have ended and their results were handed over; returns what it is to do next.
    typealias Next = @Sendable (_ ended: Int) -> Order?

    private let inbox: Inbox
    private let resolver: Resolver
    /// Every socket of every pool.
    private let open: Sockets
    private let watch: Watch
    private let next: Next?
    private let results = Results()
    private var batch = Inbox.Batch()
    private var pools: [String: Pool] = [:]
    /// Those, and the replaced ones with transfers still on the wire.
    private var everyPool: [Pool] = []
    /// Where the last order went.
    private var latest: Pool?
    private var stopAt: Duration?

    init(inbox: Inbox, resolver: Resolver, sockets open: Sockets, next: Next?) {
        (self.inbox, self.resolver, self.open, self.next) = (inbox, resolver, open, next)
        watch = Watch(wake: inbox.wakeSocket)
    }

    func run() {
        var completed = 0
        var order: Order?
        repeat {
            takeInbox(completed: completed, order)
            let now = Process.milliseconds
            for pool in everyPool where pool.isBusy { pool.step(now: now) }
            for pool in everyPool { pool.connections.push() }
            results.handOver(to: batch.handler)
            completed = results.takeCount()
            order = completed > 0 ? next?(completed) : nil
            if order != nil {
                // It takes the place of the one before in the inbox's count.
                completed -= 1
                continue
            }
            let isBusy = everyPool.contains(where: \.isBusy)
            if let stopAt, !isBusy || Process.uptime >= stopAt { break }
            wait(isBusy: isBusy)
        } while true
        for pool in everyPool { pool.abort() }
        results.handOver(to: batch.handler)
        for pool in everyPool { pool.close() }
    }

    // MARK: inbox

    private func takeInbox(completed: Int, _ next: Order?) {
        inbox.take(&batch, completed: completed)
        for account in batch.accounts { register(account) }
        for name in batch.settled { for pool in everyPool { pool.settled(name) } }
        if let next { take(next) }
        for order in batch.orders { take(order) }
        for id in batch.cancelled { _ = everyPool.contains { $0.cancel(task: id) } }
        if let limit = batch.stopWithin, stopAt == nil {
            stopAt = Process.uptime + limit
            for pool in everyPool { pool.emptyQueue() }
        }
        if everyPool.count > pools.count { closeReplaced() }
    }

    private func take(_ order: Order) {
        // Most of a batch is for one account.
        if latest?.account.name != order.account { latest = pools[order.account] }
        guard let latest else {
            return results.add(order, .failure(TransferFailure(cause: .other, mayHaveBeenSent: false, detail: "no such account")))
        }
        latest.enqueue(order)
    }

    private func register(_ account: TransportAccount) {
        let old = pools[account.name]
        guard old?.account != account else { return }
        let new = Pool(
            account: account, names: Names(account: account, resolver: resolver, inbox: inbox), watch: watch, sockets: open,
            results: results)
        (pools[account.name], latest) = (new, nil)
        everyPool.append(new)
        while let order = old?.takeQueued() { new.enqueue(order) }
    }

    private func closeReplaced() {
        everyPool.removeAll { pool in
            guard !pool.isBusy, pools[pool.account.name] !== pool else { return false }
            pool.close()
            return true
        }
    }

    // MARK: waiting

    /// Reads what has come, too.
    private func wait(isBusy: Bool) {
        let maySleep = inbox.beginSleep(knowsOfStop: stopAt != nil)
        var limit = !maySleep ? 0 : isBusy ? Multi.longestWait : -1
        if isBusy {
            let now = Process.milliseconds
            for pool in everyPool where pool.isBusy { limit = min(limit, pool.prepareWait(now: now)) }
            if let stopAt { limit = min(limit, max(stopAt - Process.uptime, .zero).wholeMilliseconds) }
        }
        if watch.wait(limit) { inbox.clearWake() }
    }
}
