public import Core

/// Twilio Programmable Messaging. Source: twilio.com/docs/messaging/api/message-resource and twilio.com/docs/api/errors.
///
/// Blind: the service documents no idempotency key for messages. The attempt's id in the callback URL lets a receipt prove acceptance.
public struct Twilio: Provider {
    public static let id = "twilio"
    public static let channel = Channel.sms
    public static let settings = [
        SettingKey("account_sid", .text, required: true, "the account's id, AC…"),
        SettingKey("auth_token_file", .secretFile, required: true, "file with the auth token, or with the secret of api_key_sid"),
        SettingKey("api_key_sid", .text, "API key SK… to sign in with instead of the account"),
        SettingKey("from", .text, "sender: a number in E.164 form or an alphanumeric sender"),
        SettingKey("messaging_service_sid", .text, "messaging service MG… that chooses the sender, instead of from"),
        SettingKey("status_callback", .url, "public https URL for receipts; the attempt's id is added as n=…"),
        SettingKey("url", .url, "base URL, https://api.twilio.com if not set"),
    ]

    private let messages: Endpoint
    private let url: String
    /// User and token as the header takes them.
    private let authorization: Sensitive<String>
    private let sender: (field: String, value: String)
    private let callback: String?

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
        callback = account.text("status_callback")
        if let callback, Endpoint(callback).map({ $0.scheme == "https" || $0.isLoopback }) != true {
            reader.fail("status_callback", "expected an absolute https URL without user info and fragment")
        }
        try reader.finish()
        messages = base.appending("/2010-04-01/Accounts/\(sid)/Messages.json")
        url = messages.url
        let login = "\(key.isEmpty ? sid : key):\(token.reveal(for: .wire))"
        authorization = Sensitive("Basic " + Base64.encode(Array(login.utf8)))
        sender = service.isEmpty ? ("From", from) : ("MessagingServiceSid", service)
    }

    public var guarantee: Guarantee { .blind }
    public var endpoints: [String] { [messages.hostPort] }

    public func call(for message: Message, key: IdempotencyKey) throws(CallProblem) -> ProviderCall {
        let (to, text) = try message.sms()
        // Error 21617. Counted in UTF-16 units, the stricter reading of "characters".
        guard text.utf16.count <= 1600 else { throw CallProblem(.tooLong, "longer than 1,600 characters") }
        // Up to 36,000 s today; accounts on the older terms refuse more than 14,400.
        var fields = [("To", to), sender, ("Body", text), ("ValidityPeriod", String(message.lifetime(in: 1...14_400)))]
        if let callback {
            fields.append(
                ("StatusCallback", callback + (callback.contains("?") ? "&" : "?") + "n=" + PercentEncoding.component(message.attempt)))
        }
        return .http(HTTPCall(url: url, headers: Self.fixed, body: PercentEncoding.form(fields)))
    }

    private static let sid = ReplyPath("sid")
    private static let fixed = formHeaders + fixedHeaders(["accept": "application/json"])

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
}
