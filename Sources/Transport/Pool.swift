import CCurl
import Core
import Glibc

/// One account's connections and handles, and a bounded queue in front of them. Loop thread only.
final class Pool {
    let account: TransportAccount
    let connections: Connections
    let urls = URLMemory()
    private let names: Names
    private let watch: Watch
    private let results: Results
    /// One for HTTP/1.1, one for all else; made when they are needed.
    private var byEvents: Multi?
    private var inSteps: Multi?
    private var queue = Lanes()
    private var unnamed = NameQueue()
    private var running: [Transfer] = []
    /// Of these, those that are not urgent.
    private var others = 0
    private var idle: [[Transfer]] = [[], []]
    /// Whether the HTTP/2 server has answered on a connection that may still be there. It says how many requests it takes at a time in its
    /// first frame; libcurl does not wait for that, and sends again by itself what was refused for being one too many (RFC 9113 8.7). So the
    /// first request goes alone, until it is answered or has failed.
    private var isKnown = false
    /// HTTP/2 requests since a connection was opened. libcurl 7.88 does not end a stream as its peer expects, and servers with a guard against
    /// that end the connection after some of them (SwiftNIO after 200, nghttp2 after 1,000): what is on it then may have been taken. So a
    /// connection that carried many is given up after the next request that has it to itself.
    private var asked = 0
    private static let mostOnOne = 150
    var isWorn: Bool { asked > Self.mostOnOne }
    func hasOpened() { asked = 0 }

    init(account: TransportAccount, names: Names, watch: Watch, sockets: Sockets, results: Results) {
        (self.account, self.names, self.watch, self.results) = (account, names, watch, results)
        connections = Connections(watch: watch, shared: sockets)
    }

    var isBusy: Bool { !running.isEmpty || !queue.isEmpty || !unnamed.isEmpty }

    private func multi(for order: Order) -> Multi {
        if order.isHTTP1 {
            let multi = byEvents ?? Multi(.byEvents, watch: watch, connections: connections, most: account.maxInFlight)
            byEvents = multi
            return multi
        }
        let multi = inSteps ?? Multi(.inSteps, watch: watch, connections: connections, most: account.maxInFlight)
        inSteps = multi
        return multi
    }

    // MARK: orders

    func enqueue(_ order: Order) {
        if !queue.holdsUp(order), mayStart(order) {
            begin(order)
        } else if !queue.append(order, account) {
            results.add(order, .failure(.busy))
        }
    }

    private func mayStart(_ order: Order) -> Bool {
        Lanes.admits(order, running: running.count, others: others, places: account.maxInFlight)
            && (isKnown || running.isEmpty || !order.isHTTP2)
    }

    /// The head of an answer came.
    func heard() { isKnown = true }

    func takeQueued() -> Order? { unnamed.popFirst() ?? queue.popFirst() }

    func emptyQueue() {
        while let order = takeQueued() { results.add(order, .failure(.neverStarted)) }
    }

    /// Starts it when its host is known.
    private func begin(_ order: Order) {
        let way = names.way(to: order.url)
        switch way {
        case .address, .pinned, .unreadable: start(order, way)
        case .closed(let failure): results.add(order, .failure(failure))
        case .waits(let name): wait(order, for: name)
        }
    }

    private func start(_ order: Order, _ way: Names.Way) {
        let kind = Transfer.Kind(order.call)
        guard let transfer = idle[kind.rawValue].popLast() ?? Transfer(kind, pool: self) else {
            results.add(order, .failure(TransferFailure(cause: .other, mayHaveBeenSent: false, detail: "libcurl refuses an option")))
            return
        }
        if order.isHTTP2 { asked += 1 }
        let multi = multi(for: order)
        if let failure = transfer.prepare(order, way, in: multi) {
            results.add(order, .failure(failure))
            retire(transfer)
            return
        }
        let code = multi.add(transfer.easy)
        guard code == CURLM_OK else {
            results.add(order, .failure(TransferFailure(cause: .other, mayHaveBeenSent: false, code: code.rawValue)))
            retire(transfer)
            return
        }
        transfer.place = running.count
        running.append(transfer)
        if !order.isUrgent { others += 1 }
    }

    /// Takes the handle back for the next call.
    private func retire(_ transfer: Transfer) {
        transfer.clear()
        idle[transfer.kind.rawValue].append(transfer)
    }

    // MARK: names

    private func wait(_ order: Order, for name: String) {
        guard unnamed.count < account.maxInFlight + account.maxQueued else { return results.add(order, .failure(.busy)) }
        unnamed.append(order, for: name, until: Process.milliseconds + UInt64(account.connectLimit.wholeMilliseconds))
    }

    /// The look-up of that name has ended.
    func settled(_ name: String) {
        for order in unnamed.take(name) { enqueue(order) }
    }

    private func endWaits(now: UInt64) {
        guard let end = unnamed.end, end <= now else { return }
        for order in unnamed.takeLate(at: now) { results.add(order, .failure(.unresolved("the resolver did not answer in time"))) }
    }

    // MARK: transfers

    /// What is due; what ended makes room for what waits, which starts at once.
    func step(now: UInt64) {
        endWaits(now: now)
        byEvents?.run(now: now)
        inSteps?.run(now: now)
        if endTransfers(), startQueued() {
            byEvents?.run(now: now)
            _ = endTransfers()
        }
    }

    /// True when some have ended.
    private func endTransfers() -> Bool {
        let before = running.count
        for multi in [byEvents, inSteps] {
            while let (easy, code) = multi?.nextEnded() {
                if let transfer = Transfer.of(easy) { end(transfer, code) }
            }
        }
        return running.count < before
    }

    /// True when some have started.
    private func startQueued() -> Bool {
        let before = running.count
        while let order = queue.popFirst(where: mayStart) { begin(order) }
        return running.count > before
    }

    private func end(_ transfer: Transfer, _ code: CURLcode?) {
        guard let order = transfer.order, let multi = transfer.multi else { return }
        let result = code.map { transfer.result(of: $0) } ?? .failure(transfer.cancelled())
        let elapsed = Duration.microseconds(ccurl_get_off(transfer.easy, CURLINFO_TOTAL_TIME_T))
        multi.remove(transfer.easy)
        if !order.isUrgent { others -= 1 }
        let last = running.removeLast()
        if last !== transfer { (running[transfer.place], last.place) = (last, transfer.place) }
        retire(transfer)
        isKnown = true
        results.add(order, result, after: elapsed)
    }

    /// False when the call is not here.
    func cancel(task id: UInt64) -> Bool {
        if let transfer = running.first(where: { $0.order?.isTask(id) ?? false }) {
            end(transfer, nil)
        } else if let order = queue.removeFirst(where: { $0.isTask(id) }) ?? unnamed.take(task: id) {
            results.add(order, .failure(.neverStarted))
        } else {
            return false
        }
        return true
    }

    func abort() {
        emptyQueue()
        while let transfer = running.last { end(transfer, nil) }
    }

    /// With nothing running: gives everything back to libcurl.
    func close() {
        // libcurl says QUIT to a mail server and waits for the answer, up to two minutes, on this thread. A socket closed for reading
        // still says it, and waits for nothing.
        connections.closeReading()
        idle = [[], []]
        byEvents?.cleanUp()
        inSteps?.cleanUp()
    }

    /// Says what it waits for, and for how many milliseconds at most.
    func prepareWait(now: UInt64) -> Int {
        var limit = Multi.longestWait
        if let byEvents, byEvents.count > 0 { limit = byEvents.prepareWait(now: now) }
        if let inSteps, inSteps.count > 0 { limit = min(limit, inSteps.prepareWait(now: now)) }
        if let end = unnamed.end { limit = min(limit, end > now ? Int(end - now) : 0) }
        return limit
    }

    // MARK: sockets

    func close(_ socket: curl_socket_t) -> Int32 {
        defer { if connections.isEmpty { isKnown = false } }
        return connections.close(socket)
    }
}

extension TransferFailure {
    static let neverStarted = TransferFailure(cause: .cancelled, mayHaveBeenSent: false)
}
