import Core
import Crypto
import Foundation
import Pipeline
@testable import Server
import Store
import TestKit
import Testing

/// `/v1/inbox`: one customer's items, and nobody else's.
@Suite(.timeLimit(.minutes(2)))
struct InboxTests {
    @Test func theListTheCountsAndTheItem() async throws {
        try await Bench.run { bench in
            var ids: [String] = []
            for n in 1...5 { ids.append(try await bench.put("Title \(n)", for: "C-1")) }
            try await bench.put("Other", for: "C-2")
            let key = try await bench.token(of: "C-1")
            let all = try await bench.ask("GET", "/v1/inbox/messages", key: key).json
            #expect(all["messages"]?.array?.compactMap { $0["id"]?.string } == Array(ids.reversed()))
            #expect(all["unseen"]?.integer == 5)
            #expect(all["unread"]?.integer == 5)
            #expect(all["cursor"]?.isNull == true)
            let first = try await bench.ask("GET", "/v1/inbox/messages?limit=2", key: key).json
            #expect(first["cursor"]?.string == ids[3])
            let second = try await bench.ask("GET", "/v1/inbox/messages?limit=2&cursor=\(ids[3])", key: key).json
            #expect(second["messages"]?.array?.compactMap { $0["id"]?.string } == [ids[2], ids[1]])
            let item = try await bench.ask("GET", "/v1/inbox/messages/\(ids[0])", key: key).json
            #expect(item["title"]?.string == "Title 1")
            #expect(item["seen_at"]?.isNull == true)
            #expect(item["order"]?.string == "WD1")
            #expect(try await bench.ask("GET", "/v1/inbox/counts", key: key).text == #"{"unseen":5,"unread":5}"#)
        }
    }

    @Test(arguments: ["state=new", "limit=0", "limit=101", "limit=x", "cursor=itm_none", "page=2"])
    func aListThatCannotBeAskedForNamesTheParameter(_ query: String) async throws {
        try await Bench.run { bench in
            let reply = try await bench.ask("GET", "/v1/inbox/messages?\(query)", key: try await bench.token(of: "C-1"))
            #expect(reply.status == 400)
            #expect(try reply.json.fields == [String(query.prefix { $0 != "=" })])
        }
    }

    @Test func seenAndReadCountOnce() async throws {
        try await Bench.run { bench in
            let id = try await bench.put("One", for: "C-1")
            let key = try await bench.token(of: "C-1")
            for _ in 1...2 { #expect(try await bench.ask("POST", "/v1/inbox/messages/\(id)/seen", key: key).status == 204) }
            #expect(try await bench.ask("GET", "/v1/inbox/counts", key: key).text == #"{"unseen":0,"unread":1}"#)
            let seen = bench.clock.now()
            bench.clock.advance(to: seen + .minutes(1))
            for _ in 1...2 { #expect(try await bench.ask("POST", "/v1/inbox/messages/\(id)/read", key: key).status == 204) }
            bench.clock.advance(to: seen + .minutes(2))
            #expect(try await bench.ask("POST", "/v1/inbox/messages/\(id)/seen", key: key).status == 204)
            let item = try await bench.ask("GET", "/v1/inbox/messages/\(id)", key: key).json
            #expect(item["seen_at"]?.string == seen.description)
            #expect(item["read_at"]?.string == (seen + .minutes(1)).description)
            // Where a tap leads: below the platform's own address, the first of the kind's links.
            let link = try #require(item["link"]?.string)
            #expect(link.hasPrefix("https://pay.example/w/") && link.hasSuffix("?order=" + (item["order"]?.string ?? "-")))
            #expect(try await bench.ask("GET", "/v1/inbox/messages?state=unread", key: key).json["messages"]?.array?.count == 0)
            let acts = try await bench.store.read { try $0.log(after: 0, limit: 100) }.map(\.entry.act)
            #expect(acts.filter { $0 == .seen || $0 == .read } == [.seen, .read])
        }
    }

    @Test func anOpenedPushIsSeenOnce() async throws {
        try await Bench.run { bench in
            let push = try await bench.push(to: "C-1")
            let key = try await bench.token(of: "C-1")
            for _ in 1...2 {
                let reply = try await bench.ask("POST", "/v1/inbox/pushes/\(push)/opened", key: key)
                #expect(reply.status == 204 && reply.headers["cache-control"] == "no-store")
            }
            let rows = try await bench.store.read { try $0.log(after: 0, limit: 100) }.map(\.entry).filter { $0.act == .receipt }
            #expect(rows.count == 1 && rows[0].body["code"] == "opened" && rows[0].body["state"] == "delivered")
            let other = try await bench.token(of: "C-2")
            let foreign = try await bench.ask("POST", "/v1/inbox/pushes/\(push)/opened", key: other)
            let none = try await bench.ask("POST", "/v1/inbox/pushes/dlv_0/opened", key: key)
            #expect(foreign.status == 404 && none.status == 404 && foreign.body == none.body)
        }
    }

    @Test func anothersItemIsTheSame404AsNone() async throws {
        try await Bench.run { bench in
            let id = try await bench.put("Not yours", for: "C-2")
            let key = try await bench.token(of: "C-1")
            for (method, end) in [("GET", ""), ("POST", "/seen"), ("POST", "/read")] {
                let foreign = try await bench.ask(method, "/v1/inbox/messages/\(id)\(end)", key: key)
                let none = try await bench.ask(method, "/v1/inbox/messages/itm_00000000000000000000000000\(end)", key: key)
                #expect(foreign.status == 404 && none.status == 404)
                #expect(foreign.body == none.body)
                #expect(foreign.headers.keys.sorted() == none.headers.keys.sorted())
            }
            #expect(try await bench.ask("GET", "/v1/inbox/messages?cursor=\(id)", key: key).status == 400)
            #expect(try await bench.ask("GET", "/v1/inbox/counts", key: key).json["unread"]?.integer == 0)
            #expect(try await bench.store.read { try $0.inboxItem(publicID: id, customer: "C-2") }?.seenAt == nil)
        }
    }

    @Test func theNameOfAComplianceMatterStaysInside() async throws {
        try await Bench.run { bench in
            let id = try await bench.put("Your payout", for: "C-1", kind: .complianceRestricted)
            let key = try await bench.token(of: "C-1")
            for path in ["/v1/inbox/messages", "/v1/inbox/messages/\(id)"] {
                let text = try await bench.ask("GET", path, key: key).text
                #expect(!text.contains("compliance") && !text.contains("restrict") && text.contains("risk_hold"))
            }
        }
    }

    // MARK: Tokens

    @Test func aTokenIsIssuedAndRunsOut() async throws {
        try await Bench.run { bench in
            let reply = try await bench.ask("POST", "/v1/inbox/tokens", json: ["customer": "C-1"])
            #expect(reply.status == 201)
            #expect(reply.headers["cache-control"] == "no-store")
            #expect(try reply.json["expires"]?.string == (Bench.noon + .minutes(15)).description)
            let token = try #require(try reply.json["token"]?.string)
            bench.clock.advance(to: Bench.noon + .minutes(14) + .seconds(59))
            #expect(try await bench.ask("GET", "/v1/inbox/counts", key: token).status == 200)
            bench.clock.advance(to: Bench.noon + .minutes(15))
            #expect(try await bench.ask("GET", "/v1/inbox/counts", key: token).status == 401)
        }
    }

    @Test(arguments: [[:], ["customer": 7], ["customer": "a b"], ["customer": ""]] as [JSON])
    func aTokenIsForACustomer(_ body: JSON) async throws {
        try await Bench.run { bench in
            let reply = try await bench.ask("POST", "/v1/inbox/tokens", json: body)
            #expect(reply.status == 422)
            #expect(try reply.json.fields == ["customer"])
        }
    }

    @Test func forgedTokensOpenNothing() async throws {
        try await Bench.run { bench in
            let expires = Int64(bench.clock.now().seconds) + 600
            let good: JSON = ["sub": "C-1", "aud": ["clarion-inbox"], "exp": .integer(expires)]
            let key = Bench.inboxKey
            let head: JSON = ["alg": "HS256", "typ": "JWT"]
            let made = Forged.token(head, good, key)
            #expect(try await bench.ask("GET", "/v1/inbox/counts", key: made).status == 200)
            let forged = [
                Forged.token(["alg": "none"], good, nil), Forged.token(["alg": "None", "typ": "JWT"], good, nil),
                Forged.token(head, good, nil),
                Forged.token(head, good, [UInt8](repeating: 6, count: 32)), Forged.token(head, good.setting("aud", to: ["other"]), key),
                Forged.token(head, good.setting("exp", to: .integer(expires - 601)), key),
                Forged.token(head, good.setting("sub", to: "a b"), key),
                Forged.token(head, ["sub": "C-1", "aud": "clarion-inbox"], key), "a.b.c", "..",
                String(repeating: "a", count: 4000),
            ]
            for token in forged {
                let reply = try await bench.ask("GET", "/v1/inbox/counts", key: token)
                #expect(reply.status == 401, "\(token)")
            }
        }
    }

    @Test func aTokenInTheAddressOpensTheStreamOnly() async throws {
        try await Bench.run { bench in
            let token = try await bench.token(of: "C-1")
            #expect(try await bench.ask("GET", "/v1/inbox/counts?token=\(token)").status == 401)
            #expect(try await bench.ask("GET", "/v1/inbox/messages?token=\(token)").status == 401)
            let wire = try bench.connect()
            try wire.send("GET /v1/inbox/stream?token=\(token) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try await wire.read(to: "event: counts").contains("200 OK"))
        }
    }
}

/// Tokens made by hand, with a head and a signature of the test's choice.
enum Forged {
    static func token(_ head: JSON, _ claims: JSON, _ key: [UInt8]?) -> String {
        let signed = Base64.encodeURL(head.bytes) + "." + Base64.encodeURL(claims.bytes)
        let code = key.map { Array(HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: SymmetricKey(data: $0))) } ?? []
        return signed + "." + Base64.encodeURL(code)
    }
}
