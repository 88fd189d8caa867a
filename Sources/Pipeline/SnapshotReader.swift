import Core
import Store

/// Reads what the planner may know, inside the transaction that will write its plan.
struct SnapshotReader: Sendable {
    let planner: Planner

    func snapshot(for anomaly: Anomaly, of event: Event, in writer: any StoreWriter, now: Timestamp) throws -> Snapshot {
        // What is only a test must not make the real news old.
        let isNews = try event.isTest || writer.noteNews(anomaly: anomaly.id, stage: anomaly.stage.rawValue, seq: anomaly.seq)
        let known = try writer.episode(anomaly: anomaly.id)
        let kind =
            known?.kind ?? anomaly.reason.flatMap { planner.catalogue.code(source: $0.source, code: $0.code)?.kind } ?? anomaly.kind
            ?? .statusUnknown
        var snapshot = try snapshot(
            order: anomaly.order, anomaly: anomaly.id, customer: anomaly.customer, bank: anomaly.bank.code, rail: anomaly.rail, kind: kind,
            detectedAt: known?.detectedAt ?? event.time, in: writer, now: now)
        snapshot.isNews = isNews
        return snapshot
    }

    func snapshot(for episode: Episode, contact: CustomerRef, in reader: any StoreReader, now: Timestamp) throws -> Snapshot {
        try snapshot(
            order: episode.order, anomaly: episode.anomaly, customer: contact, bank: episode.bank, rail: episode.rail, kind: episode.kind,
            detectedAt: episode.detectedAt, in: reader, now: now)
    }

    private func snapshot(
        order: OrderNumber, anomaly: String, customer: CustomerRef, bank: String, rail: String, kind: Kind, detectedAt: Timestamp,
        in reader: any StoreReader, now: Timestamp
    ) throws -> Snapshot {
        var snapshot = Snapshot()
        snapshot.order = try reader.order(order)
        snapshot.episodes = try reader.episodes(ofOrder: order)
        snapshot.deliveries = try snapshot.episodes.flatMap { try reader.deliveries(ofEpisode: $0.id) }
        snapshot.marks = try reader.dedupeMarks(anomaly: anomaly, audience: .customer)
        snapshot.record = try reader.customer(customer.id)
        snapshot.unusable = try AddressMarks.unusable(of: customer, record: snapshot.record, reader)
        let merge = planner.policy.mergeWithin
        snapshot.toldElsewhere = try reader.toldPriority(
            customer: customer.id, notOfOrder: order, detectedFrom: detectedAt - merge, to: detectedAt + merge)
        snapshot.incidents = try reader.incidents(bank: bank, rail: rail)
        let storm = planner.policy.storm
        snapshot.stormCount = try reader.episodeCount(
            bank: bank, rail: rail, kind: nil, since: detectedAt - storm.within, until: detectedAt)
        if let incident = snapshot.incidents.first(where: { $0.covers(detectedAt) }) {
            snapshot.member = try reader.incidentMember(incident: incident.id, customer: customer.id)
            snapshot.stormCountOfKind = try reader.episodeCount(
                bank: bank, rail: rail, kind: kind, since: incident.since, until: incident.closedAt ?? now)
        }
        snapshot.toldThisMinute = try reader.counter(Counters.told(kind), bucket: Counters.minute(of: now))
        if snapshot.toldThisMinute >= planner.policy.caps.burstPerMinute {
            snapshot.heldThisHour = try reader.counter(Counters.held(kind), bucket: Counters.hour(of: now))
        }
        let day = Counters.day(of: now, zone: planner.zone(of: customer, record: snapshot.record), planner)
        for channel in Channel.allCases where channel != .inApp {
            snapshot.usedToday[channel] = try reader.counter(Counters.daily(customer.id, channel), bucket: day)
            snapshot.usedForAnomaly[channel] = try reader.counter(Counters.anomaly(anomaly, channel), bucket: "")
            snapshot.uncountedToday[channel] = try reader.counter(Counters.uncounted(customer.id, channel), bucket: day)
        }
        return snapshot
    }
}

/// Names of the counters behind the caps.
enum Counters {
    static func daily(_ customer: String, _ channel: Channel) -> String { "day/\(customer)/\(channel.rawValue)" }
    static func anomaly(_ anomaly: String, _ channel: Channel) -> String { "anomaly/\(anomaly)/\(channel.rawValue)" }
    static func uncounted(_ customer: String, _ channel: Channel) -> String { "uncounted/\(customer)/\(channel.rawValue)" }

    static func told(_ kind: Kind) -> String { "told/\(kind.rawValue)" }
    static func held(_ kind: Kind) -> String { "held/\(kind.rawValue)" }
    /// `2025-11-12T08:15` and `2025-11-12T08`.
    static func minute(of moment: Timestamp) -> String { String(moment.description.prefix(16)) }
    static func hour(of moment: Timestamp) -> String { String(moment.description.prefix(13)) }

    static func raise(by n: Int, _ delivery: Delivery, anomaly: String, isCounted: Bool, day: String, _ writer: any StoreWriter) throws {
        guard isCounted else { return try writer.raise(counter: uncounted(delivery.customer, delivery.channel), bucket: day, by: n) }
        try writer.raise(counter: daily(delivery.customer, delivery.channel), bucket: day, by: n)
        try writer.raise(counter: self.anomaly(anomaly, delivery.channel), bucket: "", by: n)
    }

    /// A message that never left uses nothing up.
    static func giveBack(_ delivery: Delivery, _ planner: Planner, _ writer: any StoreWriter) throws {
        guard delivery.tries == 0, let notice = try writer.notice(delivery.notice), notice.audience == .customer else { return }
        let kind = try writer.episode(notice.episode)?.kind ?? notice.kind
        try raise(
            by: -1, delivery, anomaly: notice.anomaly, isCounted: planner.isCounted(notice.stage, of: kind),
            day: day(of: delivery.plannedAt, zone: notice.timeZone, planner), writer)
    }

    /// The customer's own day, `2025-11-12`.
    static func day(of moment: Timestamp, zone: String, _ planner: Planner) -> String {
        let local = Timestamp(seconds: moment.seconds + Int64(planner.zones.offset(of: zone, at: moment) ?? 0))
        return String(local.description.prefix(10))
    }
}
