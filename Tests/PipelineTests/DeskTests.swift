import App
import Config
import Core
import Pipeline
import Sandbox
import Store
import Testing

/// What people do, and what the intake answers.
@Suite struct DeskTests {
    private let hold = Sample()

    @Test("a message that was given up goes again when a person says so, once") func retry() async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.status(400)), for: .twilio)
            try await world.take(hold.detected())
            let letter = try #require(try await world.letters().first)
            world.sandbox.switches.reset()
            let answer = try await world.engine.desk.retry(deadLetter: letter.id, who: "ops", reason: "the account is fixed")
            guard case .done = answer else { throw Unexpected(words: "\(answer)") }
            try await world.engine.settle()
            #expect(try await world.delivery("WD1", .sms).state == .sent && world.ledger.count(of: .twilio) == 1)
            #expect(try await world.letters().map(\.state) == [.retried])
            guard case .refused = try await world.engine.desk.retry(deadLetter: letter.id, who: "ops", reason: "again") else {
                throw Unexpected(words: "a letter went twice")
            }
            #expect(try await world.engine.desk.retry(deadLetter: 999, who: "ops", reason: "") == .notFound)
            let log = try await world.read { try $0.log(after: 0, limit: 1000) }
            #expect(log.contains { $0.entry.act == .operator && $0.entry.body["who"]?.string == "ops" })
        }
    }

    @Test("what is no longer true does not go again") func retryTooLate() async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.status(400)), for: .twilio)
            try await world.take(hold.detected())
            world.sandbox.switches.reset()
            try await world.take(hold.with { $0.seq = 2 }.resolved("arrived"))
            let letter = try #require(try await world.letters().first)
            guard case .refused = try await world.engine.desk.retry(deadLetter: letter.id, who: "ops", reason: "late") else {
                throw Unexpected(words: "sent what is over")
            }
            #expect(try await world.letters()[0].state == .discarded)
        }
    }

    @Test("what a person found out settles an attempt in doubt, once", arguments: [true, false]) func doubtByHand(wasTaken: Bool)
        async throws
    {
        try await withWorld { world in
            let desk = world.engine.desk
            world.sandbox.switches.set(Fault(wasTaken ? .dropAfterAccept : .drop, times: 1), for: .twilio)
            try await world.take(hold.detected())
            let attempt = try #require(try await world.read { try $0.attempts(in: .ambiguous, limit: 9) }.first)
            let answer = try await desk.settle(attempt: attempt.publicID, wasTaken: wasTaken, who: "lee", reason: "the carrier says so")
            guard case .done = answer else { throw Unexpected(words: "\(answer)") }
            try await world.engine.settle()
            let delivery = try await world.delivery("WD1", .sms)
            #expect(delivery.state == .sent && delivery.tries == (wasTaken ? 1 : 2))
            #expect(world.ledger.count(of: .twilio) == 1, "told once")
            #expect(try await world.attempts(delivery).map(\.state) == (wasTaken ? [.accepted] : [.notSent, .accepted]))
            #expect(try await world.reviews(.ambiguous).map { $0.closedAt != nil } == [true])
            let row = try #require(
                try await world.read { try $0.log(ofDelivery: delivery.id) }.first { $0.entry.body["outcome"]?.string == "settled" })
            #expect(row.entry.body["who"]?.string == "lee" && row.entry.body["detail"]?.string == (wasTaken ? "taken" : "not taken"))
            guard case .refused = try await desk.settle(attempt: attempt.publicID, wasTaken: wasTaken, who: "lee", reason: "again") else {
                throw Unexpected(words: "settled twice")
            }
            #expect(try await desk.settle(attempt: "att_0", wasTaken: true, who: "lee", reason: "x") == .notFound)
            #expect(try await world.read { try $0.verifyChain() } == nil)
        }
    }

    @Test("what was not taken and is over does not go again") func doubtOver() async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.drop, times: 1), for: .twilio)
            try await world.take(hold.detected())
            try await world.take(hold.with { $0.seq = 2 }.resolved("arrived"))
            let attempt = try #require(try await world.read { try $0.attempts(in: .ambiguous, limit: 9) }.first)
            guard
                case .done(let words) = try await world.engine.desk.settle(
                    attempt: attempt.publicID, wasTaken: false, who: "lee", reason: "x")
            else { throw Unexpected(words: "not settled") }
            #expect(words.hasSuffix("is no longer true and stays unsent"))
            try await world.pass(.hours(1))
            let delivery = try #require(try await world.deliveries("WD1", .sms).first)
            #expect(delivery.state == .cancelled && delivery.reason == .superseded)
            #expect(try await world.read { try $0.log(ofDelivery: delivery.id) }.contains { $0.entry.act == .cancelled })
            #expect(world.sandbox.switches.requests(to: .twilio) == 1 + world.ledger.count(of: .twilio))
        }
    }

    @Test func reviewIsClosedOnce() async throws {
        try await withWorld { world in
            try await world.take(hold.detected())
            let item = try #require(try await world.reviews(.kind).first)
            guard case .done = try await world.engine.desk.close(review: item.id, note: "looked at 4242 4242 4242 4242", who: "ops") else {
                throw Unexpected(words: "not closed")
            }
            guard case .refused = try await world.engine.desk.close(review: item.id, note: "again", who: "ops") else {
                throw Unexpected(words: "closed twice")
            }
            #expect(try await world.engine.desk.close(review: 999, note: "", who: "ops") == .notFound)
            let closed = try #require(try await world.read { try $0.review(item.id) })
            #expect(closed.closedAt != nil && closed.note?.contains("4242 4242") == false, "a card in a note is cut")
        }
    }

    @Test("a channel that is switched off stays silent, unless the policy locks it; a dead or unverified address is not used")
    func preferences() async throws {
        try await withWorld { world in
            var record = CustomerRecord(id: "CU1", locale: "zh-Hant")
            record.optedOut = [.push, .sms]
            _ = try await world.engine.desk.set(record, who: "ops")
            try await world.take(hold.detected())
            #expect(try await world.delivery("WD1", .push).reason == .optedOut)
            #expect(try await world.delivery("WD1", .sms).state == .sent, "urgent SMS are locked")
            #expect(world.taken(by: .twilio)[0].text.contains("審核"), "in the language of the record")
            record = CustomerRecord(id: "CU2")
            record.contacts = [.sms: .init(address: nil, standing: .dead), .push: .init(address: nil, standing: .unverified)]
            _ = try await world.engine.desk.set(record, who: "ops")
            try await world.take(
                hold.with {
                    $0.order = "WD2"; $0.anomaly = "an-2"; $0.customer = "CU2"
                }.detected())
            #expect(try await world.delivery("WD2", .sms).reason == .addressDead)
            #expect(try await world.delivery("WD2", .push).reason == .addressUnverified)
            #expect(try await world.reviews(.unreachable).map(\.order?.description) == ["WD2"])
            #expect(world.ledger.rows().contains { $0.provider == .smtp && $0.title?.contains("WD2") == true }, "staff are told")
        }
    }

    @Test func intakeAnswers() async throws {
        try await withWorld { world in
            let event = hold.detected()
            let answers = try await world.take(
                event, event, hold.detected().setting("time", "2025-11-12T04:00:01Z"), event.setting("specversion", "0.3"))
            let words = answers.map { answer in
                switch answer {
                case .accepted: "accepted"
                case .duplicate: "duplicate"
                case .conflict: "conflict"
                case .refused(let refusal): refusal.problems.map(\.field).joined()
                }
            }
            #expect(words == ["accepted", "duplicate", "conflict", "specversion"])
            let sums = try await world.accounting()
            #expect((sums.accepted, sums.duplicate, sums.conflict, sums.rejected) == (1, 1, 1, 1))
            #expect(try await world.letters().map(\.reason) == ["specversion"])
            // A caller who gets the refusal keeps the event: nothing is filed.
            try await world.take(raw: [event.setting("specversion", "0.3").bytes], from: .http)
            #expect(try await world.accounting().rejected == 1)
            #expect(try await world.deliveries("WD1", .sms).count == 1)
        }
    }

    /// Accepted, and then a start with a catalogue in which its rail is gone.
    @Test("an event that cannot be planned any more is set aside, holds up nobody, and goes again when it can be") func poison()
        async throws
    {
        try await withWorld { world in
            let rails = world.configuration.catalogue.rails
            let events = [
                hold.with { $0.rail = "hk_fps" },
                hold.with {
                    $0.order = "WD2"; $0.anomaly = "an-2"; $0.customer = "CU2"
                },
            ].map { $0.detected().bytes }
            _ = try await world.engine.intake.accept(events.map { Intake.Raw($0) }, from: .queue("test"))
            let (without, _) = try await world.restarted { $0.catalogue.rails["hk_fps"] = nil }
            try await without.engine.settle()
            #expect(try await without.delivery("WD2", .sms).state == .sent)
            #expect(try await without.deliveries("WD1").isEmpty)
            let letter = try #require(try await without.letters().first)
            #expect(letter.stage == .plan && letter.event == 1 && letter.state == .open)
            let sums = try await without.accounting()
            #expect(sums.accepted == 2 && sums.planned == 1 && sums.pending == 0 && sums.suppressed.values.reduce(0, +) == 1)
            let (with, _) = try await without.restarted { $0.catalogue.rails = rails }
            guard case .done = try await with.engine.desk.retry(deadLetter: letter.id, who: "ops", reason: "the rail is back") else {
                throw Unexpected(words: "not retried")
            }
            try await with.engine.settle()
            #expect(try await with.delivery("WD1", .sms).state == .sent)
            #expect(try await with.accounting().planned == 2)
            try await with.runtime.close()
        }
    }

    @Test("values at the edge of their types stop nobody") func extremes() async throws {
        try await withWorld { world in
            let most = JSON.number("9223372036854775807")
            var events: [JSON] = []
            for (n, details)
                in ([
                    ["limit": ["minor": most, "currency": "CNY", "period": "month", "owner": "bank"]],
                    ["limit": ["count": most, "period": "day_count", "owner": "platform"]], ["deadline": "9999-12-31T23:59:59.999Z"],
                    ["deadline": "0000-01-01T00:00:00Z"], ["window": ["until": "9999-12-31T23:59:59Z"]],
                    ["amount_rule": ["rule": "minimum", "minor": most, "currency": "CNY"]],
                ] as [JSON]).enumerated()
            {
                for (m, kind) in Kind.allCases.enumerated() {
                    let sample = Sample(
                        order: "WX\(n)-\(m)", anomaly: "ax-\(n)-\(m)", kind: kind.rawValue, code: nil, customer: "CX\(n)-\(m)",
                        amount: ["minor": most, "currency": "JPY"], details: details)
                    events.append(sample.detected())
                    events.append(sample.with { $0.seq = Int.max }.resolved("refunded"))
                }
            }
            for early in ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"] {
                events.append(
                    Sample(order: "WE\(early.prefix(4))", anomaly: "ae-\(early.prefix(4))", kind: "bank_delay", code: nil).detected()
                        .setting("time", .string(early)))
            }
            try await world.take(raw: events.map(\.bytes))
            try await world.take(hold.detected())
            #expect(try await world.delivery("WD1", .sms).state == .sent)
            let sums = try await world.accounting()
            #expect(sums.accepted + sums.rejected == events.count + 1)
            #expect(sums.accepted == sums.planned + sums.stale + sums.recorded + sums.pending + sums.suppressed.values.reduce(0, +))
        }
    }
}

extension JSON {
    /// A copy with one of its own members set.
    func setting(_ name: String, _ value: JSON) -> JSON {
        .object((object ?? []).map { $0.0 == name ? (name, value) : $0 })
    }
}
