public import Core
import Glibc
import Synchronization

/// The only code that opens a socket outward. One thread owns every libcurl handle (libcurl-thread(3)); callers only fill its bounded inbox.
///
/// A call is sent at most once: libcurl's silent repeat on a dead connection is switched off (`Transfer`), and whatever cannot be known is
/// reported as `mayHaveBeenSent`.
public final class Transport: Sendable {
    private let inbox: Inbox
    /// Nil once joined.
    private let thread: Mutex<pthread_t?>

    /// Starts the thread. Clears proxy variables and `SSLKEYLOGFILE` from the environment and ignores SIGPIPE, for the whole process.
    /// - Parameter capacity: calls submitted and not completed; beyond, `.busy`.
    public init(capacity: Int = 1024) {
        precondition(Process.isReady, "libcurl cannot start")
        let inbox = Inbox(capacity: capacity)
        var id = pthread_t()
        let failed = pthread_create(&id, nil, runLoop, Unmanaged.passRetained(inbox).toOpaque())
        precondition(failed == 0, "a process that cannot start one thread cannot send")
        self.inbox = inbox
        thread = Mutex(id)
    }

    deinit {
        inbox.stop(within: .zero)
        if let id = thread.withLock({ $0 }) { pthread_detach(id) }
    }

    /// Adds an account, or replaces the one of that name: what is on the wire ends on its old connections, what waits goes over new ones.
    public func register(_ account: TransportAccount) { inbox.register(account) }

    /// Performs one call. Cancelling the task takes it off the wire: `.cancelled`, with `mayHaveBeenSent` as far as it came.
    public func perform(_ call: ProviderCall, on account: String) async -> TransferResult {
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
        let refused = inbox.submit(batch.map { Order(account: $0.account, call: $0.call, waiter: .batch(ticket: $0.ticket)) })
        return refused.compactMap { order in
            if case .batch(let ticket) = order.waiter { Completion(ticket: ticket, result: .failure(.busy)) } else { nil }
        }
    }

    /// Set before the first `submit`. Runs on the loop thread, which does nothing else meanwhile: it only passes the batch on.
    public func onCompletions(_ handler: @escaping @Sendable ([Completion]) -> Void) { inbox.onCompletions(handler) }

    /// Refuses new calls, gives back what has not started as `.cancelled`, lets what is on the wire finish for at most `limit`, then aborts it.
    /// Every call has its result when this returns. May be called again.
    public func shutdown(within limit: Duration = .seconds(5)) async {
        inbox.stop(within: limit)
        await inbox.waitForExit()
        if let id = thread.withLock({ id in
            defer { id = nil }
            return id
        }) {
            pthread_join(id, nil)
        }
    }

    /// libcurl with its TLS and HTTP/2 libraries, for the log at start.
    public static var versions: String { Process.versions }
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
