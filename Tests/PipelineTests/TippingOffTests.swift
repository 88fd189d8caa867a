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

/// Nobody but the officer can tell a restriction from a review of risk by what happened and when: the same story of both, row by row.
@Suite("tipping off: a restriction looks like a risk hold") struct TippingOffTests {
    private static let hold = Sample(expectedAt: World.noon + .hours(3))
    private static let restriction = hold.with { ($0.kind, $0.code) = ("compliance_restricted", ("internal", "SCREENING_HIT")) }

    /// What the customer has and what support can read, without ids and without the kind's name.
    private func story(_ sample: Sample, _ tell: (World, Sample) async throws -> Void) async throws -> [String] {
        try await withWorld(receipts: receiptsBase) { world in
            try await tell(world, sample)
            let look = Look(screen: Screen(isTerminal: false), times: TimeFormat(.utc, zones: SystemZones()))
            let order = OrderNumber("WD1")!
            let records = try await world.read { reader in
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
        line.replacing(sample.kind, with: "KIND").replacing(sample.code?.code ?? "", with: "CODE")
            .replacing(/(att|dlv|ntc|msg)_[0-9A-Z]+/) { "\($0.output.1)_ID" }.replacing(
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

    @Test("while it is open, all but the promise, which only a review of risk keeps watch over") func open() async throws {
        func tell(_ world: World, _ sample: Sample) async throws {
            try await world.take(sample.detected())
            try await world.pass(.hours(2))
        }
        let (review, restricted) = (try await story(Self.hold, tell), try await story(Self.restriction, tell))
        let changes = restricted.difference(from: review)
        #expect(changes.insertions.isEmpty)
        let more = changes.removals.map { if case .remove(_, let line, _) = $0 { line } else { "" } }
        #expect(more == ["Next: promise at 2025-11-12 07:00:00 UTC"])
    }

    @Test("a step inside and a time that passes are told of a review, and of a restriction nothing; its customer then hears of the end")
    func neutral() async throws {
        func tell(_ world: World, _ sample: Sample) async throws {
            try await world.take(sample.detected())
            try await world.pass(.hours(1))
            try await world.take(later(world, sample, 2).updated(step: "under_review"))
            try await world.pass(.hours(4))
            try await world.take(later(world, sample, 3).resolved("refunded"))
            try await world.pass(.hours(1))
        }
        func items(_ lines: [String]) -> [String] { lines.filter { $0.hasPrefix("item") } }
        let (review, restricted) = (try await story(Self.hold, tell), try await story(Self.restriction, tell))
        #expect(items(review).map { String($0.split(separator: " ")[1]) } == ["opened", "progress", "resolvedRefunded", "stillWaiting"])
        #expect(items(restricted) == items(review).filter { $0.contains("opened") || $0.contains("resolvedRefunded") })
    }
}
