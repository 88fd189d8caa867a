import CCurl
import Glibc

/// What one loop waits for: an epoll set with the inbox's descriptor and the sockets that libcurl names. Loop thread only.
///
/// A connection of ours stays in the set between two calls, so that its next call costs no system call; a change of the set at each step
/// made a loop 0.73 times as fast. It leaves the set when something comes that nobody waits for, a server's goodbye, and when it is closed.
final class Watch {
    private struct Entry {
        /// What epoll knows and what libcurl waits for: `CURL_POLL_IN`, `CURL_POLL_OUT`.
        var registered: Int32 = 0
        var wanted: Int32 = 0
        /// Opened by us, so that we hear of its end. The resolver's are closed without a word: they stay only while they are wanted.
        var isOurs = false
        /// Counts the sockets that had this number: no event of one goes to the next.
        var turn: UInt32 = 0
        /// There for as long as libcurl has the socket.
        var owner: Unmanaged<Multi>?
    }

    static let reading = CURL_POLL_IN
    let epoll = ccurl_epoll()
    private let wake: Int32
    /// By descriptor.
    private var entries: [Entry] = []
    private var events = [ccurl_event](repeating: ccurl_event(), count: 256)

    /// - Parameter wake: readable when the loop must wake up.
    init(wake: Int32) {
        precondition(epoll >= 0, "a process that cannot open one descriptor cannot send")
        self.wake = wake
        ccurl_epoll_set(epoll, wake, Watch.reading, 0, 0)
    }
    deinit { close(epoll) }

    /// Sleeps until something is ready, at most so many milliseconds; -1: for as long as it takes. True when the inbox woke it.
    func wait(_ limit: Int) -> Bool {
        let room = Int32(events.count)
        let count = events.withUnsafeMutableBufferPointer { ccurl_epoll_wait(epoll, $0.baseAddress, room, Int32(clamping: limit)) }
        var isAwoken = false
        for n in 0..<Int(max(0, count)) {
            let event = events[n]
            if event.socket == wake {
                isAwoken = true
                continue
            }
            let entry = entries[Int(event.socket)]
            guard entry.turn == event.turn else { continue }
            if entry.wanted != 0, let owner = entry.owner {
                owner.takeUnretainedValue().isReady(event.socket, event.bits)
            } else {
                register(event.socket, 0)
            }
        }
        return isAwoken
    }

    // MARK: sockets

    func opened(_ socket: Int32) { renew(socket, isOurs: true) }

    /// Before it is closed: epoll forgets it by itself.
    func closes(_ socket: Int32) { renew(socket, isOurs: false) }

    func want(_ events: Int32, of socket: Int32, for multi: Multi) {
        reach(socket)
        let entry = entries[Int(socket)]
        (entries[Int(socket)].wanted, entries[Int(socket)].owner) = (events, Unmanaged.passUnretained(multi))
        // What is registered beyond what is wanted may stay, except that a socket is ready for writing at every turn.
        let isSurplus = events == 0 || entry.registered & CURL_POLL_OUT & ~events == 0
        if !entry.isOurs || events & ~entry.registered != 0 || !isSurplus { register(socket, events) }
    }

    private func renew(_ socket: Int32, isOurs: Bool) {
        reach(socket)
        entries[Int(socket)] = Entry(isOurs: isOurs, turn: entries[Int(socket)].turn &+ 1)
    }

    private func reach(_ socket: Int32) { while entries.count <= socket { entries.append(Entry()) } }

    private func register(_ socket: Int32, _ events: Int32) {
        ccurl_epoll_set(epoll, socket, events, entries[Int(socket)].registered == 0 ? 0 : 1, entries[Int(socket)].turn)
        entries[Int(socket)].registered = events
    }
}
