import Core
import Synchronization
import Pages

/// Google's two steps: `POST /token` gives an access token for a signed assertion, `POST /v1/projects/{project}/messages:send` takes it.
final class FCM: HTTPStandIn {
    static let id = StandIn.fcm
    static let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    static let scope = "https://www.googleapis.com/auth/firebase.messaging"
    /// Seconds.
    private static let life: Int64 = 3599
    private static let members: Set = [
        "token", "notification", "data", "android", "apns", "webpush", "fcm_options", "topic", "condition", "name",
    ]

    /// Access tokens and when they end, in seconds. Ended ones go when a new one is issued.
    private let issued = Mutex<[String: Int64]>([:])

    func serves(_ path: String) -> Bool { path == "/token" || path.hasPrefix("/v1/projects/") }

    func judge(_ request: Incoming) -> Verdict {
        guard request.method == "POST" else { return .answer(error(405, "INVALID_ARGUMENT", "Method not allowed", code: nil)) }
        if request.path == "/token" { return .answer(exchange(Form(request.body), now: request.now.seconds)) }
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, !parts[3].isEmpty, parts[4] == "messages:send" else {
            return .answer(error(404, "NOT_FOUND", "Requested entity was not found.", code: nil))
        }
        guard let token = request.bearer.map(String.init), let end = issued.withLock({ $0[token] }), end > request.now.seconds else {
            return .answer(error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", code: nil))
        }
        return send(request, project: String(parts[3]))
    }

    // MARK: Token

    private func exchange(_ form: Form, now: Int64) -> Answer {
        guard form["grant_type"] == Self.grant else { return refused("unsupported_grant_type", "Invalid grant_type") }
        guard let assertion = form["assertion"], let token = TokenShape(assertion), token.header["alg"]?.string == "RS256",
            token.signature.count >= 256
        else { return refused("invalid_grant", "Invalid JWT Signature.") }
        guard token.claims["iss"]?.string?.contains("@") == true, token.claims["aud"]?.string?.hasPrefix("http") == true,
            let from = token.claims["iat"]?.integer, let end = token.claims["exp"]?.integer
        else { return refused("invalid_grant", "Required claims are missing.") }
        guard token.claims["scope"]?.string?.split(separator: " ").contains(where: { $0 == Self.scope }) == true else {
            return refused("invalid_scope", "Bad scope.")
        }
        guard end > now, end <= from + 3600, from <= now + 300 else {
            return refused("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.")
        }
        let access = "ya29.sandbox." + (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
        issued.withLock { issued in
            issued = issued.filter { $0.value > now }
            issued[access] = now + Self.life
        }
        return .json(200, ["access_token": .string(access), "expires_in": .integer(Self.life), "token_type": "Bearer"])
    }

    private func refused(_ error: String, _ words: String) -> Answer {
        .json(400, ["error": .string(error), "error_description": .string(words)])
    }

    // MARK: Send

    private func send(_ request: Incoming, project: String) -> Verdict {
        let body: JSON
        do throws(JSONProblem) {
            body = try JSON(parsing: request.body)
        } catch {
            return .answer(invalid("body", "Invalid JSON payload received."))
        }
        for (name, _) in body.object ?? [] where name != "message" && name != "validate_only" {
            return .answer(invalid(name, "Invalid JSON payload received. Unknown name \"\(name)\": Cannot find field."))
        }
        guard let message = body["message"], let members = message.object else { return .answer(invalid("message", "Message is not set.")) }
        for (name, _) in members where !Self.members.contains(name) {
            return .answer(
                invalid("message.\(name)", "Invalid JSON payload received. Unknown name \"\(name)\" at 'message': Cannot find field."))
        }
        guard let device = message["token"]?.string, isDeviceToken(device) else {
            return .answer(
                error(400, "INVALID_ARGUMENT", "The registration token is not a valid FCM registration token", code: "INVALID_ARGUMENT"))
        }
        guard (message["data"]?.object ?? []).allSatisfy({ $0.1.string != nil }) else {
            return .answer(invalid("message.data", "Invalid value at 'message.data' (TYPE_STRING)."))
        }
        guard message.bytes.count <= 4096 else { return .answer(invalid("message", "Message is too big.")) }
        if body["validate_only"]?.bool == true { return .answer(accepted(project, 0)) }

        let notification = message["notification"]
        let android = message["android"]
        var row = Row(
            .fcm, to: device, from: project, title: notification?["title"]?.string, text: notification?["body"]?.string ?? "",
            key: android?["notification"]?["tag"]?.string ?? android?["collapse_key"]?.string)
        for (name, value) in message["data"]?.object ?? [] { row.ids["data.\(name)"] = value.string }
        return .accept(row) { n in self.accepted(project, n) }
    }

    private func accepted(_ project: String, _ n: Int) -> Answer {
        .json(200, ["name": .string("projects/\(project)/messages/\(n == 0 ? "fake_message_id" : "0:\(n)")")])
    }

    func refusal(_ status: Int, to request: Incoming) -> Answer {
        if request.path == "/token" { return .json(status, ["error": status < 500 ? "invalid_grant" : "internal_failure"]) }
        return switch status {
        case 401: error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", code: nil)
        case 403: error(403, "PERMISSION_DENIED", "Permission denied.", code: "SENDER_ID_MISMATCH")
        case 404: error(404, "NOT_FOUND", "Requested entity was not found.", code: "UNREGISTERED")
        case 429: error(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", code: "QUOTA_EXCEEDED")
        case 503: error(503, "UNAVAILABLE", "The service is currently unavailable.", code: "UNAVAILABLE")
        case 500...599: error(status, "INTERNAL", "Internal error encountered.", code: "INTERNAL")
        default: error(status, "INVALID_ARGUMENT", "Refused.", code: "INVALID_ARGUMENT")
        }
    }

    func gone(_ request: Incoming) -> Answer { error(404, "NOT_FOUND", "Requested entity was not found.", code: "UNREGISTERED") }

    private func error(_ status: Int, _ name: String, _ words: String, code: String?) -> Answer {
        var members: [(String, JSON)] = [("code", .integer(status)), ("message", .string(words)), ("status", .string(name))]
        if let code {
            let detail: JSON = ["@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": .string(code)]
            members.append(("details", [detail]))
        }
        return .json(status, ["error": .object(members)])
    }

    private func invalid(_ field: String, _ words: String) -> Answer {
        let violation: JSON = ["field": .string(field), "description": .string(words)]
        let detail: JSON = ["@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]]
        return .json(400, ["error": ["code": 400, "message": .string(words), "status": "INVALID_ARGUMENT", "details": [detail]]])
    }
}
