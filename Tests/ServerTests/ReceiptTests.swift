import App
import Config
import Core
import Crypto
@testable import Pipeline
import Providers
import Server
import Store
import TestKit
import Testing

/// Receipts over real HTTP: the answer says that it is on disk, and nothing else.
@Suite(.timeLimit(.minutes(2)))
struct ReceiptTests {
    private static let path = "/v1/receipts/sms-main"
    private static let form = "application/x-www-form-urlencoded"

    /// Twilio's signature over the public URL, with the account's token.
    private func signature(_ bench: Bench, query: String, _ form: KeyValuePairs<String, String>) throws -> String {
        let account = try #require(bench.settings.accounts.first { $0.name == "sms-main" })
        let token = try #require(account.settings.secret("auth_token_file")).reveal(for: .signing)
        let text = "https://notices.pay.example\(Self.path)?\(query)" + form.sorted { $0.key < $1.key }.map { $0.key + $0.value }.joined()
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: Array(token.utf8)))
        return Base64.encode(Array(code))
    }

    private func post(
        _ bench: Bench, query: String, _ form: KeyValuePairs<String, String>, signature: String? = nil, headers: [String] = []
    ) async throws -> Wire.Reply {
        let given = try signature ?? self.signature(bench, query: query, form)
        let body = form.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        return try await bench.ask(
            "POST", "\(Self.path)?\(query)", type: Self.form, headers: ["X-Twilio-Signature: \(given)"] + headers, Array(body.utf8))
    }

    @Test func whatIsSignedIsOnDiskWhenItIsAnswered() async throws {
        // Keys are asked for elsewhere: the provider has none.
        try await Bench.run(.keys(Bench.keys)) { bench in
            let reply = try await post(bench, query: "n=att_x%2F1", ["MessageStatus": "delivered", "MessageSid": "SM1"])
            #expect(reply.status == 204 && reply.body.isEmpty)
            let kept = try await bench.store.read { try $0.unmatchedReceipts(account: "sms-main", reference: "att_x/1") }
            #expect(kept.map(\.status) == [.delivered] && kept.map(\.messageID) == ["SM1"])
            #expect(try await post(bench, query: "n=att_x%2F1", ["MessageStatus": "delivered", "MessageSid": "SM1"]).status == 204)
            #expect(bench.runtime.engine.receipts.tally.counts == ReceiptTally.Counts(repeated: 1, unmatched: 1))
        }
    }

    @Test(
        arguments: [
            ("127.0.0.0/8", false, [], 204), ("203.0.113.0/24", false, [], 403),
            // What anybody may write counts for nothing without a proxy, and with one only what it added.
            ("203.0.113.0/24", false, ["X-Forwarded-For: 203.0.113.9"], 403),
            ("203.0.113.0/24", true, ["X-Forwarded-For: 203.0.113.9"], 204),
            ("203.0.113.0/24", true, ["X-Forwarded-For: 198.51.100.1, 203.0.113.9"], 204),
            ("203.0.113.0/24", true, ["X-Forwarded-For: 203.0.113.9, 198.51.100.1"], 403),
            ("203.0.113.0/24", true, ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 198.51.100.1"], 403),
            ("203.0.113.0/24", true, ["X-Forwarded-For: unknown"], 403), ("127.0.0.0/8", true, [], 403),
        ] as [(String, Bool, [String], Int)])
    func receiptsComeFromTheListedNetworks(network: String, isBehindProxy: Bool, headers: [String], status: Int) async throws {
        let networks = [try #require(Network(network))]
        try await Bench.run(isBehindProxy: isBehindProxy, receiptsFrom: networks) { bench in
            let reply = try await post(bench, query: "n=att_1", ["MessageStatus": "delivered", "MessageSid": "SM1"], headers: headers)
            #expect(reply.status == status)
            #expect(bench.runtime.engine.receipts.tally.counts.forged == (status == 403 ? 1 : 0))
        }
    }

    @Test func whatIsNotBelievedIsRefusedAndCounted() async throws {
        try await Bench.run { bench in
            let fields: KeyValuePairs = ["MessageStatus": "delivered", "MessageSid": "SM1"]
            let good = try signature(bench, query: "n=att_1", fields)
            for (query, signature) in [("n=att_1", "x"), ("n=att_2", good), ("n=att_1&", good)] {
                let reply = try await post(bench, query: query, fields, signature: signature)
                #expect(reply.status == 403)
                #expect(try reply.json.problem == "forged")
                #expect(!reply.text.contains("att_") && !reply.text.contains("SM1"))
            }
            let other: KeyValuePairs = ["MessageStatus": "undelivered", "MessageSid": "SM1"]
            #expect(try await post(bench, query: "n=att_1", other, signature: good).status == 403)
            #expect(try await bench.ask("POST", Self.path, type: Self.form, Array("MessageStatus=sent".utf8)).status == 403)
            #expect(try await bench.ask("GET", Self.path + "?n=att_1&MessageStatus=sent").status == 403)
            #expect(try await bench.store.read { try $0.receiptCounts() }.isEmpty)
            #expect(bench.runtime.engine.receipts.tally.counts == ReceiptTally.Counts(forged: 6))
        }
    }

    @Test(arguments: ["nobody", "mail-main", "push-ios", "%2E%2E", "SMS-MAIN"])
    func whatIsNoAccountIsNotThere(_ name: String) async throws {
        try await Bench.run { bench in
            for path in ["/v1/receipts/\(name)", "/v1/receipts/\(name)/secret"] {
                let reply = try await bench.ask("POST", path, type: Self.form, Array("MessageStatus=sent".utf8))
                #expect(reply.status == 404)
                #expect(try reply.json.problem == "not-found")
            }
        }
    }

    @Test func whatCannotBeReadIsNamed() async throws {
        try await Bench.run { bench in
            #expect(try await post(bench, query: "n=att_1", ["SmsStatus": "x"]).status == 422)
            #expect(bench.runtime.engine.receipts.tally.counts.unreadable == 1)
            let large = [UInt8](repeating: 0x61, count: ReceiptRequest.sizeLimit + 1)
            #expect(try await bench.ask("POST", Self.path, type: Self.form, large).status == 413)
            let packed = try await bench.ask("POST", Self.path, type: Self.form, headers: ["Content-Encoding: gzip"], [1, 2])
            #expect(packed.status == 415)
            #expect(try await bench.ask("PUT", Self.path, type: Self.form, []).status == 405)
            // HEAD must do nothing.
            #expect(try await bench.ask("HEAD", Self.path + "?n=att_1&MessageStatus=sent").status == 404)
            #expect(bench.runtime.engine.receipts.tally.counts == ReceiptTally.Counts(unreadable: 1))
        }
    }

    @Test func aStoreThatIsGoneAnswersNoReceipt() async throws {
        try await Bench.run { bench in
            try await bench.runtime.close()
            let reply = try await post(bench, query: "n=att_1", ["MessageStatus": "delivered", "MessageSid": "SM1"])
            #expect(reply.status == 503 && reply.headers["retry-after"] != nil)
        }
    }
}
