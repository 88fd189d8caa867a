import Core
import Sandbox
import Store
import Testing

@testable import Pipeline

/// An app says that its customer opened a push notice.
@Suite struct OpenedTests {
    @Test("what was opened is seen: the step for the unseen does not fire", arguments: [true, false])
    func seen(isOpened: Bool) async throws {
        try await withWorld([apns, mail]) { world in
            try await world.take(Sample.limit.detected())
            let push = try await world.delivery("WD1", .push)
            world.clock.advance(to: World.noon + .minutes(5))
            if isOpened {
                for _ in 1...2 { #expect(try await world.engine.receipts.opened(push: push.publicID, by: "CU1")) }
                let opened = try await world.delivery("WD1", .push)
                #expect(opened.state == .delivered && opened.changedAt == World.noon + .minutes(5))
                let kept = try await world.read { try $0.receipts(ofDelivery: push.id) }
                #expect(kept.map(\.status) == [.read] && kept.map(\.code) == ["opened"] && kept.map(\.account) == ["push-ios"])
                #expect(world.engine.receipts.tally.counts == ReceiptTally.Counts(moved: 1, repeated: 1))
            }
            try await world.pass(.hours(3))
            #expect(world.mailsToCustomers == (isOpened ? 0 : 1))
            guard isOpened else { return }
            let rows = try await world.read { try $0.log(ofOrder: OrderNumber("WD1")!) }
            let decision = try #require(rows.last { $0.entry.act == .decision }).entry.body
            #expect(decision["unless"] == "seen" && decision["met"] == true && decision["reason"] == "already_read_elsewhere")
            #expect(rows.filter { $0.entry.act == .receipt }.count == 1)
        }
    }

    @Test("what was opened is there: it is not repeated") func notRepeated() async throws {
        try await withWorld([apns, mail]) { world in
            world.sandbox.switches.set(Fault(.dropAfterAccept, times: 1), for: .apns)
            try await world.take(Sample.limit.detected())
            let push = try await world.delivery("WD1", .push)
            #expect(push.state == .retryWait)
            #expect(try await world.engine.receipts.opened(push: push.publicID, by: "CU1"))
            try await world.pass(.minutes(10))
            #expect(try await world.delivery("WD1", .push).state == .delivered)
            #expect(world.sandbox.switches.requests(to: .apns) == 1)
            #expect(try await world.attempts(push).map(\.state) == [.settled])
        }
    }

    @Test("another's notice, another channel's, one that never left, and none are the same nothing") func none() async throws {
        try await withWorld([twilio, apns, mail]) { world in
            _ = try await world.engine.desk.set(paused: true, account: "push-ios", who: "op", reason: "INC-1")
            try await world.take(Sample().detected())
            let (sms, push) = (try await world.delivery("WD1", .sms), try await world.delivery("WD1", .push))
            let receipts = world.engine.receipts
            for (name, customer) in [(push.publicID, "CU1"), (sms.publicID, "CU1"), ("dlv_1", "CU1"), ("", "CU1")] {
                #expect(try await !receipts.opened(push: name, by: customer))
            }
            _ = try await world.engine.desk.set(paused: false, account: "push-ios", who: "op", reason: "over")
            try await world.pass(.seconds(10))
            #expect(try await !receipts.opened(push: push.publicID, by: "CU2"))
            #expect(try await world.delivery("WD1", .push).state == .sent)
            #expect(try await world.read { try $0.receipts(ofDelivery: push.id) }.isEmpty)
        }
    }
}
