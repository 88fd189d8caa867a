import Core
import Pipeline
import Store
import TestKit
import Testing

@testable import Server

/// What leaves unmasked over HTTP: for a key of the right role and a reason, for some minutes, and never unseen.
@Suite(.timeLimit(.minutes(2)))
struct RevealRouteTests {
    private static let phone = "+8613912345678"
    private static let admin = AccessTests.key(of: .admin)

    private func save(_ bench: Bench) async throws {
        let address = Sensitive(try #require(Address(channel: .sms, text: Self.phone)))
        try await bench.store.write {
            try $0.save(CustomerRecord(id: "CU1", locale: "en", contacts: [.sms: .init(address: address, standing: .verified)]))
        }
    }
    private func rows(_ bench: Bench) async throws -> [JSON] {
        try await bench.store.read { try $0.log(after: 0, limit: 1000).filter { $0.entry.act == .operator }.map(\.entry.body) }
    }

    @Test func aGrantShowsAddressesUntilItsTimeIsOverAndEachLookIsARow() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            try await save(bench)
            let asked: JSON = ["customer": "CU1", "minutes": 5, "reason": "INC-88", "who": "lee"]
            let granted = try await bench.ask("POST", "/v1/reveals", key: Self.admin, json: asked)
            let id = try #require(try granted.json["reveal"]?.string)
            #expect(granted.status == 201 && id.hasPrefix("rvl_"))
            #expect(try granted.json["until"]?.string == (Bench.noon + .minutes(5)).description)
            for _ in 1...2 {
                let shown = try await bench.ask("GET", "/v1/reveals/\(id)", key: Self.admin)
                #expect(try shown.status == 200 && shown.json["record"]?["contacts"]?["sms"]?["address"]?.string == Self.phone)
                #expect(shown.headers["cache-control"] == "no-store")
            }
            // Everything else goes on to be masked.
            let masked = try await bench.ask("GET", "/v1/customers/CU1", key: Self.admin)
            #expect(!String(decoding: masked.body, as: UTF8.self).contains(Self.phone))
            bench.clock.advance(to: Bench.noon + .minutes(5))
            let late = try await bench.ask("GET", "/v1/reveals/\(id)", key: Self.admin)
            #expect(try late.status == 410 && late.json.problem == "reveal-over")
            #expect(try await bench.ask("GET", "/v1/reveals/\(id)", key: Self.admin).status == 404)

            let rows = try await rows(bench)
            let words = rows.compactMap { $0["command"]?.string?.split(separator: " ").prefix(3).joined(separator: " ") }
            #expect(words == ["reveal grant customer", "reveal use customer", "reveal use customer"])
            #expect(rows[0]["reason"] == "INC-88" && rows[0]["who"] == "api admin: lee" && rows[0]["reveal"] == .string(id))
            #expect(rows[1]["reveal"] == .string(id) && rows[1]["reason"] == "granted to api admin: lee")
            let all = rows.map(\.text).joined()
            #expect(!all.contains("CU1") && !all.contains(Self.phone) && all.contains("cus_"))
            #expect(try await bench.store.read { try $0.verifyChain() } == nil)
        }
    }

    @Test func anOrderIsRevealedWithWhereEachMessageWent() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            let event = try Bench.detected().setting("data.customer.phone", to: .string(Self.phone))
            let taken = try await bench.ask(
                "POST", "/v1/events", key: AccessTests.key(of: .ingest), type: "application/cloudevents+json", json: event)
            #expect(taken.status == 202)
            try await bench.settle()
            bench.clock.advance(to: Bench.noon + .hours(48))
            try await bench.settle()
            let order = try #require(event["subject"]?.string)
            let granted = try await bench.ask("POST", "/v1/reveals", key: Self.admin, json: ["order": .string(order), "reason": "INC-88"])
            let id = try #require(try granted.json["reveal"]?.string)
            let shown = try await bench.ask("GET", "/v1/reveals/\(id)", key: Self.admin).json
            let rows = shown["deliveries"]?.array ?? []
            #expect(rows.contains { $0["channel"] == "sms" && $0["to"] == .string(Self.phone) }, "\(shown.text)")
            let log = try await bench.store.read { try $0.log(ofOrder: OrderNumber(order)!).filter { $0.entry.act == .operator } }
            #expect(log.count == 2, "both rows are found by the order")
        }
    }

    @Test func whatIsAskedForBadlyIsNotGrantedAndNotWrittenDown() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            try await save(bench)
            let bad: [(JSON, [String])] = [
                (["customer": "CU1"], ["reason"]), (["reason": "r"], [""]), (["customer": "CU1", "order": "WD1", "reason": "r"], [""]),
                (["customer": "CU1", "reason": "r", "minutes": 61], ["minutes"]),
                (["customer": "CU1", "reason": "r", "minutes": 0], ["minutes"]),
                (["customer": "CU1", "reason": "r", "minutes": "long"], ["minutes"]),
                (["customer": "CU1", "reason": "r", "who": 7], ["who"]),
            ]
            for (body, fields) in bad {
                let reply = try await bench.ask("POST", "/v1/reveals", key: Self.admin, json: body)
                #expect(try reply.status == 422 && reply.json.fields == fields, "\(body.text)")
            }
            for body: JSON in [["customer": "CU9", "reason": "r"], ["order": "WD404", "reason": "r"]] {
                #expect(try await bench.ask("POST", "/v1/reveals", key: Self.admin, json: body).status == 404)
            }
            #expect(try await bench.ask("GET", "/v1/reveals/rvl_0000000000000000", key: Self.admin).status == 404)
            #expect(try await rows(bench).isEmpty)
        }
    }

    /// Whoever is on the machine may call a listener without keys.
    @Test func withoutKeysNothingIsShownUnmasked() async throws {
        try await Bench.run { bench in
            try await save(bench)
            for (method, path) in [("POST", "/v1/reveals"), ("GET", "/v1/reveals/rvl_1"), ("POST", "/v1/customers/CU1/export")] {
                let reply =
                    method == "GET"
                    ? try await bench.ask(method, path) : try await bench.ask(method, path, json: ["customer": "CU1", "reason": "r"])
                #expect(try reply.status == 403 && reply.json.problem == "key-needed", "\(path)")
            }
            #expect(try await rows(bench).isEmpty)
        }
    }

    @Test func everythingHeldIsHandedOutForAReason() async throws {
        try await Bench.run(.keys(Bench.keys)) { bench in
            try await save(bench)
            let path = "/v1/customers/CU1/export"
            #expect(try await bench.ask("POST", path, key: Self.admin, json: [:]).json.fields == ["reason"])
            #expect(try await bench.ask("POST", "/v1/customers/CU9/export", key: Self.admin, json: ["reason": "r"]).status == 404)
            #expect(try await rows(bench).isEmpty)
            let reply = try await bench.ask("POST", path, key: Self.admin, json: ["reason": "case 4711"])
            #expect(try reply.status == 200 && reply.json["record"]?["contacts"]?["sms"]?["address"]?.string == Self.phone)
            #expect(try await rows(bench).map { $0["command"]?.string?.hasPrefix("customer export cus_") } == [true])
        }
    }

    /// What the command line asks of a running worker before it reads the store itself.
    @Test func theRowOfAnExportAloneHoldsNothing() async throws {
        try await Bench.run { bench in
            try await save(bench)
            let bad = try await bench.ask("POST", "/v1/disclosures", json: ["order": "WD1", "export": true, "reason": "r"])
            #expect(try bad.json.fields == ["export"])
            let done = try await bench.ask("POST", "/v1/disclosures", json: ["customer": "CU1", "export": true, "reason": "r"])
            #expect(try done.status == 200 && done.json["done"]?.string?.hasPrefix("customer export cus_") == true)
            let copied = try await bench.ask("POST", "/v1/backups", json: ["file": "b.db", "reason": "nightly", "who": "cron"])
            #expect(try copied.status == 200 && copied.json["done"] == "db backup b.db")
            #expect(try await bench.ask("POST", "/v1/backups", json: ["reason": "nightly"]).json.fields == ["file"])
            #expect(try await rows(bench).count == 2)
        }
    }
}
