import Core
import Providers
import Testing

@Suite struct TwilioTests {
    @Test("the documented request, byte for byte")
    func request() throws {
        let twilio = try Sample.make(Twilio.self, receipts: Sample.receipts)
        let call = try #require(try twilio.call(for: Sample.message(.sms, text: "A withdrawal is on hold."), key: Sample.key).http)
        #expect(call.method == "POST")
        #expect(call.url == "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json")
        #expect(call.header("content-type") == "application/x-www-form-urlencoded")
        #expect(
            call.bodyText == "To=%2B15558675310&From=%2B15017122661&Body=A+withdrawal+is+on+hold.&ValidityPeriod=3600"
                + "&StatusCallback=https%3A%2F%2Fdisp.example.com%2Fv1%2Freceipts%2Fsample%3Fn%3Datt_01J9ZK")
        #expect(call.header("authorization") == nil)
        let signed = twilio.authorized(.http(call), with: nil).http
        #expect(signed?.header("authorization") == "Basic " + Base64.encode("AC00000000000000000000000000000000:\(Sample.token)".utf8))
    }

    @Test("a messaging service and an API key")
    func service() throws {
        let twilio = try Sample.make(
            Twilio.self,
            changing: ["from": nil, "messaging_service_sid": .text("MG01"), "api_key_sid": .text("SK01")])
        var message = Sample.message(.sms, text: "x")
        message.expires = message.plannedAt + .days(3)
        let call = try #require(try twilio.call(for: message, key: Sample.key).http)
        #expect(call.bodyText == "To=%2B15558675310&MessagingServiceSid=MG01&Body=x&ValidityPeriod=14400")
        #expect(
            twilio.authorized(.http(call), with: nil).http?.header("authorization") == "Basic " + Base64.encode("SK01:\(Sample.token)".utf8)
        )
        #expect(twilio.guarantee == .queryable(horizon: .seconds(120)) && twilio.endpoints == ["api.twilio.com:443"])
    }

    @Test("1,600 characters go, 1,601 do not")
    func length() throws {
        let twilio = try Sample.make(Twilio.self)
        #expect(throws: Never.self) {
            try twilio.call(for: Sample.message(.sms, text: String(repeating: "中", count: 1600)), key: Sample.key)
        }
        let problem = #expect(throws: CallProblem.self) {
            try twilio.call(for: Sample.message(.sms, text: String(repeating: "中", count: 1601)), key: Sample.key)
        }
        #expect(problem?.reason == .tooLong)
    }

    @Test(
        "one sender exactly",
        arguments: [
            ["from": nil], ["messaging_service_sid": .text("MG1")],
        ] as [[String: AccountSettings.Value.Kind?]])
    func sender(_ changing: [String: AccountSettings.Value.Kind?]) throws {
        #expect(throws: Problems.self) { try Sample.make(Twilio.self, changing: changing) }
    }

    @Test(
        "each documented error",
        arguments: [
            (401, 20003, Outcome.Class.authConfig), (404, 20404, .authConfig), (400, 21408, .authConfig), (400, 21212, .authConfig),
            (400, 21606, .authConfig), (400, 21608, .authConfig), (429, 20429, .throttled), (400, 21611, .throttled),
            (503, 20503, .transient),
            (502, 20500, .transient), (400, 21211, .badRecipient), (400, 21614, .badRecipient), (400, 21610, .badRecipient),
            (400, 21612, .badRecipient), (400, 21602, .badRequest), (400, 21603, .badRequest), (400, 21604, .badRequest),
            (400, 21617, .badRequest), (400, 21619, .badRequest),
            // Unknown codes by their status; a 500 may have been processed.
            (400, 29999, .badRequest), (403, 29999, .authConfig), (429, 29999, .throttled), (500, 20500, .ambiguous),
            (503, 29999, .transient),
        ])
    func errors(_ status: Int, _ code: Int, _ expected: Outcome.Class) throws {
        let outcome = try Sample.make(Twilio.self).outcome(
            of: Sample.json(status, "{\"code\":\(code),\"message\":\"m\",\"status\":\(status)}"))
        #expect(outcome.class == expected)
        if status != 500 { #expect(outcome.detail?.code == String(code)) }
    }

    @Test("a sid is acceptance, and Retry-After is kept")
    func accepted() throws {
        let twilio = try Sample.make(Twilio.self)
        let sid = "SM" + String(repeating: "0", count: 31) + "1"
        #expect(
            twilio.outcome(of: Sample.json(201, "{\"sid\":\"\(sid)\",\"status\":\"queued\",\"error_code\":null}")) == .accepted(id: sid))
        #expect(twilio.outcome(of: Sample.json(201, "{\"sid\":\"CA1\"}")).class == .ambiguous)
        let slow = twilio.outcome(of: Sample.json(429, "{\"code\":20429}", retryAfter: .seconds(7)))
        #expect(slow == .throttled(OutcomeDetail(status: 429, code: "20429"), notBefore: .seconds(7), scope: .account))
    }
}

@Suite struct KannelTests {
    @Test("the request as Kannel reads it")
    func request() throws {
        let kannel = try Sample.make(Kannel.self)
        let call = try #require(try kannel.call(for: Sample.message(.sms, text: "【示例】100% +1"), key: Sample.key).http)
        let url =
            "http://127.0.0.1:13013/cgi-bin/sendsms?username=tester&to=%2B15558675310"
            + "&text=%E3%80%90%E7%A4%BA%E4%BE%8B%E3%80%91100%25%20%2B1&charset=UTF-8&coding=2&validity=60&from=10690000"
        #expect(call.method == "GET" && call.body.isEmpty && call.url == url)
        #expect(kannel.authorized(.http(call), with: nil).http?.url == url + "&password=" + Sample.token)
        #expect(kannel.endpoints == ["127.0.0.1:13013"] && kannel.guarantee == .blind)
    }

    @Test("GSM-7 text is sent as such, and no receipt is asked for unless it is set")
    func plain() throws {
        let call = try Sample.make(Kannel.self).call(for: Sample.message(.sms, text: "hello"), key: Sample.key).http
        #expect(call?.url.contains("&coding=0") == true && call?.url.contains("dlr") == false)
    }

    @Test("the receipt's URL is escaped as a whole")
    func receipts() throws {
        let kannel = try Sample.make(
            Kannel.self, changing: ["receipt_secret_file": .secret(Sensitive("0123456789abcdefghij")), "smsc": .text("FAKE")],
            receipts: "http://127.0.0.1:18080/v1/receipts/sample")
        let url = try kannel.call(for: Sample.message(.sms), key: Sample.key).http?.url ?? ""
        #expect(
            url.hasSuffix(
                "&smsc=FAKE&dlr-mask=27&dlr-url=http%3A%2F%2F127.0.0.1%3A18080%2Fv1%2Freceipts%2Fsample%2FKB2yGQho01ePuVPw2fEe9g"
                    + "%3Fn%3Datt_01J9ZK%26type%3D%25d%26answer%3D%25A"))
    }

    @Test("what the gateway would cut off is refused")
    func parts() throws {
        let kannel = try Sample.make(Kannel.self, changing: ["max_parts": .number(2)])
        #expect(throws: Never.self) {
            try kannel.call(for: Sample.message(.sms, text: String(repeating: "a", count: 306)), key: Sample.key)
        }
        #expect(throws: CallProblem.self) {
            try kannel.call(for: Sample.message(.sms, text: String(repeating: "a", count: 307)), key: Sample.key)
        }
    }

    @Test("the password goes over TLS, or nowhere but this machine, or where the account says so")
    func plainText() throws {
        let far: AccountSettings.Value.Kind = .text("http://sms.example.com/cgi-bin/sendsms")
        let problems = #expect(throws: Problems.self) { try Sample.make(Kannel.self, changing: ["url": far]) }
        #expect(problems?.all.first?.key == "accounts.sample.url")
        #expect(throws: Never.self) { try Sample.make(Kannel.self, changing: ["url": far, "allow_plain": .flag(true)]) }
    }

    @Test(
        "each answer",
        arguments: [
            (202, "0: Accepted for delivery", Outcome.Class.accepted), (202, "3: Queued for later delivery", .accepted),
            (202, "", .ambiguous), (200, "<html>", .ambiguous),
            (403, "Authorization failed for sendsms", .authConfig), (400, "Empty receiver number not allowed, rejected", .badRecipient),
            (400, "Number(s) has/have been denied by white- and/or black-lists.", .badRecipient),
            (400, "Coding field misformed, rejected", .badRequest), (400, "DLR-URL field misformed, rejected", .badRequest),
            (400, "something new", .badRequest), (503, "Temporal failure, try again later.", .transient), (500, "", .ambiguous),
        ])
    func answers(_ status: Int, _ text: String, _ expected: Outcome.Class) throws {
        #expect(try Sample.make(Kannel.self).outcome(of: Sample.json(status, text)).class == expected)
    }
}

@Suite struct HTTPGatewayTests {
    typealias Kind = AccountSettings.Value.Kind

    @Test("a JSON request with its fields and headers filled in")
    func json() throws {
        let gateway = try Sample.make(HTTPGateway.self)
        let call = try #require(try gateway.call(for: Sample.message(.sms, text: "a \"{to}\" 中"), key: Sample.key).http)
        #expect(call.method == "POST" && call.url == "https://sms.example.com/v1/send")
        #expect(call.bodyText == "{\"to\":\"+15558675310\",\"body\":\"a \\\"{to}\\\" 中\",\"from\":\"Clarion\",\"ref\":\"att_01J9ZK\"}")
        #expect(call.header("content-type") == "application/json; charset=utf-8" && call.header("x-request") == Sample.key.description)
        #expect(gateway.authorized(.http(call), with: nil).http?.header("authorization") == "Bearer " + Sample.token)
    }

    @Test("a form, a query, digits, and a header of the gateway's own for the secret")
    func forms() throws {
        var changing: [String: Kind?] = [
            "content_type": .text("form"), "number_format": .text("digits"), "auth_header": .text("X-Api-Key"), "headers": nil,
            "fields": .map([("mobile", "{to}"), ("msg", "[{sender}] {text}")]),
        ]
        let form = try Sample.make(HTTPGateway.self, changing: changing)
        let call = try #require(try form.call(for: Sample.message(.sms, text: "a&b"), key: Sample.key).http)
        #expect(call.bodyText == "mobile=15558675310&msg=%5BClarion%5D+a%26b")
        #expect(form.authorized(.http(call), with: nil).http?.header("x-api-key") == Sample.token)
        changing["method"] = .text("GET")
        let query = try #require(
            try Sample.make(HTTPGateway.self, changing: changing).call(for: Sample.message(.sms, text: "a&b"), key: Sample.key).http)
        #expect(query.url == "https://sms.example.com/v1/send?mobile=15558675310&msg=%5BClarion%5D%20a%26b" && query.body.isEmpty)
    }

    @Test("an idempotency header makes the account keyed")
    func keyed() throws {
        #expect(try Sample.make(HTTPGateway.self).guarantee == .blind)
        let keyed = try Sample.make(
            HTTPGateway.self, changing: ["idempotency_header": .text("Idempotency-Key"), "idempotency_hours": .number(2)])
        #expect(keyed.guarantee == .keyed(life: .hours(2)) && keyed.guarantee.mayRepeat)
        #expect(try keyed.call(for: Sample.message(.sms), key: Sample.key).http?.header("idempotency-key") == Sample.key.description)
        // A second attempt has the bytes of the first: such gateways compare them.
        var again = Sample.message(.sms)
        again.attempt = "att_second"
        #expect(try keyed.call(for: again, key: Sample.key) == keyed.call(for: Sample.message(.sms), key: Sample.key))
        #expect(keyed.outcome(of: Sample.json(409, "{}")).class == .ambiguous)
        #expect(try Sample.make(HTTPGateway.self).outcome(of: Sample.json(409, "{}")).class == .badRequest)
    }

    @Test(
        "replies by the settings",
        arguments: [
            (200, #"{"data":{"messages":[{"id":"m-1"}]}}"#, Outcome.accepted(id: "m-1")),
            (202, #"{"data":{"messages":[{"id":17}]}}"#, .accepted(id: "17")),
            (200, #"{"data":{"messages":[]}}"#, .ambiguous(OutcomeDetail(status: 200, words: "no message id in the reply"))),
            (200, #"{"error":{"code":"E1"},"data":{"messages":[{"id":"m-1"}]}}"#, .badRecipient(OutcomeDetail(status: 200, code: "E1"))),
            (400, #"{"error":{"code":"E1"}}"#, .badRecipient(OutcomeDetail(status: 400, code: "E1"))),
            (500, #"{"error":{"code":"E3"}}"#, .transient(OutcomeDetail(status: 500, code: "E3"), notBefore: nil)),
            (400, #"{"error":{"code":"E2"}}"#, .throttled(OutcomeDetail(status: 400, code: "E2"), notBefore: nil, scope: .account)),
            (400, #"{"error":{"code":"E9"}}"#, .badRequest(OutcomeDetail(status: 400, code: "E9"))),
        ])
    func replies(_ status: Int, _ body: String, _ expected: Outcome) throws {
        #expect(try Sample.make(HTTPGateway.self).outcome(of: Sample.json(status, body)) == expected)
    }

    @Test("a header takes ASCII only")
    func ascii() throws {
        let gateway = try Sample.make(HTTPGateway.self, changing: ["sender": .text("清算"), "headers": .map([("X-From", "{sender}")])])
        #expect(throws: CallProblem.self) { try gateway.call(for: Sample.message(.sms), key: Sample.key) }
        #expect(throws: Problems.self) { try Sample.make(HTTPGateway.self, changing: ["auth_file": .secret(Sensitive("密码"))]) }
    }

    @Test("a success list narrows what is taken as success")
    func successes() throws {
        let gateway = try Sample.make(HTTPGateway.self, changing: ["success_statuses": .list(["201"])])
        let body = #"{"data":{"messages":[{"id":"m-1"}]}}"#
        #expect(gateway.outcome(of: Sample.json(201, body)) == .accepted(id: "m-1"))
        #expect(gateway.outcome(of: Sample.json(200, body)).class == .ambiguous)
    }

    @Test(
        "each mistake has its key",
        arguments: [
            ("method", Kind.text("DELETE")), ("content_type", .text("xml")), ("number_format", .text("national")),
            ("fields", .map([("to", "{to}")])), ("fields", .map([("to", "{to}"), ("text", "{text}"), ("x", "{phone}")])),
            ("headers", .map([("Authorization", "Bearer abc")])), ("headers", .map([("X Y", "1")])),
            ("headers", .map([("Content-Type", "text/plain")])),
            ("headers", .map([("X", "a\r\nB: c")])),
            ("headers", .map([("X", "{text}")])), ("success_statuses", .list(["ok"])), ("success_statuses", .list(["404"])),
            ("codes", .map([("E1", "accepted")])), ("codes", .map([("E1", "bad")])), ("auth_header", .text("A: b")),
            ("idempotency_header", .text("a b")), ("idempotency_hours", .number(0)), ("max_parts", .number(0)),
            ("url", .text("https://user:pw@sms.example.com/")), ("url", .text("sms.example.com")), ("url", .text("ftp://sms.example.com/")),
            ("url", .text("https://sms.example.com/#x")), ("url", .text("https://sms.example.com:99999/")),
            ("url", .text("http://sms.example.com/")),
        ])
    func mistakes(_ key: String, _ value: Kind) throws {
        let problems = #expect(throws: Problems.self) { try Sample.make(HTTPGateway.self, changing: [key: value]) }
        #expect(problems?.all.allSatisfy { $0.key == "accounts.sample.\(key)" && $0.line > 9 } == true, "\(String(describing: problems))")
        #expect(problems?.description.contains("user:pw") == false && problems?.description.contains("Bearer abc") == false)
    }
}
