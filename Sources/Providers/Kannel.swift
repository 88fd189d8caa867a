public import Core

/// A Kannel SMS gateway. Source: Kannel 1.4.5 user guide, "Using the sendsms service", and its answers as observed.
///
/// Blind: no idempotency key and no id in the answer. A receipt carries the attempt's id in its URL and can prove
/// acceptance; it is not signed, so a secret is in the URL as well.
public struct Kannel: Provider {
    public static let id = "kannel"
    public static let channel = Channel.sms
    public static let settings = [
        SettingKey("url", .url, required: true, "the sendsms service, e.g. https://sms.example.com:13013/cgi-bin/sendsms"),
        SettingKey("user", .text, required: true, "user of a sendsms-user group"),
        SettingKey("password_file", .secretFile, required: true, "file with that user's password"),
        SettingKey("from", .text, "sender; the gateway's default-sender if not set"),
        SettingKey("smsc", .text, "id of the SMS centre to use"),
        ReceiptDoor.key,
        SettingKey(
            "max_parts", .number, "parts the gateway sends at most (its max-messages), 10 if not set; it cuts the rest off silently"),
        allowPlainKey,
    ]

    private let sendsms: Endpoint
    private let url: String
    private let user, from, smsc: String
    private let password: Sensitive<String>
    private let door: ReceiptDoor?
    private let maxParts: Int

    public init(_ account: AccountSettings) throws(Problems) {
        var reader = AccountReader(account, keys: Self.settings)
        sendsms = reader.endpoint("url", schemes: ["https", "http"])
        if sendsms.path.contains("?") { reader.fail("url", "no query here: the parameters are added") }
        url = sendsms.url + "?"
        (user, from, smsc) = (reader.text("user"), reader.text("from"), reader.text("smsc"))
        password = reader.secret("password_file") ?? Sensitive("")
        door = reader.receiptDoor()
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
        if let door {
            // Delivered, not delivered, accepted and refused by the centre; not "buffered" on the way. The gateway fills in %d and %A.
            fields.append(("dlr-mask", "27"))
            fields.append(("dlr-url", door.url(for: message.attempt) + "&type=%d&answer=%A"))
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

    // MARK: Receipts

    public static let hasReceipts = true
    public var receipts: ReceiptNaming? { door == nil ? nil : .reference }

    public func receipts(in request: ReceiptRequest) throws(ReceiptRefusal) -> [Receipt] {
        guard let (reference, query) = try door?.admit(request) else { throw .forged }
        guard let reference, reference.isReference, let type = query.first(where: { $0.0 == "type" })?.1 else {
            throw .unreadable("no n, or no type")
        }
        // `ACK/`, `NACK/11/Invalid Destination Address`, or the report's text: its first two words say enough.
        let answer = query.first { $0.0 == "answer" }?.1 ?? ""
        let words = answer.split(separator: "/").prefix(2).map(String.init).filter { $0.utf8.count <= 16 }
        // The centre took it not: its link, queue or rate, all but SMPP 3.4's ESME_RINVDSTADR, which is about the number.
        let isRoute = type == "16" && words.prefix(2) != ["NACK", "11"]
        return [
            Receipt(
                reference: reference, status: Self.types[type] ?? .unknown, code: ["type-" + type] + words, blame: isRoute ? .route : nil)
        ]
    }

    /// Bits of `dlr-mask`; 4 is buffered on the way, 16 refused by the centre.
    private static let types: [String: ReceiptStatus] = ["1": .delivered, "2": .undelivered, "4": .sent, "8": .sent, "16": .undelivered]
}
