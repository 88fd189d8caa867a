import Core
import Store

/// Reads what the planner may know, inside the transaction that will write its plan. Only what this event or timer can ask for: most events
/// are the first of their payout, and of a new payout nothing is stored.
struct SnapshotReader: Sendable {
    let planner: Planner

    func snapshot(for anomaly: Anomaly, of event: Event, in writer: any StoreWriter, now: Timestamp) throws -> Snapshot {
        var snapshot = Snapshot()
        // What is only a test must not make the real news old.
        snapshot.isNews = try event.isTest || writer.noteNews(anomaly: anomaly.id, stage: anomaly.stage.rawValue, seq: anomaly.seq)
        guard snapshot.isNews, !event.isTest else { return snapshot }
        snapshot.order = try writer.order(anomaly.order)
        if let order = snapshot.order {
            guard !planner.isStale(anomaly, of: event, against: order) else { return snapshot }
            // Before the first of its episodes an order has a state.
            snapshot.episodes = try writer.episodes(ofOrder: anomaly.order)
        }
        let own = snapshot.episodes.first { $0.anomaly == anomaly.id }
        let known = try own ?? writer.episode(anomaly: anomaly.id)
        let named = anomaly.reason.flatMap { planner.catalogue.code(source: $0.source, code: $0.code)?.kind }
        let isFirst = own == nil && anomaly.stage != .resolved
        let subject = Subject(
            order: anomaly.order, anomaly: anomaly.id, customer: anomaly.customer, bank: anomaly.bank.code, rail: anomaly.rail,
            kind: known?.kind ?? named ?? anomaly.kind ?? .statusUnknown, detectedAt: known?.detectedAt ?? event.time,
            isKnown: known != nil, mayBeTold: isFirst,
            opensAt: isFirst ? event.time : nil)
        try fill(&snapshot, for: subject, in: writer, now: now)
        return snapshot
    }

    func snapshot(for episode: Episode, contact: CustomerRef, in reader: any StoreReader, now: Timestamp) throws -> Snapshot {
        var snapshot = Snapshot()
        snapshot.order = try reader.order(episode.order)
        snapshot.episodes = try reader.episodes(ofOrder: episode.order)
        let subject = Subject(
            order: episode.order, anomaly: episode.anomaly, customer: contact, bank: episode.bank, rail: episode.rail, kind: episode.kind,
            detectedAt: episode.detectedAt, isKnown: true, mayBeTold: episode.status == .holding, opensAt: nil)
        try fill(&snapshot, for: subject, in: reader, now: now)
        return snapshot
    }

    /// What a snapshot is about, and what the plan may come to.
    private struct Subject {
        var order: OrderNumber
        var anomaly: String
        var customer: CustomerRef
        var bank, rail: String
        var kind: Kind
        var detectedAt: Timestamp
        /// The anomaly has an episode.
        var isKnown: Bool
        /// It may be told for the first time now.
        var mayBeTold: Bool
        /// An episode may open, as of this time: it counts towards a storm.
        var opensAt: Timestamp?
    }

    private func fill(_ snapshot: inout Snapshot, for subject: Subject, in reader: any StoreReader, now: Timestamp) throws {
        let (customer, detectedAt) = (subject.customer, subject.detectedAt)
        // Nothing was ever filed for an episode that nobody was told of, nor for an anomaly without an episode.
        for episode in snapshot.episodes where episode.told { snapshot.deliveries += try reader.deliveries(ofEpisode: episode.id) }
        if subject.isKnown { snapshot.marks = try reader.dedupeMarks(anomaly: subject.anomaly, audience: .customer) }
        snapshot.record = try reader.customer(customer.id)
        snapshot.unusable = try AddressMarks.unusable(of: customer, record: snapshot.record, reader)
        if subject.mayBeTold {
            let merge = planner.policy.mergeWithin
            snapshot.toldElsewhere = try reader.toldPriority(
                customer: customer.id, notOfOrder: subject.order, detectedFrom: detectedAt - merge, to: detectedAt + merge)
        }
        if subject.mayBeTold, planner.countsFailures(subject.kind) {
            let known = try reader.episodeCount(
                ofCustomer: customer.id, bank: subject.bank, detectedFrom: planner.failuresSince(detectedAt), to: now, limit: 100)
            // One that does not open now is filed already.
            snapshot.failuresAtBank = known + (subject.opensAt == nil ? 0 : 1)
        }
        try storm(&snapshot, for: subject, in: reader, now: now)
        try caps(&snapshot, for: subject, in: reader, now: now)
    }

    private func storm(_ snapshot: inout Snapshot, for subject: Subject, in reader: any StoreReader, now: Timestamp) throws {
        let (bank, rail, detectedAt) = (subject.bank, subject.rail, subject.detectedAt)
        snapshot.incidents = try reader.incidents(bank: bank, rail: rail)
        if let opensAt = subject.opensAt, !snapshot.incidents.contains(where: { $0.covers(opensAt) }) {
            snapshot.stormCount = try reader.episodeCount(
                bank: bank, rail: rail, kind: nil, since: detectedAt - planner.policy.storm.within, until: detectedAt)
        }
        guard let incident = snapshot.incidents.first(where: { $0.covers(detectedAt) }) else { return }
        snapshot.member = try reader.incidentMember(incident: incident.id, customer: subject.customer.id)
        snapshot.stormCountOfKind = try reader.episodeCount(
            bank: bank, rail: rail, kind: subject.kind, since: incident.since, until: incident.closedAt ?? now)
    }

    /// Only what a cap is set against.
    private func caps(_ snapshot: inout Snapshot, for subject: Subject, in reader: any StoreReader, now: Timestamp) throws {
        let caps = planner.policy.caps
        if subject.mayBeTold {
            snapshot.toldThisMinute = try reader.counter(Counters.told(subject.kind), bucket: Counters.minute(of: now))
            if snapshot.toldThisMinute >= caps.burstPerMinute {
                snapshot.heldThisHour = try reader.counter(Counters.held(subject.kind), bucket: Counters.hour(of: now))
            }
        }
        let zone = planner.zone(of: subject.customer, record: snapshot.record)
        for used in try reader.usage(ofCustomer: subject.customer.id, since: planner.startOfDay(now, in: zone)) {
            if used.isCounted {
                snapshot.usedToday[used.channel] = used.count
            } else {
                snapshot.uncountedToday[used.channel] = used.count
            }
        }
        guard subject.isKnown, !caps.perAnomaly.isEmpty else { return }
        for used in try reader.usage(ofAnomaly: subject.anomaly) where used.isCounted {
            snapshot.usedForAnomaly[used.channel] = used.count
        }
    }
}

/// Names of the counters behind the brake on bursts.
enum Counters {
    static func told(_ kind: Kind) -> String { "told/\(kind.rawValue)" }
    static func held(_ kind: Kind) -> String { "held/\(kind.rawValue)" }
    /// `2025-11-12T08:15` and `2025-11-12T08`.
    static func minute(of moment: Timestamp) -> String { moment.written(16) }
    static func hour(of moment: Timestamp) -> String { moment.written(13) }
}
