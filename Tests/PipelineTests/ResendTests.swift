import App
import Core
import Pipeline
import Sandbox
import Store
import Testing

@Suite("a message once more: what is still true, and nothing else") struct ResendTests {
    private let risk = Sample()

    private func resend(_ world: World, _ delivery: Delivery, evenIfInDoubt: Bool = false) async throws -> Desk.Answer {
        let answer = try await world.engine.desk.resend(
            .delivery(delivery.publicID), evenIfInDoubt: evenIfInDoubt, who: "lee", reason: "she deleted it")
        try await world.engine.settle()
        return answer
    }
    private func expectDone(_ answer: Desk.Answer) throws {
        guard case .done = answer else { throw Unexpected(words: "\(answer)") }
    }
    private func expectRefused(_ answer: Desk.Answer, _ words: String) {
        guard case .refused(let said) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(said.contains(words), "\(said)")
    }
    private func texts(_ world: World, _ order: String) async throws -> [JSON?] {
        var texts: [JSON?] = []
        for delivery in try await world.deliveries(order, .sms) {
            guard let attempt = try await world.attempts(delivery).last else { continue }
            texts.append(try await world.read { try $0.bytes(of: attempt.id).map { try JSON(parsing: $0.content) } })
        }
        return texts
    }

    @Test("goes with the same words, recorded with person and reason, and once for each asking") func goes() async throws {
        try await withWorld { world in
            try await world.take(risk.detected())
            let first = try await world.delivery("WD1", .sms)
            try await world.pass(.minutes(1))
            try expectDone(try await resend(world, first))
            let all = try await world.deliveries("WD1", .sms)
            #expect(all.map(\.state) == [.sent, .sent] && world.ledger.count(of: .twilio) == 2)
            let words = try await texts(world, "WD1")
            #expect(words.count == 2 && words[0] == words[1])
            let notices = try await world.read { try $0.notices(ofOrder: OrderNumber("WD1")!) }.filter { $0.audience == .customer }
            #expect(notices.map(\.reason) == [.first, .resent])
            #expect(notices[0].templateRevision == notices[1].templateRevision && notices[0].facts == notices[1].facts)
            #expect(try await world.deliveries("WD1", .inApp).count == 1, "what lies in the app stays as it is")
            let log = try await world.read { try $0.log(ofOrder: OrderNumber("WD1")!) }
            let asked = try #require(log.first { $0.entry.act == .operator })
            #expect(asked.entry.body["who"]?.string == "lee" && asked.entry.body["reason"]?.string == "she deleted it")
            #expect(
                log.contains { $0.entry.act == .decision && $0.entry.body["timer"]?.string == "resend" && $0.entry.notice == notices[1].id }
            )
            expectRefused(try await resend(world, first), "it was sent once more before, as \(all[1].publicID)")
            try expectDone(try await resend(world, all[1]))
            #expect(world.ledger.count(of: .twilio) == 3)
        }
    }

    @Test("an order means its newest message") func byOrder() async throws {
        try await withWorld { world in
            try await world.take(risk.detected())
            let desk = world.engine.desk
            let order = OrderNumber("WD1")!
            try expectDone(try await desk.resend(.order(order, .push), evenIfInDoubt: false, who: "lee", reason: "x"))
            try await world.engine.settle()
            #expect(world.ledger.count(of: .apns) == 2 && world.ledger.count(of: .twilio) == 1)
            let unknown = try await desk.resend(.order(OrderNumber("WD9")!, nil), evenIfInDoubt: false, who: "lee", reason: "x")
            #expect(unknown == .notFound)
        }
    }

    @Test("what is over, replaced or in the app is refused, and nothing is planned") func refuses() async throws {
        try await withWorld { world in
            try await world.take(risk.detected())
            let first = try await world.delivery("WD1", .sms)
            expectRefused(try await resend(world, try await world.delivery("WD1", .inApp)), "it lies in the app")
            try await world.take(risk.with { $0.seq = 2 }.updated(step: "materials_requested"))
            expectRefused(try await resend(world, first), "a newer notice of the matter")
            try await world.take(risk.with { $0.seq = 3 }.resolved("arrived"))
            expectRefused(try await resend(world, first), "it is no longer true: its matter is resolved")
            #expect(try await world.read { try $0.notices(ofOrder: OrderNumber("WD1")!) }.allSatisfy { $0.reason != .resent })
        }
    }

    @Test("what ends between the asking and the planning is not sent, and the decision says why") func overtaken() async throws {
        try await withWorld { world in
            try await world.take(risk.detected())
            let first = try await world.delivery("WD1", .sms)
            let answer = try await world.engine.desk.resend(.delivery(first.publicID), evenIfInDoubt: false, who: "lee", reason: "x")
            try expectDone(answer)
            try await world.store { writer in
                var episode = try #require(try writer.episode(first.episode))
                (episode.status, episode.resolution) = (.resolved, .arrived)
                _ = try writer.save(episode)
            }
            try await world.engine.settle()
            #expect(world.ledger.count(of: .twilio) == 1)
            let log = try await world.read { try $0.log(ofOrder: OrderNumber("WD1")!) }
            #expect(log.contains { $0.entry.body["refused"]?.string == "it is no longer true: its matter is resolved (arrived)" })
        }
    }

    @Test("what is in doubt goes only on somebody's word") func inDoubt() async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .twilio)
            try await world.take(risk.detected())
            let first = try await world.delivery("WD1", .sms)
            #expect(first.state.isInDoubt)
            expectRefused(try await resend(world, first), "whether it was taken is in doubt")
            #expect(world.ledger.count(of: .twilio) == 1)
            try expectDone(try await resend(world, first, evenIfInDoubt: true))
            #expect(world.ledger.count(of: .twilio) == 2)
            let log = try await world.read { try $0.log(ofOrder: OrderNumber("WD1")!) }
            #expect(log.contains { $0.entry.body["command"]?.string == "resend \(first.publicID) --even-if-in-doubt" })
        }
    }

    @Test("holds stand, and so does what the customer switched off") func obeys() async throws {
        try await withWorld { world in
            try await world.take(risk.detected())
            let (sms, push) = (try await world.delivery("WD1", .sms), try await world.delivery("WD1", .push))
            try expectDone(try await world.engine.desk.hold(HoldScope(kind: .riskHold), for: nil, who: "mei", reason: "INC-88"))
            try expectDone(try await resend(world, sms))
            let held = try #require(try await world.deliveries("WD1", .sms).last)
            #expect(held.state == .ready && held.reason == .onHold && world.ledger.count(of: .twilio) == 1)
            try await world.store { writer in
                var record = CustomerRecord(id: "CU1")
                record.optedOut = [.push]
                try writer.save(record)
            }
            try expectDone(try await resend(world, push))
            let dropped = try #require(try await world.deliveries("WD1", .push).last)
            #expect(dropped.state == .blocked && dropped.reason == .optedOut && world.ledger.count(of: .apns) == 1)
        }
    }
}

extension World {
    fileprivate func store(_ body: @escaping @Sendable (any StoreWriter) throws -> Void) async throws {
        try await runtime.store.write(body)
    }
}
