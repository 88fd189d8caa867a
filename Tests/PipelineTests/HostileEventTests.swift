import Core
import Pipeline
import Sandbox
import Store
import Testing

/// What a producer's event can hold of somebody else's making, on its way to every channel.
@Suite("hostile events: harmless on every channel") struct HostileEventTests {
    private static let names = [
        "Ba\u{0}nk\u{1B}[31m\u{7}\r\nBcc: x@y.zz", "\u{202E}knaB\u{2066}\u{200F}", "Ba\u{200B}nk\u{FEFF}\u{2060}",
        "<script>alert(1)</script>Bank<img src=x onerror=1>&lt;i&gt;", "=HYPERLINK(1)&cmd|' /C calc'!A0", "{amount}{{heading}}{bank}",
        String(repeating: "A银", count: 500),
    ]

    private func samples(_ n: Int, _ name: String) -> [JSON] {
        let kinds = [("risk_hold", "RISK_RULE_HIT"), ("recipient_action_required", ""), ("not_arrived", "")]
        return kinds.enumerated().flatMap { k, kind in
            ["zh-Hans", "en", "ar"].enumerated().map { l, locale in
                let id = "\(n)-\(k)-\(l)"
                let sample = Sample(
                    order: "WD\(id)", anomaly: "an-\(id)", kind: kind.0, code: kind.1.isEmpty ? nil : ("internal", kind.1),
                    customer: "CU\(id)",
                    device: .string("device-token-\(id)"), locale: locale)
                let event = sample.detected()
                return event.setting("data", event.path("data").setting("bank", ["code": "HXB", "name": .string(name)]))
            }
        }
    }

    @Test("a bank's name, from the event to the wire") func names() async throws {
        try await withWorld { world in
            for (n, name) in Self.names.enumerated() { try await world.take(raw: samples(n, name).map(\.bytes)) }
            try await world.pass(.hours(1))
            let rows = world.ledger.rows().filter { $0.recipient != "payments-ops@pay.example" }
            #expect(Set(rows.map(\.channel)) == [.sms, .push, .mail])
            let items = try await world.read { reader in
                try Self.names.indices.flatMap { try reader.inbox(customer: "CU\($0)-0-1", unreadOnly: false, before: nil, limit: 9) }
            }
            #expect(items.count >= Self.names.count)
            for text in rows.flatMap({ [$0.title ?? "", $0.text, $0.html ?? ""] }) + items.flatMap({ [$0.title, $0.body] }) {
                let hidden = text.unicodeScalars.first { $0 != "\n" && $0 != "\r" && PlainText.isHidden($0) }
                #expect(
                    hidden == nil && !text.contains("\nBcc:") && !text.contains(String(repeating: "A银", count: 31)), "\(text.prefix(400))")
            }
            for html in rows.compactMap(\.html) {
                #expect(!html.contains("<script") && !html.contains("<img") && !html.contains("cmd|' "))
            }
            #expect(rows.filter { $0.text.contains("{amount}{{heading}}{bank}") }.count >= 3, "markers are text")
            for row in rows where row.channel == .sms { #expect(SMSMeasure(row.text).parts <= 4 && !row.text.contains("\n")) }
        }
    }

    @Test("what has to be a reference, and what is too long, is refused in words that hold none of it") func refused() async throws {
        try await withWorld { world in
            let event = Sample().detected()
            let data = event.path("data")
            for name in Self.names + [String(repeating: "A", count: 1 << 20)] {
                for field in ["trace_ref", "wallet", "plain_reason", "field", "variant", "first_payout_id"] {
                    let bad = event.setting("data", data.adding("details", .object([(field, .string(name))])))
                    let answers = try await world.take(raw: [bad.bytes])
                    guard case .refused(let refusal)? = answers.first else {
                        Issue.record("\(field) was taken: \(name.prefix(40))")
                        continue
                    }
                    let said = refusal.description
                    #expect(said.count < 300 && !said.unicodeScalars.contains { PlainText.isHidden($0) } && !said.contains("<"), "\(said)")
                }
            }
            #expect(world.ledger.rows().isEmpty)
        }
    }
}
