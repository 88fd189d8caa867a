import Glibc
import Synchronization

/// A TCP or Unix-domain server that does on each connection exactly what its script says and records every byte it gets. It speaks no
/// protocol: a half header, a reset after the body or a reply to nothing are just steps.
///
/// ```swift
/// let server = try ScriptedServer([[.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .hold]])
/// ```
public final class ScriptedServer: Sendable {
    public enum Step: Sendable {
        /// An HTTP request: head, and as much body as its `Content-Length` says.
        case readRequest
        case readLine
        /// A mail up to CR LF `.` CR LF.
        case readMessage
        case send(String)
        case sendTimes(Int, String)
        case sendBytes([UInt8])
        /// One byte at a time with a wait before each: a slow loris.
        case trickle(String, every: Duration)
        /// Frames of HTTP/2 up to one that ends a stream; on a new connection the preface before them.
        case readStream
        /// Takes responsibility for what was read last: a row in the provider's ledger, unless its key is there.
        case take
        /// Answers nothing: reads until the peer goes or the server stops.
        case hold
        /// Goes on when the test says `go()`.
        case wait
        /// Closes with a reset instead of an end.
        case reset
    }

    public let port: UInt16
    private let connections: Connections
    private let acceptor: Int32

    /// Connection n plays `scripts[n]`; all later ones play the last. After its last step a connection is closed.
    /// - Parameter path: of a Unix-domain socket; nil for a free port on 127.0.0.1.
    public convenience init(_ scripts: [[Step]], path: String? = nil, ledger: ProviderLedger? = nil) throws {
        precondition(!scripts.isEmpty, "a server does something")
        try self.init(path: path, ledger: ledger) { scripts[min($0, scripts.count - 1)] }
    }

    /// - Parameters:
    ///   - ledger: where `take` writes.
    ///   - script: of connection n, from 0. Asked by the thread that accepts.
    public init(path: String? = nil, ledger: ProviderLedger? = nil, script: @escaping @Sendable (_ connection: Int) -> [Step]) throws {
        (acceptor, port) = try path.map { (try Socket.listen(path: $0), 0) } ?? Socket.listen()
        let connections = Connections(ledger)
        self.connections = connections
        let acceptor = acceptor
        startThread {
            for number in 0... {
                let socket = accept(acceptor, nil, nil)
                guard socket >= 0 else {
                    close(acceptor)
                    return
                }
                connections.opened(socket)
                let steps = script(number)
                startThread { connections.play(steps, on: socket, number: number) }
            }
        }
    }

    deinit { stop() }

    /// Ends every connection and takes no more.
    public func stop() {
        shutdown(acceptor, Int32(SHUT_RDWR))
        connections.stop()
    }

    /// Lets every `wait` pass, now and later.
    public func go() { connections.go() }

    /// Everything received, one entry per connection.
    public var received: [String] { connections.state.withLock { $0.received.map { String(decoding: $0, as: UTF8.self) } } }

    /// How often `text` arrived, over all connections.
    public func count(of text: String) -> Int { received.reduce(0) { $0 + $1.occurrences(of: text) } }

    /// Returns when connection `number` has done `steps` of its steps.
    public func reached(steps: Int, onConnection number: Int = 0) async { await connections.wait(for: number, steps: steps) }
}

extension ScriptedServer {
    /// Returns when the server has closed connection `number`.
    public func ended(connection number: Int) async { await connections.wait(for: number, steps: .max) }
}

/// What the connections' threads write and the test reads, under one lock.
private final class Connections: Sendable {
    struct State {
        var received: [[UInt8]] = []
        var steps: [Int] = []
        var sockets: Set<Int32> = []
        var hasStopped = false
        var waiters: [(number: Int, steps: Int, CheckedContinuation<Void, Never>)] = []
    }
    let state = Mutex(State())
    /// A pipe whose reading end is readable once the test said go.
    private let gate = Socket.pipe()
    private let ledger: ProviderLedger?

    init(_ ledger: ProviderLedger?) { self.ledger = ledger }
    deinit { gate.close() }
    func go() { gate.open() }

    func opened(_ socket: Int32) {
        state.withLock {
            $0.received.append([])
            $0.steps.append(0)
            $0.sockets.insert(socket)
            if $0.hasStopped { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    func stop() {
        state.withLock {
            $0.hasStopped = true
            for socket in $0.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
        gate.open()
    }

    func wait(for number: Int, steps: Int) async {
        await withCheckedContinuation { waiter in
            let isThere = state.withLock { state -> Bool in
                if number < state.steps.count, state.steps[number] >= steps { return true }
                state.waiters.append((number, steps, waiter))
                return false
            }
            if isThere { waiter.resume() }
        }
    }

    func play(_ script: [ScriptedServer.Step], on socket: Int32, number: Int) {
        var last: [UInt8] = []
        for step in script {
            guard play(step, on: socket, number: number, &last) else { break }
            advance(number) { $0 + 1 }
        }
        state.withLock { _ = $0.sockets.remove(socket) }
        close(socket)
        advance(number) { _ in .max }
    }

    private func advance(_ number: Int, _ change: (Int) -> Int) {
        let ready = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            let steps = change(state.steps[number])
            state.steps[number] = steps
            defer { state.waiters.removeAll { $0.number == number && steps >= $0.steps } }
            return state.waiters.filter { $0.number == number && steps >= $0.steps }.map(\.2)
        }
        for waiter in ready { waiter.resume() }
    }

    /// - Parameter last: what was read last, for `take`.
    private func play(_ step: ScriptedServer.Step, on socket: Int32, number: Int, _ last: inout [UInt8]) -> Bool {
        var bytes: [UInt8] = []
        defer { if !bytes.isEmpty { last = bytes } }
        func read(atMost count: Int) -> Bool {
            guard let fresh = Socket.read(socket, atMost: count) else { return false }
            bytes += fresh
            state.withLock { $0.received[number] += fresh }
            return true
        }
        /// One byte at a time: what follows belongs to the next step.
        func read(to end: String) -> Bool {
            while !bytes.suffix(end.utf8.count).elementsEqual(end.utf8) {
                guard read(atMost: 1) else { return false }
            }
            return true
        }
        func read(whole count: Int) -> Bool {
            while bytes.count < count {
                guard read(atMost: count - bytes.count) else { return false }
            }
            return true
        }
        switch step {
        case .readRequest:
            guard read(to: "\r\n\r\n") else { return false }
            return read(whole: bytes.count + contentLength(ofHead: bytes))
        case .readStream:
            while true {
                guard read(whole: bytes.count + 9) else { return false }
                if bytes.elementsEqual(HTTP2Frame.preface.prefix(9)) {
                    guard read(whole: HTTP2Frame.preface.count) else { return false }
                    continue
                }
                let head = HTTP2Frame.Head(bytes.suffix(9))
                guard read(whole: bytes.count + head.length) else { return false }
                if head.endsStream { return true }
            }
        case .take: return ledger?.take(last) ?? false
        case .readLine: return read(to: "\r\n")
        case .readMessage: return read(to: "\r\n.\r\n")
        case .send(let text): return Socket.send(socket, text)
        case .sendBytes(let bytes): return Socket.send(socket, bytes)
        case .trickle(let text, let pause):
            return text.utf8.allSatisfy { byte in
                usleep(UInt32(pause / .microseconds(1)))
                return Socket.send(socket, [byte])
            }
        case .sendTimes(let times, let text): return (0..<times).allSatisfy { _ in Socket.send(socket, text) }
        case .hold:
            while read(atMost: 65_536) {}
            return false
        case .wait: return gate.wait()
        case .reset: return Socket.resetOnClose(socket)
        }
    }
}

private func contentLength(ofHead head: [UInt8]) -> Int {
    let lines = String(decoding: head, as: UTF8.self).lowercased().split(whereSeparator: \.isNewline)
    let value = lines.first { $0.hasPrefix("content-length:") }?.dropFirst("content-length:".count)
    return value.flatMap { Int($0.filter { !$0.isWhitespace }) } ?? 0
}

extension String {
    fileprivate func occurrences(of text: String) -> Int {
        let (all, wanted) = (Array(utf8), Array(text.utf8))
        guard all.count >= wanted.count else { return 0 }
        return (0...(all.count - wanted.count)).count { all[$0..<($0 + wanted.count)].elementsEqual(wanted) }
    }
}
