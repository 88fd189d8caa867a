import Core
import HTTPTypes
import NIOCore
import NIOHTTP1

/// Holds one connection to its limits, so that a peer that sends or reads a byte a minute does not keep it: head and body have a time
/// each, a head has a size, and an answer must be taken. Lives on the connection's loop; nothing else touches it.
final class ConnectionKeeper: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase { case new, idle, head, body, over }

    private let limits: HTTPService.Limits
    private let isWelcome: Bool
    private var phase = Phase.new
    /// What `timer` was set for.
    private var timed: Phase?
    private var timer, stall: Scheduled<Void>?
    /// Requests whose answer has not begun.
    private var unanswered = 0

    init(_ limits: HTTPService.Limits, isWelcome: Bool) { (self.limits, self.isWelcome) = (limits, isWelcome) }

    func handlerAdded(context: ChannelHandlerContext) { if context.channel.isActive { start(context) } }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        start(context)
    }

    private func start(_ context: ChannelHandlerContext) {
        if isWelcome { return setTimer(context) }
        answer(context, .serviceUnavailable, Replies.problemBody(.serviceUnavailable, "busy", "Too many connections"), retryAfter: "1")
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimers()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stopTimers() }

    // MARK: In

    func bytesCame() { if phase == .idle || phase == .new { phase = .head } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .over else { return }
        switch unwrapInboundIn(data) {
        case .head:
            unanswered += 1
            phase = .body
        case .body: break
        case .end: phase = .idle
        }
        context.fireChannelRead(data)
    }

    /// A request that came in one piece needs no timer.
    func channelReadComplete(context: ChannelHandlerContext) {
        setTimer(context)
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let problem = error as? HTTPParserError, unanswered == 0 else { return context.fireErrorCaught(error) }
        if problem == .headerOverflow {
            let title = "More than \(limits.headerBytes) bytes or \(limits.headerLines) lines of headers"
            answer(context, .requestHeaderFieldsTooLarge, Replies.problemBody(.requestHeaderFieldsTooLarge, "headers-too-large", title))
        } else {
            answer(context, .badRequest, Replies.problemBody(.badRequest, "not-http", "Not an HTTP/1.1 request"))
        }
    }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard phase != .over else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        if case .head = unwrapOutboundIn(data) { unanswered -= 1 }
        context.write(data, promise: promise)
    }

    /// A peer that does not read what it asked for.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable {
            stall = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limits.stallTime)) { context.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Time

    private func setTimer(_ context: ChannelHandlerContext) {
        guard timed != phase, phase != .over else { return }
        timer?.cancel()
        (timer, timed) = (nil, phase)
        let time: Duration
        switch phase {
        case .new, .head: time = limits.headerTime
        case .body: time = limits.bodyTime
        case .idle, .over: return
        }
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { self.timeIsUp(context) }
    }

    private func timeIsUp(_ context: ChannelHandlerContext) {
        // Who never sent a byte, or had an answer already, gets none.
        guard phase == .head || phase == .body, phase == .head ? unanswered == 0 : unanswered > 0 else { return context.close(promise: nil) }
        answer(context, .requestTimeout, Replies.problemBody(.requestTimeout, "too-slow", "The request did not come in time"))
    }

    private func stopTimers() {
        timer?.cancel()
        stall?.cancel()
        (timer, stall) = (nil, nil)
    }

    // MARK: The last word

    /// Answers past the routes and ends the connection: first our half, so that what the peer still sends does not reset the answer away.
    private func answer(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ problem: JSON, retryAfter: String? = nil) {
        guard phase != .over else { return }
        phase = .over
        stopTimers()
        let body = ByteBuffer(bytes: problem.bytes)
        var headers: HTTPHeaders = [
            "Content-Type": "application/problem+json", "Content-Length": String(body.readableBytes), "Connection": "close",
            "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
        ]
        if let retryAfter { headers.add(name: "Retry-After", value: retryAfter) }
        context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(mode: .output, promise: nil)
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { context.close(promise: nil) }
    }
}
