import App
import Config
import Core
import Pipeline
import Store

extension BenchParts {
    /// A store as large as asked for, with everything that can be searched for in it: every kind, stage, channel, language and state, 40 banks, 6
    /// accounts. Three deliveries a notice, 25,000 customers. Nothing of it was ever sent, so there are no attempts.
    static func fill(settings file: String, deliveries: Int) async throws {
        let configuration = try Configuration.load(settingsFile: file, environment: [:], overrides: [:])
        let runtime = try Runtime.make(configuration)
        let start = ContinuousClock.now
        let first = Timestamp(rfc3339: "2026-11-01T00:00:00Z")!
        var next = 0
        while next * 3 < deliveries {
            let batch = next..<min(next + 2_000, (deliveries + 2) / 3)
            try await runtime.store.write { writer in
                for n in batch { try insert(n, at: first + .seconds(n), writer) }
            }
            next = batch.upperBound
        }
        let now = first + .seconds(next + 60)
        while let work = try await runtime.store.read({ try $0.searchWork(before: now) }) {
            try await runtime.store.write { try $0.carryOut(work) }
        }
        try await runtime.close()
        say("{\"notices\":\(next),\"deliveries\":\(next * 3),\"seconds\":\(ContinuousClock.now - start)}")
    }

    /// What is common is common: nine in ten are sent, and of each rare word there are some, spread over all of it or long ago.
    private static func insert(_ n: Int, at now: Timestamp, _ writer: any StoreWriter) throws {
        func pick<Word>(_ words: [Word], _ salt: Int) -> Word { words[(n &* 2_654_435_761 &+ salt &* 40_503) / 97 % words.count] }
        let kind = n < 60 ? Kind.complianceRestricted : pick(Kind.allCases.filter { $0 != .complianceRestricted }, 1)
        let order = OrderNumber("WD2611\(n)")!
        let priority = pick(Priority.allCases, 2)
        let bank = n < 90 ? "RAREBANK" : "BANK\(pick(Array(10..<50), 3))"
        var facts = Facts()
        facts.set(.order, order)
        let episode = Episode(
            anomaly: "an-\(n)", order: order, customer: "CU\(n % 25_000)", kind: kind, priority: priority, status: .open, bank: bank,
            rail: pick(["cnaps", "ibps", "swift", "sepa"], 4), detectedAt: now, openedBy: EventSeq(n + 1), facts: facts, told: true)
        let id = try writer.save(episode, isToldNext: true)
        try writer.save(OrderState(order: order, customer: episode.customer, lastSeq: 1, lastTime: now, lastEvent: "ev-\(n)", version: 1))
        let notice = Notice(
            episode: id, episodeVersion: 1, order: order, anomaly: episode.anomaly, audience: .customer, customer: episode.customer,
            kind: kind, stage: n < 75 ? .correction : pick([.opened, .progress, .resolvedArrived, .stillWaiting], 5), variant: nil,
            priority: priority, reason: .first, locale: n < 45 ? .th : pick([.zhHans, .zhHant, .en], 6), timeZone: "Asia/Shanghai",
            privatePreview: false, templateRevision: "bench", facts: facts, plannedAt: now, event: nil)
        let texts: [(Channel, String)] = [(.sms, "+86138\(10_000_000 + n % 80_000_000)"), (.push, "token-\(n)-0ded5ea77cd3"), (.inApp, "")]
        let deliveries = texts.map { channel, text in
            var (state, reason): (DeliveryState, ReasonCode?) = channel == .inApp ? (.delivered, nil) : (.sent, nil)
            if channel == .push, n % 10 == 0 { (state, reason) = (.blocked, .noDevice) }
            if channel == .sms, n < 30 { (state, reason) = (.dead, .providerRefused) }
            if channel == .sms, n % 5_000 == 7 { (state, reason) = (.undelivered, .undelivered) }
            return Delivery(
                episode: id, order: order, customer: episode.customer, channel: channel, priority: priority, state: state, reason: reason,
                mode: .capture, address: Sensitive(Address(channel: channel, text: text)!), nextAt: nil, expires: now + .hours(1),
                account: channel == .inApp ? nil : n < 50 ? "account-old" : "account-\(pick(Array(1...5), 7))", plannedAt: now)
        }
        let (filed, _) = try writer.insert(notice, deliveries: deliveries, inApp: ("title", "body"))
        try writer.append(LogEntry(.decision, at: now, order: order, notice: filed, body: ["kind": .string(kind.rawValue)]))
    }
}
