import CCurl
import Core
import Glibc

/// One account's connections and handles: a multi of its own, a bounded queue in front of it. Loop thread only.
final class Pool {
    typealias Finish = (Order, TransferResult, Duration) -> Void

    let account: TransportAccount
    let multi: UnsafeMutableRawPointer
    private var queue = Queue<Order>()
    private var running: [Transfer] = []
    private var idle: [Transfer.Kind: [Transfer]] = [:]
    /// Sockets that libcurl has open for this account.
    private var openSockets: Set<curl_socket_t> = []
    /// Whether the HTTP/2 server has answered on a connection that may still be there. It says how many requests it takes at a time in its
    /// first frame; libcurl does not wait for that, and sends again by itself what was refused for being one too many (RFC 9113 8.7). So the
    /// first request goes alone, until it is answered or has failed.
    private var isKnown = false

    /// Where other threads find them too.
    private let shared: Sockets

    init(account: TransportAccount, sockets shared: Sockets) {
        (self.account, self.shared) = (account, shared)
        guard let multi = curl_multi_init() else { preconditionFailure("libcurl has no memory for a handle") }
        self.multi = multi
        // Below the number in flight, connections are closed and opened again all the time.
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, account.maxInFlight * 2)
        ccurl_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 64)
    }

    var isBusy: Bool { !running.isEmpty || queue.count > 0 }

    // MARK: orders

    func enqueue(_ order: Order, _ finish: Finish) {
        if queue.count == 0, mayStart(order) {
            start(order, finish)
        } else if queue.count < account.maxQueued {
            queue.append(order)
        } else {
            finish(order, .failure(.busy), .zero)
        }
    }

    private func mayStart(_ order: Order) -> Bool {
        running.count < account.maxInFlight && (isKnown || running.isEmpty || !order.isHTTP2)
    }

    /// The head of an answer came.
    func heard() { isKnown = true }

    func takeQueued() -> Order? { queue.popFirst() }

    func emptyQueue(_ finish: Finish) {
        while let order = queue.popFirst() { finish(order, .failure(.neverStarted), .zero) }
    }

    private func start(_ order: Order, _ finish: Finish) {
        let kind = Transfer.Kind(order.call)
        guard let transfer = idle[kind]?.popLast() ?? Transfer(kind, pool: self) else {
            finish(order, .failure(TransferFailure(cause: .other, mayHaveBeenSent: false, detail: "libcurl refuses an option")), .zero)
            return
        }
        if let failure = transfer.prepare(order) {
            finish(order, .failure(failure), .zero)
            retire(transfer)
            return
        }
        let code = curl_multi_add_handle(multi, transfer.easy)
        guard code == CURLM_OK else {
            finish(order, .failure(TransferFailure(cause: .other, mayHaveBeenSent: false, code: code.rawValue)), .zero)
            retire(transfer)
            return
        }
        running.append(transfer)
    }

    /// Takes the handle back for the next call.
    private func retire(_ transfer: Transfer) {
        transfer.clear()
        idle[transfer.kind, default: []].append(transfer)
    }

    // MARK: transfers

    /// One step of every transfer; what ended makes room for what waits.
    func perform(_ finish: Finish) {
        var left: Int32 = 0
        curl_multi_perform(multi, &left)
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let transfer = Transfer.of(message.pointee.easy_handle) else { continue }
            end(transfer, message.pointee.data.result, finish)
        }
        while let next = queue.first, mayStart(next), let order = queue.popFirst() { start(order, finish) }
    }

    private func end(_ transfer: Transfer, _ code: CURLcode?, _ finish: Finish) {
        guard let order = transfer.order, let index = running.firstIndex(where: { $0 === transfer }) else { return }
        let result = code.map { transfer.result(of: $0) } ?? .failure(transfer.cancelled())
        let elapsed = Duration.microseconds(ccurl_get_off(transfer.easy, CURLINFO_TOTAL_TIME_T))
        curl_multi_remove_handle(multi, transfer.easy)
        running.swapAt(index, running.count - 1)
        running.removeLast()
        retire(transfer)
        isKnown = true
        finish(order, result, elapsed)
    }

    /// False when the call is not here.
    func cancel(task id: UInt64, _ finish: Finish) -> Bool {
        if let transfer = running.first(where: { $0.order?.isTask(id) ?? false }) {
            end(transfer, nil, finish)
        } else if let order = queue.removeFirst(where: { $0.isTask(id) }) {
            finish(order, .failure(.neverStarted), .zero)
        } else {
            return false
        }
        return true
    }

    func abort(_ finish: Finish) {
        emptyQueue(finish)
        while let transfer = running.last { end(transfer, nil, finish) }
    }

    /// With nothing running: gives everything back to libcurl.
    func close() {
        // libcurl says QUIT to a mail server and waits for the answer, up to two minutes, on this thread. A socket closed for reading
        // still says it, and waits for nothing.
        openSockets.forEach(Sockets.closeReading)
        idle.removeAll()
        curl_multi_cleanup(multi)
    }

    // MARK: sockets

    /// Adds the sockets this multi waits for, and returns the milliseconds it may wait at most.
    func addSockets(to sockets: inout [curl_waitfd]) -> Int {
        let room = 8 * account.maxInFlight + 8
        let start = sockets.count
        sockets.append(contentsOf: repeatElement(curl_waitfd(), count: room))
        let found = sockets.withUnsafeMutableBufferPointer { ccurl_multi_sockets(multi, $0.baseAddress! + start, Int32(room)) }
        sockets.removeLast(room - max(0, Int(found)))
        var limit = 0
        curl_multi_timeout(multi, &limit)
        if limit < 0 { limit = Pool.longestWait }
        // libcurl asks for a short wait when it has no socket to name, and cannot name those with high numbers.
        let isBlind = found < 0 || found == room || openSockets.contains { $0 >= FD_SETSIZE }
        return min(limit, isBlind ? Pool.blindWait : Pool.longestWait)
    }

    private static let longestWait = 1000
    private static let blindWait = 5

    func open(_ address: UnsafePointer<curl_sockaddr>) -> curl_socket_t {
        let fresh = socket(address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.`protocol`)
        if fresh >= 0 {
            openSockets.insert(fresh)
            shared.add(fresh)
        }
        return fresh
    }

    /// A connection names only its port to the transfers that use it.
    func closeReading(localPort port: UInt16) {
        for socket in openSockets where SocketAddress(local: socket)?.port == port { Sockets.closeReading(socket) }
    }

    func close(_ socket: curl_socket_t) -> Int32 {
        openSockets.remove(socket)
        if openSockets.isEmpty { isKnown = false }
        return shared.close(socket)
    }
}

extension TransferFailure {
    static let neverStarted = TransferFailure(cause: .cancelled, mayHaveBeenSent: false)
}
