import CCurl
import Glibc

/// The sockets that libcurl has open for one account. Loop thread only.
///
/// libcurl writes the head of a request, its body, and every HTTP/2 frame each by itself: a packet and a wake-up of the server for each.
/// So a connection that is ready holds small writes back (`TCP_CORK`), and is pushed once a turn, when libcurl has written what it can:
/// one packet for a request, a few for all the streams of an HTTP/2 connection. Nothing is held for longer than 200 ms, whatever is
/// forgotten (tcp(7)).
final class Connections {
    private struct Open {
        var socket: curl_socket_t
        /// 0 until it has carried a request.
        var port: UInt16 = 0
        var holds = false
        /// May have something to push.
        var isMarked = false
        /// Carries several calls at once, and frames that belong to none.
        var isShared = false
    }

    private var open: [Open] = []
    private var marked = 0
    private let watch: Watch
    /// Where other threads find them too.
    private let shared: Sockets

    init(watch: Watch, shared: Sockets) { (self.watch, self.shared) = (watch, shared) }

    var isEmpty: Bool { open.isEmpty }
    var haveHighNumbers: Bool { open.contains { $0.socket >= FD_SETSIZE } }

    func open(_ address: UnsafePointer<curl_sockaddr>) -> curl_socket_t {
        let fresh = socket(address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.`protocol`)
        if fresh >= 0 {
            open.append(Open(socket: fresh))
            watch.opened(fresh)
            shared.add(fresh)
        }
        return fresh
    }

    func close(_ socket: curl_socket_t) -> Int32 {
        if let index = open.firstIndex(where: { $0.socket == socket }) {
            if open[index].isMarked { marked -= 1 }
            open.remove(at: index)
        }
        watch.closes(socket)
        return shared.close(socket)
    }

    // MARK: the end

    func closeReading() { for one in open { Sockets.closeReading(one.socket) } }

    /// A connection names only its port to the transfers that use it.
    func closeReading(localPort port: UInt16) {
        for one in open where SocketAddress(local: one.socket)?.port == port { Sockets.closeReading(one.socket) }
    }

    // MARK: writing

    /// A request is about to leave over the connection of that port. Connections to different servers may have the same one.
    func willWrite(localPort port: UInt16, isShared: Bool) {
        guard port != 0 else { return }
        var isKnown = false
        for index in open.indices where open[index].port == port {
            mark(index, isShared)
            isKnown = true
        }
        if isKnown { return }
        for index in open.indices where open[index].port == 0 && SocketAddress(local: open[index].socket)?.port == port {
            open[index].port = port
            mark(index, isShared)
        }
    }

    /// The rest of a request that found no room is about to leave.
    func mayWrite(_ socket: curl_socket_t) {
        if let index = open.firstIndex(where: { $0.socket == socket && $0.holds }) { mark(index, open[index].isShared) }
    }

    private func mark(_ index: Int, _ isShared: Bool) {
        if !open[index].holds {
            ccurl_hold(open[index].socket)
            open[index].holds = true
        }
        if !open[index].isMarked { marked += 1 }
        (open[index].isMarked, open[index].isShared) = (true, isShared)
    }

    /// libcurl has written what it can.
    func push() {
        guard marked > 0 else { return }
        for index in open.indices where open[index].isMarked {
            ccurl_push(open[index].socket)
            open[index].isMarked = false
        }
        marked = 0
    }

    /// After a step of all that share a connection: answers to the server's frames are no calls of ours, and are not waited for.
    func pushShared() {
        for index in open.indices where open[index].isShared && open[index].holds && !open[index].isMarked {
            ccurl_push(open[index].socket)
        }
    }
}
