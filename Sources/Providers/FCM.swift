public import Core
import CryptoExtras

/// Firebase Cloud Messaging, HTTP v1. Source: firebase.google.com/docs/reference/fcm/rest/v1, ".../v1/ErrorCode", "About FCM messages";
/// developers.google.com/identity/protocols/oauth2/service-account for the token.
///
/// Collapsing: notifications with the same `notification.tag` replace each other in the drawer, and with the same `apns-collapse-id` on
/// iOS. There is no `collapse_key`: collapsible messages are limited to one in three minutes per device after a burst of 20.
public struct FCM: Provider {
    public static let id = "fcm"
    public static let channel = Channel.push
    public static let platforms = [Platform.android]
    public static let settings = [
        SettingKey("service_account_file", .secretFile, required: true, "the service account's JSON key file"),
        SettingKey("project_id", .text, "the Firebase project, if not the service account's own"),
        SettingKey("channel_id", .text, "Android notification channel of the app"),
        SettingKey("url", .url, "base URL, https://fcm.googleapis.com if not set"),
    ]

    private let send, tokenEndpoint: Endpoint
    private let url: String
    private let account: ServiceAccount?
    private let channelID: String

    public init(_ account: AccountSettings) throws(Problems) {
        var reader = AccountReader(account, keys: Self.settings)
        let file = reader.serviceAccount("service_account_file")
        let override = reader.identifier("project_id", "a project id")
        channelID = reader.text("channel_id")
        let base = reader.endpoint("url", default: "https://fcm.googleapis.com", schemes: ["https"])
        let token = Endpoint(file?.tokenURI ?? "https://oauth2.googleapis.com/token")
        tokenEndpoint = token.map { reader.captured($0, "service_account_file") } ?? base
        try reader.finish()
        self.account = file
        send = base.appending("/v1/projects/\(override.isEmpty ? file?.projectID ?? "" : override)/messages:send")
        url = send.url
    }

    public var guarantee: Guarantee { .collapsing }
    public var endpoints: [String] { [tokenEndpoint.hostPort, send.hostPort] }

    public func call(for message: Message, key: IdempotencyKey) throws(CallProblem) -> ProviderCall {
        let (token, title, body) = try message.push()
        let tag = try message.checkedCollapseKey(), isLow = message.priority == .low
        var out = BodyWriter(room: token.utf8.count + title.utf8.count + body.utf8.count + 768)
        out.raw("{\"message\":{\"token\":")
        out.text(token)
        out.raw(",\"notification\":{\"title\":")
        out.text(title)
        out.raw(",\"body\":")
        out.text(body)
        out.raw("},\"data\":{\"order\":")
        out.text(message.order.description)
        out.raw(",\"delivery\":")
        out.text(message.delivery)
        if let link = message.link {
            out.raw(",\"link\":")
            out.text(link)
        }
        out.raw(isLow ? "},\"android\":{\"priority\":\"NORMAL\",\"ttl\":\"" : "},\"android\":{\"priority\":\"HIGH\",\"ttl\":\"")
        out.digits(message.lifetime(in: 0...2_419_200))
        out.raw("s\",\"notification\":{")
        if !channelID.isEmpty {
            out.raw("\"channel_id\":")
            out.text(channelID)
            out.raw(",")
        }
        out.raw("\"tag\":")
        out.text(tag)
        out.raw(isLow ? "}},\"apns\":{\"headers\":{\"apns-priority\":\"5\"" : "}},\"apns\":{\"headers\":{\"apns-priority\":\"10\"")
        out.raw(",\"apns-expiration\":\"")
        out.digits(max(0, message.expires.seconds))
        out.raw("\",\"apns-collapse-id\":")
        out.text(tag)
        out.raw("},\"payload\":{\"aps\":{\"sound\":\"default\",\"thread-id\":\"payouts\"}}},\"fcm_options\":{\"analytics_label\":")
        out.text(message.kind.rawValue)
        out.raw("}}}")
        // The limit is for the payload; counting the whole message is the stricter reading.
        let size = out.bytes.count - "{\"message\":}".utf8.count
        guard size <= 4096 else { throw CallProblem(.tooLong, "a message of \(size) bytes, at most 4,096 are taken") }
        return .http(HTTPCall(url: url, headers: Self.fixed, body: out.bytes))
    }

    private static let fixed = fixedHeaders(["content-type": "application/json"])
    private static let name = ReplyPath("name")

    public func authorized(_ call: ProviderCall, with credential: Credential?) -> ProviderCall {
        guard case .http(let http) = call, let credential else { return call }
        return http.adding("authorization", "Bearer " + credential.token.reveal(for: .wire))
    }

    public func credential(at now: Timestamp) async throws(CallProblem) -> CredentialStep? {
        guard let account else { return nil }
        let form = PercentEncoding.form([
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", try account.assertion(at: now)),
        ])
        return .exchange(.http(HTTPCall(url: tokenEndpoint.url, headers: formHeaders, body: form)))
    }

    /// An exchange that failed has sent no message: what would be ambiguous for a send is only transient here.
    public func credential(from reply: ProviderReply, at now: Timestamp) throws(CredentialRefusal) -> Credential {
        let json = reply.json
        guard reply.isSuccess else {
            let known = reply.unknown(json?["error"]?.string ?? "")
            // 400 invalid_grant: the key was deleted, or the clock is minutes off.
            let refused: Set<Outcome.Class> = [.badRequest, .authConfig]
            let outcome = refused.contains(known.class) ? Outcome.authConfig(known.detail ?? OutcomeDetail()) : known
            throw CredentialRefusal(outcome: outcome.class == .ambiguous ? reply.outcome(.transient) : outcome)
        }
        guard let token = json?["access_token"]?.string, !token.isEmpty, HeaderValue(token) != nil,
            let seconds = json?["expires_in"]?.integer, seconds > 0
        else { throw CredentialRefusal(outcome: reply.outcome(.transient, words: "no token in the reply")) }
        return Credential(token: Sensitive(token), issued: now, expires: now + .seconds(min(seconds, 86_400)))
    }

    public func refusesCredential(_ reply: ProviderReply) -> Bool {
        reply.status == 401 && FCMError(reply).code != "THIRD_PARTY_AUTH_ERROR"
    }

    public func outcome(of reply: ProviderReply) -> Outcome {
        guard !reply.isSuccess else {
            guard let name = reply.string(Self.name), name.hasPrefix("projects/"), name.isReference else {
                return reply.unproven("no message name in the reply")
            }
            return .accepted(id: name)
        }
        let error = FCMError(reply)
        switch (reply.status, error.code) {
        case (404, "UNREGISTERED"): return reply.outcome(.badRecipient, error.code)
        case (403, "SENDER_ID_MISMATCH"): return reply.outcome(.badRecipient, error.code, blame: .addressOrSetup)
        case (404, _): return reply.outcome(.authConfig, error.code, words: "no such project")
        case (400, "INVALID_ARGUMENT"):
            return reply.outcome(error.blamesToken ? .badRecipient : .badRequest, error.code, blame: .addressOrSetup)
        case (401, _), (403, "PERMISSION_DENIED"): return reply.outcome(.authConfig, error.code)
        case (429, _): return reply.outcome(.throttled, error.code, notBefore: .seconds(60))
        case (500, "INTERNAL"), (503, _): return reply.outcome(.transient, error.code)
        default: return reply.unknown(error.code)
        }
    }
}

/// `{"error":{"status":…,"message":…,"details":[{"@type":"…FcmError","errorCode":…},{"@type":"…BadRequest","fieldViolations":[…]}]}}`
private struct FCMError {
    var code = ""
    /// A violation of `message.token`, or without any listed violation a message about the registration token.
    var blamesToken = false

    init(_ reply: ProviderReply) {
        guard let error = reply.json?["error"] else { return }
        let details = error["details"]?.array ?? []
        func detail(_ type: String) -> JSON? { details.first { $0["@type"]?.string?.hasSuffix(type) == true } }
        code = detail("FcmError")?["errorCode"]?.string ?? error["status"]?.string ?? ""
        // The name this error had before; same meaning.
        if code == "APNS_AUTH_ERROR" { code = "THIRD_PARTY_AUTH_ERROR" }
        if let violations = detail("google.rpc.BadRequest")?["fieldViolations"]?.array {
            blamesToken = violations.contains { $0["field"]?.string == "message.token" }
        } else {
            blamesToken = detail("FcmError") != nil && error["message"]?.string?.lowercased().contains("registration token") == true
        }
    }
}

/// What a service account's key file holds.
private struct ServiceAccount: Sendable {
    var email, keyID, tokenURI, projectID: String
    var key: Sensitive<_RSA.Signing.PrivateKey>

    /// The signed request for an access token; it is good for an hour.
    func assertion(at now: Timestamp) throws(CallProblem) -> String {
        let claims: JSON = [
            "iss": .string(email), "scope": "https://www.googleapis.com/auth/firebase.messaging", "aud": .string(tokenURI),
            "iat": .integer(now.seconds), "exp": .integer(now.seconds + 3600),
        ]
        return try SignedToken.rs256(header: ["alg": "RS256", "typ": "JWT", "kid": .string(keyID)], claims: claims, key: key)
    }
}

extension AccountReader {
    /// Every member that is missing or wrong is a mistake of its own; none quotes the file.
    fileprivate mutating func serviceAccount(_ key: String) -> ServiceAccount? {
        guard let secret = secret(key, isSingleLine: false) else { return nil }
        let json: JSON
        do { json = try JSON(parsing: secret.reveal(for: .signing)) } catch {
            fail(key, "not a JSON file")
            return nil
        }
        let before = problems.count
        var found: [String: String] = [:]
        for name in ["client_email", "private_key_id", "token_uri", "project_id", "private_key"] {
            found[name] = json[name]?.string
            if found[name] == nil { fail(key, "\(name) is missing in the file") }
        }
        let rsa = found["private_key"].flatMap { SignedToken.rsa(pem: $0) }
        if found["private_key"] != nil, rsa == nil { fail(key, "private_key is not an RSA key of 2,048 bits or more") }
        if let uri = found["token_uri"], Endpoint(uri)?.scheme != "https" { fail(key, "token_uri is not an https URL") }
        if let project = found["project_id"], !Identifier.isValid(project, limit: 128) { fail(key, "project_id is not a project id") }
        guard before == problems.count, let rsa else { return nil }
        return ServiceAccount(
            email: found["client_email"]!, keyID: found["private_key_id"]!, tokenURI: found["token_uri"]!, projectID: found["project_id"]!,
            key: rsa)
    }
}
