import Testing

@testable import Core

/// What a notice pins beside the facts of its event: whose clock its times are on, and how long it has taken.
@Suite("pinned with a notice") struct PinnedFactsTests {
    private func notice(record: String?, event: String?) throws -> NoticePlan {
        let anomaly = World.anomaly(.riskHold) { $0.customer.timeZone = event }
        let snapshot = World.snapshot { $0.record = CustomerRecord(id: "CU1", timeZone: record) }
        return try #require(World.plan(anomaly, with: snapshot).notice)
    }

    @Test(
        "a zone that neither the record nor the event names is assumed",
        arguments: [
            (nil, nil, "Asia/Shanghai", true), (nil, "Europe/Berlin", "Europe/Berlin", false), ("UTC", nil, "UTC", false),
            ("Nowhere/Land", nil, "Asia/Shanghai", true), ("Nowhere/Land", "UTC", "UTC", false),
            (nil, "Asia/Shanghai", "Asia/Shanghai", false),
        ] as [(String?, String?, String, Bool)])
    func zone(_ record: String?, _ event: String?, _ zone: String, _ isAssumed: Bool) throws {
        let notice = try notice(record: record, event: event)
        #expect(notice.timeZone == zone && notice.facts.isZoneAssumed == isAssumed)
        let read = Facts(json: notice.facts.json)
        #expect(read == notice.facts && read?.isZoneAssumed == isAssumed && notice.facts.bytes == notice.facts.json.bytes)
    }

    @Test("how long a customer has waited is pinned when the notice is planned, and is no news") func waited() throws {
        let anomaly = World.anomaly(.bankDelay) {
            $0.submittedAt = World.noon - .hours(8)
            $0.rail = "cn_batch"
        }
        let first = World.plan(anomaly)
        let told = try #require(first.notice)
        #expect(told.facts[.waited] == .duration(.hours(8)) && told.facts[.usualWait] == .duration(.seconds(14768)))
        var episode = try #require(first.episode)
        #expect(episode.facts[.waited] == nil, "it would grow stale there")
        // Two hours later the same state is the same state.
        let mark = World.mark(funds: episode.funds, eta: episode.etaBucket, priority: episode.priority, at: World.noon)
        let planner = World.planner()
        #expect(planner.dedupe(episode, marks: [mark], now: World.noon + .hours(1)) == .repeatNotDue)
        let later = planner.notice(
            .stillWaiting, reason: .etaBroken, for: &episode, on: [.mail], contact: World.customer, snapshot: Snapshot(),
            now: World.noon + .hours(2))
        #expect(later.facts[.waited] == .duration(.hours(10)))
    }

    @Test("nothing is said of a wait under a minute, or of one whose beginning is unknown") func unknown() throws {
        let young = World.anomaly(.riskHold) { $0.submittedAt = World.noon - .seconds(59) }
        #expect(World.plan(young).notice?.facts[.waited] == nil && World.plan(young).notice != nil)
        #expect(World.plan(World.anomaly(.riskHold)).notice?.facts[.waited] == nil)
    }
}
