import CCurl
import Core
import Glibc

/// The loop of one thread and the libcurl handles it alone touches. Made, used and ended on that thread.
///
/// ```
/// take inbox ─► start what has a place ─► perform every busy multi ─► read results, start the next ─► hand results over ─► wait
/// ```
/// One multi for each account, so that no connection can serve two of them. `curl_multi_perform` drives them, never `socket_action`, which in
/// 7.88 reports delivered HTTP/2 requests as errors. One `curl_multi_poll` waits for all: on the first busy multi, with the sockets of the
/// others and the inbox's descriptor beside its own, no longer than the nearest timeout of any. With nothing on the wire it waits for the
/// inbox alone, without a time limit.
final class Loop {
    private let inbox: Inbox
    /// Every socket of every pool.
    private let open: Sockets
    private let whenDone: (@Sendable () -> Void)?
    private var batch = Inbox.Batch()
    private var pools: [String: Pool] = [:]
    /// Replaced, with transfers still on the wire.
    private var retired: [Pool] = []
    private var done: [Completion] = []
    private var completed = 0
    private var stopAt: Duration?
    private var sockets: [curl_waitfd] = []

    init(inbox: Inbox, sockets open: Sockets, whenDone: (@Sendable () -> Void)?) {
        (self.inbox, self.open, self.whenDone) = (inbox, open, whenDone)
    }

    func run() {
        repeat {
            takeInbox()
            var busy = everyPool.filter(\.isBusy)
            for pool in busy { pool.perform(finish) }
            handOver()
            if completed > 0 { whenDone?() }
            busy = everyPool.filter(\.isBusy)
            if let stopAt, busy.isEmpty || Process.uptime >= stopAt { break }
            wait(for: busy)
        } while true
        for pool in everyPool { pool.abort(finish) }
        handOver()
        for pool in everyPool { pool.close() }
    }

    private var everyPool: [Pool] { retired.isEmpty ? Array(pools.values) : retired + pools.values }

    // MARK: inbox

    private func takeInbox() {
        inbox.take(&batch, completed: completed)
        completed = 0
        for account in batch.accounts { register(account) }
        for order in batch.orders {
            if let pool = pools[order.account] {
                pool.enqueue(order, finish)
            } else {
                finish(order, .failure(TransferFailure(cause: .other, mayHaveBeenSent: false, detail: "no such account")), .zero)
            }
        }
        for id in batch.cancelled { _ = everyPool.contains { $0.cancel(task: id, finish) } }
        if let limit = batch.stopWithin, stopAt == nil {
            stopAt = Process.uptime + limit
            for pool in pools.values { pool.emptyQueue(finish) }
        }
        for pool in retired where !pool.isBusy { pool.close() }
        retired.removeAll { !$0.isBusy }
    }

    private func register(_ account: TransportAccount) {
        let old = pools[account.name]
        guard old?.account != account else { return }
        let new = Pool(account: account, sockets: open)
        pools[account.name] = new
        guard let old else { return }
        while let order = old.takeQueued() { new.enqueue(order, finish) }
        retired.append(old)
    }

    // MARK: results

    private func finish(_ order: Order, _ result: TransferResult, _ elapsed: Duration) {
        completed += 1
        if let completion = order.end(result, after: elapsed) { done.append(completion) }
    }

    private func handOver() {
        guard !done.isEmpty else { return }
        batch.handler?(done)
        done.removeAll(keepingCapacity: true)
    }

    // MARK: waiting

    private func wait(for busy: [Pool]) {
        let maySleep = inbox.beginSleep(knowsOfStop: stopAt != nil)
        guard let first = busy.first else {
            var wake = pollfd(fd: inbox.wakeSocket, events: Int16(POLLIN), revents: 0)
            if maySleep, poll(&wake, 1, -1) > 0 { inbox.clearWake() }
            return
        }
        sockets.removeAll(keepingCapacity: true)
        sockets.append(curl_waitfd(fd: inbox.wakeSocket, events: Int16(CURL_WAIT_POLLIN), revents: 0))
        var limit = maySleep ? Loop.longestWait : 0
        for pool in busy.dropFirst() { limit = min(limit, pool.addSockets(to: &sockets)) }
        if let stopAt { limit = min(limit, max(stopAt - Process.uptime, .zero).wholeMilliseconds) }
        guard curl_multi_poll(first.multi, &sockets, UInt32(sockets.count), Int32(limit), nil) == CURLM_OK else {
            // Out of memory, or a socket that is none: the transfers run into their timeouts, the thread must not spin until then.
            poll(nil, 0, Int32(min(limit, Loop.shortestWait)))
            return
        }
        if sockets[0].revents != 0 { inbox.clearWake() }
    }

    /// libcurl's own timeouts are shorter whenever something is on the wire.
    private static let longestWait = 1000
    private static let shortestWait = 5
}
