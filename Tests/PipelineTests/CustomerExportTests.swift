import App
import Core
import Pipeline
import Reports
import Sandbox
import Store
import struct Terminal.Look
import struct Terminal.Screen
import struct Terminal.TimeFormat
import Testing

/// Everything that is held about one customer, for them: all of it, nobody else's, and no restriction.
@Suite("access export of a customer") struct CustomerExportTests {
    private static let hold = Sample(details: ["variant": "materials", "materials": ["id_document"]])
    private static let restriction = hold.with { ($0.kind, $0.code) = ("compliance_restricted", ("internal", "SCREENING_HIT")) }

    private func export(_ world: World, _ customer: String = "CU1") async throws -> CustomerExport? {
        let now = world.clock.now()
        return try await world.read { try CustomerExport.gather(from: DiscreetReader($0), customer: customer, now: now) }
    }
    private func human(_ export: CustomerExport) -> String {
        export.human(Look(screen: Screen(isTerminal: false), times: TimeFormat(.utc, zones: SystemZones()))).joined(separator: "\n")
    }

    @Test("holds addresses, words, matters, complaints, what was set, and the inbox; of nobody else") func all() async throws {
        try await withWorld([twilio, apns, mail]) { world in
            let delay = Sample.limit.with { ($0.order, $0.anomaly, $0.seq) = ("WD2", "an-2", 1) }
            try await world.take(
                Self.hold.detected(), delay.detected(),
                Sample(order: "WD3", anomaly: "an-3", customer: "CU2", phone: "+8613700000009", mail: "other@example.com").detected())
            try await world.pass(.hours(3))
            let desk = world.engine.desk
            _ = try await desk.complain(about: OrderNumber("WD1")!, who: "lee", reason: "I want my money")
            let complaint = try #require(try await world.reviews(.complaint).first)
            _ = try await desk.end(complaint: complaint.id, who: "lee", reason: "the officer's own words")
            let record = CustomerRecord(
                id: "CU1", locale: "en", optedOut: [.voice],
                contacts: [
                    .mail: .init(address: Address(channel: .mail, text: "set@example.com").map { Sensitive($0) }, standing: .verified)
                ])
            _ = try await desk.set(record, who: "lee")
            let export = try #require(try await export(world))
            let (json, text) = (export.json, human(export))
            let orders = json["orders"]?.array ?? []
            #expect(orders.map { $0["order"]?.string } == ["WD1", "WD2"])
            for said in [json.text, text] {
                for held in ["+8610000000001", "customer@example.com", "device-token-0001", "set@example.com", "I want my money", "WD2"] {
                    #expect(said.contains(held), "\(held)")
                }
                for other in ["WD3", "CU2", "+8613700000009", "other@example.com", "lee", "officer's own"] {
                    #expect(!said.contains(other), "\(other)")
                }
            }
            // The words are those that were sent.
            let sent = world.ledger.rows().filter { $0.recipient == "+8610000000001" }.map(\.text)
            let words = orders.flatMap { $0["notices"]?.array ?? [] }.flatMap { $0["deliveries"]?.array ?? [] }.compactMap {
                $0["words"]?["text"]?.string
            }
            #expect(!sent.isEmpty && sent.allSatisfy { words.contains($0) })
            #expect(json["inbox"]?.array?.count ?? 0 >= 2 && json["record"]?["off"] == ["voice"])
            // Of a matter that tells nothing by itself everything is there but its code.
            let data = orders[1]["events"]?.array?.first?["data"]
            #expect(data?["kind"] == "limit_exceeded" && data?["details"]?["limit"] != nil && data?["reason"] == nil)
            #expect(export.sheet.rows.count >= 4)
            #expect(try await self.export(world, "CU9") == nil)
        }
    }

    @Test("a restriction and a review of risk read the same, before they are decided on, while they go on and afterwards") func discreet()
        async throws
    {
        func story(_ sample: Sample) async throws -> [String] {
            try await withWorld([twilio, apns, mail]) { world in
                var told: [String] = []
                func look() async throws {
                    let export = try #require(try await export(world))
                    told += [Self.plain(export.json.text), Self.plain(human(export))]
                }
                // As it came, with nothing made of it yet.
                let event = sample.with { ($0.order, $0.anomaly) = ("WD9", "an-9") }.detected()
                let now = world.clock.now()
                let accepted = NewEvent(
                    source: "/channels/x", id: "ev-9", contentHash: [UInt8](repeating: 9, count: 32), order: OrderNumber("WD9"),
                    customer: "CU1", type: "com.example.payout.anomaly.detected", time: now, receivedAt: now, body: event.bytes)
                try await world.runtime.store.write { _ = try $0.accept(accepted) }
                try await look()
                try await world.take(sample.detected())
                try await world.pass(.hours(3))
                try await look()
                try await world.take(sample.with { ($0.seq, $0.at) = (2, world.clock.now()) }.resolved("refunded"))
                try await world.pass(.hours(1))
                try await look()
                return told
            }
        }
        let (review, restricted) = (try await story(Self.hold), try await story(Self.restriction))
        for (a, b) in zip(review, restricted) {
            // Of a review the customer was told more than of a restriction: the words differ, and so what was told. The rest is the same.
            #expect(Self.withoutWords(a) == Self.withoutWords(b))
        }
        for text in restricted {
            for word in ["compliance", "restrict", "SCREENING_HIT", "id_document"] { #expect(!text.contains(word), "\(word)") }
        }
        #expect(restricted[0].contains("WD9") && restricted[2].contains("risk_hold"))
    }

    @Test("a code that is not its kind's own is not told either") func otherCode() async throws {
        try await withWorld([twilio]) { world in
            let odd = Sample.limit.with { ($0.kind, $0.code) = ("bank_delay", ("internal", "SCREENING_HIT")) }
            try await world.take(odd.detected())
            try await world.pass(.hours(3))
            let export = try #require(try await export(world))
            #expect(export.json.text.contains("WD1") && !export.json.text.contains("SCREENING_HIT"))
            #expect(!human(export).contains("SCREENING"))
        }
    }

    private static func plain(_ text: String) -> String {
        text.replacing(/(att|dlv|ntc|msg|cus)_[0-9A-Z]+/) { "\($0.output.1)_ID" }.replacing(
            /SM[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, with: "THEIR_ID")
    }

    /// Machines get words as members, people as lines that are further in.
    private static func withoutWords(_ text: String) -> String {
        guard let json = try? JSON(parsing: text) else {
            return text.split(separator: "\n").filter { !$0.hasPrefix("    ") && !$0.contains(", read: ") }.joined(separator: "\n")
        }
        func cut(_ json: JSON) -> JSON {
            if let members = json.object {
                return .object(members.filter { !["words", "title", "body"].contains($0.0) }.map { ($0.0, cut($0.1)) })
            }
            return json.array.map { .array($0.map(cut)) } ?? json
        }
        return cut(json).text
    }
}
