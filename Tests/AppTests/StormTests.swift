import Core
import Store
import Testing

/// The storm alone, as it was and as it might have been.
@Suite(.serialized) struct StormTests {
    private let week: Generated
    init() throws { week = try Generated.make(seed: 20_251_111) }

    @Test("two runs of the same storm tell the same people the same things") func twice() async throws {
        let first = try await Replayed.run(week.stormSlice)
        let second = try await Replayed.run(week.stormSlice)
        #expect(first.accounting == second.accounting && first.accounting.incidents == 1)
        #expect(first.told == second.told && first.accepted == second.accepted)
    }

    /// A storm of a kind that no incident explains: each customer still gets one SMS, not one for each payout.
    @Test func closedAccounts() async throws {
        let storm = week.storm
        let events = week.stormSlice.map { event in
            guard storm.contains(event["subject"]?.string ?? "") else { return event }
            let other = event.setting(["data", "kind"], "account_unavailable")
            return event["data"]?["reason"] == nil
                ? other : other.setting(["data", "reason"], ["source": "iso20022_status_reason", "code": "AC04"])
        }
        let replayed = try await Replayed.run(events)
        #expect(replayed.accounting.accepted == replayed.accounting.settled && replayed.accounting.pending == 0)
        for (customer, theirs) in week.byCustomer(storm) {
            let sms = theirs.flatMap { replayed.told[$0] ?? [] }.flatMap(\.sent).filter { $0.channel == .sms }
            #expect(sms.count <= 1, "\(customer): \(sms)")
        }
    }
}
