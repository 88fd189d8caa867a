import App
import Config
import Core
import Crypto
import Providers
import Reports
import Sandbox
import Store
import struct Terminal.Look
import struct Terminal.Screen
import struct Terminal.TimeFormat
import Testing

@testable import Pipeline

/// A gateway whose receipts know nothing but its own ids; it ignores repeats.
private let byID = """
      - name: sms-id
        provider: http
        url: https://gateway.example/sms
        fields: { to: "{to}", text: "{text}" }
        id_path: id
        auth_file: secrets/g
        idempotency_header: Idempotency-Key
        receipt_secret_file: secrets/r
        receipt_status_path: status
        receipt_statuses: { accepted: sent, delivered: delivered, undelivered: undelivered }
        receipt_id_path: id

    """

/// T5: what a receipt changes, and what it does not.
@Suite("receipts: forward only, once, and across restarts")
struct ReceiptTests {
    private let hold = Sample()

    // MARK: Saying it

    private func gatewaySays(_ world: World, _ word: String, id: String) async throws -> Receipts.Answer {
        let account = try #require(world.configuration.settings.accounts.first { $0.name == "sms-id" })
        let secret = try #require(account.settings.secret("receipt_secret_file")).reveal(for: .signing)
        let request = ReceiptRequest(
            method: "POST", secret: secret, headers: [("content-type", "application/json")],
            body: Array(#"{"id":"\#(id)","status":"\#(word)"}"#.utf8))
        return try await world.engine.receipts.take(request, account: "sms-id")
    }

    private func attempt(_ world: World, _ order: String = "WD1") async throws -> Attempt {
        try #require(try await world.attempts(world.delivery(order, .sms)).last)
    }
    private func rows(_ world: World, _ act: LogEntry.Act, _ order: String = "WD1") async throws -> [JSON] {
        try await world.read { try $0.log(ofOrder: OrderNumber(order)!) }.filter { $0.entry.act == act }.map(\.entry.body)
    }
    private func steps(_ world: World) async throws -> [StoredTimer] {
        let episode = try await world.delivery("WD1", .sms).episode
        return try await world.read { try $0.timers(ofEpisode: episode) }.filter { $0.step == .fallback }
    }

    // MARK: Forward

    @Test("a delivered message is delivered, with the provider's words, in every view") func delivered() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let attempt = try await attempt(world)
            world.clock.advance(to: World.noon + .seconds(5))
            #expect(try await say(world, "delivered", of: attempt) == .taken)
            let delivery = try await world.delivery("WD1", .sms)
            #expect(delivery.state == .delivered && delivery.changedAt == World.noon + .seconds(5) && delivery.reason == nil)
            let row = try #require(try await rows(world, .receipt).first)
            #expect(row["status"] == "delivered" && row["code"] == "delivered" && row["state"] == "delivered")
            #expect(row["account"] == "sms-main" && row["reference"]?.string == attempt.publicID && row["message_id"] == "SM1")
            #expect(try await world.read { try $0.verifyChain() } == nil)
            let look = Look(screen: Screen(isTerminal: false), times: TimeFormat(.utc, zones: SystemZones()))
            let (order, one, stats, tail) = try await world.read { reader in
                (
                    try OrderReport.gather(from: reader, order: OrderNumber("WD1")!)?.human(look) ?? [],
                    try DeliveryReport.gather(from: reader, delivery: delivery.publicID)?.human(look) ?? [],
                    try StatsReport.gather(from: reader, since: nil, until: nil).human(look),
                    try reader.log(ofOrder: OrderNumber("WD1")!).map { TailLine($0).human(look) }
                )
            }
            #expect(order.contains { $0.contains("confirmed by handset 04:00:05") })
            #expect(one.contains { $0.contains("04:00:05.000") && $0.contains("delivered") && $0.contains("sms-main") })
            #expect(stats.contains { $0.contains("sms-main") && $0.contains("delivered") })
            #expect(tail.contains { $0.contains("receipt") && $0.hasSuffix("✓ delivered sms-main") })
            let leaked = (order + one + stats + tail).joined()
            #expect(!leaked.contains("10000000001"))
        }
    }

    @Test("an account whose messages arrive late, or not, gets fewer of them") func slow() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let accounts = world.engine.accounts
            world.clock.advance(to: World.noon + .seconds(90))
            try await say(world, "delivered", of: try await attempt(world))
            #expect(accounts.trust(in: "sms-main") == 1)
            for (n, (word, wait)) in [("delivered", 121), ("undelivered", 1)].enumerated() {
                let order = "WD\(n + 2)"
                let moment = world.clock.now()
                try await world.take(Sample(order: order, anomaly: "an-\(n + 2)", at: moment, customer: "CU\(n + 2)").detected())
                let before = accounts.trust(in: "sms-main")
                world.clock.advance(to: moment + .seconds(wait))
                try await say(world, word, of: try await attempt(world, order))
                #expect(accounts.trust(in: "sms-main") < before, "\(word) after \(wait) s")
            }
        }
    }

    @Test("no later word lowers a state, in whatever order they come") func neverLowered() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let attempt = try await attempt(world)
            for word in ["queued", "delivered", "sent", "undelivered", "failed", "teleported", "read", "delivered"] {
                try await say(world, word, of: attempt)
                let state = try await world.delivery("WD1", .sms).state
                #expect(state == (word == "queued" ? .sent : .delivered), "\(word)")
            }
            // All are kept, the one that came twice once.
            let kept = try await world.read { try $0.receipts(ofDelivery: attempt.delivery) }
            #expect(kept.map(\.code).sorted() == ["delivered", "failed", "queued", "read", "sent", "teleported", "undelivered"])
            #expect(try await rows(world, .receipt).count == 7)
            #expect(world.engine.receipts.tally.counts == ReceiptTally.Counts(moved: 1, kept: 6, repeated: 1))
            #expect(try await steps(world).map(\.state) == [.armed, .armed], "nothing was hastened")
            let (after, _) = try await world.restarted()
            #expect(try await after.delivery("WD1", .sms).state == .delivered)
            try await after.runtime.close()
        }
    }

    @Test("what was undelivered stays so: its step has gone on") func firstEndWins() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let attempt = try await attempt(world)
            try await say(world, "undelivered", "30003", of: attempt)
            try await say(world, "delivered", of: attempt)
            #expect(try await world.delivery("WD1", .sms).state == .undelivered)
            #expect(try await rows(world, .receipt).last?["note"] == "changes nothing")
        }
    }

    @Test("a receipt after the episode's end is kept, and tells nobody anything") func late() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let attempt = try await attempt(world)
            try await world.pass(.minutes(1))
            try await world.take(hold.with { $0.seq = 2 }.resolved("arrived"))
            let before = world.taken(by: .smtp).count
            try await say(world, "undelivered", "30003", of: attempt)
            try await world.pass(.hours(2))
            #expect(try await world.attempts(world.deliveries("WD1", .sms)[0]).first?.publicID == attempt.publicID)
            #expect(try await world.deliveries("WD1", .sms)[0].state == .undelivered)
            #expect(world.taken(by: .smtp).count == before)
        }
    }

    // MARK: The fallback

    @Test("an undelivered message fires the next step at once, and once, across a restart") func undelivered() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let attempt = try await attempt(world)
            #expect(try await world.deliveries("WD1", .mail).isEmpty && world.ledger.count(of: .smtp) == 0)
            #expect(try await say(world, "undelivered", "30003", of: attempt) == .taken)
            let sms = try await world.delivery("WD1", .sms)
            #expect(sms.state == .undelivered && sms.reason == .undelivered)
            // No minute has passed: the step's ten minutes were not waited for.
            #expect(try await world.delivery("WD1", .mail).state == .sent && world.ledger.count(of: .smtp) == 1)
            #expect(try await steps(world).map(\.state) == [.fired, .armed])
            for word in ["undelivered", "failed"] { try await say(world, word, "30003", of: attempt) }
            let (after, _) = try await world.restarted()
            try await say(after, "failed", "30008", of: attempt)
            try await after.pass(.minutes(25))
            #expect(after.ledger.count(of: .smtp) == 1, "exactly once")
            #expect(try await after.delivery("WD1", .mail).tries == 1)
            #expect(try await after.letters().isEmpty)
            let marks = try await after.read { try $0.dedupeMarks(anomaly: "an-1", audience: .customer) }
            #expect(marks.first { $0.channel == .sms }?.status == .committed)
            try await after.runtime.close()
        }
    }

    @Test("each undelivered one leads to the step after its own, whatever fails beside it") func nextStep() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let push = try await world.delivery("WD1", .push)
            world.clock.advance(to: World.noon + .seconds(9))
            try await say(world, "undelivered", "30003", of: attempt(world))
            let late = World.noon + .minutes(30), now = world.clock.now()
            func fail(_ delivery: Delivery) async throws -> [StoredTimer] {
                try await world.runtime.store.write { try Receipts.hasten(delivery, to: now, $0) }
                return try await steps(world)
            }
            // The mail is on its way for the SMS: it is for the push as well.
            #expect(try await fail(push).map(\.due) == [now, late])
            let mail = try await world.delivery("WD1", .mail)
            #expect(try await fail(mail).map(\.due) == [now, now])
        }
    }

    @Test("killed between the receipt and the step: the step fires after the start, once") func killedBetween() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let attempt = try await attempt(world)
            let request = try signed(
                world, query: "n=\(attempt.publicID)", ["MessageStatus": "undelivered", "ErrorCode": "30003", "MessageSid": "SM1"])
            #expect(try await world.engine.receipts.take(request, account: "sms-main") == .taken)
            let (after, _) = try await world.restarted()
            #expect(try await after.deliveries("WD1", .mail).isEmpty)
            try await after.engine.settle()
            #expect(try await after.delivery("WD1", .mail).state == .sent)
            let (again, _) = try await after.restarted()
            try await again.pass(.minutes(20))
            #expect(again.ledger.count(of: .smtp) == 1)
            try await again.runtime.close()
        }
    }

    @Test("a delivered message keeps the step from firing; without a receipt it fires") func suppresses() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let second = hold.with { ($0.order, $0.anomaly, $0.customer, $0.phone) = ("WD2", "an-2", "CU2", "+8610000000002") }
            try await world.take(second.detected())
            try await say(world, "delivered", of: attempt(world))
            try await world.pass(.minutes(11))
            #expect(try await world.deliveries("WD1", .mail).isEmpty)
            #expect(try await world.delivery("WD2", .mail).state == .sent)
            let decision = try #require(try await rows(world, .decision).last)
            #expect(decision["unless"] == "delivered" && decision["met"] == true)
        }
    }

    @Test("what one channel brought makes up for another that failed") func anotherChannel() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let push = try await world.delivery("WD1", .push)
            // No push service says it yet; the store knows it all the same.
            _ = try await world.runtime.store.write {
                try $0.advance(push.id, from: .sent, to: .delivered, reason: nil, nextAt: nil, messageID: nil, at: World.noon)
            }
            try await say(world, "undelivered", "30003", of: attempt(world))
            #expect(try await world.deliveries("WD1", .mail).isEmpty)
            #expect(try await rows(world, .decision).last?["met"] == true)
        }
    }

    // MARK: Questions

    @Test(
        "a receipt answers what nobody could know",
        arguments: [("sent", DeliveryState.sent), ("delivered", .delivered), ("undelivered", .undelivered)])
    func answers(word: String, state: DeliveryState) async throws {
        try await withWorld(receipts: receiptsBase) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .twilio)
            try await world.take(hold.detected())
            let attempt = try await attempt(world)
            #expect(try await world.delivery("WD1", .sms).state == .ambiguous && attempt.state == .ambiguous)
            #expect(try await world.reviews(.ambiguous).map(\.closedAt) == [nil])
            try await say(world, word, of: attempt)
            let delivery = try await world.delivery("WD1", .sms)
            #expect(delivery.state == state && delivery.providerID == "SM1" && delivery.tries == 1)
            let settled = try await self.attempt(world)
            #expect(settled.state == .accepted && settled.providerID == "SM1" && settled.detail == "by a receipt")
            let review = try await world.reviews(.ambiguous)[0]
            #expect(review.closedAt != nil && review.note == "answered by a receipt")
            #expect(try await world.read { try $0.attempts(in: .ambiguous, limit: 9) }.isEmpty)
            try await world.pass(.hours(1))
            #expect(world.sandbox.switches.requests(to: .twilio) == 1)
            #expect(try await world.read { try $0.verifyChain() } == nil)
        }
    }

    @Test(
        "a receipt is waited for, also by the next process; what nobody said by then is held, and a late one is believed",
        arguments: [("sent", DeliveryState.sent), ("undelivered", .undelivered), ("delivered", .delivered)])
    func waits(word: String, state: DeliveryState) async throws {
        try await withWorld(receipts: receiptsBase) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .twilio)
            try await world.take(hold.detected())
            let attempt = try await attempt(world)
            let end = World.noon + .seconds(20)
            try await world.pass(until: end - .milliseconds(1))
            #expect(try await world.delivery("WD1", .sms).state == .ambiguous)
            let (after, _) = try await world.restarted()
            try await after.pass(until: end)
            #expect(try await after.delivery("WD1", .sms).state == .unknown)
            #expect(try await after.reviews(.ambiguous).map(\.closedAt) == [nil])
            #expect(try await after.read { try $0.attempts(in: .ambiguous, limit: 9) }.map(\.id) == [attempt.id])
            try await after.pass(.hours(1))
            try await say(after, word, of: attempt)
            #expect(try await after.delivery("WD1", .sms).state == state)
            #expect(try await after.reviews(.ambiguous).allSatisfy { $0.closedAt != nil })
            #expect(after.sandbox.switches.requests(to: .twilio) == 1)
            #expect(try await after.read { try $0.verifyChain() } == nil)
            try await after.runtime.close()
        }
    }

    @Test("how long something may still tell by itself whether a message was taken", arguments: [true, false])
    func hope(hasReceipts: Bool) async throws {
        try await withWorld(
            [twilio, askedTwilio.replacing("sms-main", with: "sms-asked"), byID, apns], receipts: hasReceipts ? receiptsBase : nil
        ) { world in
            try await world.take(hold.detected())
            let high = try await world.delivery("WD1", .sms)
            var normal = high
            normal.priority = .normal
            let accounts = world.engine.accounts.byName
            #expect(Doubt.hope(for: high, on: accounts["sms-main"]) == (hasReceipts ? .seconds(20) : nil))
            #expect(Doubt.hope(for: normal, on: accounts["sms-main"]) == (hasReceipts ? .minutes(10) : nil))
            #expect(Doubt.hope(for: high, on: accounts["sms-asked"]) == .minutes(62), "until it is asked no more")
            for name in ["sms-id", "push-ios", "gone"] {
                #expect(Doubt.hope(for: normal, on: accounts[name]) == nil, "its receipts name what only the lost answer told")
            }
        }
    }

    @Test("what may be repeated is not repeated once a receipt says that it is there") func noRepeat() async throws {
        try await withWorld([byID, mail], receipts: receiptsBase) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .gateway)
            try await world.take(hold.detected())
            let delivery = try await world.delivery("WD1", .sms)
            #expect(delivery.state == .retryWait)
            // By our own name, as a gateway that keeps it would.
            let account = try #require(world.configuration.settings.accounts.first { $0.name == "sms-id" })
            let secret = try #require(account.settings.secret("receipt_secret_file")).reveal(for: .signing)
            let request = ReceiptRequest(
                method: "POST", secret: secret, query: "n=\(delivery.publicID)", headers: [("content-type", "application/json")],
                body: Array(#"{"id":"gw-1","status":"delivered"}"#.utf8))
            #expect(try await world.engine.receipts.take(request, account: "sms-id") == .taken)
            #expect(try await world.delivery("WD1", .sms).state == .delivered)
            #expect(try await attempt(world).state == .settled)
            try await world.pass(.hours(1))
            #expect(world.sandbox.switches.requests(to: .gateway) == 1)
        }
    }

    // MARK: Before the answer

    /// Plans and writes the intents down; the wire is not touched yet.
    private func intents(_ world: World, _ event: JSON) async throws -> [Dispatch.Open] {
        _ = try await world.engine.intake.accept([Intake.Raw(event.bytes)], from: .queue("test"))
        return try await world.engine.plan.run(limit: 16, isAhead: true).open
    }

    @Test(
        "a receipt that comes before the answer counts when the answer is there",
        arguments: [
            (Fault.none, "delivered", DeliveryState.delivered), (Fault(.dropAfterAccept), "delivered", .delivered),
            (Fault(.dropAfterAccept), "sent", .sent), (Fault.none, "undelivered", .undelivered), (Fault(.status(400)), "delivered", .dead),
        ])
    func early(fault: Fault, word: String, state: DeliveryState) async throws {
        try await withWorld([twilio, mail], receipts: receiptsBase) { world in
            world.sandbox.switches.set(fault, for: .twilio)
            let open = try await intents(world, hold.detected())
            let attempt = try await attempt(world)
            #expect(attempt.state == .intent)
            let request = try signed(world, query: "n=\(attempt.publicID)", ["MessageStatus": word, "MessageSid": "SM1"])
            #expect(try await world.engine.receipts.take(request, account: "sms-main") == .taken)
            #expect(try await world.delivery("WD1", .sms).state == .inflight, "the answer itself is still to come")
            world.engine.sender.send(open)
            try await world.engine.settle()
            #expect(try await world.delivery("WD1", .sms).state == state)
            #expect(try await self.attempt(world).state == (state == .dead ? .rejected : .accepted))
            #expect(try await world.deliveries("WD1", .mail).count == (state == .undelivered ? 1 : 0))
            #expect(try await world.reviews(.ambiguous).allSatisfy { $0.closedAt != nil })
            #expect(world.engine.receipts.tally.counts.early == 1)
            // It was looked for once: nothing is looked for any more.
            let delivery = try await world.delivery("WD1", .sms)
            #expect(!world.engine.receipts.early.isExpected(delivery))
        }
    }

    @Test("killed before the answer was written: the receipt that came first is the answer") func earlyThenKilled() async throws {
        try await withWorld([twilio, mail], receipts: receiptsBase) { world in
            let open = try await intents(world, hold.detected())
            #expect(open.count == 1)
            let attempt = try await attempt(world)
            let request = try signed(world, query: "n=\(attempt.publicID)", ["MessageStatus": "delivered", "MessageSid": "SM1"])
            _ = try await world.engine.receipts.take(request, account: "sms-main")
            let (after, _) = try await world.restarted()
            let delivery = try await after.delivery("WD1", .sms)
            #expect(delivery.state == .delivered && delivery.providerID == "SM1")
            #expect(try await after.read { try $0.attempts(in: .ambiguous, limit: 9) }.isEmpty)
            #expect(try await after.reviews(.ambiguous).allSatisfy { $0.closedAt != nil })
            try await after.pass(.minutes(20))
            #expect(after.sandbox.switches.requests(to: .twilio) == 0)
            #expect(try await after.deliveries("WD1", .mail).isEmpty)
            try await after.runtime.close()
        }
    }

    @Test("by the gateway's own id: after the answer, and before it", arguments: [false, true]) func byMessageID(isEarly: Bool) async throws
    {
        try await withWorld([byID, mail], receipts: receiptsBase) { world in
            if isEarly {
                let open = try await intents(world, hold.detected())
                #expect(try await gatewaySays(world, "delivered", id: "gw-1") == .taken)
                #expect(try await world.read { try $0.unmatchedReceipts(account: "sms-id", reference: "gw-1") }.map(\.delivery) == [nil])
                world.engine.sender.send(open)
                try await world.engine.settle()
            } else {
                try await world.take(hold.detected())
                #expect(try await world.delivery("WD1", .sms).state == .sent)
                #expect(try await gatewaySays(world, "delivered", id: "gw-1") == .taken)
            }
            let delivery = try await world.delivery("WD1", .sms)
            #expect(delivery.state == .delivered && delivery.providerID == "gw-1")
            #expect(try await world.read { try $0.receipts(ofDelivery: delivery.id) }.map(\.reference) == ["gw-1"])
            #expect(try await world.read { try $0.unmatchedReceipts(account: "sms-id", reference: "gw-1") }.isEmpty)
        }
    }

    @Test("a name nobody knew is found by the acceptance after a restart") func parkedAcrossRestart() async throws {
        try await withWorld([byID, mail], receipts: receiptsBase) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .gateway)
            try await world.take(hold.detected())
            #expect(try await gatewaySays(world, "delivered", id: "gw-1") == .taken)
            #expect(try await world.delivery("WD1", .sms).state == .retryWait)
            let (after, _) = try await world.restarted()
            // The gateway ignores the repeat, and answers with the id of the first.
            try await after.pass(.minutes(1))
            #expect(try await after.delivery("WD1", .sms).state == .delivered)
            #expect(after.ledger.count(of: .gateway) == 1)
            try await after.runtime.close()
        }
    }

    @Test("what is remembered of early receipts is bounded, and then everything is looked up") func bounded() {
        let early = EarlyReceipts()
        #expect(!early.mayHold("m-0", of: "a"))
        for n in 0..<EarlyReceipts.limit { early.park("m-\(n)", of: "a") }
        #expect(early.mayHold("m-0", of: "a") && !early.mayHold("m-0", of: "b") && !early.mayHold("x", of: "a"))
        early.park("one more", of: "a")
        #expect(early.mayHold("x", of: "a"))
    }

    // MARK: Not believed, not known

    @Test("what is not signed by the account's token is refused, counted and not kept") func forged() async throws {
        try await withWorld([twilio, secondTwilio, mail], receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let attempt = try await attempt(world)
            var request = try signed(world, query: "n=\(attempt.publicID)", ["MessageStatus": "delivered", "MessageSid": "SM1"])
            request.body = Array("MessageStatus=undelivered&MessageSid=SM1".utf8)
            #expect(try await world.engine.receipts.take(request, account: "sms-main") == .refused(.forged))
            // Signed by another account of ours, for the first one's address.
            let strange = try signed(
                world, "sms-other", query: "n=\(attempt.publicID)", ["MessageStatus": "delivered", "MessageSid": "SM1"])
            #expect(try await world.engine.receipts.take(strange, account: "sms-main") == .refused(.forged))
            for name in ["mail-main", "nobody", ""] {
                #expect(try await world.engine.receipts.take(request, account: name) == .noAccount)
            }
            #expect(world.engine.receipts.tally.counts == ReceiptTally.Counts(forged: 2))
            #expect(try await world.delivery("WD1", .sms).state == .sent)
            #expect(try await world.read { try $0.receiptCounts() }.isEmpty)
            #expect(try await rows(world, .receipt).isEmpty)
        }
    }

    @Test("another account's message, and one that nobody sent, are kept and move nothing") func unmatched() async throws {
        try await withWorld([twilio, secondTwilio, mail], receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let attempt = try await attempt(world)
            // A good signature of the second account, about the first one's message.
            #expect(try await say(world, "delivered", of: attempt, account: "sms-other") == .taken)
            let nobody = try signed(world, query: "n=att_0000000000000000000000000Z", ["MessageStatus": "delivered", "MessageSid": "SM9"])
            #expect(try await world.engine.receipts.take(nobody, account: "sms-main") == .taken)
            #expect(try await world.engine.receipts.take(nobody, account: "sms-main") == .taken)
            #expect(try await world.delivery("WD1", .sms).state == .sent)
            let counts = try await world.read { try $0.receiptCounts() }
            #expect(
                counts == [
                    ReceiptCount(account: "sms-main", status: .delivered, isMatched: false, count: 1),
                    ReceiptCount(account: "sms-other", status: .delivered, isMatched: false, count: 1),
                ])
            let unknown = try await world.read { try $0.log(after: 0, limit: 1000) }.filter { $0.entry.act == .receipt }
            #expect(
                unknown.count == 2 && unknown.allSatisfy { $0.entry.delivery == nil && $0.entry.body["note"] == "no message of this name" })
            #expect(world.engine.receipts.tally.counts == ReceiptTally.Counts(repeated: 1, unmatched: 2))
        }
    }

    @Test("ten thousand at once: each is kept once, and the state is right", .timeLimit(.minutes(2))) func flood() async throws {
        try await withWorld([twilio, mail], receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            let attempt = try await attempt(world)
            let requests = try (0..<100).map { n in
                try signed(
                    world, query: "n=\(attempt.publicID)",
                    ["MessageStatus": n == 50 ? "delivered" : "sent", "ErrorCode": "\(n)", "MessageSid": "SM1"])
            }
            let receipts = world.engine.receipts
            try await withThrowingTaskGroup(of: Void.self) { group in
                for n in 0..<10_000 {
                    if n >= 512 { try await group.next() }
                    group.addTask {
                        let answer = try await receipts.take(requests[n % 100], account: "sms-main")
                        #expect(answer == .taken)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await world.delivery("WD1", .sms).state == .delivered)
            let counts = world.engine.receipts.tally.counts
            #expect(counts.moved == 1 && counts.kept == 99 && counts.repeated == 9900)
            #expect(try await world.read { try $0.verifyChain() } == nil)
        }
    }

    // MARK: Addresses

    @Test(
        "a number is marked for what is said of itself",
        arguments: [
            ("30005", "+8610000000001", ReasonCode?.some(.addressDead)), ("21610", "+8610000000001", .optedOut),
            ("30005", "+8610000000099", nil), ("30003", "+8610000000001", nil), ("30004", "+8610000000001", nil),
        ])
    func marks(code: String, number: String, reason: ReasonCode?) async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(hold.detected())
            try await say(world, "undelivered", code, of: attempt(world), to: number)
            #expect(try await world.delivery("WD1", .sms).reason == reason ?? .undelivered)
            let marks = try await world.read { try $0.addressMarks(ofCustomer: "CU1") }
            #expect(marks.map(\.reason) == (reason.map { [$0] } ?? []))
            #expect(marks.allSatisfy { $0.detail == "undelivered \(code)" && $0.account == "sms-main" })
            world.clock.advance(to: World.noon + .minutes(20))
            try await world.take(hold.with { ($0.order, $0.anomaly, $0.at) = ("WD2", "an-2", World.noon + .minutes(20)) }.detected())
            #expect(try await world.delivery("WD2", .sms).state == (reason == nil ? .sent : .blocked))
        }
    }
}
