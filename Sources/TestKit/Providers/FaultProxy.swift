import Glibc
import Synchronization

/// A TCP proxy on loopback that spoils what passes: each connection as its rules say.
public final class FaultProxy: Sendable {
    public struct Rules: Sendable {
        /// Before each piece that passes, either way.
        public var latency = Duration.zero
        /// Up to so much more, by chance.
        public var jitter = Duration.zero
        /// Each way; 0 is no limit.
        public var bytesPerSecond = 0
        /// After so many bytes from the server, or from the client, `ending` happens.
        public var cutAfter: (fromServer: Int?, fromClient: Int?) = (nil, nil)
        public var ending = Ending.close
        public init() {}
    }
    public enum Ending: String, Sendable, CaseIterable {
        case close, reset
        /// Only this way ends; the other goes on.
        case halfClose = "half_close"
        /// Nothing passes any more, and nobody is told.
        case freeze
    }

    public let port: UInt16
    private let acceptor: Int32
    private struct State {
        var sockets: Set<Int32> = []
        var hasStopped = false
    }
    private let state = Mutex(State())

    /// - Parameters:
    ///   - port: of the server, on 127.0.0.1.
    ///   - rules: of connection n, from 0. Asked by the thread that accepts.
    public init(to server: UInt16, seed: UInt64 = 1, rules: @escaping @Sendable (_ connection: Int) -> Rules) throws {
        (acceptor, port) = try Socket.listen()
        let acceptor = acceptor
        startThread { [weak self] in
            for number in 0... {
                let client = accept(acceptor, nil, nil)
                guard client >= 0 else {
                    close(acceptor)
                    return
                }
                do {
                    let passage = Passage(client, try Socket.connect(server), rules(number), SeededChance(state: seed &+ UInt64(number)))
                    self?.note(passage)
                    passage.start()
                } catch {
                    // The server is gone: so are we.
                    close(client)
                }
            }
        }
    }
    deinit { stop() }

    /// Ends every connection and takes no more.
    public func stop() {
        state.withLock { state in
            guard !state.hasStopped else { return }
            state.hasStopped = true
            shutdown(acceptor, Int32(SHUT_RDWR))
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// They are forgotten before they are closed: what is shut down here is ours.
    private func note(_ passage: Passage) {
        state.withLock { $0.sockets.formUnion([passage.client, passage.server]) }
        let sockets = [passage.client, passage.server]
        passage.whenDone { [weak self] in self?.state.withLock { $0.sockets.subtract(sockets) } }
    }
}

/// One connection through the proxy: two threads, one each way. Their shared sockets are closed by the one that ends last.
private final class Passage: Sendable {
    let client, server: Int32
    private let rules: FaultProxy.Rules
    private struct State {
        var chance: SeededChance
        var running = 2
        var done: (@Sendable () -> Void)?
    }
    private let state: Mutex<State>

    init(_ client: Int32, _ server: Int32, _ rules: FaultProxy.Rules, _ chance: SeededChance) {
        (self.client, self.server, self.rules) = (client, server, rules)
        state = Mutex(State(chance: chance))
    }

    func whenDone(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.done = body } }
    func start() {
        startThread { self.pump(from: self.client, to: self.server, limit: self.rules.cutAfter.fromClient) }
        startThread { self.pump(from: self.server, to: self.client, limit: self.rules.cutAfter.fromServer) }
    }

    private func pump(from source: Int32, to target: Int32, limit: Int?) {
        var left = limit ?? .max
        while left > 0, let bytes = Socket.read(source, atMost: min(left, piece)) {
            left -= bytes.count
            pause(for: bytes.count)
            guard Socket.send(target, bytes) else { break }
        }
        if left == 0 { end(from: source, to: target) } else { shutdown(target, Int32(SHUT_WR)) }
        finish()
    }

    private var piece: Int { rules.bytesPerSecond > 0 ? max(1, rules.bytesPerSecond / 20) : 65_536 }

    private func pause(for count: Int) {
        let most = Int(rules.jitter / .microseconds(1))
        let more = most == 0 ? 0 : state.withLock { $0.chance.next(below: most) }
        let rate = rules.bytesPerSecond == 0 ? 0 : count * 1_000_000 / rules.bytesPerSecond
        let whole = Int(rules.latency / .microseconds(1)) + more + rate
        if whole > 0 { usleep(UInt32(whole)) }
    }

    private func end(from source: Int32, to target: Int32) {
        switch rules.ending {
        case .close:
            shutdown(target, Int32(SHUT_RDWR))
            shutdown(source, Int32(SHUT_RDWR))
        case .reset:
            // Sent by `close`: what is still to be read on the other thread ends now.
            _ = Socket.resetOnClose(target)
            _ = Socket.resetOnClose(source)
            shutdown(target, Int32(SHUT_RD))
            shutdown(source, Int32(SHUT_RD))
        case .halfClose: shutdown(target, Int32(SHUT_WR))
        case .freeze:
            // What comes is taken and dropped, until the source itself ends.
            while Socket.read(source, atMost: 65_536) != nil {}
        }
    }

    private func finish() {
        let done = state.withLock { state -> (@Sendable () -> Void)? in
            state.running -= 1
            guard state.running == 0 else { return nil }
            return state.done ?? {}
        }
        guard let done else { return }
        done()
        close(client)
        close(server)
    }
}
