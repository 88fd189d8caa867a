import App
import Core
import Pipeline
import Reports
import Sandbox
import Store
import Synchronization
import Terminal
import Testing

/// One customer whose every secret is in every field of an event that takes a text. What customers are told, and what staff are shown of it, holds none.
/// `LeakTests` looks for them where things are kept.
@Suite("planted values") struct PlantedTests {
    private static let phone = "+8613912345678"
    private static let mailbox = "li.xiaolong@example.com"
    private static let device = "push-token-0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    private static let card = "4111111111111111"
    private static let name = "Li Xiaolong"
    private static let key = "sk_live_51HxAbCdEfGhIjKlMnOp"
    /// As they are, and as they would stand in a link or be cut in groups.
    private static let secrets = [
        phone, String(phone.dropFirst()), "139 1234 5678", mailbox, "li.xiaolong", device, card, "4111 1111 1111 1111",
        "4111-1111-1111-1111", name, key,
    ]

    /// The same news once for each secret, which stands wherever an event has room for a text.
    private func events() -> [JSON] {
        let kinds = [("risk_hold", "RISK_RULE_HIT"), ("not_arrived", ""), ("payout_returned", ""), ("recipient_action_required", "")]
        return kinds.enumerated().flatMap { k, kind in
            Self.secrets.enumerated().map { s, secret in
                var sample = Sample(
                    order: "WP\(k)-\(s)", anomaly: "ap-\(k)-\(s)", kind: kind.0, code: kind.1.isEmpty ? nil : ("internal", kind.1),
                    customer: "CP\(k)-\(s)", device: .string(Self.device), locale: ["zh-Hans", "en", "ar"][(k + s) % 3])
                (sample.phone, sample.mail) = (.string(Self.phone), .string(Self.mailbox))
                sample.details = ["note": .string(secret), "memo": .string(secret), "holder_name": .string(secret)]
                let event = sample.detected()
                let bank: JSON = ["code": "HXB", "name": .string(secret == Self.name ? "HXB" : "HXB " + secret)]
                let data = event.path("data").setting("bank", bank).adding("customer_name", .string(secret)).adding(
                    "remark", .string(secret))
                return event.setting("data", data).adding("comment", .string(secret))
            }
        }
    }

    private func expectNone(in text: String, _ place: String) {
        for secret in Self.secrets where text.contains(secret) { Issue.record("\(place) holds \(secret)") }
    }

    @Test("in no text of any channel, and on no screen of the staff") func everywhere() async throws {
        try await withWorld([gateway, apns, mail]) { world in
            world.sandbox.switches.set(Fault(.status(400), percent: 20), for: .gateway)
            world.sandbox.switches.set(Fault(.dropAfterAccept, percent: 20), for: .apns)
            world.sandbox.switches.set(Fault(.status(550), percent: 20), for: .smtp)
            try await world.take(raw: events().map(\.bytes))
            try await world.pass(.hours(2))
            let rows = world.ledger.rows()
            #expect(Set(rows.map(\.channel)) == [.sms, .push, .mail])
            for row in rows {
                expectNone(in: "\(row.title ?? "")\n\(row.text)\n\(row.html ?? "")", "a \(row.channel.rawValue) to a customer")
            }
            try await inApp(world)
            let screens = try await screens(world)
            #expect(screens.count > 60)
            for screen in screens { expectNone(in: screen.text, screen.name) }
            #expect(screens.contains { $0.text.contains("+86****78") }, "addresses are shown by their shadow")
        }
    }

    private func inApp(_ world: World) async throws {
        let items = try await world.read { reader in
            try (0..<Self.secrets.count).flatMap { try reader.inbox(customer: "CP0-\($0)", unreadOnly: false, before: nil, limit: 9) }
        }
        #expect(items.count >= Self.secrets.count)
        for item in items { expectNone(in: item.title + "\n" + item.body, "an item in the app") }
    }

    /// What each command shows, in words and in every form for machines.
    private func screens(_ world: World) async throws -> [(name: String, text: String)] {
        let letters = try await world.letters()
        let reviews = try await world.read { try $0.reviews(onlyOpen: false, limit: 1000) }
        let deliveries = try await world.deliveries("WP0-0")
        #expect(!letters.isEmpty && !reviews.isEmpty && !deliveries.isEmpty)
        var requests: [any Command] = [
            AuditStatsRequest(), AuditSearchRequest(query: "kind:risk_hold"), AuditSearchRequest(query: "customer:CP0-0"),
            TailRequest(ends: true),
            DeadListRequest(), ReviewListRequest(showsAll: true), AttemptListRequest(), AuditCustomerRequest(customer: "CP0-0"),
            CustomerShowRequest(customer: "CP0-0"), InboxShowRequest(customer: "CP0-0"),
        ]
        for order in ["WP0-0", "WP1-3", "WP2-4"].compactMap({ OrderNumber($0) }) {
            requests += [AuditOrderRequest(order: order), ExplainRequest(subject: order.description)]
        }
        requests += deliveries.map { AuditDeliveryRequest(delivery: $0.publicID) as any Command }
        requests += reviews.prefix(3).map { ReviewShowRequest(id: $0.id) as any Command }
        var screens: [(name: String, text: String)] = []
        for request in requests {
            for form in OutputForm.allCases {
                let said = Mutex("")
                let look = Look(screen: Screen(isTerminal: false), times: TimeFormat(.utc, zones: SystemZones()))
                let console = Console(form: form, look: look, errorLook: look) { text, _ in said.withLock { $0 += text } }
                let store = world.runtime.store
                let now = world.clock.now()
                let context = CommandContext(options: GlobalOptions(), console: console, clock: { now }, openReading: { store })
                do {
                    _ = try await request.run(in: context)
                } catch let fault as Terminal.Fault {
                    // A form that this page does not have.
                    guard fault.status == .usage else { throw fault }
                }
                screens.append(("\(type(of: request)) as \(form)", said.withLock { $0 }))
            }
        }
        return screens
    }
}
