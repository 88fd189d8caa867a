public import Core

/// An SMS gateway that is described in the settings: most national gateways take one request with a handful of fields.
///
/// Blind, unless the operator names the header by which the gateway ignores repeats (`idempotency_header`); then keyed, on the operator's
/// word and for the time the gateway documents (`idempotency_hours`). In draft-ietf-httpapi-idempotency-key-header the answer is 409 while
/// the first request still runs.
public struct HTTPGateway: Provider {
    public static let id = "http"
    public static let channel = Channel.sms
    public static let settings = [
        SettingKey("url", .url, required: true, "where the request goes"),
        SettingKey("method", .text, "POST (if not set), PUT or GET; with GET the fields are the query"),
        SettingKey("content_type", .text, "json (if not set) or form"),
        SettingKey(
            "fields", .map, required: true,
            "field: value; {to} {text} {key} {sender} {reference} (our id of the send) {receipt_url} are filled in"),
        SettingKey("headers", .map, "header: value; {to} {key} {sender} {reference} {receipt_url} are filled in"),
        SettingKey("sender", .text, "what {sender} stands for"),
        SettingKey("number_format", .text, "how {to} is written: e164 (if not set) or digits"),
        SettingKey("auth_header", .text, "header of the secret, Authorization if not set"),
        SettingKey("auth_prefix", .text, "word before the secret, Bearer if not set and the header is Authorization"),
        SettingKey("auth_file", .secretFile, "file with the secret"),
        SettingKey("success_statuses", .list, "statuses that mean taken, 200 to 299 if not set"),
        SettingKey("id_path", .text, required: true, "where the reply holds the message's id: data.messages.0.id"),
        SettingKey("code_path", .text, "where the reply holds an error code"),
        SettingKey("codes", .map, "error code: transient, throttled, bad_recipient, bad_request, auth_config or ambiguous"),
        SettingKey("max_parts", .number, "SMS parts at most, 10 if not set"),
        SettingKey("idempotency_header", .text, "header by which the gateway ignores repeats, e.g. Idempotency-Key"),
        SettingKey("idempotency_hours", .number, "how long it remembers them, 24 if not set"),
        ReceiptDoor.key,
        SettingKey(
            "receipt_status_path", .text, "where a receipt holds its status, in JSON, a form or the query; without it there are none"),
        SettingKey("receipt_statuses", .map, "status: sent, delivered, undelivered or read"),
        SettingKey("receipt_reference_path", .text, "where it holds our id of the send; not needed with {receipt_url}"),
        SettingKey("receipt_id_path", .text, "where it holds the gateway's id of the message, if it does not hold ours"),
        SettingKey("receipt_code_path", .text, "where it holds an error code; one that codes calls bad_recipient marks the address"),
        allowPlainKey,
    ]

    private let endpoint: Endpoint
    private let method: String
    private let isQuery: Bool
    private let url: String
    private let takesDigits: Bool
    /// The body, or with GET the query; and each header that is set in the settings.
    private let content: Skeleton
    private let headerFields: [(name: String, value: Skeleton)]
    private let fixed: HeaderList
    private let sender: String
    private let auth: (header: String, value: Sensitive<String>)?
    private let successes: Set<Int>
    private let idPath: ReplyPath
    private let codePath: ReplyPath?
    private let codes: [String: Outcome.Class]
    private let maxParts: Int
    private let idempotency: (header: String, life: Duration)?
    private let reports: HTTPGatewayReceipts?

    public init(_ account: AccountSettings) throws(Problems) {
        var reader = AccountReader(account, keys: Self.settings)
        endpoint = reader.endpoint("url", schemes: ["https", "http"])
        method = reader.choice("method", of: ["POST", "PUT", "GET"])
        let isForm = reader.choice("content_type", of: ["json", "form"]) == "form"
        takesDigits = reader.choice("number_format", of: ["e164", "digits"]) == "digits"
        var fields = reader.pairs("fields", placeholders: ["to", "text", "key", "sender", "reference", "receipt_url"])
        var headerPairs = reader.headerPairs("headers", placeholders: ["to", "key", "sender", "reference", "receipt_url"])
        sender = reader.text("sender")
        for needed in ["{to}", "{text}"] where account.map("fields") != nil && !fields.contains(where: { $0.1.contains(needed) }) {
            reader.fail("fields", "no field holds \(needed)")
        }
        if sender.isEmpty, (fields + headerPairs).contains(where: { $0.1.contains("{sender}") }) {
            reader.fail("sender", "missing: {sender} is used")
        }
        auth = reader.auth()
        successes = reader.statuses("success_statuses")
        idPath = ReplyPath(reader.text("id_path"))
        codePath = account.text("code_path").map { ReplyPath($0) }
        codes = reader.codes("codes")
        maxParts = reader.number("max_parts", in: 1...255, default: 10)
        let life = reader.number("idempotency_hours", in: 1...8760, default: 24)
        idempotency = account.text("idempotency_header").map { ($0, .hours(life)) }
        if let name = idempotency?.header, !isToken(name) { reader.fail("idempotency_header", "not a header name") }
        let set = ["content-type", "content-length", "host", auth?.header.lowercased(), idempotency?.header.lowercased()]
        for (name, _) in headerPairs where set.contains(name.lowercased()) {
            reader.fail("headers", "\(name): set by other keys, or by the request itself")
        }
        let namesURL = (fields + headerPairs).contains { $0.1.contains("{receipt_url}") }
        reports = reader.receipts(codes: codes, isInCall: namesURL)
        if reports == nil {
            // Nowhere to send them: nothing is asked for.
            fields.removeAll { $0.1.contains("{receipt_url}") }
            headerPairs.removeAll { $0.1.contains("{receipt_url}") }
        }
        isQuery = method == "GET"
        content = Skeleton(fields, isQuery ? .query : isForm ? .form : .json)
        headerFields = headerPairs.map { name, pattern in
            var value = Skeleton(.none)
            value.add(pattern: pattern)
            return (name, value)
        }
        url = isQuery ? endpoint.url + (endpoint.path.contains("?") ? "&" : "?") : endpoint.url
        let json = fixedHeaders(["content-type": "application/json; charset=utf-8"])
        fixed = isQuery ? [] : isForm ? formHeaders : json
        try reader.finish()
    }

    public var guarantee: Guarantee { idempotency.map { .keyed(life: $0.life) } ?? .blind }
    public var endpoints: [String] { [endpoint.hostPort] }

    public func call(for message: Message, key: IdempotencyKey) throws(CallProblem) -> ProviderCall {
        let (to, text) = try message.sms()
        // Counting is left out where even the costliest coding fits: 66 bytes are never more than a part.
        if text.utf8.count > 66 * maxParts {
            let parts = SMSMeasure(text).parts
            guard parts <= maxParts else { throw CallProblem(.tooLong, "\(parts) parts, at most \(maxParts) are sent") }
        }
        // A keyed gateway compares the bytes of a repeat: nothing of a single attempt may be in them.
        let values = Skeleton.Values(
            to: takesDigits ? String(to.dropFirst()) : to, text: text, key: key.description, sender: sender,
            reference: idempotency == nil ? message.attempt : message.delivery,
            receiptURL: reports?.url(for: idempotency == nil ? message.attempt : message.delivery) ?? "")
        var list = fixed
        list.reserveCapacity(fixed.count + headerFields.count + 2)
        for field in headerFields { list.append(try header(field.name, field.value.text(values))) }
        if let idempotency { list.append(try header(idempotency.header, key.description)) }
        guard isQuery else {
            return .http(HTTPCall(method: method, url: url, headers: list, body: content.filled(values)))
        }
        var whole = Array(url.utf8)
        content.append(to: &whole, values)
        return .http(HTTPCall(method: method, url: String(decoding: whole, as: UTF8.self), headers: list, body: []))
    }

    public func authorized(_ call: ProviderCall, with credential: Credential?) -> ProviderCall {
        guard case .http(let http) = call, let auth else { return call }
        return http.adding(auth.header, auth.value.reveal(for: .wire))
    }

    public func outcome(of reply: ProviderReply) -> Outcome {
        let code = codePath.flatMap { reply.scalar(at: $0) } ?? ""
        if let known = codes[code] { return reply.outcome(known, code) }
        if successes.contains(reply.status) {
            guard let id = reply.scalar(at: idPath), id.isReference else {
                return reply.unproven("no message id in the reply")
            }
            return .accepted(id: id)
        }
        if idempotency != nil, reply.status == 409 { return reply.outcome(.ambiguous, code, words: "a request with this key still runs") }
        return reply.unknown(code)
    }

    // MARK: Receipts

    public static let hasReceipts = true
    public var receipts: ReceiptNaming? { reports?.naming }

    public func receipts(in request: ReceiptRequest) throws(ReceiptRefusal) -> [Receipt] {
        guard let reports else { throw .forged }
        return try reports.read(request)
    }
}

/// How a described gateway's receipts are read.
private struct HTTPGatewayReceipts: Sendable {
    let door: ReceiptDoor
    let naming: ReceiptNaming
    /// Whether the call carries their address.
    let isInCall: Bool
    let statusPath: String
    let referencePath, idPath, codePath: String?
    let statuses: [String: ReceiptStatus]
    let codes: [String: Outcome.Class]

    func url(for reference: String) -> String { isInCall ? door.url(for: reference) : "" }

    /// One, or the items of a list.
    func read(_ request: ReceiptRequest) throws(ReceiptRefusal) -> [Receipt] {
        let (reference, query) = try door.admit(request)
        guard let form = request.form else {
            let json: JSON
            do { json = try JSON(parsing: request.body) } catch { throw .unreadable("neither a form nor JSON") }
            let items = json.array ?? [json]
            guard items.count <= ReceiptRequest.countLimit else { throw .unreadable("too many in one request") }
            var receipts: [Receipt] = []
            for item in items { receipts.append(try receipt(named: reference) { item.scalar(at: JSON.steps($0)) }) }
            return receipts
        }
        return [try receipt(named: reference) { path in (form + query).first { $0.0 == path }?.1 }]
    }

    private func receipt(named reference: String?, _ value: (String) -> String?) throws(ReceiptRefusal) -> Receipt {
        let id = idPath.flatMap(value).flatMap { $0.isReference ? $0 : nil }
        let name = reference ?? referencePath.flatMap(value) ?? (naming == .messageID ? id : nil)
        guard let name, name.isReference, let word = value(statusPath) else { throw .unreadable("no status, or no name of a message") }
        let status = statuses[word] ?? .unknown
        let code = codePath.flatMap(value) ?? ""
        return Receipt(
            reference: name, status: status, code: [word, code], messageID: id,
            blame: status == .undelivered ? codes[code].flatMap(Self.blame) : nil)
    }

    /// By the class the operator gave the code: what is not the message's or the number's is the route's.
    private static func blame(_ class: Outcome.Class) -> Blame? {
        switch `class` {
        case .badRecipient: .address
        case .transient, .throttled, .authConfig: .route
        case .badRequest, .ambiguous, .accepted, .notSent: nil
        }
    }
}

/// A header name: RFC 9110 5.6.2.
private func isToken(_ name: String) -> Bool {
    !name.isEmpty
        && name.utf8.allSatisfy {
            ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || "!#$%&'*+-.^_`|~".utf8.contains($0)
        }
}

extension AccountReader {
    fileprivate mutating func choice(_ key: String, of words: [String]) -> String {
        guard let word = account.text(key) else { return words[0] }
        if !words.contains(word) { fail(key, "expected \(words.joined(separator: ", "))") }
        return word
    }

    fileprivate mutating func pairs(_ key: String, placeholders: [String]) -> [(String, String)] {
        let pairs = account.map(key) ?? []
        for (name, pattern) in pairs {
            var rest = pattern[...]
            while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
                let word = String(rest[rest.index(after: open)..<close])
                if !placeholders.contains(word) {
                    fail(
                        key, "\(name): {\(word)} is not known here", hint: "known: " + placeholders.map { "{\($0)}" }.joined(separator: " ")
                    )
                }
                rest = rest[rest.index(after: close)...]
            }
        }
        return pairs
    }

    fileprivate mutating func headerPairs(_ key: String, placeholders: [String]) -> [(String, String)] {
        let pairs = pairs(key, placeholders: placeholders)
        for (name, value) in pairs {
            if !isToken(name) { fail(key, "\(name): not a header name") }
            if ["authorization", "proxy-authorization", "cookie"].contains(name.lowercased()) {
                fail(key, "\(name): a secret does not belong in this file", hint: "use auth_header and auth_file")
            }
            if HeaderValue(value) == nil { fail(key, "\(name): holds a control character") }
        }
        return pairs
    }

    fileprivate mutating func auth() -> (header: String, value: Sensitive<String>)? {
        let header = account.text("auth_header") ?? "Authorization"
        if !isToken(header) { fail("auth_header", "not a header name") }
        let prefix = account.text("auth_prefix") ?? (header.lowercased() == "authorization" ? "Bearer" : "")
        if HeaderValue(prefix) == nil { fail("auth_prefix", "holds a control character") }
        guard let secret = secret("auth_file") else {
            for key in ["auth_header", "auth_prefix"] where account.text(key) != nil { fail(key, "set without auth_file") }
            return nil
        }
        if !secret.reveal(for: .wire).utf8.allSatisfy({ $0 < 0x80 }) { fail("auth_file", "the secret must be ASCII to stand in a header") }
        return (header, Sensitive(prefix.isEmpty ? secret.reveal(for: .wire) : "\(prefix) \(secret.reveal(for: .wire))"))
    }

    fileprivate mutating func statuses(_ key: String) -> Set<Int> {
        guard let words = account.list(key) else { return Set(200...299) }
        let statuses = words.compactMap(Int.init)
        if statuses.isEmpty || statuses.count != words.count || !statuses.allSatisfy((200...299).contains) {
            fail(key, "expected statuses from 200 to 299")
        }
        return Set(statuses)
    }

    /// Nil when there are none.
    fileprivate mutating func receipts(codes: [String: Outcome.Class], isInCall: Bool) -> HTTPGatewayReceipts? {
        let words = ["sent": ReceiptStatus.sent, "delivered": .delivered, "undelivered": .undelivered, "read": .read]
        var statuses: [String: ReceiptStatus] = [:]
        for (status, word) in account.map("receipt_statuses") ?? [] {
            if words[word] == nil { fail("receipt_statuses", "\(status): expected sent, delivered, undelivered or read") }
            statuses[status] = words[word]
        }
        let door = receiptDoor()
        let (reference, id) = (account.text("receipt_reference_path"), account.text("receipt_id_path"))
        guard let statusPath = account.text("receipt_status_path") else {
            for key in ["receipt_statuses", "receipt_reference_path", "receipt_id_path", "receipt_code_path"]
            where account.text(key) ?? account.map(key)?.first?.0 != nil { fail(key, "set without receipt_status_path") }
            return nil
        }
        if statuses.isEmpty { fail("receipt_statuses", "missing: without it no status says anything") }
        if !isInCall, reference == nil, id == nil {
            fail(
                "receipt_status_path", "nothing says which message a receipt is about",
                hint: "{receipt_url}, receipt_reference_path or receipt_id_path")
        }
        return door.map {
            HTTPGatewayReceipts(
                door: $0, naming: isInCall || reference != nil ? .reference : .messageID, isInCall: isInCall, statusPath: statusPath,
                referencePath: reference, idPath: id, codePath: account.text("receipt_code_path"), statuses: statuses, codes: codes)
        }
    }

    fileprivate mutating func codes(_ key: String) -> [String: Outcome.Class] {
        var codes: [String: Outcome.Class] = [:]
        for (code, word) in account.map(key) ?? [] {
            guard let known = Outcome.Class(rawValue: word), known != .accepted, known != .notSent else {
                fail(key, "\(code): expected transient, throttled, bad_recipient, bad_request, auth_config or ambiguous")
                continue
            }
            codes[code] = known
        }
        if !codes.isEmpty, account.text("code_path") == nil { fail(key, "set without code_path") }
        return codes
    }
}
