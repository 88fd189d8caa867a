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

/// Nobody but the officer can tell a restriction from a review of risk by what happened and when: the same story of both, row by row, as
/// customers and support can read it.
@Suite("tipping off: a restriction looks like a risk hold") struct TippingOffTests {
    private static let hold = Sample(expectedAt: World.noon + .hours(3))
    private static let restriction = hold.with { ($0.kind, $0.code) = ("compliance_restricted", ("internal", "SCREENING_HIT")) }

    /// What the customer has and what support can read, without ids and without the kind's name.
    private func story(_ sample: Sample, _ tell: (World, Sample) async throws -> Void) async throws -> [String] {
        try await withWorld(receipts: receiptsBase) { world in
            try await tell(world, sample)
            let look = Look(screen: Screen(isTerminal: false), times: TimeFormat(.utc, zones: SystemZones()))
            let order = OrderNumber("WD1")!
            let records = try await DiscreetStore(world.runtime.store).read { reader in
                var lines = try reader.log(ofOrder: order).map { TailLine($0).human(look) }
                lines += try OrderReport.gather(from: reader, order: order)?.human(look) ?? []
                lines += try ExplainReport.gather(from: reader, order: order)?.human(look) ?? []
                lines += try reader.inbox(customer: "CU1", unreadOnly: false, before: nil, limit: 99).map {
                    "item \($0.stage) \($0.createdAt)"
                }
                return lines
            }
            let wire = world.ledger.rows().filter { !$0.recipient.hasSuffix("@pay.example") }
                .map { "wire \($0.at) \($0.channel) \($0.provider) \($0.recipient) \($0.sender)" }
            // Answers of two providers at one moment are written in the order in which they come.
            return (records + wire).map { Self.plain($0, sample) }.sorted()
        }
    }

    private static func plain(_ line: String, _ sample: Sample) -> String {
        line.replacing(/(att|dlv|ntc|msg)_[0-9A-Z]+/) { "\($0.output.1)_ID" }.replacing(
            /SM[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, with: "THEIR_ID"
        ).replacing(
            /\h+/, with: " ")
    }

    private func later(_ world: World, _ sample: Sample, _ seq: Int) -> Sample {
        sample.with { ($0.seq, $0.at) = (seq, world.clock.now()) }
    }

    @Test("told, not delivered, followed by mail, ended", arguments: ["refunded", "arrived", "returned", "expired", "closed"])
    func ended(_ end: String) async throws {
        func tell(_ world: World, _ sample: Sample) async throws {
            world.sandbox.switches.set(Fault(.status(400)), for: .apns)
            try await world.take(sample.detected())
            let attempt = try #require(try await world.attempts(world.delivery("WD1", .sms)).last)
            #expect(try await say(world, "undelivered", of: attempt) == .taken)
            try await world.pass(.hours(2))
            try await world.take(later(world, sample, 2).resolved(end))
            try await world.pass(.hours(1))
        }
        let (review, restricted) = (try await story(Self.hold, tell), try await story(Self.restriction, tell))
        #expect(review.count > 40 && review.contains { $0.hasPrefix("wire") && $0.contains(" mail ") })
        #expect(review.contains { $0.contains(" receipt ") } && review.contains { $0.hasPrefix("item") })
        for change in restricted.difference(from: review) { Issue.record("\(change)") }
    }

    @Test("the same steps, promises and ends: what happens, what is read of it and what every form of the log says are alike")
    func wholeStory() async throws {
        func tell(_ world: World, _ sample: Sample) async throws {
            try await world.take(sample.detected())
            try await world.pass(.hours(1))
            try await world.take(later(world, sample, 2).updated(step: "under_review"))
            // Past the time that was promised, and past the one that was promised then.
            try await world.pass(.hours(9))
            try await world.take(later(world, sample, 3).resolved("declined"))
            try await world.pass(.hours(1))
        }
        let (review, restricted) = (try await story(Self.hold, tell), try await story(Self.restriction, tell))
        let items = review.filter { $0.hasPrefix("item") }.map { String($0.split(separator: " ")[1]) }
        #expect(Set(items) == ["opened", "progress", "stillWaiting", "resolvedRefunded"])
        #expect(review.contains { $0.contains("still_waiting") } && review.contains { $0.contains("resolved_refunded") })
        for change in restricted.difference(from: review) { Issue.record("\(change)") }
    }

    @Test("no time given: the same is promised, also when a burst of its kind is held back") func promised() async throws {
        func tell(_ world: World, _ sample: Sample) async throws {
            try await world.take(sample.detected())
            try await world.pass(.hours(6))
        }
        let hold = Self.hold.with { $0.expectedAt = nil }
        let (review, restricted) = (
            try await story(hold, tell),
            try await story(hold.with { ($0.kind, $0.code) = (Self.restriction.kind, Self.restriction.code) }, tell)
        )
        #expect(review.contains { $0.hasPrefix("item stillWaiting") })
        for change in restricted.difference(from: review) { Issue.record("\(change)") }
    }

    @Test("a search for reviews of risk finds both, one for restrictions neither; the officer finds each by its name") func searched()
        async throws
    {
        try await withWorld { world in
            try await world.take(
                Self.hold.detected(),
                Self.restriction.with { ($0.order, $0.anomaly, $0.customer) = ("WD2", "an-2", "CU2") }.detected())
            func found(_ words: String, in store: any StoreReading) async throws -> [String] {
                let search = try Reports.Search(words, limit: 20, now: world.clock.now(), offset: { _ in 0 })
                let report = try await store.read { try SearchReport.gather(from: $0, search: search) }
                return Set(report.hits.map { "\($0.delivery.order) \($0.kind.rawValue)" }).sorted()
            }
            let others = DiscreetStore(world.runtime.store)
            #expect(try await found("kind:risk_hold", in: others) == ["WD1 risk_hold", "WD2 risk_hold"])
            #expect(try await found("kind:compliance_restricted", in: others).isEmpty)
            #expect(try await found("", in: others).allSatisfy { !$0.contains("restricted") })
            #expect(try await found("kind:risk_hold", in: world.runtime.store) == ["WD1 risk_hold"])
            #expect(try await found("kind:compliance_restricted", in: world.runtime.store) == ["WD2 compliance_restricted"])
        }
    }

    @Test("neither a text that is sent nor what goes with it holds the name of the kind") func wire() async throws {
        try await withWorld(receipts: receiptsBase) { world in
            try await world.take(Self.restriction.detected())
            try await world.pass(.hours(2))
            let sent = world.ledger.rows().filter { !$0.recipient.hasSuffix("@pay.example") }
            #expect(sent.count > 1)
            let calls = try await world.read { reader in
                try reader.deliveries(matching: DeliveryQuery(limit: 99)).flatMap { try reader.attempts(ofDelivery: $0.id) }.compactMap {
                    try reader.bytes(of: $0.id).map { String(decoding: $0.call + $0.content, as: UTF8.self) }
                }
            }
            #expect(calls.count > 1 && calls.allSatisfy { !$0.contains("compliance_restricted") && !$0.contains("SCREENING_HIT") })
        }
    }
}
