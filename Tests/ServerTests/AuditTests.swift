import Core
import Pipeline
import Store
import TestKit
import Testing

/// What support asks of the log over HTTP, and what they find out.
@Suite(.timeLimit(.minutes(2)))
struct AuditTests {
    @Test("a restriction is found and counted as a review of risk, and by its own name not at all") func search() async throws {
        try await Bench.run { bench in
            _ = try await bench.put("Your payout", for: "C-1", kind: .complianceRestricted)
            _ = try await bench.put("Your payout", for: "C-2")
            let found = try await bench.ask("GET", "/v1/audit?q=kind:risk_hold&facets=true")
            #expect(found.status == 200 && !found.text.contains("compliance") && found.text.contains("risk_hold"))
            #expect(try found.json["deliveries"]?.array?.count == 1)
            let named = try await bench.ask("GET", "/v1/audit?q=kind:compliance_restricted")
            #expect(try named.status == 200 && named.json["deliveries"]?.array?.isEmpty == true)
            let first = try await bench.ask("GET", "/v1/audit?limit=1")
            #expect(try first.json["deliveries"]?.array?.count == 1)
        }
    }

    @Test("sums are told by what was asked for, and a restriction counts as a review of risk") func stats() async throws {
        try await Bench.run { bench in
            let now = bench.clock.now()
            try await bench.store.write { writer in
                for (n, kind) in [Kind.complianceRestricted, .riskHold, .bankDelay].enumerated() {
                    let (order, customer) = (OrderNumber("WD\(n)")!, "C-\(n)")
                    let episode = try writer.save(
                        Episode(
                            anomaly: "an-\(n)", order: order, customer: customer, kind: kind, priority: .high, status: .open, bank: "102",
                            rail: "cnaps", detectedAt: now, openedBy: 1))
                    let notice = Notice(
                        episode: episode, episodeVersion: 1, order: order, anomaly: "an-\(n)", audience: .customer, customer: customer,
                        kind: kind, stage: .opened, variant: nil, priority: .high, reason: .first, locale: .en, timeZone: "UTC",
                        privatePreview: false, templateRevision: "1", facts: Facts(), plannedAt: now, event: nil)
                    let delivery = Delivery(
                        episode: episode, order: order, customer: customer, channel: .inApp, priority: .high, state: .delivered,
                        reason: nil,
                        mode: .capture, address: Sensitive(.inbox), nextAt: nil, expires: now, plannedAt: now)
                    _ = try writer.insert(notice, deliveries: [delivery], inApp: ("Your payout", "is on its way"))
                }
            }
            let all = try await bench.ask("GET", "/v1/audit/stats")
            #expect(try all.status == 200 && all.json["deliveries"]?["in_app"]?.object?.isEmpty == false)
            let groups = try await bench.ask("GET", "/v1/audit/stats?by=kind,channel&since=100d")
            #expect(groups.status == 200 && !groups.text.contains("compliance"))
            let rows = try #require(try groups.json["groups"]?.array)
            #expect(rows.count == 2 && rows[0]["kind"] == "risk_hold" && rows[0]["channel"] == "in_app" && rows[0]["in_app"] == 2)
            let later = try await bench.ask("GET", "/v1/audit/stats?by=kind&since=2099-01-01")
            #expect(try later.json["groups"]?.array?.isEmpty == true)
            let wrong = try await bench.ask("GET", "/v1/audit/stats?by=bnk&since=soon")
            #expect(try wrong.status == 400 && wrong.json.fields == ["since", "by"])
        }
    }

    @Test(
        "a mistake in a query is named with its place",
        arguments: [("q=kind:bank_dely", "q", "bank_delay"), ("q=kin:bank_delay", "q", "kind"), ("after=dlv_none", "after", "")])
    func mistakes(_ query: String, _ field: String, _ words: String) async throws {
        try await Bench.run { bench in
            let reply = try await bench.ask("GET", "/v1/audit?" + query)
            #expect(reply.status == 400 && reply.text.contains(words))
            #expect(try reply.json.fields == [field])
        }
    }

    @Test("a verdict is kept with its note, and is a row of the log") func verdict() async throws {
        try await Bench.run { bench in
            _ = try await bench.put("Your payout", for: "C-1")
            let id = try await bench.store.read { try $0.deliveries(matching: DeliveryQuery(limit: 1))[0].publicID }
            let said: JSON = ["delivery": .string(id), "right": false, "reason": "says held, it was back", "who": "ann"]
            #expect(try await bench.ask("POST", "/v1/verdicts", json: said).status == 200)
            let kept = try await bench.store.read { try $0.verdicts(before: nil, limit: 9) }
            #expect(kept.map(\.isRight) == [false] && kept.map(\.note) == ["says held, it was back"])
            let rows = try await bench.store.read { try $0.log(after: 0, limit: 20) }.filter { $0.entry.act == .operator }
            #expect(rows.count == 1 && !rows[0].entry.body.text.contains("held"))
            #expect(try await bench.ask("POST", "/v1/verdicts", json: ["delivery": .string(id), "reason": "x"]).json.fields == ["right"])
            #expect(try await bench.ask("POST", "/v1/verdicts", json: said.with("delivery", "dlv_none")).status == 404)
        }
    }

    @Test("what lies in the app is not sent once more, and what is asked for must be one thing") func resend() async throws {
        try await Bench.run { bench in
            _ = try await bench.put("Your payout", for: "C-1")
            let id = try await bench.store.read { try $0.deliveries(matching: DeliveryQuery(limit: 1))[0].publicID }
            let refused = try await bench.ask("POST", "/v1/resends", json: ["delivery": .string(id), "reason": "asked", "who": "ann"])
            #expect(refused.status == 409 && refused.text.contains("in the app"))
            #expect(try await bench.ask("POST", "/v1/resends", json: ["reason": "asked"]).status == 422)
            let fax = try await bench.ask("POST", "/v1/resends", json: ["order": "WD1", "channel": "fax", "reason": "asked"])
            #expect(try fax.json.fields == ["channel"])
        }
    }
}

extension JSON {
    fileprivate func with(_ name: String, _ value: JSON) -> JSON {
        .object((object ?? []).map { $0.0 == name ? (name, value) : $0 })
    }
}
