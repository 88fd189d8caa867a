import App
import Core
import Pipeline
import Reports
import Sandbox
import Store
import Testing

/// What people look at by hand: who was not reached, and whether the words were right.
@Suite("unreachable customers, samples and verdicts") struct AccuracyTests {
    private func search(_ world: World, _ words: String = "", limit: Int = 50) throws -> Reports.Search {
        try Reports.Search(words, limit: limit, now: world.clock.now(), offset: { _ in 0 })
    }
    private func unreached(_ world: World, all: Bool = false, _ words: String = "", limit: Int = 50) async throws -> UnreachableReport {
        let search = try search(world, words, limit: limit)
        return try await DiscreetStore(world.runtime.store).read { try UnreachableReport.gather(from: $0, search: search, all: all) }
    }
    private func sample(_ world: World, seed: UInt64, count: Int = 5, _ words: String = "") async throws -> SampleReport {
        let search = try search(world, words)
        return try await world.read { try SampleReport.gather(from: $0, search: search, seed: seed, count: count) }
    }
    private func hold(_ n: Int) -> Sample {
        Sample(order: "WD\(n)", anomaly: "an-\(n)", customer: "CU\(n)", phone: .string("+861000000000\(n)"))
    }

    // MARK: Unreachable

    @Test("who is reached on no channel is found, with what would help; who read it in the app, or was reached, is not")
    func unreachable() async throws {
        try await withWorld([twilio, apns, mail]) { world in
            for standIn in [StandIn.twilio, .apns] { world.sandbox.switches.set(Fault(.status(400)), for: standIn) }
            world.sandbox.switches.set(Fault(.status(550)), for: .smtp)
            try await world.take(hold(1).detected(), hold(2).detected())
            try await world.pass(.hours(2))
            world.sandbox.switches.reset()
            try await world.take(hold(3).with { $0.at = world.clock.now() }.detected())
            try await world.pass(.hours(2))

            let report = try await unreached(world)
            #expect(Set(report.customers.map(\.customer)) == ["CU1", "CU2"] && report.customers.count == 2 && !report.isCut)
            let first = try #require(report.customers.first)
            #expect(first.kind == .riskHold && Set(first.ways.map(\.channel)).isSuperset(of: [.sms, .push]))
            #expect(first.ways.allSatisfy { !$0.state.code.isTold })
            #expect(try await unreached(world, limit: 1).isCut)
            #expect(try await unreached(world, "customer:CU2").customers.map(\.customer) == ["CU2"])
            #expect(try await unreached(world, "kind:limit_exceeded").customers.isEmpty)

            // One has read it in the app, the other's matter is over.
            let now = world.clock.now()
            for item in try await world.read({ try $0.inbox(customer: "CU1", unreadOnly: true, before: nil, limit: 9) }) {
                _ = try await world.runtime.store.write { try $0.mark(inboxItem: item.publicID, customer: "CU1", seen: now, read: now) }
            }
            #expect(try await unreached(world).customers.map(\.customer) == ["CU2"])
            world.sandbox.switches.set(Fault(.status(400)), for: .twilio)
            world.sandbox.switches.set(Fault(.status(400)), for: .apns)
            world.sandbox.switches.set(Fault(.status(550)), for: .smtp)
            try await world.take(hold(2).with { ($0.seq, $0.at) = (2, now) }.resolved("refunded"))
            try await world.pass(.hours(1))
            #expect(try await unreached(world).customers.isEmpty)
            #expect(try await unreached(world, all: true).customers.map(\.customer) == ["CU2"])
        }
    }

    @Test("a restriction that reached nobody goes by the other's name, and by its own for the officer") func restricted() async throws {
        try await withWorld([twilio]) { world in
            world.sandbox.switches.set(Fault(.status(400)), for: .twilio)
            let restriction = hold(1).with { ($0.kind, $0.code) = ("compliance_restricted", ("internal", "SCREENING_HIT")) }
            try await world.take(restriction.detected())
            try await world.pass(.hours(2))
            #expect(try await unreached(world).customers.map(\.kind) == [.riskHold])
            let search = try search(world)
            let officer = try await world.read { try UnreachableReport.gather(from: $0, search: search) }
            #expect(officer.customers.map(\.kind) == [.complianceRestricted])
        }
    }

    // MARK: Samples

    @Test("the same seed draws the same, another one others; all have the words that were sent") func seeded() async throws {
        try await withWorld([twilio, apns, mail]) { world in
            try await world.take(raw: (1...9).map { hold($0).detected().bytes })
            try await world.pass(.hours(1))
            let first = try await sample(world, seed: 7)
            let ids = first.items.map(\.hit.delivery.id)
            #expect(ids.count == 5 && Set(ids).count == 5 && first.population > 20)
            #expect(try await sample(world, seed: 7).items.map(\.hit.delivery.id) == ids)
            let others = try await sample(world, seed: 8).items.map(\.hit.delivery.id)
            #expect(others.count == 5 && others != ids)
            // More of the same seed begins with the same.
            #expect(try await sample(world, seed: 7, count: 12).items.prefix(5).map(\.hit.delivery.id) == ids)
            for item in try await sample(world, seed: 3, count: 99, "channel:sms").items {
                #expect(item.hit.delivery.channel == .sms)
                let text = try #require(item.content["text"]?.string)
                #expect(world.ledger.rows().contains { $0.text == text })
            }
            // Of a store that has grown those of the old ones that are drawn come in the same order.
            try await world.take(hold(1).with { ($0.seq, $0.at) = (2, world.clock.now()) }.resolved("refunded"))
            try await world.pass(.hours(1))
            let grown = try await sample(world, seed: 7)
            let kept = grown.items.map(\.hit.delivery.id).filter { ids.contains($0) }
            #expect(grown.population > first.population && kept == ids.filter { kept.contains($0) } && kept.count >= 2)
        }
    }

    @Test("what never left has no words and is not drawn") func withoutWords() async throws {
        try await withWorld([twilio]) { world in
            world.sandbox.switches.set(Fault(.status(400)), for: .twilio)
            try await world.take(hold(1).detected())
            try await world.pass(.hours(1))
            #expect(try await world.delivery("WD1", .sms).state == .dead)
            #expect(try await sample(world, seed: 1, "channel:sms").population == 0)
            #expect(try await sample(world, seed: 1, "channel:in_app").population > 0)
        }
    }

    // MARK: Verdicts

    @Test("a verdict is kept with its note and counted; of several on one delivery the last counts") func verdicts() async throws {
        try await withWorld([twilio, apns]) { world in
            try await world.take(hold(1).detected(), hold(2).detected())
            try await world.pass(.hours(1))
            let desk = world.engine.desk
            let items = try await sample(world, seed: 1, count: 3, "-channel:in_app").items.map(\.hit.delivery.id)
            #expect(items.count == 3)
            for (id, isRight) in [(items[0], true), (items[1], false), (items[2], false), (items[2], true)] {
                let answer = try await desk.judge(
                    delivery: id, isRight: isRight, who: "lee", note: "compared \(id.suffix(4)) with the event")
                #expect(answer == .done("\(id) is judged \(isRight ? "right" : "wrong")"))
            }
            #expect(try await desk.judge(delivery: "dlv_none", isRight: true, who: "lee", note: "n") == .notFound)
            let report = try await world.read { try VerdictsReport.gather(from: $0, limit: 10) }
            #expect(report.all.right == 2 && report.all.wrong == 1 && report.wrong.map(\.hit.delivery.id) == [items[1]])
            #expect(report.by.first { $0.name == "kind" }?.words.map(\.word) == ["risk_hold"])
            #expect(report.by.first { $0.name == "channel" }?.words.reduce(0) { $0 + $1.share.count } == 3)
            let interval = try #require(report.all.interval)
            #expect(interval.low > 150 && interval.low < 300 && interval.high > 900 && interval.high < 1000)
            let drawn = try await sample(world, seed: 1, count: 3, "-channel:in_app").items.first { $0.hit.delivery.id == items[2] }
            #expect(drawn?.verdicts.map(\.isRight) == [false, true] && drawn?.verdicts.last?.note.hasPrefix("compared") == true)
            // Each is a row of the log, without its note.
            let rows = try await world.read { try $0.log(after: 0, limit: 5000).filter { $0.entry.act == .operator }.map(\.entry.body) }
            #expect(rows.count == 4 && rows.allSatisfy { $0["command"]?.string?.hasPrefix("audit verdict dlv_") == true })
            #expect(!rows.map(\.text).joined().contains("compared"))
        }
    }
}
