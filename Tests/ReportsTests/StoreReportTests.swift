import Core
import Glibc
import Proof
import Reports
import Store
import Synchronization
import Terminal
import Testing

/// The reports over a real store: one payout told by SMS and in-app, with its attempt, its log and a dead letter.
struct StoreReportTests {
    @Test func orderIsFoundWithItsNoticesAndChain() async throws {
        let bench = try await StoredPayout()
        let report = try #require(try await bench.store.read { try OrderReport.gather(from: $0, order: Sample.order, verify: true) })
        #expect(report.customer == "C-9930")
        #expect(report.amount?.shown == "1,250.00 USD")
        #expect(report.events.map(\.disposition) == ["planned"])
        #expect(report.notices.map { $0.deliveries.map(\.state.code) } == [[.providerAccepted, .dropped, .read]])
        #expect(report.notices.first?.eventAt == Sample.noon)
        #expect(report.upcoming.map { $0.step } == ["fallback"])
        guard case .intact(let rows) = report.chain else { throw Unexpected() }
        #expect(rows.count == 3)
        #expect(try await bench.store.read { try OrderReport.gather(from: $0, order: OrderNumber("WD2")!) } == nil)
        try await bench.store.close()
    }

    @Test func explanationFollowsTheLog() async throws {
        let bench = try await StoredPayout()
        let report = try #require(try await bench.store.read { try ExplainReport.gather(from: $0, order: Sample.order) })
        let lines = report.human(.sample())
        #expect(lines.first == "Told? ✓ YES: sms 1.2 s and in_app 50 ms after the event.")
        #expect(lines.contains("3 code      iso20022_status_reason/AC04 means account_unavailable, priority high, raised by rule \"vip\""))
        #expect(report.stories.first?.told.count == 3)
        let onlySMS = try #require(
            try await bench.store.read { try ExplainReport.gather(from: $0, order: Sample.order, event: "ev-1", channel: .sms) })
        #expect(onlySMS.stories.first?.told.count == 1)
        try await bench.store.close()
    }

    @Test func deliveryOpensItsWordsOnlyWhenAsked() async throws {
        let bench = try await StoredPayout()
        let deliveries = try await bench.store.read { try $0.deliveries(ofNotice: 1) }
        let (sms, inApp) = (deliveries[0].publicID, deliveries[2].publicID)
        let closed = try #require(try await bench.store.read { try DeliveryReport.gather(from: $0, delivery: sms) })
        #expect(!closed.members.contains { $0.0 == "content" })
        #expect(closed.tries.map(\.outcome) == [.accepted])
        #expect(closed.steps.map(\.act) == ["intent", "outcome"])
        let open = try #require(try await bench.store.read { try DeliveryReport.gather(from: $0, delivery: sms, content: true) })
        #expect(open.human(.sample()).last == "  text: 提现 WD1 未到账")
        let inbox = try #require(try await bench.store.read { try DeliveryReport.gather(from: $0, delivery: inApp, content: true) })
        #expect(inbox.content?["title"]?.string == "提现提醒")
        #expect(try await bench.store.read { try DeliveryReport.gather(from: $0, delivery: "dlv_none") } == nil)
        try await bench.store.close()
    }

    @Test(arguments: [
        ("channel:sms", 1), ("state:read", 1), ("state:provider_accepted", 1), ("state:dropped", 1), ("customer:C-9930", 3),
        ("kind:risk_hold", 0), ("", 3),
    ])
    func searchFinds(_ query: String, _ count: Int) async throws {
        let bench = try await StoredPayout()
        let search = try Search(query, limit: 10, now: Sample.noon, offset: { _ in 0 })
        let report = try await bench.store.read { try SearchReport.gather(from: $0, search: search) }
        #expect(report.hits.count == count)
        #expect(!report.isCut)
        try await bench.store.close()
    }

    @Test func searchSaysWhenThereIsMore() async throws {
        let bench = try await StoredPayout()
        let report = try await bench.store.read { try SearchReport.gather(from: $0, search: Search(limit: 2)) }
        #expect(report.hits.count == 2)
        #expect(report.isCut)
        try await bench.store.close()
    }

    @Test func sumsPeopleAndVerdicts() async throws {
        let bench = try await StoredPayout()
        let stats = try await bench.store.read { try StatsReport.gather(from: $0, since: nil, until: nil) }
        #expect(stats.deliveries == [.sms: [.providerAccepted: 1], .inApp: [.read: 1], .push: [.dropped: 1]])
        #expect(stats.latency[.sms]?.p50 == .milliseconds(1200))
        #expect(stats.kinds == [.accountUnavailable: 1])
        let customer = try #require(
            try await bench.store.read { try CustomerReport.gather(from: $0, customer: "C-9930", search: Search(limit: 5)) })
        #expect(customer.history.hits.count == 3)
        #expect(try await bench.store.read { try CustomerReport.gather(from: $0, customer: "C-1", search: Search(limit: 5)) } == nil)
        let dead = try await bench.store.read { try DeadReport.gather(from: $0, now: Sample.noon + .hours(1)) }
        #expect(dead.groups.map(\.reason) == ["bad_event"])
        let name = try #require(dead.groups.first?.name)
        #expect(try await bench.store.read { try DeadLetterReport.gather(from: $0, name: name, now: Sample.noon) }?.letters.count == 1)
        let verdict = try await bench.store.read { VerifyReport(try $0.verifyLog(trusted: nil, book: nil), key: nil) }
        #expect(verdict.status == .success)
        #expect(verdict.verdict.rowCount == 3)
        try await bench.store.close()
    }
}

struct Unexpected: Error {}

/// A store in a directory of its own, removed when the test is over.
final class StoredPayout: Sendable {
    let path: String
    let store: SQLiteStore

    init() async throws {
        var template = Array("/tmp/clarion-reports-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)!) }
        let keys = StoreKeys(master: Sensitive([UInt8](repeating: 7, count: 32)), lookup: Sensitive([UInt8](repeating: 9, count: 32)))
        store = try SQLiteStore(directory: path, keys: keys, random: SeededRandom())
        try await store.write { try Self.fill($0) }
    }
    deinit {
        for file in ["clarion.db", "clarion.db-wal", "clarion.db-shm", "clarion.lock"] { unlink(path + "/" + file) }
        rmdir(path)
    }

    private static func fill(_ writer: any StoreWriter) throws {
        let accepted = try writer.accept(
            NewEvent(
                source: "/channels/adyen", id: "ev-1", contentHash: [UInt8](repeating: 1, count: 32), order: Sample.order,
                customer: "C-9930",
                type: "com.example.payout.anomaly.detected", time: Sample.noon, receivedAt: Sample.noon + .milliseconds(40),
                body: Array("{}".utf8)))
        guard case .accepted(let event) = accepted else { throw Unexpected() }
        try writer.save(
            OrderState(order: Sample.order, customer: "C-9930", lastSeq: 1, lastTime: Sample.noon, lastEvent: "ev-1", version: 1))
        var episode = Episode(
            anomaly: "an-1", order: Sample.order, customer: "C-9930", kind: .accountUnavailable, priority: .high, status: .open,
            bank: "ICBC",
            rail: "cn_instant", detectedAt: Sample.noon, openedBy: event, told: true)
        episode.facts.set(.amount, Money(minor: 125_000, currency: Currency("USD")!))
        episode.id = try writer.save(episode)
        var notice = Sample.notice(.accountUnavailable, at: Sample.noon + .milliseconds(50))
        (notice.id, notice.episode, notice.event, notice.facts) = (0, episode.id, event, episode.facts)
        let deliveries = [
            delivery(.sms, .ready, nil, notice), delivery(.inApp, .delivered, nil, notice), delivery(.push, .blocked, .noDevice, notice),
        ]
        let (id, filed) = try writer.insert(notice, deliveries: deliveries, inApp: ("提现提醒", "提现 WD1 未到账"))
        notice.id = id
        _ = try writer.finish(event, as: .planned)
        let item = try writer.newestInboxItems(limit: 1)[0].publicID
        _ = try writer.mark(inboxItem: item, customer: "C-9930", seen: nil, read: Sample.noon + .minutes(19))
        _ = try writer.arm(StoredTimer(step: .fallback, episode: episode.id, notice: notice.id, due: Sample.noon + .minutes(10)))
        try writer.append(
            LogEntry(
                .decision, at: Sample.noon + .milliseconds(50), order: Sample.order, event: event, notice: notice.id,
                body: ExplainTests.toldBody))
        try send(filed[0], writer)
        _ = try writer.insert(
            DeadLetter(
                stage: .intake, reason: "bad_event", detail: "data.seq: missing", source: "queue", size: 120,
                digest: [UInt8](repeating: 3, count: 32),
                at: Sample.noon))
    }

    private static func delivery(_ channel: Channel, _ state: DeliveryState, _ reason: ReasonCode?, _ notice: Notice) -> Delivery {
        var delivery = Sample.delivery(channel, state, reason, id: 0, at: notice.plannedAt)
        (delivery.episode, delivery.account, delivery.tries) = (notice.episode, nil, 0)
        delivery.nextAt = state == .ready ? notice.plannedAt : nil
        return delivery
    }

    private static func send(_ delivery: Delivery, _ writer: any StoreWriter) throws {
        let content: JSON = ["channel": "sms", "text": "提现 WD1 未到账"]
        let name = writer.attemptName(1, ofDelivery: delivery.id)
        let attempt = NewAttempt(
            publicID: name, delivery: delivery.id, number: 1, order: Sample.order, customer: "C-9930", account: "sms-a",
            idempotencyKey: writer.idempotencyKey(delivery: delivery.publicID, account: "sms-a"), digest: [UInt8](repeating: 5, count: 32),
            bytes: AttemptBytes(content: content.bytes, call: Array("{}".utf8)), startedAt: Sample.noon + .milliseconds(100),
            deadline: Sample.noon + .seconds(15), bootID: "boot-1")
        let intent: JSON = ["attempt": .string(name), "number": 1, "account": "sms-a"]
        guard let id = try writer.begin(attempt, log: LogBody(intent), at: Sample.noon + .milliseconds(100)) else { throw Unexpected() }
        let at = Sample.noon + .milliseconds(1200)
        let result = AttemptResult(state: .accepted, outcome: .accepted, detail: "202", providerID: "id-9")
        let outcome: JSON = ["attempt": .string(name), "outcome": "accepted", "detail": "202", "provider_id": "id-9", "state": "sent"]
        guard
            try writer.finish(
                id, as: result, delivery: .sent, reason: nil, nextAt: nil, log: LogBody(outcome), order: Sample.order, at: at)
        else { throw Unexpected() }
    }
}

/// SplitMix64: a test that is run twice gets the same ids.
final class SeededRandom: RandomSource {
    private let state = Mutex<UInt64>(42)
    func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                state &+= 0x9E37_79B9_7F4A_7C15
                var z = state
                z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
                z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
                return UInt8(truncatingIfNeeded: z ^ (z >> 31))
            }
        }
    }
}
