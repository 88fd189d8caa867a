import Config
import Core
import Crypto
import Pipeline
import Providers
import Testing

let receiptsBase = "https://notices.pay.example"
/// A second account at Twilio, only there to take over.
let secondTwilio = twilio.replacing("sms-main", with: "sms-other").replacing("secrets/t", with: "secrets/u").replacing(
    "from:", with: "weight: 0, from:")

/// Twilio's callback, signed with what the account has for a token.
func signed(_ world: World, _ name: String = "sms-main", query: String, _ fields: [String: String]) throws -> ReceiptRequest {
    let account = try #require(world.configuration.settings.accounts.first { $0.name == name })
    let token = try #require(account.settings.secret("auth_token_file")).reveal(for: .signing)
    let url = "\(receiptsBase)/v1/receipts/\(name)" + (query.isEmpty ? "" : "?" + query)
    let text = url + fields.sorted { $0.key < $1.key }.map { $0.key + $0.value }.joined()
    let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: Array(token.utf8)))
    let body = fields.map { "\($0.key)=\($0.value.replacing("+", with: "%2B"))" }.joined(separator: "&")
    return ReceiptRequest(
        method: "POST", query: query,
        headers: [("content-type", "application/x-www-form-urlencoded"), ("x-twilio-signature", Base64.encode(Array(code)))],
        body: Array(body.utf8))
}

/// What Twilio says of the attempt, and works until nothing is due.
@discardableResult
func say(
    _ world: World, _ word: String, _ code: String? = nil, of attempt: Attempt, account: String = "sms-main",
    to number: String = "+8610000000001"
) async throws -> Receipts.Answer {
    var fields = ["MessageStatus": word, "MessageSid": "SM1", "To": number]
    if let code { fields["ErrorCode"] = code }
    let request = try signed(world, account, query: "n=\(attempt.publicID)", fields)
    let answer = try await world.engine.receipts.take(request, account: account)
    try await world.engine.settle()
    return answer
}
