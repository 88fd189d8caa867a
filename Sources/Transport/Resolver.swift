import Core
import Glibc
import Synchronization

/// Finds the addresses of names, so that libcurl never has to: its own resolver holds up every transfer of a loop when it hangs.
///
/// getaddrinfo(3) blocks and cannot be stopped, so it runs on threads of its own, which come when a name is to be looked up and go when none is:
///
/// - at most `threads` of them, one for a name, and half of them for the names of one account, so that nobody's dead server takes all;
/// - at most `mayWait` names wait for one;
/// - who asks for a name that has been looked up for longer than a call may wait, or that no thread can come free for, is told so at once.
///
/// A thread that hangs goes on counting until the machine gives up.
final class Resolver: Sendable {
    enum Answer {
        /// Until when nobody needs to ask again, in milliseconds of `clock`.
        case found(Addresses, until: UInt64)
        case failed(NameFailure)
    }

    static let threads = 8
    static let mayWait = 64
    static let mayKnow = 256
    /// What a call waits for its name at most (S06).
    static let patience: UInt64 = 3_000

    /// Milliseconds that only grow.
    let clock: @Sendable () -> UInt64
    private let lookup: any NameLookup
    private let state = Mutex(ResolverState())

    init(lookup: any NameLookup = SystemLookup(), clock: @escaping @Sendable () -> UInt64 = { Process.milliseconds }) {
        (self.lookup, self.clock) = (lookup, clock)
    }

    /// This machine, without asking anybody (RFC 6761 6.3).
    private static let loopback = Addresses([SocketAddress(ip: "127.0.0.1", port: 0)!, SocketAddress(ip: "::1", port: 0)!])
    private static func isLoopback(_ name: String) -> Bool { name == "localhost" || name.hasSuffix(".localhost") }

    // MARK: loop threads

    /// The answer that is known; nil: `inbox` is told when there is one.
    ///
    /// - Parameters:
    ///   - name: in small letters.
    ///   - account: whose call it is.
    func answer(for name: String, of account: String, telling inbox: Inbox) -> Answer? {
        if Self.isLoopback(name) { return .found(Self.loopback, until: .max) }
        let now = clock()
        let reply = state.withLock { $0.ask(name, for: account, telling: inbox, at: now) }
        if reply.mustStart { startThread() }
        return reply.answer
    }

    // MARK: threads

    private func startThread() {
        var id = pthread_t()
        let failed = pthread_create(&id, nil, lookUp, Unmanaged.passRetained(self).toOpaque())
        guard failed == 0 else {
            // What waits for one is told so in its time; the next question tries again.
            Unmanaged.passUnretained(self).release()
            return state.withLock { $0.couldNotStart() }
        }
        pthread_detach(id)
    }

    private func begin() -> String? {
        let now = clock()
        return state.withLock { $0.begin(at: now) }
    }

    /// One name after the other, as long as some wait.
    fileprivate func work() {
        while let name = begin() {
            let finding = lookup.find(name)
            let now = clock()
            for inbox in state.withLock({ $0.end(name, finding, at: now) }) { inbox.settled(name) }
        }
    }
}

private func lookUp(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    Unmanaged<Resolver>.fromOpaque(context!).takeRetainedValue().work()
    return nil
}
