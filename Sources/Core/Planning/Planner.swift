/// Decides who is told what, when and why, or why not. Pure: no clock, store, socket or chance; the same arguments give the same plan.
///
/// The order of questions (docs/planning.md): news, order, kind, dedupe, hold-off, storm, route.
public struct Planner: Sendable {
    public var catalogue: Catalogue
    public var policy: Policy
    public var zones: any ZoneTable
    /// Where a customer's zone is unknown.
    public var defaultZone: String
    /// Where our own people work, ISO 3166: they and banks of no known country keep its holidays.
    public var country: String
    /// Channels that have at least one account; in-app always has.
    public var configured: Set<Channel>
    /// Devices that some account serves; one that does not name its platform is served by any.
    public var platforms = Set(Platform.allCases)
    /// Nil: everyone may be reached. In mode `allowlist`: whether this address of this customer may.
    public var allowed: (@Sendable (_ address: Sensitive<Address>, _ customer: String) -> Bool)?
    /// What is said about the fee when no event says it, a word of the fee notes.
    public var feeNote: String

    public init(
        catalogue: Catalogue, policy: Policy, zones: any ZoneTable, defaultZone: String, country: String = "CN",
        configured: Set<Channel>,
        allowed: (@Sendable (_ address: Sensitive<Address>, _ customer: String) -> Bool)? = nil,
        feeNote: String
    ) {
        (self.catalogue, self.policy, self.zones, self.defaultZone) = (catalogue, policy, zones, defaultZone)
        self.country = country
        (self.configured, self.allowed, self.feeNote) = (configured, allowed, feeNote)
    }

    /// The plan for one anomaly event.
    public func plan(_ anomaly: Anomaly, of event: Event, seq: EventSeq, snapshot: Snapshot, now: Timestamp) -> Plan {
        var plan = Plan()
        plan.record.reserveCapacity(12)
        plan.note("event", .string(event.id))
        plan.note("type", event.type)
        plan.note("seq", .integer(anomaly.seq))
        guard snapshot.isNews else {
            plan.disposition = .suppressed(.sameNews)
            return plan
        }
        guard !event.isTest else {
            plan.disposition = .suppressed(.testEvent)
            return plan
        }
        if let order = snapshot.order, isStale(anomaly, of: event, against: order), !PlantedBug.appliesStaleEvents.isActive {
            plan.note("applied_seq", .integer(order.lastSeq))
            plan.disposition = .stale
            return plan
        }
        plan.order = OrderState(
            order: anomaly.order, customer: anomaly.customer.id, lastSeq: anomaly.seq, lastTime: event.time, lastEvent: event.id,
            version: (snapshot.order?.version ?? 0) + 1)
        let verdict = classify(anomaly, known: snapshot.episodes.first { $0.anomaly == anomaly.id }, now: now, plan: &plan)
        guard let kind = verdict.kind else {
            plan.note("reason", ReasonCode.noAnomaly.rawValue)
            plan.disposition = .recorded
            return plan
        }
        let news = News(anomaly: anomaly, time: event.time, seq: seq, kind: kind, snapshot: snapshot, now: now)
        if let known = snapshot.episodes.first(where: { $0.anomaly == anomaly.id }) {
            switch anomaly.stage {
            case .detected, .updated: update(known, with: news, plan: &plan)
            case .resolved: resolve(known, with: news, plan: &plan)
            }
        } else {
            switch anomaly.stage {
            case .detected, .updated: open(news, plan: &plan)
            case .resolved: bury(news, plan: &plan)
            }
        }
        return plan
    }

    /// Everything one question needs to look at.
    struct News {
        var anomaly: Anomaly
        /// The event's.
        var time: Timestamp
        var seq: EventSeq
        var kind: Kind
        var snapshot: Snapshot
        var now: Timestamp
    }

    /// Lower `seq` than applied is old; at the same `seq` the later time wins, then the greater id.
    public func isStale(_ anomaly: Anomaly, of event: Event, against order: OrderState) -> Bool {
        if anomaly.seq != order.lastSeq { return anomaly.seq < order.lastSeq }
        if event.time != order.lastTime { return event.time < order.lastTime }
        return event.id <= order.lastEvent
    }
}
