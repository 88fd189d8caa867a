import CCurl
import Core
import Glibc

/// One easy handle with its constant options set, used for one call after another, and what libcurl's callbacks need. Loop thread only.
///
/// **At most once.** When a reused connection turns out dead before the first byte of the answer, libcurl by itself sends a POST again, up to
/// five times, and reports plain success. Two things stop it: the body comes from a read function that cannot be rewound (libcurl then gives
/// up with 65), and the pre-request function, called before each sending, refuses the second one (42).
final class Transfer {
    enum Kind: Int {
        case http, mail
        init(_ call: ProviderCall) {
            switch call {
            case .http: self = .http
            case .smtp: self = .mail
            }
        }
    }

    let easy: UnsafeMutableRawPointer
    let kind: Kind
    /// Outlives its transfers.
    unowned let pool: Pool
    let headers = HeaderList()
    /// What the handle was told last, of what most calls have in common.
    var told = Told()
    /// Where it is on the wire, and its place among those that are.
    var multi: Multi?
    var place = 0

    // One call:
    private(set) var order: Order?
    private var body: [UInt8] = []
    private var taken = 0
    private var sends = 0
    private var isPlain = false
    /// The host is an address: what libcurl looks up is a number.
    private var isAddress = false
    private var wasAddressRefused = false
    /// The last one opened for this call; nil when it goes over a connection that was there.
    private var socket: curl_socket_t?
    /// Of the connection it goes over, once that is ready.
    private var localPort: UInt16 = 0
    private var httpReply = HTTPReplyReader()
    private var mailReply = SMTPReplyReader()

    /// Nil when libcurl refuses one of the constant options.
    init?(_ kind: Kind, pool: Pool) {
        guard let easy = curl_easy_init() else { return nil }
        (self.easy, self.kind, self.pool) = (easy, kind, pool)
        guard setConstants(for: pool.account) else { return nil }
    }
    deinit { curl_easy_cleanup(easy) }

    static func of(_ easy: UnsafeMutableRawPointer?) -> Transfer? {
        ccurl_get_private(easy).map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    struct Told {
        var url = ""
        var method = ""
        var hasBody = false
        var version = HTTPCall.Version?.none
        var parsed: ParsedURL?
        /// The connection ends with this call, if it has it to itself.
        var isLast = false
        /// And where it was read; libcurl keeps it for the multi.
        var pin: Pin?
        var pinnedIn: Multi?
    }

    var me: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
    var account: TransportAccount { pool.account }
    var owner: UnsafeMutableRawPointer { Unmanaged.passUnretained(pool).toOpaque() }

    // MARK: one call

    /// Sets what differs from call to call. The failure when the call cannot be made at all.
    func prepare(_ order: Order, _ way: Names.Way, in multi: Multi) -> TransferFailure? {
        (self.order, self.multi) = (order, multi)
        isPlain = account.isPlain(order.url)
        if case .address = way { isAddress = true }
        if case .pinned(let pin) = way, !set(pin, in: multi) { return .unusable("libcurl refuses the host") }
        switch order.call {
        case .http(let call):
            body = call.body
            return set(call)
        case .smtp(let call):
            body = call.data
            return set(call, allowPlain: pool.account.allowPlain)
        }
    }

    /// Forgets the call: no body, header or password stays in an idle handle.
    func clear() {
        (order, multi) = (nil, nil)
        body = []
        (taken, sends) = (0, 0)
        (isPlain, isAddress, wasAddressRefused) = (false, false, false)
        (socket, localPort) = (nil, 0)
        if kind == .http { httpReply = HTTPReplyReader() } else { mailReply = SMTPReplyReader() }
        forgetCall()
    }

    func result(of code: CURLcode) -> TransferResult {
        switch order?.call {
        case .http(let call):
            let retryAfter = httpReply.hasRetryAfter ? Int(ccurl_get_off(easy, CURLINFO_RETRY_AFTER)) : 0
            // A call for HTTP/1.1 offers nothing else.
            let isHTTP2 = call.version == .http2 && ccurl_get_long(easy, CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0
            return ending(code).result(of: call, httpReply, version: isHTTP2 ? .http2 : .http1, retryAfter: retryAfter)
        case .smtp: return ending(code).result(mailReply)
        case nil: return .failure(cancelled())
        }
    }

    /// For a transfer that is taken off the wire.
    func cancelled() -> TransferFailure {
        TransferFailure(cause: .cancelled, mayHaveBeenSent: ending(CURLE_OK).mayHaveBeenSent, smtpStatus: mailReply.status)
    }

    private func ending(_ code: CURLcode) -> Ending {
        let requestSent = kind == .http && ccurl_get_long(easy, CURLINFO_REQUEST_SIZE) > 0
        var ending = Ending(
            code: code, mayHaveBeenSent: requestSent || taken > 0, wasSecondSend: sends > 1 || code == CURLE_SEND_FAIL_REWIND,
            wasAddressRefused: wasAddressRefused && socket == nil)
        guard code != CURLE_OK else { return ending }
        ending.verifyResult = ccurl_get_long(easy, CURLINFO_SSL_VERIFYRESULT)
        ending.systemError = ccurl_get_long(easy, CURLINFO_OS_ERRNO)
        return ending
    }

    // MARK: callbacks

    /// Recorded before what it names can happen.
    private func reach(_ phase: FlightPhase) {
        guard let flight = order?.flight, flight.isBelow(phase) else { return }
        #if DEBUG
            if phase == .firstByte { CrashPoint.pass(.answerArrived) }
        #endif
        flight.advance(to: phase)
        #if DEBUG
            switch phase {
            case .connected: CrashPoint.pass(.connected)
            case .requestStarted: CrashPoint.pass(.requestStarted)
            case .firstByte: CrashPoint.pass(.answerStarted)
            case .intent, .parsed: break
            }
        #endif
    }

    func read(into buffer: UnsafeMutablePointer<CChar>, room: Int) -> Int {
        reach(.requestStarted)
        let count = min(room, body.count - taken)
        body.withUnsafeBytes { bytes in
            if count > 0 { memcpy(buffer, bytes.baseAddress! + taken, count) }
        }
        taken += count
        return count
    }

    /// False ends the transfer.
    func received(body bytes: UnsafeRawBufferPointer) -> Bool { kind == .mail || httpReply.take(body: bytes) }

    func received(line: UnsafeRawBufferPointer) -> Bool {
        // What a mail server says before it has the mail answers no request.
        if kind == .http || taken > 0 { reach(.firstByte) }
        guard kind == .mail else {
            pool.heard()
            return httpReply.take(line: line)
        }
        if mailReply.take(line: line), mailReply.isRefusal { willSayQuit() }
        return true
    }

    /// libcurl also says QUIT to a connection that ended after the final dot, and waits: over TLS it has read the end of the TLS session, but the
    /// server may keep the connection below it open, for as long as it waits for ours. Nothing of this call can still be answered then.
    func sent(command line: UnsafeRawBufferPointer) {
        mailReply.take(command: line)
        if mailReply.hasQuit, sends > 0 { pool.connections.closeReading(localPort: localPort) }
    }

    /// After a refusal libcurl says QUIT and waits for the answer on this thread, up to `SERVER_RESPONSE_TIMEOUT`. A connection closed for
    /// reading still says it and waits for nothing. A refused login may be followed by another try, whose answer must be read: a second is
    /// enough for a server that is still there.
    private func willSayQuit() {
        // Refused after its last byte: libcurl keeps the connection for the next mail, unless the server said that it closes it
        // (421, RFC 5321 3.8).
        guard taken == 0 || mailReply.status == 421 else { return }
        if sends == 1 {
            pool.connections.closeReading(localPort: localPort)
        } else if mailReply.isGreeting, let socket {
            Sockets.closeReading(socket)
        } else {
            ccurl_set_long(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, 1)
        }
    }

    /// Called when the connection is ready and the request is about to leave.
    func maySend(localPort: UInt16) -> Bool {
        sends += 1
        if PlantedBug.allowsSecondSend.isActive { (sends, taken) = (1, 0) }
        self.localPort = localPort
        reach(.connected)
        // A mail has not begun before its body: `read`.
        if kind == .http { reach(.requestStarted) }
        if kind == .mail {
            ccurl_set_long(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, timeout(of: account).wholeSeconds)
        } else if sends == 1 {
            pool.connections.willWrite(localPort: localPort, isShared: told.version == .http2)
        }
        return sends == 1
    }

    /// Called when libcurl has no address for the host, before it looks for one.
    func mayLookUp() -> Bool { isAddress || PlantedBug.letsLibcurlResolve.isActive }

    func openSocket(_ address: UnsafePointer<curl_sockaddr>) -> curl_socket_t {
        guard allows(address) else {
            wasAddressRefused = true
            return CURL_SOCKET_BAD
        }
        let opened = pool.connections.open(address)
        pool.hasOpened()
        socket = opened
        return opened
    }

    private func allows(_ address: UnsafePointer<curl_sockaddr>) -> Bool {
        if address.pointee.family == AF_UNIX { return pool.account.unixSocket != nil }
        guard pool.account.unixSocket == nil else { return false }
        var copy = address.pointee
        let peer = withUnsafePointer(to: &copy.addr) { start in
            UnsafeRawPointer(start).withMemoryRebound(to: sockaddr.self, capacity: 1) { SocketAddress($0) }
        }
        return peer.map { pool.account.addresses.allows($0, isPlain: isPlain) } ?? false
    }
}
