import Core
import Pages

extension Incoming {
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
