import Core
import Store
import Synchronization

/// Rows with every field set, for tests to change what they are about.
enum Sample {
    /// Seconds after a fixed moment.
    static func at(_ seconds: Int) -> Timestamp { Timestamp(seconds: 1_763_000_000 + Int64(seconds)) }
    static func order(_ n: Int) -> OrderNumber { OrderNumber("WD\(1000 + n)")! }

    static func event(
        _ id: String, source: String = "/channels/a", content: UInt8 = 1, order: OrderNumber? = order(1), customer: String? = "CU1",
        body: String = #"{"data":{}}"#
    ) -> NewEvent {
        NewEvent(
            source: source, id: id, contentHash: [UInt8](repeating: content, count: 32), order: order, customer: customer,
            type: "com.example.payout.anomaly.detected", time: at(1), receivedAt: at(2), body: Array(body.utf8))
    }

    static func facts(minor: Int64 = 128_000) -> Facts {
        var facts = Facts()
        facts.set(.amount, Money(minor: minor, currency: Currency("CNY")!))
        facts.set(.tail4, Tail4("1234"))
        facts.set(.eta, at(3600))
        facts.set(.progress, term: "bank_checks", of: .progressSteps)
        return facts
    }

    static func episode(_ anomaly: String, order: OrderNumber = order(1), customer: String = "CU1", detectedAt: Timestamp = at(0))
        -> Episode
    {
        Episode(
            anomaly: anomaly, order: order, customer: customer, kind: .bankDelay, priority: .normal, status: .open, bank: "ICBC",
            rail: "cnaps",
            detectedAt: detectedAt, version: 2, openedBy: 7, holdUntil: at(60), funds: .inTransit, step: "bank_checks", eta: at(3600),
            deadline: at(7200), variant: "night", facts: facts(), resolution: .refunded, told: true, incident: "inc-1")
    }

    static func notice(
        episode: EpisodeID, order: OrderNumber = order(1), customer: String = "CU1", kind: Kind = .bankDelay, audience: Audience = .customer
    ) -> Notice {
        Notice(
            episode: episode, episodeVersion: 2, order: order, anomaly: "an-1", audience: audience, customer: customer, kind: kind,
            stage: .opened,
            variant: "night", priority: .normal, reason: .first, locale: .zhHans, timeZone: "Asia/Shanghai", privatePreview: true,
            templateRevision: "r1", facts: facts(), plannedAt: at(10), event: 7)
    }

    static let phone = Sensitive(Address.phone(PhoneNumber("+8613800001234")!))

    static func delivery(
        _ publicID: String, notice: NoticeID, channel: Channel = .sms, priority: Priority = .normal, state: DeliveryState = .ready,
        address: Sensitive<Address> = phone, nextAt: Timestamp? = at(10), plannedAt: Timestamp = at(10)
    ) -> Delivery {
        Delivery(
            publicID: publicID, notice: notice, episode: 0, order: order(1), customer: "CU1", channel: channel, priority: priority,
            state: state,
            reason: .first, mode: .capture, address: address, nextAt: nextAt, expires: at(9000), plannedAt: plannedAt)
    }

    static func attempt(_ publicID: String, delivery: DeliveryID, number: Int, customer: String = "CU1", _ writer: any StoreWriter) throws
        -> Attempt
    {
        Attempt(
            publicID: publicID, delivery: delivery, number: number, account: "twilio-1",
            idempotencyKey: writer.idempotencyKey(delivery: "dlv_\(delivery)", account: "twilio-1"),
            digest: [UInt8](repeating: 5, count: 32),
            content: try writer.seal(Array("content of \(publicID)".utf8), customer: customer, context: "attempt/\(publicID)/content"),
            call: try writer.seal(Array("call of \(publicID)".utf8), customer: customer, context: "attempt/\(publicID)/call"),
            startedAt: at(11),
            deadline: at(26), bootID: "boot-1", recorderSlot: 3)
    }

    /// An episode, its notice and one delivery on a channel, all of one order and customer.
    static func planned(
        _ publicID: String, order: OrderNumber = order(1), customer: String = "CU1", channel: Channel = .sms, priority: Priority = .normal,
        kind: Kind = .bankDelay, nextAt: Timestamp? = at(10), plannedAt: Timestamp = at(10), _ writer: any StoreWriter
    ) throws -> DeliveryID {
        let episode = try writer.save(Sample.episode("an-\(publicID)", order: order, customer: customer))
        let notice = try writer.insert(Sample.notice(episode: episode, order: order, customer: customer, kind: kind))
        let address = channel == .inApp ? Sensitive(Address.inbox) : phone
        return try writer.insert(
            delivery(publicID, notice: notice, channel: channel, priority: priority, address: address, nextAt: nextAt, plannedAt: plannedAt)
        )!
    }
}

/// SplitMix64: a test that is run twice gets the same ids.
final class SeededRandom: RandomSource {
    private let state: Mutex<UInt64>
    init(seed: UInt64 = 42) { state = Mutex(seed) }
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
