@testable import Core
import Testing

@Suite("calls as they are stored")
struct CallTests {
    @Test(
        "RFC 4648 section 10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func vectors(_ text: String, _ encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zg==Zg==", "Zm9v\n", "Zm 9v", "Zm9-", "Zm9_", "Zg=a", "Zm9é", "Zg==\u{0}",
    ])
    func refuses(_ text: String) { #expect(Base64.decode(text) == nil) }

    @Test func urlAlphabet() {
        #expect(Base64.encode([0xFB, 0xFF, 0xFE]) == "+//+")
        #expect(Base64.encodeURL([0xFB, 0xFF, 0xFE]) == "-__-")
        #expect(Base64.encodeURL([0xFF]) == "_w" && Base64.encodeURL([0xFF, 0xFF]) == "__8")
    }

    @Test func randomBytesComeBack() {
        var rng = SplitMix64(seed: 41)
        for count in 0..<400 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &rng) }
            let text = Base64.encode(bytes)
            #expect(Base64.decode(text) == bytes)
            #expect(text.utf8.count == (count + 2) / 3 * 4)
            #expect(Base64.encodeURL(bytes).utf8.allSatisfy { $0 != 0x2B && $0 != 0x2F && $0 != 0x3D })
        }
        #expect(Base64.decode(Base64.encode((0...255).map { UInt8($0) })) == (0...255).map { UInt8($0) })
    }

    @Test func httpReadsBack() throws {
        let type = try #require(HeaderValue("application/json")), empty = try #require(HeaderValue(""))
        let call = HTTPCall(
            method: "PUT", url: "https://sms.example/v1?x=1", headers: [("Content-Type", type), ("X-Empty", empty)],
            body: Array("{\"你\":\"\u{0}\"}".utf8) + [0, 255], version: .http2)
        let plain = HTTPCall(method: "G\"T", url: "http://a/\u{7F}\\\n", headers: [], body: [])
        for call in [ProviderCall.http(call), .http(plain)] { #expect(ProviderCall(stored: call.storedBytes) == call) }
    }

    @Test func smtpReadsBackWithoutItsLogin() throws {
        let from = try #require(MailAddress("no-reply@pay.example")), to = try #require(MailAddress("a@example.com"))
        var call = SMTPCall(
            url: "smtp://mail.example:587", from: from, to: to,
            data: Array("Subject: x\r\n\r\n.\r\n".utf8), login: SMTPLogin(user: "user-1", password: Sensitive("pass-1")))
        let stored = ProviderCall.smtp(call).storedBytes
        let text = String(decoding: stored, as: UTF8.self)
        #expect(!text.contains("user-1") && !text.contains("pass-1"))
        call.login = nil
        #expect(ProviderCall(stored: stored) == .smtp(call))
    }

    @Test(arguments: [
        "", "{}\n", "null\n", #"{"http":"2","method":"POST","url":"u","headers":[]}"#,
        #"{"http":"3","method":"POST","url":"u","headers":[]}"# + "\n", #"{"http":"2","method":"POST","url":"u","headers":[["a"]]}"# + "\n",
        #"{"http":"2","method":"POST","url":"u","headers":[["a","b\r\nc"]]}"# + "\n", #"{"smtp":"u","from":"a","to":"b@c.de"}"# + "\n",
        #"{"smtp":"u","from":"a@b.cd","to":"b@c.de\r\nX"}"# + "\nDate: x",
    ])
    func refusesWhatIsNoCall(_ text: String) { #expect(ProviderCall(stored: Array(text.utf8)) == nil) }

    @Test func headersOfAReply() {
        let reply = ProviderReply(status: 200, headers: [("retry-after", "1"), ("x", "2")])
        #expect(reply.header("x") == "2" && reply.header("y") == nil)
        #expect(reply != ProviderReply(status: 200, headers: [("x", "2"), ("retry-after", "1")]))
    }
}

@Suite("what an attempt amounts to")
struct OutcomeTests {
    @Test("no answer: proof that nothing left, or not", arguments: TransferFailure.Cause.allCases)
    func failures(_ cause: TransferFailure.Cause) {
        #expect(Outcome(TransferFailure(cause: cause, mayHaveBeenSent: true, code: 28)).class == .ambiguous)
        let configuration: Set<TransferFailure.Cause> = [.certificate, .tlsMissing, .badURL, .refusedAddress]
        let outcome = Outcome(TransferFailure(cause: cause, mayHaveBeenSent: false, code: 7, detail: "secret https://user:pass@host"))
        #expect(outcome.class == (configuration.contains(cause) ? .authConfig : .notSent))
        #expect(outcome.detail?.description == "curl-7 \(cause.rawValue)")
    }

    @Test("every status without a line in a provider's table", arguments: 100...599)
    func statuses(_ status: Int) {
        let expected: Outcome.Class =
            switch status {
            case 401, 403, 407: .authConfig
            case 425, 429: .throttled
            case 408, 500, 502, 504: .ambiguous
            case 501, 503, 505...599: .transient
            case 400...499: .badRequest
            default: .ambiguous
            }
        let outcome = Outcome(unknownReply: status, code: "E-1", retryAfter: .seconds(7))
        #expect(outcome.class == expected)
        #expect(outcome.detail?.status == status && outcome.detail?.code == "E-1")
        switch outcome {
        case .transient(_, let wait), .throttled(_, let wait, _): #expect(wait == .seconds(7))
        default: break
        }
    }

    @Test func detailsAreSafe() {
        #expect(OutcomeDetail(status: 400, code: "bad\ncode", words: "x").code.isEmpty)
        #expect(OutcomeDetail(code: String(repeating: "1", count: 65)).description.isEmpty)
        #expect(OutcomeDetail(status: 550, code: "5.1.1", words: "no such user").description == "550 5.1.1 no such user")
        #expect(
            TransferFailure(cause: .timeout, mayHaveBeenSent: true, code: 28, detail: "after 10 s").description
                == "timeout (curl 28): after 10 s")
        #expect(Outcome.accepted(id: "x").detail == nil && Outcome.accepted(id: "x").class == .accepted)
        #expect(Set(Outcome.Class.allCases.map(\.rawValue)).count == 8)
    }
}
