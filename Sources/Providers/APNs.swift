public import Core
import Crypto

/// Apple Push Notification service over HTTP/2. Source: developer.apple.com, "Sending notification requests to APNs", "Establishing a
/// token-based connection to APNs", "Handling notification responses from APNs".
///
/// Collapsing: of several notifications with the same `apns-collapse-id` a device shows one. `apns-id` only correlates.
public struct APNs: Provider {
    public static let id = "apns"
    public static let channel = Channel.push
    public static let platforms = [Platform.ios]
    public static let settings = [
        SettingKey("key_file", .secretFile, required: true, "the .p8 file of the signing key"),
        SettingKey("key_id", .text, required: true, "the key's id, 10 characters"),
        SettingKey("team_id", .text, required: true, "the developer team's id, 10 characters"),
        SettingKey("topic", .text, required: true, "the app's bundle id"),
        SettingKey("environment", .text, "production (if not set) or sandbox, as the app was built"),
        SettingKey("url", .url, "base URL instead of the environment's"),
    ]

    private let base: Endpoint
    /// Where devices are; a token follows.
    private let devices: String
    private let firstHeaders: HeaderList
    private let key: Sensitive<P256.Signing.PrivateKey>?
    private let keyID, teamID, topic: String

    public init(_ account: AccountSettings) throws(Problems) {
        var reader = AccountReader(account, keys: Self.settings)
        keyID = reader.identifier("key_id", "10 letters and digits") { $0.utf8.count == 10 }
        teamID = reader.identifier("team_id", "10 letters and digits") { $0.utf8.count == 10 }
        topic = reader.identifier("topic", "a bundle id")
        let environment = account.text("environment") ?? "production"
        if !["production", "sandbox"].contains(environment) { reader.fail("environment", "expected production or sandbox") }
        let host = environment == "sandbox" ? "https://api.sandbox.push.apple.com:443" : "https://api.push.apple.com:443"
        base = reader.endpoint("url", default: host, schemes: ["https"])
        let pem = reader.secret("key_file", isSingleLine: false)
        key = pem.flatMap { SignedToken.p256(pem: $0.reveal(for: .signing)) }
        if pem != nil, key == nil { reader.fail("key_file", "not a PEM file with a P-256 private key") }
        devices = base.appending("/3/device/").url
        firstHeaders = HeaderValue(topic).map { [("apns-topic", $0)] + fixedHeaders(["apns-push-type": "alert"]) } ?? []
        try reader.finish()
    }

    public var guarantee: Guarantee { .collapsing }
    public var endpoints: [String] { [base.hostPort] }

    public func call(for message: Message, key: IdempotencyKey) throws(CallProblem) -> ProviderCall {
        let (token, title, body) = try message.push()
        var out = BodyWriter(room: title.utf8.count + body.utf8.count + 320)
        out.raw("{\"aps\":{\"alert\":{\"title\":")
        out.text(title)
        out.raw(",\"body\":")
        out.text(body)
        out.raw("},\"sound\":\"default\",\"thread-id\":\"payouts\",\"interruption-level\":")
        out.raw(message.priority == .high ? "\"time-sensitive\"}" : "\"active\"}")
        // The app reports these back when it shows and opens the notification.
        out.raw(",\"order\":")
        out.text(message.order.description)
        out.raw(",\"delivery\":")
        out.text(message.delivery)
        if let link = message.link {
            out.raw(",\"link\":")
            out.text(link)
        }
        out.raw("}")
        guard out.bytes.count <= 4096 else { throw CallProblem(.tooLong, "a payload of \(out.bytes.count) bytes, at most 4,096 are taken") }
        let fields =
            firstHeaders + (message.priority == .low ? Self.low : Self.urgent)
            + (try headers([
                ("apns-expiration", String(max(0, message.expires.seconds))), ("apns-id", DerivedName.uuid("apns-id", message.delivery)),
                ("apns-collapse-id", try message.checkedCollapseKey()),
            ])) + Self.last
        return .http(HTTPCall(url: devices + PercentEncoding.component(token), headers: fields, body: out.bytes, version: .http2))
    }

    private static let low = fixedHeaders(["apns-priority": "5"])
    private static let urgent = fixedHeaders(["apns-priority": "10"])
    private static let last = fixedHeaders(["content-type": "application/json"])

    public func authorized(_ call: ProviderCall, with credential: Credential?) -> ProviderCall {
        guard case .http(let http) = call, let credential else { return call }
        return http.adding("authorization", "bearer " + credential.token.reveal(for: .wire))
    }

    /// A token is taken for 60 minutes and may not be renewed within 20: renewing at 80 % is at 48.
    public func credential(at now: Timestamp) async throws(CallProblem) -> CredentialStep? {
        guard let key else { return nil }
        let claims: JSON = ["iss": .string(teamID), "iat": .integer(now.seconds)]
        let token = try SignedToken.es256(header: ["alg": "ES256", "kid": .string(keyID)], claims: claims, key: key)
        return .ready(Credential(token: Sensitive(token), issued: now, expires: now + .minutes(60)))
    }

    public func refusesCredential(_ reply: ProviderReply) -> Bool {
        reply.status == 403 && reply.json?["reason"]?.string == "ExpiredProviderToken"
    }

    public func outcome(of reply: ProviderReply) -> Outcome {
        guard !reply.isSuccess else {
            guard reply.status == 200, let id = reply.header("apns-id"), Identifier.isValid(id, limit: 64) else {
                return reply.unproven("no apns-id in the reply")
            }
            return .accepted(id: id)
        }
        let json = reply.json
        guard let reason = json?["reason"]?.string else { return reply.unknown() }
        guard let row = Self.reasons[reason], row.statuses.contains(reply.status) else { return reply.unknown(reason) }
        switch reason {
        case "Unregistered":
            // In milliseconds: whether the app registered again since is for the caller, who knows the registrations.
            let since = json?["timestamp"]?.integer.flatMap { (0...253_402_300_799_999).contains($0) ? Timestamp(milliseconds: $0) : nil }
            return reply.outcome(row.class, reason, words: since.map { "not registered since \($0)" } ?? "", since: since)
        case "BadDeviceToken", "DeviceTokenNotForTopic":
            return reply.outcome(row.class, reason, blame: .addressOrSetup)
        case "TooManyRequests":
            return reply.outcome(row.class, reason, scope: .recipient, notBefore: .seconds(60))
        default:
            return reply.outcome(row.class, reason)
        }
    }

    private static let reasons = Dictionary(
        uniqueKeysWithValues: table.flatMap { row in row.2.map { ($0, (statuses: row.0, class: row.1)) } })
    private static let table: [(Set<Int>, Outcome.Class, [String])] = [
        // A wrong environment or topic says the first two of every device: the suppression gate watches for that.
        ([400], .badRecipient, ["BadDeviceToken", "DeviceTokenNotForTopic"]),
        (
            [400], .badRequest,
            [
                "BadCollapseId", "BadExpirationDate", "BadMessageId", "BadPriority", "DuplicateHeaders", "InvalidPushType",
                "MissingDeviceToken", "PayloadEmpty",
            ]
        ),
        ([400], .authConfig, ["BadTopic", "MissingTopic", "TopicDisallowed"]),
        ([400], .transient, ["IdleTimeout"]),
        (
            [403], .authConfig,
            [
                "ExpiredProviderToken", "InvalidProviderToken", "MissingProviderToken", "Forbidden", "BadCertificate",
                "BadCertificateEnvironment", "BadEnvironmentKeyIdInToken", "UnrelatedKeyIdInToken",
            ]
        ),
        ([404, 405], .authConfig, ["BadPath", "MethodNotAllowed"]),
        ([410], .badRecipient, ["Unregistered", "ExpiredToken"]),
        ([413], .badRequest, ["PayloadTooLarge"]),
        ([429], .throttled, ["TooManyRequests"]),
        ([429], .authConfig, ["TooManyProviderTokenUpdates"]),
        ([500, 503], .transient, ["InternalServerError", "ServiceUnavailable", "Shutdown"]),
    ]
}
