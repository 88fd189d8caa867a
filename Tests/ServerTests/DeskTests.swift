import Core
import Pipeline
import Store
import TestKit
import Server
import Testing

/// Customers' records, dead letters and reviews.
@Suite(.timeLimit(.minutes(2)))
struct DeskTests {
    static let record: JSON = [
        "locale": "zh-Hans", "time_zone": "Asia/Shanghai", "private_preview": true, "off": ["push"],
        "contacts": [
            "sms": ["address": "+8613800004417"], "mail": ["address": "lee@mail.example", "standing": "unverified"],
            "push": ["standing": "dead"],
        ],
    ]

    @Test func aRecordIsSetAndShownMasked() async throws {
        try await Bench.run { bench in
            let put = try await bench.ask("PUT", "/v1/customers/C%2F1", json: Self.record)
            #expect(put.status == 200)
            let get = try await bench.ask("GET", "/v1/customers/C%2F1")
            #expect(get.body == put.body)
            #expect(try get.json["id"] == "C/1")
            #expect(try get.json["contacts"]?["mail"]?["standing"] == "unverified")
            #expect(try get.json["contacts"]?["push"]?.text == #"{"address":null,"standing":"dead"}"#)
            for secret in ["13800004417", "lee@", "8000044", "4417"] { #expect(!get.text.contains(secret)) }
            #expect(try get.json["contacts"]?["sms"]?["address"] == "+86****17")
            let stored = try #require(try await bench.store.read { try $0.customer("C/1") })
            #expect(stored.optedOut == [.push] && stored.privatePreview == true && stored.locale == "zh-Hans")
            #expect(stored.contacts[.sms]?.standing == .verified)
            let log = try await bench.store.read { try $0.log(after: 0, limit: 10) }.filter { $0.entry.act == .operator }
            #expect(log.count == 1 && log[0].entry.body["who"] == "api")
            // The whole record is replaced.
            #expect(try await bench.ask("PUT", "/v1/customers/C%2F1", json: [:]).json["contacts"]?.object?.isEmpty == true)
        }
    }

    @Test(arguments: [
        (#"[1]"#, ""), (#"{"local":"en"}"#, "local"), (#"{"locale":7}"#, "locale"), (#"{"locale":"zh Hans"}"#, "locale"),
        (#"{"time_zone":"Mars/Base"}"#, "time_zone"), (#"{"private_preview":"yes"}"#, "private_preview"), (#"{"off":"push"}"#, "off"),
        (#"{"off":["push","fax"]}"#, "off.1"), (#"{"off":["in_app"]}"#, "off.0"), (#"{"contacts":[]}"#, "contacts"),
        (#"{"contacts":{"fax":{}}}"#, "contacts.fax"), (#"{"contacts":{"sms":"+8613800004417"}}"#, "contacts.sms"),
        (#"{"contacts":{"sms":{"address":"13800004417"}}}"#, "contacts.sms.address"),
        (#"{"contacts":{"sms":{"address":7}}}"#, "contacts.sms.address"),
        (#"{"contacts":{"mail":{"address":"a@b\r\nBcc: c@d"}}}"#, "contacts.mail.address"),
        (#"{"contacts":{"sms":{"standing":"good"}}}"#, "contacts.sms.standing"),
        (#"{"contacts":{"sms":{"standing":1}}}"#, "contacts.sms.standing"),
        (#"{"contacts":{"sms":{"phone":"1"}}}"#, "contacts.sms.phone"),
    ])
    func aBadRecordNamesItsField(_ body: String, _ field: String) async throws {
        try await Bench.run { bench in
            let reply = try await bench.ask("PUT", "/v1/customers/C-1", type: "application/json", Array(body.utf8))
            #expect(reply.status == 422)
            #expect(try reply.json.fields == [field])
            #expect(!reply.text.contains("13800004417"))
            #expect(try await bench.ask("GET", "/v1/customers/C-1").status == 404)
        }
    }

    @Test func aBadIdOrNoJSONIsRefused() async throws {
        try await Bench.run { bench in
            #expect(try await bench.ask("PUT", "/v1/customers/a%20b", json: [:]).json.fields == ["id"])
            #expect(try await bench.ask("PUT", "/v1/customers/C-1", type: "text/plain", Array("{}".utf8)).status == 415)
            #expect(try await bench.ask("PUT", "/v1/customers/C-1", type: "application/json", Array("{".utf8)).status == 422)
            let twice = try await bench.ask("PUT", "/v1/customers/C-1", type: "application/json", Array(#"{"off":[],"off":["sms"]}"#.utf8))
            #expect(try twice.json.fields == ["off"])
        }
    }

    // MARK: Dead letters and reviews

    @Test func aDeadLetterIsRetriedForAReason() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            let key = AccessTests.key(of: .operator)
            let id = try await bench.store.write { writer in
                try writer.insert(
                    DeadLetter(
                        stage: .intake, reason: "event", detail: "not JSON", source: "cli", size: 3,
                        digest: [UInt8](repeating: 1, count: 32), at: Bench.noon))
            }
            for body in [[:], ["reason": ""], ["reason": 7]] as [JSON] {
                let reply = try await bench.ask("POST", "/v1/dead/\(id)/retry", key: key, json: body)
                #expect(reply.status == 422)
                #expect(try reply.json.fields == ["reason"])
            }
            let refused = try await bench.ask("POST", "/v1/dead/\(id)/retry", key: key, json: ["reason": "again"])
            #expect(refused.status == 409)
            #expect(try refused.json["detail"]?.string?.contains("not kept") == true)
            for none in ["99", "x", "-1", "9999999999999999999999"] {
                #expect(try await bench.ask("POST", "/v1/dead/\(none)/retry", key: key, json: ["reason": "again"]).status == 404)
            }
        }
    }

    @Test func aReviewIsClosedOnceByARole() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            let key = AccessTests.key(of: .operator)
            let id = try await bench.store.write { writer in
                try writer.insert(ReviewItem(cause: .unmappedCode, order: nil, kind: nil, detail: "R9", openedAt: Bench.noon))
            }
            let body: JSON = ["reason": "looked at card 4242 4242 4242 4242", "who": "lee"]
            let done = try await bench.ask("POST", "/v1/reviews/\(id)/close", key: key, json: body)
            #expect(done.status == 200)
            #expect(try done.json["done"]?.string == "review \(id) is closed")
            #expect(try await bench.ask("POST", "/v1/reviews/\(id)/close", key: key, json: body).status == 409)
            #expect(try await bench.ask("POST", "/v1/reviews/99/close", key: key, json: body).status == 404)
            let (note, log) = try await bench.store.read { (try $0.review(id)?.note, try $0.log(after: 0, limit: 10).last) }
            #expect(note?.contains("4242 4242 4242") == false)
            #expect(log?.entry.body["who"] == "api operator: lee")
            #expect(log?.entry.body.text.contains("4242 4242 4242") == false)
        }
    }
}
