import CCurl

/// A libcurl multi handle of one account, and how it is driven. Loop thread only.
///
/// - by events: `curl_multi_socket_action` with the sockets that are ready. A call costs nothing while others are on the wire.
/// - in steps: `curl_multi_perform`, which looks at every transfer, when one of the sockets is ready. For HTTP/2, where `socket_action` of
///   7.88 reports about one delivered request for each new connection as failed (92), and for mail, which has one transfer.
final class Multi {
    enum Drive { case byEvents, inSteps }

    let handle: UnsafeMutableRawPointer
    let drive: Drive
    /// Transfers on the wire.
    private(set) var count = 0
    private let watch: Watch
    private let connections: Connections
    /// When libcurl wants to be called without an event, in milliseconds of `Process.milliseconds`.
    private var dueAt = UInt64.max
    /// In steps: a socket is ready, or a transfer was added.
    private var mustStep = false
    /// In steps: those named before the last sleep.
    private var named: [ccurl_event] = []

    /// - Parameter most: transfers at once.
    init(_ drive: Drive, watch: Watch, connections: Connections, most: Int) {
        guard let handle = curl_multi_init() else { preconditionFailure("libcurl has no memory for a handle") }
        (self.handle, self.drive, self.watch, self.connections) = (handle, drive, watch, connections)
        // Below the number in flight, connections are closed and opened again all the time.
        ccurl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, most * 2)
        ccurl_multi_set_long(handle, CURLMOPT_MAX_CONCURRENT_STREAMS, 64)
        guard drive == .byEvents else { return }
        let me = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_set_socket(handle, wantSocket)
        ccurl_multi_set_pointer(handle, CURLMOPT_SOCKETDATA, me)
        ccurl_multi_set_timer(handle, setTimer)
        ccurl_multi_set_pointer(handle, CURLMOPT_TIMERDATA, me)
    }

    func add(_ easy: UnsafeMutableRawPointer) -> CURLMcode {
        let code = curl_multi_add_handle(handle, easy)
        if code == CURLM_OK { (count, mustStep) = (count + 1, true) }
        return code
    }

    /// Takes it off the wire when it has not ended.
    func remove(_ easy: UnsafeMutableRawPointer) {
        curl_multi_remove_handle(handle, easy)
        count -= 1
        guard count == 0 else { return }
        // In steps, nobody would look at what comes over a connection at rest.
        for one in named { watch.want(0, of: one.socket, for: self) }
        named = []
    }

    func cleanUp() { curl_multi_cleanup(handle) }

    // MARK: driving

    /// What does not wait for a socket: new transfers, time limits; in steps, everything.
    func run(now: UInt64) {
        var left: Int32 = 0
        if drive == .byEvents {
            guard dueAt <= now else { return }
            dueAt = .max
            curl_multi_socket_action(handle, CURL_SOCKET_BAD, 0, &left)
        } else if mustStep || dueAt <= now {
            mustStep = false
            curl_multi_perform(handle, &left)
            connections.pushShared()
        }
    }

    func isReady(_ socket: Int32, _ events: Int32) {
        guard drive == .byEvents else {
            mustStep = true
            return
        }
        if events & CURL_CSELECT_OUT != 0 { connections.mayWrite(socket) }
        var left: Int32 = 0
        curl_multi_socket_action(handle, socket, events, &left)
    }

    /// The next transfer that has ended.
    func nextEnded() -> (easy: UnsafeMutableRawPointer, code: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left) {
            if message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle { return (easy, message.pointee.data.result) }
        }
        return nil
    }

    /// Says what it waits for, and for how many milliseconds at most.
    func prepareWait(now: UInt64) -> Int {
        if drive == .inSteps {
            if mustStep { return 0 }
            let isBlind = nameSockets()
            var limit = 0
            curl_multi_timeout(handle, &limit)
            if limit < 0 { limit = Multi.longestWait }
            if isBlind { limit = min(limit, Multi.blindWait) }
            dueAt = now + UInt64(limit)
        }
        return dueAt <= now ? 0 : Int(min(dueAt - now, UInt64(Multi.longestWait)))
    }

    /// True when libcurl has something on the wire that it cannot name.
    private func nameSockets() -> Bool {
        let room = 8 * count + 8
        var names = [ccurl_event](repeating: ccurl_event(), count: room)
        let found = names.withUnsafeMutableBufferPointer { Int(ccurl_multi_sockets(handle, $0.baseAddress, Int32(room))) }
        names.removeLast(room - max(0, found))
        for old in named where !names.contains(where: { $0.socket == old.socket }) { watch.want(0, of: old.socket, for: self) }
        for new in names { watch.want(new.bits, of: new.socket, for: self) }
        named = names
        return found < 0 || found == room || connections.haveHighNumbers
    }

    /// libcurl's own timeouts are shorter whenever something is on the wire.
    static let longestWait = 1000
    /// libcurl asks for a short wait when it has no socket to name, and cannot name those from `FD_SETSIZE` on.
    private static let blindWait = 5

    // MARK: callbacks

    fileprivate func want(_ events: Int32, of socket: Int32) { watch.want(events == CURL_POLL_REMOVE ? 0 : events, of: socket, for: self) }
    fileprivate func wait(_ milliseconds: Int) {
        dueAt = milliseconds < 0 ? .max : milliseconds == 0 ? 0 : Process.milliseconds + UInt64(milliseconds)
    }
}

private func multi(_ context: UnsafeMutableRawPointer?) -> Multi { Unmanaged<Multi>.fromOpaque(context!).takeUnretainedValue() }

private func wantSocket(
    _ easy: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ events: Int32, _ context: UnsafeMutableRawPointer?,
    _ unused: UnsafeMutableRawPointer?
) -> Int32 {
    multi(context).want(events, of: socket)
    return 0
}

private func setTimer(_ handle: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?) -> Int32 {
    multi(context).wait(milliseconds)
    return 0
}
