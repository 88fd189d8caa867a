import CCurl
import Core

/// What is known when a transfer has ended, and what it amounts to. Pure. Sources of the classes: RFC 9110 and 5321, libcurl-errors(3).
///
/// | libcurl | cause | whether it was sent |
/// |---|---|---|
/// | 5, 6 | resolve | no |
/// | 7, 45 | connect, refused address | no |
/// | 35 and other TLS codes | tls | no |
/// | 60 and other certificate codes | certificate | no |
/// | 28 | timeout | when a byte of the request has left |
/// | 16, 92 · 52 · 55 · 56 | http2 · empty reply · send · receive failed | when a byte of the request has left |
/// | 65, 42 | second send | yes |
/// | 18, 0 with half a head or a wrong length | truncated reply | yes |
/// | 23 | reply too large | yes |
struct Ending {
    var code: CURLcode
    var mayHaveBeenSent: Bool
    var wasSecondSend = false
    /// And no other address was tried.
    var wasAddressRefused = false
    var verifyResult = 0
    var systemError = 0

    func result(of call: HTTPCall, _ reply: HTTPReplyReader, version: HTTPCall.Version, retryAfter: Int) -> TransferResult {
        if reply.isTooLarge { return .failure(failure(.replyTooLarge)) }
        guard code == CURLE_OK else { return .failure(failure(cause)) }
        guard reply.isWhole(call.method) else { return .failure(failure(.truncatedReply)) }
        guard call.version == .http1 || version == .http2 else { return .failure(failure(.http2, "the server does not speak HTTP/2")) }
        let wait = (1...86_400).contains(retryAfter) ? Duration.seconds(retryAfter) : nil
        return .reply(ProviderReply(status: reply.status, headers: reply.headers, body: reply.body, version: version, retryAfter: wait))
    }

    /// A refusal is an answer wherever in the dialogue it came; anything else than a complete positive answer after it is not.
    func result(_ reply: SMTPReplyReader) -> TransferResult {
        let isAnswer = code == CURLE_OK || (reply.isRefusal && code != CURLE_OPERATION_TIMEDOUT && !wasSecondSend)
        if isAnswer, reply.status >= 200 {
            return .reply(ProviderReply(status: reply.status, headers: [("smtp-stage", reply.stage.rawValue)], body: reply.text))
        }
        var failure = failure(code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_LOGIN_DENIED ? .smtp : cause)
        failure.smtpStatus = reply.status
        return .failure(failure)
    }

    private func failure(_ cause: TransferFailure.Cause, _ words: String? = nil) -> TransferFailure {
        var detail = words ?? String(cString: curl_easy_strerror(code))
        if cause == .certificate, verifyResult != 0 { detail += ", verify result \(verifyResult)" }
        if systemError != 0 { detail += ", errno \(systemError)" }
        let isAnswered = cause == .replyTooLarge || cause == .truncatedReply || cause == .secondSend
        return TransferFailure(cause: cause, mayHaveBeenSent: mayHaveBeenSent || isAnswered, code: Int32(code.rawValue), detail: detail)
    }

    private var cause: TransferFailure.Cause {
        if wasSecondSend { return .secondSend }
        if wasAddressRefused { return .refusedAddress }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .resolve
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: return .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_SSL_SHUTDOWN_FAILED:
            return .tls
        case CURLE_USE_SSL_FAILED: return .tlsMissing
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
            return .certificate
        case CURLE_OPERATION_TIMEDOUT: return .timeout
        case CURLE_HTTP2, CURLE_HTTP2_STREAM: return .http2
        case CURLE_GOT_NOTHING: return .emptyReply
        case CURLE_SEND_ERROR: return .sendFailed
        case CURLE_RECV_ERROR, CURLE_WEIRD_SERVER_REPLY: return .receiveFailed
        case CURLE_PARTIAL_FILE: return .truncatedReply
        // HTTP/0.9 is reported as an unsupported protocol, after the request has left.
        case CURLE_UNSUPPORTED_PROTOCOL: return mayHaveBeenSent ? .receiveFailed : .badURL
        case CURLE_URL_MALFORMAT, CURLE_NOT_BUILT_IN, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_LOGIN_DENIED: return .badURL
        default: return .other
        }
    }
}
