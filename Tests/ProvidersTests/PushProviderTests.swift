import Core
import JWTKit
import Providers
import Testing

@Suite struct APNsTests {
    private struct Claims: JWTPayload {
        var iss: String
        var iat: Int64
        func verify(using algorithm: some JWTAlgorithm) throws {}
    }

    @Test("the provider token verifies with the public key, and lasts an hour")
    func token() async throws {
        let step = try await Sample.make(APNs.self).credential(at: Sample.planted)
        guard case .ready(let credential)? = step else {
            Issue.record("no token")
            return
        }
        let token = credential.token.reveal(for: .wire)
        let keys = await JWTKeyCollection().add(ecdsa: try ES256PublicKey(pem: Sample.fixture("apns-public.pem")))
        for text in [token, try Sample.fixture("apns-token.jwt").filter { !$0.isWhitespace }] {
            let claims = try await keys.verify(text, as: Claims.self)
            #expect(claims.iss == "DEF123GHIJ" && claims.iat == 1_700_000_000)
        }
        // Header and claims are fixed bytes; only the signature has a random part.
        let known = try Sample.fixture("apns-token.jwt").split(separator: ".")
        #expect(token.split(separator: ".").prefix(2) == known.prefix(2))
        #expect(credential.expires == Sample.planted + .minutes(60) && credential.renewAt == Sample.planted + .minutes(48))
    }

    @Test("the documented request")
    func request() throws {
        let apns = try Sample.make(APNs.self)
        let call = try #require(try apns.call(for: Sample.message(.push, text: "It needs you."), key: Sample.key).http)
        #expect(call.version == .http2 && call.method == "POST")
        #expect(call.url == "https://api.push.apple.com:443/3/device/00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0")
        #expect(
            call.headers.map { "\($0.name): \($0.value)" } == [
                "apns-topic: com.example.pay", "apns-push-type: alert", "apns-priority: 10", "apns-expiration: 1700003600",
                "apns-id: 47a1a5c0-0000-0000-0000-000000000000".replacingID(with: call.header("apns-id")),
                "apns-collapse-id: hold-wd_01J9ZK",
                "content-type: application/json",
            ])
        #expect(
            call.bodyText
                == #"{"aps":{"alert":{"title":"Withdrawal on hold","body":"It needs you."},"sound":"default","thread-id":"payouts","#
                + #""interruption-level":"time-sensitive"},"order":"WD1","delivery":"dlv_01J9ZK3M5N7P9Q"}"#)
        let credential = Credential(token: Sensitive("abc"), issued: Sample.planted, expires: Sample.planted)
        var linked = Sample.message(.push, text: "It needs you.")
        linked.link = "https://pay.example/w/verification?order=WD1"
        let pushed = try #require(try apns.call(for: linked, key: Sample.key).http).body
        #expect(String(decoding: pushed, as: UTF8.self).hasSuffix(#","link":"https://pay.example/w/verification?order=WD1"}"#))
        let android = try #require(try Sample.make(FCM.self).call(for: linked, key: Sample.key).http).body
        #expect(
            String(decoding: android, as: UTF8.self).contains(
                #""delivery":"dlv_01J9ZK3M5N7P9Q","link":"https://pay.example/w/verification?order=WD1"},"android""#))
        #expect(apns.authorized(.http(call), with: credential).http?.header("authorization") == "bearer abc")
        #expect(apns.authorized(.http(call), with: nil) == .http(call))
        #expect(apns.guarantee == .collapsing && apns.endpoints == ["api.push.apple.com:443"])
    }

    @Test("apns-id is a lower-case UUID that follows from the delivery alone")
    func correlation() throws {
        let apns = try Sample.make(APNs.self)
        func id(_ change: (inout Message) -> Void) throws -> String {
            var message = Sample.message(.push)
            change(&message)
            return try apns.call(for: message, key: Sample.key).http?.header("apns-id") ?? ""
        }
        let first = try id { _ in }
        #expect(first.utf8.count == 36 && first == first.lowercased())
        #expect(first.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(first.dropFirst(14).first == "8" && "89ab".contains(first.dropFirst(19).first!))
        #expect(try id { $0.attempt = "att_other" } == first)
        #expect(try id { $0.delivery = "dlv_other" } != first)
    }

    @Test("low priority saves power, a sandbox build has its own host")
    func variants() throws {
        let apns = try Sample.make(APNs.self, changing: ["environment": .text("sandbox")])
        let call = try apns.call(for: Sample.message(.push, priority: .low), key: Sample.key).http
        #expect(call?.header("apns-priority") == "5" && call?.url.hasPrefix("https://api.sandbox.push.apple.com:443/3/device/") == true)
        #expect(call?.bodyText.contains("time-sensitive") == false)
    }

    @Test("4,096 bytes of payload and 64 of collapse key")
    func limits() throws {
        let apns = try Sample.make(APNs.self)
        let room = 4096 - (try apns.call(for: Sample.message(.push, text: "x"), key: Sample.key).http?.body.count ?? 0) + 1
        let full = try apns.call(for: Sample.message(.push, text: String(repeating: "x", count: room)), key: Sample.key)
        #expect(full.http?.body.count == 4096)
        let problem = #expect(throws: CallProblem.self) {
            try apns.call(for: Sample.message(.push, text: String(repeating: "x", count: room + 1)), key: Sample.key)
        }
        #expect(problem?.reason == .tooLong)
        for key in ["", String(repeating: "k", count: 65), "a b", "ключ", "a\r\nb"] {
            var message = Sample.message(.push)
            message.collapseKey = key
            #expect(throws: CallProblem.self) { try apns.call(for: message, key: Sample.key) }
        }
    }

    @Test(
        "each documented reason",
        arguments: [
            (400, "BadDeviceToken", Outcome.Class.badRecipient), (400, "DeviceTokenNotForTopic", .badRecipient),
            (400, "BadCollapseId", .badRequest),
            (400, "BadExpirationDate", .badRequest), (400, "BadMessageId", .badRequest), (400, "BadPriority", .badRequest),
            (400, "DuplicateHeaders", .badRequest), (400, "InvalidPushType", .badRequest), (400, "MissingDeviceToken", .badRequest),
            (400, "PayloadEmpty", .badRequest), (400, "BadTopic", .authConfig), (400, "MissingTopic", .authConfig),
            (400, "TopicDisallowed", .authConfig), (400, "IdleTimeout", .transient), (403, "ExpiredProviderToken", .authConfig),
            (403, "InvalidProviderToken", .authConfig), (403, "MissingProviderToken", .authConfig), (403, "Forbidden", .authConfig),
            (403, "BadCertificate", .authConfig), (403, "BadCertificateEnvironment", .authConfig),
            (403, "BadEnvironmentKeyIdInToken", .authConfig),
            (403, "UnrelatedKeyIdInToken", .authConfig), (404, "BadPath", .authConfig), (405, "MethodNotAllowed", .authConfig),
            (410, "Unregistered", .badRecipient), (410, "ExpiredToken", .badRecipient), (413, "PayloadTooLarge", .badRequest),
            (429, "TooManyRequests", .throttled), (429, "TooManyProviderTokenUpdates", .authConfig),
            (500, "InternalServerError", .transient),
            (503, "ServiceUnavailable", .transient), (503, "Shutdown", .transient),
            // Unknown reasons, and a known one under a status it does not belong to, by the status.
            (400, "SomethingNew", .badRequest), (500, "BadDeviceToken", .ambiguous), (404, "Unregistered", .badRequest),
        ])
    func reasons(_ status: Int, _ reason: String, _ expected: Outcome.Class) throws {
        let apns = try Sample.make(APNs.self)
        let reply = Sample.json(status, "{\"reason\":\"\(reason)\"}")
        let outcome = apns.outcome(of: reply)
        #expect(outcome.class == expected && outcome.detail?.code == reason)
        #expect(apns.refusesCredential(reply) == (reason == "ExpiredProviderToken"))
    }

    @Test("one device is throttled, not the account; a dead token says since when")
    func details() throws {
        let apns = try Sample.make(APNs.self)
        #expect(
            apns.outcome(of: Sample.json(429, #"{"reason":"TooManyRequests"}"#))
                == .throttled(OutcomeDetail(status: 429, code: "TooManyRequests"), notBefore: .seconds(60), scope: .recipient))
        let gone = apns.outcome(of: Sample.json(410, #"{"reason":"Unregistered","timestamp":1700000000000}"#))
        #expect(
            gone
                == .badRecipient(
                    OutcomeDetail(
                        status: 410, code: "Unregistered", words: "not registered since 2023-11-14T22:13:20.000Z",
                        since: Timestamp(seconds: 1_700_000_000))))
        for absurd in ["-1", "9223372036854775807", "99999999999999999999", "1.5", "\"x\""] {
            #expect(apns.outcome(of: Sample.json(410, "{\"reason\":\"Unregistered\",\"timestamp\":\(absurd)}")).detail?.words == "")
        }
    }

    @Test("200 with its apns-id is acceptance, 200 without is in doubt")
    func accepted() throws {
        let apns = try Sample.make(APNs.self)
        let id = "8f9a1d1e-6c52-4f0e-9a3d-0c1f8d1f2b34"
        #expect(apns.outcome(of: ProviderReply(status: 200, headers: [("apns-id", id)])) == .accepted(id: id))
        #expect(apns.outcome(of: ProviderReply(status: 200)).class == .ambiguous)
        #expect(apns.outcome(of: ProviderReply(status: 200, headers: [("apns-id", "a\u{1}b")])).class == .ambiguous)
    }

    @Test("keys and ids that cannot work are found at once")
    func mistakes() throws {
        let problems = #expect(throws: Problems.self) {
            try Sample.make(
                APNs.self,
                changing: [
                    "key_file": .secret(Sensitive("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")),
                    "key_id": .text("SHORT"),
                    "team_id": .text("tooooooooolong"), "topic": .text("com example"), "environment": .text("prod"),
                    "url": .text("http://127.0.0.1/"),
                ])
        }
        #expect(
            Set(problems?.all.map(\.key) ?? [])
                == Set(["key_file", "key_id", "team_id", "topic", "environment", "url"].map { "accounts.sample.\($0)" }))
    }
}

extension String {
    fileprivate func replacingID(with id: String?) -> String { split(separator: ":")[0] + ": " + (id ?? "") }
}

@Suite struct FCMTests {
    @Test("the assertion is byte for byte what another program made")
    func assertion() async throws {
        let fcm = try Sample.make(FCM.self)
        guard case .exchange(.http(let call))? = try await fcm.credential(at: Sample.planted) else {
            Issue.record("no exchange")
            return
        }
        let known = try Sample.fixture("fcm-assertion.jwt").filter { !$0.isWhitespace }
        #expect(call.url == "https://oauth2.googleapis.com/token" && call.header("content-type") == "application/x-www-form-urlencoded")
        #expect(call.bodyText == "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + known)
        #expect(fcm.endpoints == ["oauth2.googleapis.com:443", "fcm.googleapis.com:443"])
    }

    @Test(
        "the exchange's answers",
        arguments: [
            (200, #"{"access_token":"","expires_in":3599}"#, Outcome.Class.transient),
            (200, #"{"access_token":"a\nb","expires_in":3599}"#, .transient),
            (200, #"{"access_token":"a","expires_in":0}"#, .transient), (200, "", .transient),
            (400, #"{"error":"invalid_grant"}"#, .authConfig),
            (401, "{}", .authConfig), (500, "", .transient), (503, "", .transient), (502, "", .transient), (429, "", .throttled),
            (302, "", .transient),
        ])
    func refusals(_ status: Int, _ body: String, _ expected: Outcome.Class) throws {
        let fcm = try Sample.make(FCM.self)
        let refusal = #expect(throws: CredentialRefusal.self) { try fcm.credential(from: Sample.json(status, body), at: Sample.planted) }
        #expect(refusal?.outcome.class == expected)
    }

    @Test("a token lasts as long as its issuer says")
    func exchanged() throws {
        let reply = Sample.json(200, #"{"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"}"#)
        let credential = try Sample.make(FCM.self).credential(from: reply, at: Sample.planted)
        #expect(credential.token.reveal(for: .wire) == "ya29.x" && credential.expires == Sample.planted + .seconds(3599))
        #expect(!"\(credential)".contains("ya29"))
    }

    @Test("the message replaces by tag and has no collapse key")
    func request() throws {
        let fcm = try Sample.make(FCM.self)
        let call = try #require(try fcm.call(for: Sample.message(.push, text: "It needs you."), key: Sample.key).http)
        #expect(call.url == "https://fcm.googleapis.com/v1/projects/demo-project/messages:send")
        let message = try #require(try JSON(parsing: call.body)["message"])
        #expect(message["notification"] == ["title": "Withdrawal on hold", "body": "It needs you."])
        #expect(message["data"] == ["order": "WD1", "delivery": "dlv_01J9ZK3M5N7P9Q"])
        #expect(
            message["android"] == ["priority": "HIGH", "ttl": "3600s", "notification": ["channel_id": "risk", "tag": "hold-wd_01J9ZK"]])
        #expect(
            message["apns"]?["headers"] == ["apns-priority": "10", "apns-expiration": "1700003600", "apns-collapse-id": "hold-wd_01J9ZK"])
        #expect(message["fcm_options"] == ["analytics_label": "risk_hold"])
        #expect(message["token"]?.string?.utf8.count == 64)
        #expect(!call.bodyText.contains("collapse_key"))
        #expect(fcm.guarantee == .collapsing)
        let credential = Credential(token: Sensitive("ya29"), issued: Sample.planted, expires: Sample.planted)
        #expect(fcm.authorized(.http(call), with: credential).http?.header("authorization") == "Bearer ya29")
    }

    @Test("the lifetime stays within four weeks and is never negative", arguments: [(Duration.days(60), "2419200s"), (.seconds(-5), "0s")])
    func lifetime(_ life: Duration, _ ttl: String) throws {
        var message = Sample.message(.push)
        message.expires = message.plannedAt + life
        let call = try #require(try Sample.make(FCM.self).call(for: message, key: Sample.key).http)
        #expect(try JSON(parsing: call.body)["message"]?["android"]?["ttl"]?.string == ttl)
    }

    static func error(_ status: String, _ code: String? = nil, violates field: String? = nil, _ message: String = "m") -> String {
        var details: [String] = []
        if let code { details.append(#"{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"\#(code)"}"#) }
        if let field { details.append(#"{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"\#(field)"}]}"#) }
        return #"{"error":{"code":1,"message":"\#(message)","status":"\#(status)","details":[\#(details.joined(separator: ","))]}}"#
    }

    @Test(
        "each documented error",
        arguments: [
            (404, error("NOT_FOUND", "UNREGISTERED"), Outcome.Class.badRecipient, "UNREGISTERED"),
            (400, error("INVALID_ARGUMENT", "INVALID_ARGUMENT", violates: "message.android.ttl"), .badRequest, "INVALID_ARGUMENT"),
            (400, error("INVALID_ARGUMENT", nil, violates: "message.token"), .badRecipient, "INVALID_ARGUMENT"),
            (
                400, error("INVALID_ARGUMENT", "INVALID_ARGUMENT", "The registration token is not a valid FCM registration token"),
                .badRecipient, "INVALID_ARGUMENT"
            ),
            (
                400, error("INVALID_ARGUMENT", "INVALID_ARGUMENT", violates: "message.data", "registration token"), .badRequest,
                "INVALID_ARGUMENT"
            ),
            (400, error("INVALID_ARGUMENT", nil, "registration token"), .badRequest, "INVALID_ARGUMENT"),
            (403, error("PERMISSION_DENIED", "SENDER_ID_MISMATCH"), .badRecipient, "SENDER_ID_MISMATCH"),
            (403, error("PERMISSION_DENIED"), .authConfig, "PERMISSION_DENIED"),
            (401, error("UNAUTHENTICATED"), .authConfig, "UNAUTHENTICATED"),
            (401, error("UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), .authConfig, "THIRD_PARTY_AUTH_ERROR"),
            (401, error("UNAUTHENTICATED", "APNS_AUTH_ERROR"), .authConfig, "THIRD_PARTY_AUTH_ERROR"),
            (404, error("NOT_FOUND"), .authConfig, "NOT_FOUND"),
            (429, error("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), .throttled, "QUOTA_EXCEEDED"),
            (500, error("INTERNAL", "INTERNAL"), .transient, "INTERNAL"),
            (503, error("UNAVAILABLE", "UNAVAILABLE"), .transient, "UNAVAILABLE"),
            (400, error("X", "UNSPECIFIED_ERROR"), .badRequest, "UNSPECIFIED_ERROR"),
            (500, error("X", "UNSPECIFIED_ERROR"), .ambiguous, "UNSPECIFIED_ERROR"),
            (503, error("X", "UNSPECIFIED_ERROR"), .transient, "UNSPECIFIED_ERROR"),
        ])
    func errors(_ status: Int, _ body: String, _ expected: Outcome.Class, _ code: String) throws {
        let outcome = try Sample.make(FCM.self).outcome(of: Sample.json(status, body))
        #expect(outcome.class == expected && outcome.detail?.code == code)
    }

    @Test("a 401 renews the token once, unless it is about the other service's key; a quota waits a minute")
    func details() throws {
        let fcm = try Sample.make(FCM.self)
        #expect(fcm.refusesCredential(Sample.json(401, Self.error("UNAUTHENTICATED"))))
        #expect(!fcm.refusesCredential(Sample.json(401, Self.error("UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"))))
        #expect(!fcm.refusesCredential(Sample.json(403, Self.error("PERMISSION_DENIED"))))
        let body = Self.error("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), detail = OutcomeDetail(status: 429, code: "QUOTA_EXCEEDED")
        #expect(fcm.outcome(of: Sample.json(429, body)) == .throttled(detail, notBefore: .seconds(60), scope: .account))
        #expect(
            fcm.outcome(of: Sample.json(429, body, retryAfter: .seconds(9))) == .throttled(detail, notBefore: .seconds(9), scope: .account))
        let name = "projects/demo-project/messages/0:1700000000000000%31bd1c9631bd1c96"
        #expect(fcm.outcome(of: Sample.json(200, "{\"name\":\"\(name)\"}")) == .accepted(id: name))
    }

    @Test(
        "every fault of the key file is named",
        arguments: [
            ("{", "not a JSON file"), ("{}", "client_email is missing"), (#"{"private_key":"nonsense"}"#, "private_key is not an RSA key"),
            (#"{"token_uri":"http://oauth2.googleapis.com/token"}"#, "token_uri is not an https URL"),
            (#"{"project_id":"a b"}"#, "project_id is not a project id"),
        ])
    func mistakes(_ file: String, _ words: String) throws {
        let problems = #expect(throws: Problems.self) {
            try Sample.make(FCM.self, changing: ["service_account_file": .secret(Sensitive(file))])
        }
        #expect(problems?.all.contains { $0.key == "accounts.sample.service_account_file" && $0.problem.hasPrefix(words) } == true)
    }
}
