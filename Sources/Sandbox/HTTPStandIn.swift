import Core

/// A request that has been read to its end.
struct Incoming: Sendable {
    var method: String
    var path: String
    var query: Form
    /// Names in lower case; several fields of one name stay several.
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var isHTTP2: Bool
    var now: Timestamp

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    /// What follows `Bearer`, in any case.
    var bearer: Substring? {
        guard let value = header("authorization"), value.count > 7, value.prefix(7).lowercased() == "bearer " else { return nil }
        return value.dropFirst(7)
    }
    /// User and password of `Basic`.
    var basic: (user: String, password: String)? {
        guard let value = header("authorization"), value.prefix(6).lowercased() == "basic ",
            let bytes = base64Decoded(value.dropFirst(6).utf8),
            let colon = bytes.firstIndex(of: 0x3A)
        else { return nil }
        return (String(decoding: bytes[..<colon], as: UTF8.self), String(decoding: bytes[(colon + 1)...], as: UTF8.self))
    }
}

/// What goes back on the wire.
struct Answer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    static func json(_ status: Int, _ json: JSON, headers: [(name: String, value: String)] = []) -> Answer {
        Answer(status: status, headers: [("content-type", "application/json")] + headers, body: json.bytes)
    }
    static func text(_ status: Int, _ text: String, type: String = "text/plain; charset=utf-8") -> Answer {
        Answer(status: status, headers: [("content-type", type)], body: Array(text.utf8))
    }
    func adding(_ name: String, _ value: String?) -> Answer {
        var copy = self
        if let value { copy.headers.append((name, value)) }
        return copy
    }
}

/// What a provider thinks of a request.
enum Verdict: Sendable {
    /// No message came of it: a refusal, a token, a dry run.
    case answer(Answer)
    /// Responsible from now on. `digest` marks `row.key` as an idempotency key; `answer` gets the number of the row that counts, and so do
    /// `receipts`, the calls the provider makes when the message has met its fate.
    case accept(
        Row, digest: String? = nil, receipts: @Sendable (Int, Fate) -> [Receipt] = { _, _ in [] }, answer: @Sendable (Int) -> Answer)
}

/// A provider that is spoken to over HTTP. Pure but for what it must remember: it looks at a request and says what the real one would say.
protocol HTTPStandIn: Sendable {
    static var id: StandIn { get }
    /// Whether the request is for this provider.
    func serves(_ path: String) -> Bool
    func judge(_ request: Incoming) -> Verdict
    /// Its error shape for a status that a switch asks for.
    func refusal(_ status: Int, to request: Incoming) -> Answer
    /// Its way to say that a number or device is no more.
    func gone(_ request: Incoming) -> Answer
    /// Its way to say that an idempotency key came with other content.
    func conflict() -> Answer
}

extension HTTPStandIn {
    func conflict() -> Answer { .json(409, ["error": "conflict"]) }
}
