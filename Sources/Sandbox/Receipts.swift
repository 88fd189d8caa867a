import Core
import Crypto
import NIOCore
import NIOPosix
import Synchronization
import Pages

/// What becomes of a message that was accepted.
enum Fate: Sendable { case delivered, undelivered }

/// A call that a provider makes to the sender when a message has reached the phone, or when it is clear that it will not.
struct Receipt: Sendable {
    var method = "POST"
    var url: String
    var headers: [(name: String, value: String)] = []
    var body = ""
}

/// Makes the calls: plain HTTP to this machine and nowhere else, each once, in no order, a few at a time. Losing one is allowed: providers
/// lose them too.
final class ReceiptDesk: Sendable {
    private struct State {
        var answered = 0, failed = 0
        var running = 0
        var waiting: [Receipt] = []
    }
    private static let atATime = 16, mayWait = 65_536
    private let state = Mutex(State())
    /// Calls answered with 2xx, and all others.
    var tally: (answered: Int, failed: Int) { state.withLock { ($0.answered, $0.failed) } }

    func send(_ receipt: Receipt) {
        let isReachable = Target(receipt.url) != nil
        let isNext = state.withLock { state in
            guard isReachable else {
                state.failed += 1
                return false
            }
            if state.running < Self.atATime {
                state.running += 1
                return true
            }
            if state.waiting.count < Self.mayWait { state.waiting.append(receipt) } else { state.failed += 1 }
            return false
        }
        if isNext { call(receipt) }
    }

    private func call(_ receipt: Receipt) {
        guard let target = Target(receipt.url) else { return count(false) }
        let head =
            "\(receipt.method) \(target.path) HTTP/1.1\r\nhost: \(target.host):\(target.port)\r\nconnection: close\r\n"
            + receipt.headers.map { "\($0.name): \($0.value)\r\n" }.joined() + "content-length: \(receipt.body.utf8.count)\r\n\r\n"
        let request = ByteBuffer(string: head + receipt.body)
        ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ReceiptHandler(request) { self.count($0) })
                }
            }
            .connect(host: target.host, port: target.port).whenFailure { _ in self.count(false) }
    }

    private func count(_ isAnswered: Bool) {
        let next = state.withLock { state in
            if isAnswered { state.answered += 1 } else { state.failed += 1 }
            let next = state.waiting.popLast()
            if next == nil { state.running -= 1 }
            return next
        }
        if let next { call(next) }
    }

    /// `http://127.0.0.1:8080/cb?x=1`. Nil for other schemes and for hosts that are not this machine.
    struct Target: Equatable {
        var host: String
        var port: Int
        var path: String

        init?(_ url: String) {
            guard url.hasPrefix("http://"), url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
            let rest = url.dropFirst(7).prefix { $0 != "#" }
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
            guard let name = parts.first, ["127.0.0.1", "localhost"].contains(name), parts.count <= 2 else { return nil }
            guard let port = parts.count == 2 ? Int(parts[1]) : 80, (1...65_535).contains(port) else { return nil }
            (host, self.port) = ("127.0.0.1", port)
            let tail = rest.dropFirst(authority.count)
            path = tail.hasPrefix("/") ? String(tail) : "/" + tail
        }
    }
}

/// One call: writes the request, reads the status line, closes. Lives on its event loop.
private final class ReceiptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: ByteBuffer
    private var done: ((Bool) -> Void)?
    private var answer: [UInt8] = []

    init(_ request: ByteBuffer, done: @escaping (Bool) -> Void) { (self.request, self.done) = (request, done) }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
        // A sender that never answers must not keep the connection for ever.
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(15)) { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        answer.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        guard answer.count >= 12 else { return }
        finish(answer[9] == 0x32)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { finish(false) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func finish(_ isAnswered: Bool) {
        done?(isAnswered)
        done = nil
    }
}

extension Twilio {
    /// The status callback, signed as Twilio signs: HMAC-SHA1 with the account's token over the URL and the sorted parameters.
    static func receipt(_ row: Row, n: Int, account: String, secret: String, fate: Fate = .delivered) -> Receipt? {
        guard let url = row.ids["callback"] else { return nil }
        let sid = sid(n)
        let word = fate == .delivered ? "delivered" : "undelivered"
        var form = [
            "AccountSid": account, "ApiVersion": "2010-04-01", "From": row.sender, "MessageSid": sid, "MessageStatus": word,
            "SmsSid": sid, "SmsStatus": word, "To": row.recipient,
        ]
        // Unreachable: the number is good.
        if fate == .undelivered { form["ErrorCode"] = "30003" }
        let fields = form.sorted { $0.key < $1.key }
        let signed = url.prefix { $0 != "#" } + fields.map { $0.key + $0.value }.joined()
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array(signed.utf8), using: SymmetricKey(data: Array(secret.utf8)))
        return Receipt(
            url: url,
            headers: [("content-type", "application/x-www-form-urlencoded"), ("x-twilio-signature", base64Encoded(code))],
            body: fields.map { "\($0.key)=\(formEncoded($0.value))" }.joined(separator: "&"))
    }
}

extension Kannel {
    /// The DLR call of one event (1 delivered, 2 not, 8 accepted by the SMSC), if `dlr-mask` asks for it, with the URL's escapes filled in.
    static func receipt(_ row: Row, event: Int) -> Receipt? {
        guard let url = row.ids["callback"], let mask = row.ids["dlr_mask"].flatMap({ Int($0) }), mask & event != 0 else { return nil }
        let values: [Character: String] = [
            "d": String(event), "A": event == 8 ? "ACK/" : "", "P": row.recipient, "p": row.sender, "T": String(row.at.seconds), "F": "",
            "I": "", "i": "FAKE",
        ]
        var out = ""
        var escape = false
        for character in url {
            if escape {
                // `%2F` and its like belong to the URL, `%d` to Kannel.
                out += values[character].map(formEncoded) ?? "%\(character)"
                escape = false
            } else if character == "%" {
                escape = true
            } else {
                out.append(character)
            }
        }
        return Receipt(method: "GET", url: escape ? out + "%" : out)
    }
}

extension Gateway {
    static func receipt(_ row: Row, n: Int, fate: Fate = .delivered) -> Receipt? {
        guard let url = row.ids["dlr_url"] else { return nil }
        let word: JSON = fate == .delivered ? "delivered" : "undelivered"
        let body: JSON = ["id": .string("gw-\(n)"), "ref": row.ids["ref"].map(JSON.string) ?? .null, "status": word]
        return Receipt(url: url, headers: [("content-type", "application/json")], body: body.text)
    }
}
