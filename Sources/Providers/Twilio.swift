public import Core
import Crypto

/// Twilio Programmable Messaging. Source: twilio.com/docs/messaging/api/message-resource and twilio.com/docs/api/errors.
///
/// Queryable: the service documents no idempotency key for messages, but a list of them by recipient (Twilio+lookup.swift); blind with
/// `lookup_seconds: 0`. The attempt's id in the callback URL lets a receipt prove acceptance.
/// Receipts are signed with the account's auth token (twilio.com/docs/usage/security).
public struct Twilio: Provider {
    public static let id = "twilio"
    public static let channel = Channel.sms
    public static let settings = [
        SettingKey("account_sid", .text, required: true, "the account's id, AC…"),
        SettingKey("auth_token_file", .secretFile, required: true, "file with the auth token, or with the secret of api_key_sid"),
        SettingKey("api_key_sid", .text, "API key SK… to sign in with instead of the account"),
        SettingKey("from", .text, "sender: a number in E.164 form or an alphanumeric sender"),
        SettingKey("messaging_service_sid", .text, "messaging service MG… that chooses the sender, instead of from"),
        SettingKey(
            "receipt_token_file", .secretFile,
            "file with the account's auth token, which signs receipts; needed for them if auth_token_file holds the secret of api_key_sid"),
        SettingKey(
            "lookup_seconds", .number,
            "how long after an attempt without an answer its message may still come into Twilio's list: then what is not there is sent again; 0: never asked; else 30 to 3600, 120 if not set"
        ),
        SettingKey("url", .url, "base URL, https://api.twilio.com if not set"),
    ]

    private let messages: Endpoint
    let url: String
    /// User and token as the header takes them.
    private let authorization: Sensitive<String>
    private let sender: (field: String, value: String)
    /// Where receipts go and what signs them; nil when there are none.
    private let callback: (url: String, signature: TwilioSignature)?
    private let horizon: Duration?

    public init(_ account: AccountSettings) throws(Problems) {
        var reader = AccountReader(account, keys: Self.settings)
        let sid = reader.identifier("account_sid", "AC and the account's digits") { $0.hasPrefix("AC") }
        let key = reader.identifier("api_key_sid", "SK and the key's digits") { $0.hasPrefix("SK") }
        let service = reader.identifier("messaging_service_sid", "MG and the service's digits") { $0.hasPrefix("MG") }
        let from = reader.text("from")
        if from.isEmpty == service.isEmpty {
            reader.fail(from.isEmpty ? "from" : "messaging_service_sid", "set one of from and messaging_service_sid")
        }
        let token = reader.secret("auth_token_file") ?? Sensitive("")
        let base = reader.endpoint("url", default: "https://api.twilio.com", schemes: ["https"])
        // The secret of an API key signs nothing.
        let signing = reader.secret("receipt_token_file") ?? (key.isEmpty ? token : nil)
        callback = account.receiptsURL.flatMap { url in signing.map { (url, TwilioSignature($0)) } }
        let lookup = reader.number("lookup_seconds", in: 0...3600, default: 120)
        if (1..<30).contains(lookup) { reader.fail("lookup_seconds", "expected 0, or a number from 30 to 3600") }
        horizon = lookup == 0 ? nil : .seconds(lookup)
        try reader.finish()
        messages = base.appending("/2010-04-01/Accounts/\(sid)/Messages.json")
        url = messages.url
        let login = "\(key.isEmpty ? sid : key):\(token.reveal(for: .wire))"
        authorization = Sensitive("Basic " + Base64.encode(Array(login.utf8)))
        sender = service.isEmpty ? ("From", from) : ("MessagingServiceSid", service)
    }

    public var guarantee: Guarantee { horizon.map { .queryable(horizon: $0) } ?? .blind }
    public var endpoints: [String] { [messages.hostPort] }

    public func call(for message: Message, key: IdempotencyKey) throws(CallProblem) -> ProviderCall {
        let (to, text) = try message.sms()
        // Error 21617. Counted in UTF-16 units, the stricter reading of "characters".
        guard text.utf16.count <= 1600 else { throw CallProblem(.tooLong, "longer than 1,600 characters") }
        // Up to 36,000 s today; accounts on the older terms refuse more than 14,400.
        var fields = [("To", to), sender, ("Body", text), ("ValidityPeriod", String(message.lifetime(in: 1...14_400)))]
        if let callback {
            fields.append(("StatusCallback", "\(callback.url)?n=\(message.attempt)"))
        }
        return .http(HTTPCall(url: url, headers: Self.fixed, body: PercentEncoding.form(fields)))
    }

    private static let sid = ReplyPath("sid")
    static let fixed = formHeaders + fixedHeaders(["accept": "application/json"])

    public func authorized(_ call: ProviderCall, with credential: Credential?) -> ProviderCall {
        guard case .http(let http) = call else { return call }
        return http.adding("authorization", authorization.reveal(for: .wire))
    }

    public func outcome(of reply: ProviderReply) -> Outcome {
        guard !reply.isSuccess else {
            guard let sid = reply.string(Self.sid), sid.hasPrefix("SM") || sid.hasPrefix("MM"), Identifier.isValid(sid, limit: 64)
            else {
                return PlantedBug.acceptsWithoutProof.isActive ? .accepted(id: "") : reply.unproven("no message id in the reply")
            }
            return .accepted(id: sid)
        }
        // A failure inside the service may come after the message was taken, and nothing would replace the second one.
        guard reply.status != 500, let code = reply.json?["code"]?.integer else { return reply.unknown() }
        guard let known = Self.codes[code] else { return reply.unknown(String(code)) }
        return reply.outcome(known, String(code), blame: code == 21610 ? .optOut : code == 21612 ? .route : .address)
    }

    private static let codes = Dictionary(uniqueKeysWithValues: table.flatMap { row in row.1.map { ($0, row.0) } })
    private static let table: [(Outcome.Class, [Int64])] = [
        // Sign-in, account, country not enabled, sender not ours or not able, trial account.
        (.authConfig, [20003, 20404, 21408, 21212, 21606, 21608]),
        // Too many requests (never processed), queue of this sender full.
        (.throttled, [20429, 21611]),
        (.transient, [20500, 20503]),
        // Not a number, not a mobile, opted out, no route from this sender.
        (.badRecipient, [21211, 21614, 21610, 21612]),
        // No body, no sender, no recipient, too long, media.
        (.badRequest, [21602, 21603, 21604, 21617, 21619]),
    ]

    // MARK: Receipts

    public static let hasReceipts = true
    public var receipts: ReceiptNaming? { callback == nil ? nil : .reference }

    public func receipts(in request: ReceiptRequest) throws(ReceiptRefusal) -> [Receipt] {
        guard let callback, callback.signature.covers(request, at: callback.url) else { throw .forged }
        guard let query = FormDecoding.pairs(request.query.utf8), let form = request.form else { throw .unreadable("no form") }
        func field(_ name: String) -> String? { (form + query).first { $0.0 == name }?.1 }
        let (id, word, code) = (field("MessageSid"), field("MessageStatus"), field("ErrorCode") ?? "")
        guard let word, let reference = field("n") ?? id, reference.isReference else { throw .unreadable("no MessageStatus, or no name") }
        let status = Self.statuses[word] ?? .unknown
        return [
            Receipt(
                reference: reference, status: status, code: [word, code], messageID: id.flatMap { $0.isReference ? $0 : nil },
                blame: status == .undelivered ? Self.blames[code] : nil, recipient: field("To").map { Sensitive($0) })
        ]
    }

    static let statuses: [String: ReceiptStatus] = [
        "accepted": .sent, "scheduled": .sent, "queued": .sent, "sending": .sent, "sent": .sent, "delivered": .delivered, "read": .read,
        "undelivered": .undelivered, "failed": .undelivered, "canceled": .undelivered,
    ]
    /// Unknown handset, landline; opted out; and what is the account's or the route's: queues, rates and caps (30001, 30017, 30022, 30023, 30027,
    /// 21611), a suspended or unregistered sender (30002, 30010, 30018, 30032 to 30034, 30450, 21408, 21612), which another account has not.
    ///
    /// In no list: 30003, a phone that is off; 30004, blocked by the person or the operator; 30007, filtered for its words; 30008, 30410 and
    /// 30500, where nobody knows how far it came.
    static let blames: [String: Blame] = Dictionary(
        uniqueKeysWithValues: [
            (Blame.address, ["30005", "30006"]), (.optOut, ["21610"]),
            (
                .route,
                [
                    "30001", "30002", "30010", "30017", "30018", "30022", "30023", "30027", "30032", "30033", "30034", "30450", "21408",
                    "21611", "21612",
                ]
            ),
        ].flatMap { blame, codes in codes.map { ($0, blame) } })
}

/// `X-Twilio-Signature`: HMAC-SHA1 with the account's auth token. Source: twilio.com/docs/usage/security.
struct TwilioSignature: Sendable {
    private let key: Sensitive<SymmetricKey>
    init(_ token: Sensitive<String>) { key = Sensitive(SymmetricKey(data: Array(token.reveal(for: .signing).utf8))) }

    /// Whether Twilio signed a request to this public URL. A body that is no form is covered by its hash in the URL.
    func covers(_ request: ReceiptRequest, at url: String) -> Bool {
        guard let given = request.header("x-twilio-signature").flatMap({ Base64.decode($0) }) else { return false }
        let form: [(String, String)]
        if let fields = request.form {
            form = fields
        } else {
            let expected = FormDecoding.pairs(request.query.utf8)?.first { $0.0 == "bodySHA256" }?.1
            let digest = SHA256.hash(data: request.body).withUnsafeBytes { Hex.text(Array($0)) }
            guard let expected, isEqual(expected.lowercased(), digest) || PlantedBug.believesForgedReceipts.isActive else { return false }
            form = []
        }
        let whole = url + (request.query.isEmpty ? "" : "?" + request.query)
        // Proxies and Twilio do not agree on whether the default port is written.
        var isGood = false
        for spelling in Self.spellings(of: whole) {
            isGood =
                HMAC<Insecure.SHA1>.isValidAuthenticationCode(
                    given, authenticating: Self.signed(spelling, form), using: key.reveal(for: .signing)) || isGood
        }
        return isGood
    }

    /// The URL, and behind it each name and value in the order of the names; of a name with several values each one once, in their order.
    static func signed(_ url: String, _ form: [(String, String)]) -> [UInt8] {
        var values: [[UInt8]: Set<[UInt8]>] = [:]
        for (name, value) in form { values[Array(name.utf8), default: []].insert(Array(value.utf8)) }
        var out = Array(url.utf8)
        for (name, values) in values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            for value in values.sorted(by: { $0.lexicographicallyPrecedes($1) }) { out += name + value }
        }
        return out
    }

    /// As it is, with the default port and without it.
    private static func spellings(of url: String) -> [String] {
        let port = url.hasPrefix("https://") ? ":443" : ":80"
        guard let slashes = url.firstRange(of: "://") else { return [url] }
        let end = url[slashes.upperBound...].firstIndex { $0 == "/" || $0 == "?" } ?? url.endIndex
        let (head, tail) = (url[..<end], url[end...])
        if head.hasSuffix(port) { return [url, String(head.dropLast(port.count) + tail)] }
        let host = head[slashes.upperBound...]
        let hasPort = (host.lastIndex(of: "]").map { host[$0...] } ?? host).contains(":")
        return hasPort ? [url] : [url, String(head + port + tail)]
    }
}
