public import Core

/// A store as those may see it who speak with customers: a restriction looks like a review of risk, and of neither is said what only one of the two
/// has (`Discretion`). What was said to the customer, when, where and whether it arrived, is all there.
public struct DiscreetStore: StoreReading {
    private let base: any StoreReading
    public init(_ base: any StoreReading) { self.base = base }
    public func read<Result: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> Result) async throws -> Result {
        try await base.read { try body(DiscreetReader($0)) }
    }
}

public struct DiscreetReader: StoreReader {
    let base: any StoreReader
    public init(_ base: any StoreReader) { self.base = base }

    public func episode(_ id: EpisodeID) throws -> Episode? { try base.episode(id)?.toOthers }
    public func bareEpisode(_ id: EpisodeID) throws -> Episode? { try base.bareEpisode(id)?.toOthers }
    public func episode(anomaly: String) throws -> Episode? { try base.episode(anomaly: anomaly)?.toOthers }
    public func episodes(ofOrder order: OrderNumber) throws -> [Episode] { try base.episodes(ofOrder: order).map(\.toOthers) }
    public func episodes(ofCustomer customer: String, bank: String, detectedFrom: Timestamp, to: Timestamp, limit: Int) throws -> [Episode]
    { try base.episodes(ofCustomer: customer, bank: bank, detectedFrom: detectedFrom, to: to, limit: limit).map(\.toOthers) }
    public func notice(_ id: NoticeID) throws -> Notice? { try base.notice(id)?.toOthers }
    public func notices(ofOrder order: OrderNumber) throws -> [Notice] { try base.notices(ofOrder: order).map(\.toOthers) }
    public func inbox(customer: String, unreadOnly: Bool, before: Int64?, limit: Int) throws -> [InboxItem] {
        try base.inbox(customer: customer, unreadOnly: unreadOnly, before: before, limit: limit).map(\.toOthers)
    }
    public func newestInboxItems(limit: Int) throws -> [InboxItem] { try base.newestInboxItems(limit: limit).map(\.toOthers) }
    public func inboxItem(publicID: String, customer: String) throws -> InboxItem? {
        try base.inboxItem(publicID: publicID, customer: customer)?.toOthers
    }
    public func log(ofOrder order: OrderNumber) throws -> [LogRow] { try base.log(ofOrder: order).map(\.toOthers) }
    public func log(ofDelivery delivery: DeliveryID) throws -> [LogRow] { try base.log(ofDelivery: delivery).map(\.toOthers) }
    public func log(after seq: Int64, limit: Int) throws -> [LogRow] { try base.log(after: seq, limit: limit).map(\.toOthers) }
    public func openEpisodes(ofCustomer customer: String) throws -> [Episode] {
        try base.openEpisodes(ofCustomer: customer).map(\.toOthers)
    }
    public func deliveries(matching query: DeliveryQuery) throws -> [Delivery] {
        switch query.kind {
        case .complianceRestricted: return []
        case .riskHold:
            var other = query
            other.kind = .complianceRestricted
            let both = try base.deliveries(matching: query) + base.deliveries(matching: other)
            return Array(both.sorted { $0.id > $1.id }.prefix(query.limit))
        default: return try base.deliveries(matching: query)
        }
    }
}

// MARK: Sums

extension DiscreetReader {
    public func eachDelivery(since: Timestamp?, until: Timestamp?, _ each: (DeliveryStat) throws -> Void) throws {
        try base.eachDelivery(since: since, until: until) { stat in
            guard stat.notice.kind.isDiscreet else { return try each(stat) }
            var shown = stat
            (shown.notice.kind, shown.notice.stage) = (stat.notice.kind.toOthers, stat.notice.stage.toOthers(of: stat.notice.kind))
            try each(shown)
        }
    }
}

// MARK: Search

extension DiscreetReader {
    public func deliveries(fitting filter: DeliveryFilter) throws -> [FoundDelivery] {
        guard let wider = filter.wider else { return [] }
        let found = try base.deliveries(fitting: wider)
        guard !filter[.stage].isEmpty else { return found }
        return try found.filter { hit in
            guard let notice = try base.notice(hit.notice) else { return false }
            return filter[.stage].admit(notice.stage.toOthers(of: notice.kind).rawValue)
        }
    }

    public func counts(fitting filter: DeliveryFilter, _ counted: CountedWords) throws -> DeliveryCounts {
        guard let wider = filter.wider else { return DeliveryCounts() }
        let stages = filter[.stage]
        let shown = CountedWords(standing: counted.standing) { topic in
            let shown = topic.toOthers
            return stages.admit(shown.stage.rawValue) && counted.topic(shown)
        }
        var counts = try base.counts(fitting: wider, shown)
        counts.topics = Dictionary(counts.topics.map { ($0.key.toOthers, $0.value) }, uniquingKeysWith: +)
        return counts
    }
}

extension DeliveryCounts.Topic {
    fileprivate var toOthers: Self { Self(kind: kind.toOthers, stage: stage.toOthers(of: kind)) }
}

extension DeliveryFilter {
    /// What finds all that the words may mean: `risk_hold` stands for both, and a stage for those that are shown by its name. Nil where nothing fits.
    fileprivate var wider: DeliveryFilter? {
        var filter = self
        let (hold, restriction) = (Kind.riskHold.rawValue, Kind.complianceRestricted.rawValue)
        func both(_ words: [String]) -> [String] {
            words.filter { $0 != restriction } + (words.contains(hold) ? [restriction] : [])
        }
        if !self[.kind].isEmpty {
            var kinds = DeliveryFilter.Words()
            (kinds.only, kinds.not) = (both(self[.kind].only), both(self[.kind].not))
            if kinds.only.isEmpty, !self[.kind].only.isEmpty { return nil }
            filter.words[.kind] = kinds
        }
        if !self[.stage].isEmpty {
            let veiled = NoticeStage.allCases.filter { $0.toOthers(of: .riskHold) != $0 }
            var stages = DeliveryFilter.Words()
            stages.only = self[.stage].only
            for stage in veiled where stages.only.contains(stage.toOthers(of: .riskHold).rawValue) { stages.only.append(stage.rawValue) }
            // What is not wanted by a name that is shown otherwise is sorted out by what is shown.
            filter.words[.stage] = stages
        }
        return filter
    }
}

extension Facts {
    fileprivate func withoutUntold(of kind: Kind) -> Facts {
        guard kind.isDiscreet else { return self }
        var facts = self
        for field in Kind.untold { facts.set(field, nil) }
        return facts
    }
}

extension Episode {
    fileprivate var toOthers: Episode {
        var shown = self
        shown.kind = kind.toOthers
        if kind.isDiscreet { shown.step = nil }
        shown.facts = facts.withoutUntold(of: kind)
        return shown
    }
}

extension Notice {
    fileprivate var toOthers: Notice {
        var shown = self
        (shown.kind, shown.stage) = (kind.toOthers, stage.toOthers(of: kind))
        shown.facts = facts.withoutUntold(of: kind)
        return shown
    }
}

extension InboxItem {
    fileprivate var toOthers: InboxItem {
        var shown = self
        (shown.kind, shown.stage) = (kind.toOthers, stage.toOthers(of: kind))
        return shown
    }
}

extension LogRow {
    /// A decision without its code, and with the other's name. The hash stays that of the whole row.
    fileprivate var toOthers: LogRow {
        guard entry.act == .decision else { return self }
        var shown = self
        shown.entry.body = Self.toOthers(entry.body)
        return shown
    }

    private static func toOthers(_ decision: JSON) -> JSON {
        guard let members = decision.object else { return decision }
        let kind = decision["kind"]?.string.flatMap(Kind.init(rawValue:))
        return .object(
            members.compactMap { name, value in
                switch name {
                case "kind", "sharper": (name, value.string.flatMap(Kind.init(rawValue:)).map { .string($0.toOthers.rawValue) } ?? value)
                case "code" where kind?.isDiscreet ?? false: nil
                case "stage": (name, stage(value, of: kind))
                case "notice": (name, toOthers(value))
                default: (name, value)
                }
            })
    }

    private static func stage(_ value: JSON, of kind: Kind?) -> JSON {
        guard let kind, let stage = value.string.flatMap(NoticeStage.init(rawValue:)) else { return value }
        return .string(stage.toOthers(of: kind).rawValue)
    }
}
