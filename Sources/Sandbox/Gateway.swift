import Core
import Crypto
import Pages

/// A national gateway with an idempotency key: `POST /sms`, JSON with `to`, `text` and, if wanted, `from` and `ref`; authorized by any
/// `Authorization` or `X-Api-Key`.
///
/// | `Idempotency-Key` | answer |
/// |---|---|
/// | none | a new message each time |
/// | new | 200 `{"id":"gw-N","status":"accepted"}` |
/// | seen, same body | the first answer again, marked `Idempotent-Replayed: true`, no second message |
/// | seen, other body | 409 `{"error":"idempotency_conflict"}` |
struct Gateway: HTTPStandIn {
    static let id = StandIn.gateway

    func serves(_ path: String) -> Bool { path == "/sms" }

    func judge(_ request: Incoming) -> Verdict {
        guard request.method == "POST" else { return .answer(Self.error(405, "method_not_allowed")) }
        guard request.header("authorization") != nil || request.header("x-api-key") != nil else {
            return .answer(Self.error(401, "unauthorized"))
        }
        let body: JSON
        do throws(JSONProblem) {
            body = try JSON(parsing: request.body)
        } catch {
            return .answer(Self.error(400, "bad_json"))
        }
        guard let to = body["to"]?.string, isPhoneNumber(to) else { return .answer(Self.error(422, "invalid_recipient")) }
        guard let text = body["text"]?.string, !text.isEmpty else { return .answer(Self.error(400, "text_required")) }
        var row = Row(.gateway, to: to, from: body["from"]?.string ?? "GATEWAY", text: text)
        for name in ["ref", "dlr_url"] { if let value = body[name]?.string { row.ids[name] = value } }
        let told = row
        let receipts: @Sendable (Int, Fate) -> [Receipt] = { n, fate in Self.receipt(told, n: n, fate: fate).map { [$0] } ?? [] }
        guard let key = request.header("idempotency-key"), !key.isEmpty else {
            return .accept(row, receipts: receipts, answer: Self.accepted)
        }
        guard key.utf8.count <= 255 else { return .answer(Self.error(400, "idempotency_key_too_long")) }
        row.key = key
        let digest = SHA256.hash(data: request.body).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return .accept(row, digest: digest, receipts: receipts, answer: Self.accepted)
    }

    @Sendable private static func accepted(_ n: Int) -> Answer { .json(200, ["id": .string("gw-\(n)"), "status": "accepted"]) }

    func refusal(_ status: Int, to request: Incoming) -> Answer {
        Self.error(status, status == 429 ? "rate_limited" : status >= 500 ? "unavailable" : "refused")
    }
    func gone(_ request: Incoming) -> Answer { Self.error(422, "invalid_recipient") }
    func conflict() -> Answer { Self.error(409, "idempotency_conflict") }

    private static func error(_ status: Int, _ code: String) -> Answer { .json(status, ["error": .string(code)]) }
}
