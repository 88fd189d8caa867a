public import Core
import Glibc
import Synchronization

/// The only code that opens a socket outward. Two threads own every libcurl handle, one the HTTP calls, one the mail (libcurl-thread(3)):
/// libcurl waits for a mail server's last answer without giving the thread back, and no push may wait for that. Callers only fill the bounded
/// inboxes.
///
/// A call is sent at most once: libcurl's silent repeat on a dead connection is switched off (`Transfer`), and whatever cannot be known is
/// reported as `mayHaveBeenSent`.
public final class Transport: Sendable {
    private let http, mail: LoopThread

    /// Starts the threads. Clears proxy variables and `SSLKEYLOGFILE` from the environment and ignores SIGPIPE, for the whole process.
    /// - Parameter capacity: calls of each kind submitted and not completed; beyond, `.busy`.
    public init(capacity: Int = 1024) {
        precondition(Process.isReady, "libcurl cannot start")
        (http, mail) = (LoopThread(capacity: capacity), LoopThread(capacity: capacity))
    }

    /// Adds an account, or replaces the one of that name: what is on the wire ends on its old connections, what waits goes over new ones.
    public func register(_ account: TransportAccount) {
        http.inbox.register(account)
        mail.inbox.register(account)
    }

    /// Performs one call. Cancelling the task takes it off the wire: `.cancelled`, with `mayHaveBeenSent` as far as it came.
    public func perform(_ call: ProviderCall, on account: String) async -> TransferResult {
        let inbox = thread(for: call).inbox
        let id = inbox.nextTask()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let refused = inbox.submit([Order(account: account, call: call, waiter: .task(id: id, waiter))])
                if !refused.isEmpty { waiter.resume(returning: .failure(.busy)) }
                // The handler below may have run before the call was in the inbox.
                if Task.isCancelled { inbox.cancel(task: id) }
            }
        } onCancel: {
            inbox.cancel(task: id)
        }
    }

    /// Hands a batch over; results go to `onCompletions`. Returns those refused at once with `.busy`: they do not go to the handler, so that it
    /// never runs on the caller's thread, under the caller's locks.
    public func submit(_ batch: [Submission]) -> [Completion] {
        var orders: [Transfer.Kind: [Order]] = [:]
        for item in batch {
            orders[Transfer.Kind(item.call), default: []].append(
                Order(account: item.account, call: item.call, waiter: .batch(ticket: item.ticket)))
        }
        let refused = http.inbox.submit(orders[.http] ?? []) + mail.inbox.submit(orders[.mail] ?? [])
        return refused.compactMap { order in
            if case .batch(let ticket) = order.waiter { Completion(ticket: ticket, result: .failure(.busy)) } else { nil }
        }
    }

    /// Set before the first `submit`. Runs on the two loop threads, which do nothing else meanwhile: it only passes the batch on.
    public func onCompletions(_ handler: @escaping @Sendable ([Completion]) -> Void) {
        http.inbox.onCompletions(handler)
        mail.inbox.onCompletions(handler)
    }

    /// Refuses new calls, gives back what has not started as `.cancelled`, lets what is on the wire finish for at most `limit`, then aborts it.
    /// Every call has its result when this returns. May be called again.
    public func shutdown(within limit: Duration = .seconds(5)) async {
        http.inbox.stop(within: limit)
        mail.inbox.stop(within: limit)
        await http.join()
        await mail.join()
    }

    /// libcurl with its TLS and HTTP/2 libraries, for the log at start.
    public static var versions: String { Process.versions }

    private func thread(for call: ProviderCall) -> LoopThread { Transfer.Kind(call) == .http ? http : mail }
}

/// A thread that runs a `Loop`, and its inbox.
private final class LoopThread: Sendable {
    let inbox: Inbox
    /// Nil once joined.
    private let id: Mutex<pthread_t?>

    init(capacity: Int) {
        inbox = Inbox(capacity: capacity)
        var id = pthread_t()
        let failed = pthread_create(&id, nil, runLoop, Unmanaged.passRetained(inbox).toOpaque())
        precondition(failed == 0, "a process that cannot start a thread cannot send")
        self.id = Mutex(id)
    }

    deinit {
        inbox.stop(within: .zero)
        if let id = id.withLock({ $0 }) { pthread_detach(id) }
    }

    func join() async {
        await inbox.waitForExit()
        let id = id.withLock { id -> pthread_t? in
            defer { id = nil }
            return id
        }
        if let id { pthread_join(id, nil) }
    }
}

/// The thread's body. Its argument is an `Inbox`, retained once for it.
private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    let inbox = Unmanaged<Inbox>.fromOpaque(context!).takeRetainedValue()
    Loop(inbox: inbox).run()
    inbox.exit()
    return nil
}

extension TransferFailure {
    static let busy = TransferFailure(cause: .busy, mayHaveBeenSent: false)
}
