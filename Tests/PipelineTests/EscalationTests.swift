import App
import Config
import Core
import Pipeline
import Reports
import Sandbox
import Store
import struct Terminal.Look
import struct Terminal.Screen
import struct Terminal.TimeFormat
import Testing

/// T6 for people: who is asked, once and in time, and who is not.
@Suite("escalations: once, while the matter is open, to the right people") struct EscalationTests {
    private let hold = Sample()
    private let delay = Sample(kind: "bank_delay", code: ("internal", "PENDING_OVER_THRESHOLD"))

    private func asked(_ world: World) async throws -> [ReviewItem] { try await world.reviews(.escalation).sorted { $0.id < $1.id } }
    private func steps(_ world: World) async throws -> [String] {
        try await asked(world).map { String($0.detail.prefix { $0 != ":" }) }
    }
    private func mails(_ world: World, to address: String = "payments-ops@pay.example") -> [Row] {
        world.taken(by: .smtp).filter { $0.recipient == address && $0.title?.contains("escalation") == true }
    }

    /// What `clarion explain` and `clarion audit order` say of the order.
    private func screens(_ world: World) async throws -> (explain: [String], audit: [String]) {
        let look = Look(screen: Screen(isTerminal: false), times: TimeFormat(.utc, zones: SystemZones()))
        return try await world.read { reader in
            let order = OrderNumber("WD1")!
            return (
                try ExplainReport.gather(from: reader, order: order)?.human(look) ?? [],
                try OrderReport.gather(from: reader, order: order)?.human(look) ?? []
            )
        }
    }

    @Test("each step asks once, in its time, also when the process ends between") func once() async throws {
        try await withWorld { world in
            try await world.take(hold.detected())
            try await world.pass(.hours(4) - .seconds(1))
            #expect(try await asked(world).isEmpty)
            try await world.pass(.seconds(1))
            #expect(try await steps(world) == ["step 1 of 3, senior_reviewer"])
            let (next, _) = try await world.restarted()
            try await next.pass(.hours(19))
            #expect(try await steps(next).count == 1)
            let (last, _) = try await next.restarted()
            try await last.pass(.hours(100))
            #expect(try await steps(last) == ["step 1 of 3, senior_reviewer", "step 2 of 3, head_of_risk", "step 3 of 3, head_of_risk"])
            #expect(try await asked(last).map(\.openedAt) == [4, 24, 72].map { World.noon + .hours($0) })
            #expect(try await asked(last).allSatisfy { $0.order?.description == "WD1" && $0.kind == .riskHold && $0.closedAt == nil })
            #expect(mails(last).count == 3 && mails(last).allSatisfy { !$0.text.contains("WD1") })
            try await last.runtime.close()
        }
    }

    @Test("it ends with the matter, in the transaction of the end", arguments: ["refunded", "false_alarm", "closed"])
    func ends(_ outcome: String) async throws {
        try await withWorld { world in
            try await world.take(hold.detected())
            try await world.pass(.hours(5))
            try await world.take(hold.with { ($0.seq, $0.at) = (2, world.clock.now()) }.resolved(outcome))
            let timers = try await world.read { try $0.timers(ofEpisode: 1) }.filter { $0.step == .escalation }
            #expect(timers.map(\.state) == [.fired, .cancelled, .cancelled])
            #expect(try await asked(world).map(\.closedAt) == [world.clock.now()], "nobody has to decide any more")
            try await world.pass(.hours(100))
            #expect(try await steps(world) == ["step 1 of 3, senior_reviewer"])
        }
    }

    @Test("a review that has a result asks nobody, though the payout is under way") func decided() async throws {
        try await withWorld { world in
            try await world.take(hold.detected())
            try await world.take(
                hold.with { ($0.seq, $0.at) = (2, World.noon + .seconds(1)) }.updated(step: "review_approved_or_declined"))
            try await world.pass(.hours(100))
            #expect(try await asked(world).isEmpty)
        }
    }

    @Test("another kind takes over with steps of its own") func anotherKind() async throws {
        try await withWorld { world in
            try await world.take(Sample(kind: "platform_error", code: nil).detected())
            try await world.pass(.minutes(11))
            #expect(try await steps(world) == ["step 1 of 3, on_call"])
            let now = world.clock.now()
            try await world.take(
                Sample(anomaly: "an-2", seq: 2, kind: "account_info_error", code: nil, at: now).detected())
            try await world.pass(.hours(3))
            #expect(try await steps(world) == ["step 1 of 3, on_call", "step 1 of 3, desk"])
            #expect(try await asked(world).map(\.kind) == [.platformError, .accountInfoError])
            #expect(try await asked(world).map { $0.closedAt == nil } == [false, true])
            let (explained, audited) = try await screens(world)
            #expect(explained.contains { $0.contains("escalation 1 at 04:10:00: on call asked, see clarion review list") }, "\(explained)")
            #expect(audited.contains { $0.hasPrefix("Next: escalation 2 at ") }, "\(audited)")
        }
    }

    @Test("a promise that moves before it is broken takes the steps with it; afterwards it puts nobody off") func promises() async throws {
        try await withWorld { world in
            func late(_ seq: Int, _ expected: Timestamp) -> JSON {
                delay.with { ($0.seq, $0.at, $0.expectedAt) = (seq, world.clock.now(), expected) }.updated(step: "bank_processing")
            }
            try await world.take(delay.detected())
            try await world.pass(.hours(1))
            #expect(try await world.deliveries("WD1", .inApp).count == 1)
            try await world.take(late(2, World.noon + .hours(5)))
            try await world.pass(.hours(4) - .seconds(1))
            #expect(try await asked(world).isEmpty)
            try await world.pass(.seconds(1))
            #expect(try await steps(world) == ["step 1 of 3, desk"])
            try await world.take(late(3, World.noon + .hours(90)))
            try await world.pass(.hours(24))
            #expect(try await steps(world) == ["step 1 of 3, desk", "step 2 of 3, channel_manager"])
            #expect(try await asked(world).map(\.openedAt) == [World.noon + .hours(5), World.noon + .hours(29)])
        }
    }

    @Test("payouts of an incident ask nobody while it is open; the incident itself does, once") func incidents() async throws {
        try await withWorld { world in
            for n in 1...24 {
                try await world.take(
                    Sample(kind: "status_unknown", code: nil)
                        .with { ($0.order, $0.anomaly, $0.customer) = ("WD\(n)", "an-\(n)", "CU\(n)") }.detected())
            }
            try await world.pass(.minutes(20))
            #expect(try await asked(world).map(\.kind) == [.channelOutage])
            #expect(try await asked(world).allSatisfy { $0.order == nil && $0.detail.contains("storm-HXB-cn_instant") })
            #expect(mails(world).count == 1)
        }
    }

    @Test("many of one kind in an hour are one mail, and each an item") func oneMail() async throws {
        try await withWorld { world in
            for n in 1...5 {
                try await world.take(
                    Sample(kind: "platform_error", code: nil)
                        .with { ($0.order, $0.anomaly, $0.customer) = ("WD\(n)", "an-\(n)", "CU\(n)") }.detected())
            }
            try await world.pass(.minutes(11))
            #expect(try await asked(world).count == 5 && mails(world).count == 1)
            #expect(mails(world).allSatisfy { $0.text.contains("WD1") && $0.text.contains("on_call") })
        }
    }

    @Test("a restriction is told to the compliance officer alone, and stands nowhere beside its order") func restricted() async throws {
        try await withWorld { world in
            try await world.take(Sample(kind: "compliance_restricted", code: ("internal", "SCREENING_HIT")).detected())
            try await world.pass(.minutes(1))
            #expect(try await steps(world) == ["step 1 of 1, compliance_officer"])
            #expect(try await asked(world).allSatisfy(\.isRestricted))
            #expect(mails(world).isEmpty)
            let now = world.clock.now()
            let (hidden, shown) = try await world.read { reader in
                (
                    try ReviewReport.gather(from: reader, limit: 99, now: now).items,
                    try ReviewReport.gather(from: reader, restricted: true, limit: 99, now: now).items
                )
            }
            #expect(hidden.isEmpty && shown.map(\.cause) == [.escalation, .kind])
            let told = mails(world, to: "compliance@pay.example")
            #expect(told.count == 1)
            #expect(told.allSatisfy { !$0.text.contains("WD1") && !($0.title ?? "").contains("compliance") })
        }
    }

    @Test("without an address of the officer's own nobody is written to") func noOfficer() async throws {
        try await withWorld { world in
            let (world, _) = try await world.restarted { $0.settings.complianceMail = nil }
            try await world.take(Sample(kind: "compliance_restricted", code: ("internal", "SCREENING_HIT")).detected())
            try await world.pass(.minutes(1))
            #expect(try await asked(world).count == 1)
            #expect(world.taken(by: .smtp).allSatisfy { $0.recipient == "customer@example.com" })
            try await world.runtime.close()
        }
    }

    @Test("what an order's own records say of escalations is the same for a restriction and for a review") func alike() async throws {
        func records(_ sample: Sample) async throws -> [String] {
            try await withWorld { world in
                try await world.take(sample.detected())
                try await world.pass(.hours(1))
                let (explained, audited) = try await screens(world)
                try await world.pass(.hours(7))
                let rows = try await world.read { reader in
                    let order = OrderNumber("WD1")!
                    let staff = try reader.notices(ofOrder: order).filter { $0.audience == .staff }.map(\.anomaly)
                    return try staff + reader.log(ofOrder: order).map { "\($0.entry.body)" }
                }
                return (explained + audited + rows).filter { $0.contains("escalation") || $0.contains("staff") }
            }
        }
        #expect(try await records(hold).isEmpty)
        #expect(try await records(Sample(kind: "compliance_restricted", code: ("internal", "SCREENING_HIT"))).isEmpty)
    }

    @Test("no customer is told of it, and the accounting is as before") func nobodyElse() async throws {
        try await withWorld { world in
            try await world.take(Sample(kind: "platform_error", code: nil).detected())
            try await world.pass(.minutes(29))
            let (deliveries, accounting) = (try await world.deliveries("WD1").count, try await world.accounting())
            try await world.pass(.minutes(2))
            #expect(try await steps(world).count == 2)
            #expect(try await world.deliveries("WD1").count == deliveries)
            let after = try await world.accounting()
            #expect(after.accepted == accounting.accepted && after.planned == accounting.planned && after.recorded == accounting.recorded)
        }
    }
}

/// Urgent notices that no channel could deliver.
@Suite("half an hour without a delivery: support calls") struct UnheardTests {
    private let hold = Sample()

    private func calls(_ world: World) async throws -> [ReviewItem] { try await world.reviews(.unheard) }

    @Test("no channel took it: one task, also across a restart") func undelivered() async throws {
        try await withWorld { world in
            for standIn in [StandIn.twilio, .apns] { world.sandbox.switches.set(Fault(.status(400)), for: standIn) }
            try await world.take(hold.with { $0.mail = .null }.detected())
            try await world.pass(.minutes(29))
            #expect(try await calls(world).isEmpty)
            let (next, _) = try await world.restarted()
            try await next.pass(.minutes(2))
            let tasks = try await calls(next)
            #expect(tasks.map(\.order?.description) == ["WD1"] && tasks.allSatisfy { $0.kind == nil })
            #expect(tasks.allSatisfy { $0.detail.contains("sms dead") && $0.detail.contains("push dead") })
            let (last, _) = try await next.restarted()
            try await last.pass(.hours(2))
            #expect(try await calls(last).count == 1)
            #expect(last.taken(by: .smtp).count { $0.title?.contains("has to be called") == true } == 1)
            try await last.runtime.close()
        }
    }

    @Test("one provider took it: nobody calls") func taken() async throws {
        try await withWorld { world in
            world.sandbox.switches.set(Fault(.status(400)), for: .twilio)
            try await world.take(hold.with { $0.mail = .null }.detected())
            try await world.pass(.hours(1))
            #expect(try await world.delivery("WD1", .push).state == .sent)
            #expect(try await calls(world).isEmpty)
        }
    }

    @Test("the mail that followed was taken: nobody calls") func fallback() async throws {
        try await withWorld { world in
            for standIn in [StandIn.twilio, .apns] { world.sandbox.switches.set(Fault(.status(400)), for: standIn) }
            try await world.take(hold.detected())
            try await world.pass(.hours(1))
            #expect(try await world.delivery("WD1", .mail).state == .sent)
            #expect(try await calls(world).isEmpty)
        }
    }

    @Test("it was seen in the app: nobody calls") func seen() async throws {
        try await withWorld { world in
            for standIn in [StandIn.twilio, .apns] { world.sandbox.switches.set(Fault(.status(400)), for: standIn) }
            try await world.take(hold.with { $0.mail = .null }.detected())
            let item = try #require(try await world.read { try $0.inbox(customer: "CU1", unreadOnly: false, before: nil, limit: 1) }.first)
            let moment = World.noon + .minutes(1)
            #expect(
                try await world.runtime.store.write {
                    try $0.mark(inboxItem: item.publicID, customer: "CU1", seen: moment, read: nil)
                })
            try await world.pass(.hours(1))
            #expect(try await calls(world).isEmpty)
        }
    }

    @Test("it is over by then: nobody calls") func over() async throws {
        try await withWorld { world in
            for standIn in [StandIn.twilio, .apns] { world.sandbox.switches.set(Fault(.status(400)), for: standIn) }
            try await world.take(hold.with { $0.mail = .null }.detected())
            try await world.pass(.minutes(20))
            try await world.take(hold.with { ($0.seq, $0.at, $0.mail) = (2, world.clock.now(), .null) }.resolved("closed"))
            try await world.pass(.hours(1))
            #expect(try await calls(world).isEmpty)
        }
    }

    @Test("a restriction and a review are one task to support, word for word") func alike() async throws {
        func task(_ sample: Sample) async throws -> [String] {
            try await withWorld { world in
                for standIn in [StandIn.twilio, .apns] { world.sandbox.switches.set(Fault(.status(400)), for: standIn) }
                try await world.take(sample.with { $0.mail = .null }.detected())
                try await world.pass(.hours(1))
                return try await calls(world).map { "\($0.openedAt) \($0.kind?.rawValue ?? "") \($0.detail)" }
            }
        }
        let review = try await task(hold)
        let restriction = try await task(Sample(kind: "compliance_restricted", code: ("internal", "SCREENING_HIT")))
        #expect(review.count == 1 && review == restriction)
    }
}
