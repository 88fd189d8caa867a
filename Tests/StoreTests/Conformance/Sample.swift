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
    static let mail = Sensitive(Address.mail(MailAddress("customer@example.com")!))

    static let device = Sensitive(Address(channel: .push, text: "device-token-0001")!)

    /// - Parameter name: what the test knows it by; it stands where an account would.
    static func delivery(
        _ name: String, notice: NoticeID = 0, channel: Channel = .sms, priority: Priority = .normal, state: DeliveryState = .ready,
        address: Sensitive<Address> = phone, nextAt: Timestamp? = at(10), plannedAt: Timestamp = at(10)
    ) -> Delivery {
        Delivery(
            notice: notice, episode: 0, order: order(1), customer: "CU1", channel: channel, priority: priority, state: state,
            reason: .first, mode: .capture, address: address, nextAt: nextAt, expires: at(9000), account: name, plannedAt: plannedAt)
    }

    static func attempt(
        _ name: String, delivery: DeliveryID, number: Int, order: OrderNumber = order(1), customer: String = "CU1",
        _ writer: any StoreWriter
    ) throws -> NewAttempt {
        NewAttempt(
            publicID: writer.attemptName(number, ofDelivery: delivery), delivery: delivery, number: number, order: order,
            customer: customer, account: "twilio-1",
            idempotencyKey: writer.idempotencyKey(delivery: "dlv_\(delivery)", account: "twilio-1"),
            digest: [UInt8](repeating: 5, count: 32),
            bytes: AttemptBytes(content: Array("content of \(name)".utf8), call: Array("call of \(name)".utf8)), startedAt: at(11),
            deadline: at(26), bootID: "boot-1", recorderSlot: 3)
    }

    static func stats(_ store: any Store, since: Timestamp?, until: Timestamp?) async throws -> [DeliveryStat] {
        try await store.read { reader in
            var all: [DeliveryStat] = []
            try reader.eachDelivery(since: since, until: until) { all.append($0) }
            return all
        }
    }

    /// A notice with the one delivery, or with what is given.
    static func file(_ writer: any StoreWriter, _ notice: Notice, _ deliveries: Delivery..., inApp: (title: String, body: String)? = nil)
        throws
        -> [Delivery]
    {
        try writer.insert(notice, deliveries: deliveries, inApp: inApp).1
    }

    /// An episode, its notice and one delivery on a channel, all of one order and customer.
    static func planned(
        _ name: String, order: OrderNumber = order(1), customer: String = "CU1", channel: Channel = .sms, priority: Priority = .normal,
        kind: Kind = .bankDelay, nextAt: Timestamp? = at(10), plannedAt: Timestamp = at(10), _ writer: any StoreWriter
    ) throws -> DeliveryID {
        let episode = try writer.save(Sample.episode("an-\(name)", order: order, customer: customer))
        let address =
            switch channel {
            case .inApp: Sensitive(Address.inbox)
            case .mail: mail
            default: phone
            }
        return try file(
            writer, Sample.notice(episode: episode, order: order, customer: customer, kind: kind),
            delivery(name, channel: channel, priority: priority, address: address, nextAt: nextAt, plannedAt: plannedAt))[0].id
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
