import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// How many connections one listener has. The loops' threads count, under a lock.
final class Connections: Sendable {
    private let most: Int
    private let now = Mutex(0)
    init(most: Int) { self.most = most }

    /// False when there are enough: the caller answers 503 and closes.
    func enter() -> Bool {
        now.withLock { now in
            guard now < most else { return false }
            now += 1
            return true
        }
    }
    func leave() { now.withLock { $0 -= 1 } }
}

/// Hummingbird's HTTP/1.1 channel with a keeper of ours in its pipeline.
struct KeptChannel: ServerChildChannel {
    let inner: HTTP1Channel
    let limits: HTTPService.Limits
    let connections: Connections

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        inner.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let isWelcome = connections.enter()
            if isWelcome { channel.closeFuture.whenComplete { _ in connections.leave() } }
            let keeper = ConnectionKeeper(limits, isWelcome: isWelcome)
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(FirstBytes(keeper), position: .first)
            try pipeline.addHandler(keeper, position: .after(decoder))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async { await inner.handle(value: value, logger: logger) }
}

/// Tells the keeper when a request begins, before there is enough of it to be read.
private final class FirstBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    private let keeper: ConnectionKeeper
    init(_ keeper: ConnectionKeeper) { self.keeper = keeper }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        keeper.bytesCame()
        context.fireChannelRead(data)
    }
}
