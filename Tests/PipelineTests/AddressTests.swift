import App
import Core
import Foundation
import Providers
import Reports
import Sandbox
import Store
import Terminal
import Testing

@testable import Pipeline

/// What a provider says of an address is remembered: the next notice leaves it out at once, and everything else goes on.
@Suite struct AddressTests {
    private let hold = Sample()
    private func next(_ n: Int) -> Sample {
        hold.with { ($0.order, $0.anomaly, $0.at) = ("WD\(n)", "an-\(n)", World.noon + .minutes(20 * (n - 1))) }
    }

    @Test(
        "an address refused for good is left out by the next notice",
        arguments: [
            (twilio, Channel.sms, "+8610000000001", "400 21614"), (apns, .push, "device-token-0001", "410 Unregistered"),
            (fcm, .push, "device-token-0001", "404 UNREGISTERED"),
        ])
    func dead(account: String, channel: Channel, address: String, detail: String) async throws {
        try await withWorld([account, mail]) { world in
            world.sandbox.switches.retire(address)
            try await world.take(hold.detected())
            #expect(try await world.delivery("WD1", channel).reason == .addressDead)
            let (after, _) = try await world.restarted()
            try await after.pass(.minutes(20))
            try await after.take(next(2).detected())
            let left = try await after.delivery("WD2", channel)
            #expect(left.state == .blocked && left.reason == .addressDead && left.tries == 0)
            #expect(try await after.delivery("WD2", .inApp).state == .delivered)
            let rows = try await after.read { try $0.log(ofOrder: OrderNumber("WD1")!) }.filter { $0.entry.act == .address }
            #expect(rows.count == 1 && rows[0].entry.body["detail"]?.string?.hasPrefix(detail) == true)
            #expect(rows[0].entry.body.text.contains(address) == false)
            // A new address in an event is no dead one.
            try await after.pass(.minutes(20))
            try await after.take(next(3).with { ($0.phone, $0.device) = ("+8610000000099", "device-token-0099") }.detected())
            #expect(try await after.delivery("WD3", channel).state == .sent)
            #expect(try await after.read { try $0.verifyChain() } == nil)
            try await after.runtime.close()
        }
    }

    @Test("a mailbox that does not exist is left out, and nothing of it shows in clear") func mailbox() async throws {
        try await withWorld([mail]) { world in
            world.sandbox.switches.retire("customer@example.com")
            let delay = Sample(kind: "bank_delay", code: nil)
            for n in 1...2 {
                try await world.take(delay.with { ($0.order, $0.anomaly, $0.at) = ("WD\(n)", "an-\(n)", world.clock.now()) }.detected())
                try await world.pass(.hours(49))
            }
            #expect(try await world.deliveries("WD1", .mail).map(\.reason) == [.addressDead])
            #expect(try await world.deliveries("WD2", .mail).map { $0.tries } == [0])
            let look = Look(screen: Screen(isTerminal: false), times: TimeFormat(.utc, zones: SystemZones()))
            let report = try await world.read { try CustomerReport.gather(from: $0, customer: "CU1", search: Reports.Search(limit: 9)) }
            let shown = try #require(report).human(look).joined(separator: "\n")
            #expect(shown.contains("address_dead") && shown.contains("550 5.1.1") && !shown.contains("customer@example.com"))
        }
    }

    @Test("a record that says verified again ends the mark, in the log too") func verified() async throws {
        try await withWorld { world in
            world.sandbox.switches.retire("+8610000000001")
            let phone = Sensitive(try #require(Address(channel: .sms, text: "+8610000000001")))
            var record = CustomerRecord(id: "CU1", contacts: [.sms: .init(address: phone, standing: .verified)])
            _ = try await world.engine.desk.set(record, who: "test")
            world.clock.advance(to: World.noon + .seconds(1))
            try await world.take(hold.detected())
            #expect(try await world.read { try $0.customer("CU1")?.contacts[.sms]?.standing } == .dead, "the record says so itself")
            #expect(try await world.delivery("WD1", .sms).reason == .addressDead)
            // Something else of the record is changed: still dead.
            record.contacts[.sms]?.standing = .dead
            record.optedOut = [.mail]
            _ = try await world.engine.desk.set(record, who: "test")
            #expect(try await world.read { try $0.addressMarks(ofCustomer: "CU1").map(\.reason) } == [.addressDead])
            world.sandbox.switches.restore("+8610000000001")
            record.contacts[.sms]?.standing = .verified
            _ = try await world.engine.desk.set(record, who: "test")
            try await world.pass(.minutes(20))
            try await world.take(next(2).detected())
            #expect(try await world.delivery("WD2", .sms).state == .sent)
            let rows = try await world.read { try $0.log(after: 0, limit: 1000) }.filter { $0.entry.act == .address }
            #expect(rows.map { $0.entry.body["standing"]?.string } == ["address_dead", "verified"])
        }
    }

    @Test("a change that says verified again ends the mark; one that says nothing of the channel does not") func changed() async throws {
        try await withWorld { world in
            world.sandbox.switches.retire("+8610000000001")
            try await world.take(hold.detected())
            #expect(try await world.delivery("WD1", .sms).reason == .addressDead)
            var change = CustomerChange()
            change.optOut = [.mail]
            _ = try await world.engine.desk.change(customer: "CU1", change, who: "test", reason: "asked")
            #expect(try await world.read { try $0.addressMarks(ofCustomer: "CU1").map(\.reason) } == [.addressDead])
            world.sandbox.switches.restore("+8610000000001")
            change.contacts[.sms] = CustomerChange.Contact(standing: .verified)
            _ = try await world.engine.desk.change(customer: "CU1", change, who: "test", reason: "asked")
            try await world.pass(.minutes(20))
            try await world.take(next(2).detected())
            #expect(try await world.delivery("WD2", .sms).state == .sent)
        }
    }

    @Test("a device that registered again after the moment the provider speaks of is not marked") func registeredSince() async throws {
        try await withWorld([apns]) { world in
            world.sandbox.switches.retire("device-token-0001")
            let device = Sensitive(try #require(Address(channel: .push, text: "device-token-0001")))
            world.clock.advance(to: World.noon + .minutes(1))
            let record = CustomerRecord(id: "CU1", contacts: [.push: .init(address: device, standing: .verified)])
            _ = try await world.engine.desk.set(record, who: "test")
            try await world.take(hold.detected())
            #expect(try await world.delivery("WD1", .push).reason == .addressDead)
            #expect(try await world.read { try $0.addressMarks(ofCustomer: "CU1") }.isEmpty)
        }
    }

    @Test("an opt-out at the provider is named as one") func optOut() async throws {
        try await withWorld { world in
            try await world.take(hold.detected())
            let delivery = try await world.delivery("WD1", .sms)
            let detail = OutcomeDetail(status: 400, code: "21610", blame: .optOut)
            let verdict = Verdict(
                .badRecipient(detail), delivery: delivery, mayBeThere: false, guarantee: .blind, retry: RetryPolicy(), now: World.noon)
            #expect(verdict.delivery == .dead && verdict.reason == .optedOut)
            try await world.runtime.store.write { try AddressMarks.file(detail, of: delivery, at: World.noon, $0) }
            try await world.pass(.minutes(20))
            try await world.take(next(2).detected())
            let left = try await world.delivery("WD2", .sms)
            #expect(left.reason == .optedOut && left.state == .blocked, "also for a kind that no preference switches off")
        }
    }

    @Test("a device goes to the account that serves its platform, and without one says so") func platforms() async throws {
        try await withWorld([apns, fcm]) { world in
            let devices: [(JSON, JSON?, StandIn?)] = [
                ("token-1", "ios", .apns), ("token-2", "android", .fcm), ("token-3", nil, .apns), ("android:token-4", nil, .fcm),
                ("token-5", "harmony", nil), ("token-6", "toaster", nil),
            ]
            for (n, (token, platform, _)) in devices.enumerated() {
                let sample = hold.with {
                    ($0.order, $0.anomaly, $0.customer) = ("WD\(n)", "an-\(n)", "CU\(n)")
                    ($0.device, $0.platform) = (token, platform)
                }
                try await world.take(sample.detected())
            }
            for (n, (_, _, standIn)) in devices.enumerated() {
                let delivery = try await world.delivery("WD\(n)", .push)
                #expect(delivery.state == (standIn == nil ? .blocked : .sent))
                #expect(delivery.account == standIn.map { $0 == .apns ? "push-ios" : "push-android" })
                if standIn == nil { #expect(delivery.reason == (n == 4 ? .channelNotConfigured : .noContact)) }
            }
            #expect(world.taken(by: .apns).map(\.recipient) == ["token-1", "token-3"])
            #expect(world.taken(by: .fcm).map(\.recipient) == ["token-2", "token-4"])
        }
    }

    @Test("an account says itself which devices it serves") func platformsOfAnAccount() async throws {
        let both = fcm.replacingOccurrences(of: "service_account_file", with: "platforms: [ios, android], service_account_file")
        try await withWorld([both, apns]) { world in
            for n in 1...20 {
                let sample = hold.with { ($0.order, $0.anomaly, $0.customer, $0.platform) = ("WD\(n)", "an-\(n)", "CU\(n)", "ios") }
                try await world.take(sample.detected())
            }
            let used = try await world.read { try $0.deliveries(in: .sent, limit: 100) }.map(\.account)
            #expect(Set(used) == ["push-android", "push-ios"] && used.count == 20, "both serve it")
        }
    }

    @Test("an account that calls everybody bad is to blame itself") func gate() {
        var gate = SuppressionGate()
        let (bad, setup, route) = (
            Outcome.badRecipient(OutcomeDetail(code: "a")), Outcome.badRecipient(OutcomeDetail(code: "b", blame: .addressOrSetup)),
            Outcome.badRecipient(OutcomeDetail(code: "c", blame: .route))
        )
        #expect(gate.remembers(bad, on: "x") && !gate.remembers(route, on: "x"))
        #expect(!gate.remembers(setup, on: "x"), "nothing was taken yet: the setup may be wrong")
        _ = gate.judged(.accepted(id: "1"), on: "x")
        #expect(gate.remembers(setup, on: "x") && !gate.remembers(setup, on: "y"))
        for _ in 1...48 { #expect(gate.judged(bad, on: "x") == bad) }
        #expect(gate.judged(bad, on: "x").class == .authConfig && gate.judged(bad, on: "y") == bad)
        for n in 1...250 { _ = gate.judged(.accepted(id: "\(n)"), on: "x") }
        #expect(gate.judged(bad, on: "x") == bad, "what is long ago is forgotten")
    }
}
