import Core
import Reports
import Store
import Terminal

/// Hand-made rows: one payout that was told about on 18 November 2026.
enum Sample {
    static let noon = Timestamp(rfc3339: "2026-11-18T12:00:00.000Z")!
    static let order = OrderNumber("WD1")!

    static func delivery(_ channel: Channel, _ state: DeliveryState, _ reason: ReasonCode? = nil, id: Int64 = 1, at: Timestamp = noon)
        -> Delivery
    {
        let texts: [Channel: String] = [
            .sms: "+8613800004417", .voice: "+8613800004417", .mail: "lee@mail.example", .push: "token-0ded5ea77cd3", .inApp: "",
        ]
        var delivery = Delivery(
            id: id, publicID: "dlv_\(id)", notice: 1, episode: 1, order: order, customer: "C-9930", channel: channel, priority: .normal,
            state: state,
            reason: reason, mode: .capture, address: Sensitive(Address(channel: channel, text: texts[channel] ?? "")!), nextAt: noon,
            expires: noon + .hours(1),
            plannedAt: at)
        (delivery.account, delivery.tries) = (state == .ready || channel == .inApp ? nil : "\(channel.rawValue)-a", 2)
        return delivery
    }

    static func notice(_ kind: Kind = .bankDelay, _ stage: NoticeStage = .opened, at: Timestamp = noon) -> Notice {
        Notice(
            id: 1, episode: 1, episodeVersion: 1, order: order, anomaly: "an-1", audience: .customer, customer: "C-9930", kind: kind,
            stage: stage,
            variant: nil, priority: .normal, reason: .first, locale: .zhHans, timeZone: "Asia/Shanghai", privatePreview: false,
            templateRevision: "5f2c9a0011223344", facts: Facts(), plannedAt: at, event: 1)
    }

    static func event(_ disposition: Disposition = .planned, id: String = "ev-1", seq: Int64 = 1) -> StoredEvent {
        StoredEvent(
            seq: seq, source: "/channels/adyen", id: id, order: order, type: "anomaly.detected", time: noon,
            receivedAt: noon + .milliseconds(40),
            disposition: disposition, body: [])
    }

    static func decision(_ body: JSON, at: Timestamp = noon + .milliseconds(50)) -> DecisionRecord {
        DecisionRecord(LogRow(seq: 7, entry: LogEntry(.decision, at: at, order: order, event: 1, body: body), hash: []))!
    }
}

struct FixedZones: ZoneTable {
    func offset(of zone: String, at moment: Timestamp) -> Int? { zone == "Asia/Shanghai" ? 28800 : nil }
}

extension Look {
    static func sample(width: Int? = nil, zone: TimeFormat.Zone = .utc) -> Look {
        Look(screen: Screen(isTerminal: false, columns: width), times: TimeFormat(zone, zones: FixedZones(), localOffset: { _ in 0 }))
    }
}
