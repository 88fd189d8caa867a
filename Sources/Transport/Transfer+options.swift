import CCurl
import Core

// Each option with its reason: docs of the settings in one place, security checklist S01 to S13.
extension Transfer {
    /// What every call of an account has in common, set once per handle. False when libcurl refuses one: the handle is then not used.
    func setConstants(for account: TransportAccount) -> Bool {
        var codes: [CURLcode] = []
        func set(_ option: CURLoption, _ value: Int) { codes.append(ccurl_set_long(easy, option, value)) }
        func set(_ option: CURLoption, _ text: String) { codes.append(ccurl_set_string(easy, option, text)) }

        // Threads: no signals, and no waiting for a resolver thread that hangs. There is none: what is not an address is pinned (`Names`).
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_NOPROGRESS, 1)
        // Only the protocols of this kind of call, no redirect, nobody in between.
        let mayBePlain = account.allowPlain || account.unixSocket != nil
        let protocols = kind == .mail ? "smtp,smtps" : mayBePlain ? "http,https" : "https"
        set(CURLOPT_PROTOCOLS_STR, protocols)
        set(CURLOPT_REDIR_PROTOCOLS_STR, kind == .mail ? "smtps" : "https")
        set(CURLOPT_FOLLOWLOCATION, PlantedBug.followsRedirects.isActive ? 1 : 0)
        set(CURLOPT_MAXREDIRS, PlantedBug.followsRedirects.isActive ? 5 : 0)
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        set(CURLOPT_HTTP09_ALLOWED, 0)
        // The peer is always checked; no setting turns it off.
        set(CURLOPT_SSL_VERIFYPEER, PlantedBug.trustsEveryCertificate.isActive ? 0 : 1)
        set(CURLOPT_SSL_VERIFYHOST, PlantedBug.trustsEveryCertificate.isActive ? 0 : 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let file = account.caFile { set(CURLOPT_CAINFO, file) }
        // Time. A connection is not reused after 30 s of rest, so that few are dead, nor after 10 min.
        set(CURLOPT_CONNECTTIMEOUT_MS, account.connectLimit.wholeMilliseconds)
        set(CURLOPT_TIMEOUT_MS, timeout(of: account).wholeMilliseconds)
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, timeout(of: account).wholeSeconds)
        set(CURLOPT_MAXAGE_CONN, 30)
        set(CURLOPT_MAXLIFETIME_CONN, 600)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_USERAGENT, "Clarion")
        if let path = account.unixSocket { set(CURLOPT_UNIX_SOCKET_PATH, path) }
        return codes.allSatisfy { $0 == CURLE_OK } && setCallbacks() && (kind == .http || setMailConstants())
    }

    func timeout(of account: TransportAccount) -> Duration { min(account.timeout, kind == .mail ? .seconds(60) : .seconds(15)) }

    private func setCallbacks() -> Bool {
        [
            ccurl_set_pointer(easy, CURLOPT_PRIVATE, me),
            ccurl_set_read(easy, readBody), ccurl_set_pointer(easy, CURLOPT_READDATA, me),
            ccurl_set_write(easy, writeBody), ccurl_set_pointer(easy, CURLOPT_WRITEDATA, me),
            ccurl_set_header(easy, writeHeader), ccurl_set_pointer(easy, CURLOPT_HEADERDATA, me),
            ccurl_set_prereq(easy, beforeRequest), ccurl_set_pointer(easy, CURLOPT_PREREQDATA, me),
            ccurl_set_resolver_start(easy, beforeLookUp), ccurl_set_pointer(easy, CURLOPT_RESOLVER_START_DATA, me),
            ccurl_set_open_socket(easy, openAddress), ccurl_set_pointer(easy, CURLOPT_OPENSOCKETDATA, me),
            // A connection outlives the handle that opened it, never its account's multi.
            ccurl_set_close_socket(easy, closeAddress), ccurl_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, owner),
        ].allSatisfy { $0 == CURLE_OK }
    }

    private func setMailConstants() -> Bool {
        [
            ccurl_set_long(easy, CURLOPT_UPLOAD, 1), ccurl_set_long(easy, CURLOPT_SASL_IR, 1),
            // Only so that our own commands are seen: which of them a refusal answers is not in the refusal.
            ccurl_set_debug(easy, seeCommand), ccurl_set_pointer(easy, CURLOPT_DEBUGDATA, me), ccurl_set_long(easy, CURLOPT_VERBOSE, 1),
        ].allSatisfy { $0 == CURLE_OK }
    }

    // MARK: per call

    /// Tells the handle what differs from the call before.
    func set(_ call: HTTPCall) -> TransferFailure? {
        if call.url != told.url {
            guard call.url.isPrintableASCII else { return .badURL }
        }
        let hasBody = !call.body.isEmpty || call.method == "POST"
        var isTaken = true
        func tell(_ code: CURLcode) { if code != CURLE_OK { isTaken = false } }
        if call.method != told.method || hasBody != told.hasBody {
            guard call.method.isToken else { return .unusable("the method is not a token") }
            told.method = ""
            tell(
                call.method == "HEAD"
                    ? ccurl_set_long(easy, CURLOPT_NOBODY, 1) : ccurl_set_long(easy, hasBody ? CURLOPT_POST : CURLOPT_HTTPGET, 1))
            tell(ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, ["POST", "GET", "HEAD"].contains(call.method) ? nil : call.method))
            (told.method, told.hasBody) = (call.method, hasBody)
        }
        guard headers.fill(call.headers) else { return .unusable("a header name is not allowed") }
        if call.version != told.version {
            let version = call.version == .http2 ? Int(CURL_HTTP_VERSION_2TLS) : Int(CURL_HTTP_VERSION_1_1)
            tell(ccurl_set_long(easy, CURLOPT_HTTP_VERSION, version))
            // A burst at the start waits for one HTTP/2 connection instead of opening many.
            tell(ccurl_set_long(easy, CURLOPT_PIPEWAIT, call.version == .http2 ? 1 : 0))
            told.version = call.version
        }
        let isLast = call.version == .http2 && pool.isWorn
        if isLast != told.isLast {
            tell(ccurl_set_long(easy, CURLOPT_FORBID_REUSE, isLast ? 1 : 0))
            told.isLast = isLast
        }
        tell(set(url: call.url))
        tell(ccurl_set_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, call.body.count))
        tell(ccurl_set_list(easy, CURLOPT_HTTPHEADER, headers.list))
        return isTaken ? nil : .unusable("libcurl refuses the request")
    }

    /// libcurl reads it when the transfer starts, once, and keeps it for all of the multi. False when it does not take it.
    func set(_ pin: Pin, in multi: Multi) -> Bool {
        if told.pin === pin, told.pinnedIn === multi { return true }
        let code = ccurl_set_list(easy, CURLOPT_RESOLVE, pin.list)
        // The handle points to it from now on.
        (told.pin, told.pinnedIn) = (pin, multi)
        return code == CURLE_OK
    }

    private func set(url: String) -> CURLcode {
        let parsed = pool.urls.parsed(url)
        if parsed != nil, parsed === told.parsed { return CURLE_OK }
        if parsed == nil, told.parsed == nil, url == told.url { return CURLE_OK }
        told.url = ""
        // The parsed one goes first where there are two.
        var code = ccurl_set_pointer(easy, CURLOPT_CURLU, parsed.map { UnsafeMutableRawPointer($0.handle) })
        told.parsed = parsed
        if code == CURLE_OK { code = ccurl_set_string(easy, CURLOPT_URL, url) }
        if code == CURLE_OK { told.url = url }
        return code
    }

    func set(_ call: SMTPCall, allowPlain: Bool) -> TransferFailure? {
        guard call.url.isPrintableASCII else { return .badURL }
        // A lone CR or LF in front of a dot would end the message inside the message at some servers (SMTP smuggling).
        guard call.data.hasOnlyCRLF else { return .unusable("the message has a bare CR or LF") }
        guard !call.data.isEmpty else { return .unusable("the message is empty") }
        headers.fill(recipient: call.to)
        let codes = [
            ccurl_set_string(easy, CURLOPT_URL, call.url),
            ccurl_set_string(easy, CURLOPT_MAIL_FROM, "<\(call.from.text)>"),
            ccurl_set_list(easy, CURLOPT_MAIL_RCPT, headers.list),
            ccurl_set_off(easy, CURLOPT_INFILESIZE_LARGE, call.data.count),
            ccurl_set_string(easy, CURLOPT_USERNAME, call.login?.user),
            ccurl_set_string(easy, CURLOPT_PASSWORD, call.login?.password.reveal(for: .wire)),
            // Plain accounts still take TLS when it is offered; all others require it.
            ccurl_set_long(easy, CURLOPT_USE_SSL, Int(allowPlain ? CURLUSESSL_TRY.rawValue : CURLUSESSL_ALL.rawValue)),
            // Until the connection is ready; longer for the answers to the mail itself.
            ccurl_set_long(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, account.connectLimit.wholeSeconds),
        ]
        return codes.allSatisfy { $0 == CURLE_OK } ? nil : .unusable("libcurl refuses the mail")
    }

    func forgetCall() {
        headers.clear()
        ccurl_set_list(easy, kind == .http ? CURLOPT_HTTPHEADER : CURLOPT_MAIL_RCPT, nil)
        guard kind == .mail else { return }
        ccurl_set_string(easy, CURLOPT_USERNAME, nil)
        ccurl_set_string(easy, CURLOPT_PASSWORD, nil)
    }
}

// MARK: - what libcurl calls

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer { Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue() }

private func readBody(_ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    transfer(context).read(into: buffer!, room: size * count)
}

/// Any other number than the one given ends the transfer.
private func writeBody(_ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    transfer(context).received(body: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

private func writeHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    transfer(context).received(line: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

private func seeCommand(
    _ easy: UnsafeMutableRawPointer?, _ type: curl_infotype, _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    if type == CURLINFO_HEADER_OUT { transfer(context).sent(command: UnsafeRawBufferPointer(start: bytes, count: count)) }
    return 0
}

private func beforeRequest(
    _ context: UnsafeMutableRawPointer?, _ peer: UnsafeMutablePointer<CChar>?, _ own: UnsafeMutablePointer<CChar>?, _ port: Int32,
    _ localPort: Int32
) -> Int32 { transfer(context).maySend(localPort: UInt16(truncatingIfNeeded: localPort)) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT }

private func beforeLookUp(_ state: UnsafeMutableRawPointer?, _ unused: UnsafeMutableRawPointer?, _ context: UnsafeMutableRawPointer?)
    -> Int32
{
    transfer(context).mayLookUp() ? 0 : 1
}

private func openAddress(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t { transfer(context).openSocket(address!) }

private func closeAddress(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> Int32 {
    Unmanaged<Pool>.fromOpaque(context!).takeUnretainedValue().close(socket)
}
