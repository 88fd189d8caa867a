public import Core
import Store

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

    public func facets(fitting filter: DeliveryFilter) throws -> [FacetCount] {
        var all = filter
        (all.limit, all.before) = (.max, nil)
        return try deliveries(fitting: all).compactMap { found in
            guard let delivery = deliveryRows[found.id]?.delivery, let notice = try notice(delivery.notice) else { return nil }
            return FacetCount(
                found: found, account: delivery.account, priority: delivery.priority, kind: notice.kind, stage: notice.stage,
                noticeReason: notice.reason, locale: notice.locale, bank: try episode(notice.episode)?.bank, count: 1)
        }
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
