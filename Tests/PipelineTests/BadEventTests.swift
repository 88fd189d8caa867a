import App
import Core
import Foundation
import Pipeline
import Sandbox
import Store
import Testing

/// Forty broken events, each on a store of its own: what is answered, and that nothing of it stays behind.
@Suite struct BadEventTests {
    struct Bad: Sendable, CustomStringConvertible {
        var n: Int
        var field, expect: String
        var raw: [UInt8]
        var description: String { "\(n)" }
    }

    static let all: [Bad] = {
        do {
            return try String(contentsOfFile: repository + "/Tests/Fixtures/bad-events.jsonl", encoding: .utf8).split(separator: "\n").map {
                line in
                let row = try JSON(parsing: String(line))
                let raw = row["raw"]?.string.map { Array($0.utf8) } ?? Base64.decode(row["raw_base64"]?.string ?? "") ?? []
                return Bad(
                    n: Int(row["n"]?.integer ?? 0), field: row["field"]?.string ?? "?", expect: row["expect"]?.string ?? "?", raw: raw)
            }
        } catch { return [] }
    }()

    @Test func thereAreForty() { #expect(Self.all.count == 40) }

    @Test("each alone", arguments: all) func alone(bad: Bad) async throws {
        try await withWorld(at: Timestamp(rfc3339: "2025-11-12T03:35:00Z")!) { world in
            try await world.take(raw: [bad.raw])
            try await world.pass(.minutes(30))
            try await check(bad, world)
        }
    }

    @Test("all in one run, and a good one behind them") func together() async throws {
        try await withWorld(at: Timestamp(rfc3339: "2025-11-12T03:35:00Z")!) { world in
            for bad in Self.all { try await world.take(raw: [bad.raw]) }
            try await world.take(Sample().detected())
            try await world.pass(.hours(72))
            #expect(try await world.deliveries("WD1", .sms).first?.state == .sent)
            let sums = try await world.accounting()
            #expect(sums.rejected == Self.all.count { $0.expect == "reject" })
            #expect(sums.accepted + sums.duplicate + sums.conflict + sums.rejected == 41)
            #expect(sums.accepted == sums.planned + sums.stale + sums.recorded + sums.pending + sums.suppressed.values.reduce(0, +))
            let reasons = try await world.letters().filter { $0.stage == .intake }.map(\.reason)
            #expect(reasons.count == sums.rejected)
        }
    }

    private func check(_ bad: Bad, _ world: World) async throws {
        let sums = try await world.accounting()
        let letters = try await world.letters()
        guard bad.expect != "reject" else {
            #expect(sums.rejected == 1 && sums.accepted == 0 && letters.count == 1)
            let letter = try #require(letters.first)
            #expect(
                letter.stage == .intake && letter.reason == (bad.field.isEmpty ? "event" : bad.field), "\(letter.reason): \(letter.detail)")
            #expect(letter.size == bad.raw.count && world.ledger.count == 0)
            return
        }
        #expect(sums.accepted == 1 && sums.rejected == 0 && letters.isEmpty)
        let line = try JSON(parsing: bad.raw)
        let order = line["subject"]?.string ?? ""
        let notices = try await world.read { try $0.notices(ofOrder: OrderNumber(order)!).filter { $0.audience == .customer } }
        let notice = try #require(notices.first)
        #expect(notices.count == 1)
        switch bad.expect {
        case "review":
            #expect(notice.kind == .statusUnknown)
            #expect(try await world.reviews(.kindMismatch).count == 1)
        case "mask":
            #expect(try await world.delivery(order, .sms).state == .sent)
            let stored = try await world.read { try $0.event(1)!.body }
            #expect(!String(decoding: stored, as: UTF8.self).contains("4000056655665556"))
        case "clean":
            #expect(try await world.delivery(order, .sms).state == .sent)
            #expect(notice.facts[.bank] == .text(PlainText("招商银行gnissem")))
        case "fall_back":
            #expect(try await world.delivery(order, .sms).state == .sent)
            if bad.field == "data.customer.locale" { #expect(notice.locale == .en) } else { #expect(notice.timeZone == "Asia/Shanghai") }
        case "skip_channel":
            let skipped: Channel = bad.field.hasSuffix("phone") ? .sms : .mail
            if skipped == .mail { try await world.pass(.minutes(15)) }
            let delivery = try await world.delivery(order, skipped)
            #expect(delivery.state == .blocked && delivery.reason == .noContact)
            #expect(try await world.delivery(order, .push).state == .sent, "the others go on")
        default: Issue.record("an expectation that nobody checks: \(bad.expect)")
        }
    }
}
