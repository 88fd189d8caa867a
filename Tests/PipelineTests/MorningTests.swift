import App
import Core
import Pipeline
import Sandbox
import Store
import Testing

/// The night of a customer, with everything real: what waited leaves once, and says what is true in the morning.
@Suite struct MorningTests {
    /// 23:00 and 08:00 in Shanghai.
    private let night = Timestamp(rfc3339: "2025-11-12T15:00:00Z")!
    private let morning = Timestamp(rfc3339: "2025-11-13T00:00:00Z")!
    private var limit: Sample { Sample.limit.with { $0.at = night } }

    @Test("an update in the night replaces the message that waits: one leaves, and says the last") func onlyTheLast() async throws {
        try await withWorld(at: night) { world in
            try await world.take(limit.detected())
            for hour in 1...3 {
                try await world.pass(.hours(1))
                try await world.take(
                    limit.with {
                        ($0.seq, $0.at) = (1 + hour, night + .hours(hour))
                        $0.details = [
                            "limit": ["minor": .integer(hour * 111_100), "currency": "CNY", "period": "day", "owner": "platform"]
                        ]
                    }.updated(step: ["refused", "refunded", "refused"][hour - 1]))
            }
            try await world.pass(until: morning + .minutes(20))
            let push = try await world.deliveries("WD1", .push)
            #expect(push.map(\.state) == [.cancelled, .cancelled, .cancelled, .sent])
            #expect(push.dropLast().allSatisfy { $0.reason == .superseded && $0.tries == 0 })
            let sent = try #require(world.taken(by: .apns).first)
            #expect(world.ledger.count(of: .apns) == 1 && sent.text.contains("3,333"))
            // Only the one that left uses up the day.
            let accounting = try await world.accounting()
            #expect(accounting.planned == 4 && accounting.accepted == 4)
        }
    }

    @Test("several orders that waited become one message, the most urgent, that counts the others") func severalBecomeOne() async throws {
        try await withWorld(at: night) { world in
            for n in 1...3 {
                try await world.take(
                    limit.with { ($0.order, $0.anomaly, $0.at) = ("WD\(n)", "an-\(n)", night + .hours(n - 1)) }.detected())
                try await world.pass(.hours(1))
            }
            try await world.pass(until: morning + .minutes(21))
            let all = try await (1...3).asyncFlatMap { try await world.deliveries("WD\($0)", .push) }
            #expect(all.filter { $0.state == .sent }.count == 1 && world.ledger.count(of: .apns) == 1)
            #expect(all.filter { $0.state == .cancelled && $0.reason == .digestMerged }.count == 2)
            #expect(try #require(world.taken(by: .apns).first).text.contains("And 2 more orders: see the app."))
            let inbox = try await world.read { try $0.inbox(customer: "CU1", unreadOnly: false, before: nil, limit: 9) }
            #expect(inbox.count == 3, "each order is in the app")
            let accounting = try await world.accounting()
            #expect(accounting.planned == 3 && accounting.pending == 0)
        }
    }

    @Test("nothing goes to a channel that was switched off in the night") func switchedOff() async throws {
        try await withWorld(at: night) { world in
            try await world.take(limit.detected())
            try await world.runtime.store.write { try $0.save(CustomerRecord(id: "CU1", optedOut: [.push])) }
            try await world.pass(until: morning + .minutes(21))
            let push = try await world.delivery("WD1", .push)
            #expect(push.state == .cancelled && push.reason == .optedOut && world.ledger.count(of: .apns) == 0)
        }
    }

    @Test("an outage that is over in the morning is not told any more") func outageOver() async throws {
        try await withWorld(at: night) { world in
            try await world.take(incident("opened", at: night))
            try await world.take(
                limit.with { ($0.kind, $0.code, $0.details) = ("status_unknown", ("internal", "READ_TIMEOUT"), nil) }.detected())
            try await world.pass(.hours(1))
            #expect(try await world.delivery("WD1", .push).reason == .quietHoursDeferred)
            try await world.take(incident("closed", at: night + .hours(1)))
            try await world.pass(until: morning + .minutes(21))
            let push = try await world.delivery("WD1", .push)
            #expect(push.state == .cancelled && push.reason == .quietHoursExpired && world.ledger.count(of: .apns) == 0)
        }
    }

    private func incident(_ stage: String, at moment: Timestamp) -> JSON {
        [
            "specversion": "1.0", "id": .string("in-\(stage)"), "source": "/channels/unionpay",
            "type": .string("com.example.payout.incident.\(stage)"), "subject": "IN1", "time": .string(moment.description),
            "datacontenttype": "application/json",
            "data": [
                "schema": 1, "incident_id": "IN1", "bank": ["code": "HXB", "name": "Hua Xia Bank"], "rail": "cn_instant",
                "since": .string((night - .minutes(5)).description), "until": .null,
            ],
        ]
    }

    @Test("of many updates the first is told at once and the last after four hours") func updates() async throws {
        try await withWorld { world in
            let limit = Sample.limit
            try await world.take(limit.detected())
            for (n, step) in ["refused", "refunded", "resubmit", "refused"].enumerated() {
                try await world.pass(.minutes(10))
                try await world.take(
                    limit.with { ($0.seq, $0.at) = (2 + n, World.noon + .minutes(10 * (n + 1))) }.updated(step: step))
            }
            #expect(try await world.deliveries("WD1", .inApp).count == 2)
            #expect(try await world.accounting().pending == 2)
            // The last of them went back to what was told: nothing to say. Then one more.
            try await world.pass(.hours(3))
            try await world.take(limit.with { ($0.seq, $0.at) = (6, World.noon + .hours(3)) }.updated(step: "resubmit"))
            try await world.pass(.hours(2))
            let accounting = try await world.accounting()
            #expect(try await world.deliveries("WD1", .inApp).count == 3)
            #expect(accounting.planned == 3 && accounting.suppressed == [.rateLimitedCustomer: 2, .repeatNotDue: 1])
            #expect(accounting.pending == 0)
        }
    }

    @Test("a promise that broke meanwhile does not count as having told the step") func promiseBetween() async throws {
        try await withWorld { world in
            try await world.take(Sample().detected())
            for (n, step) in ["review_queued", "under_review"].enumerated() {
                try await world.pass(.minutes(10))
                try await world.take(Sample().with { ($0.seq, $0.at) = (2 + n, World.noon + .minutes(n)) }.updated(step: step))
            }
            try await world.pass(.hours(5))
            let stages = try await world.read { try $0.notices(ofOrder: OrderNumber("WD1")!) }.map(\.stage)
            #expect(stages.filter { $0 == .progress }.count == 2 && stages.contains(.stillWaiting))
            #expect(try await world.accounting().planned == 3)
        }
    }

    @Test("an end decides what still waited to be told") func endedMeanwhile() async throws {
        try await withWorld { world in
            try await world.take(Sample().detected())
            for (n, step) in ["review_queued", "under_review"].enumerated() {
                try await world.take(Sample().with { ($0.seq, $0.at) = (2 + n, World.noon + .minutes(n)) }.updated(step: step))
            }
            #expect(try await world.accounting().pending == 1)
            try await world.take(Sample().with { ($0.seq, $0.at) = (4, World.noon + .minutes(9)) }.resolved("arrived"))
            let accounting = try await world.accounting()
            #expect(accounting.pending == 0 && accounting.suppressed == [.superseded: 1] && accounting.planned == 3)
        }
    }
}

extension Sequence {
    fileprivate func asyncFlatMap<Value>(_ transform: (Element) async throws -> [Value]) async throws -> [Value] {
        var all: [Value] = []
        for element in self { all += try await transform(element) }
        return all
    }
}
