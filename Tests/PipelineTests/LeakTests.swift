import App
import Core
import Foundation
import Pipeline
import Sandbox
import Store
import Testing

/// A thousand secrets go in, in every field and writing, valid and not. None may come to rest where it can be read.
@Suite struct LeakTests {
    @Test("no planted secret is in the files, the letters, the log, the reviews or an answer") func planted() async throws {
        var plant = Plant(seed: 1)
        let lines = (0..<150).flatMap { plant.lines($0) }
        #expect(plant.secrets.count >= 1000)
        try await withWorld([gateway, apns, mail]) { world in
            world.sandbox.switches.set(Fault(.status(400), percent: 20), for: .gateway)
            world.sandbox.switches.set(Fault(.dropAfterAccept, percent: 15), for: .apns)
            world.sandbox.switches.set(Fault(.status(550), percent: 20), for: .smtp)
            var said = ""
            for batch in stride(from: 0, to: lines.count, by: 50) {
                let answers = try await world.take(raw: Array(lines[batch..<min(batch + 50, lines.count)]))
                for case .refused(let refusal) in answers { said += refusal.description + "\n" }
                try await world.pass(.seconds(40))
            }
            try await world.pass(.minutes(40))
            said += try await readable(world)
            let sums = try await world.accounting()
            #expect(
                sums.accepted > 100 && sums.rejected > 100 && sums.deliveries[.sms]?[.sent] ?? 0 > 50
                    && sums.deliveries[.sms]?[.dead] ?? 0 > 5)
            for secret in Search(plant.secrets).found(in: Array(said.utf8)) { Issue.record("\(secret.kind) \(secret.place) is readable") }
            let sealed = Array(try await opened(world).utf8)
            let wire = Array(world.ledger.rows().map { "\($0.title ?? "")\($0.text)\($0.html ?? "")\($0.ids)" }.joined().utf8)
            let cards = Search(plant.secrets.filter { $0.kind == "card" })
            for secret in cards.found(in: sealed) { Issue.record("a card in \(secret.place) was stored") }
            for secret in cards.found(in: wire) { Issue.record("a card in \(secret.place) was sent") }
            let addresses = Array(world.ledger.rows().map(\.recipient).joined(separator: "\n").utf8)
            #expect(Search(plant.secrets).found(in: addresses).count > 100, "addresses are on the wire, and the search finds them")
            try checkFiles(world, plant)
        }
    }

    private func checkFiles(_ world: World, _ plant: Plant) throws {
        for name in ["clarion.db", "clarion.db-wal"] {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: world.storeDirectory + "/" + name)))
            #expect(!bytes.isEmpty)
            for secret in Search(plant.secrets).found(in: bytes) {
                Issue.record("\(secret.kind) \(secret.place) lies open in \(name)")
            }
        }
    }

    /// Everything that operators read without opening a seal.
    private func readable(_ world: World) async throws -> String {
        try await world.read { reader in
            var text = ""
            for letter in try reader.deadLetters(onlyOpen: false, limit: 5000) {
                text += "\(letter.reason) \(letter.detail) \(letter.source)\n"
            }
            for item in try reader.reviews(onlyOpen: false, limit: 5000) { text += item.detail + "\n" }
            for row in try reader.log(after: 0, limit: 100_000) { text += row.entry.body.text + "\n" }
            var query = DeliveryQuery(limit: 5000)
            query.before = nil
            for delivery in try reader.deliveries(matching: query) {
                text += "\(delivery)\n\(delivery.maskedAddress)\n"
                for attempt in try reader.attempts(ofDelivery: delivery.id) {
                    text += "\(attempt.detail ?? "") \(attempt.idempotencyKey)\n"
                }
            }
            return text
        }
    }

    /// What is under seal, opened: events and in-app texts. Addresses may be here, cards never.
    private func opened(_ world: World) async throws -> String {
        try await world.read { reader in
            var text = ""
            for seq in 1...Int64(5000) {
                guard let event = try reader.event(seq) else { break }
                text += String(decoding: event.body, as: UTF8.self)
                for notice in try event.order.map({ try reader.notices(ofOrder: $0) }) ?? [] { text += "\(notice.facts)" }
            }
            return text
        }
    }
}

/// Makes events full of secrets, the same for the same seed.
struct Plant {
    struct Secret: Sendable { var kind, place, text: String }
    private(set) var secrets: [Secret] = []
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func next(_ n: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(n))
    }
    private mutating func digits(_ count: Int) -> String { (0..<count).map { _ in String(next(10)) }.joined() }

    /// A number that passes Luhn, in one of many writings.
    private mutating func card(_ place: String) -> String {
        let body = "4" + digits([12, 14, 14, 14, 17][next(5)])
        let sum = body.utf8.reversed().enumerated().reduce(0) { sum, item in
            let value = Int(item.element) - 48
            let doubled = item.offset % 2 == 0 ? value * 2 : value
            return sum + (doubled > 9 ? doubled - 9 : doubled)
        }
        let number = body + String((10 - sum % 10) % 10)
        secrets.append(Secret(kind: "card", place: place, text: number))
        let groups = stride(from: 0, to: number.count, by: 4).map { String(number.dropFirst($0).prefix(4)) }
        let written =
            switch next(6) {
            case 0: number
            case 1: groups.joined(separator: " ")
            case 2: groups.joined(separator: "-")
            case 3: String(String.UnicodeScalarView(number.unicodeScalars.map { Unicode.Scalar($0.value - 0x30 + 0xFF10)! }))
            case 4: groups.joined(separator: "\u{A0}")
            default: groups.joined(separator: "\u{2011}")
            }
        if written != number { secrets.append(Secret(kind: "card", place: place, text: written)) }
        return written
    }

    private mutating func keep(_ kind: String, _ place: String, _ text: String) -> JSON {
        secrets.append(Secret(kind: kind, place: place, text: text))
        return .string(text)
    }
    private mutating func phone(_ place: String) -> JSON { keep("phone", place, "+8613" + digits(9)) }
    private mutating func mail(_ place: String) -> JSON { keep("mail", place, "who\(digits(9))@example.com") }
    private mutating func token(_ place: String) -> JSON {
        keep("token", place, ["sk_live_", "eyJhbGciOiJIUzI1NiJ9.", "ghp_"][next(3)] + digits(20))
    }

    /// One good event with secrets where they may be, and two bad ones with secrets where nothing is right.
    mutating func lines(_ n: Int) -> [[UInt8]] {
        var good = Sample(order: "WL\(n)", anomaly: "al-\(n)", customer: "CL\(n)")
        (good.phone, good.mail, good.device) = (phone("customer.phone"), mail("customer.mail"), token("customer.push_token"))
        good.details = ["note": .string("paid by " + card("details.note")), "memo": token("details.memo"), "field": "holder_name"]
        good.locale = n % 3 == 0 ? card("customer.locale") : "zh-Hans"
        var data = good.detected().path("data").adding("extra", mail("data.extra"))
        data = data.setting("bank", ["code": "HXB", "name": .string("Bank " + card("bank.name"))])
        let line = good.detected().setting("data", data).adding("traceparent", token("traceparent"))
        return [line.bytes, bad(n, 0), bad(n, 1)]
    }

    private mutating func bad(_ n: Int, _ m: Int) -> [UInt8] {
        let sample = Sample(order: "WB\(n)-\(m)", anomaly: "ab-\(n)-\(m)", customer: "CB\(n)-\(m)")
        let event = sample.detected()
        let data = event.path("data")
        func inData(_ name: String, _ value: JSON) -> [UInt8] { event.setting("data", data.setting(name, value)).bytes }
        switch (n * 2 + m) % 14 {
        case 0: return inData("account", ["last4": .string(card("account.last4"))])
        case 1: return inData("rail", token("rail"))
        case 2: return inData("kind", token("kind"))
        case 3: return inData("anomaly_id", mail("anomaly_id"))
        case 4: return inData("amount", ["minor": phone("amount.minor"), "currency": "CNY"])
        case 5: return inData("amount", ["minor": 1, "currency": token("amount.currency")])
        case 6: return event.setting("type", token("type")).bytes
        case 7: return event.setting("time", phone("time")).bytes
        case 8: return event.setting("source", .string("/channels/" + card("source"))).bytes
        case 9:
            return event.setting(
                "data", data.adding("details", .object([(card("details' key"), .string(String(repeating: "x", count: 1001)))]))
            ).bytes
        case 10:
            let key = token("key").string ?? ""
            return Array("{\"\(key)\":1,\"\(key)\":2}".utf8)
        case 11: return Array(event.setting("subject", mail("cut off")).bytes.dropLast(40))
        case 12: return inData("reason", ["source": "internal", "code": .string(card("reason.code"))])
        default: return event.setting("specversion", phone("specversion")).bytes
        }
    }
}

/// Looks for many texts in one pass: by their first eight bytes, then in full.
struct Search {
    private var starts: [UInt64: [Plant.Secret]] = [:]

    init(_ secrets: [Plant.Secret]) {
        for secret in secrets { starts[secret.text.utf8.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, default: []].append(secret) }
    }

    func found(in bytes: [UInt8]) -> [Plant.Secret] {
        var found: [Plant.Secret] = []
        var window: UInt64 = 0
        for (n, byte) in bytes.enumerated() {
            window = window << 8 | UInt64(byte)
            guard n >= 7, let candidates = starts[window] else { continue }
            found += candidates.filter { bytes[(n - 7)...].starts(with: $0.text.utf8) }
        }
        return found
    }
}

extension JSON {
    func path(_ name: String) -> JSON { self[name] ?? .null }
    func adding(_ name: String, _ value: JSON) -> JSON { .object((object ?? []) + [(name, value)]) }
}
