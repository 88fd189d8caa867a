import Glibc
import Synchronization

/// A thread that runs a `Loop`, and its inbox.
final class LoopThread: Sendable {
    let inbox: Inbox
    private let sockets = Sockets()
    /// Nil once joined.
    private let id: Mutex<pthread_t?>

    /// - Parameter next: see `Loop.Next`.
    init(capacity: Int, resolver: Resolver, next: Loop.Next? = nil) {
        inbox = Inbox(capacity: capacity)
        var id = pthread_t()
        let work = Work(inbox: inbox, resolver: resolver, sockets: sockets, next: next)
        let failed = pthread_create(&id, nil, runLoop, Unmanaged.passRetained(work).toOpaque())
        precondition(failed == 0, "a process that cannot start a thread cannot send")
        self.id = Mutex(id)
    }

    deinit {
        inbox.stop(within: .zero)
        if let id = id.withLock({ $0 }) { pthread_detach(id) }
    }

    /// Ends what libcurl waits for without giving the thread back: every transfer here finds its connection at an end.
    func endWaits() { sockets.closeReading() }

    func join() async {
        await inbox.waitForExit()
        let id = id.withLock { id -> pthread_t? in
            defer { id = nil }
            return id
        }
        if let id { pthread_join(id, nil) }
    }
}

private final class Work: Sendable {
    let inbox: Inbox
    let resolver: Resolver
    let sockets: Sockets
    let next: Loop.Next?
    init(inbox: Inbox, resolver: Resolver, sockets: Sockets, next: Loop.Next?) {
        (self.inbox, self.resolver, self.sockets, self.next) = (inbox, resolver, sockets, next)
    }
}

/// The thread's body. Its argument is a `Work`, retained once for it.
private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let work = Unmanaged<Work>.fromOpaque(context!).takeRetainedValue()
    Loop(inbox: work.inbox, resolver: work.resolver, sockets: work.sockets, next: work.next).run()
    work.inbox.exit()
    return nil
}
