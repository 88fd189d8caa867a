import App
import Config
import Core
import Pipeline
import Sandbox
import Store
import Testing

/// Messages that wait, are held back, or are no longer true when their time comes.
@Suite struct WaitingTests {
    /// 23:00 and 08:00 in Shanghai.
    private let night = Timestamp(rfc3339: "2025-11-12T15:00:00Z")!
    private let morning = Timestamp(rfc3339: "2025-11-13T00:00:00Z")!
    private var limit: Sample { Sample.limit.with { $0.at = night } }

    @Test("a value is missing: the urgent SMS is a safe general one, the push is a dead letter") func missingValue() async throws {
        try await withWorld { world in
            try await world.take(Sample.details.with { $0.account = ["type": "card"] }.detected())
            try await world.pass(.minutes(1))
            #expect(try await world.delivery("WD1", .sms).state == .sent)
            let text = try #require(world.taken(by: .twilio).first?.text)
            #expect(text.contains("WD1") && !text.contains("{"))
            let push = try await world.delivery("WD1", .push)
            #expect(push.state == .dead && push.reason == .fieldMissing && push.tries == 0 && world.ledger.count(of: .apns) == 0)
            let letters = try await world.letters()
            #expect(letters.map(\.stage) == [.render] && letters[0].detail.contains("tail4"))
            let inbox = try await world.read { try $0.inbox(customer: "CU1", unreadOnly: false, before: nil, limit: 9) }
            #expect(inbox.count == 1 && !inbox[0].body.contains("{"))
        }
    }

    @Test("what waits for the morning leaves in the twenty minutes after 08:00") func quietHours() async throws {
        try await withWorld(at: night) { world in
            try await world.take(limit.detected())
            let waiting = try await world.delivery("WD1", .push)
            #expect(waiting.state == .ready && waiting.reason == .quietHoursDeferred)
            #expect(try await world.delivery("WD1", .inApp).state == .delivered)
            try await world.pass(until: morning - .milliseconds(1))
            #expect(world.ledger.count(of: .apns) == 0)
            try await world.pass(until: morning + .minutes(20))
            let sent = try await world.delivery("WD1", .push)
            let left = try #require(try await world.attempts(sent).first?.startedAt)
            #expect(sent.state == .sent && left >= morning && left <= morning + .minutes(20))
        }
    }

    @Test("what is over before the morning never leaves") func overInTheNight() async throws {
        try await withWorld(at: night) { world in
            try await world.take(limit.detected())
            try await world.pass(.hours(2))
            try await world.take(
                limit.with {
                    $0.seq = 2; $0.at = night + .hours(2)
                }.resolved("refunded"))
            try await world.pass(until: morning + .hours(12))
            let cancelled = try await world.deliveries("WD1", .push)[0]
            #expect(cancelled.state == .cancelled && cancelled.reason == .superseded && cancelled.tries == 0)
            let mark = try await world.read { try $0.dedupeMarks(anomaly: "an-1", audience: .customer) }.first { $0.channel == .push }
            #expect(mark?.status == .released && world.ledger.count(of: .apns) == 0)
            #expect(try await world.deliveries("WD1", .inApp).count == 2, "opened and closed, both in the app")
        }
    }

    @Test("an SMS waits through the night where the push does not") func smsOnly() async throws {
        try await withWorld(at: night) { world in
            try await world.take(Sample.details.with { $0.at = night }.detected())
            try await world.pass(.minutes(1))
            #expect(try await world.delivery("WD1", .push).state == .sent)
            #expect(try await world.delivery("WD1", .sms).state == .ready)
            try await world.pass(until: morning + .minutes(20))
            #expect(try await world.delivery("WD1", .sms).state == .sent)
        }
    }

    @Test("a start after too long a stop sends nothing that is out of date") func expired() async throws {
        try await withWorld(at: night) { world in
            try await world.take(limit.detected())
            let (next, _) = try await world.restarted()
            next.clock.advance(to: morning + .hours(9))
            try await next.engine.settle()
            let late = try await next.delivery("WD1", .push)
            #expect(late.state == .expired && late.reason == .budgetUsedUp && next.ledger.count(of: .apns) == 0)
            try await next.runtime.close()
        }
    }

    @Test("what was planned in one mode is never sent in another") func modeChanged() async throws {
        try await withWorld(at: night) { world in
            try await world.take(limit.detected())
            let (next, _) = try await world.restarted { $0.settings.mode = .allowlist }
            try await next.pass(until: morning + .hours(1))
            let delivery = try await next.delivery("WD1", .push)
            #expect(delivery.state == .cancelled && delivery.reason == .modeChanged)
            #expect(next.ledger.rows().allSatisfy { $0.recipient == "payments-ops@pay.example" })
            try await next.runtime.close()
        }
    }

    @Test("a code in no list asks one person, not a second one when its hold-off ends") func oneReview() async throws {
        try await withWorld { world in
            try await world.take(Sample().with { $0.code = ("unionpay", "NO_SUCH_CODE") }.detected())
            try await world.pass(.minutes(16))
            #expect(try await world.delivery("WD1", .push).state == .sent, "told as a result that is not confirmed")
            #expect(try await world.reviews(.unmappedCode).count == 1)
            #expect(try await world.reviews(.kind).isEmpty)
        }
    }

    @Test("too many of one kind in a minute wait for a person to look, and then leave") func burst() async throws {
        try await withWorld { world in
            let (world, _) = try await world.restarted { $0.policy.caps.burstPerMinute = 2 }
            for n in 1...5 {
                try await world.take(
                    Sample.limit.with { ($0.order, $0.anomaly, $0.customer) = ("WD\(n)", "an-\(n)", "CU\(n)") }.detected())
            }
            #expect(world.ledger.count(of: .apns) == 2)
            let waiting = try await world.accounting()
            #expect(waiting.planned == 2 && waiting.pending == 3 && waiting.accepted == 5)
            #expect(try await world.reviews(.burst).count == 1 && world.ledger.count(of: .smtp) == 1, "one person is asked, by mail")
            // One is over before it leaves.
            try await world.take(
                Sample.limit.with { ($0.order, $0.anomaly, $0.customer, $0.seq) = ("WD5", "an-5", "CU5", 2) }.resolved("closed"))
            try await world.pass(.minutes(14))
            #expect(world.ledger.count(of: .apns) == 2)
            try await world.pass(.minutes(2))
            #expect(world.ledger.count(of: .apns) == 4)
            let after = try await world.accounting()
            #expect(after.planned == 4 && after.suppressed == [.resolvedInHold: 1] && after.recorded == 1 && after.pending == 0)
            try await world.runtime.close()
        }
    }

    @Test("an event marked as a test is told to nobody, and does not make the real one old") func testEvent() async throws {
        try await withWorld { world in
            let test = JSON.object((Sample().detected(id: "ev-test").object ?? []) + [("test", true)])
            try await world.take(test)
            #expect(try await world.deliveries("WD1").isEmpty && world.ledger.count == 0)
            try await world.take(Sample().detected())
            let accounting = try await world.accounting()
            #expect(accounting.planned == 1 && accounting.suppressed == [.testEvent: 1])
        }
    }

    @Test("without a receipt the mail follows after ten minutes, and voice says that it has no account") func fallback() async throws {
        try await withWorld { world in
            try await world.take(Sample().detected())
            try await world.pass(.minutes(9))
            #expect(world.ledger.count(of: .smtp) == 0)
            try await world.pass(.minutes(22))
            let mail = try await world.delivery("WD1", .mail)
            #expect(mail.state == .sent && world.ledger.count(of: .smtp) == 1)
            let voice = try await world.delivery("WD1", .voice)
            #expect(voice.state == .blocked && voice.reason == .channelNotConfigured)
        }
    }

    @Test("what was seen in the app needs no mail") func seen() async throws {
        try await withWorld { world in
            try await world.take(Sample.limit.detected())
            let item = try #require(try await world.read { try $0.inbox(customer: "CU1", unreadOnly: false, before: nil, limit: 1) }.first)
            let noon = World.noon
            #expect(
                try await world.runtime.store.write {
                    try $0.mark(inboxItem: item.publicID, customer: "CU1", seen: noon + .minutes(1), read: nil)
                })
            try await world.pass(.hours(3))
            #expect(try await world.deliveries("WD1", .mail).isEmpty)
            #expect(world.taken(by: .smtp).allSatisfy { $0.recipient == "payments-ops@pay.example" })
        }
    }

    @Test("what leaves at once is filed in flight; what is settled in the same batch never leaves") func atOnce() async throws {
        try await withWorld { world in
            func sample(_ n: Int) -> Sample { Sample.limit.with { ($0.order, $0.anomaly, $0.customer) = ("WD\(n)", "an-\(n)", "CU\(n)") } }
            let settled = sample(2).with { $0.seq = 2 }.resolved("closed")
            try await world.take(sample(1).detected(), sample(2).detected(), settled, sample(3).detected())
            for order in ["WD1", "WD3"] {
                let delivery = try await world.delivery(order, .push)
                let attempt = try #require(try await world.attempts(delivery).first)
                #expect(delivery.state == .sent && delivery.tries == 1 && attempt.state == .accepted)
                // Its bytes lie with its notice, and are what was sent.
                let call = try await world.read { String(decoding: try $0.bytes(of: attempt.id)?.call ?? [], as: UTF8.self) }
                #expect(call.contains("push.apple.com") || call.contains("/3/device/"))
                let acts = try await world.read { try $0.log(ofOrder: OrderNumber(order)!).map(\.entry.act) }
                #expect(acts == [.eventAccepted, .decision, .intent, .outcome])
            }
            #expect(world.ledger.count(of: .apns) == 2)
            #expect(try await world.deliveries("WD2", .push)[0].state == .cancelled)
        }
    }

    @Test("what is planned overtakes nothing that is due") func overtakesNothing() async throws {
        try await withWorld(at: night) { world in
            try await world.take(limit.detected())
            let due = try #require(try await world.delivery("WD1", .push).nextAt)
            world.clock.advance(to: due)
            try await world.take(limit.with { ($0.order, $0.anomaly, $0.customer, $0.at) = ("WD2", "an-2", "CU2", due) }.detected())
            let intents = try await world.read { try $0.log(after: 0, limit: 100) }.filter { $0.entry.act == .intent }
            #expect(intents.prefix(2).map(\.entry.order?.description) == ["WD1", "WD2"])
        }
    }
}
