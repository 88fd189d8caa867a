/// One request to a provider account as pure values. The bytes are what is stored sealed with the attempt and what a repeat sends again;
/// secrets that belong to the account (tokens, passwords) are not in it, they are added at the last moment by `Provider.authorized`.
public enum ProviderCall: Hashable, Sendable {
    case http(HTTPCall)
    case smtp(SMTPCall)
}

public struct HTTPCall: Hashable, Sendable {
    public enum Version: String, Hashable, Sendable {
        case http1 = "1.1"
        /// Over TLS only: reuse of cleartext HTTP/2 is broken in libcurl 7.88.
        case http2 = "2"
    }
    public var method: String
    /// Absolute, without user info. Query included.
    public var url: String
    /// In the order they are sent. Names are ASCII tokens.
    public var headers: [(name: String, value: HeaderValue)]
    public var body: [UInt8]
    public var version: Version

    public init(
        method: String = "POST", url: String, headers: [(name: String, value: HeaderValue)], body: [UInt8], version: Version = .http1
    ) {
        (self.method, self.url, self.headers, self.body, self.version) = (method, url, headers, body, version)
    }
    public static func == (a: HTTPCall, b: HTTPCall) -> Bool {
        a.method == b.method && a.url == b.url && a.body == b.body && a.version == b.version
            && a.headers.elementsEqual(b.headers) { $0.name == $1.name && $0.value == $1.value }
    }
    public func hash(into hasher: inout Hasher) {
        hasher.combine(url)
        hasher.combine(body)
    }
}

/// One mail to one recipient: one SMTP transaction (S13).
public struct SMTPCall: Hashable, Sendable {
    /// `smtp://host:587` (STARTTLS required unless the account allows plain) or `smtps://host:465` (implicit TLS).
    public var url: String
    public var from: MailAddress
    public var to: MailAddress
    /// The whole message with CRLF line ends, header first. Dot-stuffing is the transport's.
    public var data: [UInt8]
    /// Set by `authorized`, never stored.
    public var login: SMTPLogin?

    public init(url: String, from: MailAddress, to: MailAddress, data: [UInt8], login: SMTPLogin? = nil) {
        (self.url, self.from, self.to, self.data, self.login) = (url, from, to, data, login)
    }
}

public struct SMTPLogin: Hashable, Sendable {
    public var user: String
    public var password: Sensitive<String>
    public init(user: String, password: Sensitive<String>) { (self.user, self.password) = (user, password) }
}

/// A complete answer. For SMTP `status` is the last reply code (250, 550, …) and `body` its text.
public struct ProviderReply: Sendable, Equatable {
    public var status: Int
    /// Names in lower case.
    public var headers: [(name: String, value: String)]
    /// At most 64 KiB; a longer one is `TransferFailure.replyTooLarge`.
    public var body: [UInt8]
    public var version: HTTPCall.Version?
    /// Seconds, already converted from an HTTP date; nil when absent, negative or absurd.
    public var retryAfter: Duration?

    public init(
        status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [], version: HTTPCall.Version? = nil,
        retryAfter: Duration? = nil
    ) {
        (self.status, self.headers, self.body, self.version, self.retryAfter) = (status, headers, body, version, retryAfter)
    }
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    public static func == (a: ProviderReply, b: ProviderReply) -> Bool {
        a.status == b.status && a.body == b.body && a.version == b.version && a.retryAfter == b.retryAfter
            && a.headers.elementsEqual(b.headers) { $0 == $1 }
    }
}

/// How one transfer ended, before a provider has looked at it.
public enum TransferResult: Sendable, Equatable {
    case reply(ProviderReply)
    case failure(TransferFailure)
}

/// No complete answer came. What each class means: docs/delivery.md.
public struct TransferFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Cause: String, Sendable, CaseIterable {
        case resolve, connect, tls, certificate, tlsMissing = "tls_missing", timeout, sendFailed = "send_failed", receiveFailed =
            "receive_failed"
        case emptyReply = "empty_reply", truncatedReply = "truncated_reply", http2, secondSend = "second_send"
        case replyTooLarge = "reply_too_large", badURL = "bad_url", refusedAddress = "refused_address", busy, cancelled, smtp, other
    }
    public var cause: Cause
    /// Whether any byte of the request may have reached the other side. False is proof that nothing did.
    public var mayHaveBeenSent: Bool
    /// libcurl's code, 0 when the transfer never reached libcurl.
    public var code: Int32
    /// SMTP: the last reply code seen, else 0.
    public var smtpStatus: Int
    /// Safe to log: no URL, no header, no body.
    public var detail: String

    public init(cause: Cause, mayHaveBeenSent: Bool, code: Int32 = 0, smtpStatus: Int = 0, detail: String = "") {
        (self.cause, self.mayHaveBeenSent, self.code, self.smtpStatus, self.detail) = (cause, mayHaveBeenSent, code, smtpStatus, detail)
    }
    public var description: String { "\(cause.rawValue)\(code == 0 ? "" : " (curl \(code))")\(detail.isEmpty ? "" : ": \(detail)")" }
}

/// What one attempt amounts to. A closed set; providers map every answer to one of these. docs/delivery.md has them in a table.
public enum Outcome: Sendable, Equatable {
    /// The provider took responsibility. `id` is its reference, empty when it gives none (SMTP).
    case accepted(id: String)
    /// Provably nothing reached the provider.
    case notSent(OutcomeDetail)
    /// Refused for now; the same call may work later.
    case transient(OutcomeDetail, notBefore: Duration?)
    /// Refused because of a rate: the whole scope waits, not only this message.
    case throttled(OutcomeDetail, notBefore: Duration?, scope: ThrottleScope)
    /// This address will not work.
    case badRecipient(OutcomeDetail)
    /// This message can never be accepted: a template or code bug.
    case badRequest(OutcomeDetail)
    /// Nothing sent with this credential, sender or account will be accepted.
    case authConfig(OutcomeDetail)
    /// The request may or may not have been processed.
    case ambiguous(OutcomeDetail)

    public enum ThrottleScope: String, Sendable { case account, recipient }
    public enum Class: String, Sendable, CaseIterable {
        case accepted, notSent = "not_sent", transient, throttled, badRecipient = "bad_recipient", badRequest = "bad_request"
        case authConfig = "auth_config", ambiguous
    }

    public var `class`: Class {
        switch self {
        case .accepted: .accepted
        case .notSent: .notSent
        case .transient: .transient
        case .throttled: .throttled
        case .badRecipient: .badRecipient
        case .badRequest: .badRequest
        case .authConfig: .authConfig
        case .ambiguous: .ambiguous
        }
    }
    public var detail: OutcomeDetail? {
        switch self {
        case .accepted: nil
        case .notSent(let d), .transient(let d, _), .throttled(let d, _, _), .badRecipient(let d), .badRequest(let d), .authConfig(let d),
            .ambiguous(let d):
            d
        }
    }
}

/// What a `bad_recipient` is about: whether the address is remembered as one that cannot be used.
public enum Blame: String, Sendable, Hashable {
    case address
    /// The address, or the account's own setup: a wrong environment or project says this of every address.
    case addressOrSetup = "address_or_setup"
    /// The person behind it asked this sender to stop.
    case optOut = "opt_out"
    /// This sender cannot reach it; others may.
    case route
}

/// Why, in words that are safe to store and show: the provider's status and code, never its free text, which may quote the recipient.
public struct OutcomeDetail: Sendable, Hashable, CustomStringConvertible {
    /// HTTP status or SMTP code, 0 when there was none.
    public var status: Int
    /// The provider's own code: `21211`, `Unregistered`, `5.1.1`; at most 64 characters of the identifier alphabet.
    public var code: String
    public var words: String
    /// For `bad_recipient`: what is to blame.
    public var blame: Blame
    /// For `bad_recipient`: since when, by the provider.
    public var since: Timestamp?
    public init(status: Int = 0, code: String = "", words: String = "", blame: Blame = .address, since: Timestamp? = nil) {
        (self.blame, self.since) = (blame, since)
        self.status = status
        self.code = Identifier.isValid(code, limit: 64) ? code : ""
        self.words = words
    }
    public var description: String {
        [status == 0 ? "" : String(status), code, words].filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension Outcome {
    /// The class of a transfer that brought no answer; the same for every provider.
    public init(_ failure: TransferFailure) {
        let detail = OutcomeDetail(status: failure.smtpStatus, code: "curl-\(failure.code)", words: failure.cause.rawValue)
        if failure.mayHaveBeenSent {
            self = .ambiguous(detail)
            return
        }
        switch failure.cause {
        case .certificate, .tlsMissing, .badURL, .refusedAddress: self = .authConfig(detail)
        default: self = .notSent(detail)
        }
    }

    /// The class of a complete HTTP answer whose code the provider's own table does not know.
    /// 408, 500, 502 and 504 may have been processed: a gateway forwards and then loses the answer.
    public init(unknownReply status: Int, code: String = "", retryAfter: Duration? = nil) {
        let detail = OutcomeDetail(status: status, code: code)
        switch status {
        case 401, 403, 407: self = .authConfig(detail)
        case 425, 429: self = .throttled(detail, notBefore: retryAfter, scope: .account)
        case 503: self = .transient(detail, notBefore: retryAfter)
        case _ where PlantedBug.retriesBadGateway.isActive && (status == 502 || status == 504): self = .transient(detail, notBefore: nil)
        case 408, 500, 502, 504: self = .ambiguous(detail)
        case 400...499: self = .badRequest(detail)
        case 505...599, 501: self = .transient(detail, notBefore: retryAfter)
        default: self = .ambiguous(detail)
        }
    }
}
