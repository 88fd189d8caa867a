import Core
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Listens for SMTP on one port, in clear with STARTTLS or with TLS from the first byte.
final class SMTPServer: Sendable {
    let port: Int
    private let listener: any NIOCore.Channel
    private let clients: Clients

    /// Connections that are open, so that a stop can close them.
    final class Clients: Sendable {
        private let open = Mutex<[ObjectIdentifier: any NIOCore.Channel]>([:])

        func add(_ channel: any NIOCore.Channel) {
            open.withLock { $0[ObjectIdentifier(channel)] = channel }
            channel.closeFuture.whenComplete { _ in self.open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) } }
        }
        func closeAll() { open.withLock { Array($0.values) }.forEach { $0.close(promise: nil) } }
    }

    init(host: String, port: Int, tls: NIOSSLContext, implicit: Bool, rules: SMTPSession.Rules, ledger: Ledger, switches: Switches)
        async throws
    {
        let clients = Clients()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.backlog, value: 256)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                clients.add(channel)
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if implicit { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(
                        SMTPHandler(SMTPSession(rules: rules, isSecure: implicit), tls: tls, ledger: ledger, switches: switches))
                }
            }
        listener = try await bootstrap.bind(host: host, port: port).get()
        self.port = listener.localAddress?.port ?? 0
        self.clients = clients
    }

    func stop() async throws {
        try await listener.close()
        clients.closeAll()
    }
}

/// One connection: moves bytes between the socket and the session, and does what the session asks for. Lives on its event loop.
final class SMTPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var session: SMTPSession
    private let tls: NIOSSLContext
    private let ledger: Ledger
    private let switches: Switches

    init(_ session: SMTPSession, tls: NIOSSLContext, ledger: Ledger, switches: Switches) {
        (self.session, self.tls, self.ledger, self.switches) = (session, tls, ledger, switches)
    }

    func channelActive(context: ChannelHandlerContext) {
        send(SMTPSession.greeting + "\r\n", context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        perform(session.receive(unwrapInboundIn(data).readableBytesView), context)
    }

    /// A client that breaks off, or a handshake that fails, ends this connection and nothing else.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func perform(_ steps: [SMTPSession.Step], _ context: ChannelHandlerContext) {
        var text = ""
        for step in steps {
            switch step {
            case .reply(let line): text += line + "\r\n"
            case .startTLS: startTLS(after: text, context)
            case .message(let envelope):
                if !text.isEmpty { send(text, context) }
                take(envelope, context)
            case .close: send(text, context) { $0.close(promise: nil) }
            }
            if case .reply = step { continue }
            text = ""
        }
        if !text.isEmpty { send(text, context) }
    }

    private func send(_ text: String, _ context: ChannelHandlerContext, then act: ((ChannelHandlerContext) -> Void)? = nil) {
        let promise = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: promise)
        if let act { promise.futureResult.assumeIsolated().whenSuccess { act(context) } }
    }

    private func startTLS(after text: String, _ context: ChannelHandlerContext) {
        send(text, context) { context in
            self.session.secured()
            do {
                try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: self.tls), position: .first)
            } catch {
                context.close(promise: nil)
            }
        }
    }

    // MARK: Messages

    /// The whole mail has been read: now the switch decides, then the ledger, then the answer leaves.
    private func take(_ envelope: SMTPSession.Envelope, _ context: ChannelHandlerContext) {
        let fault = switches.next(.smtp)
        guard fault.stall > 0 else { return conclude(envelope, fault, context) }
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(fault.stall))) { self.conclude(envelope, fault, context) }
    }

    private func conclude(_ envelope: SMTPSession.Envelope, _ fault: Fault, _ context: ChannelHandlerContext) {
        switch fault.kind {
        case .drop: return context.close(promise: nil)
        case .throttle: return send("421 4.7.0 too many messages, slow down\r\n", context) { $0.close(promise: nil) }
        case .status(let code): send(Self.refusal(code), context)
        case .none, .dropAfterAccept, .undelivered:
            do {
                let n = try accept(envelope)
                if fault.kind == .dropAfterAccept { return context.close(promise: nil) }
                send("250 2.0.0 queued as \(n)\r\n", context)
            } catch {
                send("451 4.3.0 cannot store it now\r\n", context)
            }
        }
        perform(session.resumed(), context)
    }

    private static func refusal(_ code: Int) -> String {
        switch code {
        case 421, 450, 451, 452: "\(code) 4.3.0 try again later\r\n"
        case 550, 554: "\(code) 5.6.0 content refused\r\n"
        case 552: "552 5.3.4 message too big\r\n"
        default: "451 4.3.0 try again later\r\n"
        }
    }

    /// One row for each recipient: each of them has the mail.
    private func accept(_ envelope: SMTPSession.Envelope) throws(FileProblem) -> Int {
        let mail = Mail(envelope.data)
        var last = 0
        for recipient in envelope.to {
            if case .new(let n) = try ledger.accept(mail.row(to: recipient, envelopeFrom: envelope.from)) { last = n }
        }
        return last
    }
}
