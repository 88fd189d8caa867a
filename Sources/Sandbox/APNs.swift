import Core
import Pages

/// `POST /3/device/{token}` over HTTP/2, with Apple's reasons. The provider token is checked for its shape, its claims and its age.
struct APNs: HTTPStandIn {
    static let id = StandIn.apns
    private static let prefix = "/3/device"
    private static let pushTypes: Set = [
        "alert", "background", "voip", "complication", "fileprovider", "mdm", "location", "liveactivity", "pushtotalk", "widgets",
    ]

    func serves(_ path: String) -> Bool { path == Self.prefix || path.hasPrefix(Self.prefix + "/") }

    func judge(_ request: Incoming) -> Verdict {
        guard request.isHTTP2 else { return .answer(.json(505, ["reason": "HTTPVersionNotSupported"])) }
        guard request.method == "POST" else { return refuse(405, "MethodNotAllowed", request) }
        let device = String(request.path.dropFirst(Self.prefix.count + 1))
        guard !device.isEmpty else { return refuse(400, "MissingDeviceToken", request) }
        guard !device.contains("/") else { return refuse(404, "BadPath", request) }
        if let reason = tokenProblem(request) { return refuse(403, reason, request) }
        if let reason = headerProblem(request) { return refuse(400, reason, request) }
        guard isDeviceToken(device) else { return refuse(400, "BadDeviceToken", request) }
        guard !request.body.isEmpty else { return refuse(400, "PayloadEmpty", request) }
        guard request.body.count <= 4096 else { return refuse(413, "PayloadTooLarge", request) }
        let payload: JSON
        do throws(JSONProblem) {
            payload = try JSON(parsing: request.body)
        } catch {
            return refuse(400, "PayloadEmpty", request)
        }
        guard let aps = payload["aps"], aps.object != nil else { return refuse(400, "PayloadEmpty", request) }
        return accept(request, device: device, payload: payload, alert: aps["alert"])
    }

    private func accept(_ request: Incoming, device: String, payload: JSON, alert: JSON?) -> Verdict {
        var row = Row(
            .apns, to: device, from: request.header("apns-topic")!, title: alert?["title"]?.string,
            text: alert?["body"]?.string ?? alert?.string ?? "", key: request.header("apns-collapse-id"))
        for (name, value) in payload.object ?? [] where name != "aps" { if let text = value.string { row.ids["data.\(name)"] = text } }
        let given = request.header("apns-id")
        if let given { row.ids["apns_id"] = given }
        return .accept(row) { n in Answer(status: 200, headers: [("apns-id", given ?? Self.uuid(n))]) }
    }

    private func tokenProblem(_ request: Incoming) -> String? {
        guard let bearer = request.bearer else { return "MissingProviderToken" }
        guard let token = TokenShape(bearer), token.header["alg"]?.string == "ES256", token.signature.count == 64,
            let key = token.header["kid"]?.string, !key.isEmpty, let team = token.claims["iss"]?.string, !team.isEmpty,
            let issued = token.claims["iat"]?.integer
        else { return "InvalidProviderToken" }
        let age = request.now.seconds - issued
        if age > 3600 { return "ExpiredProviderToken" }
        return age < -300 ? "InvalidProviderToken" : nil
    }

    private func headerProblem(_ request: Incoming) -> String? {
        guard let topic = request.header("apns-topic"), !topic.isEmpty else { return "MissingTopic" }
        guard let type = request.header("apns-push-type"), Self.pushTypes.contains(type) else { return "InvalidPushType" }
        if let id = request.header("apns-id"), !Self.isUUID(id) { return "BadMessageId" }
        if let key = request.header("apns-collapse-id"), key.utf8.count > 64 { return "BadCollapseId" }
        if let priority = request.header("apns-priority"), !["1", "5", "10"].contains(priority) { return "BadPriority" }
        if let expiration = request.header("apns-expiration"), (Int64(expiration) ?? -1) < 0 { return "BadExpirationDate" }
        return nil
    }

    private func refuse(_ status: Int, _ reason: String, _ request: Incoming) -> Verdict {
        .answer(.json(status, ["reason": .string(reason)]).adding("apns-id", request.header("apns-id")))
    }

    func refusal(_ status: Int, to request: Incoming) -> Answer {
        if status == 410 { return gone(request) }
        let reason =
            switch status {
            case 400: "BadDeviceToken"
            case 403: "InvalidProviderToken"
            case 429: "TooManyRequests"
            case 500: "InternalServerError"
            case 503: "ServiceUnavailable"
            default: "Forbidden"
            }
        return .json(status, ["reason": .string(reason)]).adding("apns-id", request.header("apns-id"))
    }

    /// The moment of death is now, in milliseconds: later than any registration the sender may know of.
    func gone(_ request: Incoming) -> Answer {
        .json(410, ["reason": "Unregistered", "timestamp": .integer(request.now.milliseconds)]).adding("apns-id", request.header("apns-id"))
    }

    private static func uuid(_ n: Int) -> String {
        let hex = String(n, radix: 16)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: max(0, 12 - hex.utf8.count)) + hex
    }

    private static func isUUID(_ text: String) -> Bool {
        let groups = text.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.joined().allSatisfy { hexValue($0) != nil }
    }
}
