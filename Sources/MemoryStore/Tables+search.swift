public import Core
public import Store

extension MemoryTables {
    public func deliveries(fitting filter: DeliveryFilter) throws -> [FoundDelivery] {
        var found: [FoundDelivery] = []
        for id in notices.ids.reversed() {
            guard found.count < filter.limit else { break }
            guard let row = notices[id] ?? nil else { continue }
            for place in row.channels.map({ Names.delivery(of: id, on: $0) }).sorted(by: >) {
                guard found.count < filter.limit, place < filter.before ?? .max, let delivery = deliveryRows[place],
                    fits(delivery, row.notice, filter)
                else { continue }
                found.append(FoundDelivery(delivery))
            }
        }
        return found
    }

    /// Everything is looked at each time.
    public func searchWork(before limit: Timestamp) throws -> SearchWork? { nil }
    public func carryOut(_ work: SearchWork) throws {}

    public func counts(fitting filter: DeliveryFilter, _ counted: CountedWords) throws -> DeliveryCounts {
        var all = filter
        (all.limit, all.before) = (.max, nil)
        var counts = DeliveryCounts()
        for found in try deliveries(fitting: all) {
            guard let delivery = deliveryRows[found.id]?.delivery, let notice = try notice(delivery.notice) else { continue }
            let topic = DeliveryCounts.Topic(kind: notice.kind, stage: notice.stage)
            guard counted.standing(found.standing), counted.topic(topic) else { continue }
            counts.total += 1
            counts.topics[topic, default: 0] += 1
            counts.standings[found.standing, default: 0] += 1
            counts.reasons[found.reason ?? notice.reason, default: 0] += 1
            if let account = delivery.account { counts.accounts[account, default: 0] += 1 }
            if let bank = try episode(notice.episode)?.bank, !bank.isEmpty { counts.banks[bank, default: 0] += 1 }
            counts.locales[notice.locale, default: 0] += 1
            counts.priorities[delivery.priority, default: 0] += 1
        }
        return counts
    }

    private func fits(_ row: DeliveryRow, _ notice: Notice, _ filter: DeliveryFilter) -> Bool {
        let delivery = row.delivery
        let episode = episodes[notice.episode]?.episode
        guard filter.order == nil || filter.order == notice.order, filter.customer == nil || filter.customer == notice.customer,
            filter.since.map({ delivery.plannedAt >= $0 }) ?? true, filter.until.map({ delivery.plannedAt < $0 }) ?? true
        else { return false }
        if let isRead = filter.isRead {
            guard delivery.channel == .inApp, delivery.state == .delivered, (row.readAt != nil) == isRead else { return false }
        }
        let reasons = [delivery.reason?.rawValue, notice.reason.rawValue].compactMap(\.self)
        let reason = filter[.reason]
        guard reason.only.isEmpty || reasons.contains(where: reason.only.contains), !reasons.contains(where: reason.not.contains) else {
            return false
        }
        let words: [(DeliveryFilter.Field, String?)] = [
            (.channel, delivery.channel.rawValue), (.state, delivery.state.rawValue), (.account, delivery.account),
            (.priority, delivery.priority.rawValue), (.kind, notice.kind.rawValue), (.stage, notice.stage.rawValue),
            (.locale, notice.locale.rawValue), (.bank, episode?.bank), (.rail, episode?.rail),
        ]
        return words.allSatisfy { filter[$0.0].admit($0.1) }
    }
}

extension FoundDelivery {
    fileprivate init(_ row: DeliveryRow) {
        let delivery = row.delivery
        self.init(
            id: delivery.id, notice: delivery.notice, channel: delivery.channel, state: delivery.state, reason: delivery.reason,
            readAt: row.readAt)
    }
}
