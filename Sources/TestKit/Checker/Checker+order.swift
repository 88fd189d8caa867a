import Core

extension Checker {
    /// I4, from the order of the log: after an end's commit no attempt of what it ended is begun, and what was cancelled stays so.
    static func checkOrder(_ store: StoreFacts, _ report: inout CheckReport) {
        let ends = ends(of: store)
        var cancelled: [DeliveryID: Int64] = [:]
        for row in store.log where row.act == .cancelled { if let id = row.delivery { cancelled[id] = row.seq } }
        let stages = Dictionary(
            store.log.compactMap { row in row.notice.flatMap { notice in row.stage.map { (notice, $0) } } },
            uniquingKeysWith: { first, _ in first })
        let byID = Dictionary(uniqueKeysWithValues: store.deliveries.map { ($0.id, $0) })
        var late: [String] = [], revived: [String] = []
        for row in store.log where row.act == .intent {
            guard let id = row.delivery, let delivery = byID[id] else { continue }
            let isClosing = stages[delivery.notice]?.isClosing ?? false
            if let end = ends[delivery.episode], row.seq > end, !isClosing { late.append(delivery.publicID) }
            if let end = cancelled[id], row.seq > end { revived.append(delivery.publicID) }
        }
        report.broken(.orderHolds, "begun after its end was known", late)
        report.broken(.orderHolds, "begun after it was cancelled", revived)
    }

    /// Where in the log each episode ended: with the closing notice, or where nobody had been told with the decision about the end itself,
    /// which names only the order: of one with several episodes that is not known.
    private static func ends(of store: StoreFacts) -> [EpisodeID: Int64] {
        var ends: [EpisodeID: Int64] = [:]
        let episodes = Dictionary(store.deliveries.map { ($0.notice, $0.episode) }) { first, _ in first }
        for row in store.log where row.act == .decision && row.stage?.isClosing ?? false && row.stage != .correction {
            if let episode = row.notice.flatMap({ episodes[$0] }) { ends[episode] = ends[episode] ?? row.seq }
        }
        let endings = Set(store.log.filter(\.isEnd).compactMap(\.event))
        for row in store.log where row.act == .decision {
            guard let event = row.event, endings.contains(event), let order = row.order, let found = store.episodes[order],
                found.count == 1,
                found[0].status == .resolved
            else { continue }
            ends[found[0].id] = min(ends[found[0].id] ?? .max, row.seq)
        }
        return ends
    }
}
