public import Core

/// A Kannel SMS gateway. Source: Kannel 1.4.5 user guide, "Using the sendsms service", and its answers as observed.
///
/// Blind: no idempotency key and no id in the answer. A receipt at `dlr_url` that carries the attempt's id can prove acceptance.
public struct Kannel: Provider {
    public static let id = "kannel"
    public static let channel = Channel.sms
    public static let settings = [
        SettingKey("url", .url, required: true, "the sendsms service, e.g. https://sms.example.com:13013/cgi-bin/sendsms"),
        SettingKey("user", .text, required: true, "user of a sendsms-user group"),
        SettingKey("password_file", .secretFile, required: true, "file with that user's password"),
        SettingKey("from", .text, "sender; the gateway's default-sender if not set"),
        SettingKey("smsc", .text, "id of the SMS centre to use"),
        SettingKey("dlr_url", .url, "URL the gateway calls with receipts; the attempt's id, the type and the centre's answer are added"),
        SettingKey(
            "max_parts", .number, "parts the gateway sends at most (its max-messages), 10 if not set; it cuts the rest off silently"),
        allowPlainKey,
    ]

    private let sendsms: Endpoint
    private let url: String
    private let user, from, smsc: String
    private let password: Sensitive<String>
    private let dlrURL: String?
    private let maxParts: Int

    public init(_ account: AccountSettings) throws(Problems) {
        var reader = AccountReader(account, keys: Self.settings)
        sendsms = reader.endpoint("url", schemes: ["https", "http"])
        if sendsms.path.contains("?") { reader.fail("url", "no query here: the parameters are added") }
        url = sendsms.url + "?"
        (user, from, smsc) = (reader.text("user"), reader.text("from"), reader.text("smsc"))
        password = reader.secret("password_file") ?? Sensitive("")
        dlrURL = account.text("dlr_url")
        if let dlrURL, Endpoint(dlrURL) == nil { reader.fail("dlr_url", "expected an absolute URL without user info and fragment") }
        maxParts = reader.number("max_parts", in: 1...255, default: 10)
        try reader.finish()
    }

    public var guarantee: Guarantee { .blind }
    public var endpoints: [String] { [sendsms.hostPort] }

    public func call(for message: Message, key: IdempotencyKey) throws(CallProblem) -> ProviderCall {
        let (to, text) = try message.sms()
        let form = SMSMeasure(text)
        guard form.parts <= maxParts else { throw CallProblem(.tooLong, "\(form.parts) parts, the gateway sends \(maxParts)") }
        var fields = [("username", user), ("to", to), ("text", text), ("charset", "UTF-8")]
        // Without coding=2 everything outside GSM-7 leaves as question marks.
        fields.append(("coding", form.encoding == .ucs2 ? "2" : "0"))
        fields.append(("validity", String(max(1, message.lifetime(in: 60...604_800) / 60))))
        if !from.isEmpty { fields.append(("from", from)) }
        if !smsc.isEmpty { fields.append(("smsc", smsc)) }
        if let dlrURL {
            // Delivered, not delivered, accepted and refused by the centre; not "buffered" on the way. The gateway fills in %d and %A.
            let id = PercentEncoding.component(message.attempt)
            fields.append(("dlr-mask", "27"))
            fields.append(("dlr-url", dlrURL + (dlrURL.contains("?") ? "&" : "?") + "id=\(id)&type=%d&answer=%A"))
        }
        return .http(HTTPCall(method: "GET", url: url + PercentEncoding.query(fields), headers: [], body: []))
    }

    public func authorized(_ call: ProviderCall, with credential: Credential?) -> ProviderCall {
        guard case .http(var http) = call else { return call }
        http.url += "&" + PercentEncoding.query([("password", password.reveal(for: .wire))])
        return .http(http)
    }

    public func outcome(of reply: ProviderReply) -> Outcome {
        let text = reply.text
        if reply.isSuccess {
            // "0: Accepted for delivery", "3: Queued for later delivery": no id in either.
            return text.hasPrefix("0: ") || text.hasPrefix("3: ") ? .accepted(id: "") : reply.unproven("no acceptance in the reply")
        }
        for row in Self.table where row.status == reply.status && text.hasPrefix(row.text) {
            return reply.outcome(row.class, row.code)
        }
        return reply.unknown()
    }

    private static let table: [(status: Int, text: String, class: Outcome.Class, code: String)] = [
        (403, "Authorization failed", .authConfig, "authorization-failed"),
        (400, "Empty receiver number", .badRecipient, "empty-receiver"),
        (400, "Number(s) has/have been denied", .badRecipient, "number-denied"),
        (400, "Coding field misformed", .badRequest, "coding-misformed"),
        (400, "DLR-URL field misformed", .badRequest, "dlr-url-misformed"),
        (503, "Temporal failure", .transient, "temporal-failure"),
    ]
}
