import Core
import Hummingbird
import NIOCore
import Pages

/// Where a request came in. Hummingbird makes one for each request.
struct Connection: InitializableFromSource {
    let channel: any NIOCore.Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }

    /// A channel of HTTP/1.1 hangs below the listening socket, a stream of HTTP/2 below its connection.
    var isHTTP2: Bool { channel.parent?.parent != nil }
}

/// Takes requests for the providers: reads them to the end, applies the switch, asks the provider, writes the ledger, answers.
struct Desk: HTTPResponder {
    typealias Context = Connection

    static let maximumBody = 1 << 20
    let ledger: Ledger
    let switches: Switches
    let now: @Sendable () -> Int64
    /// Makes the providers' calls back; nil makes none.
    let receipts: ReceiptDesk?
    /// Serves what no provider does; nil answers 404.
    let page: Page?
    private let standIns: [any HTTPStandIn]

    init(ledger: Ledger, switches: Switches, now: @escaping @Sendable () -> Int64, receipts: ReceiptDesk?, page: Page?) {
        (self.ledger, self.switches, self.now, self.receipts, self.page) = (ledger, switches, now, receipts, page)
        standIns = [Twilio(ledger: ledger), Kannel(), Gateway(), APNs(), FCM()]
    }

    func respond(to request: Request, context: Connection) async throws -> Response {
        var body: [UInt8] = []
        for try await part in request.body {
            body.append(contentsOf: part.readableBytesView)
            if body.count > Self.maximumBody { return Answer.text(413, "too large").response }
        }
        let incoming = Incoming(request, body: body, isHTTP2: context.isHTTP2, now: Timestamp(milliseconds: now()))
        if let standIn = standIns.first(where: { $0.serves(incoming.path) }) {
            return try await serve(incoming, with: standIn, over: context)
        }
        if let page { return try await page.respond(to: incoming) }
        return Answer.text(404, "not found").response
    }

    private func serve(_ request: Incoming, with standIn: any HTTPStandIn, over connection: Connection) async throws -> Response {
        let fault = switches.next(type(of: standIn).id)
        if fault.stall > 0 { try await switches.stall(fault.stall) }
        switch fault.kind {
        case .status(let status): return standIn.refusal((400...599).contains(status) ? status : 503, to: request).response
        case .throttle(let seconds): return standIn.refusal(429, to: request).adding("retry-after", String(seconds)).response
        case .drop: return hangUp(connection)
        case .none, .dropAfterAccept, .undelivered: break
        }
        let answer = try answer(to: request, by: standIn, fate: fault.kind == .undelivered ? .undelivered : .delivered)
        return fault.kind == .dropAfterAccept ? hangUp(connection) : answer.response
    }

    private func answer(to request: Incoming, by standIn: any HTTPStandIn, fate: Fate) throws -> Answer {
        switch standIn.judge(request) {
        case .answer(let answer): return answer
        case .accept(let row, _, _, _) where switches.isRetired(row.recipient): return standIn.gone(request)
        case .accept(let row, let digest, let calls, let answer):
            switch try ledger.accept(row, digest: digest) {
            case .new(let n):
                if let receipts { calls(n, fate).forEach(receipts.send) }
                return answer(n)
            case .repeated(let n): return answer(n).adding("idempotent-replayed", "true")
            case .conflict: return standIn.conflict()
            }
        }
    }

    /// HTTP/1.1: the connection goes. HTTP/2: the stream is reset, so that requests beside it keep their own fate.
    private func hangUp(_ connection: Connection) -> Response {
        connection.channel.close(promise: nil)
        return Response(status: .serviceUnavailable)
    }
}
