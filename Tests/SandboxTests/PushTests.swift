import Core
import Sandbox
import Testing

private func stopped() -> Sandbox.Options {
    var options = Sandbox.Options()
    options.now = { moment * 1000 }
    return options
}

@Suite struct APNsTests {
    static func bearer(age: Int64 = 0, header: JSON = ["alg": "ES256", "kid": "ABC123DEFG"], signature: Int = 64) -> String {
        "authorization: bearer " + token(header, ["iss": "DEF123GHIJ", "iat": .integer(moment - age)], signature: signature)
    }
    static let topic = "apns-topic: com.example.pay"
    static let type = "apns-push-type: alert"
    static let payload = #"{"aps":{"alert":{"title":"On hold","body":"Please confirm."}},"case":"wd_1"}"#

    private func push(_ world: World, _ headers: [String], device: String = "test-1", body: String = payload, http2: Bool = true)
        async throws -> Got
    {
        try await world.curl(world.endpoints.https + "/3/device/" + device, headers.flatMap { ["-H", $0] }, http2: http2, body: body)
    }

    @Test func acceptsOverHTTP2Only() async throws {
        try await withSandbox(stopped()) { world in
            let id = "8f9a1d1e-6c52-4f0e-9a3d-0c1f8d1f2b34"
            let got = try await push(world, [Self.bearer(), Self.topic, Self.type, "apns-id: \(id)", "apns-collapse-id: hold-1"])
            #expect(got.status == 200 && got.version == "2" && got.headers["apns-id"] == id && got.body.isEmpty)
            let row = try #require(world.ledger.row(1))
            #expect(row.recipient == "test-1" && row.title == "On hold" && row.text == "Please confirm." && row.sender == "com.example.pay")
            #expect(row.key == "hold-1" && row.ids == ["apns_id": id, "data.case": "wd_1"] && row.at == Timestamp(seconds: moment))
            let old = try await push(world, [Self.bearer(), Self.topic, Self.type], http2: false)
            #expect(old.status == 505 && old.version == "1.1")
            #expect(world.ledger.count == 1)
        }
    }

    @Test func sameCollapseIdReplacesOnThatDevice() async throws {
        try await withSandbox(stopped()) { world in
            for (device, key) in [("test-1", "a"), ("test-1", "a"), ("test-2", "a"), ("test-1", "b")] {
                _ = try await push(world, [Self.bearer(), Self.topic, Self.type, "apns-collapse-id: \(key)"], device: device)
            }
            #expect(world.ledger.rows().map(\.replaces) == [nil, 1, nil, nil])
            #expect(world.ledger.visible().map(\.n) == [2, 3, 4])
        }
    }

    @Test func refusesInApplesWords() async throws {
        let good = [Self.bearer(), Self.topic, Self.type]
        let cases: [(headers: [String], body: String, status: Int, reason: String)] = [
            ([Self.topic, Self.type], Self.payload, 403, "MissingProviderToken"),
            (["authorization: bearer x.y.z", Self.topic, Self.type], Self.payload, 403, "InvalidProviderToken"),
            (
                [Self.bearer(header: ["alg": "RS256", "kid": "ABC123DEFG"]), Self.topic, Self.type], Self.payload, 403,
                "InvalidProviderToken"
            ),
            ([Self.bearer(header: ["alg": "ES256"]), Self.topic, Self.type], Self.payload, 403, "InvalidProviderToken"),
            ([Self.bearer(signature: 72), Self.topic, Self.type], Self.payload, 403, "InvalidProviderToken"),
            ([Self.bearer(age: 3600), Self.topic], Self.payload, 400, "InvalidPushType"),
            ([Self.bearer(age: 3601), Self.topic, Self.type], Self.payload, 403, "ExpiredProviderToken"),
            ([Self.bearer(), Self.type], Self.payload, 400, "MissingTopic"),
            (good + ["apns-id: x"], Self.payload, 400, "BadMessageId"),
            (good + ["apns-collapse-id: " + String(repeating: "k", count: 65)], Self.payload, 400, "BadCollapseId"),
            (good + ["apns-priority: 7"], Self.payload, 400, "BadPriority"),
            (good + ["apns-expiration: soon"], Self.payload, 400, "BadExpirationDate"),
            (good, "{}", 400, "PayloadEmpty"),
            (good, #"{"aps":{"alert":"\#(String(repeating: "x", count: 4096))"}}"#, 413, "PayloadTooLarge"),
        ]
        try await withSandbox(stopped()) { world in
            for (headers, body, status, reason) in cases {
                let got = try await push(world, headers, body: body)
                #expect(got.status == status && got.json?["reason"]?.string == reason, "\(reason): \(got.status) \(got.body)")
            }
            world.sandbox.switches.retire("test-9")
            let gone = try await push(world, good, device: "test-9")
            #expect(
                gone.status == 410 && gone.json?["reason"]?.string == "Unregistered" && gone.json?["timestamp"]?.integer == moment * 1000)
            #expect(try await world.curl(world.endpoints.https + "/3/device/x", http2: true).json?["reason"]?.string == "MethodNotAllowed")
            #expect(world.ledger.count == 0)
        }
    }
}

@Suite struct FCMTests {
    private func exchange(_ world: World, _ claims: JSON? = nil, grant: String = "urn:ietf:params:oauth:grant-type:jwt-bearer") async throws
        -> Got
    {
        let claims =
            claims ?? [
                "iss": "d@demo.iam.gserviceaccount.com", "scope": "https://www.googleapis.com/auth/firebase.messaging",
                "aud": "https://x/token",
                "iat": .integer(moment), "exp": .integer(moment + 3600),
            ]
        let assertion = token(["alg": "RS256", "typ": "JWT", "kid": "k"], claims, signature: 256)
        return try await world.curl(
            world.endpoints.https + "/token", ["-d", "assertion=\(assertion)", "--data-urlencode", "grant_type=\(grant)"])
    }
    private func send(_ world: World, _ access: String?, _ body: String) async throws -> Got {
        try await world.curl(
            world.endpoints.https + "/v1/projects/demo/messages:send", access.map { ["-H", "Authorization: Bearer \($0)"] } ?? [],
            http2: true, body: body)
    }

    @Test func exchangesAndSends() async throws {
        try await withSandbox(stopped()) { world in
            let access = try #require(try await exchange(world).json?["access_token"]?.string)
            let body = #"""
                {"message":{"token":"dev:1","notification":{"title":"On hold","body":"Please confirm."},"data":{"case":"wd_1"},
                "android":{"priority":"HIGH","notification":{"tag":"hold-1"}}}}
                """#
            for _ in 0..<2 {
                let got = try await send(world, access, body)
                #expect(got.status == 200 && got.json?["name"]?.string?.hasPrefix("projects/demo/messages/0:") == true)
            }
            let rows = world.ledger.rows()
            #expect(rows.map(\.recipient) == ["dev:1", "dev:1"] && rows.map(\.replaces) == [nil, 1] && rows[0].key == "hold-1")
            #expect(rows[0].title == "On hold" && rows[0].ids["data.case"] == "wd_1")
            #expect(try await send(world, access, #"{"validate_only":true,"message":{"token":"dev:1"}}"#).status == 200)
            #expect(world.ledger.count == 2)
        }
    }

    @Test func refusesTokens() async throws {
        let scope: JSON = "https://www.googleapis.com/auth/firebase.messaging"
        func claims(_ iat: Int64, _ exp: Int64, _ scope: JSON) -> JSON {
            ["iss": "d@x.example", "scope": scope, "aud": "https://x/token", "iat": .integer(iat), "exp": .integer(exp)]
        }
        try await withSandbox(stopped()) { world in
            let cases: [(JSON, String)] = [
                (claims(moment, moment + 7200, scope), "invalid_grant"), (claims(moment - 7200, moment - 3600, scope), "invalid_grant"),
                (claims(moment, moment + 3600, "other"), "invalid_scope"), (["iat": 1], "invalid_grant"),
            ]
            for (claims, error) in cases {
                let got = try await exchange(world, claims)
                #expect(got.status == 400 && got.json?["error"]?.string == error)
            }
            #expect(try await exchange(world, grant: "password").json?["error"]?.string == "unsupported_grant_type")
        }
    }

    @Test func refusesMessages() async throws {
        try await withSandbox(stopped()) { world in
            #expect(try await send(world, nil, "{}").json?["error"]?["status"]?.string == "UNAUTHENTICATED")
            #expect(try await send(world, "made-up", "{}").status == 401)
            let access = try #require(try await exchange(world).json?["access_token"]?.string)
            for (body, field) in [
                (#"{"message":{"token":"d","nope":1}}"#, "message.nope"), (#"{"massage":{}}"#, "massage"),
                (#"{"message":{"token":"d","data":{"n":1}}}"#, "message.data"),
            ] {
                let got = try await send(world, access, body)
                let violation = got.json?["error"]?["details"]?.array?.first?["fieldViolations"]?.array?.first
                #expect(got.status == 400 && violation?["field"]?.string == field)
            }
            world.sandbox.switches.retire("dev-9")
            let gone = try await send(world, access, #"{"message":{"token":"dev-9"}}"#)
            #expect(gone.status == 404 && gone.json?["error"]?["details"]?.array?.first?["errorCode"]?.string == "UNREGISTERED")
            #expect(world.ledger.count == 0)
        }
    }

    @Test func tokensEnd() async throws {
        let clock = Clock()
        var options = Sandbox.Options()
        options.now = { clock.now }
        try await withSandbox(options) { world in
            let access = try #require(try await exchange(world).json?["access_token"]?.string)
            #expect(try await send(world, access, #"{"message":{"token":"d"}}"#).status == 200)
            clock.advance(seconds: 3600)
            #expect(try await send(world, access, #"{"message":{"token":"d"}}"#).status == 401)
        }
    }
}
