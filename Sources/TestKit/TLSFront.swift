import NIOCore
import NIOPosix
import NIOSSL

/// Takes TLS off and passes the bytes on to a server without TLS, so that any scripted server can be spoken to over TLS.
public final class TLSFront: Sendable {
    public enum Beginning: Sendable {
        case tls
        /// Speaks SMTP up to STARTTLS; the server behind begins with the EHLO that follows.
        case startTLS
    }
    public let port: UInt16
    private let channel: any Channel

    /// - Parameters:
    ///   - protocols: offered by ALPN, e.g. `h2`.
    ///   - waitsForTheOtherEnd: keeps a connection open after its end of TLS until the client ends TLS too.
    public init(
        _ authority: TestAuthority, to backend: UInt16, beginning: Beginning = .tls, protocols: [String] = [],
        waitsForTheOtherEnd: Bool = false
    ) async throws {
        var configuration = authority.tls
        configuration.applicationProtocols = protocols
        if waitsForTheOtherEnd { configuration.shutdownTimeout = .hours(1) }
        let context = try NIOSSLContext(configuration: configuration)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 128)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop).connect(host: "127.0.0.1", port: Int(backend)).flatMapThrowing { server in
                    let pipeline = client.pipeline.syncOperations
                    if beginning == .startTLS { try pipeline.addHandler(STARTTLSDialogue(context: context), name: "dialogue") }
                    if beginning == .tls { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.addHandler(Passage(to: server))
                    try server.pipeline.syncOperations.addHandler(Passage(to: client))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = UInt16(channel.localAddress!.port!)
    }

    deinit { channel.close(promise: nil) }
}

private final class Passage: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let peer: any Channel
    init(to peer: any Channel) { self.peer = peer }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) { peer.writeAndFlush(unwrapInboundIn(data), promise: nil) }
    func channelInactive(context: ChannelHandlerContext) { peer.close(promise: nil) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Answers EHLO and STARTTLS, then puts TLS in its own place.
private final class STARTTLSDialogue: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let tls: NIOSSLContext
    init(context: NIOSSLContext) { tls = context }

    func channelActive(context: ChannelHandlerContext) { say("220 ready\r\n", context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let line = String(buffer: unwrapInboundIn(data)).uppercased()
        guard line.hasPrefix("STARTTLS") else { return say("250-localhost\r\n250 STARTTLS\r\n", context) }
        say("220 go ahead\r\n", context)
        do {
            try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .after(self))
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.fireErrorCaught(error)
        }
    }

    private func say(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}
