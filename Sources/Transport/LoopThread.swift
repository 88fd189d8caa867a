import Glibc
import Synchronization

/// A thread that runs a `Loop`, and its inbox.
final class LoopThread: Sendable {
    let inbox: Inbox
    private let sockets = Sockets()
    /// Nil once joined.
    private let id: Mutex<pthread_t?>

    /// - Parameter whenDone: called on the thread after results were handed over.
    init(capacity: Int, whenDone: (@Sendable () -> Void)? = nil) {
        inbox = Inbox(capacity: capacity)
        var id = pthread_t()
        let work = Work(inbox: inbox, sockets: sockets, whenDone: whenDone)
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
    let sockets: Sockets
    let whenDone: (@Sendable () -> Void)?
    init(inbox: Inbox, sockets: Sockets, whenDone: (@Sendable () -> Void)?) {
        (self.inbox, self.sockets, self.whenDone) = (inbox, sockets, whenDone)
    }
}

/// The thread's body. Its argument is a `Work`, retained once for it.
private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let work = Unmanaged<Work>.fromOpaque(context!).takeRetainedValue()
    Loop(inbox: work.inbox, sockets: work.sockets, whenDone: work.whenDone).run()
    work.inbox.exit()
    return nil
}
