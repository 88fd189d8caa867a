import Core
import Crypto
import Providers
import Testing

/// What providers say of messages, read and verified.
@Suite("receipts: verified before they are believed")
struct ReceiptTests {
    // MARK: Twilio

    private static let form = [("content-type", "application/x-www-form-urlencoded")]

    private func twilio(token: String = "12345", at url: String) throws -> any Provider {
        try Sample.make(Twilio.self, changing: ["auth_token_file": .secret(Sensitive(token))], receipts: url)
    }

    private func read(_ provider: any Provider, _ signature: String?, query: String = "", form: String) throws(ReceiptRefusal) -> [Receipt]
    {
        let headers = Self.form + (signature.map { [("x-twilio-signature", $0)] } ?? [])
        return try provider.receipts(
            in: ReceiptRequest(method: "POST", query: query, headers: headers.map { ($0.0, $0.1) }, body: Array(form.utf8)))
    }

    private static let call = "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"

    @Test(
        "the documented signatures",
        arguments: [
            ("https://mycompany.com/myapp.php", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("https://mycompany.com:443/myapp.php", "kvajT1Ptam85bY51eRf/AJRuM3w="),
            ("http://mycompany.com:80/myapp.php", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            ("http://mycompany.com:1234/myapp.php", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
            // Whether the default port is written is no one's business.
            ("https://mycompany.com/myapp.php", "kvajT1Ptam85bY51eRf/AJRuM3w="),
            ("https://mycompany.com:443/myapp.php", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("http://mycompany.com/myapp.php", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ])
    func signatures(url: String, signature: String) throws {
        let twilio = try twilio(at: url)
        // It is no status callback: believed, and then not understood.
        #expect(throws: ReceiptRefusal.unreadable("no MessageStatus, or no name")) {
            try read(twilio, signature, query: "foo=1&bar=2", form: Self.call)
        }
        let others: [String?] = [nil, "", "x", "SSOYDt4T1cUTdK1PDd93/VVr8B8=", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU"].filter { $0 != signature }
        for other in others {
            #expect(throws: ReceiptRefusal.forged) { try read(twilio, other, query: "foo=1&bar=2", form: Self.call) }
        }
        #expect(throws: ReceiptRefusal.forged) { try read(twilio, signature, query: "foo=1&bar=3", form: Self.call) }
        #expect(throws: ReceiptRefusal.forged) { try read(twilio, signature, query: "foo=1&bar=2", form: Self.call + "&x=") }
        let stranger = try self.twilio(token: "12346", at: url)
        #expect(throws: ReceiptRefusal.forged) { try read(stranger, signature, query: "foo=1&bar=2", form: Self.call) }
    }

    @Test("a name with several values counts each once, in order")
    func repeated() throws {
        let twilio = try twilio(at: "https://mycompany.com/myapp.php")
        #expect(throws: ReceiptRefusal.unreadable("no MessageStatus, or no name")) {
            try read(
                twilio, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", query: "foo=1&bar=2",
                form: "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234")
        }
    }

    @Test("a body that is no form is covered by its hash")
    func hashed() throws {
        let twilio = try twilio(at: "https://mycompany.com/myapp.php")
        let query = "foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
        func read(_ body: String) throws(ReceiptRefusal) {
            let headers = [("content-type", "application/json"), ("x-twilio-signature", "a9nBmqA0ju/hNViExpshrM61xv4=")]
            _ = try twilio.receipts(
                in: ReceiptRequest(method: "POST", query: query, headers: headers.map { ($0.0, $0.1) }, body: Array(body.utf8)))
        }
        #expect(throws: ReceiptRefusal.unreadable("no form")) { try read(#"{"property": "value", "boolean": true}"#) }
        #expect(throws: ReceiptRefusal.forged) { try read(#"{"property": "value", "boolean": false}"#) }
    }

    @Test("the status callback as it comes")
    func callback() throws {
        let twilio = try twilio(at: "https://disp.example.com/cb/twilio")
        let sid = "SM00000000000000000000000000000001"
        let form =
            "MessageSid=\(sid)&SmsSid=\(sid)&AccountSid=AC00000000000000000000000000000000&From=%2B15017122661&To=%2B15558675310"
            + "&MessageStatus=undelivered&SmsStatus=undelivered&ErrorCode=30003&ApiVersion=2010-04-01"
        let receipts = try read(twilio, "I5gBc3hb29BPk4ZEt+l7IXxRvUI=", query: "n=01J9ZK", form: form)
        let expected = Receipt(
            reference: "01J9ZK", status: .undelivered, code: ["undelivered", "30003"], messageID: sid,
            recipient: Sensitive("+15558675310"))
        #expect(receipts == [expected] && receipts[0].code == "undelivered 30003")
    }

    private func signed(_ twilio: any Provider, query: String = "n=att_1", _ fields: [String: String]) throws -> [Receipt] {
        let url = "https://disp.example.com/cb" + (query.isEmpty ? "" : "?" + query)
        let text = url + fields.sorted { $0.key < $1.key }.map { $0.key + $0.value }.joined()
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: Array("12345".utf8)))
        let form = fields.map { "\($0.key)=\($0.value.replacing("+", with: "%2B"))" }.joined(separator: "&")
        return try read(twilio, Base64.encode(Array(code)), query: query, form: form)
    }

    @Test(
        "every status in our words, and a new one kept",
        arguments: [
            ("accepted", ReceiptStatus.sent), ("scheduled", .sent), ("queued", .sent), ("sending", .sent), ("sent", .sent),
            ("delivered", .delivered), ("read", .read), ("undelivered", .undelivered), ("failed", .undelivered), ("canceled", .undelivered),
            ("teleported", .unknown),
        ])
    func statuses(word: String, status: ReceiptStatus) throws {
        let twilio = try twilio(at: "https://disp.example.com/cb")
        let receipt = try signed(twilio, ["MessageStatus": word, "MessageSid": "SM1"])[0]
        #expect(receipt.status == status && receipt.code == word && receipt.reference == "att_1" && receipt.blame == nil)
        // Without our name by Twilio's.
        #expect(try signed(twilio, query: "", ["MessageStatus": word, "MessageSid": "SM1"])[0].reference == "SM1")
    }

    @Test(
        "which codes are the address's fault",
        arguments: [("30003", nil), ("30004", nil), ("30005", Blame.address), ("30006", .address), ("30007", nil), ("21610", .optOut)])
    func blames(code: String, blame: Blame?) throws {
        let twilio = try twilio(at: "https://disp.example.com/cb")
        #expect(try signed(twilio, ["MessageStatus": "undelivered", "ErrorCode": code, "MessageSid": "SM1"])[0].blame == blame)
        // Said of one that was delivered it says nothing.
        #expect(try signed(twilio, ["MessageStatus": "delivered", "ErrorCode": code, "MessageSid": "SM1"])[0].blame == nil)
    }

    @Test("an API key's secret signs nothing: without the account's token there are no receipts")
    func apiKey() throws {
        let key: [String: AccountSettings.Value.Kind?] = ["api_key_sid": .text("SK01")]
        let deaf = try Sample.make(Twilio.self, changing: key, receipts: Sample.receipts)
        #expect(deaf.receipts == nil)
        #expect(try deaf.call(for: Sample.message(.sms), key: Sample.key).http?.bodyText.contains("StatusCallback") == false)
        #expect(throws: ReceiptRefusal.forged) { try read(deaf, "x", form: "MessageStatus=sent") }
        let token = key.merging(["receipt_token_file": .secret(Sensitive("12345"))]) { $1 }
        let hearing = try Sample.make(Twilio.self, changing: token, receipts: "https://disp.example.com/cb")
        let heard = try signed(hearing, ["MessageStatus": "sent", "MessageSid": "SM1"])
        #expect(hearing.receipts == .reference && heard.count == 1)
    }

    @Test("calls carry an address for receipts only where there is one", arguments: providers)
    func onlyWhereThereIsOne(_ provider: any Provider.Type) throws {
        let one = try Sample.make(provider)
        #expect(one.receipts == nil)
        let call = try one.call(for: Sample.message(provider.channel), key: Sample.key)
        #expect(!String(decoding: call.storedBytes, as: UTF8.self).contains("receipts"))
        #expect(throws: ReceiptRefusal.forged) { try one.receipts(in: ReceiptRequest(method: "POST", secret: Self.secret)) }
    }

    // MARK: Kannel

    private static let secret = "a-secret-of-receipts-1"

    private func kannel(_ secrets: String = secret) throws -> any Provider {
        try Sample.make(Kannel.self, changing: ["receipt_secret_file": .secret(Sensitive(secrets))], receipts: Sample.receipts)
    }

    /// The path and query of the address that a call carries.
    private func address(_ provider: any Provider, attempt: String) throws -> (secret: String, query: String) {
        var message = Sample.message(.sms)
        message.attempt = attempt
        let call = try #require(try provider.call(for: message, key: Sample.key).http)
        let whole = String(decoding: Array(call.url.utf8) + call.body, as: UTF8.self).replacing("%3A", with: ":").replacing(
            "%2F", with: "/")
        let rest = try #require(whole.split(separator: Sample.receipts + "/").last).prefix { $0 != "\"" && $0 != "&" }
        let parts = rest.replacing("%3F", with: "?").replacing("%3D", with: "=").replacing("%26", with: "&").split(separator: "?")
        return (String(parts[0]), String(parts[1].prefix { $0 != "&" }))
    }

    @Test(
        "Kannel's types",
        arguments: [
            ("1", "", ReceiptStatus.delivered, "type-1"), ("2", "", .undelivered, "type-2"), ("4", "", .sent, "type-4"),
            ("8", "ACK%2F", .sent, "type-8 ACK"), ("16", "NACK%2F11%2FInvalid+Destination", .undelivered, "type-16 NACK 11"),
            ("32", "", .unknown, "type-32"),
        ])
    func types(type: String, answer: String, status: ReceiptStatus, code: String) throws {
        let request = ReceiptRequest(method: "GET", secret: Self.secret, query: "n=att_1&type=\(type)&answer=\(answer)")
        let receipt = try kannel().receipts(in: request)
        #expect(receipt == [Receipt(reference: "att_1", status: status, code: code.split(separator: " ").map(String.init))])
    }

    @Test("who knows the address of one message can speak of no other")
    func oneMessage() throws {
        let kannel = try kannel()
        let (secret, query) = try address(kannel, attempt: "att_1")
        #expect(query == "n=att_1" && secret != Self.secret)
        #expect(try kannel.receipts(in: ReceiptRequest(method: "GET", secret: secret, query: query + "&type=1"))[0].reference == "att_1")
        for (secret, query) in [
            (secret, "n=att_2"), (secret, ""), ("", query), (Self.secret.uppercased(), query), (Self.secret + "x", query),
            (String(Self.secret.dropLast()), query), (secret + secret, query),
        ] {
            #expect(throws: ReceiptRefusal.forged) {
                try kannel.receipts(in: ReceiptRequest(method: "GET", secret: secret, query: query + "&type=1"))
            }
        }
        // It is Kannel's and says nothing.
        for query in ["n=att_1", "type=1", "n=&type=1"] {
            #expect(throws: ReceiptRefusal.unreadable("no n, or no type")) {
                try kannel.receipts(in: ReceiptRequest(method: "GET", secret: Self.secret, query: query))
            }
        }
    }

    @Test("a secret is changed with both in the file, the new one first")
    func rotation() throws {
        let (old, new) = ("the-old-secret-of-receipts", "the-new-secret-of-receipts")
        let before = try address(kannel(old), attempt: "att_1")
        let both = try kannel("\(new)\n\(old)\n"), after = try kannel(new)
        let request = ReceiptRequest(method: "GET", secret: before.secret, query: before.query + "&type=1")
        #expect(try both.receipts(in: request).count == 1)
        #expect(throws: ReceiptRefusal.forged) { try after.receipts(in: request) }
        #expect(try address(both, attempt: "att_1") == address(after, attempt: "att_1"))
        for bad in ["short", "nineteen-characters\n\(new)", "a secret with spaces in it", "a/secret/of/receipts/1"] {
            #expect(throws: Problems.self) { try kannel(bad) }
        }
    }

    // MARK: A described gateway

    private static let described: [String: AccountSettings.Value.Kind?] = [
        "receipt_secret_file": .secret(Sensitive(secret)), "receipt_status_path": .text("report.state"),
        "receipt_statuses": .map([("DELIVRD", "delivered"), ("UNDELIV", "undelivered"), ("ACCEPTD", "sent"), ("SEEN", "read")]),
        "receipt_reference_path": .text("ref"), "receipt_id_path": .text("id"), "receipt_code_path": .text("report.err"),
    ]

    private func gateway(_ changing: [String: AccountSettings.Value.Kind?] = [:]) throws -> any Provider {
        try Sample.make(HTTPGateway.self, changing: Self.described.merging(changing) { $1 }, receipts: Sample.receipts)
    }

    private func post(_ provider: any Provider, _ json: String, query: String = "") throws(ReceiptRefusal) -> [Receipt] {
        try provider.receipts(
            in: ReceiptRequest(
                method: "POST", secret: Self.secret, query: query, headers: [("content-type", "application/json; charset=utf-8")],
                body: Array(json.utf8)))
    }

    @Test("one, or a list of them, in JSON")
    func json() throws {
        let gateway = try gateway()
        #expect(gateway.receipts == .reference)
        let one = #"{"ref":"att_1","id":"m-1","report":{"state":"UNDELIV","err":"E1"}}"#
        let expected = Receipt(reference: "att_1", status: .undelivered, code: ["UNDELIV", "E1"], messageID: "m-1", blame: .address)
        #expect(try post(gateway, one) == [expected])
        let other = #"{"ref":"att_2","report":{"state":"MYSTERY","err":0}}"#
        let both = try post(gateway, "[\(one),\(other)]")
        #expect(both == [expected, Receipt(reference: "att_2", status: .unknown, code: ["MYSTERY", "0"])])
        for bad in ["", "{", #"{"ref":"att_1"}"#, #"{"report":{"state":"DELIVRD"},"id":"m-1"}"#, "[\(one),{}]"] {
            #expect(throws: ReceiptRefusal.self) { try post(gateway, bad) }
        }
        #expect(throws: ReceiptRefusal.unreadable("too many in one request")) {
            try post(gateway, "[" + Array(repeating: one, count: 1001).joined(separator: ",") + "]")
        }
    }

    @Test("in a form, or in the query")
    func forms() throws {
        let flat = try gateway(["receipt_status_path": .text("stat"), "receipt_code_path": .text("err")])
        let expected = [Receipt(reference: "att_1", status: .delivered, code: ["DELIVRD", "000"])]
        let form = ReceiptRequest(
            method: "POST", secret: Self.secret, headers: [("content-type", "application/x-www-form-urlencoded")],
            body: Array("ref=att_1&stat=DELIVRD&err=000".utf8))
        #expect(try flat.receipts(in: form) == expected)
        #expect(
            try flat.receipts(in: ReceiptRequest(method: "GET", secret: Self.secret, query: "ref=att_1&stat=DELIVRD&err=000")) == expected)
        #expect(throws: ReceiptRefusal.forged) { try flat.receipts(in: ReceiptRequest(method: "GET", query: "ref=att_1&stat=DELIVRD")) }
    }

    @Test("the address in the call names the message")
    func inTheCall() throws {
        let fields: AccountSettings.Value.Kind = .map([("to", "{to}"), ("text", "{text}"), ("cb", "{receipt_url}")])
        let gateway = try gateway(["fields": fields, "receipt_reference_path": nil])
        #expect(gateway.receipts == .reference)
        let (secret, query) = try address(gateway, attempt: "att_1")
        let request = ReceiptRequest(
            method: "POST", secret: secret, query: query, headers: [("content-type", "application/json")],
            body: Array(#"{"report":{"state":"SEEN"}}"#.utf8))
        #expect(try gateway.receipts(in: request) == [Receipt(reference: "att_1", status: .read, code: ["SEEN"])])
        // Nowhere to send them: the field is left out.
        let deaf = try Sample.make(HTTPGateway.self, changing: ["fields": fields])
        #expect(try deaf.call(for: Sample.message(.sms), key: Sample.key).http?.bodyText.contains("cb") == false)
        // One that ignores repeats compares bytes: the name is the delivery's.
        let keyed = try self.gateway(["fields": fields, "idempotency_header": .text("Idempotency-Key")])
        #expect(try address(keyed, attempt: "att_1").query == "n=dlv_01J9ZK3M5N7P9Q")
    }

    @Test("by the gateway's own id where it knows no other")
    func byID() throws {
        let gateway = try gateway(["receipt_reference_path": nil])
        #expect(gateway.receipts == .messageID)
        #expect(try post(gateway, #"{"id":"m-1","report":{"state":"ACCEPTD"}}"#)[0].reference == "m-1")
    }

    @Test(
        "what does not fit together",
        arguments: [
            ["receipt_status_path": nil], ["receipt_statuses": nil], ["receipt_statuses": .map([("X", "arrived")])],
            ["receipt_reference_path": nil, "receipt_id_path": nil], ["receipt_secret_file": .secret(Sensitive("short"))],
        ] as [[String: AccountSettings.Value.Kind?]])
    func mistakes(changing: [String: AccountSettings.Value.Kind?]) { #expect(throws: Problems.self) { try gateway(changing) } }

    // MARK: All

    @Test("damaged requests are refused or read, without a trap")
    func fuzz() throws {
        let seeds: [(any Provider, ReceiptRequest)] = [
            (try kannel(), ReceiptRequest(method: "GET", secret: Self.secret, query: "n=att_1&type=16&answer=NACK%2F11%2Fx")),
            (
                try gateway(),
                ReceiptRequest(
                    method: "POST", secret: Self.secret, query: "n=%61", headers: [("content-type", "application/json")],
                    body: Array(#"[{"ref":"att_1","report":{"state":"UNDELIV","err":"E1"}}]"#.utf8))
            ),
            (
                try twilio(at: "https://disp.example.com/cb/twilio"),
                ReceiptRequest(
                    method: "POST", query: "n=01J9ZK", headers: Self.form + [("x-twilio-signature", "I5gBc3hb29BPk4ZEt+l7IXxRvUI=")],
                    body: Array("MessageStatus=undelivered&ErrorCode=30003".utf8))
            ),
        ]
        for seed in UInt64(1)...300 {
            var dice = Dice(state: seed &* 0x9E37_79B9_7F4A_7C15)
            func damaged(_ bytes: [UInt8]) -> [UInt8] {
                var bytes = bytes
                for _ in 0..<Int.random(in: 0...3, using: &dice) where !bytes.isEmpty {
                    let at = Int.random(in: 0..<bytes.count, using: &dice)
                    if Bool.random(using: &dice) { bytes[at] = UInt8.random(in: 0...255, using: &dice) } else { bytes.remove(at: at) }
                }
                return bytes
            }
            for (provider, request) in seeds {
                var request = request
                request.query = String(decoding: damaged(Array(request.query.utf8)), as: UTF8.self)
                request.body = damaged(request.body)
                do throws(ReceiptRefusal) {
                    for receipt in try provider.receipts(in: request) {
                        #expect(
                            !receipt.reference.isEmpty && receipt.reference.utf8.count <= 256 && receipt.code.utf8.count <= 64, "\(seed)")
                    }
                } catch {
                    continue
                }
            }
        }
    }
}
