public import Core

/// The only code that opens a socket outward. Each libcurl handle belongs to one thread (libcurl-thread(3)): one has all HTTP calls, and each
/// mail has one to itself (`MailCrew`), because libcurl waits for a mail server's last answer without giving the thread back. Callers only
/// fill bounded queues. libcurl looks up no name: a call whose host is not known waits in front of it (`Resolver`).
///
/// A call is sent at most once: libcurl's silent repeat on a dead connection is switched off (`Transfer`), and whatever cannot be known is
/// reported as `mayHaveBeenSent`.
public final class Transport: Sendable {
    private let http: LoopThread
    private let mail: MailCrew

    /// Starts the HTTP thread; those for mail come when there is mail. Clears proxy variables and `SSLKEYLOGFILE` from the environment and ignores SIGPIPE, for the whole process.
    /// - Parameter capacity: calls of each kind submitted and not completed; beyond, `.busy`.
    public convenience init(capacity: Int = 1024) { self.init(capacity: capacity, resolver: Resolver()) }

    init(capacity: Int, resolver: Resolver) {
        precondition(Process.isReady, "libcurl cannot start")
        (http, mail) = (LoopThread(capacity: capacity, resolver: resolver), MailCrew(capacity: capacity, resolver: resolver))
    }

    /// Adds an account, or replaces the one of that name: what is on the wire ends on its old connections, what waits goes over new ones.
    public func register(_ account: TransportAccount) {
        mail.register(account)
        http.inbox.register(account)
    }

    /// Performs one call. Cancelling the task takes it off the wire: `.cancelled`, with `mayHaveBeenSent` as far as it came.
    public func perform(_ call: ProviderCall, on account: String) async -> TransferResult {
        let id = http.inbox.nextTask()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let refused = put([Order(account: account, call: call, waiter: .task(id: id, waiter), isUrgent: true)])
                if !refused.isEmpty { waiter.resume(returning: .failure(.busy)) }
                // The handler below may have run before the call was in its queue.
                if Task.isCancelled { cancel(id, call) }
            }
        } onCancel: {
            cancel(id, call)
        }
    }

    /// Hands a batch over; results go to `onCompletions`. Returns those refused at once with `.busy`: they do not go to the handler, so that it
    /// never runs on the caller's thread, under the caller's locks.
    public func submit(_ batch: [Submission]) -> [Completion] {
        let refused = put(
            batch.map {
                Order(account: $0.account, call: $0.call, waiter: .batch(ticket: $0.ticket), isUrgent: $0.isUrgent, flight: $0.flight)
            })
        return refused.compactMap { order in
            if case .batch(let ticket) = order.waiter { Completion(ticket: ticket, result: .failure(.busy)) } else { nil }
        }
    }

    /// Set before the first `submit`. Runs on the loop threads, which do nothing else meanwhile, so it only passes the batch on; and at the end
    /// on the thread that asks for the shutdown.
    public func onCompletions(_ handler: @escaping @Sendable ([Completion]) -> Void) {
        http.inbox.onCompletions(handler)
        mail.onCompletions(handler)
    }

    /// Refuses new calls, gives back what has not started as `.cancelled`, lets what is on the wire finish for at most `limit`, then aborts it.
    /// Every call has its result when this returns. May be called again.
    public func shutdown(within limit: Duration = .seconds(5)) async {
        http.inbox.stop(within: limit)
        await mail.stop(within: limit)
        await http.join()
    }

    /// How long the thread of all HTTP calls has worked between two looks at its sockets, to the millisecond: so long everybody waited. Each turn that
    /// was longer than all before it, when it happens, until the shutdown. For one listener; who is late hears the newest.
    public var longestTurns: AsyncStream<Duration> { http.inbox.records }

    /// Mails of one account on the wire at most, whatever its `maxInFlight`.
    public static let mailsAtATime = MailCrew.mostThreads
    /// Calls of one account that wait for a place at most, if its own settings do not say.
    public static let mayWait = 256

    /// libcurl with its TLS and HTTP/2 libraries, for the log at start.
    public static var versions: String { Process.versions }

    /// The orders that found no place.
    private func put(_ orders: [Order]) -> [Order] {
        guard orders.contains(where: \.isMail) else { return Array(http.inbox.submit(orders)) }
        let (refused, strangers) = mail.submit(orders.filter(\.isMail))
        // An account that nobody registered has no threads: the HTTP loop says so.
        let others = orders.filter { !$0.isMail } + strangers
        return others.isEmpty ? refused : refused + http.inbox.submit(others)
    }

    private func cancel(_ id: UInt64, _ call: ProviderCall) {
        if Transfer.Kind(call) == .mail { mail.cancel(task: id) }
        http.inbox.cancel(task: id)
    }
}

extension TransferFailure {
    static let busy = TransferFailure(cause: .busy, mayHaveBeenSent: false)
}
